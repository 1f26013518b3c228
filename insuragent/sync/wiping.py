"""What is no longer this desk's: handed over or erased by head office's word, pushed to the last entry, then wiped.

A desk lets go of a record only when head office says so by name, and only after everything that was typed into it
has arrived there. What stays of it in the journal is digest and date.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Draft, Entry, Record, State, Transfer
from insuragent.models.conflict import ConflictState
from insuragent.models.fields import fields_of
from insuragent.store import indexing
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, hanging, place, received, waiting
from insuragent.sync.conflicts import open_conflicts

#: Notes of the desk: what it must let go of (by the record that the rest hangs on), and the files whose bytes and
#: whose traces in the database are still to be overwritten.
LEAVING_NOTE, TRACES_NOTE = "leaving", "traces"
#: SQLite takes so many values in one statement without a thought.
_MANY = 500

T = TypeVar("T")


class Told(Protocol):
    """An entry, this desk's own or another's."""

    @property
    def deed(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def record_id(self) -> uuid.UUID | None: ...
    @property
    def changes(self) -> dict[str, Any] | None: ...


def take_orders(work: UnitOfWork, told: Iterable[Told]) -> None:
    """Note what head office took away, and what it gave back before this desk had let go of it."""
    leaving = before = work.note(LEAVING_NOTE, {})
    for entry in told:
        if entry.record_id is None:
            continue
        if entry.deed in (Deed.WITHDRAW, Deed.ERASE):
            listed = codec.now_of(entry.changes).get("records") or []
            leaving = leaving | {str(entry.record_id): {"kind": entry.kind, "deed": entry.deed, "records": listed}}
        elif entry.deed == Deed.GRANT:
            leaving = _without(leaving, str(entry.record_id))
    if leaving != before:
        work.set_note(LEAVING_NOTE, leaving)


def order(work: UnitOfWork, record: Record) -> None:
    """Order a record, and all that hangs on it, to be erased: at head office, then here and on every other desk."""
    ids = sorted(str(one) for found in _rows(work, {record.id}).values() for one in found)
    work.enter(Deed.ERASE, record.kind(), record.id, {"records": [None, ids]})


def hand_over_conflicts(work: UnitOfWork) -> None:
    """Send what was typed here and still waits for a choice: the new agent is asked in this one's place."""
    for told in work.note(LEAVING_NOTE, {}).values():
        if told["deed"] != Deed.WITHDRAW:
            continue
        ids = {str(one) for found in _rows(work, _uuids(told["records"])).values() for one in found}
        for conflict in open_conflicts(work):
            if conflict.record_id in ids:
                kind, record_id = conflict.subject
                pair = [conflict.base.get("value"), conflict.mine.get("value")]
                work.enter(Deed.CHANGE, kind, record_id, {conflict.field_name: pair})
                conflict.state = ConflictState.CLOSED


def is_due(work: UnitOfWork) -> bool:
    """Whether there is anything that this desk must let go of."""
    return bool(work.note(LEAVING_NOTE, {}))


def remove(work: UnitOfWork) -> bool:
    """Remove what is leaving, if nothing of it waits to be sent; True when the pass must go on because of it.

    Rows, index, drafts, conflicts, the texts in the journal and of what was received: all in one transaction, and
    with it the entry by which this desk confirms. It is sent only after :func:`traces` are overwritten.
    """
    leaving = work.note(LEAVING_NOTE, {})
    for root, told in leaving.items():
        rows = _rows(work, _uuids(told["records"]))
        ids = {*_uuids(told["records"]), *(one for found in rows.values() for one in found)}
        if _waits(work, ids):
            return True
        files = _remove_rows(work, rows)
        _forget_links(work, ids)
        _forget_texts(work, ids)
        work.set_note(TRACES_NOTE, sorted({*(work.note(TRACES_NOTE) or []), *files}))
        work.enter(Deed.WIPE, told["kind"], uuid.UUID(root), {"records": [None, sorted(map(str, ids))]})
    work.set_note(LEAVING_NOTE, {})
    return bool(leaving)


def traces(work: UnitOfWork) -> list[str] | None:
    """The files (by SHA-256) of removed records that nothing else here refers to; None when nothing was removed."""
    noted = work.note(TRACES_NOTE)
    if noted is None:
        return None
    return [digest for digest in noted if not _is_used(work, digest)]


def overwritten(work: UnitOfWork) -> None:
    """Note that the traces of what was removed are overwritten."""
    for some in _batches(traces(work) or ()):
        work.session.execute(sa.delete(Transfer).where(Transfer.sha256.in_(some)))
    work.set_note(TRACES_NOTE, None)


