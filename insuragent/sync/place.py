"""Where this desk stands with head office: who it is there, and how far each side has read the other."""

import uuid
from dataclasses import asdict, dataclass

from insuragent.models.journal import GENESIS, Entry
from insuragent.store.work import UnitOfWork

#: Notes of the desk: head office as it was when this device enrolled, and the last entry whose answer is held.
OFFICE_NOTE, SETTLED_NOTE = "office", "settled"


@dataclass(frozen=True)
class Seat:
    """This device at head office: its address, the device's name in signatures, and head office's key in hex."""

    address: str
    key_id: str
    server_key: str
    #: The company's own certificate authority (PEM), pinned at the enrolment; empty: the public ones are asked.
    ca: str = ""

    @property
    def agent(self) -> uuid.UUID:
        """The id of the member of staff whose device this is."""
        return uuid.UUID(self.key_id.partition("/")[0])


def seat(work: UnitOfWork) -> Seat | None:
    """This device's seat; None before it is enrolled."""
    noted = work.note(OFFICE_NOTE)
    return Seat(**noted) if noted else None


def take_seat(work: UnitOfWork, taken: Seat) -> None:
    """Keep what the enrolment gave."""
    work.set_note(OFFICE_NOTE, asdict(taken))


def settled(work: UnitOfWork) -> int:
    """The number of the last entry whose answer this desk holds."""
    return int(work.note(SETTLED_NOTE, 0))


def settle(work: UnitOfWork, number: int) -> None:
    """Remember that every answer up to ``number`` is held."""
    work.set_note(SETTLED_NOTE, max(number, settled(work)))


def settle_back(work: UnitOfWork, number: int) -> None:
    """Forget the answers after ``number``: head office does not know the entries any more."""
    work.set_note(SETTLED_NOTE, min(number, settled(work)))


def cursor(work: UnitOfWork, feed: str) -> int:
    """The number up to which a feed was taken over."""
    return int(work.note(f"cursor:{feed}", 0))


def advance(work: UnitOfWork, feed: str, number: int) -> None:
    """Remember that a feed was taken over up to ``number``."""
    work.set_note(f"cursor:{feed}", number)


def chain_at(work: UnitOfWork, number: int) -> bytes:
    """The journal's hash at an entry; of none before the first, and empty for one that is not there."""
    entry = work.session.get(Entry, number) if number else None
    return entry.chain if entry else (b"" if number else GENESIS)
