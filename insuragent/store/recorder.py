"""Enter every change of a record into the journal, from its declarations; nothing can pass it by."""

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from insuragent.errors import NotPermitted
from insuragent.i18n import N_
from insuragent.models import Deed, Record
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.store.work import READS_ONLY, UnitOfWork


def attach(sessions: sessionmaker[Session]) -> None:
    """Watch the sessions made here: their flushes enter the journal, their bulk statements on records are refused."""
    event.listen(sessions, "before_flush", _enter_changes)
    event.listen(sessions, "do_orm_execute", _refuse_bulk)


def refuse_writes(sessions: sessionmaker[Session]) -> None:
    """Make the sessions made here only read: a flush of anything is a bug of ours."""
    event.listen(sessions, "before_flush", _refuse_flush)
    event.listen(sessions, "do_orm_execute", _refuse_bulk)


def changes_of(record: Record) -> dict[str, list[Any]]:
    """Each declared field that an unflushed change touches, as [was, now] in wire form."""
    attributes = inspect(record).attrs
    changes = {}
    for name in fields_of(type(record)):
        history = attributes[name].history
        if history.has_changes():
            was, now = (to_wire(values[0]) if values else None for values in (history.deleted, history.added))
            if was != now:
                changes[name] = [was, now]
    return changes


def contents_of(record: Record) -> dict[str, list[Any]]:
    """Each declared field of a new record that holds something, as [None, now] in wire form."""
    values = vars(record)
    return {name: [None, to_wire(values[name])] for name in fields_of(type(record)) if values.get(name) is not None}


def _enter_changes(session: Session, *_: Any) -> None:
    work: UnitOfWork = session.info["work"]
    for record in session.deleted:
        if isinstance(record, Record):
            raise NotPermitted(N_("记录只能归档，不能删除"))
    for record in [*session.new, *session.dirty]:
        if isinstance(record, Record):
            _enter(work, record, new=record in session.new)


def _enter(work: UnitOfWork, record: Record, *, new: bool) -> None:
    changes = contents_of(record) if new else changes_of(record)
    if not changes:
        return
    if not work.applying:
        record.changed_at = utc_now()
        work.enter(_deed(changes, new=new), record.kind(), record.id, changes)
    work.changed.add((record.kind(), record.id))


def _deed(changes: dict[str, list[Any]], *, new: bool) -> Deed:
    if new:
        return Deed.CREATE
    if "archived_at" in changes:
        return Deed.ARCHIVE if changes["archived_at"][1] else Deed.RESTORE
    return Deed.CHANGE


def _refuse_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete or state.is_insert) and mapper and issubclass(mapper.class_, Record):
        raise RuntimeError("records change one by one, so that every change enters the journal")


def _refuse_flush(session: Session, *_: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError(READS_ONLY)
