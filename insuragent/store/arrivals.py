"""What head office tells of records, written as it came: no deed of this desk's, so nothing of it enters the journal.

A first pass brings thousands of records: they are written a statement a kind, without an object for each.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa

from insuragent.models import Record
from insuragent.models.base import defaults, table_of, utc_now
from insuragent.store import bulk, indexing
from insuragent.store.work import UnitOfWork


class Arrival(NamedTuple):
    """What came of one record: the fields that the program knows, typed, those that it does not, and as of when."""

    id: uuid.UUID
    known: Mapping[str, Any]
    unknown: Mapping[str, Any]
    revision: int
    at: dt.datetime


def enter(work: UnitOfWork, record_type: type[Record], arrived: Sequence[Arrival]) -> None:
    """Enter whole records that this desk does not hold."""
    if not arrived:
        return
    told = dict.fromkeys(chain.from_iterable(one.known for one in arrived))  # few of a customer's sixty fields
    start = told | {"created_at": utc_now()} | defaults(record_type)
    rows = [(*{**start, **one.known}.values(), one.revision, one.at, one.unknown, one.id) for one in arrived]
    bulk.append(work.session.connection(), table_of(record_type), [*start, *_STAMP, "id"], rows)
    _note(work, record_type, arrived)


def alter(work: UnitOfWork, record_type: type[Record], arrived: Iterable[Arrival]) -> None:
    """Bring records that this desk holds to what came of them."""
    told = {one.id: one for one in arrived}
    table, connection = table_of(record_type), work.session.connection()
    held = sa.select(table.c.number, table.c.id, table.c.revision, table.c.changed_at, table.c.unknown)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in connection.execute(held.where(bulk.among(table.c.id, told))).all():
        one = told[row.id]
        stamp = _stamp(
            max(row.revision, one.revision), max(row.changed_at, one.at), kept(row.unknown, one.known, one.unknown)
        )
        alike.setdefault(tuple(one.known), []).append({**one.known, **stamp, "number": row.number})
    for names, rows in alike.items():
        bulk.update(connection, table, "number", [*names, *_STAMP], (tuple(row.values()) for row in rows))
        if indexing.reads(record_type).intersection(names):
            indexing.mark(work.session, record_type, [row["number"] for row in rows])
    _note(work, record_type, [one for one in told.values() if one.known])
    work.outdate(told)


def kept(before: Mapping[str, Any], known: Mapping[str, Any], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """What stays not understood of a record; a field that is ``known`` now has no older value among it."""
    return {name: value for name, value in before.items() if name not in known} | dict(unknown)


_STAMP = ("revision", "changed_at", "unknown")


def _stamp(revision: int, at: dt.datetime, unknown: Mapping[str, Any]) -> dict[str, Any]:
    return dict(zip(_STAMP, (revision, at, unknown), strict=True))


def _note(work: UnitOfWork, record_type: type[Record], arrived: Iterable[Arrival]) -> None:
    kind = record_type.kind()
    work.changed.update((kind, one.id) for one in arrived)
