"""Customers whom head office handed over to this agent, until he has looked at them."""

import uuid

import sqlalchemy as sa

from insuragent.models import Customer, Deed, Received
from insuragent.store.work import UnitOfWork

#: Note of the desk: the block of the newest hand-over that was looked at.
SEEN_NOTE = "handed_over_seen"
#: A literal: SQLite takes the index of what was handed over only when it sees the word.
_HANDED = Received.deed == sa.literal_column(f"'{Deed.GRANT.value}'")


def unseen(work: UnitOfWork) -> list[uuid.UUID]:
    """The customers handed over since the last look who are still here, in the order in which they came."""
    fresh = sa.select(Received.record_id).where(
        _HANDED, Received.kind == Customer.kind(), work.note(SEEN_NOTE, 0) < Received.block
    )
    here = fresh.join(Customer, Customer.id == Received.record_id)
    return list(dict.fromkeys(work.session.scalars(here.order_by(Received.block, Received.place))))


def look(work: UnitOfWork) -> list[uuid.UUID]:
    """The same; from now on they have been looked at."""
    found = unseen(work)
    newest = work.session.scalar(sa.select(sa.func.max(Received.block)).where(_HANDED))
    work.set_note(SEEN_NOTE, newest or 0)
    return found
