"""The gates of a sheet: what is known of customer, agent, product and table, put before the rules."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insuragent.models import Customer, Deed, Record, Sheet, Staff
from insuragent.models.consent import ConsentState, Purpose
from insuragent.products.illustration import Illustration
from insuragent.products.package import Package
from insuragent.rules import clocks, suitability
from insuragent.services import catalogue, customers, gates, needs, records, validity, wording
from insuragent.services.gates import Budget, Case, Gate
from insuragent.store.work import UnitOfWork

Fields = Mapping[str, Any]
_ON_SALE = ("on_sale", "notice_withdraw")


@dataclass(frozen=True)
class Known:
    """What a case is made of: the fields of the records concerned, by name; None where there is no such record.

    ``noted`` are a sheet's fields with the ``shown`` illustration, or None before there is one; ``texts`` are ours.
    """

    package: Package
    now: dt.datetime
    today: dt.date
    status_as_of: dt.date
    seller: Fields | None
    customer: Fields
    product: Fields | None = None
    analysis: Fields | None = None
    guardian_consent: bool = False
    texts: Sequence[str] = ()
    noted: Fields | None = None
    shown: Illustration | None = None


def before(work: UnitOfWork, customer_id: uuid.UUID, product_code: str, *texts: str) -> list[Gate]:
    """What will stand before a sheet for this customer and product that is not drafted yet."""
    known = _known(work, work.get(Customer, customer_id), product_code, texts)
    return gates.gates(case_of(known), catalogue.policy())


def of_sheet(work: UnitOfWork, sheet: Sheet, shown: Illustration) -> list[Gate]:
    """What stands before printing and signing a sheet, with what was noted on it at the table."""
    return gates.gates(case_of_sheet(work, sheet, shown), catalogue.policy())


def case_of_sheet(work: UnitOfWork, sheet: Sheet, shown: Illustration) -> Case:
    """What is known of a sheet's case, with what was noted on it at the table."""
    texts = wording.for_customers(Sheet, sheet.plain())
    known = _known(work, work.get(Customer, sheet.customer_id), sheet.product_code, texts)
    return case_of(dataclasses.replace(known, noted=sheet.plain(), shown=shown))


def pass_through(work: UnitOfWork, sheet: Sheet, shown: Illustration, stage: str) -> list[Gate]:
    """The gates that were passed. Raises NotPermitted when one is shut; either way it enters the journal."""
    found = of_sheet(work, sheet, shown)
    require(work, sheet, found, stage)
    work.tell(Deed.GATE_PASS, sheet, stage=stage, gates=_answers(found, stage))
    return found


def require(work: UnitOfWork, about: Record, found: Sequence[Gate], stage: str) -> None:
    """Raise NotPermitted when a gate is shut; what was refused stays in the journal with who, when and each answer."""
    if gates.shut_at(found, stage):
        work.tell_refusal(Deed.GATE_BLOCK, about, stage=stage, gates=_answers(found, stage))
    gates.require(found, stage)


def _answers(found: Sequence[Gate], stage: str) -> dict[str, bool]:
    return {gate.name: gate.open or gate.warning for gate in found if stage in (gate.stage, gates.SIGN)}


def case_of(known: Known) -> Case:
    """The case of what is known; whatever is not known stays as the gates take it: not done."""
    seller, product, born = known.seller or {}, known.product or {}, known.customer.get("birth_date")
    case = Case(
        package=known.package,
        today=known.today,
        status_as_of=known.status_as_of,
        identified=bool(known.customer.get("name") and born),
        restricted=known.customer.get("restricted_at") is not None,
        agent_name=seller.get("name") or "",
        licence_valid_to=seller.get("licence_valid_to"),
        agent_level=str(seller.get("level") or "") or None,
        authorised=seller.get("authorised_products") or None,
        withdrawn_from=product.get("withdraw_from") or known.package.withdraw_from,
        newest_package=product.get("package_hash") or "",
        withdrawn=known.product is not None and product.get("status") not in _ON_SALE,
        # Head office's own word, where there is one: a package in the drawer may be older than it.
        notice=(product.get("notice_id") or "") if known.product is not None else known.package.notice_id,
        analysed=known.analysis is not None,
        goals=known.analysis.get("goals") if known.analysis is not None else None,
        texts=known.texts,
        age=clocks.age_on(born, known.today) if born else None,
        applicant_born=born,
        guardian_consent=known.guardian_consent,
        now=known.now,
    )
    return case if known.noted is None or known.shown is None else _at_the_table(case, known, known.noted, known.shown)


