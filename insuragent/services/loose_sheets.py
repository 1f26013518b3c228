"""An explanation sheet for plain values, without a store: what the command line prints, refused as the window would."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from insuragent.documents.content import Agent
from insuragent.documents.sheet import archive_sheet
from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Customer, Sheet, Staff
from insuragent.models.fields import fields_of
from insuragent.models.reading import parse
from insuragent.models.sheet import CHECKS
from insuragent.models.validation import clean
from insuragent.products.illustration import illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.rules import clocks, suitability
from insuragent.services import catalogue, gates, records, verifying
from insuragent.services.gates import Case
from insuragent.services.sheet_content import Occasion, Person, sheet_content
from insuragent.services.sheet_facts import suitability_facts


def render(values: Mapping[str, Any], now: dt.datetime) -> bytes:
    """The sheet as PDF bytes for the inputs of an illustration with ``customer`` and ``agent`` objects beside them.

    They hold the fields of a customer (name, birth_date, doc_no …) and of a member of staff (name, licence_no,
    licence_valid_to, branch …); ``reasons`` is a list of texts, ``status_as_of`` dates the product's state.
    Raises ValidationError for what is missing or out of range, NotPermitted for a shut gate, MissingGlyph.
    """
    today = now.astimezone(SHANGHAI).date()
    customer = _person(Customer, "customer", values, today)
    agent = _person(Staff, "agent", values, today)
    inputs = parse_inputs(values, today=today)
    shown = illustrate(catalogue.package(inputs.product), inputs, catalogue.policy())
    reasons = [str(reason) for reason in values.get("reasons") or ()]
    born = customer.get("birth_date")
    case = Case(
        package=shown.package,
        today=today,
        status_as_of=_day(values.get("status_as_of")) or today,
        identified=bool(customer.get("name")),
        licence_valid_to=agent.get("licence_valid_to"),
        texts=reasons,
        age=inputs.age,
        applicant_born=born,
        death_cover=suitability.counted_death_cover(shown.rows),
        now=now,
        **_checks(values),
    )
    gates.require(gates.gates(case, catalogue.policy()))
    occasion = Occasion(
        policyholder=Person(
            customer["name"],
            clocks.age_on(born, today) if born else None,
            customer.get("gender") or "",
            records.shown(fields_of(Customer)["doc_no"], customer.get("doc_no")),
        ),
        agent=Agent(agent["name"], agent["licence_no"], agent.get("branch") or ""),
        document_no=f"SM-{today:%Y%m%d}-{shown.result_hash[:8].upper()}",
        printed_at=now,
        status_as_of=case.status_as_of,
        suitability=suitability_facts(case),
        reasons=reasons,
    )
    told = {"date": inputs.date.isoformat()} | {name: value for name, value in values.items() if value is not None}
    return archive_sheet(sheet_content(shown, occasion), verifying.proof(shown, occasion.document_no, told))


def _person(record_type: type[Customer] | type[Staff], key: str, values: Mapping[str, Any], today: dt.date) -> Any:
    """The cleaned fields of the object ``key``; what the declarations do not know is passed over."""
    told = values.get(key)
    if not isinstance(told, Mapping):
        raise ValidationError({key: _("缺少“{name}”部分").format(name=key)})
    declared = fields_of(record_type)
    read = {name: parse(declared[name], str(value)) for name, value in told.items() if name in declared and value}
    needed = ("name", "licence_no") if record_type is Staff else ("name",)
    missing = {
        f"{key}.{name}": _("请填写{label}").format(label=_(declared[name].label))
        for name in needed
        if not read.get(name)
    }
    if missing:
        raise ValidationError(missing)
    return clean(record_type, read, today=today, partial=True)


def _checks(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was checked at the table, of the object ``checks``; what is not told there holds as done."""
    told = values.get("checks") or {}
    if not isinstance(told, Mapping):
        raise ValidationError({"checks": _("文件的内容不是预期的格式")})
    declared = {name: field for name, field in fields_of(Sheet).items() if field.group == CHECKS}
    return {name: parse(declared[name], str(value)) for name, value in told.items() if name in declared}


def _day(value: Any) -> dt.date | None:
    return parse(fields_of(Customer)["birth_date"], str(value)) if value else None
