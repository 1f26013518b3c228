"""The bytes of attachments: encrypted files beside the database, named by a keyed hash of their content."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from insuragent.errors import BadFile, StoreDamaged
from insuragent.i18n import N_
from insuragent.rules.filetypes import LARGEST
from insuragent.settings import write_error, write_whole

_NONCE, _TAG = 12, 16


class Blobs:
    """Attachments by their SHA-256. Writing the same bytes twice keeps them once."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._cipher = AESGCM(key)

    def put(self, data: bytes) -> str:
        """Keep ``data``, whole or not at all; returns its SHA-256 in hex.

        Raises BadFile above 20 MB, DiskFull or StoreReadOnly.
        """
        if len(data) > LARGEST:
            raise BadFile(N_("附件超过 20 MB"), hint=N_("请压缩或分成几个文件。"))
        digest = hashlib.sha256(data).hexdigest()
        if not self.has(digest):
            self._write(self._path(digest), data, digest)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with this SHA-256. Raises StoreDamaged when they are missing or were altered."""
        try:
            return self._read(self._path(digest), digest)
        except (OSError, InvalidTag, ValueError) as error:
            raise StoreDamaged(N_("附件缺失或已损坏"), hint=N_("资料库本身完好。同步后可从总公司重新取得。")) from error

    def has(self, digest: str) -> bool:
        """Whether the bytes are here."""
        return self._path(digest).exists()

    def size(self, digest: str) -> int:
        """How many bytes they are; 0 when they are not here."""
        path = self._path(digest)
        return path.stat().st_size - _NONCE - _TAG if path.exists() else 0

    def remove(self, digest: str) -> None:
        """Let go of the bytes, and of what came of them so far."""
        for path in (self._path(digest), *self._pieces(digest)):
            path.unlink(missing_ok=True)

    # --- bytes that arrive in pieces -----------------------------------------------------------------------------

    def add_piece(self, digest: str, offset: int, data: bytes) -> None:
        """Keep the next piece, from byte ``offset`` on, of bytes that are still arriving. Raises as :meth:`put`."""
        self._write(self._path(digest).with_suffix(f".{offset:09d}"), data, f"{digest} {offset}")

    def arrived(self, digest: str) -> bytes:
        """What came of the bytes so far, from their start to the first gap."""
        data = b""
        for path in self._pieces(digest):
            if int(path.suffix[1:]) != len(data):
                break
            try:
                data += self._read(path, f"{digest} {len(data)}")
            except (OSError, InvalidTag, ValueError):
                break  # it will be fetched again
        return data

    def adopt(self, digest: str) -> bool:
        """Keep what arrived as the bytes with this SHA-256; False, and nothing is left, when they are others."""
        data = self.arrived(digest)
        whole = hashlib.sha256(data).hexdigest() == digest
        if whole:
            self.put(data)
        for path in self._pieces(digest):
            path.unlink(missing_ok=True)
        return whole

    def _pieces(self, digest: str) -> list[Path]:
        path = self._path(digest)
        return sorted(path.parent.glob(f"{path.name}.*"))

    def _write(self, path: Path, data: bytes, bound: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = secrets.token_bytes(_NONCE)
        write_whole(path, nonce + self._cipher.encrypt(nonce, data, bound.encode()))

    def _read(self, path: Path, bound: str) -> bytes:
        sealed = path.read_bytes()
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound.encode())

    def destroy(self, digest: str) -> None:
        """Overwrite the bytes, then let go of them. Raises DiskFull or StoreReadOnly."""
        for path in (self._path(digest), *self._pieces(digest)):
            try:
                with path.open("r+b") as file:
                    file.write(bytes(path.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise write_error(error) from error
            path.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        # A plain hash would tell whoever finds the laptop that a known document is on it.
        name = hmac.digest(self._key, digest.encode(), "sha256").hex()
        return self._folder / name[:2] / name
