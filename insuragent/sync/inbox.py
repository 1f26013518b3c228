"""What this desk receives: a page of a feed taken over in one transaction, what both sides changed is merged."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Entry, Record, State
from insuragent.models.base import Base
from insuragent.models.fields import fields_of, to_wire
from insuragent.store import arrivals, bulk
from insuragent.store.adopting import adopt
from insuragent.store.arrivals import Arrivals
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, merging, outbox, place, received, waiting, wiping
from insuragent.sync.arriving import Arrived, read, told_by
from insuragent.sync.conflicts import Side, follow, note_late, open_conflicts
from insuragent.sync.protocol import PullPage


def take_over(work: UnitOfWork, feed: str, page: PullPage) -> dict[str, tuple[int, int]]:
    """Apply a page and move the cursor behind it, in the transaction of ``work``; twice is the same as once.

    Returns how many entries of each kind came, and about how many bytes they have. Raises Refused "bad_message".
    """
    arrived = read(page)
    known = _own(work, arrived) | received.known(work, arrived)
    places = [n for n, one in enumerate(arrived) if one.id not in known and one.record_id is not None]
    fresh = [arrived[place] for place in places]
    size = received.keep(work, page, fresh, places)
    _bring(work, _by_record(one for one in fresh if one.deed not in waiting.ORDERS))
    for one in fresh:
        if one.deed == Deed.LATE:
            _note_late(work, one)
    wiping.take_orders(work, fresh)
    place.advance(work, feed, page.cursor)
    return {kind: (count, count * size) for kind, count in Counter(one.kind for one in arrived).items()}


def try_again(work: UnitOfWork) -> None:
    """Make the records that waited: what they link to may have come, or the program may know their kind by now."""
    tried = waiting.held_back(work)
    if not tried:
        return
    waiting.let_go(work, tried)
    held = {key for key, kind in tried.items() if work.find(RECORDS[kind], key) is not None}
    with work.taking_over():
        for key in held:
            record = work.get(RECORDS[tried[key]], key)
            adopt(work, record)
            if record.unknown.keys() & {name for name, field in fields_of(type(record)).items() if field.link}:
                waiting.hold_back(work, {key: tried[key]})
    _bring(work, _by_record(waiting.story(work, tried.keys() - held)))


def _note_late(work: UnitOfWork, late: Arrived) -> None:
    """What a former agent had typed is a conflict with what the record holds now: a person looks at it."""
    record = work.find(RECORDS[late.kind], late.record_id) if late.kind in RECORDS and late.record_id else None
    if record is None:
        return
    fields = fields_of(type(record))
    for name, (was, typed) in late.changes.items():
        held = to_wire(getattr(record, name)) if name in fields else typed
        if held != typed:
            his = Side(typed, late.at, late.by, late.device)
            note_late(work, record, name, was, his, Side(held, record.changed_at))


def _own(work: UnitOfWork, arrived: Sequence[Arrived]) -> set[uuid.UUID]:
    """Which entries are this desk's own; one that still waits for its answer is settled by its coming back.

    So it is after a restored backup: the desk has a new name, and nobody tells it what became of the old one's.
    """
    wanted = sa.select(Entry.id, Entry.number, Entry.state).where(bulk.among(Entry.id, [one.id for one in arrived]))
    own = {row.id: row for row in work.rows(wanted)}
    for one in arrived:
        if one.id in own and own[one.id].state == State.PENDING:
            entry = work.session.get_one(Entry, own[one.id].number)
            entry.state, entry.revision = State.ACCEPTED, one.revision
            work.flush()
            outbox.note_revisions(work, entry.number, entry.number)
    return set(own)


def _bring(work: UnitOfWork, by_record: dict[uuid.UUID, list[Arrived]]) -> None:
    """Bring the records to what is told of them: applied where nobody changed them here, merged where somebody did."""
    for kind in {news[0].kind for news in by_record.values()} - RECORDS.keys():
        waiting.hold_kind(work, kind)
    shown = {key: news for key, news in by_record.items() if news[0].kind in RECORDS}
    contested = outbox.pending(work, shown)
    held = _held(work, shown)
    plain = {key: news for key, news in shown.items() if key not in contested}
    # What begins with no creation began when it could not be made here: its whole story was kept.
    begun = [key for key in plain.keys() - held if plain[key][0].deed != Deed.CREATE]
    plain |= _by_record(waiting.story(work, begun))
    _apply_all(work, plain, held)
    for record_id, entries in contested.items():
        merging.merge_record(work, entries, shown[record_id])


def _apply_all(work: UnitOfWork, plain: Mapping[uuid.UUID, list[Arrived]], held: Collection[uuid.UUID]) -> None:
    page, waits = _set_aside(work, _typed(plain), held)
    known: dict[type[Record], list[Arrivals]] = {}
    for came in page:
        here, fresh = came.parted([key in held for key in came.ids])
        if fresh.ids:
            arrivals.enter(work, fresh)
        if here.ids:
            known.setdefault(came.record_type, []).append(here)
    for record_type, groups in known.items():
        arrivals.alter(work, record_type, groups)
    contested = {uuid.UUID(conflict.record_id) for conflict in open_conflicts(work)}
    for came in page:
        for key in contested.intersection(came.ids):
            follow(work, work.get(came.record_type, key), merging.sides(plain[key]))
    waiting.hold_back(work, waits)


def _typed(plain: Mapping[uuid.UUID, list[Arrived]]) -> Iterator[Arrivals]:
    """What came of each record, by the declarations."""
    by_type: dict[type[Record], list[uuid.UUID]] = {}
    for key, news in plain.items():
        by_type.setdefault(RECORDS[news[0].kind], []).append(key)
    for record_type, keys in by_type.items():
        for found in codec.alike(record_type, [_newest(plain[key]) for key in keys]):
            ids = [keys[place] for place in found.places]
            last = [plain[key][-1] for key in ids]
            revisions, at = [one.revision for one in last], [one.at for one in last]
            yield Arrivals(record_type, ids, found.known, found.unknown, revisions, at)


def _newest(news: Sequence[Arrived]) -> tuple[tuple[str, ...], Sequence[Any]]:
    """The fields of which these tell, and what the newest of them says of each."""
    if len(news) == 1:
        return news[0].told.names, news[0].told.now
    found = told_by(news)
    return tuple(found), tuple(found.values())


def _set_aside(
    work: UnitOfWork, told: Iterable[Arrivals], held: Collection[uuid.UUID]
) -> tuple[list[Arrivals], dict[uuid.UUID, str]]:
    """What of a page can be made, without the links that lead nowhere; and the records that must be tried again, by
    kind."""
    waits: dict[uuid.UUID, str] = {}

    def possible(came: Arrivals) -> Arrivals:
        if waiting.is_whole(came):
            return came
        here, fresh = came.parted([key in held for key in came.ids])
        waits.update(dict.fromkeys(fresh.ids, came.record_type.kind()))
        return here

    page = list(map(possible, told))
    while lost := waiting.lost_ends(work, page):
        page, loose = waiting.loosen(page, lost)
        waits.update((key, came.record_type.kind()) for came in loose for key in came.ids)
        page += map(possible, loose)
    return page, waits


def _by_record(fresh: Iterable[Arrived]) -> dict[uuid.UUID, list[Arrived]]:
    found: dict[uuid.UUID, list[Arrived]] = {}
    for one in fresh:
        assert one.record_id is not None, "entries of no record were left out"
        found.setdefault(one.record_id, []).append(one)
    return found


def _held(work: UnitOfWork, by_record: Mapping[uuid.UUID, Sequence[Arrived]]) -> set[uuid.UUID]:
    """The records of a page that this desk has already, each kind asked for once."""
    by_kind: dict[str, list[uuid.UUID]] = {}
    for record_id, news in by_record.items():
        by_kind.setdefault(news[0].kind, []).append(record_id)
    tables = {kind: _table(RECORDS[kind]).c.id for kind in by_kind}
    asked = (sa.select(tables[kind]).where(bulk.among(tables[kind], ids)) for kind, ids in by_kind.items())
    return {record_id for wanted in asked for record_id in work.session.scalars(wanted)}


def _table(declared: type[Base]) -> sa.Table:
    return cast(sa.Table, declared.__table__)
