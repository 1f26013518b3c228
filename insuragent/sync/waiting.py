"""What arrived and cannot be shown yet: kinds that this program does not know, records that are not whole here.

Everything that arrives is kept (:class:`Received`), so nothing of it is lost: the pass goes on, and these are tried
again at each pass, and after the program was updated.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Received
from insuragent.models.fields import to_wire
from insuragent.store import bulk
from insuragent.store.arrivals import Arrivals
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, received
from insuragent.sync.arriving import Arrived

#: Notes of the desk: the kinds that it did not know, and the kinds of the records that were not whole, by id.
KINDS_NOTE, RECORDS_NOTE = "unknown_kinds", "held_back"
#: What a feed tells beside changes of records: no part of a record's story.
ORDERS = (Deed.WITHDRAW, Deed.ERASE, Deed.LATE)


def hold_kind(work: UnitOfWork, kind: str) -> None:
    """Remember that records of a kind came that this program does not know."""
    kinds = work.note(KINDS_NOTE, [])
    if kind not in kinds:
        work.set_note(KINDS_NOTE, [*kinds, kind])


def hold_back(work: UnitOfWork, records: Mapping[uuid.UUID, str]) -> None:
    """Remember records that could not be made as they came."""
    if records:
        work.set_note(RECORDS_NOTE, work.note(RECORDS_NOTE, {}) | {str(key): kind for key, kind in records.items()})


def held_back(work: UnitOfWork) -> dict[uuid.UUID, str]:
    """What may be tried now: the records that wait, and all of the kinds that the program knows by now."""
    found = {uuid.UUID(key): kind for key, kind in work.note(RECORDS_NOTE, {}).items() if kind in RECORDS}
    learned = [kind for kind in work.note(KINDS_NOTE, []) if kind in RECORDS]
    if learned:
        wanted = sa.select(Received.record_id, Received.kind).where(Received.kind.in_(learned))
        wanted = wanted.order_by(Received.block, Received.place)
        found |= {row.record_id: row.kind for row in work.rows(wanted)}
    return found


def let_go(work: UnitOfWork, record_ids: Iterable[uuid.UUID]) -> None:
    """Forget what was tried: it is in its place, or is held back anew."""
    gone = {str(key) for key in record_ids}
    work.set_note(RECORDS_NOTE, {k: kind for k, kind in work.note(RECORDS_NOTE, {}).items() if k not in gone})
    work.set_note(KINDS_NOTE, [kind for kind in work.note(KINDS_NOTE, []) if kind not in RECORDS])


def story(work: UnitOfWork, record_ids: Collection[uuid.UUID]) -> list[Arrived]:
    """Every change that came of these records, in its order."""
    return [one for one in received.story(work, record_ids) if one.deed not in ORDERS] if record_ids else []


def is_whole(came: Arrivals) -> bool:
    """Whether records can be made of these values: nothing that they must have is missing or not understood."""
    return all(map(came.known.__contains__, codec.shape_of(came.record_type).needed))


def lost_ends(work: UnitOfWork, page: Iterable[Arrivals]) -> set[uuid.UUID]:
    """What the records of a page link to and is not there; a link within the page leads somewhere.

    Head office takes no such link; but a desk that met one would never get past its page.
    """
    ends: dict[str, set[uuid.UUID]] = {}
    for came in page:
        for name, linked in _links(came).items():
            ends.setdefault(linked, set()).update(filter(None, came.known[name]))
    lost = set().union(*ends.values())
    if lost:
        lost.difference_update(*(came.ids for came in page))
    for kind in ends.keys() & RECORDS.keys():
        wanted = ends[kind] & lost
        if wanted:
            here = RECORDS[kind].id
            lost.difference_update(work.session.scalars(sa.select(here).where(bulk.among(here, wanted))))
    return lost


def loosen(page: Iterable[Arrivals], lost: Collection[uuid.UUID]) -> tuple[list[Arrivals], list[Arrivals]]:
    """A page in two: the records of which no link leads to what is lost; and the others, with the first such link
    among what is not known of them."""
    sound, loose = [], list[Arrivals]()
    for came in page:
        rest = came
        for name in _links(came):
            torn = [end in lost for end in rest.known[name]]
            if any(torn):
                part, rest = rest.parted(torn)
                known = dict(part.known)
                told = list(map(to_wire, known.pop(name)))
                loose.append(replace(part, known=known, unknown={**part.unknown, name: told}))
        sound.append(rest)
    return sound, loose


def _links(came: Arrivals) -> dict[str, str]:
    """The fields among those that are told which link to a record, and its kind."""
    return {name: kind for name, kind in codec.shape_of(came.record_type).links.items() if name in came.known}
