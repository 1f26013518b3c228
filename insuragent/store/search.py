"""Find records by any kind of question: Chinese, pinyin, initials, part of a phone or policy number, ID tail.

One full-text table a searchable record type holds our own tokens; which field gives which tokens is declared on
the field. Overlapping pairs make every piece of Chinese a lookup; longer questions are confirmed on the record.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from insuragent.models import RECORDS, Record
from insuragent.models.fields import Search, fields_of
from insuragent.store import bulk, pinyin

#: The full-text columns, the same for every record type, so that a new searchable field needs no migration.
COLUMNS = ("name", "pinyin", "text", "digits", "tail", "code")
#: Numbers are found by any four characters in a row.
_WINDOW = 4
#: So many records at a time enter an index that is filled anew.
_FILLED = 500
_SPLIT = re.compile(r"\s+")
_LATIN = re.compile(r"[a-z0-9]+")

R = TypeVar("R", bound=Record)


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
    words = [word for word in _SPLIT.split(text) if word and not word.isascii()]
    return [word[i : i + 2] for word in words for i in range(len(word))]


def _latin(text: str) -> list[str]:
    """The Latin words and numbers within a text, each found by its start."""
    return _LATIN.findall(text)


def _windows(digits: str) -> list[str]:
    return [digits[i : i + _WINDOW] for i in range(len(digits))]


def _alphanumeric(text: str) -> str:
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
                found["digits"] += _windows(_alphanumeric(value))
            case Search.TAIL:
                found["tail"].append(value[-_WINDOW:])
            case Search.CODE:
                plain = _alphanumeric(value)
                found["code"] += [plain, *_windows(plain)]
    return {column: " ".join(dict.fromkeys(tokens)) for column, tokens in found.items()}


def _spelled(name: str) -> str:
    """The field beside a name that holds its spelling, where there is one."""
    return f"{name}_pinyin"


def _own_spelling(spelling: str) -> list[str]:
    """The tokens of a spelling that the agent corrected by hand."""
    return pinyin.starts(normal(spelling).split())


# --- keeping the index -------------------------------------------------------------------------------------------


def attach(sessions: sessionmaker[Session]) -> None:
    """Keep the index of what the sessions made here flush."""
    event.listen(sessions, "after_flush", _index_flushed)


def _index_flushed(session: Session, *_: Any) -> None:
    new, changed = ([r for r in records if isinstance(r, Record)] for records in (session.new, session.dirty))
    for kind, records in _by_kind(changed).items():
        forget(session, kind, [r.number for r in records])
    index(session, new + changed)


def index(session: Session, records: Iterable[Record]) -> None:
    """Enter records that are not in the index."""
    for found in _by_kind(records).values():
        names = ("number", *_held(type(found[0])))
        index_rows(session, type(found[0]), [{name: getattr(record, name) for name in names} for record in found])


def index_rows(session: Session, record_type: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """The same by the values of rows: their ``number``, and the fields that the index reads."""
    fields = searchable(record_type)
    if not rows or not fields:
        return
    marks = ",".join("?" * (len(COLUMNS) + 1))
    session.connection().exec_driver_sql(
        f"INSERT INTO {table_name(record_type.kind())}(rowid,{','.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608 - our own names
        [(row["number"], *document(fields, row).values()) for row in rows],
    )


def renew(session: Session, record_type: type[Record], numbers: Sequence[int]) -> None:
    """Enter records anew whose rows were changed."""
    forget(session, record_type.kind(), numbers)
    changed = session.execute(_read(record_type).where(bulk.among(record_type.number, numbers)))
    index_rows(session, record_type, [row._asdict() for row in changed])


def _read(record_type: type[Record]) -> sa.Select[Any]:
    """What the index holds of records, as rows."""
    return sa.select(record_type.number, *(getattr(record_type, name) for name in _held(record_type)))


def _held(record_type: type[Record]) -> list[str]:
    """The fields that the index reads and the record type has."""
    return [name for name in fields_of(record_type) if name in reads(record_type)]


def fill_empty(session: Session) -> None:
    """Enter every record of the types whose index is empty, as a migration leaves it that changes how it is kept."""
    connection = session.connection()
    for record_type in searchable_types():
        if connection.exec_driver_sql(f"SELECT rowid FROM {table_name(record_type.kind())} LIMIT 1").first() is None:  # noqa: S608
            everybody = session.execute(_read(record_type).execution_options(yield_per=_FILLED))
            for some in everybody.partitions():
                index_rows(session, record_type, [row._asdict() for row in some])


def _by_kind(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The searchable ones among the records, by kind."""
    by_kind: dict[str, list[Record]] = {}
    for record in records:
        if searchable(type(record)):
            by_kind.setdefault(record.kind(), []).append(record)
    return by_kind


