"""The messages between desk and head office, one struct each, shared by both sides, and how they are packed.

Here are those of a pass (greet, pull, push, receipt); each other subject has a module of its own beside this one.
"""

import datetime as dt
import uuid
from typing import Annotated, Any, TypeVar

import msgspec
import zstandard
from msgspec import Meta, Raw

from insuragent.errors import Refused
from insuragent.i18n import N_
from insuragent.sync.protocol.columns import Columns, entries, turn, turn_back
from insuragent.sync.protocol.parts import Hash, Instant, Number, Positive, Reason, Word, fit

#: The version that this program speaks, told in every request's header, and the oldest that it serves for either way.
VERSION = 4
PULL_FROM, PUSH_FROM = 1, 1
#: The day from which on each older version had a newer one beside it.
SUPERSEDED = {1: dt.date(2026, 11, 26), 2: dt.date(2026, 11, 26), 3: dt.date(2026, 11, 27)}
#: From this version on entries go in columns.
COLUMNS_FROM = 3
HEADER = "insuragent-protocol"
MEDIA_TYPE = "application/vnd.insuragent+zstd"
#: What a device's signature covers (RFC 9421), and the tag that keeps it apart from signatures for other ends.
COMPONENTS = ("@method", "@authority", "@path", "@query", "content-digest", "content-type", HEADER)
TAG = "insuragent-sync"
#: A batch or a page ends at so many entries or bytes, whichever comes first; a first entry is sent whatever its size.
#: No message ever has more entries than the third.
BATCH_ENTRIES, BATCH_BYTES, MOST_ENTRIES = 1000, 256 * 1024, 5000
#: The page that comes with a greeting is a small one: over a bad line a greeting must not be heavy.
GLANCE_ENTRIES, GLANCE_BYTES = 100, 48 * 1024
#: The largest packed body, and what it may become unpacked: a longer one is an attack or a bug.
LARGEST_BODY, LARGEST_MESSAGE = 8 * 1024**2, 64 * 1024**2
#: Clocks may differ by so much without being told.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
#: The feeds that a desk reads: its agent's own, and that of the products.
OWN, CATALOGUE = "own", "catalogue"
#: What may become of an entry. ``told``: for the audit only, it changes no record. ``moved``: the record was handed
#: over, and the entry goes to whoever has it now.
ACCEPTED, STALE, REFUSED, TOLD, MOVED = "accepted", "stale", "refused", "told", "moved"
#: The journal has other entries by the same numbers than head office: a restored backup or a copied disk.
RENUMBERED = N_("本设备的日志与总公司的记录不符：可能恢复过备份或复制过磁盘，请重新登记本设备")
#: As small as zstd's level 8 in half of its time: among random ids short matches save nothing, and are not looked for.
_PACKING = zstandard.ZstdCompressionParameters.from_level(1, strategy=zstandard.STRATEGY_LAZY2, min_match=6)


class Hello(msgspec.Struct, frozen=True):
    """How a desk opens a pass: its journal's newest number, the last one whose answer it holds, and its clock.

    ``limit`` is how many answers it takes at once, ``seal_key`` the key by which it seals documents, ``near`` that it
    follows the list of those keys that it can meet, not of all. With ``cursors`` of feeds it asks for the first, small
    page of each in the same answer, in columns.
    """

    newest: Number
    settled: Number
    now: Instant
    limit: Annotated[int, Meta(ge=1, le=MOST_ENTRIES)] = BATCH_ENTRIES
    seal_key: Hash = ""
    cursors: dict[str, Number] = {}
    near: bool = False


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What became of one entry. ``revision`` is the record's afterwards; ``words`` tell a person why it was refused."""

    number: Positive
    id: uuid.UUID
    result: Word
    revision: Number = 0
    code: Word = ""
    words: str = ""


class Pull(msgspec.Struct, frozen=True):
    """Ask for what a feed holds after ``cursor`` up to ``head`` (0: up to what there is now).

    A page has at most ``limit`` entries and ``size`` bytes of them; it comes in ``columns`` when the desk reads such.
    """

    feed: Word
    cursor: Number
    head: Number = 0
    limit: Annotated[int, Meta(ge=1, le=MOST_ENTRIES)] = BATCH_ENTRIES
    size: Positive = BATCH_BYTES
    columns: bool = False


