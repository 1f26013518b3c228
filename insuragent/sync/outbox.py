"""What this desk sends: its journal in order, and what head office answered to each entry."""

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.models import RECORDS, Deed, Entry, Record, State
from insuragent.store import bulk
from insuragent.store.recorder import contents_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, place, wiping
from insuragent.sync.protocol import ACCEPTED, MOVED, REFUSED, RENUMBERED, STALE, TOLD, Answer, Waiting

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CHANGING = tuple(deed.value for deed in Deed if deed.changes_record)


def unsent(work: UnitOfWork) -> dict[str, int]:
    """How many entries wait to be sent, by the kinds of their records; those of the audit have none."""
    waiting = sa.select(Entry.kind, sa.func.count().label("waiting")).where(Entry.number > place.settled(work))
    return {row.kind: int(row.waiting) for row in work.rows(waiting.group_by(Entry.kind))}


def batch(work: UnitOfWork, limit: int, most: int) -> list[Waiting]:
    """The next entries to send, at most ``limit`` and ``most`` bytes, each on its record's revision of this moment.

    An entry that is larger goes alone.
    """
    found: list[tuple[_Row, int]] = []
    size = 0
    asked = (place.settled(work), limit)
    with work.session.connection().exec_driver_sql(_NEXT, asked) as rows:
        for told in rows:
            row = _Row(*told)
            length = _BESIDE + row.length
            size += length
            if found and size > most:
                break
            found.append((row, length))
    bases = _revisions(work, [row for row, _length in found])
    ids = functools.lru_cache(maxsize=None)(_id_text)
    return [Waiting(_base(row, bases), _parts(row, ids), length) for row, length in found]


#: The next entries as the file keeps them: a first pass sends thousands, and most of what they say is only passed on.
_NEXT = (
    f"SELECT {','.join(Entry.SEALED)}, state, length(CAST(coalesce(changes, '') AS BLOB)) + length(reason)"  # noqa: S608
    " FROM journal WHERE number > ? ORDER BY number LIMIT ?"
)
#: About so many bytes of a sealed entry are neither changes nor reason.
_BESIDE = 260


class _Row(NamedTuple):
    """A row of the journal as the file keeps it."""

    number: int
    id: bytes
    at: int
    deed: str
    kind: str
    record_id: bytes | None
    changes: str | None
    reason: str
    actor_id: bytes | None
    device_id: str
    version: str
    state: str
    length: int


def _parts(row: _Row, ids: Callable[[bytes | None], str | None]) -> list[Any]:
    """The parts of an entry's sealed text, in the order of ``Entry.SEALED``."""
    at = (_EPOCH + dt.timedelta(microseconds=row.at)).isoformat()
    changes = None if row.changes is None else msgspec.json.decode(row.changes)
    told = [row.number, _id_text(row.id), at, row.deed, row.kind, _id_text(row.record_id), changes, row.reason]
    return [*told, ids(row.actor_id), row.device_id, row.version]


def _id_text(value: bytes | None) -> str | None:
    if value is None:
        return None
    told = value.hex()
    return f"{told[:8]}-{told[8:12]}-{told[12:16]}-{told[16:20]}-{told[20:]}"


def _base(row: _Row, bases: Mapping[bytes, int]) -> int | None:
    if row.state in (State.STALE, State.REFUSED):
        return None  # its outcome follows, or it has none
    return bases.get(row.record_id, 0) if row.record_id else 0


def settle(work: UnitOfWork, answers: Sequence[Answer]) -> bool:
    """Take over the answers to entries that were sent; True when one of them was stale.

    A stale entry stays pending until the newer revision was pulled and both are merged; a refused change is undone
    here and kept by head office, in the journal and on the page of refusals. Raises Refused "renumbered" when head
    office knows other entries by these numbers.
    """
    if not answers:
        return False
    journal = _journal(work, answers)
    waits = [answer for answer in answers if journal[answer.number].state not in (State.STALE, State.REFUSED)]
    taken = [answer for answer in waits if answer.result in (ACCEPTED, TOLD, MOVED)]
    _accept(work, taken)
    changed = ((journal[answer.number], answer.revision) for answer in taken if answer.revision)
    note_revisions(work, {(one.kind, one.record_id): revision for one, revision in changed if one.record_id})
    erased = [answer.number for answer in taken if answer.result == ACCEPTED and answer.revision]
    wiping.take_orders(
        work, work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.ERASE, Entry.number.in_(erased)))
    )
    for answer in waits:
        if answer.result == REFUSED:
            entry = work.session.get_one(Entry, answer.number)
            entry.state, entry.answer = State.REFUSED, answer.words or answer.code
            _undo(work, entry)
    place.settle(work, answers[-1].number)
    work.flush()
    return any(answer.result == STALE for answer in waits)


def _journal(work: UnitOfWork, answers: Sequence[Answer]) -> dict[int, sa.Row[Any]]:
    """What is needed of the entries that were answered. Raises Refused "renumbered" for one that is not ours."""
    numbers = [answer.number for answer in answers]
    wanted = sa.select(Entry.number, Entry.id, Entry.state, Entry.kind, Entry.record_id)
    found = {row.number: row for row in work.rows(wanted.where(Entry.number.between(min(numbers), max(numbers))))}
    if any(answer.number not in found or found[answer.number].id != answer.id for answer in answers):
        raise Refused("renumbered", RENUMBERED)
    return found


