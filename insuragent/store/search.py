"""Find records by any kind of question: Chinese, pinyin, initials, part of a phone or policy number, ID tail.

Overlapping pairs make every piece of Chinese a lookup; longer questions are confirmed on the record.
"""

import re
from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from insuragent.models import Record
from insuragent.models.fields import Search
from insuragent.store import indexing
from insuragent.store.indexing import BLANKS, WINDOW, alphanumeric, normal, searchable, table_name

_LETTER = re.compile("[a-z]")
#: How a field is read where a word is looked for in it: without regard to case, or to what stands between numbers.
_AS_TEXT, _AS_NUMBER = "lower({})", "replace(replace(lower({}), '-', ''), ' ', '')"

R = TypeVar("R", bound=Record)


def condition(record_type: type[Record], question: str) -> list[sa.ColumnElement[bool]]:
    """The conditions, on the record's table joined by :func:`joined`, that find what answers ``question``.

    Words apart by blanks must all fit. Each may be Chinese, pinyin, initials, a part of a number or an ID's tail.
    Empty for an empty question.
    """
    # Neither a broken half of a sign nor a NUL, at which SQLite would stop reading, is in any text.
    sayable = question.encode(errors="ignore").decode().replace("\0", "")
    words = [word for word in BLANKS.split(normal(sayable)) if word]
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


def keep_up(session: Session) -> None:
    """Have the index say what a session that writes has changed; one that reads found it so when it began."""
    if session.get_bind().get_execution_options().get("write"):
        indexing.catch_up(session)


def find(session: Session, record_type: type[R], question: str, limit: int = 50) -> Sequence[R]:
    """The newest ``limit`` records that answer ``question`` and are not archived."""
    where = condition(record_type, question)
    if not where:
        return []
    keep_up(session)
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
    plain = alphanumeric(word)
    if not word.isascii():
        pairs = [*(word[i : i + 2] for i in range(0, len(word) - 2, 2)), word[-2:]] if len(word) > 1 else []
        chinese = " AND ".join(_quoted(p) for p in pairs) if pairs else f"{_quoted(word)} *"
        return f"{{name text}} : ({chinese})"
    if not plain:
        return _quoted("\uffff")  # punctuation alone finds nothing
    tail = f" OR (tail : {_quoted(plain)})" if len(plain) == WINDOW else ""
    if plain.isalpha():
        return f"({{pinyin code}} : {_quoted(plain)} *){tail}"
    windows = _rarest([plain[i : i + WINDOW] for i in range(len(plain) - WINDOW + 1)])
    number = " AND ".join(_quoted(w) for w in windows) if windows else f"{_quoted(plain)} *"
    return f"({{digits code}} : ({number})){tail}"


def _rarest(windows: Sequence[str]) -> list[str]:
    """The two windows of a number that are most likely rare: a sign repeated (0000) and its start are common."""
    return sorted(dict.fromkeys(windows[::-1]), key=lambda window: -len(set(window)))[:2]


def _confirm(record_type: type[Record], word: str) -> list[sa.ColumnElement[bool]]:
    """Pairs and windows that all occur need not stand in a row: look at the fields themselves for a longer word."""
    plain = alphanumeric(word)
    if not word.isascii():
        return [_contains(record_type, word, (Search.NAME, Search.TEXT))] if len(word) > 2 else []
    if plain and not plain.isalpha() and len(plain) > WINDOW:
        return [_contains(record_type, plain, (Search.DIGITS, Search.CODE))]
    return []


def _contains(record_type: type[Record], word: str, kinds: tuple[Search, ...]) -> sa.ColumnElement[bool]:
    shaped = _AS_NUMBER if Search.DIGITS in kinds else _AS_TEXT if _LETTER.search(word) else "{}"
    names = [name for name, search in searchable(record_type).items() if search in kinds]
    checks = (f"instr({shaped.format(f'{record_type.kind()}.{name}')}, :word)" for name in names)
    # As words: to put it together from expressions would take longer than to find the answer.
    written = sa.text(f"({' OR '.join(checks) or 0})")
    return written.bindparams(sa.bindparam("word", word, unique=True))  # type: ignore[return-value]


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
