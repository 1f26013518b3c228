"""What this desk sends: its journal in order, and what head office answered to each entry.

A first pass sends thousands of entries, most of which are only passed on: they are read and marked many at a time.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.models import RECORDS, Deed, Entry, Record, State
from insuragent.store import bulk
from insuragent.store.recorder import contents_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, place, wiping
from insuragent.sync.progress import by_kind
from insuragent.sync.protocol import ACCEPTED, MOVED, REFUSED, RENUMBERED, STALE, TOLD, Answer, Push
from insuragent.sync.protocol.columns import Columns, gather

_EPOCH, _MICROSECOND = dt.datetime(1970, 1, 1), dt.timedelta(microseconds=1)  # noqa: DTZ001 - the zone is written by hand
CHANGING = tuple(deed.value for deed in Deed if deed.changes_record)
#: What is decided about an entry: its outcome follows, or it has none.
_DECIDED = (State.STALE, State.REFUSED)
#: So many rows at a time come from the file.
_AT_ONCE = 100
#: About so many bytes of a sealed entry are neither changes nor reason.
_BESIDE = 260
#: The next entries as the file keeps them, each with its state and its size.
_NEXT = (
    f"SELECT {','.join(Entry.SEALED)}, state, {_BESIDE} + length(CAST(coalesce(changes, '') AS BLOB)) + length(reason)"  # noqa: S608 - our own names
    " FROM journal WHERE number > ? ORDER BY number LIMIT ?"
)


def unsent(work: UnitOfWork) -> dict[str, int]:
    """How many entries wait to be sent, by the kinds of their records; those of the audit have none."""
    waiting = sa.select(Entry.kind, sa.func.count().label("waiting")).where(Entry.number > place.settled(work))
    return {row.kind: int(row.waiting) for row in work.rows(waiting.group_by(Entry.kind))}


@dataclass(frozen=True)
class Batch:
    """Entries to send, in columns, with the revision that each rests on; by kind how many, and about how many bytes."""

    bases: list[int | None]
    columns: Columns
    by_kind: dict[str, tuple[int, int]]

    def push(self, receipt: int = 0) -> Push:
        """The message that sends them; ``receipt`` as it says there."""
        return Push([], self.bases, self.columns, receipt)


def batch(work: UnitOfWork, limit: int, most: int) -> Batch:
    """The next entries to send, at most ``limit`` and ``most`` bytes, each on its record's revision of this moment.

    An entry that is larger goes alone.
    """
    with work.session.connection().exec_driver_sql(_NEXT, (place.settled(work), limit)) as told:
        rows = _within(chain.from_iterable(told.partitions(_AT_ONCE)), most)
    columns = zip(*rows, strict=True) if rows else [()] * (len(Entry.SEALED) + 2)
    numbers, ids, at, deeds, kinds, records, changes, reasons, actors, devices, versions, states, sizes = columns
    known = _revisions(work, numbers, kinds)
    bases = [None if state in _DECIDED else known.get(n, 0) for n, state in zip(numbers, states, strict=True)]
    parts = [numbers, _ids(ids), _moments(at), deeds, kinds, _ids(records), reasons, _ids(actors), devices, versions]
    return Batch(bases, gather(parts, changes), by_kind(kinds, sizes))


def _within(told: Iterable[Sequence[Any]], most: int) -> list[Sequence[Any]]:
    """The first of the rows, as many as have ``most`` bytes, and one at least."""
    rows: list[Sequence[Any]] = []
    for row in told:
        most -= row[-1]
        if rows and most < 0:
            break
        rows.append(row)
    return rows


def _revisions(work: UnitOfWork, numbers: Sequence[int], kinds: Iterable[str]) -> dict[int, int]:
    """The revisions of the records that these entries tell of, by the entry's number."""
    connection, found = work.session.connection(), dict[int, int]()
    for kind in RECORDS.keys() & set(kinds):
        wanted = (
            f"SELECT journal.number, told.revision FROM journal JOIN {kind} AS told ON told.id = journal.record_id"  # noqa: S608 - our own names
            " WHERE journal.number BETWEEN ? AND ? AND journal.kind = ?"
        )
        found.update(map(tuple, connection.exec_driver_sql(wanted, (numbers[0], numbers[-1], kind))))
    return found


