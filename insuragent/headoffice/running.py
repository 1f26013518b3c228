"""Statements that were made once, run by the driver itself.

SQLAlchemy puts them together, keeps the connections and their transactions, and says what is bound and read in which
way. What it does around each single run would cost a sync more than the database does: a pass runs some thirty of them.
"""

import functools
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import sqlalchemy as sa

Way = Callable[[Any], Any]


@dataclass(frozen=True)
class _Made:
    """A statement as a driver takes it: its text, what it says itself, the names by which its marks go where marks have
    none, and in which ways values are bound and read."""

    text: str
    own: Mapping[str, Any]
    marks: Sequence[str] | None
    bound: Sequence[tuple[str, Way]]
    read: Sequence[tuple[int, Way]]
    row: type[Any] | None

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """What the driver is given."""
        told = {**self.own, **given}
        for name, way in self.bound:
            told[name] = way(told[name])
        return told if self.marks is None else [told[name] for name in self.marks]


class Runner:
    """Runs statements within the transaction that a connection is in."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._cursor = connection.connection.cursor()
        self.is_sqlite = connection.dialect.name == "sqlite"
        #: What changes wait to be made together.
        self._waiting: list[tuple[str, Mapping[str, Any]]] | None = None

    def find(self, statement: sa.Select[Any], given: Mapping[str, Any]) -> Sequence[Any]:
        """What a statement finds, as tuples whose parts have the names of its columns."""
        made = _made(statement, self._connection.dialect)
        assert made.row is not None, "a statement that finds something"
        self.execute(made.text, made.parameters(given))
        found = self._cursor.fetchall()
        if made.read:
            found = [_read(one, made.read) for one in found]
        return list(map(made.row._make, found))

    def change(self, statement: sa.Update, given: Mapping[str, Any]) -> int:
        """How many rows a statement changes; none yet within :meth:`together`."""
        made = _made(statement, self._connection.dialect)
        self.write(made.text, made.parameters(given))
        return 0 if self._waiting is not None else self._cursor.rowcount

    def write(self, text: str, given: Any) -> None:
        """Run a statement in the driver's own form that only changes rows."""
        if self._waiting is None:
            self.execute(text, given)
        else:
            self._waiting.append((text, given))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is changed within the block, rows that do not rest on one another, goes to PostgreSQL as one statement
        at its end: each by itself would wait for an answer."""
        if self.is_sqlite or self._waiting is not None:
            yield
            return
        waiting: list[tuple[str, Mapping[str, Any]]] = []
        self._waiting = waiting
        try:
            yield
        finally:
            self._waiting = None
        if waiting:
            self.execute(*_joined(waiting))

    def execute(self, text: str, given: Any) -> None:
        """Run a statement in the driver's own form. Raises what SQLAlchemy would."""
        try:
            self._cursor.execute(text, given)
        except self._connection.dialect.loaded_dbapi.Error as error:
            self._raise(text, error)

    def execute_many(self, text: str, rows: Sequence[Any]) -> None:
        """The same for each of many."""
        try:
            self._cursor.executemany(text, rows)
        except self._connection.dialect.loaded_dbapi.Error as error:
            self._raise(text, error)

    def _raise(self, text: str, error: Exception) -> NoReturn:
        dialect, raw = self._connection.dialect, self._connection.connection.dbapi_connection
        if gone := dialect.is_disconnect(error, raw, None):  # type: ignore[arg-type]
            self._connection.invalidate(error)
        known = dialect.loaded_dbapi.Error
        raise sa.exc.DBAPIError.instance(
            text, None, error, known, hide_parameters=True, connection_invalidated=gone, dialect=dialect
        ) from error


@functools.lru_cache(maxsize=1024)
def _made(statement: sa.Select[Any] | sa.Update, dialect: sa.Dialect) -> _Made:
    compiled = statement.compile(dialect=dialect)
    marks = getattr(compiled, "positiontup", None)
    bound = [(name, one.type) for one, name in compiled.bind_names.items()]
    columns = statement.selected_columns if isinstance(statement, sa.Select) else None
    kinds = [] if columns is None else [(place, column.type) for place, column in enumerate(columns)]
    return _Made(
        str(compiled),
        compiled.params,
        marks,
        [(name, way) for name, kind in bound if (way := kind.dialect_impl(dialect).bind_processor(dialect))],
        [(place, way) for place, kind in kinds if (way := kind.dialect_impl(dialect).result_processor(dialect, None))],
        None if columns is None else namedtuple("Found", columns.keys()),
    )


def _joined(waiting: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, Mapping[str, Any]]:
    """Statements that change rows as one, in PostgreSQL's way: the last one, with the others before it."""
    texts: list[str] = []
    given: dict[str, Any] = {}
    for place, (text, told) in enumerate(waiting):
        texts.append(text.replace("%(", f"%(_{place}_"))
        given |= {f"_{place}_{name}": value for name, value in told.items()}
    before = ", ".join(f"_{place} as ({text})" for place, text in enumerate(texts[:-1]))
    return (f"with {before} {texts[-1]}" if before else texts[-1]), given


def _read(row: Sequence[Any], ways: Sequence[tuple[int, Way]]) -> list[Any]:
    values = list(row)
    for place, way in ways:
        values[place] = way(values[place])
    return values
