"""The journal's newest number and hash, kept outside the database, so that a rolled-back file is noticed.

A cut write-ahead log or an old copy of the file opens without an error and its last commits are gone. The anchor
is written after each commit without an fsync: being behind the database is harmless, being ahead of it is the alarm.
"""

import contextlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from insuragent.settings import write_error


@dataclass(frozen=True)
class Head:
    """The newest journal entry's number (0: none) and chain hash."""

    number: int
    chain: bytes


class Anchor:
    """The anchor file of a profile, sealed by ``key`` so that nobody sets it back unnoticed."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._file: int | None = None

    def read(self) -> Head | None:
        """The head that was written last; None when there is no file or it does not verify."""
        try:
            number, chain, seal = msgspec.json.decode(self._path.read_bytes().strip(b" \n"), type=tuple[int, str, str])
            head = Head(number, bytes.fromhex(chain))
        except (OSError, ValueError):  # msgspec's errors among them
            return None
        return head if hmac.compare_digest(seal, self._seal(head)) else None

    def write(self, head: Head) -> None:
        """Keep ``head``. Raises DiskFull or StoreReadOnly."""
        line = msgspec.json.encode((head.number, head.chain.hex(), self._seal(head))).ljust(256) + b"\n"
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, line)
        except OSError as error:
            raise write_error(error) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None

    def _seal(self, head: Head) -> str:
        return hmac.digest(self._key, b"%d:%s" % (head.number, head.chain), "sha256").hex()
