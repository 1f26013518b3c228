"""Late entries: what a former agent's desk sent after a hand-over is told to the agent who has the record now."""

from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import cards, departures, erasure, tables
from insuragent.headoffice.assignments import hands, move
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.departures import Departed, mark_moved
from insuragent.headoffice.hand import Hand
from insuragent.headoffice.statements import prepared
from insuragent.models import Deed
from insuragent.sync import codec, hanging
from insuragent.sync.protocol import SealedEntry, decode
from insuragent.sync.protocol.files import OPEN

_CARRIED = ("id", "record_id", "from_agent", "device", "number", "sealed")


#: Whether something waits to be told to an agent, or bytes that a former one may have sent.
IS_DUE = sa.or_(
    sa.exists(prepared(sa.select(tables.late.c.id), tables.late)),
    sa.exists(prepared(sa.select(tables.file.c.sha256).where(tables.file.c.state == OPEN), tables.file)),
)


def deliver(database: Database, agent: str) -> bool:
    """Tell an agent's feed what former owners of his records had typed: a new record comes as one, a change as a
    conflict for a person to look at. What was handed on meanwhile follows the record.

    Returns whether something was erased, as a former owner had been asked to.
    """
    erased = False
    with database.read(agent) as rows:
        senders = sorted(rows.count(tables.late.c.from_agent))
        waits = rows.exists(tables.file, tables.file.c.state == OPEN)
    for sender in senders:
        with database.begin(agent) as rows:
            old, new = hands(rows, sender, agent)
            erased |= _Delivery(old, new).run()
            old.rest()
            new.rest()
    if waits or senders:
        with database.begin(agent) as rows:
            _take_files(rows)
    return erased


def _take_files(rows: Rows) -> None:
    """Bytes that a former agent's desk sent after a hand-over are there for the new one."""
    f, r = tables.file.c, tables.record.c
    lacking = [row.sha256 for row in rows.all(rows.select(tables.file, f.state == OPEN))]
    handed = rows.all(rows.select(tables.record, r.former.is_not(None)))
    for agent in sorted({one for row in handed for one in row.former or ()}):
        theirs = rows.of(agent)
        for row in theirs.all(theirs.select(tables.file, f.state != OPEN, theirs.one_of(f.sha256, lacking))):
            sent = {name: row._mapping[name] for name in ("place", "state", "code", "media", "size", "at")}
            rows.update(tables.file, sent, f.sha256 == row.sha256)


class _Delivery:
    """What one former agent sent to another, delivered in one transaction."""

    def __init__(self, old: Hand, new: Hand) -> None:
        self._old, self._new = old, new
        self._made: set[str] = set()

    def run(self) -> bool:
        """Deliver all of it, in the order in which it was typed on each device; returns whether that erased any."""
        rows, late = self._new.rows, tables.late.c
        mine = late.from_agent == self._old.rows.agent
        waiting = rows.all(rows.select(tables.late, mine).order_by(late.device, late.number))
        rows.delete(tables.late, mine)
        entries = [(row, decode(row.sealed.encode(), SealedEntry)) for row in waiting]
        held = rows.pairs(tables.record.c.kind, [row.record_id for row in waiting]).keys()
        gone = departures.of(rows, [entry for _row, entry in entries], held)
        for row, entry in entries:
            if entry.deed == Deed.CREATE and row.record_id not in gone:
                self._fetch(entry)
        cards.lend(self._new, [self._old.rows.agent])  # so that whoever must choose reads a name
        for row, entry in entries:
            if row.record_id in gone:
                self._hand_on(row, entry, gone[row.record_id])
            else:
                self._tell(row, entry)
        return any(entry.deed == Deed.ERASE and row.record_id not in gone for row, entry in entries)

    def _fetch(self, entry: SealedEntry) -> None:
        """What hangs on a late record may have come before it, when nobody could know where it belonged."""
        root, rows = str(entry.record_id), self._old.rows
        held = rows.all(rows.select(tables.record))
        if any(root in hanging.parents(row.kind, row.body) for row in held):
            move(self._old, self._new, held, root, entry.kind)

    def _hand_on(self, row: sa.Row[Any], entry: SealedEntry, gone: Departed) -> None:
        rows = self._new.rows
        mark_moved(rows, {row.record_id: entry.kind}, gone.root, gone.to_agent)
        if gone.to_agent:
            kept = {column: row._mapping[column] for column in _CARRIED}
            rows.of(gone.to_agent).insert(tables.late, kept)

    def _tell(self, row: sa.Row[Any], entry: SealedEntry) -> None:
        if entry.deed == Deed.ERASE:
            self._erase(entry, row.device)
            return
        r = tables.record.c
        held = self._new.rows.find(tables.record, r.id == row.record_id)
        whose = {"at": entry.at, "actor_id": entry.actor_id, "device_id": row.device}
        changes = dict(entry.changes or {})
        if held is None or row.record_id in self._made:
            self._made.add(row.record_id)
            base = held.revision if held else 0
            self._new.change(entry.kind, row.record_id, self._cut(entry.kind, changes), base, **whose)
            return
        told = {name: pair for name, pair in changes.items() if held.body.get(name) != pair[1]}
        if told:
            self._new.tell(Deed.LATE, held.kind, held.id, told, held.revision, **whose)

    def _erase(self, entry: SealedEntry, device: str) -> None:
        """The customer asked the former agent to be erased, who could not know yet: it is done all the same."""
        record_id = str(entry.record_id)
        ids = erasure.erase(self._new.rows, record_id, f"{self._old.rows.agent}/{device}")
        self._new.tell(Deed.ERASE, entry.kind, record_id, {"records": [None, sorted(ids)]}, 0)

    def _cut(self, kind: str, changes: dict[str, Any]) -> dict[str, Any]:
        """The changes without links to what the new agent does not have."""
        pointed = hanging.links(kind, codec.now_of(changes))
        there = self._new.rows.pairs(tables.record.c.kind, pointed.values()).keys()
        return {name: pair for name, pair in changes.items() if name not in pointed or pointed[name] in there}
