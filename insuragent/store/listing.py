"""Lists of a hundred thousand rows: the numbers of all, the columns of the few that are seen."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from insuragent.models import Record
from insuragent.store import search


@dataclass(frozen=True)
class Query:
    """What a list shows: ``question`` as typed, ``where`` as {field: value}, sorted by one field.

    ``where`` takes a value, or a tuple of values of which one must fit. ``between`` bounds fields: {field: (from, to)},
    the end excluded, None for open. Archived records are listed with ``archived``, alone with ``only_archived``.
    """

    question: str = ""
    where: dict[str, Any] = field(default_factory=dict)
    between: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    order: str = "number"
    descending: bool = True
    archived: bool = False
    only_archived: bool = False


def numbers(session: Session, record_type: type[Record], query: Query) -> "array[int]":
    """The row numbers of every record that fits, in order: 8 bytes a row."""
    statement = sa.select(record_type.number).where(*_conditions(record_type, query))
    if query.question.strip():
        search.keep_up(session)
        table, on = search.joined(record_type)
        statement = statement.join_from(table, record_type, on)
    column = getattr(record_type, query.order)
    ordered = [column.desc(), record_type.number.desc()] if query.descending else [column, record_type.number]
    with session.connection().execute(statement.order_by(*ordered)) as result:
        # From the driver itself: a row object each would cost more than the query.
        rows: Iterable[tuple[int]] = result.cursor  # type: ignore[assignment]  # PEP 249 lets one iterate
        return array("q", chain.from_iterable(rows))


def block(
    session: Session, record_type: type[Record], wanted: Sequence[int], columns: Sequence[str]
) -> dict[int, tuple[Any, ...]]:
    """``columns`` of the rows with the numbers ``wanted``, by number; what is gone meanwhile is absent."""
    selected = [record_type.number, record_type.id, *(getattr(record_type, name) for name in columns)]
    rows = session.execute(sa.select(*selected).where(record_type.number.in_(list(wanted))))
    return {row[0]: tuple(row[1:]) for row in rows}


def _conditions(record_type: type[Record], query: Query) -> list[sa.ColumnElement[bool]]:
    where = search.condition(record_type, query.question)
    if query.only_archived:
        where.append(record_type.archived_at.is_not(None))
    elif not query.archived:
        where.append(record_type.archived_at.is_(None))
    for name, value in query.where.items():
        column = getattr(record_type, name)
        where.append(column.in_(value) if isinstance(value, tuple) else column == value)
    for name, (start, end) in query.between.items():
        column = getattr(record_type, name)
        where += [column >= start] if start is not None else []
        where += [column < end] if end is not None else []
    return where
