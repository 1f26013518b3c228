"""Many rows at once: straight to the driver, by the columns' own types, because a first pass brings thousands."""

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from insuragent.models.fields import ChoiceValue, Id, Moment

Bind = Callable[[Any], Any]


def among(column: Any, values: Iterable[uuid.UUID] | Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is among many ids or numbers, as one parameter and one statement for all."""
    told = [value.hex if isinstance(value, uuid.UUID) else value for value in values]
    listed = sa.func.json_each(msgspec.json.encode(told).decode()).table_valued("value")
    value = sa.func.unhex(listed.c.value) if told and isinstance(told[0], str) else listed.c.value
    found: sa.ColumnElement[bool] = column.in_(sa.select(value))
    return found


def insert(
    connection: sa.Connection,
    table: sa.Table,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    replace: bool = False,
) -> None:
    """Insert rows, each with a value for every one of the columns ``names``, in their order.

    With ``replace`` a row takes the place of the one with its key.
    """
    marks = ",".join("?" * len(names))
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    statement = f"{verb} INTO {table.name} ({','.join(names)}) VALUES ({marks})"
    run(connection, statement, _bound(connection.dialect, table, names, rows))


def append(connection: sa.Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> range:
    """Insert new records' rows, without their numbers, and tell the numbers that they get, in their order."""
    (newest,) = _driver(connection).execute(f"SELECT ifnull(max(number), 0) FROM {table.name}").fetchone()  # noqa: S608 - our own name
    numbers = range(newest + 1, newest + 1 + len(rows))
    insert(connection, table, ("number", *names), ((number, *row) for number, row in zip(numbers, rows, strict=True)))
    return numbers


def update(
    connection: sa.Connection, table: sa.Table, key: str, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set the columns ``names`` of rows, whose ``key`` is each row's last value."""
    told = ",".join(f"{name} = ?" for name in names)
    statement = f"UPDATE {table.name} SET {told} WHERE {key} = ?"  # noqa: S608 - our own names
    run(connection, statement, _bound(connection.dialect, table, [*names, key], rows))


def run(connection: sa.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement of our own for each of the rows, whose values are as the driver keeps them."""
    if rows:
        _driver(connection).executemany(statement, rows)


def _driver(connection: sa.Connection) -> Any:
    # What SQLAlchemy does around a statement takes longer than SQLite does for one row; whoever began the transaction
    # translates the driver's errors (engine.translated).
    return connection.connection.driver_connection


def _bound(
    dialect: Dialect, table: sa.Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    told = zip(_binds(dialect, table, tuple(names)), zip(*rows, strict=True), strict=False)
    columns = (
        column if bind is None else [one if one is None else bind(one) for one in column] for bind, column in told
    )
    return list(zip(*columns, strict=True))


#: The same as SQLAlchemy's own, which calls two or three functions a value.
_PLAIN: dict[type[TypeEngine[Any]], Bind] = {
    Id: attrgetter("bytes"),
    Moment: lambda at: (at - Moment.EPOCH) // Moment.TICK,
    ChoiceValue: str,
    sa.Date: dt.date.isoformat,
    sa.Boolean: int,
}


@functools.lru_cache(maxsize=128)
def _binds(dialect: Dialect, table: sa.Table, names: tuple[str, ...]) -> list[Bind | None]:
    """What makes of a column's Python value the driver's, for each column; None where it is the same."""
    types = [table.c[name].type for name in names]
    return [_PLAIN.get(type(its)) or its.dialect_impl(dialect).bind_processor(dialect) for its in types]