class SealedEntry(msgspec.Struct, frozen=True, array_like=True):
    """A journal entry in the order of ``Entry.SEALED``: its JSON is what the journal's digest covers, byte for byte."""

    number: Positive
    id: uuid.UUID
    at: Instant
    deed: Word
    kind: Word
    record_id: uuid.UUID | None
    changes: dict[str, Any] | None
    reason: Reason
    actor_id: uuid.UUID | None
    device_id: Word
    version: Word


class FeedItem(msgspec.Struct, frozen=True, array_like=True):
    """One numbered entry of a feed as its desk sealed it, the revision that it made, and who that was by name.

    ``device`` is the one that signed for it: an entry may be older than its desk's present name.
    """

    number: Positive
    revision: Number
    actor_name: str
    sealed: Raw
    device: Word = ""


class FeedColumns(msgspec.Struct, frozen=True, array_like=True):
    """Items of a feed in columns."""

    numbers: list[Positive]
    revisions: list[Number]
    actor_names: list[str]
    devices: list[Word]
    sealed: Columns


class PullPage(msgspec.Struct, frozen=True):
    """A page of a feed, read up to ``head``; ``cursor`` is where the next one starts.

    On the wire the items may be in columns instead.
    """

    items: list[FeedItem]
    cursor: Number
    head: Number
    columns: FeedColumns | None = None

    @property
    def more(self) -> bool:
        """Whether the feed goes on after this page."""
        return self.cursor < self.head

    @property
    def count(self) -> int:
        """How many entries it has."""
        return len(self.items if self.columns is None else self.columns.numbers)

    def turned(self) -> "PullPage":
        """The same in columns."""
        if self.columns is not None:
            return self
        items = self.items
        columns = FeedColumns(
            [one.number for one in items],
            [one.revision for one in items],
            [one.actor_name for one in items],
            [one.device for one in items],
            turn(one.sealed for one in items),
        )
        return PullPage([], self.cursor, self.head, columns)

    def straight(self) -> "PullPage":
        """The same with its items. Raises Refused "bad_message"."""
        if self.columns is None:
            return self
        c = self.columns
        told = zip(c.numbers, c.revisions, c.actor_names, _sealed(c.sealed), c.devices, strict=True)
        try:
            return PullPage([FeedItem(*one) for one in told], self.cursor, self.head)
        except ValueError as error:
            raise Refused("bad_message", BAD_MESSAGE) from error


class HelloAnswer(msgspec.Struct, frozen=True):
    """``last`` is the newest entry that head office took; ``answers`` are those that the desk has not settled yet.

    More answers may remain than one message takes: then the desk greets again. ``feeds`` is how far each feed is, and
    ``pages`` are those that the desk asked for; a feed with nothing new has none. ``sealers`` is the number of the
    newest change in the list of keys that the desk follows.
    """

    now: Instant
    last: Number
    feeds: dict[str, int]
    answers: list[Answer] = []
    sealers: Number = 0
    pages: dict[str, PullPage] = {}


class PushEntry(msgspec.Struct, frozen=True, array_like=True):
    """An entry as it was sealed, and the revision of its record that it rests on.

    ``base`` is None for an entry that was merged away on the desk: a later entry tells its outcome.
    """

    base: Number | None
    sealed: Raw


class ReceiptAsked(msgspec.Struct, frozen=True):
    """Ask for a receipt over the entries from ``first`` on."""

    first: Positive


class Receipt(msgspec.Struct, frozen=True):
    """Head office's word: what it took of the entries ``first`` to ``last``, and what it holds of this agent.

    ``taken`` and ``held`` count records by type, ``refused`` entries, ``files`` the bytes beside records by state;
    ``chain`` is the journal's hash at ``last``, ``head`` the own feed's number. ``office_number`` and ``office_chain``
    are the newest act in head office's own journal, kept by each desk so that its end cannot vanish; for
    ``lease_days`` the desk opens without contact (0: for ever); after ``leave`` it destroys its keys, because
    everything of it is taken. ``signature`` is head office's Ed25519 over :func:`receipt_words`.
    """

    device: Word
    first: Positive
    last: Number
    chain: Hash
    head: Number
    taken: dict[str, int]
    held: dict[str, int]
    refused: Number
    now: Instant
    office_number: Number = 0
    office_chain: Hash = ""
    lease_days: Number = 0
    leave: bool = False
    signature: bytes = b""
    files: dict[str, int] = {}


