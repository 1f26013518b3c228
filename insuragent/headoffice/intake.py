"""Taking entries into one agent's ledger: compared, numbered, chained and stored in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from insuragent.headoffice import departures, erasure, tables
from insuragent.headoffice.database import Rows
from insuragent.headoffice.judging import REASONS, Held, Judge, Verdict, changes_record, links, touches_record
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.models.journal import link_chain
from insuragent.sync.protocol import MOVED, Answer, SealedEntry

_clock = Moment()


@dataclass(frozen=True)
class Incoming:
    """An entry as it came: the bytes that its desk sealed, what they say, and the revision that it rests on."""

    sealed: bytes
    entry: SealedEntry
    base: int | None

    @property
    def id(self) -> str:
        return str(self.entry.id)


class Intake:
    """One push under way. ``number`` is the feed's newest, ``chain`` the hash of the device's journal so far."""

    def __init__(self, rows: Rows, device: str, number: int, chain: bytes, *, office: bool = False) -> None:
        self.number, self.chain = number, chain
        self._rows, self._device = rows, device
        self._office = office
        self._received = _clock.process_bind_param(utc_now(), None)  # type: ignore[arg-type]
        self._entries: list[dict[str, Any]] = []

    def take(self, coming: Sequence[Incoming], known: Iterable[str] = ()) -> list[Answer]:
        """Judge and store entries in their order; those whose id is ``known`` only lengthen the chain."""
        there = set(known)
        fresh = [one for one in coming if one.id not in there]
        held = self._held(fresh)
        departed = departures.of(self._rows, [one.entry for one in fresh], held)
        judge = Judge(held, self._linked(fresh, held), self._office, departed)
        answers = []
        for one in coming:
            self.chain = link_chain(self.chain, sha256(one.sealed).digest())
            if one.id not in there:
                verdict = judge.judge(one.entry, one.base)
                self._enter(one, verdict)
                if verdict.result == MOVED:
                    departed[str(one.entry.record_id)].keep(self._rows, self._device, one.entry, self._entries[-1])
                answers.append(answer_of(one.entry.number, one.entry.id, verdict))
        changed = [{"id": key, **vars(judge.held[key])} for key in judge.changed]
        self._rows.upsert_many(tables.record, changed)
        self._keep_entries()
        for one in fresh:
            if one.entry.deed == Deed.ERASE and str(one.entry.record_id) in held:
                erasure.erase(self._rows, str(one.entry.record_id))
        return answers

    def note(self, one: Incoming, verdict: Verdict) -> None:
        """Store an entry of head office itself whose verdict is known, as what it tells is done."""
        self.chain = link_chain(self.chain, sha256(one.sealed).digest())
        self._enter(one, verdict)
        self._keep_entries()

    def _keep_entries(self) -> None:
        self._rows.insert_many(tables.entry, self._entries)
        self._entries = []

    def _held(self, fresh: Sequence[Incoming]) -> dict[str, Held]:
        wanted = {str(one.entry.record_id) for one in fresh if touches_record(one.entry)}
        if not wanted:
            return {}
        found = self._rows.select(tables.record, self._rows.one_of(tables.record.c.id, wanted))
        return {row.id: Held(row.kind, row.revision, row.body) for row in self._rows.all(found)}

    def _linked(self, fresh: Sequence[Incoming], held: Mapping[str, Held]) -> set[str]:
        """Those of the records that the entries link to which are there, but not among the held."""
        wanted = {link for one in fresh if changes_record(one.entry) for link in links(one.entry)} - held.keys()
        if not wanted:
            return set()
        return self._rows.ids(tables.record, wanted)

    def _enter(self, one: Incoming, verdict: Verdict) -> None:
        entry = one.entry
        if verdict.numbered:
            self.number += 1
        self._entries.append(
            {
                "device": self._device,
                "number": entry.number,
                "feed_number": self.number if verdict.numbered else None,
                "id": one.id,
                "deed": entry.deed,
                "kind": entry.kind,
                "record_id": str(entry.record_id) if entry.record_id else None,
                "actor_id": str(entry.actor_id) if entry.actor_id else None,
                "sealed": one.sealed.decode(),
                "base": one.base,
                "chain": self.chain.hex(),
                "result": verdict.result,
                "revision": verdict.revision,
                "code": verdict.code,
                "received_at": self._received,
                "digest": None,
            }
        )


def answer_of(number: int, entry_id: Any, verdict: Verdict) -> Answer:
    """A verdict in words for the desk."""
    return Answer(number, entry_id, verdict.result, verdict.revision, verdict.code, REASONS.get(verdict.code, ""))
