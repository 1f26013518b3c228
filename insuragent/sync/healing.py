"""Head office was set back to an older copy of its data: what it lost is told again, as this desk holds it.

The desk reads its whole feed anew and learns so what head office has. What was accepted after the copy was made is
merged away, like a change that met a newer one, and the difference is filed as new entries on head office's revisions.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Entry, Product, Record, State
from insuragent.models.fields import fields_of, to_wire
from insuragent.store.recorder import contents_of
from insuragent.store.work import UnitOfWork
from insuragent.sync import arriving, codec, place
from insuragent.sync.outbox import CHANGING
from insuragent.sync.protocol import OWN, PullPage
from insuragent.sync.waiting import ORDERS

#: Note of the desk: set from the moment when the loss was noticed until everything is told again.
NOTE = "telling_again"


def is_due(work: UnitOfWork) -> bool:
    """Whether everything must be compared with head office in this pass."""
    return bool(work.note(NOTE, False))


def reopen(work: UnitOfWork, last: int) -> None:
    """Take back what was settled after ``last``, the newest entry that head office still has of this device."""
    lost = sa.select(Entry).where(Entry.number > last, Entry.state == State.ACCEPTED)
    for entry in work.session.scalars(lost):
        entry.state = State.PENDING
    place.settle_back(work, last)
    reread(work)


def reread(work: UnitOfWork) -> None:
    """Read the own feed from its beginning, and compare when its end is reached."""
    place.advance(work, OWN, 0)
    work.set_note(NOTE, True)


@dataclass
class _Known:
    revision: int = 0
    body: dict[str, Any] = field(default_factory=dict)


class Mirror:
    """What head office holds of this agent, put together from the whole feed."""

    def __init__(self) -> None:
        self._records: dict[uuid.UUID, _Known] = {}

    def see(self, page: PullPage) -> None:
        """Take a page into account."""
        for one in arriving.read(page):
            if one.record_id is not None and one.deed not in ORDERS:
                known = self._records.setdefault(one.record_id, _Known())
                known.revision = max(known.revision, one.revision)
                known.body |= codec.now_of(one.changes)

    def tell_again(self, work: UnitOfWork) -> None:
        """File what this desk holds and head office does not; the revisions become head office's."""
        own = {kind: its for kind, its in RECORDS.items() if its.synced and its is not Product}
        waits = Entry.state == sa.literal_column(f"'{State.PENDING.value}'")
        for entry in work.session.scalars(sa.select(Entry).where(waits, Entry.deed.in_(CHANGING), Entry.kind.in_(own))):
            entry.state = State.STALE  # its outcome is among what is filed now
        for record_type in own.values():
            for record in work.scalars(sa.select(record_type).order_by(record_type.number)):
                self._compare(work, record)
        work.set_note(NOTE, False)

    def _compare(self, work: UnitOfWork, record: Record) -> None:
        known = self._records.get(record.id, _Known())
        if record.revision != known.revision:
            with work.taking_over():
                record.revision = known.revision
        if record.office_owned or (known.revision and record.append_only):
            return
        if not known.revision:
            work.enter(Deed.CREATE, record.kind(), record.id, contents_of(record))
            return
        ours = {name: to_wire(getattr(record, name)) for name in fields_of(type(record)) if name not in record.unknown}
        lost = {name: [known.body.get(name), now] for name, now in ours.items() if known.body.get(name) != now}
        if lost:
            work.enter(Deed.MERGE, record.kind(), record.id, lost)
