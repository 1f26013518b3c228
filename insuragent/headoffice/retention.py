"""What of customers' data is restricted, was erased, or is due, as head office holds it (PIPL art. 47)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.database import Database
from insuragent.i18n import SHANGHAI
from insuragent.models import Complaint, Consent, Customer, Deed, Sheet, Visit
from insuragent.models.base import utc_now
from insuragent.models.customer import INSURED, Stage
from insuragent.products.policy_files import load_policy
from insuragent.rules.complaint import ENDED
from insuragent.rules.retention import Keeping, Terms, Traces, held, keeping, terms
from insuragent.sync import codec
from insuragent.sync.protocol import SealedEntry, decode

#: On which day each kind of record tells of a contact: the first of these fields that holds something.
_CONTACTS: Mapping[str, tuple[str, ...]] = {
    Customer.kind(): ("created_at",),
    Visit.kind(): ("actual_start", "planned_start"),
    Sheet.kind(): ("created_at",),
    Complaint.kind(): ("received_at",),
}


@dataclass(frozen=True)
class Told:
    """A restriction or an erasure: of whose record, since when, why, and by whom (a member of staff, where a desk did
    it; else ``by`` names who gave the command). ``row`` is the record as it is, None for what is gone."""

    agent: str
    record: str
    at: dt.datetime
    why: str
    actor: str
    by: str
    row: sa.Row[Any] | None = None


@dataclass(frozen=True)
class Due:
    """A customer whose data nothing asks for any more, and why they were kept until when."""

    row: sa.Row[Any]
    keeping: Keeping


def restricted(database: Database, most: int) -> list[Told]:
    """The customers within reach whose data are restricted, the newest first."""
    r = tables.record.c
    wanted = sa.select(tables.record).where(r.tenant == tables.TENANT, sa.text(directory.RESTRICTED))
    rows = database.everywhere(wanted.order_by(r.body["restricted_at"].as_string().desc()).limit(most))
    orders = _entries(database, [(row.agent, row.id) for row in rows], Deed.CHANGE)
    return [_told(row.agent, row.id, row, orders.get((row.agent, row.id))) for row in rows]


def erased(database: Database, most: int) -> list[Told]:
    """What was erased within reach, the newest first."""
    gone = directory.departures(database, directory.departure.c.act == Act.ERASE, most=most)
    orders = _entries(database, [(one.whose, one.record) for one in gone], Deed.ERASE)
    with database.read(tables.OFFICE) as rows:
        a = tables.audit.c
        acts = {
            row.number: row for row in rows.all(rows.select(tables.audit, a.number.in_([one.number for one in gone])))
        }
    found = []
    for one in gone:
        act, order = acts[one.number], orders.get((one.whose, one.record))
        why, actor = (order.reason, str(order.actor_id or "")) if order else ("", "")
        found.append(Told(one.whose, one.record, act.at, why, actor, str(act.detail.get("by", ""))))
    return found


def under_hold(database: Database, agent: str) -> list[sa.Row[Any]]:
    """The customers of an agent whose data a legal hold keeps. Raises as :func:`due` does."""
    with database.read(agent) as rows:
        found = rows.all(rows.select(tables.record, tables.record.c.kind == Customer.kind()))
    return [row for row in found if row.body.get("legal_hold") is True]


def due(database: Database, agent: str) -> list[Due]:
    """The customers of an agent whose data nothing asks for any more, those that were due first at the top.

    As a desk tells it (services/retention), but for the end of a complaint: head office holds its reply, or else the
    last day that it could have had. Raises Refused "unknown_staff" for one beyond reach.
    """
    today = utc_now().astimezone(SHANGHAI).date()
    periods = terms(load_policy(), today)
    with database.read(agent) as rows:
        kinds = (*_CONTACTS, Consent.kind())
        there = rows.all(rows.select(tables.record, tables.record.c.kind.in_(kinds)))
    hanging: dict[str, list[sa.Row[Any]]] = {}
    for row in there:
        hanging.setdefault(str(row.id if row.kind == Customer.kind() else row.body.get("customer_id")), []).append(row)
    found = [
        Due(row, _keeping(row.body, hanging[row.id], periods))
        for row in there
        if row.kind == Customer.kind() and row.body.get("created_at")
    ]
    over = [one for one in found if one.keeping.is_over(today)]
    return sorted(over, key=lambda one: one.keeping.until or dt.date.max)


def _keeping(customer: Mapping[str, Any], rows: Iterable[sa.Row[Any]], periods: Terms) -> Keeping:
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row.body)
    contacts = [_day(body, *names) for kind, names in _CONTACTS.items() for body in by_kind.get(kind, ())]
    complaints = by_kind.get(Complaint.kind(), ())
    traces = Traces(
        [day for day in contacts if day],
        [day for body in by_kind.get(Sheet.kind(), ()) if (day := _day(body, "signed_at"))],
        [_day(body, "replied_at", "due60") if body.get("state") in ENDED else None for body in complaints],
        consented=Consent.kind() in by_kind,
    )
    return keeping(
        held(
            traces,
            insured=customer.get("stage") in INSURED or bool(customer.get("policy_no")),
            dormant=customer.get("stage") == Stage.DORMANT,
            legal_hold=bool(customer.get("legal_hold")),
        ),
        periods,
    )


def _day(body: Mapping[str, Any], *names: str) -> dt.date | None:
    told = next((str(body[name]) for name in names if body.get(name)), "")
    moment = codec.moment(told)
    if moment is not None:
        return moment.astimezone(SHANGHAI).date()
    return dt.date.fromisoformat(told) if told else None


def _entries(database: Database, wanted: Sequence[tuple[str, str]], deed: Deed) -> dict[tuple[str, str], SealedEntry]:
    """The newest entry of each record that did it, where its text is still there; by agent and record."""
    e, found = tables.entry.c, {}
    for agent in {agent for agent, _record in wanted}:
        records = {record for one, record in wanted if one == agent}
        with database.read(agent) as rows:
            asked = rows.select(tables.entry, e.deed == deed.value, rows.one_of(e.record_id, records))
            told = rows.all(asked.order_by(e.received_at, e.number))
            texts = Texts(rows, told)
            for row in told:
                entry = decode(text, SealedEntry) if (text := texts.of(row)) else None
                if entry and (deed != Deed.CHANGE or codec.now_of(entry.changes).get("restricted_at")):
                    found[agent, row.record_id] = entry
    return found


def _told(agent: str, record: str, row: sa.Row[Any], order: SealedEntry | None) -> Told:
    at = codec.moment(str(row.body["restricted_at"])) or dt.datetime.min.replace(tzinfo=dt.UTC)
    if order is None:
        return Told(agent, record, at, "", "", "", row)
    return Told(agent, record, at, order.reason, str(order.actor_id or ""), f"{agent}/{order.device_id}", row)
