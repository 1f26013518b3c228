"""Where head office keeps the bytes of attachments: a folder, or any S3 store; sealed in pieces as they arrive."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import from_url

from insuragent.errors import Refused, UserError
from insuragent.headoffice.database import Database
from insuragent.i18n import N_

_NONCE, _TAG = 12, 16


class BadFileStore(UserError):
    """No files can be kept at the address that was given."""

    message = N_("不能在这个地址保存附件")
    hint = N_("请写成 file:///文件夹 或 s3://桶/前缀，并确认可以写入。")


@contextmanager
def _reached() -> Iterator[None]:
    """A store that is full or does not answer is a reason to come back later, no fault of the one who asks."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Refused("busy", N_("总公司现在不能保存附件，请稍后再试")) from error


def beside(database: Database) -> str:
    """The address of a folder beside a SQLite database; for another database, in the folder that one works in."""
    path = Path(database.engine.url.database or "") if database.is_sqlite else Path("headoffice.files")
    return path.resolve().with_suffix(".files").as_uri()


class FileStore:
    """Files by their place, a name that tells nothing. A file is the run of its pieces without a gap.

    Each piece is AES-256-GCM over (place, offset); its name tells where it begins, its length where it ends.
    So what arrived before a cut stays, and nothing has to be put together when the last piece is there.
    """

    def __init__(self, url: str, key: bytes) -> None:
        """``url`` is ``file:///folder`` or ``s3://bucket/prefix``, ``key`` 32 bytes. Raises BadFileStore."""
        if not url.startswith(("file:///", "s3://")):
            raise BadFileStore
        try:
            self._store = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
        except (BaseError, OSError, ValueError) as error:
            raise BadFileStore from error
        self._cipher = AESGCM(key)

    def size(self, place: str) -> int:
        """How many bytes of a file are there, from its start to the first gap."""
        return max((end for _name, _start, end in self._pieces(place)), default=0)

    def add(self, place: str, offset: int, data: bytes) -> None:
        """Keep a piece that begins at ``offset``; the same piece again takes the place of the first."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, data, f"{place} {offset}".encode())
        with _reached():
            obstore.put(self._store, f"{place}/{offset:09d}", sealed)

    def read(self, place: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from ``start`` to before ``end``. Raises FileNotFoundError when a piece was altered or is gone."""
        found = b""
        for name, first, last in self._pieces(place):
            if last > start and (end is None or first < end):
                found += self._open(name, place, first)[max(start - first, 0) : None if end is None else end - first]
        return found

    def remove(self, place: str) -> None:
        """Let go of a file."""
        names = [name for name, _offset, _length in self._listed(place)]
        if names:
            with _reached():
                obstore.delete(self._store, names)

    def _open(self, name: str, place: str, offset: int) -> bytes:
        with _reached():
            sealed = bytes(obstore.get(self._store, name).bytes())
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{place} {offset}".encode())
        except InvalidTag as error:
            raise FileNotFoundError(name) from error

    def _pieces(self, place: str) -> Iterator[tuple[str, int, int]]:
        """The run of pieces: name, first byte, and the byte behind the last."""
        end = 0
        for name, offset, length in sorted(self._listed(place), key=lambda one: one[1]):
            if offset == end:
                yield name, offset, offset + length
                end = offset + length

    def _listed(self, place: str) -> list[tuple[str, int, int]]:
        with _reached():
            listed = [one for page in obstore.list(self._store, place) for one in page]
        return [
            (one["path"], int(one["path"].rpartition("/")[2]), one["size"] - _NONCE - _TAG)
            for one in listed
            if one["path"].startswith(f"{place}/")
        ]
