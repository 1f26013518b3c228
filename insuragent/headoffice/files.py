"""The bytes of attachments at head office: what is waited for, what is there, and the ways to send and fetch it."""

import base64
import hashlib
import hmac
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.filestore import FileStore, beside
from insuragent.headoffice.routes import SMALL, Device, Limit, Route
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.rules import filetypes
from insuragent.sync.protocol.files import OPEN, REFUSED_FILE, STORED, UNKNOWN, FilesAnswer, FilesAsked, FileWay

log = logging.getLogger(__name__)

#: For how long a way may be used, in seconds.
WAY_LIFE = 24 * 3600
#: What a way is for: to send the bytes of a file or to fetch them, or to send a push (:mod:`offers`).
SEND, FETCH, PUSH = "send", "fetch", "push"
_MAC = hashlib.sha256
_LIMIT = Limit(SMALL.body, 4 * SMALL.message)
_NO_WAY = N_("附件的传送地址无效或已过期")
_OTHER_OFFSET = N_("这一段内容已经由另一次传送送到")


class Way(msgspec.Struct, frozen=True, array_like=True):
    """What an address permits: to ``use`` the bytes of one agent that have this hash until ``expires`` (seconds since
    1970); those of a push are its ``device``'s."""

    agent: str
    sha256: str
    size: int
    use: str
    expires: int
    device: str = ""


@dataclass(frozen=True)
class Upload:
    """A file under way: its place in the store, how long it will be, and how much of it is there."""

    way: Way
    place: str
    at: int


def files_at(url: str, database: Database, key: ServerKey) -> "Files":
    """The files of a head office at an address of :class:`FileStore`; "" is a folder beside the database."""
    return Files(database, FileStore(url or beside(database), key.derive("files")), key.derive("file ways"))


