"""The device's own Ed25519 key, by which head office knows this computer (RFC 9421 signatures)."""

import base64
import contextlib
import enum
import secrets
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from insuragent.errors import StoreDamaged
from insuragent.i18n import N_
from insuragent.security import files, osring
from insuragent.security.keys import derive, store_id

FILE = "device.key"
_NONCE = 12
_DAMAGED = N_("本设备的登记密钥已损坏")
_DAMAGED_HINT = N_("资料完好，可以照常离线工作。请向总公司索取登记码，重新登记本设备后再同步。")


class DeviceKey:
    """A device's signing key. ``private_key`` is for a library that wants the object itself."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self.private_key = private_key

    @classmethod
    def generate(cls) -> "DeviceKey":
        """A new key, kept nowhere yet."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def public_bytes(self) -> bytes:
        """The public half, 32 bytes, as head office keeps it."""
        return self.private_key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data``, 64 bytes."""
        return self.private_key.sign(data)


class Place(enum.Enum):
    """Where the private half is."""

    KEYRING = "keyring"
    FILE = "file"


class _DeviceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    place: Place
    public: Annotated[bytes, Meta(min_length=32, max_length=32)]
    sealed: Annotated[bytes, Meta(max_length=200)] = b""


class DeviceKeys:
    """Keeps the device's key in the system's keyring where there is one, else in a file; wrapped by the data key.

    In the keyring it does not travel with a copy of the profile: another computer has to be enrolled by itself.
    """

    def __init__(self, folder: Path, key: bytes, *, patience: float = osring.PATIENCE) -> None:
        self._path = folder / FILE
        self._cipher = AESGCM(derive(key, "device key"))
        self._account = f"device:{store_id(key)}"
        self._patience = patience

    def keep(self, device: DeviceKey) -> DeviceKey:
        """Keep a key; an older one is replaced. Raises DiskFull or StoreReadOnly."""
        nonce = secrets.token_bytes(_NONCE)
        public = device.public_bytes
        sealed = nonce + self._cipher.encrypt(nonce, device.private_key.private_bytes_raw(), public)
        try:
            osring.write(self._account, base64.b64encode(sealed).decode(), patience=self._patience)
            file = _DeviceFile(Place.KEYRING, public)
        except osring.RingUnavailable:
            file = _DeviceFile(Place.FILE, public, sealed)
        files.write(self._path, msgspec.json.encode(file))
        return device

    def load(self) -> DeviceKey | None:
        """The key; None when this device must be enrolled: it never was, or the profile came from another computer.

        Raises RingUnavailable while the keyring that holds it does not answer, StoreDamaged when it was altered.
        """
        file = self._file()
        if file is None:
            return None
        sealed = file.sealed
        if file.place is Place.KEYRING:
            kept = osring.read(self._account, patience=self._patience)
            if kept is None:
                return None
            sealed = _decoded(kept)
        try:
            private = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], file.public)
        except (InvalidTag, ValueError) as error:
            raise StoreDamaged(_DAMAGED, hint=_DAMAGED_HINT) from error
        return DeviceKey(Ed25519PrivateKey.from_private_bytes(private))

    def delete(self) -> None:
        """Forget the key, here and in the keyring. Raises StoreReadOnly."""
        with contextlib.suppress(osring.RingUnavailable):
            osring.remove(self._account, patience=self._patience)
        files.shred(self._path)

    def _file(self) -> _DeviceFile | None:
        data = files.read(self._path)
        if data is None:
            return None
        try:
            return msgspec.json.decode(data, type=_DeviceFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreDamaged(_DAMAGED, hint=_DAMAGED_HINT) from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
