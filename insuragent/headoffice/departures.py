"""Records that an agent had: what his desks still send about them is kept for whoever has them now."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from insuragent.headoffice import tables
from insuragent.headoffice.database import Rows
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.sync import hanging
from insuragent.sync.protocol import SealedEntry

#: These name ids, never a text.
TEXTLESS = tuple(deed.value for deed in (Deed.WITHDRAW, Deed.ERASE, Deed.WIPE))


@dataclass(frozen=True)
class Departed:
    """Where a record went: ``root`` is what it hung on, ``to_agent`` is empty when it was erased."""

    root: str
    to_agent: str

    def keep(self, rows: Rows, device: str, entry: SealedEntry, text: str) -> None:
        """Keep an entry of a former owner for the new one: its ``text`` goes there."""
        record_id = str(entry.record_id)
        mark_moved(rows, {record_id: entry.kind}, self.root, self.to_agent)
        if self.to_agent:
            told = {"id": str(entry.id), "record_id": record_id, "number": entry.number, "sealed": text}
            rows.of(self.to_agent).insert(tables.late, told | {"from_agent": rows.agent, "device": device})

    def blots(self, rows: Rows, entry: SealedEntry) -> bool:
        """Whether not even the text of an entry is stored: of what was erased only the hash of a later one is."""
        if self.to_agent or entry.deed in TEXTLESS:
            return False
        mark_moved(rows, {str(entry.record_id): entry.kind}, self.root, self.to_agent)
        return True


def of(rows: Rows, entries: Sequence[SealedEntry], held: Container[str]) -> dict[str, Departed]:
    """Those of the records that entries tell of which went elsewhere, by id.

    What is new and hangs on a record that went follows it, in whatever order it comes.
    """
    if not rows.has(tables.moved):
        return {}
    strange = [entry for entry in entries if entry.record_id is not None and str(entry.record_id) not in held]
    above = {
        str(entry.record_id): hanging.parents(entry.kind, hanging.now_of(entry.changes))
        for entry in strange
        if entry.deed == Deed.CREATE
    }
    wanted = {str(entry.record_id) for entry in strange} | {one for parents in above.values() for one in parents}
    if not wanted:
        return {}
    moved = rows.among(tables.moved.c.id, wanted)
    found = {row.id: Departed(row.root, row.to_agent) for row in moved}
    ahead = dict(above) if found else {}
    while following := {key: found[one] for key in ahead.keys() - found for one in ahead[key] if one in found}:
        found |= following
    return found


def mark_moved(rows: Rows, kinds: Mapping[str, str], root: str, to_agent: str) -> None:
    """Note that records, whose ``kinds`` go by their ids, are this agent's no more since now."""
    rows.delete(tables.moved, rows.one_of(tables.moved.c.id, kinds))
    gone = {"root": root, "to_agent": to_agent, "at": utc_now()}
    if kinds:
        rows.insert(tables.moved, *({"id": key, "kind": kind} | gone for key, kind in kinds.items()))
