"""The one journal: audit trail and outbox; an entry is pending until head office numbers it."""

import datetime as dt
import enum
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from sqlalchemy import JSON, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from insuragent.models.base import Base
from insuragent.models.fields import Moment

#: The hash before the first entry of a device.
GENESIS = bytes(32)


class Deed(enum.StrEnum):
    """What an entry tells; the first six change a record, the others do not."""

    CREATE = "create"
    CHANGE = "change"
    ARCHIVE = "archive"
    RESTORE = "restore"
    MERGE = "merge"  # what became of changes that met head office's
    GRANT = "grant"  # head office hands a record over to this agent, as a whole
    UNLOCK = "unlock"
    LOCK = "lock"
    VIEW_SENSITIVE = "view_sensitive"
    PRINT = "print"
    EXPORT = "export"
    IMPORT = "import"
    CONFLICT_RESOLVE = "conflict_resolve"
    SYNC = "sync"
    CLOCK_SKEW = "clock_skew"
    GATE_PASS = "gate_pass"  # noqa: S105 - a gate of the trade, no password
    GATE_BLOCK = "gate_block"
    KEYS = "keys"
    ENROL = "enrol"
    WITHDRAW = "withdraw"  # head office handed a record, and all that hangs on it, over to somebody else
    LATE = "late"  # what the former agent had typed into a record that was handed over meanwhile
    ERASE = "erase"  # a record, and all that hangs on it, is to be erased everywhere
    WIPE = "wipe"  # a desk confirms that nothing of a record is left on it
    ALARM = "alarm"  # what was found when the desk was opened: the file was rolled back, say

    @property
    def changes_record(self) -> bool:
        return self in (Deed.CREATE, Deed.CHANGE, Deed.ARCHIVE, Deed.RESTORE, Deed.MERGE, Deed.GRANT)


class State(enum.StrEnum):
    """Where an entry stands with head office."""

    PENDING = "pending"
    ACCEPTED = "accepted"  # numbered
    STALE = "stale"  # made on an old revision: merged on the desk, its outcome is a later entry
    REFUSED = "refused"  # kept in head office's quarantine, shown on both sides


class Entry(Base):
    """One deed. ``number`` counts this device's entries 1, 2, 3 … without a gap.

    ``changes`` maps each field to [was, now] in wire form; for a creation *was* is null. The chain hashes the
    digest of the content, not the text, so that text may be erased (PIPL art. 47) and the chain still proves
    that nothing else was altered.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_pending", "kind", "deed", "number", sqlite_where=text("state = 'pending'")),
        Index("ix_journal_record", "record_id", "number"),
    )
    #: The content that the digest covers, in this order.
    SEALED: ClassVar[tuple[str, ...]] = (
        "number",
        "id",
        "at",
        "deed",
        "kind",
        "record_id",
        "changes",
        "reason",
        "actor_id",
        "device_id",
        "version",
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    deed: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    record_id: Mapped[uuid.UUID | None]
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[uuid.UUID | None]
    device_id: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(default=State.PENDING)
    revision: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")
    #: The text is gone, by a wipe that a later entry tells; digest and date stay.
    erased: Mapped[bool] = mapped_column(default=False)

    def sealed(self) -> bytes:
        """The canonical JSON that the digest covers."""
        return sealed_words(self)


class Received(Base):
    """An entry of another device or of the office that this desk pulled: the rest of a record's history.

    The row tells where it is found: the ``block`` that keeps what it says, and its ``place`` among those that came
    with it.
    """

    __tablename__ = "received"
    __table_args__ = (
        Index("ix_received_grant", "kind", "block", "place", sqlite_where=text("deed = 'grant'")),
        {"sqlite_with_rowid": False},
    )

    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID]
    deed: Mapped[str]
    kind: Mapped[str]


class ReceivedBlock(Base):
    """The entries that came with one page of a feed, packed in the columns that they came in (ADR 0031)."""

    __tablename__ = "received_block"

    number: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[bytes]


class Note(Base):
    """A small value of this desk itself: cursor, device id, last receipt. Never synced, never journalled."""

    __tablename__ = "note"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Transfer(Base):
    """What head office said of bytes that lie beside the records: taken, or refused and why."""

    __tablename__ = "transfer"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    refused: Mapped[str] = mapped_column(default="")


def sealed_words(entry: Any) -> bytes:
    """The canonical JSON that an entry's digest covers, of an :class:`Entry` or of a row of its table."""
    return words_of(getattr(entry, name) for name in Entry.SEALED)


def words_of(content: Iterable[Any]) -> bytes:
    """The same for an entry's content, a value for each of ``Entry.SEALED``."""
    return msgspec.json.encode([_plain(value) for value in content], order="sorted")


def digest_of(words: bytes) -> bytes:
    """The digest of an entry of which these are the words."""
    return hashlib.sha256(words).digest()


def link_chain(before: bytes, digest: bytes) -> bytes:
    """The chain hash of an entry with ``digest`` after the entry whose chain hash is ``before``."""
    return hashlib.sha256(before + digest).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value
