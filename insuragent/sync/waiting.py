"""What arrived and cannot be shown yet: kinds that this program does not know, records that are not whole here.

Everything that arrives is kept (:class:`Received`), so nothing of it is lost: the pass goes on, and these are tried
again at each pass, and after the program was updated.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from insuragent.models import RECORDS, Deed, Received, Record
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec
from insuragent.sync.codec import Values

#: Notes of the desk: the kinds that it did not know, and the kinds of the records that were not whole, by id.
KINDS_NOTE, RECORDS_NOTE = "unknown_kinds", "held_back"
#: What a feed tells beside changes of records: no part of a record's story.
ORDERS = (Deed.WITHDRAW, Deed.ERASE, Deed.LATE)
#: In the order in which they came: the row's own number.
_ARRIVAL: sa.ColumnClause[int] = sa.literal_column("received.rowid", sa.Integer)


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
        wanted = sa.select(Received.record_id, Received.kind).where(Received.kind.in_(learned)).order_by(_ARRIVAL)
        found |= {row.record_id: row.kind for row in work.rows(wanted)}
    return found


def let_go(work: UnitOfWork, record_ids: Iterable[uuid.UUID]) -> None:
    """Forget what was tried: it is in its place, or is held back anew."""
    gone = {str(key) for key in record_ids}
    work.set_note(RECORDS_NOTE, {k: kind for k, kind in work.note(RECORDS_NOTE, {}).items() if k not in gone})
    work.set_note(KINDS_NOTE, [kind for kind in work.note(KINDS_NOTE, []) if kind not in RECORDS])


def story(work: UnitOfWork, record_ids: Iterable[uuid.UUID]) -> list[Received]:
    """Everything that came of these records, in its order."""
    asked = list(record_ids)
    about = (Received.record_id.in_(asked), Received.deed.not_in(ORDERS))
    wanted = sa.select(Received).where(*about).order_by(_ARRIVAL)
    return list(work.session.scalars(wanted)) if asked else []


def is_whole(record_type: type[Record], values: Values) -> bool:
    """Whether a record can be made of these values: nothing that it must have is missing or not understood."""
    return all(map(values.known.__contains__, codec.shape_of(record_type).needed))


def loose_ends(
    work: UnitOfWork, page: Mapping[uuid.UUID, tuple[type[Record], Values]]
) -> Iterator[tuple[uuid.UUID, str]]:
    """The records of a page whose links lead nowhere, and the field; a link within the page leads somewhere.

    Head office takes no such link; but a desk that met one would never get past its page.
    """
    ends = list(_ends(page))
    there = set(page)
    for kind in {kind for _key, _name, kind, _end in ends}:
        wanted: Sequence[uuid.UUID] = list({end for _k, _n, linked, end in ends if linked == kind} - there)
        if wanted and kind in RECORDS:
            table = RECORDS[kind]
            there.update(work.session.scalars(sa.select(table.id).where(table.id.in_(wanted))))
    for key, name, _kind, end in ends:
        if end not in there:
            yield key, name


def _ends(
    page: Mapping[uuid.UUID, tuple[type[Record], Values]],
) -> Iterator[tuple[uuid.UUID, str, str, uuid.UUID]]:
    links = {record_type: codec.shape_of(record_type).links for record_type, _values in page.values()}
    for key, (record_type, values) in page.items():
        for name, linked in links[record_type].items():
            if values.known.get(name) is not None:
                yield key, name, linked, values.known[name]