class Files:
    """The files of all agents; every question is about one agent's own."""

    def __init__(self, database: Database, store: FileStore, key: bytes) -> None:
        """``key`` are 32 secret bytes that seal the ways."""
        self._database, self._store, self._key = database, store, key

    def routes(self) -> list[Route[Any]]:
        """What a device may ask of files."""
        return [Route("files", FilesAsked, self.ask, _LIMIT)]

    # --- what a device asks ------------------------------------------------------------------------------------------

    def ask(self, device: Device, asked: FilesAsked) -> FilesAnswer:
        """How it stands with files that a desk has and lacks. A file counts once a record that was taken names it."""
        with self._database.begin(device.agent, tables.CATALOGUE) as rows:
            device.admit(rows)
            own = _among(rows, {*(one.sha256 for one in asked.offered), *asked.wanted})
            everybodys = _among(rows.of(tables.CATALOGUE), set(asked.wanted) - own.keys())
        return FilesAnswer(
            [self._offered(device.agent, one.sha256, one.size, own.get(one.sha256)) for one in asked.offered],
            [
                self._wanted(tables.CATALOGUE, sha256, everybodys[sha256])
                if sha256 in everybodys
                else self._wanted(device.agent, sha256, own.get(sha256))
                for sha256 in asked.wanted
            ],
        )

    def keep(self, agent: str, data: bytes) -> None:
        """Keep bytes that head office itself has, once a record names them. Raises Refused for a file not allowed."""
        sha256 = hashlib.sha256(data).hexdigest()
        row = self._found(agent, {sha256}).get(sha256)
        if row is None or row.state != OPEN:
            return
        self._store.add(row.place, 0, data)
        code = self.finish(Upload(Way(agent, sha256, len(data), SEND, 0), row.place, len(data)))
        if code:
            raise Refused(code, _words(code))

    def sweep(self) -> int:
        """Remove the bytes of erased files, unless a file of any agent lies at the same place; returns how many.

        A store that does not answer now is asked again by the next sweep.
        """
        u, f, swept = tables.unneeded.c, tables.file.c, 0
        waiting = self._database.everywhere(sa.select(u.agent, u.place).where(u.tenant == tables.TENANT))
        for row in waiting:
            held = sa.select(f.place).where(f.tenant == tables.TENANT, f.place == row.place).limit(1)
            try:
                if not self._database.everywhere(held):
                    self._store.remove(row.place)
                    swept += 1
            except Refused:
                log.warning("the file store does not let go of %d places now", len(waiting) - swept)
                break
            with self._database.begin(row.agent) as rows:
                rows.delete(tables.unneeded, u.place == row.place)
        return swept

    def _found(self, agent: str, digests: Collection[str]) -> dict[str, sa.Row[Any]]:
        if not digests:
            return {}
        with self._database.read(agent) as rows:
            return _among(rows, digests)

    def _offered(self, agent: str, sha256: str, size: int, row: sa.Row[Any] | None) -> FileWay:
        if row is None:
            return FileWay(sha256, UNKNOWN)
        if row.state != OPEN:
            return FileWay(sha256, row.state, size=row.size, code=row.code, words=_words(row.code))
        code = "file_too_large" if size > filetypes.LARGEST else "" if size else "file_empty"
        if code:
            return FileWay(sha256, REFUSED_FILE, code=code, words=_words(code))
        return FileWay(sha256, OPEN, self.path(agent, sha256, size, SEND), size, self._store.size(row.place))

    def _wanted(self, agent: str, sha256: str, row: sa.Row[Any] | None) -> FileWay:
        if row is None or row.state != STORED:
            return FileWay(sha256, row.state if row else UNKNOWN)
        return FileWay(sha256, STORED, self.path(agent, sha256, row.size, FETCH), row.size)

    # --- the ways ----------------------------------------------------------------------------------------------------

    def way(self, token: str, *uses: str) -> tuple[Way, str]:
        """What an address permits, and the file's place. Raises Refused "no_way"."""
        told, _dot, mac = token.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(told).encode()):
            raise Refused("no_way", _NO_WAY)
        way = msgspec.json.decode(base64.urlsafe_b64decode(told), type=Way)
        if way.expires < time.time() or way.use not in uses:
            raise Refused("no_way", _NO_WAY)
        place = self._place(way)
        if not place:
            raise Refused("no_way", _NO_WAY)
        return way, place

    def _place(self, way: Way) -> str:
        return self._offered_place(way) if way.use == PUSH else self._file_place(way)

    def _offered_place(self, way: Way) -> str:
        with self._database.read(way.agent) as rows:
            row = rows.get(tables.offer, device=way.device, sha256=way.sha256)
        return row.place if row else ""

    def _file_place(self, way: Way) -> str:
        row = self._found(way.agent, (way.sha256,)).get(way.sha256)
        if row is None or (way.use == FETCH and row.state != STORED) or row.state == REFUSED_FILE:
            return ""
        return str(row.place)

    def upload(self, token: str) -> Upload:
        """How far an upload is. Raises Refused "no_way"."""
        way, place = self.way(token, SEND, PUSH)
        return Upload(way, place, self.arrived(place))

    def size(self, way: Way, place: str) -> int:
        """How much is there of what a way is for."""
        return way.size if way.use == FETCH else self.arrived(place)

    def arrived(self, place: str) -> int:
        """How many bytes have arrived at a place."""
        return self._store.size(place)

    def whole(self, place: str, size: int, digest: str) -> bytes | None:
        """The bytes at a place, once so many are there that have this hash; others are let go, to be sent again."""
        if self.arrived(place) < size:
            return None
        data = self._store.read(place)
        if hashlib.sha256(data).hexdigest() == digest:
            return data
        self._store.remove(place)
        return None

    def add(self, upload: Upload, offset: int, data: bytes) -> None:
        """Keep what arrived at ``offset``.

        A line may hang for hours before it ends. Raises Refused "other_offset" when another has brought the same
        meanwhile, and "no_way" when nobody waits for it any more: then nothing is kept.
        """
        if self.arrived(upload.place) != offset:
            raise Refused("other_offset", _OTHER_OFFSET)
        self._store.add(upload.place, offset, data)
        if self._place(upload.way) != upload.place:  # looked at afterwards: whoever lets go of it removes what is there
            with self._database.begin(upload.way.agent) as rows:
                rows.insert_missing(tables.unneeded, [{"place": upload.place}])
            self.sweep()
            raise Refused("no_way", _NO_WAY)

    def finish(self, upload: Upload) -> str:
        """Judge a file that is whole: "" when it is taken, else why not, a code of ``filetypes.REASONS``.

        Bytes with another hash than was told are let go, to be sent again: "file_hash". What a push brought is judged
        when it is taken.
        """
        if upload.way.use == PUSH:
            return ""
        data = self.whole(upload.place, upload.at, upload.way.sha256)
        if data is None:
            return "file_hash"
        code = filetypes.fault(data)
        if code:
            self._store.remove(upload.place)
        settled = {
            "state": REFUSED_FILE if code else STORED,
            "code": code,
            "media": filetypes.kind_of(data),
            "size": len(data),
            "at": utc_now(),
        }
        with self._database.begin(upload.way.agent) as rows:
            rows.update(tables.file, settled, tables.file.c.sha256 == upload.way.sha256)
        return code

    def read(self, place: str, start: int, end: int) -> bytes:
        """Bytes of a file that is stored. Raises Refused "no_way" when they are gone."""
        try:
            return self._store.read(place, start, end)
        except FileNotFoundError as error:
            raise Refused("no_way", _NO_WAY) from error

    def path(self, agent: str, sha256: str, size: int, use: str, device: str = "") -> str:
        """The address by which bytes go from now on."""
        way = Way(agent, sha256, size, use, int(time.time()) + WAY_LIFE, device)
        told = base64.urlsafe_b64encode(msgspec.json.encode(way)).decode()
        return f"/v1/files/{told}.{self._mac(told)}"

    def _mac(self, told: str) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, told.encode(), _MAC)).decode()


def _among(rows: Rows, digests: Collection[str]) -> dict[str, sa.Row[Any]]:
    return {row.sha256: row for row in rows.among(tables.file.c.sha256, digests)}


def _words(code: str) -> str:
    return filetypes.REASONS.get(code, "")