class Push(msgspec.Struct, frozen=True):
    """Entries in the order of their numbers, without a gap; on the wire they may be in columns beside their bases.

    With ``receipt`` the desk asks for one over the entries from that number on, in the same answer.
    """

    entries: Annotated[list[PushEntry], Meta(max_length=MOST_ENTRIES)] = []
    bases: Annotated[list[Number | None], Meta(max_length=MOST_ENTRIES)] = []
    columns: Columns | None = None
    receipt: Number = 0

    def turned(self) -> "Push":
        """The same in columns."""
        if self.columns is not None:
            return self
        told = turn(one.sealed for one in self.entries)
        return Push([], [one.base for one in self.entries], told, self.receipt)

    def straight(self) -> "Push":
        """The same with its entries. Raises Refused "bad_message"."""
        if self.columns is None:
            return self
        told = zip(self.bases, _sealed(self.columns), strict=True)
        try:
            return Push([PushEntry(*one) for one in told], receipt=self.receipt)
        except ValueError as error:
            raise Refused("bad_message", BAD_MESSAGE) from error

    def told(self) -> list[tuple[Number | None, Raw, SealedEntry]]:
        """The base, the text and the content of each entry. Raises Refused "bad_message"."""
        if self.columns is None:
            return [(one.base, one.sealed, decode(one.sealed, SealedEntry)) for one in self.entries]
        try:
            found = entries(self.columns, LARGEST_MESSAGE)
            are_fit = fit(self.columns.parts)
            told = [SealedEntry(*parts) if parts and are_fit else decode(text, SealedEntry) for text, parts in found]
            return [(base, text, one) for base, (text, _p), one in zip(self.bases, found, told, strict=True)]
        except (ValueError, TypeError) as error:
            raise Refused("bad_message", BAD_MESSAGE) from error


class PushAnswer(msgspec.Struct, frozen=True):
    """The answers, and the own feed's number ``before`` and ``after`` this push.

    A desk whose cursor is ``before`` may jump to ``after`` when the push is ``clean``: nothing of others, and
    nothing that was taken earlier, lies between.
    """

    answers: list[Answer]
    before: Number
    after: Number
    clean: bool
    receipt: Receipt | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    """Why not: a stable code, words for a person, head office's clock, and for some codes a number or a signature."""

    code: Word
    words: str = ""
    now: Instant = ""
    expected: int = 0
    signature: bytes = b""


M = TypeVar("M")


def pack(message: msgspec.Struct) -> bytes:
    """A message as a request's or an answer's body."""
    return zstandard.ZstdCompressor(compression_params=_PACKING).compress(msgspec.json.encode(message))


def unpack(body: bytes, kind: type[M], limit: int = LARGEST_MESSAGE) -> M:
    """The message in a body. Raises Refused "bad_message" for anything else, also above ``limit`` bytes unpacked."""
    try:
        size = zstandard.frame_content_size(body)
        if not 0 <= size <= limit:  # pack() always tells the size; nothing is unpacked on trust
            raise Refused("bad_message", BAD_MESSAGE)
        return decode(zstandard.ZstdDecompressor().decompress(body, max_output_size=limit), kind)
    except zstandard.ZstdError as error:
        raise Refused("bad_message", BAD_MESSAGE) from error


def _sealed(columns: Columns) -> list[Raw]:
    try:
        return turn_back(columns, LARGEST_MESSAGE)
    except ValueError as error:
        raise Refused("bad_message", BAD_MESSAGE) from error


def decode(text: bytes | Raw, kind: type[M]) -> M:
    """The message in a JSON text. Raises Refused "bad_message" for anything else."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("bad_message", BAD_MESSAGE) from error


class _Beginning(msgspec.Struct, array_like=True):
    """The first parts of a sealed entry: what follows is not read."""

    number: int
    id: str
    at: str
    deed: str
    kind: str


def kind_of(sealed: Raw) -> str:
    """The kind of record that a sealed entry is about. Raises Refused "bad_message"."""
    return decode(sealed, _Beginning).kind


def receipt_words(receipt: Receipt) -> bytes:
    """What head office signs: the receipt without its signature, in one canonical form."""
    plain = msgspec.structs.replace(receipt, signature=b"")
    return b"insuragent receipt\0" + msgspec.json.encode(plain, order="sorted")


BAD_MESSAGE = N_("收到的消息无法读取")
