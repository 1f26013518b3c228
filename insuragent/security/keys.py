"""The key file: the store's random data key, wrapped once for each way of opening it."""

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from insuragent.errors import StoreDamaged, StoreTooNew
from insuragent.i18n import N_
from insuragent.security import files

VERSION = 1
KEY_BYTES = 32
_SALT = 16
_NONCE = 12
_DAMAGED = N_("密钥文件已损坏")
_DAMAGED_HINT = N_("资料文件没有改变。请不要重新初始化；请从备份恢复密钥文件 store.key。")

Exactly32: TypeAlias = Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


def derive(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, by HKDF-SHA256 from the data key: knowing it tells nothing of the others."""
    return _hkdf(key, salt=None, info=f"insuragent {purpose}".encode())


def new_key() -> bytes:
    """A random data key."""
    return secrets.token_bytes(KEY_BYTES)


class KdfCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one guess costs: Argon2id's passes, memory in KiB and lanes.

    The bounds hold for what is read from a file, so that a hostile one cannot ask for all memory or a day's work.
    """

    iterations: Annotated[int, Meta(ge=1, le=16)] = 3
    memory_kib: Annotated[int, Meta(ge=8, le=512 * 1024)] = 64 * 1024
    lanes: Annotated[int, Meta(ge=1, le=16)] = 4

    def __post_init__(self) -> None:
        if self.memory_kib < 8 * self.lanes:
            raise ValueError("Argon2 needs 8 KiB a lane")


class Slot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data key, wrapped by AES-256-GCM; all else in the slot is bound to it as associated data.

    ``digest`` is no secret: it tells a damaged slot from a wrong passphrase.
    """

    nonce: Annotated[bytes, Meta(max_length=_NONCE)] = b""
    sealed: Annotated[bytes, Meta(max_length=KEY_BYTES + 16)] = b""
    digest: Annotated[bytes, Meta(max_length=8)] = b""


class PhraseSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opened by something typed: the passphrase, or the printed recovery code."""

    salt: Annotated[bytes, Meta(min_length=_SALT, max_length=_SALT)]
    cost: KdfCost


class KeyringSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opened by a random key that the operating system's keyring holds under ``account``."""

    account: Annotated[str, Meta(max_length=100)]


class EscrowSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Opened by head office's X25519 private key: ``recipient`` is its public half, ``ephemeral`` ours."""

    recipient: Exactly32
    ephemeral: Exactly32


SlotName: TypeAlias = Literal["passphrase", "recovery", "keyring", "escrow"]
_SlotT = TypeVar("_SlotT", bound=Slot)
#: What still opens the store when one slot is damaged.
_OTHER_WAYS: dict[SlotName, str] = {
    "passphrase": N_("资料文件没有改变。请用恢复码打开并设置新口令，或从备份恢复密钥文件 store.key。"),
    "recovery": N_("资料文件没有改变。请用口令打开，然后换发新的恢复码。"),
    "keyring": N_("资料文件没有改变。请用口令打开，然后重新启用快速解锁。"),
    "escrow": N_("资料文件没有改变。请用口令或恢复码打开。"),
}


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key file's content. ``store`` names the store and is derived from its data key.

    ``founded`` is False from the first run until there is a database: only then is a missing one no loss.
    """

    version: Annotated[int, Meta(ge=1)] = VERSION
    store: Annotated[str, Meta(min_length=32, max_length=32)]
    founded: bool = False
    passphrase: PhraseSlot
    recovery: PhraseSlot
    keyring: KeyringSlot | None = None
    escrow: EscrowSlot | None = None


class _Version(msgspec.Struct):
    version: int


def store_id(key: bytes) -> str:
    """The store's name, 32 hex digits that tell nothing of its key."""
    return derive(key, "store id")[:16].hex()


def read_key_file(path: Path) -> KeyFile | None:
    """The key file at ``path``; None when there is none.

    Raises StoreDamaged for anything that is no whole key file, StoreTooNew for one of a newer program.
    """
    data = files.read(path)
    if data is None:
        return None
    try:
        file = msgspec.json.decode(data, type=KeyFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if _version(data) > VERSION:
            raise StoreTooNew from error
        raise StoreDamaged(_DAMAGED, hint=_DAMAGED_HINT) from error
    if file.version > VERSION:
        raise StoreTooNew
    return file


def _version(data: bytes) -> int:
    """The version that a file claims, whatever else is in it; 0 when it claims none."""
    try:
        return msgspec.json.decode(data, type=_Version).version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def write_key_file(path: Path, file: KeyFile) -> None:
    """Replace the key file, whole or not at all. Raises DiskFull or StoreReadOnly."""
    files.write(path, msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n")


def phrase_slot(name: SlotName, phrase: bytes, key: bytes, cost: KdfCost) -> PhraseSlot:
    """The data key, to be opened by something typed."""
    slot = PhraseSlot(salt=secrets.token_bytes(_SALT), cost=cost)
    return _wrap(name, slot, _stretch(phrase, slot), key)


def open_phrase_slot(file: KeyFile, name: Literal["passphrase", "recovery"], phrase: bytes) -> bytes | None:
    """The data key; None when ``phrase`` is not the right one. Raises StoreDamaged when the slot is damaged."""
    slot: PhraseSlot = getattr(file, name)
    return _unwrap(file, name, slot, _stretch(phrase, slot))


def keyring_slot(account: str, kek: bytes, key: bytes) -> KeyringSlot:
    """The data key, to be opened by the 32-byte ``kek`` that the keyring holds."""
    return _wrap("keyring", KeyringSlot(account=account), kek, key)


def open_keyring_slot(file: KeyFile, kek: bytes) -> bytes | None:
    """The data key; None when there is no such slot or ``kek`` does not open it. Raises StoreDamaged."""
    return _unwrap(file, "keyring", file.keyring, kek) if file.keyring and len(kek) == KEY_BYTES else None


def escrow_slot(recipient: bytes, key: bytes) -> EscrowSlot:
    """The data key, to be opened by whoever holds the private half of the X25519 key ``recipient`` (32 bytes).

    Raises ValueError when that is no key that anybody could hold the other half of.
    """
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    slot = EscrowSlot(recipient=recipient, ephemeral=ephemeral.public_key().public_bytes_raw())
    return _wrap("escrow", slot, _agree(shared, slot), key)


def open_escrow_slot(file: KeyFile, private: X25519PrivateKey) -> bytes | None:
    """The data key; None when there is no such slot or it is for another key. Raises StoreDamaged."""
    slot = file.escrow
    if slot is None or slot.recipient != private.public_key().public_bytes_raw():
        return None
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(slot.ephemeral))
    except ValueError as error:
        raise StoreDamaged(_DAMAGED, hint=_DAMAGED_HINT) from error
    return _unwrap(file, "escrow", slot, _agree(shared, slot))


def damaged_slots(file: KeyFile) -> list[SlotName]:
    """The ways of opening that no longer can open, because their bytes changed."""
    slots: list[tuple[SlotName, Slot | None]] = [
        ("passphrase", file.passphrase),
        ("recovery", file.recovery),
        ("keyring", file.keyring),
        ("escrow", file.escrow),
    ]
    return [name for name, slot in slots if slot is not None and slot.digest != _digest(file.store, name, slot)]


def _wrap(name: SlotName, slot: _SlotT, kek: bytes, key: bytes) -> _SlotT:
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(kek).encrypt(nonce, key, _bound(store_id(key), name, slot))
    slot = msgspec.structs.replace(slot, nonce=nonce, sealed=sealed)
    return msgspec.structs.replace(slot, digest=_digest(store_id(key), name, slot))


def _unwrap(file: KeyFile, name: SlotName, slot: Slot, kek: bytes) -> bytes | None:
    try:
        return AESGCM(kek).decrypt(slot.nonce, slot.sealed, _bound(file.store, name, slot))
    except (InvalidTag, ValueError) as error:
        if slot.digest == _digest(file.store, name, slot):
            return None
        raise StoreDamaged(_DAMAGED, hint=_OTHER_WAYS[name]) from error


def _bound(store: str, name: SlotName, slot: Slot) -> bytes:
    """What a slot says of itself: its associated data."""
    bare = msgspec.structs.replace(slot, nonce=b"", sealed=b"", digest=b"")
    return msgspec.json.encode((VERSION, store, name, bare), order="deterministic")


def _digest(store: str, name: SlotName, slot: Slot) -> bytes:
    return hashlib.sha256(_bound(store, name, slot) + slot.nonce + slot.sealed).digest()[:8]


def _stretch(phrase: bytes, slot: PhraseSlot) -> bytes:
    cost = slot.cost
    kdf = Argon2id(
        salt=slot.salt,
        length=KEY_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return kdf.derive(phrase)


def _agree(shared: bytes, slot: EscrowSlot) -> bytes:
    return _hkdf(shared, salt=slot.ephemeral + slot.recipient, info=b"insuragent escrow")


def _hkdf(key: bytes, *, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key)
