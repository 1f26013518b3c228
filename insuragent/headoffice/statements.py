"""Statements about one agent's rows, made once and run often: putting one together costs more than running it."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY

#: What becomes of a row whose primary key is there: it stays as it is, or the new one takes its place.
LEAVE, REPLACE = "leave", "replace"


def prepared(statement: sa.Select[Any], *tables: sa.Table, agent: str = "") -> sa.Select[Any]:
    """A statement about one agent's rows of tables, made once to be run often (:meth:`Rows.run`).

    With ``agent`` it is about the rows of this one, whoever runs it: of ``OFFICE`` or ``CATALOGUE``.
    """
    whose: dict[str, Any] = {"tenant": sa.bindparam("tenant"), "agent": agent or sa.bindparam("agent")}
    mine = (table.c[name] == value for table in tables for name, value in whose.items())
    return statement.where(*mine).execution_options(prepared=True)


def together(**asked: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Small questions about one agent's rows as one statement, which finds their answers by name in one row; each is
    prepared by itself."""
    return sa.select(*(one.label(name) for name, one in asked.items())).execution_options(prepared=True)


@functools.cache
def columns_of(statement: sa.Select[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of what a statement finds."""
    return tuple(statement.selected_columns)


def _its(table: sa.Table, names: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == sa.bindparam(f"its_{name}", type_=table.c[name].type) for name in names]


@functools.cache
def by(table: sa.Table, names: tuple[str, ...], *, lock: bool) -> sa.Select[Any]:
    """The row with values of these names, which are bound by :func:`named`; ``lock`` as in :meth:`Rows.find`."""
    statement = prepared(sa.select(table).where(*_its(table, names)), table)
    return statement.with_for_update() if lock else statement


@functools.cache
def any_row(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    """Something where there is a row with values of these names."""
    return prepared(sa.select(table.c.tenant).where(*_its(table, names)).limit(1), table)


@functools.cache
def change(table: sa.Table, changed: tuple[str, ...], names: tuple[str, ...]) -> sa.Update:
    """Set the ``changed`` columns, bound as ``new_NAME``, of the rows with values of these names."""
    if any("seal" in table.c[name].info for name in changed):
        raise RuntimeError("a sealed value is bound to one row: write that row")
    mine = (table.c.tenant == sa.bindparam("its_tenant"), table.c.agent == sa.bindparam("its_agent"))
    bound = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in changed}
    return sa.update(table).where(*mine, *_its(table, names)).values(bound)


@functools.cache
def among(column: sa.Column[Any], *, sqlite: bool) -> sa.Select[Any]:
    """The rows of a column's table in which it is one of the values bound as ``wanted``."""
    table = _table_of(column)
    if sqlite:
        wanted = sa.func.json_each(sa.bindparam("wanted", type_=sa.Text())).table_valued("value")
        return prepared(sa.select(table).where(column.in_(sa.select(wanted.c.value))), table)
    one = sa.any_(sa.text(f"(cast(:wanted as {_type_of(column)}[]))"))
    return prepared(sa.select(table).where(column == one), table)


@functools.cache
def each_row(table: sa.Table, names: tuple[str, ...], same: tuple[str, ...], there: str) -> str:
    """Insert one row after the other; what the rows have the ``same`` comes first."""
    marks = ",".join("?" * (len(same) + len(names)))
    return f"{_into(table, (*same, *names))} values ({marks}){_conflict(table, names, there)}"


@functools.lru_cache(maxsize=512)
def all_rows(table: sa.Table, names: tuple[str, ...], same: tuple[str, ...], there: str) -> str:
    """Insert rows at once, on PostgreSQL: bound as ``all_NAME``, and an array of each other column as ``each_NAME``."""
    one = ",".join(f"cast(%(all_{name})s as {_type_of(table.c[name])})" for name in same)
    each = ",".join(f"cast(%(each_{name})s as {_type_of(table.c[name])}[])" for name in names)
    given = f"select {one}, t.* from unnest({each}) as t" if names else f"select {one}"  # noqa: S608 - our own names
    return f"{_into(table, (*same, *names))} {given}{_conflict(table, (*same, *names), there)}"


def _type_of(column: sa.Column[Any]) -> str:
    """What PostgreSQL calls a column's type; by which order its texts are compared is the column's own."""
    kind: str = column.type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return kind.partition(" COLLATE ")[0]


def _into(table: sa.Table, names: Iterable[str]) -> str:
    return f'insert into "{table.name}" ({",".join(map(_quoted, names))})'


def _conflict(table: sa.Table, names: Iterable[str], there: str) -> str:
    if there != REPLACE:
        return " on conflict do nothing" if there == LEAVE else ""
    keys = [column.name for column in table.primary_key]
    others = ",".join(f"{_quoted(name)}=excluded.{_quoted(name)}" for name in names if name not in keys)
    return f" on conflict ({','.join(keys)}) do update set {others}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _table_of(column: sa.Column[Any]) -> sa.Table:
    assert isinstance(column.table, sa.Table), "a column of a table"
    return column.table


def listed(values: Iterable[str | int]) -> str:
    """Values as the one parameter that SQLite takes them in."""
    return msgspec.json.encode(list(values)).decode()


def named(key: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names under which these statements bind them."""
    return {f"its_{name}": value for name, value in key.items()}


def one_of(column: sa.ColumnElement[str], values: Iterable[str], *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """The condition that a column is among these values, as one parameter."""
    if is_sqlite:
        found = sa.func.json_each(listed(values)).table_valued("value")
        return column.in_(sa.select(found.c.value))
    return column == sa.any_(sa.cast(list(values), ARRAY(sa.Text)))