def forget(session: Session, kind: str, numbers: Sequence[int]) -> None:
    """Take records out of the index."""
    statement = f"DELETE FROM {table_name(kind)} WHERE rowid = ?"  # noqa: S608
    session.connection().exec_driver_sql(statement, [(n,) for n in numbers])


def merge_statements() -> list[str]:
    """What makes the indexes hold no token of a record that was taken out: until then it is only crossed out."""
    tables = [table_name(record_type.kind()) for record_type in searchable_types()]
    return [f"INSERT INTO {table}({table}) VALUES ('optimize')" for table in tables]  # noqa: S608 - our own names


# --- asking ------------------------------------------------------------------------------------------------------


def condition(record_type: type[Record], question: str) -> list[sa.ColumnElement[bool]]:
    """The conditions, on the record's table joined by :func:`joined`, that find what answers ``question``.

    Words apart by blanks must all fit. Each may be Chinese, pinyin, initials, a part of a number or an ID's tail.
    Empty for an empty question.
    """
    words = [word for word in _SPLIT.split(normal(question)) if word]
    if not words or not searchable(record_type):
        return []
    asked = " AND ".join(f"({_match(word)})" for word in words)
    found = sa.text(f"{table_name(record_type.kind())} MATCH :asked").bindparams(asked=asked)
    confirmed = [check for word in words for check in _confirm(record_type, word)]
    return [found, *confirmed]  # type: ignore[list-item]


def joined(record_type: type[Record]) -> tuple[sa.TableClause, sa.ColumnElement[bool]]:
    """The full-text table of a record type, and how to join it."""
    table = sa.table(table_name(record_type.kind()), sa.column("rowid", sa.Integer))
    return table, table.c.rowid == record_type.number


def find(session: Session, record_type: type[R], question: str, limit: int = 50) -> Sequence[R]:
    """The newest ``limit`` records that answer ``question`` and are not archived."""
    where = condition(record_type, question)
    if not where:
        return []
    table, on = joined(record_type)
    statement = (
        sa.select(record_type)
        .join_from(table, record_type, on)
        .where(*where, record_type.archived_at.is_(None))
        .order_by(table.c.rowid.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def _match(word: str) -> str:
    """The full-text question for one word: as few tokens as cover it, for each costs a walk along its list.

    A longer word is confirmed on the records, so that fewer tokens find no less and no more.
    """
    plain = _alphanumeric(word)
    if not word.isascii():
        pairs = [*(word[i : i + 2] for i in range(0, len(word) - 2, 2)), word[-2:]] if len(word) > 1 else []
        chinese = " AND ".join(_quoted(p) for p in pairs) if pairs else f"{_quoted(word)} *"
        return f"{{name text}} : ({chinese})"
    if not plain:
        return _quoted("\uffff")  # punctuation alone finds nothing
    tail = f" OR (tail : {_quoted(plain)})" if len(plain) == _WINDOW else ""
    if plain.isalpha():
        return f"({{pinyin code}} : {_quoted(plain)} *){tail}"
    windows = _rarest([plain[i : i + _WINDOW] for i in range(len(plain) - _WINDOW + 1)])
    number = " AND ".join(_quoted(w) for w in windows) if windows else f"{_quoted(plain)} *"
    return f"({{digits code}} : ({number})){tail}"


def _rarest(windows: Sequence[str]) -> list[str]:
    """The two windows of a number that are most likely rare: a sign repeated (0000) and its start are common."""
    return sorted(dict.fromkeys(windows[::-1]), key=lambda window: -len(set(window)))[:2]


def _confirm(record_type: type[Record], word: str) -> list[sa.ColumnElement[bool]]:
    """Pairs and windows that all occur need not stand in a row: look at the fields themselves for a longer word."""
    plain = _alphanumeric(word)
    if not word.isascii():
        return [_contains(record_type, word, (Search.NAME, Search.TEXT))] if len(word) > 2 else []
    if plain and not plain.isalpha() and len(plain) > _WINDOW:
        return [_contains(record_type, plain, (Search.DIGITS, Search.CODE))]
    return []


def _contains(record_type: type[Record], word: str, kinds: tuple[Search, ...]) -> sa.ColumnElement[bool]:
    names = [name for name, search in searchable(record_type).items() if search in kinds]
    columns = [sa.func.lower(getattr(record_type, name)) for name in names]
    if Search.DIGITS in kinds:
        columns = [sa.func.replace(sa.func.replace(column, "-", ""), " ", "") for column in columns]
    return sa.or_(sa.false(), *(sa.func.instr(column, word) > 0 for column in columns))


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def searchable_types() -> list[type[Record]]:
    """Every record type that has a searchable field."""
    return [record_type for record_type in RECORDS.values() if searchable(record_type)]