def _accept(work: UnitOfWork, taken: Iterable[Answer]) -> None:
    """Mark entries as taken, one statement for each run of neighbours with the same revision."""
    runs: list[list[Any]] = []
    for answer in taken:
        if runs and runs[-1][0] == answer.revision and runs[-1][2] == answer.number - 1:
            runs[-1][2] = answer.number
        else:
            runs.append([answer.revision, answer.number, answer.number])
    statement = f"UPDATE journal SET state = '{State.ACCEPTED}', revision = ? WHERE number BETWEEN ? AND ?"  # noqa: S608 - our own words
    bulk.run(work.session.connection(), statement, runs)


def pending(work: UnitOfWork, record_ids: Iterable[uuid.UUID] | None = None) -> dict[uuid.UUID, list[Entry]]:
    """The changes by record that head office has not taken yet, in their order; of some records or of all.

    Of all records only those are told whose answer was "stale": they wait for a merge.
    """
    # A literal: SQLite takes the index of what is pending only when it sees the word.
    waits = Entry.state == sa.literal_column(f"'{State.PENDING.value}'")
    wanted = sa.select(Entry).where(waits, Entry.deed.in_(CHANGING)).order_by(Entry.number)
    if record_ids is None:
        wanted = wanted.where(Entry.number <= place.settled(work))
    else:
        wanted = wanted.where(bulk.among(Entry.record_id, record_ids))
    found: dict[uuid.UUID, list[Entry]] = {}
    for entry in work.session.scalars(wanted):
        if entry.record_id is not None and (entry.kind not in RECORDS or RECORDS[entry.kind].synced):
            found.setdefault(entry.record_id, []).append(entry)
    return found


def renew(work: UnitOfWork) -> None:
    """File a whole creation in place of changes to a record whose creation head office refused."""
    waits = (Entry.state == sa.literal_column(f"'{State.PENDING.value}'"), Entry.deed.in_(CHANGING))
    changed = (*waits, Entry.deed != Deed.CREATE)
    for kind in work.session.scalars(sa.select(Entry.kind).where(*changed).distinct()).all():
        record_type = RECORDS.get(kind)
        if record_type is None or not record_type.synced:
            continue
        unknown = sa.select(record_type.id).where(record_type.revision == 0)
        wanted = sa.select(Entry.record_id).where(*changed, Entry.kind == kind, Entry.record_id.in_(unknown))
        for record_id, entries in pending(work, set(work.session.scalars(wanted))).items():
            if all(entry.deed != Deed.CREATE for entry in entries):
                file_again(work, work.get(record_type, record_id), entries)


def file_again(work: UnitOfWork, record: Record, instead_of: Iterable[Entry]) -> None:
    """Enter the creation of ``record`` anew, as it is now; the entries that it stands for are merged away."""
    for entry in instead_of:
        entry.state = State.STALE
    work.enter(Deed.CREATE, record.kind(), record.id, contents_of(record))


def note_revisions(work: UnitOfWork, revisions: Mapping[tuple[str, uuid.UUID], int]) -> None:
    """Keep head office's revisions of records; they are no change of the record.

    An answer that is told again, after a restored backup, may be older than what the feed brought: it is passed over.
    """
    by_kind: dict[str, list[tuple[int, bytes]]] = {}
    for (kind, record_id), revision in revisions.items():
        if kind in RECORDS:
            by_kind.setdefault(kind, []).append((revision, record_id.bytes))
    for kind, rows in by_kind.items():
        statement = f"UPDATE {kind} SET revision = max(revision, ?) WHERE id = ?"  # noqa: S608 - our own names
        bulk.run(work.session.connection(), statement, rows)


def _undo(work: UnitOfWork, entry: Entry) -> None:
    """Take a refused change off its record, but for fields that were changed again since."""
    record_type = RECORDS.get(entry.kind)
    if record_type is None or entry.record_id is None or entry.deed == Deed.CREATE:
        return
    record = work.find(record_type, entry.record_id)
    if record is None or record.revision == 0:
        return
    later = sa.select(Entry.changes).where(Entry.record_id == entry.record_id, Entry.number > entry.number)
    again = {name for changes in work.session.scalars(later.where(Entry.deed.in_(CHANGING))) for name in changes or ()}
    before = {name: was for name, was in codec.was_of(entry.changes).items() if name not in again}
    with work.taking_over():
        for name, value in codec.values_of(record_type, before).known.items():
            setattr(record, name, value)


def _revisions(work: UnitOfWork, rows: Iterable[_Row]) -> dict[bytes, int]:
    by_kind: dict[str, set[bytes]] = {}
    for row in rows:
        if row.kind in RECORDS and row.record_id is not None and row.deed in CHANGING:
            by_kind.setdefault(row.kind, set()).add(row.record_id)
    found: dict[bytes, int] = {}
    for kind, ids in by_kind.items():
        record_type = RECORDS[kind]
        raw = sa.type_coerce(record_type.id, sa.LargeBinary).label("id")
        wanted = sa.select(raw, record_type.revision).where(
            bulk.among(record_type.id, [uuid.UUID(bytes=key) for key in ids])
        )
        found.update({row.id: row.revision for row in work.rows(wanted)})
    return found
