"""The unit of work: one transaction for one use case, in which every change enters the journal."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from insuragent import __version__
from insuragent.errors import RecordGone
from insuragent.models import RECORDS, Deed, Entry, Note, Record, State
from insuragent.models.base import utc_now
from insuragent.models.journal import digest_of, link_chain, words_of
from insuragent.security.document_key import DocumentKey
from insuragent.store import bulk
from insuragent.store.anchor import Head
from insuragent.store.blobs import Blobs

R = TypeVar("R", bound=Record)
READS_ONLY = "this unit of work only reads"
_JOURNAL = cast(sa.Table, Entry.__table__)
_NOTES = cast(sa.Table, Note.__table__)
# Made once: a pass of syncing reads and keeps some dozens of notes, and the statement would cost more than the row.
_NOTED = sa.select(_NOTES.c.value).where(_NOTES.c.name == sa.bindparam("name"))
_NEW = sqlite.insert(_NOTES)
_KEEP = _NEW.on_conflict_do_update(index_elements=["name"], set_={"value": _NEW.excluded.value})
#: How every entry begins: not sent yet, so not answered.
_BEGUN = {"state": State.PENDING.value, "answer": "", "erased": False}
_WRITTEN = (*Entry.SEALED, "digest", "chain", *_BEGUN)


@dataclass(frozen=True)
class Actor:
    """Who acts, on which device. ``role`` is a staff role's value; ``staff_id`` is None before enrolment."""

    staff_id: uuid.UUID | None = None
    role: str = "agent"
    device_id: str = ""


