"""What this desk receives: a page of a feed taken over in one transaction, merged where both sides changed a record."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Entry, Received, Record, State
from insuragent.models.base import utc_now
from insuragent.models.fields import Field, fields_of, to_wire
from insuragent.rules.merging import Merged, merge
from insuragent.store.recorder import contents_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, outbox, place, wiping
from insuragent.sync.conflicts import Side, follow, note_conflict, note_late, open_conflicts
from insuragent.sync.loosening import loosen
from insuragent.sync.protocol import PullPage, SealedEntry, decode

#: What the feed tells beside changes of records.
_ORDERS = (Deed.WITHDRAW, Deed.ERASE, Deed.LATE)
_LOST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Arrived:
    """An entry of another hand: what it says, the revision that it made, and whose it was."""

    entry: SealedEntry
    revision: int
    by: str
    device: str

    @property
    def at(self) -> dt.datetime:
        """When it was made, by its own device's clock."""
        return codec.moment(self.entry.at) or _LOST


def take_over(work: UnitOfWork, feed: str, page: PullPage) -> None:
    """Apply a page and move the cursor behind it, in the transaction of ``work``; twice is the same as once."""
    arrived = [
        Arrived(decode(item.sealed, SealedEntry), item.revision, item.actor_name, item.device) for item in page.items
    ]
    _take_echoes(work, arrived)
    known = _known(work, [one.entry.id for one in arrived])
    fresh = [one for one in arrived if one.entry.id not in known and one.entry.record_id is not None]
    if fresh:
        work.session.connection().execute(sa.insert(Received), [_received(one) for one in fresh])
    by_record = _by_record(one for one in fresh if one.entry.deed not in _ORDERS)
    contested = outbox.pending(work, by_record)
    held = _held(work, by_record)
    followed = {conflict.record_id for conflict in open_conflicts(work)}
    applied: list[Record] = []
    with work.taking_over():
        for record_id, news in by_record.items():
            if news[0].entry.kind in RECORDS and record_id not in contested:
                record = _apply(work, RECORDS[news[0].entry.kind], record_id, held.get(record_id), news)
                if str(record_id) in followed:
                    follow(work, record, {name: _side(name, value, news) for name, value in _news(news).items()})
                applied.append(record)
        loosen(work, applied)
    for record_id, entries in contested.items():
        _merge(work, entries, by_record[record_id])
    for one in fresh:
        if one.entry.deed == Deed.LATE:
            _note_late(work, one)
    wiping.take_orders(work, [one.entry for one in fresh])
    place.advance(work, feed, page.cursor)


def _note_late(work: UnitOfWork, late: Arrived) -> None:
    """What a former agent had typed is a conflict with what the record holds now: a person looks at it."""
    entry = late.entry
    record = work.find(RECORDS[entry.kind], entry.record_id) if entry.kind in RECORDS and entry.record_id else None
    if record is None:
        return
    fields = fields_of(type(record))
    for name, (was, typed) in (entry.changes or {}).items():
        held = to_wire(getattr(record, name)) if name in fields else typed
        if held != typed:
            theirs = Side(typed, late.at, late.by, entry.device_id)
            note_late(work, record, name, was, theirs, Side(held, record.changed_at))


def merge_leftovers(work: UnitOfWork) -> None:
    """File the outcome of changes that were answered "stale" though nothing newer came: on what is known now."""
    for entries in outbox.pending(work, set(outbox.pending(work))).values():
        _merge(work, entries, ())


def _take_echoes(work: UnitOfWork, arrived: Sequence[Arrived]) -> None:
    """Settle this desk's own entries that come back in the feed while it still waits for their answer.

    So it is after a restored backup: the desk has a new name, and nobody tells it what became of the old one's.
    """
    told = {one.entry.id: one for one in arrived}
    own = sa.select(Entry).where(Entry.id.in_(told), Entry.state == State.PENDING)
    for entry in work.session.scalars(own):
        entry.state, entry.revision = State.ACCEPTED, told[entry.id].revision
        if entry.record_id is not None:
            outbox.note_revisions(work, {(entry.kind, entry.record_id): told[entry.id].revision})
    work.flush()


