"""What may be done with a record of any type: create, change, archive, find, list, reveal, tell its history."""

import datetime as dt
import uuid
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from insuragent.errors import NotPermitted
from insuragent.i18n import N_, SHANGHAI, _, format_date, format_moment, format_money, listed
from insuragent.models import RECORDS, Consent, Customer, Deed, Entry, Record, Staff, State
from insuragent.models.consent import ConsentState
from insuragent.models.fields import Field, Kind, Sensitivity, choice_words, fields_of, from_wire, to_wire
from insuragent.models.validation import clean
from insuragent.rules import access
from insuragent.rules.access import Action, Role
from insuragent.rules.masking import mask
from insuragent.services import wording
from insuragent.store import listing, search
from insuragent.store.listing import Query as Query
from insuragent.store.work import UnitOfWork
from insuragent.sync import received
from insuragent.sync.conflicts import close_conflicts, note_typed

R = TypeVar("R", bound=Record)
#: The reason of an entry that takes another back, as the history tells it.
UNDONE = N_("撤销")


@dataclass(frozen=True)
class Past:
    """One deed in a record's history, the newest first: who, when, where, and each field's [was, now] in wire form."""

    at: dt.datetime
    deed: str
    changes: Mapping[str, Sequence[Any]]
    reason: str
    by: str
    device: str
    pending: bool


def today(work: UnitOfWork) -> dt.date:
    """Shanghai's date."""
    return work.now.astimezone(SHANGHAI).date()


def create(work: UnitOfWork, record_type: type[R], values: Mapping[str, Any]) -> R:
    """A new record from typed values. Raises ValidationError or NotPermitted."""
    allow(work, Action.CREATE, record_type, customer_id=values.get("customer_id"))
    cleaned = clean(record_type, values, today=today(work))
    require_consent(work, record_type, None, cleaned)
    wording.require(work, record_type, cleaned)
    return work.add(record_type(**cleaned))


def change(
    work: UnitOfWork,
    record_type: type[R],
    record_id: uuid.UUID,
    values: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
) -> R:
    """Change some fields. Whoever types into a contested field has chosen: its conflict closes.

    ``seen`` is what the person had before them in these fields. Where another value came in meanwhile it stays, and
    what was typed waits as a conflict: nothing that nobody saw is replaced.
    Raises ValidationError, NotPermitted (consent missing, record locked) or RecordGone.
    """
    record = work.get(record_type, record_id)
    allow(work, Action.CHANGE, record_type, record)
    cleaned = clean(record_type, values, today=today(work), partial=True, current=record.plain())
    changed = {name: value for name, value in cleaned.items() if getattr(record, name) != value}
    require_consent(work, record_type, record.id, changed)
    wording.require(work, record_type, changed)
    unseen = {name: seen[name] for name in changed if seen and name in seen and seen[name] != getattr(record, name)}
    for name, value in changed.items():
        if name not in unseen:
            setattr(record, name, value)
    close_conflicts(work, record, changed.keys() - unseen.keys())
    for name, before in unseen.items():
        note_typed(work, record, name, to_wire(before), to_wire(changed[name]))
    return record


def archive(work: UnitOfWork, record_type: type[R], record_id: uuid.UUID) -> R:
    """Take a record out of sight; :func:`restore` brings it back."""
    record = work.get(record_type, record_id)
    allow(work, Action.ARCHIVE, record_type, record)
    record.archived_at = work.now
    return record


def restore(work: UnitOfWork, record_type: type[R], record_id: uuid.UUID) -> R:
    """Bring an archived record back."""
    record = work.get(record_type, record_id)
    allow(work, Action.RESTORE, record_type, record)
    record.archived_at = None
    return record


def get(work: UnitOfWork, record_type: type[R], record_id: uuid.UUID) -> R:
    """The record as a snapshot. Raises RecordGone."""
    return work.get(record_type, record_id)


