"""The search index: which tokens a record is found by, and how the index follows what is saved.

One full-text table a searchable record type holds our own tokens; which field gives which tokens is declared on
the field. What is newer than the index, or marked as changed, enters it before the next question (ADR 0019, 0030).
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, sessionmaker

from insuragent.models import RECORDS, Record, Unindexed
from insuragent.models.fields import Search, fields_of
from insuragent.store import bulk, pinyin

#: The full-text columns, the same for every record type, so that a new searchable field needs no migration.
COLUMNS = ("name", "pinyin", "text", "digits", "tail", "code")
#: Numbers are found by any four characters in a row.
WINDOW = 4
#: So many records at a time enter the index.
_AT_ONCE = 500
BLANKS = re.compile(r"\s+")
_LATIN = re.compile(r"[a-z0-9]+")
_MARKS = cast(sa.Table, Unindexed.__table__)


def table_name(kind: str) -> str:
    """The full-text table of a record type."""
    return f"{kind}_search"


def create_table(kind: str) -> str:
    """The statement that makes the full-text table of a record type."""
    columns = ",".join(COLUMNS)
    options = "content='',contentless_delete=1,detail=column,prefix='1 2',tokenize='ascii'"
    return f"CREATE VIRTUAL TABLE {table_name(kind)} USING fts5({columns},{options})"


def searchable(record_type: type[Record]) -> dict[str, Search]:
    """The searchable fields of a record type, by name."""
    return {name: field.search for name, field in fields_of(record_type).items() if field.search}


def normal(text: str) -> str:
    """Text as indexed and asked: full-width forms made plain, lower case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _pairs(text: str) -> list[str]:
    """Every two neighbours, and the last character alone, so that a single character is the start of some token."""
    words = [word for word in BLANKS.split(text) if word and not word.isascii()]
    return [word[i : i + 2] for word in words for i in range(len(word))]


def _latin(text: str) -> list[str]:
    """The Latin words and numbers within a text, each found by its start."""
    return _LATIN.findall(text)


def _windows(digits: str) -> list[str]:
    return [digits[i : i + WINDOW] for i in range(len(digits))]


def alphanumeric(text: str) -> str:
    return text if text.isalnum() else "".join(c for c in text if c.isalnum())


def reads(record_type: type[Record]) -> frozenset[str]:
    """The fields from which the index of a record type is made."""
    return frozenset(name for field in searchable(record_type) for name in (field, _spelled(field)))


def document(fields: Mapping[str, Search], values: Mapping[str, Any]) -> dict[str, str]:
    """The tokens of a record with these values, of which ``fields`` are searchable, by full-text column."""
    found: dict[str, list[str]] = {column: [] for column in COLUMNS}
    for name, search in fields.items():
        if not values[name]:
            continue
        value = normal(values[name])
        match search:
            case Search.NAME:
                found["name"] += _pairs(value)
                found["code"] += _latin(value)
                found["pinyin"] += [*pinyin.tokens(value), *_own_spelling(values.get(_spelled(name)) or "")]
            case Search.TEXT:
                found["text"] += _pairs(value)
                found["code"] += _latin(value)
            case Search.DIGITS:
                found["digits"] += _windows(alphanumeric(value))
            case Search.TAIL:
                found["tail"].append(value[-WINDOW:])
            case Search.CODE:
                plain = alphanumeric(value)
                found["code"] += [plain, *_windows(plain)]
    return {column: " ".join(dict.fromkeys(tokens)) for column, tokens in found.items()}


def _spelled(name: str) -> str:
    """The field beside a name that holds its spelling, where there is one."""
    return f"{name}_pinyin"


def _own_spelling(spelling: str) -> list[str]:
    """The tokens of a spelling that the agent corrected by hand."""
    return pinyin.starts(normal(spelling).split())


# --- following what is saved ----------------------------------------------------------------------------------------


def attach(sessions: sessionmaker[Session]) -> None:
    """Mark what the sessions made here change; what is new needs no mark, see :func:`behind`."""
    event.listen(sessions, "after_flush", _mark_flushed)


def _mark_flushed(session: Session, *_: Any) -> None:
    touched: dict[type[Record], list[int]] = {}
    for record in session.dirty:
        if isinstance(record, Record) and _touches_the_index(record):
            touched.setdefault(type(record), []).append(record.number)
    for record_type, numbers in touched.items():
        mark(session, record_type, numbers)


