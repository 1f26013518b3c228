"""The bytes beside the records: sent once their records were taken, and fetched where they are missing."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from insuragent.errors import Refused, StoreDamaged, Unreachable
from insuragent.i18n import _
from insuragent.models import RECORDS, Record, Transfer
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import tus
from insuragent.sync.client import Office
from insuragent.sync.progress import Part, Patience, Tally, Watch
from insuragent.sync.protocol.files import MOST_FILES, OPEN, REFUSED_FILE, STORED, FileOffer, FilesAsked, FileWay

#: So many bytes are fetched at once.
PIECE = 256 * 1024

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[UnitOfWork]]


class Carrier:
    """Carries files in one pass. ``patiently`` tries a step again; a step that got on is no failure."""

    def __init__(self, begin: Begin, office: Office, patiently: Patience, watch: Watch) -> None:
        self._begin, self._office = begin, office
        self._patiently, self._watch = patiently, watch
        self._kinds: dict[str, str] = {}
        self._piece = PIECE
        #: Files sent and fetched whole, and those that must wait for another pass.
        self.sent = self.fetched = self.left = 0

    def run(self) -> None:
        """Send what head office lacks, then fetch what this desk lacks."""
        with self._begin() as work:
            offers, lacking = unsent(work), missing(work)
            self._kinds = dict(_named(work)) if offers or lacking else {}
        for start in range(0, len(offers), MOST_FILES):
            self._send(offers[start : start + MOST_FILES])
        for start in range(0, len(lacking), MOST_FILES):
            self._fetch(lacking[start : start + MOST_FILES])

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, offers: Sequence[FileOffer]) -> None:
        ways = self._patiently(lambda: self._office.files(FilesAsked(offered=list(offers)))).offered
        going = [way for way in ways if way.state == OPEN]
        self._start(_("正在发送附件"), {way.sha256: way.size - way.at for way in going})
        for way in going:
            self._try(self._send_one, way)
        if going:
            # What an unsigned answer said does not count: head office's word does.
            asked = [offer for offer in offers if offer.sha256 in {way.sha256 for way in going}]
            ways = [way for way in ways if way.state != OPEN]
            ways += self._patiently(lambda: self._office.files(FilesAsked(offered=asked))).offered
        with self._begin() as work:
            for way in ways:
                if way.state in (STORED, REFUSED_FILE):
                    settle(work, way)
        self.sent += sum(way.state == STORED for way in ways)

    def _send_one(self, way: FileWay) -> None:
        with self._begin() as work:
            data = work.blobs.get(way.sha256)
        at = way.at
        while at < len(data):
            at = self._patiently(partial(self._office.carry, way.path, data, at, self._told_from(way.at)))
        self._count(way, len(data) - way.at)

    def _told_from(self, start: int) -> Callable[[int], object]:
        return lambda gone: self._tally.tell(gone - start)

    # --- fetching ----------------------------------------------------------------------------------------------------

    def _fetch(self, lacking: Sequence[str]) -> None:
        ways = self._patiently(lambda: self._office.files(FilesAsked(wanted=list(lacking)))).wanted
        coming = [way for way in ways if way.state == STORED]
        self._start(_("正在接收附件"), {way.sha256: way.size for way in coming})
        for way in coming:
            self._try(self._fetch_one, way)

    def _fetch_one(self, way: FileWay) -> None:
        with self._begin() as work:
            at = len(work.blobs.arrived(way.sha256))
        while at < way.size:
            at += self._patiently(partial(self._fetch_piece, way, at))
            self._tally.tell(at)
        self._count(way, way.size)
        with self._begin() as work:
            if work.blobs.adopt(way.sha256):
                settle(work, way)
                self.fetched += 1

    def _fetch_piece(self, way: FileWay, at: int) -> int:
        """Fetch and keep what comes from ``at`` on; returns how many bytes came."""
        data, broken = tus.fetch(self._office.wire, way.path, at, min(at + self._piece, way.size))
        self._piece = max(tus.LEAST_PIECE, self._piece // 2) if broken else min(PIECE, self._piece * 2)
        if not data:
            raise Unreachable
        with self._begin() as work:
            work.blobs.add_piece(way.sha256, at, data)
        return len(data)

    # --- telling -----------------------------------------------------------------------------------------------------

    def _start(self, words: str, sizes: Mapping[str, int]) -> None:
        parts: dict[tuple[str, bool], Part] = {}
        for digest, size in sizes.items():
            kind = self._kinds.get(digest, "")
            part = parts.get((kind, True), Part(kind, content=True))
            parts[kind, True] = replace(part, total=part.total + 1, whole=part.whole + size)
        self._tally = Tally(self._watch, words, parts)

    def _count(self, way: FileWay, size: int) -> None:
        self._tally.add(self._kinds.get(way.sha256, ""), 1, size, content=True)
        self._tally.tell()

    def _try(self, carry: Callable[[FileWay], None], way: FileWay) -> None:
        """One file that cannot be carried leaves the others alone: it is tried again in the next pass."""
        self._tally.tell()
        try:
            carry(way)
        except (Refused, StoreDamaged) as error:
            log.warning("a file of %d bytes waits for another pass: %s", way.size, type(error).__name__)
            self.left += 1


def unsent(work: UnitOfWork) -> list[FileOffer]:
    """The bytes here that head office has not settled yet, the oldest record's first."""
    settled = set(work.session.scalars(sa.select(Transfer.sha256)))
    here = (digest for digest, _kind in _named(work) if digest not in settled and work.blobs.has(digest))
    return [FileOffer(digest, work.blobs.size(digest)) for digest in here]


def missing(work: UnitOfWork) -> list[str]:
    """The bytes that records name and this desk does not hold."""
    return [digest for digest, _kind in _named(work) if not work.blobs.has(digest)]


def refused(work: UnitOfWork) -> dict[str, str]:
    """The files that head office does not take, with its reasons."""
    rows = work.rows(sa.select(Transfer.sha256, Transfer.refused).where(Transfer.refused != ""))
    return {row.sha256: row.refused for row in rows}


def settle(work: UnitOfWork, way: FileWay) -> None:
    """Head office has said its last word about a file."""
    work.session.merge(Transfer(sha256=way.sha256, at=utc_now(), refused=way.words))


def _named(work: UnitOfWork) -> Iterator[tuple[str, str]]:
    """Every digest that a synced record's content fields name, once, and the kind of the record."""
    seen: set[str] = set()
    for record_type, name in content_fields():
        column = getattr(record_type, name)
        for digest in work.session.scalars(sa.select(column).order_by(record_type.number)):
            if digest and digest not in seen:
                seen.add(digest)
                yield digest, record_type.kind()


def content_fields() -> list[tuple[type[Record], str]]:
    """The fields, by declaration, that name bytes beside a record."""
    synced = (record_type for record_type in RECORDS.values() if record_type.synced)
    return [(one, name) for one in synced for name, field in fields_of(one).items() if field.content]
