"""The messages about a device: how it is made known, and the words that prove who speaks."""

import uuid
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from insuragent.sync.protocol.parts import Hash, Instant, Key, Number, Signature, Word


class Enrol(msgspec.Struct, frozen=True):
    """A new device: the one-time code, its public key, and the proof that it holds the private one.

    ``settled`` is the newest entry that head office has taken already and ``chain`` the hash there: 0 and zeros,
    unless a restored or copied desk enrols again and keeps its entries; then ``staff_id`` is whose these are.
    """

    code: Annotated[str, Meta(max_length=40)]
    public_key: Key
    proof: Signature
    settled: Number
    chain: Hash
    name: Annotated[str, Meta(max_length=60)] = ""
    staff_id: uuid.UUID | None = None


class EnrolAnswer(msgspec.Struct, frozen=True):
    """``key_id`` names the device in its signatures; ``staff`` is whose it is, in wire form; the keys are Ed25519."""

    device_id: Word
    key_id: str
    staff_id: uuid.UUID
    staff: dict[str, Any]
    staff_revision: Number
    server_key: Key


class Wiped(msgspec.Struct, frozen=True):
    """A device that head office withdrew: its keys are destroyed, this is the last that it signs."""

    now: Instant


class Noted(msgspec.Struct, frozen=True):
    """Head office has heard it."""

    now: Instant


def enrolment_words(code: str, public_key: bytes) -> bytes:
    """What a new device signs to prove that it holds the private key."""
    return b"insuragent enrol\0" + plain_code(code).encode() + b"\0" + public_key


def revocation_words(key_id: str, nonce: str) -> bytes:
    """What head office signs so that nobody else can tell a device that it was withdrawn."""
    return b"insuragent revoked\0" + key_id.encode() + b"\0" + nonce.encode()


def plain_code(code: str) -> str:
    """A one-time code as typed, without blanks and hyphens, in capitals."""
    return "".join(c for c in code.upper() if c.isalnum())
