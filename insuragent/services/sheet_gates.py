"""The gates of a sheet: what the desk knows of customer, agent, product and table, put before the rules."""

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from insuragent.models import Customer, Deed, NeedsAnalysis, Sheet, Staff
from insuragent.models.consent import ConsentState, Purpose
from insuragent.products.illustration import Illustration
from insuragent.rules import suitability
from insuragent.services import catalogue, customers, gates, needs, records
from insuragent.services.gates import Budget, Case, Gate
from insuragent.store.work import UnitOfWork


def before(work: UnitOfWork, customer_id: uuid.UUID, product_code: str, *texts: str) -> list[Gate]:
    """What will stand before a sheet for this customer and product that is not drafted yet."""
    return gates.gates(_case(work, work.get(Customer, customer_id), product_code, texts), catalogue.policy())


def of_sheet(work: UnitOfWork, sheet: Sheet, shown: Illustration) -> list[Gate]:
    """What stands before printing and signing a sheet, with what was noted on it at the table."""
    return gates.gates(case_of_sheet(work, sheet, shown), catalogue.policy())


def case_of_sheet(work: UnitOfWork, sheet: Sheet, shown: Illustration) -> Case:
    """What is known of a sheet's case, with what was noted on it at the table."""
    customer = work.get(Customer, sheet.customer_id)
    case = _case(work, customer, sheet.product_code, [str(text) for text in sheet.inputs.get("reasons") or ()])
    return _at_the_table(work, case, sheet, shown)


def pass_through(work: UnitOfWork, sheet: Sheet, shown: Illustration, stage: str) -> None:
    """Raise NotPermitted when a gate is shut; that it was passed, or not, enters the journal either way."""
    found = of_sheet(work, sheet, shown)
    answers = {gate.name: gate.open for gate in found}
    if gates.shut_at(found, stage):
        work.tell_refusal(Deed.GATE_BLOCK, sheet, stage=stage, gates=answers)
    gates.require(found, stage)
    work.tell(Deed.GATE_PASS, sheet, stage=stage, gates=answers)


def _case(work: UnitOfWork, customer: Customer, product_code: str, texts: Sequence[str]) -> Case:
    today = records.today(work)
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    product, analysis = catalogue.product_of(work, product_code), needs.newest(work, customer.id)
    return Case(
        package=catalogue.package(product_code),
        today=today,
        status_as_of=catalogue.status_as_of(work, today),
        identified=bool(customer.name and customer.birth_date),
        licence_valid_to=staff.licence_valid_to if staff else None,
        withdrawn_from=product.withdraw_from if product else None,
        withdrawn=product is not None and product.status not in ("on_sale", "notice_withdraw"),
        analysed=analysis is not None,
        texts=texts,
        agent_level=str(staff.level) if staff and staff.level else "L4",
        authorised=staff.authorised_products or None if staff else None,
        id_checked=False,
        promises_told=False,
        age=customers.age(customer, today) or suitability.GROWN_UP,
        applicant_born=customer.birth_date,
        goals=analysis.goals if analysis else None,
        now=work.now,
    )


def _at_the_table(work: UnitOfWork, case: Case, sheet: Sheet, shown: Illustration) -> Case:
    analysis = needs.newest(work, sheet.customer_id)
    held = customers.consents(work, sheet.customer_id)
    told: dict[str, Any] = {
        "id_checked": bool(sheet.id_checked),
        "promises_told": bool(sheet.promises_told),
        "risk_level": sheet.risk_level,
        "risk_assessed_on": sheet.risk_assessed_on,
        "age": shown.inputs.age,
        "applicant": str(sheet.applicant or "self"),
        "guardian_consent": held.get(Purpose.MINOR) == ConsentState.GRANTED,
        "death_cover": suitability.counted_death_cover(shown.rows),
        "other_death_cover": sheet.other_death_cover,
        "budget": _budget(analysis, shown) if analysis else None,
        "premium_words": sheet.premium_words or "",
        "reimbursement_policies": sheet.reimbursement_policies or 0,
        "own_will": sheet.own_will or "",
        "prompts": [str(told.get("code")) for told in sheet.explained],
        "reason_links": sheet.reason_links,
        "explained_at": sheet.explained_at,
        "second_confirmed_at": sheet.second_confirmed_at,
        "recording_ref": sheet.recording_ref or "",
    }
    return dataclasses.replace(case, **told)


def _budget(analysis: NeedsAnalysis, shown: Illustration) -> Budget | None:
    """Income and premiums of the analysis with the new premium; a single premium is spread over nobody's years."""
    if not analysis.annual_income:
        return None
    years = shown.inputs.pay_years
    return Budget(
        income=analysis.annual_income,
        premiums=analysis.yearly_premiums or 0,
        new_premium=int(shown.premium * 100) if years > 1 else 0,
        pay_years=years,
        pay_years_ok=analysis.pay_years_ok,
    )
