"""Taking entries into one agent's ledger: compared, numbered, chained and stored in one transaction."""

import functools
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from insuragent.headoffice import departures, erasure, tables
from insuragent.headoffice.database import Rows
from insuragent.headoffice.judging import REASONS, Held, Judge, Verdict, changes_record, touches_record
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.models.journal import link_chain
from insuragent.sync import codec
from insuragent.sync.protocol import MOVED, REFUSED, Answer, SealedEntry
from insuragent.sync.protocol.files import OPEN

_clock = Moment()
#: JSON's escape of the character NUL. Behind a backslash of the text itself it is none, so a find is looked at.
_NUL = rb"\u0000"
_NO_TEXT = Verdict(REFUSED, code="bad_value")


@dataclass(frozen=True)
class Incoming:
    """An entry as it came: the bytes that its desk sealed, what they say, and the revision that it rests on."""

    sealed: bytes
    entry: SealedEntry
    base: int | None

    @functools.cached_property
    def id(self) -> str:
        return str(self.entry.id)

    @functools.cached_property
    def told(self) -> codec.Told:
        """What its changes tell."""
        return codec.read(self.entry.kind, self.entry.changes)

    @property
    def is_text(self) -> bool:
        """Whether every word within can be kept: one search over the bytes, and for nearly every entry no more."""
        return _NUL not in self.sealed or not codec.has_nul(msgspec.to_builtins(self.entry))


class Intake:
    """One push under way. ``number`` is the feed's newest, ``chain`` the hash of the device's journal so far."""

    def __init__(self, rows: Rows, device: str, number: int, chain: bytes, *, office: bool = False) -> None:
        self.number, self.chain = number, chain
        self._rows, self._device = rows, device
        self._office = office
        self._received = _clock.process_bind_param(utc_now(), None)  # type: ignore[arg-type]
        self._entries: list[dict[str, Any]] = []
        self._files: list[str] = []
        self._made: Counter[str] = Counter()
        self._recount = False

    def held(self, before: Mapping[str, int] | None) -> dict[str, int] | None:
        """How many records the agent has by kind, of how many there were; None where somebody must count them."""
        return None if before is None or self._recount else dict(self._made + Counter(before))

    def take(self, coming: Sequence[Incoming], known: Iterable[str] = ()) -> list[Answer]:
        """Judge and store entries in their order; those whose id is ``known`` only lengthen the chain."""
        there = set(known)
        fresh = [one for one in coming if one.id not in there]
        held = self._held(fresh)
        departed = departures.of(self._rows, [one.entry for one in fresh], held)
        judge = Judge(held, self._linked(fresh, held), self._office, self._rows.agent, departed)
        answers = []
        for one in coming:
            self.chain = link_chain(self.chain, sha256(one.sealed).digest())
            if one.id not in there:
                verdict = judge.judge(one.entry, one.base, one.told) if one.is_text else _NO_TEXT
                self._enter(one, verdict)
                if gone := departed.get(str(one.entry.record_id)):
                    if verdict.result == MOVED:
                        gone.keep(self._rows, self._device, one.entry, self._entries[-1])
                    gone.blot(self._rows, one.entry, self._entries[-1])
                answers.append(answer_of(one.entry.number, one.entry.id, verdict))
        self._made.update(judge.held[key].kind for key in judge.made)
        changed = [{"id": key, **vars(judge.held[key])} for key in judge.changed]
        self._rows.upsert_many(tables.record, changed)
        self._keep_entries()
        self._expect_files()
        for one in fresh:
            if one.entry.deed == Deed.ERASE and str(one.entry.record_id) in held:
                self._recount = True
                erasure.erase(self._rows, str(one.entry.record_id), f"{self._rows.agent}/{self._device}")
        return answers

    def note(self, one: Incoming, verdict: Verdict) -> None:
        """Store an entry of head office itself whose verdict is known, as what it tells is done."""
        self.chain = link_chain(self.chain, sha256(one.sealed).digest())
        self._enter(one, verdict)
        self._keep_entries()

    def _keep_entries(self) -> None:
        self._rows.insert_many(tables.entry, self._entries)
        self._entries = []

    def _expect_files(self) -> None:
        """Wait for the bytes that records name from now on; what is waited for or there already stays as it is."""
        fresh = {"state": OPEN, "code": "", "media": "", "size": 0, "at": self._received}
        rows = [{"sha256": one, "place": secrets.token_hex(16), **fresh} for one in dict.fromkeys(self._files)]
        self._rows.insert_missing(tables.file, rows)

    def _held(self, fresh: Sequence[Incoming]) -> dict[str, Held]:
        wanted = {str(one.entry.record_id) for one in fresh if touches_record(one.entry)}
        found = self._rows.among(tables.record.c.id, wanted)
        return {row.id: Held(row.kind, row.revision, row.body) for row in found}

    def _linked(self, fresh: Sequence[Incoming], held: Mapping[str, Held]) -> dict[str, str]:
        """The kinds of the records that the entries link to and that are there, but not among the held."""
        telling = (one.told for one in fresh if changes_record(one.entry))
        wanted = {key for told in telling for _kind, key in told.links} - held.keys()
        return self._rows.pairs(tables.record.c.kind, wanted)

    def _enter(self, one: Incoming, verdict: Verdict) -> None:
        entry = one.entry
        if verdict.numbered:
            self.number += 1
        if verdict.numbered or verdict.result == MOVED:
            self._files += one.told.contents
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
