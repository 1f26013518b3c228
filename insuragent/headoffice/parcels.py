"""Head office's end of the day package: a desk's messages come in a file, and the answer goes back in one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple, cast

from msgspec.structs import replace

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.files import FETCH, Files
from insuragent.headoffice.identity import ACTIVE, LEAVING
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.oversight import Oversight
from insuragent.headoffice.receipts import Receipts
from insuragent.headoffice.routes import Device
from insuragent.headoffice.sealers import Sealers
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.sync import codec
from insuragent.sync.protocol import (
    CATALOGUE,
    OWN,
    Hello,
    Pull,
    PullPage,
    Push,
    ReceiptAsked,
    SealedEntry,
    decode,
    pack,
    unpack,
)
from insuragent.sync.protocol import parcel as parcels
from insuragent.sync.protocol.devices import Wiped
from insuragent.sync.protocol.files import OPEN, REFUSED_FILE, STORED, FileOffer, FilesAsked, FileWay
from insuragent.sync.protocol.parcel import (
    ANSWER,
    DAY,
    MOST_BYTES,
    MOST_FILE_BYTES,
    ORDER,
    WIPED,
    Order,
    Parcel,
    ParcelAnswer,
)
from insuragent.sync.protocol.sealers import SealerList, SealersAsked

#: What is said once and for all about a file.
_SETTLED = (STORED, REFUSED_FILE)
_NOT_KNOWN = N_("总公司没有认出这个数据包的设备")
_OLDER = N_("这个数据包早于总公司已有的内容，没有采用")


class Taken(NamedTuple):
    """What became of a package: the answer for its desk (empty where nobody is left to read one), whose device it is,
    how many entries it brought, and which way the answer goes, or WIPED for a device's last word."""

    answer: bytes
    device: Device
    entries: int
    way: str


class Parcels:
    """Takes day packages in by the same ways as a line: what the ledger refuses of a line it refuses here."""

    def __init__(self, database: Database, key: ServerKey, files: Files) -> None:
        self._database, self._key, self._files = database, key, files
        self._ledger, self._receipts = Ledger(database, files.sweep), Receipts(database, key)
        self._oversight, self._sealers = Oversight(database), Sealers(database, key)

    def take(self, data: bytes) -> Taken:
        """Take a package in. Of a device that was withdrawn nothing is taken: the answer orders it to wipe itself.

        Twice is the same as once. Raises Refused "bad_parcel", "other_office", "unknown_device", "altered",
        "older_parcel", "not_ordered", and what the ledger raises; then nothing has changed.
        """
        envelope = parcels.read(data, (DAY, WIPED), self._key.public_bytes)
        agent, _slash, name = envelope.key_id.partition("/")
        device = Device(agent, name)
        with self._database.read(agent) as rows:
            row = rows.find(tables.device, tables.device.c.device == name)
        if row is None or not row.public_key:
            raise Refused("unknown_device", _NOT_KNOWN)
        envelope.check(row.public_key)
        inner = envelope.open(self._key.private_key)
        if envelope.way == WIPED:
            self._oversight.wiped(device, unpack(inner, Wiped))
            return Taken(b"", device, 0, WIPED)
        if row.state not in (ACTIVE, LEAVING):
            order = pack(Order(utc_now().isoformat()))
            return Taken(self._sealed(ORDER, device, row.public_key, order), device, 0, ORDER)
        found, files = parcels.split(inner, Parcel)
        parcel = cast(Parcel, found)
        if parcel.hello.newest < row.last:
            raise Refused("older_parcel", _OLDER)
        inner = self._answered(device, parcel, files)
        return Taken(self._sealed(ANSWER, device, row.public_key, inner), device, len(parcel.entries), ANSWER)

    def _answered(self, device: Device, parcel: Parcel, files: Mapping[str, bytes]) -> bytes:
        """What a day comes to: taken as it would be over a line."""
        self._ledger.hello(device, _as_if_now(parcel.hello))
        pushed = self._ledger.push(device, Push(parcel.entries))
        ways = self._keep(device, parcel, files)
        pages = {feed: self._pages(device, feed, parcel.cursors.get(feed, 0)) for feed in (OWN, CATALOGUE)}
        contents = self._contents(device, list(dict.fromkeys([*parcel.wanted, *_named(pages)])))
        answer = ParcelAnswer(
            now=utc_now().isoformat(),
            answers=pushed.answers,
            pages=pages,
            starts=parcel.cursors,
            receipt=self._receipts.give(device, ReceiptAsked(parcel.hello.settled + 1)),
            ways=ways,
            files=[FileOffer(sha256, len(content)) for sha256, content in contents.items()],
            keys=parcel.keys,
            sealers=self._keys(device, parcel.keys) if parcel.keys else None,
        )
        return parcels.join(answer, list(contents.values()))

    def _keys(self, device: Device, asked: SealersAsked) -> SealerList:
        """Whose keys seal documents, in one part: the next package may be a week away."""
        with self._database.begin(device.agent, tables.CATALOGUE) as rows:
            return self._sealers.near(rows, asked, most=None)

    def _sealed(self, way: str, device: Device, receiver: bytes, inner: bytes) -> bytes:
        own = self._key
        return parcels.write(way, device.key_id, own.public_bytes, inner, own.private_key, bytes(receiver))

    def _keep(self, device: Device, parcel: Parcel, files: Mapping[str, bytes]) -> list[FileWay]:
        """Keep the files that a record names and that are waited for; returns how it stands with each."""
        for way in self._files.ask(device, FilesAsked(offered=parcel.files)).offered:
            if way.state == OPEN:
                with suppress(Refused):  # what is not of an allowed kind is answered so below
                    self._files.keep(device.agent, files[way.sha256])
        ways = self._files.ask(device, FilesAsked(offered=parcel.files)).offered
        return [FileWay(w.sha256, w.state, "", w.size, 0, w.code, w.words) for w in ways if w.state in _SETTLED]

    def _pages(self, device: Device, feed: str, cursor: int) -> list[PullPage]:
        """What a feed holds after a cursor, as much as a package carries."""
        pages: list[PullPage] = []
        size = head = 0
        while size < MOST_BYTES and (not pages or pages[-1].more):
            pages.append(self._ledger.pull(device, Pull(feed, cursor, head)))
            cursor, head = pages[-1].cursor, pages[-1].head
            size += sum(len(bytes(item.sealed)) for item in pages[-1].items)
        return pages

    def _contents(self, device: Device, wanted: Sequence[str]) -> dict[str, bytes]:
        """The bytes of files that the desk lacks, as many as a package carries."""
        found: dict[str, bytes] = {}
        size = 0
        for way in self._files.ask(device, FilesAsked(wanted=list(wanted))).wanted:
            size += way.size
            if way.state == STORED and (not found or size <= MOST_FILE_BYTES):
                permitted, place = self._files.way(way.path.rpartition("/")[2], FETCH)
                found[way.sha256] = self._files.read(place, 0, permitted.size)
        return found


def _as_if_now(hello: Hello) -> Hello:
    """A greeting as a line would bring it: a stick takes its time, which says nothing of the desk's clock. Only a clock
    that is ahead of ours can be told."""
    told, now = codec.moment(hello.now), utc_now()
    return hello if told and told > now else replace(hello, now=now.isoformat())


def _named(pages: Mapping[str, Sequence[PullPage]]) -> Iterator[str]:
    """The files that the entries of these pages name."""
    for page in chain.from_iterable(pages.values()):
        for item in page.items:
            entry = decode(item.sealed, SealedEntry)
            yield from codec.contents_of(entry.kind, entry.changes)
