"""Taking entries into one agent's ledger: compared, numbered, chained and stored in one transaction."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Raw

from insuragent.headoffice import blocks, departures, erasure, statements, tables
from insuragent.headoffice.database import Rows
from insuragent.headoffice.judging import REASONS, Held, Judge, Verdict, changes_record
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.models.journal import link_chain
from insuragent.sync import codec
from insuragent.sync.protocol import MOVED, REFUSED, Answer, Push, SealedEntry
from insuragent.sync.protocol.columns import Columns, picks, turn
from insuragent.sync.protocol.files import OPEN

#: JSON's escape of the character NUL. Behind a backslash of the text itself it is none, so a find is looked at; and as
#: one byte is found sooner than six, the backslash is looked for first.
_BACKSLASH, _NUL = b"\\", rb"\u0000"
_NO_TEXT = Verdict(REFUSED, code="bad_value")


@dataclass(slots=True)
class Incoming:
    """An entry as it came: the bytes that its desk sealed, what they say, the revision that it rests on, and what its
    changes tell."""

    sealed: bytes
    entry: SealedEntry
    base: int | None
    told: codec.Told
    id: str
    record_id: str | None
    #: Whether it changes a record.
    changes: bool

    @staticmethod
    def of(sealed: bytes, entry: SealedEntry, base: int | None, told: codec.Told | None = None) -> "Incoming":
        """An entry with what its changes tell, where that was read before."""
        record_id = str(entry.record_id) if entry.record_id else None
        told = told or codec.read(entry.kind, entry.changes)
        return Incoming(sealed, entry, base, told, str(entry.id), record_id, changes_record(entry))

    @property
    def is_text(self) -> bool:
        """Whether every word within can be kept: one search over the bytes, and for nearly every entry no more."""
        if _BACKSLASH not in self.sealed or _NUL not in self.sealed:
            return True
        return not codec.has_nul(msgspec.to_builtins(self.entry))


def incoming(push: Push) -> list[Incoming]:
    """The entries of a push. Raises Refused "bad_message"."""
    told = push.told()
    read = _read_columns(push.columns, [entry for _base, _text, entry in told]) if push.columns else {}
    return [Incoming.of(bytes(text), entry, base, read.get(place)) for place, (base, text, entry) in enumerate(told)]


def _read_columns(columns: Columns, entries: Sequence[SealedEntry]) -> dict[int, codec.Told]:
    """What changes tell, by the places of their entries; columns that do not fit as a whole are left out."""
    by_shape: dict[int, list[int]] = {}
    for place, number in enumerate(columns.order):
        by_shape.setdefault(number, []).append(place)
    read: dict[int, codec.Told] = {}
    for number, shape in enumerate(columns.shapes):
        places = by_shape.get(number, [])
        kinds = {entries[place].kind for place in places}
        if len(kinds) == 1:
            read.update(zip(places, codec.read_columns(kinds.pop(), shape.names, shape.now), strict=False))
    return read


#: An entry, what becomes of it, its number in the feed, its block, the hash of a text that is not kept, and the chain.
_Entered = tuple[Incoming, Verdict, int | None, int | None, str | None, bytes]


@dataclass
class _Run:
    """Entries that lie in one block: the first one's number, the chain before it, and their places in the push."""

    first: int
    chain: bytes
    places: list[int] = field(default_factory=list)


