"""What other hands entered and this desk pulled: rows by which an entry is found, and what it says in blocks.

A first pass brings thousands of entries that hardly anybody asks for again: they stay packed in the columns in which
they came (ADR 0031).
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import repeat
from typing import TypeVar, cast

import msgspec
import sqlalchemy as sa
import zstandard

from insuragent.models import Deed, Received, ReceivedBlock
from insuragent.store import bulk
from insuragent.store.work import UnitOfWork
from insuragent.sync import arriving
from insuragent.sync.arriving import Arrived
from insuragent.sync.protocol import FeedColumns, PullPage, unpack
from insuragent.sync.protocol.columns import pick

T = TypeVar("T")

#: These deeds name ids, never a text: they stay.
TEXTLESS = (Deed.WITHDRAW, Deed.ERASE, Deed.WIPE)
#: A page is packed where somebody waits for it, and seldom opened.
_ZSTD_LEVEL = 1
_ROWS, _BLOCKS = (cast(sa.Table, declared.__table__) for declared in (Received, ReceivedBlock))


def known(work: UnitOfWork, arrived: Iterable[Arrived]) -> set[uuid.UUID]:
    """Which entries of the same records came before."""
    records = {one.record_id for one in arrived if one.record_id is not None}
    return set(work.session.scalars(sa.select(Received.id).where(bulk.among(Received.record_id, records))))


def keep(work: UnitOfWork, page: PullPage, fresh: Sequence[Arrived], places: Sequence[int]) -> int:
    """Keep the ``fresh`` ones of a page's entries, which stand at these places; returns about how many bytes each of
    the page's entries has."""
    columns = page.turned().columns
    assert columns is not None, "a page that is turned has columns"
    body = msgspec.json.encode(columns)
    size = len(body) // max(1, page.count)
    if len(fresh) < page.count:
        body = msgspec.json.encode(_some(columns, places))
    if fresh:
        connection = work.session.connection()
        block = connection.execute(sa.insert(_BLOCKS).values(entries=_packed(body))).lastrowid
        rows = {
            "record_id": [one.record_id for one in fresh],
            "block": repeat(block, len(fresh)),
            "place": range(len(fresh)),
            "id": [one.id for one in fresh],
            "deed": [one.deed for one in fresh],
            "kind": [one.kind for one in fresh],
        }
        bulk.insert(connection, _ROWS, rows)
    return size


def story(work: UnitOfWork, record_ids: Collection[uuid.UUID]) -> list[Arrived]:
    """Everything that came of these records, in its order."""
    wanted = sa.select(Received.block, Received.place).where(bulk.among(Received.record_id, record_ids))
    places: dict[int, list[int]] = {}
    for row in work.rows(wanted.order_by(Received.block, Received.place)):
        places.setdefault(row.block, []).append(row.place)
    return [one for block, told in _open(work, places) for one in _read(_some(told, places[block]))]


def forget(work: UnitOfWork, record_ids: Collection[uuid.UUID]) -> None:
    """Take out what came of these records; what tells by ids alone that they are gone stays."""
    connection = work.session.connection()
    gone = bulk.among(_ROWS.c.record_id, record_ids) & _ROWS.c.deed.not_in(TEXTLESS)
    places: dict[int, set[int]] = {}
    for row in connection.execute(sa.select(_ROWS.c.block, _ROWS.c.place).where(gone)):
        places.setdefault(row.block, set()).add(row.place)
    connection.execute(sa.delete(_ROWS).where(gone))
    for block, told in _open(work, places):
        left = _some(told, [place for place in range(len(told.numbers)) if place not in places[block]])
        entries = _packed(msgspec.json.encode(left))
        connection.execute(sa.update(_BLOCKS).where(_BLOCKS.c.number == block).values(entries=entries))
        closer = [
            (place, one.record_id.bytes, block, one.id.bytes) for place, one in enumerate(_read(left)) if one.record_id
        ]
        bulk.run(connection, "UPDATE received SET place = ? WHERE record_id = ? AND block = ? AND id = ?", closer)


def _open(work: UnitOfWork, blocks: Collection[int]) -> Iterator[tuple[int, FeedColumns]]:
    wanted = sa.select(ReceivedBlock.number, ReceivedBlock.entries).where(bulk.among(ReceivedBlock.number, blocks))
    for number, entries in work.rows(wanted.order_by(ReceivedBlock.number)):
        yield number, unpack(entries, FeedColumns)


def _read(columns: FeedColumns) -> list[Arrived]:
    return arriving.read(PullPage([], 0, 0, columns))


def _some(columns: FeedColumns, places: Sequence[int]) -> FeedColumns:
    """The entries at these places."""

    def pick_from(column: list[T]) -> list[T]:
        return [column[place] for place in places]

    heads = (pick_from(columns.numbers), pick_from(columns.revisions))
    names = (pick_from(columns.actor_names), pick_from(columns.devices))
    return FeedColumns(*heads, *names, pick(columns.sealed, places))


def _packed(body: bytes) -> bytes:
    return zstandard.compress(body, _ZSTD_LEVEL)