def _ids(column: Sequence[bytes | None]) -> list[str | None]:
    """Ids as the text of an entry has them; some come again and again."""
    texts = {one: None if one is None else _id_text(one.hex()) for one in set(column)}
    return [texts[one] for one in column]


def _id_text(told: str) -> str:
    return f"{told[:8]}-{told[8:12]}-{told[12:16]}-{told[16:20]}-{told[20:]}"


def _moments(column: Iterable[int]) -> list[str]:
    """Moments as the text of an entry has them, in UTC."""
    return [f"{(_EPOCH + _MICROSECOND * at).isoformat()}+00:00" for at in column]


def settle(work: UnitOfWork, answers: Sequence[Answer]) -> bool:
    """Take over the answers to entries that were sent; True when one of them was stale.

    A stale entry stays pending until the newer revision was pulled and both are merged; a refused change is undone
    here and kept by head office, in the journal and on the page of refusals. Raises Refused "renumbered" when head
    office knows other entries by these numbers.
    """
    if not answers:
        return False
    states = _states(work, answers)
    waits = [answer for answer in answers if states[answer.number] not in _DECIDED]
    _accept(work, [answer for answer in waits if answer.result in (ACCEPTED, TOLD, MOVED)])
    erased = {answer.number for answer in waits if answer.result == ACCEPTED and answer.revision}
    ordered = sa.select(Entry).where(Entry.deed == Deed.ERASE, Entry.number.between(*_span(answers)))
    wiping.take_orders(work, [entry for entry in work.session.scalars(ordered) if entry.number in erased])
    for answer in waits:
        if answer.result == REFUSED:
            entry = work.session.get_one(Entry, answer.number)
            entry.state, entry.answer = State.REFUSED, answer.words or answer.code
            _undo(work, entry)
    place.settle(work, answers[-1].number)
    work.flush()
    return any(answer.result == STALE for answer in waits)


def _span(answers: Sequence[Answer]) -> tuple[int, int]:
    """The first and the last of the entries that were answered."""
    numbers = [answer.number for answer in answers]
    return min(numbers), max(numbers)


def _states(work: UnitOfWork, answers: Sequence[Answer]) -> dict[int, str]:
    """The states of the entries that were answered. Raises Refused "renumbered" for one that is not ours."""
    wanted = "SELECT number, id, state FROM journal WHERE number BETWEEN ? AND ?"
    told = work.session.connection().exec_driver_sql(wanted, _span(answers)).all()
    ids = {number: key for number, key, _state in told}
    if any(ids.get(answer.number) != answer.id.bytes for answer in answers):
        raise Refused("renumbered", RENUMBERED)
    return {number: state for number, _key, state in told}


def _accept(work: UnitOfWork, taken: Sequence[Answer]) -> None:
    """Mark entries as taken, one statement for each run of neighbours with the same revision, and their records."""
    if not taken:
        return
    runs: list[list[int]] = []
    for answer in taken:
        if runs and runs[-1][0] == answer.revision and runs[-1][2] == answer.number - 1:
            runs[-1][2] = answer.number
        else:
            runs.append([answer.revision, answer.number, answer.number])
    statement = f"UPDATE journal SET state = '{State.ACCEPTED}', revision = ? WHERE number BETWEEN ? AND ?"  # noqa: S608 - our own words
    bulk.run(work.session.connection(), statement, runs)
    note_revisions(work, *_span(taken))


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


def note_revisions(work: UnitOfWork, first: int, last: int) -> None:
    """Keep head office's revisions of the records that these entries changed; they are no change of the record.

    An answer that is told again, after a restored backup, may be older than what the feed brought: it is passed over.
    """
    connection = work.session.connection()
    within = f"FROM journal WHERE number BETWEEN ? AND ? AND state = '{State.ACCEPTED}' AND revision > 0"
    for kind in connection.exec_driver_sql(f"SELECT DISTINCT kind {within}", (first, last)).scalars().all():
        if kind in RECORDS:
            newest = f"SELECT record_id, max(revision) AS revision {within} AND kind = ? GROUP BY record_id"
            statement = f"UPDATE {kind} SET revision = max({kind}.revision, told.revision) FROM ({newest}) AS told"  # noqa: S608 - our own words
            connection.exec_driver_sql(f"{statement} WHERE id = told.record_id", (first, last, kind))


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