def find(work: UnitOfWork, record_type: type[R], question: str, limit: int = 50) -> Sequence[R]:
    """The newest records that answer a question of any kind, see store/search.py."""
    return search.find(work.session, record_type, question, limit)


def hanging_on(
    work: UnitOfWork, record_type: type[R], customer_id: uuid.UUID, *, archived: bool = False
) -> Sequence[R]:
    """The records of a type that hang on a customer, the newest first: those in sight, or those archived."""
    link: Any = record_type.customer_id  # type: ignore[attr-defined]
    gone = record_type.archived_at.is_not(None) if archived else record_type.archived_at.is_(None)
    statement = sa.select(record_type).where(link == customer_id, gone)
    return work.scalars(statement.order_by(record_type.number.desc()))


def of_customer(work: UnitOfWork, customer_id: uuid.UUID) -> list[Record]:
    """Whatever links to a customer, found by the declarations: type by type, archived or not, the oldest first."""
    found: list[Record] = []
    for record_type in RECORDS.values():
        if "customer_id" in fields_of(record_type):
            link: Any = record_type.customer_id  # type: ignore[attr-defined]
            found += work.scalars(sa.select(record_type).where(link == customer_id).order_by(record_type.number))
    return found


def numbers(work: UnitOfWork, record_type: type[Record], query: Query) -> "array[int]":
    """The row numbers of a list, in order; 8 bytes a row."""
    return listing.numbers(work.session, record_type, query)


def block(
    work: UnitOfWork, record_type: type[Record], wanted: Sequence[int], columns: Sequence[str]
) -> dict[int, tuple[Any, ...]]:
    """The id and ``columns`` of some rows of a list, by number."""
    return listing.block(work.session, record_type, wanted, columns)


def reveal(work: UnitOfWork, record_type: type[Record], record_id: uuid.UUID, field: str, reason: str) -> Any:
    """The full value of a masked field; who saw it and why enters the journal (requirement R1.3d).

    Raises NotPermitted without a reason of two characters at least.
    """
    record = work.get(record_type, record_id)
    allow(work, Action.REVEAL, record_type, record)
    if len(reason.strip()) < 2:
        raise NotPermitted(N_("查看敏感信息需要填写原因"))
    work.tell(Deed.VIEW_SENSITIVE, record, reason.strip(), field=field)
    return getattr(record, field)


def history(work: UnitOfWork, record_id: uuid.UUID) -> list[Past]:
    """Everything that was done with a record, here and elsewhere, the newest first."""
    names = {row.id: row.name for row in work.rows(sa.select(Staff.id, Staff.name))}
    own = work.session.scalars(sa.select(Entry).where(Entry.record_id == record_id).order_by(Entry.number.desc()))
    found = [
        Past(e.at, e.deed, e.changes or {}, e.reason, names.get(e.actor_id, ""), "", e.state == State.PENDING)
        for e in own
    ]
    for other in received.story(work, {record_id}):
        by = other.by or names.get(other.actor_id, "")
        found.append(Past(other.at, other.deed, other.changes, "", by, other.device, False))
    return sorted(found, key=lambda past: past.at, reverse=True)


def undo(work: UnitOfWork, kind: str, record_id: uuid.UUID) -> list[str]:
    """Take back the newest deed on a record that still stands; returns the fields that went back.

    Asked again it takes back the deed before. What was made is archived; :func:`restore` brings it back.
    Raises NotPermitted once head office has it, or when there is nothing to take back.
    """
    record = work.get(RECORDS[kind], record_id)
    entry = _standing(work, record_id)
    if entry is None or entry.deed == Deed.MERGE or entry.state != State.PENDING or not entry.changes:
        raise NotPermitted(N_("没有可以撤销的修改；已同步的修改请直接更正"))
    if entry.deed == Deed.CREATE:
        allow(work, Action.ARCHIVE, type(record), record)
        before: dict[str, Any] = {"archived_at": work.now}
    else:
        allow(work, Action.CHANGE, type(record), record)
        fields = fields_of(type(record))
        before = {name: from_wire(fields[name], was) for name, (was, _now) in entry.changes.items()}
    with work.because(UNDONE):
        for name, value in before.items():
            setattr(record, name, value)
    return list(before)


