"""Enter every change of a record into the journal, from its declarations; nothing can pass it by."""

import functools
from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, make_transient_to_detached, sessionmaker

from insuragent.errors import NotPermitted
from insuragent.i18n import N_
from insuragent.models import Deed, Record
from insuragent.models.base import table_of, utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.store import bulk
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
    if any(isinstance(record, Record) for record in session.deleted):
        raise NotPermitted(N_("记录只能归档，不能删除"))
    made = [record for record in session.new if isinstance(record, Record)]
    _write(session, made)
    for record in made:
        _enter(work, record, contents_of(record), Deed.CREATE)
    for record in session.dirty:
        if isinstance(record, Record) and (changes := changes_of(record)):
            if not work.applying:
                record.changed_at = utc_now()
            _enter(work, record, changes, _deed(changes))


def _write(session: Session, made: Sequence[Record]) -> None:
    """Write new records as rows, a statement a type: the session's own flush would take longer than all the rest."""
    for record_type in dict.fromkeys(map(type, made)):
        records = [record for record in made if type(record) is record_type]
        held = list(map(vars, records))
        for values in held:
            values.update(dict.fromkeys(_columns_of(record_type) - values.keys()))
        columns = {name: [values[name] for values in held] for name in _columns_of(record_type)}
        numbers = bulk.append(session.connection(), table_of(record_type), columns)
        for record, number in zip(records, numbers, strict=True):
            vars(record)["number"] = number
            session.expunge(record)
            make_transient_to_detached(record)
        session.add_all(records)


@functools.cache
def _columns_of(record_type: type[Record]) -> Set[str]:
    """All that a record's row holds but its number, which the table gives it."""
    names = table_of(record_type).columns.keys()
    return dict.fromkeys(name for name in names if name != "number").keys()


def _enter(work: UnitOfWork, record: Record, changes: dict[str, list[Any]], deed: Deed) -> None:
    if not work.applying:
        work.enter(deed, record.kind(), record.id, changes)
    work.changed.add((record.kind(), record.id))


def _deed(changes: dict[str, list[Any]]) -> Deed:
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
