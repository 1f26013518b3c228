"""The messages about whose keys seal documents: head office tells each desk those that it can meet, signed."""

from typing import Annotated

import msgspec
from msgspec import Meta

from insuragent.sync.protocol.parts import Hash, Instant, Key, Number, Word

#: So many keys are told in one message, and so many may be asked for by their names.
MOST_SEALERS, MOST_NAMED = 1000, 100


class SealersAsked(msgspec.Struct, frozen=True):
    """Ask for what changed in the list after the number ``since``: of the keys ``near`` the desk, or, by an older desk,
    of all; and for these ``keys``, whoever's they are. ``goes_on`` asks for what follows the part before."""

    since: Number
    near: bool = False
    goes_on: bool = False
    keys: Annotated[list[Hash], Meta(max_length=MOST_NAMED)] = []


class SealerTold(msgspec.Struct, frozen=True, array_like=True):
    """A device that seals documents by ``key`` (SHA-256 of the public key), and in whose name.

    It was made known at ``since`` and withdrawn at ``until`` (empty: it is in use).
    """

    key: Hash
    device: Word
    name: Annotated[str, Meta(max_length=200)]
    licence_no: Annotated[str, Meta(max_length=64)]
    since: Instant
    until: Instant = ""


class SealerList(msgspec.Struct, frozen=True):
    """What changed after the number ``since`` up to ``number``; ``more`` follows.

    ``signature`` is Ed25519 over :func:`sealer_words` by the head office whose public key ``office`` is.
    """

    office: Key
    now: Instant
    since: Number
    number: Number
    sealers: list[SealerTold]
    more: bool = False
    signature: bytes = b""


def sealer_words(told: SealerList) -> bytes:
    """What head office signs: the list without its signature, in one canonical form."""
    plain = msgspec.structs.replace(told, signature=b"")
    return b"insuragent sealers\0" + msgspec.json.encode(plain, order="sorted")