def _without(leaving: dict[str, Any], record_id: str) -> dict[str, Any]:
    """The same without a record that came back; whatever hung on it and did not come back still leaves."""
    lessened = {
        root: told | {"records": [one for one in told["records"] if one != record_id]} for root, told in leaving.items()
    }
    return {root: told for root, told in lessened.items() if told["records"]}


def _uuids(ids: Iterable[str]) -> set[uuid.UUID]:
    return {uuid.UUID(one) for one in ids}


def _rows(work: UnitOfWork, roots: Collection[uuid.UUID]) -> dict[type[Record], dict[uuid.UUID, int]]:
    """The rows of these records and of all that hangs on them here: by type, id and row number."""
    found: dict[type[Record], dict[uuid.UUID, int]] = {}
    for record_type in RECORDS.values():
        for some in _batches(roots):
            wanted = sa.select(record_type.id, record_type.number).where(record_type.id.in_(some))
            found.setdefault(record_type, {}).update({row.id: row.number for row in work.rows(wanted)})
    ahead = set(roots)
    while ahead:
        below: set[uuid.UUID] = set()
        for record_type in RECORDS.values():
            fresh = {key: n for key, n in _hanging_on(work, record_type, ahead) if key not in found[record_type]}
            found[record_type] |= fresh
            below |= fresh.keys()
        ahead = below
    return found


def _hanging_on(
    work: UnitOfWork, record_type: type[Record], above: Collection[uuid.UUID]
) -> Iterator[tuple[uuid.UUID, int]]:
    for name, field in fields_of(record_type).items():
        if not field.parent:
            continue
        column = getattr(record_type, name)
        for some in _batches(above):
            values = some if field.link else [str(one) for one in some]
            for row in work.rows(sa.select(record_type.id, record_type.number).where(column.in_(values))):
                yield row.id, row.number


def _waits(work: UnitOfWork, ids: Collection[uuid.UUID]) -> bool:
    """Whether head office has not answered yet to an entry of these records, or has not taken its outcome."""
    unsent = sa.or_(Entry.number > place.settled(work), Entry.state == State.PENDING)
    waiting = sa.select(sa.func.count()).select_from(Entry).where(unsent)
    return any(work.session.scalar(waiting.where(Entry.record_id.in_(some))) for some in _batches(ids))


def _remove_rows(work: UnitOfWork, rows: dict[type[Record], dict[uuid.UUID, int]]) -> set[str]:
    """Remove rows and their place in the index; returns the files that they named."""
    files: set[str] = set()
    connection = work.session.connection()
    for record_type, found in rows.items():
        table = cast(sa.Table, record_type.__table__)
        named = [table.c[name] for name, field in fields_of(record_type).items() if field.content]
        for some in _batches(found):
            here = table.c.id.in_(some)
            for column in named:
                files |= set(connection.scalars(sa.select(column).where(here)))
            connection.execute(sa.delete(table).where(here))
        if found and indexing.searchable(record_type):
            indexing.forget(work.session, record_type.kind(), list(found.values()))
        work.changed |= {(record_type.kind(), one) for one in found}
    return files


def _forget_links(work: UnitOfWork, ids: Collection[uuid.UUID]) -> None:
    """Loosen what still points to removed records; head office loosened its own side before it took them away."""
    connection = work.session.connection()
    for record_type in RECORDS.values():
        table = cast(sa.Table, record_type.__table__)
        for name, field in fields_of(record_type).items():
            if field.link and field.optional:
                for some in _batches(ids):
                    connection.execute(sa.update(table).where(table.c[name].in_(some)).values({name: None}))


def _forget_texts(work: UnitOfWork, ids: Collection[uuid.UUID]) -> None:
    """Take the text out of the journal, of what was received, and of drafts."""
    connection = work.session.connection()
    journal = Entry.metadata.tables["journal"]
    for some in _batches(ids):
        told = journal.c.record_id.in_(some) & journal.c.deed.not_in(received.TEXTLESS)
        emptied = {"changes": None, "reason": "", "answer": "", "erased": True}
        connection.execute(sa.update(journal).where(told).values(emptied))
    received.forget(work, ids)
    waiting.let_go(work, ids)
    texts = {str(one) for one in ids}
    for draft in work.session.scalars(sa.select(Draft)):
        if draft.record_id in ids or texts.intersection(hanging.parents(draft.kind, draft.values)):
            work.session.delete(draft)


def _is_used(work: UnitOfWork, digest: str) -> bool:
    for record_type in RECORDS.values():
        for name, field in fields_of(record_type).items():
            column = getattr(record_type, name)
            if field.content and work.session.scalar(sa.select(sa.exists().where(column == digest))):
                return True
    return False


def _batches(values: Iterable[T]) -> Iterator[Sequence[T]]:
    listed = list(values)
    for start in range(0, len(listed), _MANY):
        yield listed[start : start + _MANY]
