"""Head office's end of the day package: a desk's messages come in a file, and the answer goes back in one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import cast

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.files import FETCH, Files
from insuragent.headoffice.identity import ACTIVE, LEAVING
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.receipts import Receipts
from insuragent.headoffice.routes import Device
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.sync import codec
from insuragent.sync.protocol import CATALOGUE, OWN, Pull, PullPage, Push, ReceiptAsked, SealedEntry, decode
from insuragent.sync.protocol import parcel as parcels
from insuragent.sync.protocol.files import OPEN, REFUSED_FILE, STORED, FileOffer, FilesAsked, FileWay
from insuragent.sync.protocol.parcel import ANSWER, DAY, MOST_BYTES, MOST_FILE_BYTES, Parcel, ParcelAnswer

#: What is said once and for all about a file.
_SETTLED = (STORED, REFUSED_FILE)
_NOT_KNOWN = N_("总公司没有认出这个数据包的设备")
_REVOKED = N_("总公司已停用本设备")
_OLDER = N_("这个数据包早于总公司已有的内容，没有采用")


class Parcels:
    """Takes day packages in by the same ways as a line: what the ledger refuses of a line it refuses here."""

    def __init__(self, database: Database, key: ServerKey, files: Files) -> None:
        self._database, self._key, self._files = database, key, files
        self._ledger, self._receipts = Ledger(database), Receipts(database, key)

    def take(self, data: bytes) -> tuple[bytes, Device, int]:
        """Take a package in; returns the answer for its desk, whose device it was, and how many entries it brought.

        Twice is the same as once. Raises Refused "bad_parcel", "other_office", "unknown_device", "altered",
        "revoked", "older_parcel", and what the ledger raises; then nothing has changed.
        """
        envelope = parcels.read(data, DAY, self._key.public_bytes)
        agent, _slash, name = envelope.key_id.partition("/")
        device = Device(agent, name)
        with self._database.read(agent) as rows:
            row = rows.find(tables.device, tables.device.c.device == name)
        if row is None or not row.public_key:
            raise Refused("unknown_device", _NOT_KNOWN)
        envelope.check(row.public_key)
        if row.state not in (ACTIVE, LEAVING):
            raise Refused("revoked", _REVOKED)
        found, files = parcels.split(envelope.open(self._key.private_key), Parcel)
        parcel = cast(Parcel, found)
        if parcel.hello.newest < row.last:
            raise Refused("older_parcel", _OLDER)
        self._ledger.hello(device, parcel.hello)
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
        )
        inner, own = parcels.join(answer, list(contents.values())), self._key
        sealed = parcels.write(ANSWER, envelope.key_id, own.public_bytes, inner, own.private_key, bytes(row.public_key))
        return sealed, device, len(parcel.entries)

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


def _named(pages: Mapping[str, Sequence[PullPage]]) -> Iterator[str]:
    """The files that the entries of these pages name."""
    for page in chain.from_iterable(pages.values()):
        for item in page.items:
            entry = decode(item.sealed, SealedEntry)
            yield from codec.contents_of(entry.kind, entry.changes)
