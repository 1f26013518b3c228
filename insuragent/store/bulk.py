"""Many rows at once: straight to the driver, by the columns' own types, because a first pass brings thousands."""

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, length_hint
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from insuragent.models.fields import ChoiceValue, Id, Moment

Bind = Callable[[Any], Any]
#: Rows by their columns, each with a value for every row: a sequence, or a ``repeat`` so many times.
Columns = Mapping[str, Any]


def among(column: Any, values: Iterable[uuid.UUID] | Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is among many ids or numbers, as one parameter and one statement for all."""
    told = list(values)
    listed = sa.func.json_each(msgspec.json.encode(told).decode()).table_valued("value")
    value = sa.func.unhex(listed.c.value, "-") if told and isinstance(told[0], uuid.UUID) else listed.c.value
    found: sa.ColumnElement[bool] = column.in_(sa.select(value))
    return found


def turned(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    """Rows with a value for every one of the columns ``names``, in their order, by their columns."""
    return dict(zip(names, zip(*rows, strict=True) if rows else repeat(()), strict=False))


def insert(connection: sa.Connection, table: sa.Table, columns: Columns, *, replace: bool = False) -> None:
    """Insert rows, told by their columns. With ``replace`` a row takes the place of the one with its key."""
    marks = ",".join("?" * len(columns))
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    statement = f"{verb} INTO {table.name} ({','.join(columns)}) VALUES ({marks})"
    run(connection, statement, _bound(connection.dialect, table, columns))


def append(connection: sa.Connection, table: sa.Table, columns: Columns) -> range:
    """Insert new records' rows, without their numbers, and tell the numbers that they get, in their order."""
    (newest,) = _driver(connection).execute(f"SELECT ifnull(max(number), 0) FROM {table.name}").fetchone()  # noqa: S608 - our own name
    numbers = range(newest + 1, newest + 1 + len(columns["id"]))
    insert(connection, table, {"number": numbers, **columns})
    return numbers


def update(connection: sa.Connection, table: sa.Table, columns: Columns, key: str) -> None:
    """Set columns of the rows that the column ``key``, the last one, names."""
    told = ",".join(f"{name} = ?" for name in columns if name != key)
    statement = f"UPDATE {table.name} SET {told} WHERE {key} = ?"  # noqa: S608 - our own names
    run(connection, statement, _bound(connection.dialect, table, columns))


def run(connection: sa.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement of our own for each of the rows, whose values are as the driver keeps them."""
    if rows:
        _driver(connection).executemany(statement, rows)


def _driver(connection: sa.Connection) -> Any:
    # What SQLAlchemy does around a statement takes longer than SQLite does for one row; whoever began the transaction
    # translates the driver's errors (engine.translated).
    return connection.connection.driver_connection


def _bound(dialect: Dialect, table: sa.Table, columns: Columns) -> list[tuple[Any, ...]]:
    told = zip(_binds(dialect, table, tuple(columns)), columns.values(), strict=True)
    return list(zip(*(column if bind is None else _kept(bind, column) for bind, column in told), strict=True))


def _kept(bind: Bind, column: Iterable[Any]) -> Iterable[Any]:
    if isinstance(column, repeat):
        count, one = length_hint(column), next(column, None)
        return repeat(one if one is None else bind(one), count)
    return [one if one is None else bind(one) for one in column]


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
