"""A push over a line that breaks: its packed body goes by a way of its own, in stretches, and is then taken whole.

A desk offers the body by its hash, sends what is missing of it by tus 1.0 (:mod:`files`), and asks in a signed
message that it be taken. What arrived before a cut is never sent again, and may be gone on with in another pass.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from insuragent.sync.protocol import LARGEST_BODY
from insuragent.sync.protocol.parts import Number

#: From this version of the protocol on a push may go so.
STRETCHES_FROM = 4
#: The code of a refusal: this body was taken before, and a greeting tells what became of its entries.
TAKEN = "push_taken"

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class PushOffer(msgspec.Struct, frozen=True):
    """A push as it is packed: the SHA-256 of its body, and how many bytes that has."""

    sha256: Digest
    size: Annotated[int, Meta(ge=1, le=LARGEST_BODY)]


class PushWay(msgspec.Struct, frozen=True):
    """The address that takes the bytes of an offered push, and how many of them are there."""

    path: str
    at: Number


class PushSent(msgspec.Struct, frozen=True):
    """All bytes of an offered push were sent: take it, and answer as to a push."""

    sha256: Digest
