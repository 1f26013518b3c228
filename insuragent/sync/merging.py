"""A record that this desk and head office both changed: brought together, and what clashes is put before a person."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insuragent.models import RECORDS, Deed, Entry, Record, State
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.rules.merging import Merged, merge
from insuragent.store import arrivals
from insuragent.store.recorder import contents_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, outbox
from insuragent.sync.arriving import Arrived, told_by
from insuragent.sync.conflicts import Side, follow, note_conflict, note_late

#: What an entry says of a field: what it replaced, the value, and when.
Said = tuple[Any, Any, dt.datetime]


def merge_record(work: UnitOfWork, mine: Sequence[Entry], news: Sequence[Arrived]) -> None:
    """Bring this desk's changes of a record together with head office's; the outcome is one new entry."""
    record_type = RECORDS.get(mine[0].kind)
    record = work.find(record_type, mine[0].record_id) if record_type and mine[0].record_id else None
    if record is None:
        return
    met = _Meeting.of(record, mine, news)
    fields = fields_of(type(record))
    found = merge(met.base, met.ours, met.theirs, {name: fields[name].merge for name in met.theirs if name in fields})
    outcome = {name: [met.theirs[name], now] for name, now in found.values.items() if now != met.theirs[name]}
    for entry in mine:
        entry.state = State.STALE
    with work.taking_over():
        met.hold(found.values)
    if outcome:
        deed = Deed.CREATE if record.revision == 0 else Deed.MERGE
        work.enter(deed, record.kind(), record.id, contents_of(record) if record.revision == 0 else outcome)
    work.changed.add((record.kind(), record.id))
    follow(work, record, sides(news))
    met.open_conflicts(work, found)
    met.ask_again(work)


def merge_leftovers(work: UnitOfWork) -> None:
    """File the outcome of changes that were answered "stale" though nothing newer came: on what is known now."""
    left = outbox.pending(work)
    for entries in outbox.pending(work, left).values() if left else ():
        merge_record(work, entries, ())


def sides(news: Sequence[Arrived]) -> dict[str, Side]:
    """What the newest of them says of each field, with who wrote it, when and where."""
    return {name: _side(name, value, news) for name, value in told_by(news).items()}


@dataclass(frozen=True)
class _Meeting:
    """The two sides of a record: the entries that wait here and what head office tells, and in wire form what both
    started from, what stands here and what stands there."""

    record: Record
    mine: Sequence[Entry]
    news: Sequence[Arrived]
    base: Mapping[str, Any]
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]

    @staticmethod
    def of(record: Record, mine: Sequence[Entry], news: Sequence[Arrived]) -> "_Meeting":
        """The sides of a record that stands as this desk left it."""
        fields = fields_of(type(record))
        base: dict[str, Any] = {}
        for entry in mine:
            base = codec.was_of(entry.changes) | base  # the oldest *was* is what both sides started from
        ours = {name: to_wire(getattr(record, name)) for name in base if name in fields}
        return _Meeting(record, mine, news, base, ours, base | told_by(news))

    def hold(self, values: Mapping[str, Any]) -> None:
        """Have the record hold these."""
        record, fields = self.record, fields_of(type(self.record))
        typed = codec.values_of(type(record), values)
        for name, value in typed.known.items():
            if name in fields:
                setattr(record, name, value)
        kept = arrivals.kept(record.unknown, typed.known, typed.unknown)
        if kept != record.unknown:
            record.unknown = kept
        if self.news:
            record.revision = max(record.revision, self.news[-1].revision)
        record.changed_at = utc_now()

    def open_conflicts(self, work: UnitOfWork, found: Merged) -> None:
        """Put before a person what clashed."""
        for name in found.conflicts:
            at = next(entry.at for entry in reversed(self.mine) if name in (entry.changes or {}))
            mine, theirs = Side(self.ours.get(name), at), _side(name, found.values[name], self.news)
            note_conflict(work, self.record, name, self.base.get(name), mine, theirs)

    def ask_again(self, work: UnitOfWork) -> None:
        """What was sent on for a new agent to choose, of a record that came back meanwhile, waits here for a choice
        again: the record itself never held it."""
        told = told_by(self.news)
        for name, said in _standing(self.mine).items():
            for was, now, at in said:
                if name in self.ours and now not in (self.ours[name], self.theirs[name]):
                    held = to_wire(getattr(self.record, name))
                    here = _side(name, held, self.news) if name in told else Side(held, self.record.changed_at)
                    note_late(work, self.record, name, was, Side(now, at), here)


def _standing(mine: Sequence[Entry]) -> dict[str, list[Said]]:
    """By field, what these changes say that none of them replaced."""
    found: dict[str, list[Said]] = {}
    for entry in mine:
        for name, (was, now) in (entry.changes or {}).items():
            standing = found.setdefault(name, [])
            if standing and standing[-1][1] == was:
                was = standing.pop()[0]
            standing.append((was, now, entry.at))
    return found


def _side(name: str, value: Any, news: Sequence[Arrived]) -> Side:
    last = next(one for one in reversed(news) if name in one.told.names)
    return Side(value, last.at, last.by, last.device)