def _touches_the_index(record: Record) -> bool:
    attributes = inspect(record).attrs
    return any(attributes[name].history.has_changes() for name in _held(type(record)))


def mark(session: Session, record_type: type[Record], numbers: Iterable[int]) -> None:
    """Note that the rows of these numbers are not as the index says."""
    if searchable(record_type):
        runs = [(record_type.kind(), first, last) for first, last in _runs(numbers)]
        bulk.insert(session.connection(), _MARKS, bulk.turned(("kind", "first", "last"), runs))


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each stretch of numbers without a gap."""
    for _, stretch in itertools.groupby(enumerate(sorted(numbers)), lambda placed: placed[1] - placed[0]):
        found = [number for _, number in stretch]
        yield found[0], found[-1]


def behind(session: Session) -> list[tuple[str, int, int]]:
    """What the index does not know yet: the kind, and the first and the last number, of each stretch of rows.

    Rows get ascending numbers, and nothing leaves a table but with its tokens: what is new lies beyond the index's end.
    """
    kinds = tuple(record_type.kind() for record_type in searchable_types())
    told = session.connection().exec_driver_sql(_stretches(kinds))
    return [(kind, first, last) for kind, first, last in told if kind in RECORDS and first <= last]


@functools.cache
def _stretches(kinds: tuple[str, ...]) -> str:
    """The statement that tells of each kind the row after the index's last and the table's last; and all marks."""
    # The index keeps its rows' numbers in a table of its own: asked of the index itself, it takes ten times as long.
    ends = (
        f"SELECT '{kind}', (SELECT ifnull(max(id), 0) + 1 FROM {table_name(kind)}_docsize), "  # noqa: S608 - our own names
        f"(SELECT ifnull(max(number), 0) FROM {kind})"
        for kind in kinds
    )
    return " UNION ALL ".join((*ends, "SELECT kind, first, last FROM unindexed"))


def catch_up(session: Session) -> None:
    """Enter all that the index is behind with, within the transaction of a session that may write."""
    session.flush()
    numbers: dict[str, set[int]] = {}
    for kind, first, last in behind(session):
        numbers.setdefault(kind, set()).update(range(first, last + 1))
    for kind, told in numbers.items():
        _enter(session, RECORDS[kind], sorted(told))
    if numbers:
        session.connection().exec_driver_sql("DELETE FROM unindexed")


def _enter(session: Session, record_type: type[Record], numbers: Sequence[int]) -> None:
    """Enter the rows of these numbers anew; those that were removed meanwhile are not there to be entered."""
    columns = [getattr(record_type, name) for name in _held(record_type)]
    for start in range(0, len(numbers), _AT_ONCE):
        some = bulk.among(record_type.number, numbers[start : start + _AT_ONCE])
        rows = session.execute(sa.select(record_type.number, *columns).where(some)).all()
        if rows:
            forget(session, record_type.kind(), [row.number for row in rows])
            _insert(session, record_type, [row._asdict() for row in rows])


def _insert(session: Session, record_type: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    fields = searchable(record_type)
    marks = ",".join("?" * (len(COLUMNS) + 1))
    session.connection().exec_driver_sql(
        f"INSERT INTO {table_name(record_type.kind())}(rowid,{','.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608 - our own names
        [(row["number"], *document(fields, row).values()) for row in rows],
    )


def _held(record_type: type[Record]) -> list[str]:
    """The fields that the index reads and the record type has."""
    wanted = reads(record_type)
    return [name for name in fields_of(record_type) if name in wanted]


def forget(session: Session, kind: str, numbers: Sequence[int]) -> None:
    """Take records out of the index."""
    statement = f"DELETE FROM {table_name(kind)} WHERE rowid = ?"  # noqa: S608
    session.connection().exec_driver_sql(statement, [(n,) for n in numbers])


def merge_statements() -> list[str]:
    """What makes the indexes hold no token of a record that was taken out: until then it is only crossed out."""
    tables = [table_name(record_type.kind()) for record_type in searchable_types()]
    return [f"INSERT INTO {table}({table}) VALUES ('optimize')" for table in tables]  # noqa: S608 - our own names


def searchable_types() -> list[type[Record]]:
    """Every record type that has a searchable field."""
    return [record_type for record_type in RECORDS.values() if searchable(record_type)]
