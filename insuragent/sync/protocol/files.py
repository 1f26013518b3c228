"""The bytes beside the records: what a desk offers and wants, and by which ways they go (tus 1.0).

A desk asks in a signed message and gets a way to each file: an address that is itself the permission, for this file
and a day only. So any tus client may carry the bytes, and nothing of a device's key is needed for a resumed upload.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from insuragent.sync.protocol.parts import Hash, Number, Word

#: So many files are asked about at once.
MOST_FILES = 100
#: What becomes of a file that was offered or wanted.
STORED, OPEN, REFUSED_FILE, UNKNOWN = "stored", "open", "refused", "unknown"
TUS_VERSION = "1.0.0"
TUS_MEDIA_TYPE = "application/offset+octet-stream"


class FileOffer(msgspec.Struct, frozen=True, array_like=True):
    """Bytes that a desk has: their SHA-256 and how many they are."""

    sha256: Hash
    size: Number


class FilesAsked(msgspec.Struct, frozen=True):
    """The files that a desk could send, and those that it lacks."""

    offered: Annotated[list[FileOffer], Meta(max_length=MOST_FILES)] = []
    wanted: Annotated[list[Hash], Meta(max_length=MOST_FILES)] = []


class FileWay(msgspec.Struct, frozen=True, array_like=True):
    """How it stands with one file.

    "stored": head office has it whole, and ``size`` tells how long it is; "open": it is waited for, and ``at`` bytes
    are there; "refused": it is not taken, for the reason ``code``; "unknown": no record that was accepted names it.
    ``path`` is where it is sent to or fetched from, as the state is.
    """

    sha256: Hash
    state: Word
    path: str = ""
    size: Number = 0
    at: Number = 0
    code: Word = ""
    words: str = ""


class FilesAnswer(msgspec.Struct, frozen=True):
    """One way each, in the order in which was asked."""

    offered: list[FileWay] = []
    wanted: list[FileWay] = []