def _known(work: UnitOfWork, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which entries are this desk's own, or came before."""
    own = work.session.scalars(sa.select(Entry.id).where(Entry.id.in_(ids)))
    return {*own, *work.session.scalars(sa.select(Received.id).where(Received.id.in_(ids)))}


def _received(one: Arrived) -> dict[str, Any]:
    entry = one.entry
    return {
        "id": entry.id,
        "at": one.at,
        "deed": entry.deed,
        "kind": entry.kind,
        "record_id": entry.record_id,
        "revision": one.revision,
        "changes": entry.changes,
        "actor_id": entry.actor_id,
        "actor_name": one.by,
        "device_id": one.device,
    }


def _by_record(fresh: Iterable[Arrived]) -> dict[uuid.UUID, list[Arrived]]:
    found: dict[uuid.UUID, list[Arrived]] = {}
    for one in fresh:
        assert one.entry.record_id is not None, "entries of no record were left out"
        found.setdefault(one.entry.record_id, []).append(one)
    return found


def _held(work: UnitOfWork, by_record: Mapping[uuid.UUID, Sequence[Arrived]]) -> dict[uuid.UUID, Record]:
    """The records of a page that this desk has already, each kind asked for once."""
    by_kind: dict[str, list[uuid.UUID]] = {}
    for record_id, news in by_record.items():
        by_kind.setdefault(news[0].entry.kind, []).append(record_id)
    found: dict[uuid.UUID, Record] = {}
    for kind in by_kind.keys() & RECORDS.keys():
        found.update({record.id: record for record in work.find_all(RECORDS[kind], by_kind[kind])})
    return found


def _apply(
    work: UnitOfWork, record_type: type[Record], record_id: uuid.UUID, record: Record | None, news: Sequence[Arrived]
) -> Record:
    """Bring a record that nobody changed here to its newest revision; make it where it is new."""
    if record is not None:
        _set(record, _news(news), news[-1])
        return record
    values = codec.values_of(record_type, _news(news))
    made = {"changed_at": news[-1].at, "unknown": values.unknown, "revision": news[-1].revision}
    return work.add(record_type(id=record_id, **(values.known | made)))


def _set(record: Record, wire: Mapping[str, Any], last: Arrived) -> None:
    values = codec.values_of(type(record), wire)
    for name, value in values.known.items():
        setattr(record, name, value)
    if values.unknown:
        record.unknown = record.unknown | values.unknown
    record.revision = max(record.revision, last.revision)
    record.changed_at = max(record.changed_at, last.at)


def _merge(work: UnitOfWork, mine: Sequence[Entry], news: Sequence[Arrived]) -> None:
    """Bring this desk's changes of a record together with head office's; the outcome is one new entry."""
    record_type = RECORDS.get(mine[0].kind)
    record = work.find(record_type, mine[0].record_id) if record_type and mine[0].record_id else None
    if record is None:
        return
    fields = fields_of(type(record))
    base: dict[str, Any] = {}
    for entry in mine:
        base = codec.was_of(entry.changes) | base  # the oldest *was* is what both sides started from
    ours = {name: to_wire(getattr(record, name)) for name in base if name in fields}
    theirs = base | _news(news)
    found = merge(base, ours, theirs, {name: fields[name].merge for name in theirs if name in fields})
    outcome = {name: [theirs[name], now] for name, now in found.values.items() if now != theirs[name]}
    for entry in mine:
        entry.state = State.STALE
    with work.taking_over():
        _hold(record, found.values, fields, news)
    if outcome:
        deed = Deed.CREATE if record.revision == 0 else Deed.MERGE
        work.enter(deed, record.kind(), record.id, contents_of(record) if record.revision == 0 else outcome)
    work.changed.add((record.kind(), record.id))
    _open_conflicts(work, record, found, base, ours, mine, news)


def _hold(record: Record, values: Mapping[str, Any], fields: Mapping[str, Field], news: Sequence[Arrived]) -> None:
    typed = codec.values_of(type(record), values)
    for name, value in typed.known.items():
        if name in fields:
            setattr(record, name, value)
    if typed.unknown:
        record.unknown = record.unknown | typed.unknown
    if news:
        record.revision = max(record.revision, news[-1].revision)
    record.changed_at = utc_now()


def _open_conflicts(
    work: UnitOfWork,
    record: Record,
    found: Merged,
    base: Mapping[str, Any],
    ours: Mapping[str, Any],
    mine: Sequence[Entry],
    news: Sequence[Arrived],
) -> None:
    for name in found.conflicts:
        at = next(entry.at for entry in reversed(mine) if name in (entry.changes or {}))
        note_conflict(
            work, record, name, base.get(name), Side(ours.get(name), at), _side(name, found.values[name], news)
        )


def _news(news: Iterable[Arrived]) -> dict[str, Any]:
    """What the newest of them says of each field."""
    found: dict[str, Any] = {}
    for one in news:
        found |= codec.now_of(one.entry.changes)
    return found


def _side(name: str, value: Any, news: Sequence[Arrived]) -> Side:
    last = next(one for one in reversed(news) if name in (one.entry.changes or {}))
    return Side(value, last.at, last.by, last.device)
