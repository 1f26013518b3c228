"""Feeds: what is numbered of an agent's entries, and of the products, told page by page."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.headoffice import blocks, hand, tables
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.database import Rows
from insuragent.headoffice.statements import prepared
from insuragent.models import Staff
from insuragent.sync.protocol import FeedColumns, Pull, PullPage, decode

_e = tables.entry.c
_HERE = (_e.feed_number > sa.bindparam("after"), _e.feed_number <= sa.bindparam("head"))
_MOST = sa.bindparam("most", type_=sa.Integer)


def _told(*more: sa.Column[Any]) -> sa.Select[Any]:
    wanted = sa.select(_e.agent, _e.device, _e.number, _e.feed_number, _e.revision, _e.actor_id, _e.block, *more)
    return wanted.where(*_HERE).order_by(_e.feed_number).limit(_MOST)


_PAGE = prepared(_told(), tables.entry)
#: What of it has its text in its row.
_OWN = prepared(_told(_e.sealed).where(_e.block.is_(None)), tables.entry)
#: The newest number of the agent's feed, and of everybody's; nothing before the first.
NEWEST = prepared(sa.select(tables.feed.c.number), tables.feed).scalar_subquery()
NEWEST_OF_ALL = prepared(sa.select(tables.feed.c.number), tables.feed, agent=tables.CATALOGUE).scalar_subquery()


def newest(rows: Rows) -> int:
    """The newest number of a feed."""
    row = rows.get(tables.feed)
    return row.number if row else 0


def page(rows: Rows, asked: Pull) -> PullPage:
    """A page of the feed of these rows."""
    head = asked.head or newest(rows)
    here = {"after": asked.cursor, "head": head, "most": asked.limit}
    found = rows.run(_PAGE, **here)
    own = rows.stream(_OWN, **here) if any(row.block is None for row in found) else iter(())
    texts = Texts(rows, found)
    told, more = _within(texts, found, own, asked)
    names = _names(rows, {row.actor_id for row in told if row.actor_id})
    columns = FeedColumns(
        [row.feed_number for row in told],
        [row.revision for row in told],
        [names.get(row.actor_id, "") for row in told],
        ["" if row.device == hand.DEVICE else row.device for row in told],
        texts.columns(told),
    )
    cursor = told[-1].feed_number if more else max(head, asked.cursor)
    made = PullPage([], cursor, max(head, cursor), columns)
    return made if asked.columns else decode(msgspec.json.encode(made), PullPage).straight()


def _within(texts: Texts, found: Iterable[Any], own: Iterator[Any], asked: Pull) -> tuple[list[Any], bool]:
    """The first of what was found, as much as the page holds, and one at least; and whether there may be more.

    Of what lies in rows of its ``own`` no more is unsealed.
    """
    told: list[Any] = []
    size = whole = 0
    for (_device, block), group in groupby(found, key=attrgetter("device", "block")):
        same, ends = list(group), True
        if block is None:
            sized: Iterable[tuple[Any, int]] = ((one, len(one.sealed.encode())) for one in islice(own, len(same)))
        else:
            sizes, ends = texts.sizes(same)
            sized = zip(same, sizes, strict=True)
        for one, length in sized:
            size += length
            if told and size > asked.size:
                return _up_to(told, whole, asked), True
            told.append(one)
        if ends:
            whole = len(told)
    if len(told) < asked.limit:
        return told, False
    return _up_to(told, whole, asked), True


def _up_to(told: list[Any], whole: int, asked: Pull) -> list[Any]:
    """A page of more than a block that is more than half full by then ends with one: with the ``whole`` first rows."""
    return told[:whole] if asked.limit > blocks.MOST and whole > len(told) // 2 else told


def _names(rows: Rows, actors: set[str]) -> dict[str, str]:
    """The names of those who wrote into a feed, by the cards of staff that lie in it."""
    cards = rows.among(tables.record.c.id, actors)
    return {card.id: str(card.body.get("name", "")) for card in cards if card.kind == Staff.kind()}
