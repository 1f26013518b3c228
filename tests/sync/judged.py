"""What must hold once all desks and head office have come to rest."""

from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.blocks import GONE, Texts, texts_of
from insuragent.models import RECORDS, Conflict, Deed, Entry, Received, ReceivedBlock
from insuragent.models.fields import to_wire
from insuragent.services import audit
from insuragent.sync.arriving import read
from insuragent.sync.protocol import CATALOGUE, REFUSED, FeedColumns, PullPage, SealedEntry, decode, unpack
from tests.sync.histories import Machine, Typed, World

Held = dict[str, tuple[str, int, dict[str, Any]]]
#: Deeds that name ids, never a text.
TEXTLESS = (Deed.WITHDRAW, Deed.ERASE, Deed.WIPE)


def check(world: World) -> None:
    """Desks and head office are equal; each entry was taken once; no change replaced what it had not seen; what
    somebody typed is in a record, waits in a conflict, or was replaced by somebody who saw it; what was erased is
    nowhere."""
    for machine in world.machines:
        assert _held_by(machine) == _held_by_office(world, str(machine.staff_id))
        _check_journal(world, machine)
    for agent in world.agents:
        _check_feed(world, str(agent))
    gone = _erased(world)
    _check_erased(world, gone)
    seen = _Seen(world)
    for typed in world.typed:
        assert typed.customer in gone or seen.has(typed), f"{typed.name} {typed.value!r} is lost"


def _held_by(machine: Machine) -> Held:
    found: Held = {}
    with machine.store.read(machine.actor) as work:
        for kind, record_type in RECORDS.items():
            if record_type.synced and kind not in (CATALOGUE, "product"):
                for record in work.scalars(sa.select(record_type)):
                    values = {name: to_wire(value) for name, value in record.plain().items() if value is not None}
                    found[str(record.id)] = (kind, record.revision, values)
    return found


def _held_by_office(world: World, agent: str) -> Held:
    with world.database.read(agent) as rows:
        found = rows.all(rows.select(tables.record))
    return {
        row.id: (row.kind, row.revision, {name: value for name, value in row.body.items() if value is not None})
        for row in found
    }


def _check_journal(world: World, machine: Machine) -> None:
    """Every entry of the desk is in the ledger, once, nothing of it waits, and its chain verifies."""
    with machine.store.read(machine.actor) as work:
        mine = {str(entry_id) for entry_id in work.session.scalars(sa.select(Entry.id))}
        waiting = set(work.session.scalars(sa.select(Entry.state))) & {"pending"}
        assert audit.verify(work).sound
    with world.database.read(str(machine.staff_id)) as rows:
        ids = [row.id for row in rows.all(rows.select(tables.entry))]
    assert mine <= set(ids)
    assert len(ids) == len(set(ids))
    assert not waiting


def _check_feed(world: World, agent: str) -> None:
    """Each numbered change names as *was* what it replaced, so that nothing was overwritten unseen."""
    e = tables.entry.c
    with world.database.read(agent) as rows:
        feed = rows.all(rows.select(tables.entry, e.feed_number.is_not(None)).order_by(e.feed_number))
        newest = rows.find(tables.feed)
        texts = Texts(rows, feed)
    assert newest is not None
    assert [row.feed_number for row in feed] == sorted({row.feed_number for row in feed})
    assert not feed or feed[-1].feed_number <= newest.number
    states: dict[str, dict[str, Any]] = {}
    for row in feed:
        told = decode(texts.of(row), SealedEntry)
        if not Deed(told.deed).changes_record:
            continue
        state = states.setdefault(str(told.record_id), {})
        for name, (was, now) in (told.changes or {}).items():
            is_seen = told.deed == Deed.GRANT or state.get(name) == was
            assert is_seen, f"{told.deed} of {name} replaced {state.get(name)!r}, not {was!r}"
            state[name] = now


def _erased(world: World) -> set[str]:
    """The records that were erased."""
    found: set[str] = set()
    for agent in map(str, world.agents):
        with world.database.read(agent) as rows:
            found |= {row.id for row in rows.all(rows.select(tables.moved, tables.moved.c.to_agent == ""))}
    return found


def _check_erased(world: World, gone: set[str]) -> None:
    """No text of what was erased is at head office or on a desk, nor on a desk what was handed over."""
    e = tables.entry.c
    for agent in map(str, world.agents):
        with world.database.read(agent) as rows:
            told = rows.all(rows.select(tables.entry, e.deed.not_in(TEXTLESS), e.digest.is_(None)))
            blocks = rows.all(rows.select(tables.block))
        assert not gone & {row.record_id for row in told}
        parts = [text for block in blocks for text in texts_of(block.sealed) if text != GONE]
        kept = [decode(text, SealedEntry) for text in parts]
        assert not gone & {str(entry.record_id) for entry in kept if entry.deed not in TEXTLESS}
    for machine in world.machines:
        with world.database.read(str(machine.staff_id)) as rows:
            away = {row.id for row in rows.all(rows.select(tables.moved))}
        with machine.store.read(machine.actor) as work:
            texts = sa.select(Entry.record_id).where(Entry.changes.is_not(None), Entry.deed.not_in(TEXTLESS))
            found = sa.select(Received.record_id).where(Received.deed.not_in(TEXTLESS))
            packed = work.session.scalars(sa.select(ReceivedBlock.entries))
            came = [one for block in packed for one in read(PullPage([], 0, 0, unpack(block, FeedColumns)))]
            there = {one.record_id for one in came if one.deed not in TEXTLESS}
            assert not away & set(map(str, (*work.session.scalars(texts), *work.session.scalars(found), *there)))
            assert not away & set(work.session.scalars(sa.select(Conflict.record_id)))


class _Seen:
    """Where a typed value may be: in the record, in a conflict, among what was replaced, in quarantine, or among what
    somebody had before his eyes when he chose another."""

    def __init__(self, world: World) -> None:
        self._found: dict[tuple[str, str], list[Any]] = {}
        for agent in map(str, world.agents):
            for key, (_kind, _revision, values) in _held_by_office(world, agent).items():
                for name, value in values.items():
                    self._add(key, name, value)
            with world.database.read(agent) as rows:
                found = rows.all(rows.select(tables.entry))
                texts = Texts(rows, found)
                for row in found:
                    if text := texts.of(row):
                        self._add_replaced(row.result, decode(text, SealedEntry))
        for machine in world.machines:
            with machine.store.read(machine.actor) as work:
                for conflict in work.scalars(sa.select(Conflict)):
                    self._add(conflict.record_id, conflict.field_name, conflict.mine.get("value"))
        for chosen in world.seen:
            self._add(chosen.customer, chosen.name, chosen.value)

    def has(self, typed: Typed) -> bool:
        """Whether a value is there; a line of a note may stand among others."""
        found = self._found.get((typed.customer, typed.name), [])
        if typed.name == "remark":
            return any(typed.value in text.splitlines() for text in found if text)
        return typed.value in found

    def _add(self, key: str, name: str, value: Any) -> None:
        self._found.setdefault((key, name), []).append(value)

    def _add_replaced(self, result: str, entry: SealedEntry) -> None:
        if entry.kind != "customer":
            return
        for name, (was, now) in (entry.changes or {}).items():
            self._add(str(entry.record_id), name, was)
            # Head office's word on a field that it owns needs nobody's choice: the journal alone keeps what lost.
            if result == REFUSED or name == "score":
                self._add(str(entry.record_id), name, now)