class UnitOfWork:
    """One transaction on the store. ``changed`` names the records that it changed, for those who show them.

    What leaves the block is a snapshot that nobody writes to: read it, then open a new unit of work to change it.
    """

    def __init__(
        self, session: Session, actor: Actor, head: Callable[[], Head], blobs: Blobs, document_key: DocumentKey
    ) -> None:
        self.session = session
        self.actor = actor
        self.blobs = blobs
        self.document_key = document_key
        self.changed: set[tuple[str, uuid.UUID]] = set()
        #: Deeds that are entered even when this unit of work fails: (deed, kind, record id, changes).
        self.kept: list[tuple[Deed, str, uuid.UUID | None, dict[str, Any] | None]] = []
        #: Set while head office's changes are taken over: these are in its ledger already, not ours to journal.
        self.applying = False
        #: The reason that the next journal entries carry, see :meth:`because`.
        self.reason = ""
        self._known: dict[uuid.UUID, Record] = {}
        self._stored_head = head
        self._head: Head | None = None
        session.info["work"] = self

    # --- reading -------------------------------------------------------------------------------------------------

    def get(self, record_type: type[R], record_id: uuid.UUID) -> R:
        """The record with this id. Raises RecordGone when the desk does not hold it."""
        found = self.find(record_type, record_id)
        if found is None:
            raise RecordGone
        return found

    def find(self, record_type: type[R], record_id: uuid.UUID) -> R | None:
        """The record with this id, or None."""
        known = self._known.get(record_id)
        if known is None:
            known = self.session.scalars(sa.select(record_type).where(record_type.id == record_id)).one_or_none()
            if known is not None:
                self._known[record_id] = known
        return known if isinstance(known, record_type) else None

    def scalars(self, statement: sa.Select[R]) -> Sequence[R]:
        """Every record that the statement selects."""
        return self.session.scalars(statement).all()

    def rows(self, statement: sa.Executable) -> Sequence[Any]:
        """Every row that the statement selects; lighter than records for lists and counts."""
        return self.session.execute(statement).all()

    def count(self, record_type: type[Record], *where: Any) -> int:
        """How many records of a type are not archived and fulfil ``where``."""
        table = sa.select(sa.func.count()).select_from(record_type)
        return self.session.scalar(table.where(record_type.archived_at.is_(None), *where)) or 0

    def note(self, name: str, default: Any = None) -> Any:
        """A small value of this desk, see :meth:`set_note`; ``default`` where none was ever kept."""
        row = self.session.connection().execute(_NOTED, {"name": name}).first()
        return default if row is None else row[0]

    # --- writing -------------------------------------------------------------------------------------------------

    def add(self, record: R) -> R:
        """Enter a new record; the journal entry is made by itself at the flush."""
        self.session.add(record)
        self._known[record.id] = record
        return record

    def set_note(self, name: str, value: Any) -> None:
        """Keep a small value of this desk itself (cursor, device id): neither journalled nor synced."""
        self._writing().execute(_KEEP, {"name": name, "value": value})

    def tell(self, deed: Deed, record: Record | None = None, reason: str = "", **facts: Any) -> None:
        """Enter a deed that changes no record: a reveal, a print, an unlock."""
        changes = {name: [None, value] for name, value in facts.items()} or None
        self.enter(deed, record.kind() if record else "", record.id if record else None, changes, reason)

    def tell_refusal(self, deed: Deed, record: Record, **facts: Any) -> None:
        """Have a deed entered although this unit of work is about to fail: what was refused, and why."""
        self.kept.append((deed, record.kind(), record.id, {name: [None, value] for name, value in facts.items()}))

    def enter(
        self,
        deed: Deed,
        kind: str,
        record_id: uuid.UUID | None,
        changes: dict[str, Any] | None,
        reason: str = "",
    ) -> None:
        """Append an entry to the journal, numbered and chained after the newest one."""
        connection, before = self._writing(), self.head
        number, actor = before.number + 1, self.actor
        # Straight into the table: an entry is written once, so that nothing of it need be watched.
        told = (number, uuid7(), utc_now(), deed.value, kind, record_id, changes, reason or self.reason)
        content = (*told, actor.staff_id, actor.device_id, __version__)  # as Entry.SEALED names them
        digest = digest_of(words_of(content))
        self._head = Head(number, link_chain(before.chain, digest))
        row = (*content, digest, self._head.chain, *_BEGUN.values())
        bulk.insert(connection, _JOURNAL, bulk.turned(_WRITTEN, [row]))

    def _writing(self) -> sa.Connection:
        """The connection, for a write of our own. Raises RuntimeError in a unit of work that only reads."""
        connection = self.session.connection()
        if not connection.get_execution_options().get("write"):
            raise RuntimeError(READS_ONLY)
        return connection

    def flush(self) -> None:
        """Send what was changed to the database, within the transaction."""
        self.session.flush()

    @property
    def head(self) -> Head:
        """The newest journal entry, those of this unit of work included."""
        if self._head is None:
            self._head = self._stored_head()
        return self._head

    @property
    def wrote_journal(self) -> bool:
        """Whether this unit of work entered anything."""
        return self._head is not None and self._head != self._stored_head()

    @contextmanager
    def taking_over(self) -> Iterator[None]:
        """Within the block, changes are head office's own: stored and indexed, but not entered again."""
        self.flush()
        self.applying = True
        try:
            yield
            self.flush()
        finally:
            self.applying = False

    @contextmanager
    def because(self, reason: str) -> Iterator[None]:
        """Within the block, every entry carries this reason, unless it has its own."""
        self.flush()
        self.reason = reason
        try:
            yield
            self.flush()
        finally:
            self.reason = ""

    def outdate(self, record_ids: Iterable[uuid.UUID]) -> None:
        """Have records read anew whose rows were changed past this unit of work."""
        for record_id in self._known.keys() & set(record_ids):
            self.session.expire(self._known.pop(record_id))

    @property
    def now(self) -> dt.datetime:
        """The device's clock."""
        return utc_now()


def record_type(kind: str) -> type[Record]:
    """The record type of a kind. Raises KeyError for a kind that this program does not know."""
    return RECORDS[kind]


def kinds(changed: Iterable[tuple[str, uuid.UUID]]) -> set[str]:
    """The kinds among changed records."""
    return {kind for kind, _ in changed}
