"""Head office's database: SQLite by default, PostgreSQL for a company; one agent's rows at a time."""

import functools
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

from insuragent.errors import Refused, UserError
from insuragent.headoffice import arrays, statements, walls
from insuragent.headoffice.running import Runner
from insuragent.headoffice.sealing import Seal, in_columns, key_path, layout_of
from insuragent.headoffice.tables import CATALOGUE, OFFICE, TENANT
from insuragent.i18n import N_

#: After so many rows PostgreSQL looks at its tables first, then after four times as many, and so on.
_FIRST_LOOK, _GROWING = 1000, "feed, device, record, entry, block, moved, late, nonce, file"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "trusted_schema=OFF",
    "cache_size=-16000",
)
#: A connection that was not used for so many seconds is asked first whether it is still there.
_RESTED = 1.0
Given = Sequence[Mapping[str, Any]]
_NOBODY = N_("没有这位人员，或您的岗位看不到他的资料")


class Rows:
    """The rows of one agent within a transaction, and nobody else's: every statement is bound to (tenant, agent).

    The first wall between agents; the second is the database's own (:mod:`walls`).
    """

    def __init__(
        self, connection: sa.Connection, seal: Seal, agent: str, tenant: str = TENANT, others: Sequence[str] = ()
    ) -> None:
        self._connection, self._seal = connection, seal
        self._runner = Runner(connection)
        self._admitted = [agent, *others]
        self.tenant, self.agent = tenant, agent
        self._scope = {"tenant": tenant, "agent": agent}
        self._is_sqlite = self._runner.is_sqlite

    def of(self, agent: str) -> "Rows":
        """The rows of another agent in the same transaction, which may see both from now on."""
        if agent not in self._admitted:
            self._admitted.append(agent)
            self.admit()
        other = copy(self)
        other.agent, other._scope = agent, {"tenant": self.tenant, "agent": agent}
        return other

    def admit(self) -> None:
        """Show the transaction the rows of the agents that this may reach for."""
        walls.admit(self._runner, self._admitted)

    def own(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """The condition that a row is this agent's."""
        return sa.and_(table.c.tenant == self.tenant, table.c.agent == self.agent)

    def select(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """The agent's rows of a table that fulfil ``where``."""
        return sa.select(table).where(self.own(table), *where).execution_options(**self._scope)

    def all(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        """Every row that a statement of :meth:`select` finds; any other statement is a fault of ours, and not run."""
        return self.each(statement).all()

    def each(self, statement: sa.Select[Any]) -> sa.Result[Any]:
        """The same one by one: a row that nobody asks for is not unsealed."""
        if self._scope.items() - statement.get_execution_options().items():
            raise RuntimeError("a statement that is not bound to the agent of these rows")
        return self._read(statement)

    def find(self, table: sa.Table, *where: sa.ColumnElement[bool], lock: bool = False) -> sa.Row[Any] | None:
        """One row, or None; with ``lock`` nobody else changes it until the transaction ends."""
        statement = self.select(table, *where)
        return self._read(statement.with_for_update() if lock else statement).one_or_none()

    def run(self, statement: sa.Select[Any], **bound: Any) -> Sequence[Any]:
        """What a statement of :func:`statements.prepared` finds; any other is a fault of ours, and not run."""
        return list(self.stream(statement, **bound))

    def stream(self, statement: sa.Select[Any], **bound: Any) -> Iterator[Any]:
        """The same one by one: a row that nobody asks for is not unsealed."""
        if not statement.get_execution_options().get("prepared"):
            raise RuntimeError("a statement that is not bound to the agent of these rows")
        found = self._runner.find(statement, self._scope | bound)
        return self._seal.opened(statements.columns_of(statement), found)

    def first(self, statement: sa.Select[Any], **bound: Any) -> Any | None:
        """The first row that :meth:`run` finds, or None."""
        return next(self.stream(statement, **bound), None)

    def get(self, table: sa.Table, *, lock: bool = False, **key: Any) -> Any | None:
        """The one row with these values, or None, by a statement that was made once; ``lock`` as in :meth:`find`."""
        return self.first(statements.by(table, tuple(key), lock=lock), **statements.named(key))

    def has(self, table: sa.Table, **key: Any) -> bool:
        """Whether the agent has a row with these values, by a statement that was made once."""
        return self.first(statements.any_row(table, tuple(key)), **statements.named(key)) is not None

    def put(self, table: sa.Table, values: Mapping[str, Any], **key: Any) -> int:
        """Change the rows with the values of ``key`` by a statement that was made once; returns how many.

        Nothing of what is put there may be sealed.
        """
        told = {f"new_{name}": value for name, value in values.items()}
        where = statements.named({**self._scope, **key})
        return self._runner.change(statements.change(table, tuple(values), tuple(key)), told | where)

    def among(self, column: sa.Column[Any], values: Collection[str | int]) -> Sequence[Any]:
        """The rows of a column's table in which it is one of many values, by a statement that was made once."""
        if not values:
            return []
        wanted = statements.listed(values) if self._is_sqlite else arrays.array_of(list(values), column.type)
        return self.run(statements.among(column, sqlite=self._is_sqlite), wanted=wanted)

    def together(self) -> AbstractContextManager[None]:
        """Within the block :meth:`put` and :meth:`enter` of rows that do not rest on one another may wait for its end,
        to go to the database at once."""
        return self._runner.together()

    def _read(self, statement: sa.Select[Any]) -> sa.Result[Any]:
        return opened(self._seal, statement, self._connection.execute(statement))

    def exists(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> bool:
        """Whether the agent has a row that fulfils ``where``."""
        return self._connection.execute(self.select(table, *where).limit(1)).first() is not None

    def pairs(self, column: sa.Column[str], wanted: Collection[str]) -> dict[str, str]:
        """The values of a column by the ids of its table's rows, for those of the ids that are there."""
        if not wanted:
            return {}
        ids = column.table.c.id
        found = sa.select(ids, column).where(self.own(column.table), self.one_of(ids, wanted))
        return {row[0]: row[1] for row in self._connection.execute(found)}

    def count(self, by: sa.Column[str], *where: sa.ColumnElement[bool], of: Any = None) -> dict[str, int]:
        """How many rows (or different values of ``of``) there are by the values of a column."""
        number = sa.func.count(sa.distinct(of)) if of is not None else sa.func.count()
        statement = sa.select(by, number).where(self.own(by.table), *where).group_by(by)
        return {value: int(found) for value, found in self._connection.execute(statement)}

    def total(self, column: sa.Column[str], *where: sa.ColumnElement[bool], most: int | None = None) -> int:
        """How many rows of a column's table there are; no further than ``most`` is counted."""
        counted = sa.select(column).where(self.own(column.table), *where).limit(most).subquery()
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())

    def one_of(self, column: sa.ColumnElement[str], values: Iterable[str]) -> sa.ColumnElement[bool]:
        """The condition that ``column`` is among many values, as one parameter."""
        return statements.one_of(column, values, is_sqlite=self._is_sqlite)

    def update(self, table: sa.Table, values: Mapping[str, Any], *where: sa.ColumnElement[bool]) -> int:
        """Change the agent's rows that fulfil ``where``; returns how many. What is sealed can only be emptied so."""
        if any("seal" in table.c[name].info and value for name, value in values.items()):
            raise RuntimeError("a sealed value is bound to one row: write that row")
        changed = sa.update(table).where(self.own(table), *where).values(dict(values))
        return self._connection.execute(changed).rowcount

    def delete(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        """Remove the agent's rows that fulfil ``where``; returns how many."""
        return self._connection.execute(sa.delete(table).where(self.own(table), *where)).rowcount

    def insert(self, table: sa.Table, *rows: Mapping[str, Any]) -> None:
        """Insert a few rows of any columns."""
        owner = {"tenant": self.tenant, "agent": self.agent}
        self._connection.execute(
            sa.insert(table), [{**row, **owner} for row in self._seal.sealed(table, self.agent, rows)]
        )

    def insert_many(self, table: sa.Table, rows: Given) -> None:
        """Insert many rows that all name the same plain columns, in one statement."""
        self._write(table, rows)

    def insert_missing(self, table: sa.Table, rows: Given) -> None:
        """The same; what the primary key has already stays as it is."""
        self._write(table, rows, statements.LEAVE)

    def upsert_many(self, table: sa.Table, rows: Given) -> None:
        """The same; where the primary key is there already, the other columns take the place of the old."""
        self._write(table, rows, statements.REPLACE)

    def _write(self, table: sa.Table, rows: Given, there: str = "") -> None:
        if rows:
            self.enter_sealed(table, in_columns(rows), there)

    def enter_sealed(self, table: sa.Table, columns: Mapping[str, Sequence[Any]], there: str = "") -> None:
        """Insert rows, given as columns, sealed as the table declares; ``there`` says what becomes of the old."""
        self.enter(table, self._seal.columns(table, self.agent, columns), there)

    def enter(self, table: sa.Table, columns: Mapping[str, Sequence[Any]], there: str = "", **same: Any) -> None:
        """Insert rows, given as columns, beside which all hold the ``same`` of others; nothing of it is sealed here."""
        same, names = self._scope | same, tuple(columns)
        if self._is_sqlite:
            told = [_texts(one) if isinstance(table.c[name].type, sa.JSON) else one for name, one in columns.items()]
            rows = list(zip(*map(repeat, same.values()), *told, strict=False))
            self._runner.execute_many(statements.each_row(table, names, tuple(same), there), rows)
            return
        same |= {name: values[0] for name, values in columns.items() if arrays.is_one(values, table.c[name].type)}
        given = {f"all_{name}": value for name, value in same.items()}
        names = tuple(name for name in names if name not in same)
        for name in names:
            given[f"each_{name}"] = arrays.array_of(columns[name], table.c[name].type)
        self._runner.write(statements.all_rows(table, names, tuple(same), there), given)


class BadDatabase(UserError):
    """No database can be used at the address that was given."""

    message = N_("不能使用这个数据库地址")
    hint = N_("请写成 sqlite:///文件 或 postgresql+psycopg://用户@主机/库名，并确认数据库正在运行。")


class Database:
    """A database with head office's tables, by its address (``sqlite:///…`` or ``postgresql+psycopg://…``)."""

    def __init__(self, url: str, key_file: Path | None = None) -> None:
        """``key_file`` is where its key lies (:mod:`sealing`). Raises BadDatabase for an address that is none."""
        try:
            self.engine = sa.create_engine(
                url,
                hide_parameters=True,  # a failed statement must not carry personal data into the log
                json_serializer=lambda value: msgspec.json.encode(value).decode(),
                json_deserializer=msgspec.json.decode,
            )
        except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
            raise BadDatabase from error
        self.seal = Seal(key_path(self.engine.url, key_file))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        event.listen(self.engine, "handle_error", _translate)
        event.listen(self.engine, "checkin", _put_aside)
        event.listen(self.engine, "checkout", functools.partial(_take_up, self.engine.dialect))
        if self.is_sqlite:
            event.listen(self.engine, "connect", prepare)
            event.listen(self.engine, "begin", _begin)
        else:
            event.listen(self.engine, "connect", arrays.prepare)
        self._grown, self._look_at = 0, _FIRST_LOOK
        self._reach: frozenset[str] | None = None
        self._writers = self.engine.execution_options(write=True)
        self._readers = self.engine
        if not self.is_sqlite:
            self._readers = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A transaction on the tables themselves; for :mod:`schema` only."""
        with self._writers.begin() as connection:
            walls.admit_everybody(connection)
            yield connection

    def is_founded(self) -> bool:
        """Whether the tables are there. Raises BadDatabase when nothing answers at the address."""
        return sa.inspect(self.engine).has_table("key")

    def check_walls(self) -> None:
        """Raises NoWalls when this user of the database could see rows that no transaction named."""
        with self._readers.begin() as connection:
            walls.check(connection)

    def grow(self, rows: int) -> None:
        """So many rows were added; now and then PostgreSQL is asked to look at its tables.

        By itself it does so once a minute: until then it takes a young table for an empty one, and would rather walk
        through all rows of an agent than look for those that it was asked for.
        """
        self._grown += rows
        if self._grown >= self._look_at:
            self._look_at *= 4
            if not self.is_sqlite:
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql(f"analyze {_GROWING}")

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def within(self, agents: Iterable[str]) -> "Database":
        """The same for somebody who may reach the rows of these agents only, beside head office's own."""
        narrowed = copy(self)
        narrowed._reach = frozenset(agents)
        return narrowed

    @property
    def reach(self) -> frozenset[str] | None:
        """The agents to whom this is narrowed; None for the whole company."""
        return self._reach

    @contextmanager
    def begin(self, agent: str, *others: str) -> Iterator[Rows]:
        """A transaction that writes an agent's rows, and may reach for those of ``others`` (:meth:`Rows.of`).

        Raises Refused "unknown_staff" for one beyond reach.
        """
        for one in (agent, *others):
            self._require(one)
        with self._writers.begin() as connection:
            rows = Rows(connection, self.seal, agent, others=others)
            rows.admit()
            yield rows

    @contextmanager
    def read(self, agent: str) -> Iterator[Rows]:
        """A transaction that only reads an agent's rows, and sees one moment. Raises as :meth:`begin` does."""
        self._require(agent)
        with self._readers.begin() as connection:
            rows = Rows(connection, self.seal, agent)
            rows.admit()
            yield rows

    def everywhere(self, statement: sa.Select[*tuple[Any, ...]]) -> Sequence[sa.Row[Any]]:
        """The rows that a statement on one table finds, of all agents within reach; for head office's own people only,
        never for a device."""
        with self._readers.begin() as connection:
            if self._reach is None:
                walls.admit_everybody(connection)
            else:
                (table,) = statement.get_final_froms()
                statement = statement.where(self.one_of(table.c["agent"], self._reach))
                walls.admit(Runner(connection), sorted(self._reach))
            return opened(self.seal, statement, connection.execute(statement)).all()

    def one_of(self, column: sa.ColumnElement[str], values: Iterable[str]) -> sa.ColumnElement[bool]:
        """The condition that ``column`` is among many values, as one parameter."""
        return statements.one_of(column, values, is_sqlite=self.is_sqlite)

    def _require(self, agent: str) -> None:
        if self._reach is not None and agent not in self._reach | {OFFICE, CATALOGUE}:
            raise Refused("unknown_staff", _NOBODY)


def opened(seal: Seal, statement: sa.Select[Any], found: sa.Result[Any]) -> sa.Result[Any]:
    """What a statement found, unsealed. It must name agent and key of each row beside anything sealed."""
    columns = tuple(statement.selected_columns)
    if layout_of(columns) is None:
        return found
    return IteratorResult(SimpleResultMetaData(list(found.keys())), seal.opened(columns, found))


def _texts(values: Iterable[Any]) -> list[str | None]:
    return [None if value is None else msgspec.json.encode(value).decode() for value in values]


def _translate(context: Any) -> None:
    """A database that cannot be reached, read or written is no fault of ours; a failed statement may be."""
    error = context.original_exception
    # SQLite's plain DatabaseError: the file is none of its own, or damaged.
    if context.connection is None or type(error) is sqlite3.DatabaseError or "readonly" in str(error):
        raise BadDatabase from error


def _put_aside(_connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["since"] = time.monotonic()


def _take_up(dialect: sa.Dialect, connection: Any, record: sa.pool.ConnectionPoolEntry, _proxy: Any) -> None:
    """A database that was started anew is found again without a failed request; one that has just answered is there."""
    if time.monotonic() - record.info.get("since", time.monotonic()) > _RESTED:
        try:
            alive = dialect.do_ping(connection)
        except Exception as error:
            raise sa.exc.InvalidatePoolError from error
        if not alive:
            raise sa.exc.InvalidatePoolError


def prepare(connection: Any, _record: Any = None) -> None:
    """Set up a connection of SQLite's driver."""
    connection.isolation_level = None  # the driver's own BEGIN comes too late
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin(connection: sa.Connection) -> None:
    # A read that turns into a write would fail at once where another writes: a writer says so first.
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