def _at_the_table(case: Case, known: Known, noted: Fields, shown: Illustration) -> Case:
    born = noted.get("insured_born")
    told: dict[str, Any] = {
        name: noted.get(name)
        for name in (
            "risk_level", "risk_assessed_on", "other_death_cover", "reimbursement_policies", "reason_links",
            "explained_at", "second_confirmed_at",
        )
    }  # fmt: skip
    told |= {name: noted.get(name) or "" for name in ("premium_words", "own_will", "recording_ref")}
    told |= {name: bool(noted.get(name)) for name in ("id_checked", "promises_told", "insured_consent")}
    return dataclasses.replace(
        case,
        **told,
        package=shown.package,
        identified=case.identified and bool(noted.get("insured_name") and born),
        proposed_on=shown.inputs.date,
        valid_until=noted.get("valid_until"),
        age=shown.inputs.age,
        insured_fits=_fits(shown, born, str(noted.get("insured_sex") or "")),
        applicant=str(noted.get("applicant") or "other"),
        beneficiary=noted.get("beneficiary_note") or "",
        death_cover=suitability.counted_death_cover(shown.rows),
        budget=_budget(known.analysis, shown) if known.analysis is not None else None,
        stop_advised=noted.get("stop_advice_id") is not None,
        own_will_signed=noted.get("own_will_signature_id") is not None,
        prompts={str(item["code"]): dt.datetime.fromisoformat(item["at"]) for item in noted.get("explained") or ()},
        statement=noted.get("statement_copied") or "",
        reviewed=frozenset(noted.get("reviewed_words") or ()),
    )


def _fits(shown: Illustration, born: dt.date | None, sex: str) -> bool:
    """Whether the numbers are for somebody born then, of that sex, on their own day."""
    inputs = shown.inputs
    right_age = born is None or (born <= inputs.date and clocks.age_on(born, inputs.date) == inputs.age)
    return right_age and sex not in {"M", "F"} - {inputs.sex}


def _budget(analysis: Fields, shown: Illustration) -> Budget:
    """Income and premiums of the analysis with the new premium, which for more than a year's cover may be paid once."""
    years, premium = shown.inputs.pay_years, int(shown.premium * 100)
    once = years == 1 and shown.package.long_term
    return Budget(
        income=analysis.get("annual_income") or 0,
        premiums=analysis.get("yearly_premiums") or 0,
        new_premium=0 if once else premium,
        pay_years=years,
        pay_years_ok=analysis.get("pay_years_ok"),
        single_premium=premium if once else 0,
    )


def valid_until(work: UnitOfWork, shown: Illustration, born: dt.date | None) -> dt.date:
    """The last day of a sheet with these numbers, as far as this desk knows of withdrawals."""
    product = catalogue.product_of(work, shown.package.code)
    ends = product.withdraw_from if product else None
    return validity.last_day(shown.package, shown.inputs, catalogue.policy(), born=born, withdrawn_from=ends)


def _known(work: UnitOfWork, customer: Customer, product_code: str, texts: Sequence[str]) -> Known:
    today = records.today(work)
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    product, analysis = catalogue.product_of(work, product_code), needs.newest(work, customer.id)
    return Known(
        package=catalogue.package(product_code),
        now=work.now,
        today=today,
        status_as_of=catalogue.status_as_of(work, today),
        seller=staff.plain() if staff else None,
        customer=customer.plain(),
        product=product.plain() if product else None,
        analysis=analysis.plain() if analysis else None,
        guardian_consent=customers.consents(work, customer.id).get(Purpose.MINOR) == ConsentState.GRANTED,
        texts=texts,
    )