def _standing(work: UnitOfWork, record_id: uuid.UUID) -> Entry | None:
    """The newest deed that changed a record and was not taken back since."""
    deeds = [deed for deed in Deed if deed.changes_record]
    own = sa.select(Entry).where(Entry.record_id == record_id, Entry.deed.in_(deeds)).order_by(Entry.number.desc())
    taken_back = 0
    for entry in work.session.scalars(own):
        if entry.reason == UNDONE:
            taken_back += 1
        elif not taken_back:
            return entry
        else:
            taken_back -= 1
    return None


def shown(field: Field, value: Any) -> str:
    """A field's value in words, masked where the field says so."""
    if value is None:
        return ""
    words = in_words(field, value)
    return mask(words, field.mask) if field.mask and field.sensitivity is not Sensitivity.PLAIN else words


def in_words(field: Field, value: Any) -> str:
    """A field's value in words, in full."""
    if value is None:
        return ""
    match field.kind:
        case Kind.CHOICE if field.choices is not None:
            return choice_words(field.choices, value)
        case Kind.YES_NO:
            return _plain(bool(value))
        case Kind.DAY:
            return format_date(value)
        case Kind.MOMENT:
            return format_moment(value)
        case Kind.MONEY:
            return format_money(value)
        case Kind.ITEMS if isinstance(value, dict):
            return listed(_("{name}：{what}").format(name=_(name), what=_plain(told)) for name, told in value.items())
        case Kind.ITEMS:
            return listed(choice_words(field.choices, item) if field.choices else str(item) for item in value)
    return str(value)


def _plain(told: Any) -> str:
    if isinstance(told, bool):
        return _("是") if told else _("否")
    return str(told)


def allow(
    work: UnitOfWork,
    action: Action,
    record_type: type[Record],
    record: Record | None = None,
    customer_id: uuid.UUID | None = None,
) -> None:
    """Raise NotPermitted unless the signed-in person may do ``action`` here and now.

    ``customer_id`` is on whom a record will hang that is not made yet.
    """
    about = record if isinstance(record, Customer) else _customer(work, record, customer_id)
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    facts = access.Facts(
        office_owned=record_type.office_owned,
        append_only=record_type.append_only,
        signed=getattr(record, "signed_at", None) is not None,
        state=str(getattr(record, "state", "") or ""),
        restricted=about is not None and about.restricted_at is not None,
        licence_valid_to=staff.licence_valid_to if staff else None,
        today=today(work),
    )
    access.check(Role(work.actor.role), action, record_type.kind(), facts)


def _customer(work: UnitOfWork, record: Record | None, customer_id: uuid.UUID | None) -> Customer | None:
    wanted = getattr(record, "customer_id", None) or customer_id
    return work.find(Customer, wanted) if isinstance(wanted, uuid.UUID) else None


def require_consent(
    work: UnitOfWork, record_type: type[Record], record_id: uuid.UUID | None, filled: Mapping[str, Any]
) -> None:
    """Raise NotPermitted when ``filled`` holds what needs a consent of its own that was not given (PIPL art. 29).

    ``record_id`` is None for a record not yet made: nobody can have consented to it. Emptying is always allowed.
    """
    declared = fields_of(record_type)
    wanted = {f.consent: f for n, f in declared.items() if f.consent and filled.get(n) is not None}
    for purpose, field in wanted.items():
        granted = sa.select(sa.func.count()).where(
            Consent.customer_id == record_id, Consent.purpose == purpose, Consent.state == ConsentState.GRANTED
        )
        if record_id is None or not work.session.scalar(granted):
            raise NotPermitted(
                N_("填写“{field}”之前，需要客户单独同意"),
                hint=N_("请在“同意”页签取得客户的单独同意。"),
                field=_(field.label),
            )
