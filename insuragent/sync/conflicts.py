"""Conflicts: one field that two hands changed; opened by a merge, followed, closed by whoever chooses."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.models import RECORDS, Conflict, Deed, Record
from insuragent.models.base import utc_now
from insuragent.models.conflict import ConflictState
from insuragent.models.fields import fields_of, from_wire, to_wire
from insuragent.store.work import UnitOfWork
from insuragent.sync import received


@dataclass(frozen=True)
class Side:
    """Who wrote a value, when and on which device; values are in wire form."""

    value: Any
    at: dt.datetime
    by: str = ""
    device: str = ""


def open_conflicts(work: UnitOfWork, record_id: uuid.UUID | None = None) -> Sequence[Conflict]:
    """The conflicts that wait for a person, of one record or of all, the oldest first."""
    statement = sa.select(Conflict).where(Conflict.state == ConflictState.OPEN).order_by(Conflict.number)
    if record_id is not None:
        statement = statement.where(Conflict.record_id == str(record_id))
    return work.scalars(statement)


def note_conflict(work: UnitOfWork, record: Record, field: str, base: Any, mine: Side, theirs: Side) -> Conflict:
    """Open a conflict, or let the open one of this field show the newest of both sides.

    What a former agent had typed into the field waits beside it.
    """
    for known in open_conflicts(work, record.id):
        if known.field_name == field and not (known.mine_by or known.mine_device):
            known.mine, known.mine_at = {"value": mine.value}, mine.at
            _show_theirs(known, theirs)
            return known
    return work.add(_opened(record, field, base, mine, theirs))


def note_late(work: UnitOfWork, record: Record, field: str, base: Any, mine: Side, theirs: Side) -> Conflict:
    """Open a conflict for what a former agent had typed: *mine* is his, *theirs* what the record holds.

    What was typed over a value that waits here takes its place: whoever typed it had that value before his eyes. All
    else waits beside it, whatever the hour, for what a device tells again on leaving may be older than what it told.
    """
    for known in open_conflicts(work, record.id):
        if known.field_name == field and known.mine.get("value") in (base, mine.value):
            known.mine, known.mine_at = {"value": mine.value}, mine.at
            known.mine_by, known.mine_device = mine.by or None, mine.device or None
            return known
    return work.add(_opened(record, field, base, mine, theirs))


def note_typed(work: UnitOfWork, record: Record, field: str, base: Any, typed: Any) -> Conflict:
    """Open a conflict for what was typed (wire form) over ``base`` while another hand's value came into the record."""
    told = [one for one in received.story(work, {record.id}) if field in one.told.names]
    theirs = max(told, key=lambda one: one.revision, default=None)
    now = to_wire(getattr(record, field))
    side = Side(now, theirs.at, theirs.by, theirs.device) if theirs else Side(now, record.changed_at)
    return note_conflict(work, record, field, base, Side(typed, utc_now()), side)


def follow(work: UnitOfWork, record: Record, theirs: Mapping[str, Side]) -> None:
    """Let the open conflicts of a record show the newest *theirs* of their fields."""
    for conflict in open_conflicts(work, record.id):
        if conflict.field_name in theirs:
            _show_theirs(conflict, theirs[conflict.field_name])


def close_conflicts(work: UnitOfWork, record: Record, fields: Iterable[str]) -> None:
    """Close the open conflicts of these fields: whoever types into a contested field has chosen."""
    touched = set(fields)
    if not touched:
        return
    for conflict in open_conflicts(work, record.id):
        if conflict.field_name in touched:
            conflict.state = ConflictState.CLOSED
            _tell_choice(work, record, conflict)


def resolve(work: UnitOfWork, conflict_id: uuid.UUID, value: Any) -> Record:
    """Choose ``value`` (wire form) for the contested field: an ordinary change on the current revision.

    The losing value stays in the conflict and in the journal. Raises RecordGone.
    """
    conflict = work.get(Conflict, conflict_id)
    kind, record_id = conflict.subject
    record = work.get(RECORDS[kind], record_id)
    field = fields_of(type(record))[conflict.field_name]
    setattr(record, conflict.field_name, from_wire(field, value))
    conflict.state = ConflictState.RESOLVED
    _tell_choice(work, record, conflict)
    return record


def _tell_choice(work: UnitOfWork, record: Record, conflict: Conflict) -> None:
    """Enter what was chosen and what both sides were: what was not chosen stays to be seen in the record's history."""
    name = conflict.field_name
    sides: dict[str, Any] = {"mine": conflict.mine.get("value"), "theirs": conflict.theirs.get("value")}
    work.tell(Deed.CONFLICT_RESOLVE, record, field=name, chosen=to_wire(getattr(record, name)), **sides)


def _show_theirs(conflict: Conflict, theirs: Side) -> None:
    conflict.theirs = {"value": theirs.value}
    conflict.theirs_at, conflict.theirs_by, conflict.theirs_device = theirs.at, theirs.by, theirs.device


def _opened(record: Record, field: str, base: Any, mine: Side, theirs: Side) -> Conflict:
    return Conflict(
        record_kind=record.kind(),
        record_id=str(record.id),
        field_name=field,
        base={"value": base},
        mine={"value": mine.value},
        theirs={"value": theirs.value},
        mine_at=mine.at,
        mine_by=mine.by or None,
        mine_device=mine.device or None,
        theirs_at=theirs.at,
        theirs_by=theirs.by,
        theirs_device=theirs.device,
    )