class Intake:
    """One push under way. ``number`` is the feed's newest, ``chain`` the hash of the device's journal so far.

    What devices push lies in blocks; what head office itself (``office``) writes has its text in its row.
    """

    def __init__(self, rows: Rows, device: str, number: int, chain: bytes, *, office: bool = False) -> None:
        self.number, self.chain = number, chain
        self._rows, self._device = rows, device
        self._office = office
        self._received = Moment.plain(utc_now())
        self._entries: list[_Entered] = []
        self._runs: list[_Run] = []
        self._files: list[str] = []
        self._made: Counter[str] = Counter()
        self._recount = False

    def held(self, before: Mapping[str, int] | None) -> dict[str, int] | None:
        """How many records the agent has by kind, of how many there were; None where somebody must count them."""
        return None if before is None or self._recount else dict(self._made + Counter(before))

    def take(
        self, coming: Sequence[Incoming], known: Iterable[str] = (), columns: Columns | None = None
    ) -> list[Answer]:
        """Judge and store entries in their order; those whose id is ``known`` only lengthen the chain.

        ``columns`` are those that the entries came in.
        """
        there = set(known)
        fresh = [one for one in coming if one.id not in there]
        held = self._held(fresh)
        departed = departures.of(self._rows, [one.entry for one in fresh], held)
        judge = Judge(held, self._linked(fresh, held), self._office, self._rows.agent, departed)
        answers: list[Answer] = []
        blotted: set[int] = set()
        run = None
        for place, one in enumerate(coming):
            before, self.chain = self.chain, link_chain(self.chain, sha256(one.sealed).digest())
            if one.id in there:
                run = None
                continue
            verdict = judge.judge(one.entry, one.base, one.told) if one.is_text else _NO_TEXT
            run = self._run(run, one.entry.number, before)
            run.places.append(place)
            digest = None
            if gone := departed.get(one.record_id or ""):
                if verdict.result == MOVED:
                    gone.keep(self._rows, self._device, one.entry, one.sealed.decode())
                if gone.blots(self._rows, one.entry):
                    blotted.add(place)
                    digest = sha256(one.sealed).hexdigest()
            self._enter(one, verdict, run.first, digest)
            answers.append(answer_of(one.entry.number, one.entry.id, verdict))
        self._made.update(judge.held[key].kind for key in judge.made)
        with self._rows.together():
            self._keep_records({key: judge.held[key] for key in judge.changed})
            self._keep(coming, columns, blotted)
            self._expect_files()
        for one in fresh:
            if one.entry.deed == Deed.ERASE and one.record_id in held:
                self._recount = True
                erasure.erase(self._rows, one.record_id, f"{self._rows.agent}/{self._device}")
        return answers

    def note(self, one: Incoming, verdict: Verdict) -> None:
        """Store an entry of head office itself whose verdict is known, as what it tells is done."""
        self.chain = link_chain(self.chain, sha256(one.sealed).digest())
        self._enter(one, verdict)
        self._keep_rows()

    def _run(self, run: _Run | None, number: int, chain: bytes) -> _Run:
        """The run in which the entry of this number lies."""
        if run is None or len(run.places) == blocks.MOST:
            run = _Run(number, chain)
            self._runs.append(run)
        return run

    def _keep_records(self, changed: Mapping[str, Held]) -> None:
        if not changed:
            return
        held = changed.values()
        columns: dict[str, Sequence[Any]] = {
            "id": list(changed),
            "kind": [one.kind for one in held],
            "revision": [one.revision for one in held],
            "body": [one.body for one in held],
        }
        self._rows.enter_sealed(tables.record, columns, statements.REPLACE)

    def _keep(self, coming: Sequence[Incoming], columns: Columns | None, blotted: set[int]) -> None:
        """Store the entries, and what they came in as blocks; but nothing of the text of those that are ``blotted``."""
        self._keep_rows()
        runs, self._runs = self._runs, []
        if self._office or not runs:
            return
        if columns is None or blotted:
            columns = turn(blocks.GONE if place in blotted else Raw(one.sealed) for place, one in enumerate(coming))
        is_one = len(runs) == 1 and len(runs[0].places) == len(columns.order)
        told = [columns] if is_one else picks(columns, (run.places for run in runs))
        kept = []
        for run, theirs in zip(runs, told, strict=True):
            sealed = blocks.packed([len(coming[place].sealed) for place in run.places], theirs)
            kept.append({"device": self._device, "first": run.first, "chain": run.chain.hex(), "sealed": sealed})
        self._rows.insert_many(tables.block, kept)

    def _keep_rows(self) -> None:
        told, self._entries = self._entries, []
        if not told:
            return
        same: dict[str, Any] = {"device": self._device, "received_at": self._received}
        if self._office:
            sealed = {
                "sealed": [one.sealed.decode() for one, *_more in told],
                "chain": [chain.hex() for *_more, chain in told],
            }
            every = {name: [value] * len(told) for name, value in same.items()}
            self._rows.enter_sealed(tables.entry, _columns_of(told) | sealed | every)
        else:
            self._rows.enter(tables.entry, _columns_of(told), sealed="", chain="", **same)

    def _expect_files(self) -> None:
        """Wait for the bytes that records name from now on; what is waited for or there already stays as it is."""
        fresh = {"state": OPEN, "code": "", "media": "", "size": 0, "at": self._received}
        rows = [{"sha256": one, "place": secrets.token_hex(16), **fresh} for one in dict.fromkeys(self._files)]
        self._rows.insert_missing(tables.file, rows)

    def _held(self, fresh: Sequence[Incoming]) -> dict[str, Held]:
        wanted = {one.record_id for one in fresh if one.record_id and (one.changes or one.entry.deed == Deed.ERASE)}
        found = self._rows.among(tables.record.c.id, wanted)
        return {row.id: Held(row.kind, row.revision, row.body) for row in found}

    def _linked(self, fresh: Sequence[Incoming], held: Mapping[str, Held]) -> dict[str, str]:
        """The kinds of the records that the entries link to and that are there, but not among the held."""
        wanted = {key for one in fresh if one.changes for _kind, key in one.told.links} - held.keys()
        return self._rows.pairs(tables.record.c.kind, wanted)

    def _enter(self, one: Incoming, verdict: Verdict, block: int | None = None, digest: str | None = None) -> None:
        if verdict.numbered:
            self.number += 1
        if verdict.numbered or verdict.result == MOVED:
            self._files += one.told.contents
        number = self.number if verdict.numbered else None
        self._entries.append((one, verdict, number, None if self._office else block, digest, self.chain))


def _columns_of(told: Sequence[_Entered]) -> dict[str, Sequence[Any]]:
    """The columns in which the rows of entries differ."""
    ones, verdicts, numbers, places, digests, _chains = zip(*told, strict=True)
    entries = [one.entry for one in ones]
    return {
        "number": [entry.number for entry in entries],
        "feed_number": numbers,
        "id": [one.id for one in ones],
        "deed": [entry.deed for entry in entries],
        "kind": [entry.kind for entry in entries],
        "record_id": [one.record_id for one in ones],
        "actor_id": [str(entry.actor_id) if entry.actor_id else None for entry in entries],
        "base": [one.base for one in ones],
        "result": [verdict.result for verdict in verdicts],
        "revision": [verdict.revision for verdict in verdicts],
        "code": [verdict.code for verdict in verdicts],
        "digest": digests,
        "block": places,
    }


def answer_of(number: int, entry_id: Any, verdict: Verdict) -> Answer:
    """A verdict in words for the desk."""
    return Answer(number, entry_id, verdict.result, verdict.revision, verdict.code, REASONS.get(verdict.code, ""))
