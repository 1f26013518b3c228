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
from insuragent.settings import write_error, write_whole

#: The largest attachment in bytes (data dictionary: visit.attachments <= 20 MB each).
LARGEST = 20 * 1024 * 1024
_NONCE = 12


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
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            nonce = secrets.token_bytes(_NONCE)
            write_whole(path, nonce + self._cipher.encrypt(nonce, data, digest.encode()))
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with this SHA-256. Raises StoreDamaged when they are missing or were altered."""
        try:
            sealed = self._path(digest).read_bytes()
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], digest.encode())
        except (OSError, InvalidTag, ValueError) as error:
            raise StoreDamaged(N_("附件缺失或已损坏"), hint=N_("资料库本身完好。同步后可从总公司重新取得。")) from error

    def has(self, digest: str) -> bool:
        """Whether the bytes are here."""
        return self._path(digest).exists()

    def remove(self, digest: str) -> None:
        """Let go of the bytes."""
        self._path(digest).unlink(missing_ok=True)

    def destroy(self, digest: str) -> None:
        """Overwrite the bytes, then let go of them. Raises DiskFull or StoreReadOnly."""
        path = self._path(digest)
        try:
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        except OSError as error:
            raise write_error(error) from error
        path.unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        # A plain hash would tell whoever finds the laptop that a known document is on it.
        name = hmac.digest(self._key, digest.encode(), "sha256").hex()
        return self._folder / name[:2] / name
