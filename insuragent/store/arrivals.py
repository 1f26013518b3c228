"""What head office tells of records, written as it came: no deed of this desk's, so nothing of it enters the journal.

A first pass brings thousands of records: they are written a statement a kind, without an object for each.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any

import sqlalchemy as sa

from insuragent.models import Record
from insuragent.models.base import defaults, table_of, utc_now
from insuragent.store import bulk, indexing
from insuragent.store.work import UnitOfWork


@dataclass(frozen=True)
class Arrivals:
    """What came of records of one type of which the same fields are told, by columns with a value for each record.

    ``known`` are the fields that the program knows, typed, ``unknown`` those that it does not; of each record the
    revision, and as of when.
    """

    record_type: type[Record]
    ids: Sequence[uuid.UUID]
    known: Mapping[str, Sequence[Any]]
    unknown: Mapping[str, Sequence[Any]]
    revisions: Sequence[int]
    at: Sequence[dt.datetime]

    def parted(self, chosen: Sequence[bool]) -> tuple["Arrivals", "Arrivals"]:
        """Those of the records that are chosen, and the others."""
        return self._some(chosen), self._some([not one for one in chosen])

    def _some(self, chosen: Sequence[bool]) -> "Arrivals":
        if all(chosen):
            return self

        def pick(column: Sequence[Any]) -> list[Any]:
            return list(compress(column, chosen))

        known, unknown = ({name: pick(column) for name, column in told.items()} for told in (self.known, self.unknown))
        return Arrivals(self.record_type, pick(self.ids), known, unknown, pick(self.revisions), pick(self.at))

    def kept(self) -> Iterable[Mapping[str, Any]]:
        """What is not understood of each record."""
        if not self.unknown:
            return repeat({}, len(self.ids))
        return (dict(zip(self.unknown, row, strict=True)) for row in zip(*self.unknown.values(), strict=True))


def enter(work: UnitOfWork, came: Arrivals) -> None:
    """Enter whole records that this desk does not hold."""
    record_type, count = came.record_type, len(came.ids)
    start = {"created_at": utc_now()} | defaults(record_type)
    columns = {name: repeat(value, count) for name, value in start.items()} | dict(came.known)
    stamp = {"revision": came.revisions, "changed_at": came.at, "unknown": came.kept()}
    bulk.append(work.session.connection(), table_of(record_type), columns | stamp | {"id": came.ids})
    _note(work, came)


def alter(work: UnitOfWork, record_type: type[Record], groups: Sequence[Arrivals]) -> None:
    """Bring records of one type that this desk holds to what came of them; each is in one of the groups."""
    table, connection = table_of(record_type), work.session.connection()
    ids = [one for came in groups for one in came.ids]
    wanted = sa.select(table.c.id, table.c.number, table.c.revision, table.c.changed_at, table.c.unknown)
    held = {row.id: row for row in connection.execute(wanted.where(bulk.among(table.c.id, ids)))}
    for came in groups:
        rows = [held[one] for one in came.ids]
        numbers = [row.number for row in rows]
        stamp = {
            "revision": [max(row.revision, revision) for row, revision in zip(rows, came.revisions, strict=True)],
            "changed_at": [max(row.changed_at, at) for row, at in zip(rows, came.at, strict=True)],
            "unknown": [kept(row.unknown, came.known, told) for row, told in zip(rows, came.kept(), strict=True)],
        }
        bulk.update(connection, table, {**came.known, **stamp, "number": numbers}, "number")
        if indexing.reads(record_type).intersection(came.known):
            indexing.mark(work.session, record_type, numbers)
        if came.known:
            _note(work, came)
    work.outdate(ids)


def kept(before: Mapping[str, Any], known: Iterable[str], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """What stays not understood of a record; a field that is ``known`` now has no older value among it."""
    return {name: value for name, value in before.items() if name not in known} | dict(unknown)


def _note(work: UnitOfWork, came: Arrivals) -> None:
    work.changed.update(zip(repeat(came.record_type.kind()), came.ids))
