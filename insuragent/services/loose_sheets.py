"""An explanation sheet for plain values, without a store: what the command line prints, refused as the window would."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from insuragent.documents.content import Agent
from insuragent.documents.sheet import archive_sheet
from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Customer, FamilyMember, NeedsAnalysis, Record, Sheet, Staff
from insuragent.models.fields import Kind, fields_of
from insuragent.models.reading import parse
from insuragent.models.sheet import CHECKS
from insuragent.models.validation import clean
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.services import catalogue, gates, proving, sheet_gates, sheet_people, validity, wording
from insuragent.services.gates import Case
from insuragent.services.sheet_content import Occasion, sheet_content
from insuragent.services.sheet_facts import suitability_facts

#: What must be told of whom.
_NEEDED: Mapping[type[Record], tuple[str, ...]] = {
    Customer: ("name",),
    Staff: ("name", "licence_no", "licence_valid_to"),
    FamilyMember: ("name", "birth_date", "relation"),
}


def render(values: Mapping[str, Any], now: dt.datetime) -> bytes:
    """The sheet as PDF bytes for the inputs of an illustration with ``customer`` and ``agent`` objects beside them.

    They hold the fields of a customer (name, birth_date, doc_no …) and of a member of staff (name, licence_no,
    licence_valid_to, level, authorised_products …). There may be further objects: ``insured`` (name, birth_date,
    gender, relation) where it is not the customer, ``needs`` with the fields of an analysis, and ``checks`` with what
    was noted at the table; ``reasons`` is a list of texts, ``status_as_of`` dates the product's state.
    Raises ValidationError for what is missing or out of range, NotPermitted for a shut gate, MissingGlyph.
    """
    today = now.astimezone(SHANGHAI).date()
    customer, agent = _told(Customer, "customer", values, today), _told(Staff, "agent", values, today)
    inputs = parse_inputs(values, today=today)
    shown = illustrate(catalogue.package(inputs.product), inputs, catalogue.policy())
    noted = _noted(values, customer, shown, today)
    case = _case(values, customer, agent, noted, shown, now)
    gates.require(gates.gates(case, catalogue.policy()))
    occasion = Occasion(
        policyholder=sheet_people.policyholder(customer, today),
        insured=sheet_people.insured(noted, today),
        beneficiaries=sheet_people.beneficiaries(noted),
        agent=Agent(agent["name"], agent["licence_no"], agent.get("branch") or ""),
        document_no=f"SM-{today:%Y%m%d}-{shown.result_hash[:8].upper()}",
        printed_at=now,
        status_as_of=case.status_as_of,
        suitability=suitability_facts(case),
        reasons=_reasons(values),
    )
    told = {"date": inputs.date.isoformat()} | {name: value for name, value in values.items() if value is not None}
    return archive_sheet(sheet_content(shown, occasion), proving.proof(shown, occasion.document_no, told))


def _case(
    values: Mapping[str, Any],
    customer: Mapping[str, Any],
    agent: Mapping[str, Any],
    noted: Mapping[str, Any],
    shown: Illustration,
    now: dt.datetime,
) -> Case:
    """The case as the window makes it; what only a store can know is not asked for: an analysis, a level, a consent."""
    today = now.astimezone(SHANGHAI).date()
    analysis = _told(NeedsAnalysis, "needs", values, today) if values.get("needs") else None
    known = sheet_gates.Known(
        package=shown.package,
        now=now,
        today=today,
        status_as_of=_day(values.get("status_as_of")) or today,
        seller={"level": shown.package.min_agent_level, **agent},
        customer=customer,
        analysis=analysis,
        guardian_consent=True,
        texts=wording.for_customers(Sheet, {"inputs": {"reasons": _reasons(values)}, **noted}),
        noted=noted,
        shown=shown,
    )
    return dataclasses.replace(sheet_gates.case_of(known), identified=True, analysed=True)


def _noted(
    values: Mapping[str, Any], customer: Mapping[str, Any], shown: Illustration, today: dt.date
) -> dict[str, Any]:
    """A sheet's fields: who is insured, and what was checked; what is not told of the three checks holds as done."""
    noted: dict[str, Any] = {"id_checked": True, "promises_told": True, "applicant": "self"} | _checks(values)
    if values.get("insured"):
        insured = _told(FamilyMember, "insured", values, today)
        noted |= {
            "insured_name": insured["name"],
            "insured_born": insured["birth_date"],
            "insured_sex": insured.get("gender"),
            "applicant": sheet_people.applicant_of(insured["relation"]),
        }
    born = noted.get("insured_born") or customer.get("birth_date")
    ends = validity.last_day(shown.package, shown.inputs, catalogue.policy(), born=born, withdrawn_from=None)
    return noted | {"valid_until": ends}


def _told(record_type: type[Record], key: str, values: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """The cleaned fields of the object ``key``; what the declarations do not know is passed over."""
    told = values.get(key)
    if not isinstance(told, Mapping):
        raise ValidationError({key: _("缺少“{name}”部分").format(name=key)})
    declared = fields_of(record_type)
    read = _read(record_type, told)
    missing = {
        f"{key}.{name}": _("请填写{label}").format(label=_(declared[name].label))
        for name in _NEEDED.get(record_type, ())
        if not read.get(name)
    }
    if missing:
        raise ValidationError(missing)
    return clean(record_type, read, today=today, partial=True)


def _read(record_type: type[Record], told: Mapping[str, Any]) -> dict[str, Any]:
    declared = fields_of(record_type)
    return {
        name: value if declared[name].kind is Kind.ITEMS else parse(declared[name], str(value))
        for name, value in told.items()
        if name in declared and value not in (None, "")
    }


def _checks(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was checked at the table, of the object ``checks``."""
    told = values.get("checks") or {}
    if not isinstance(told, Mapping):
        raise ValidationError({"checks": _("文件的内容不是预期的格式")})
    asked = {name for name, field in fields_of(Sheet).items() if field.group == CHECKS} | {"applicant"}
    return _read(Sheet, {name: value for name, value in told.items() if name in asked})


def _reasons(values: Mapping[str, Any]) -> list[str]:
    return [str(reason) for reason in values.get("reasons") or ()]


def _day(value: Any) -> dt.date | None:
    return parse(fields_of(Customer)["birth_date"], str(value)) if value else None
