"""Find records by any kind of question: Chinese, pinyin, initials, part of a phone or policy number, ID tail.

Overlapping pairs make every piece of Chinese a lookup; longer questions are confirmed on the record.
"""

import functools
import re
from collections.abc import Sequence
from typing import Any, TypeVar

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
    written, told = _written(record_type, question)
    return [sa.text(written).bindparams(**told)] if written else []  # type: ignore[list-item]


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
    return [row[0] for row in rows(session, record_type, (record_type,), question, limit)]


def rows(
    session: Session, record_type: type[Record], selected: Sequence[Any], question: str, limit: int = 50
) -> Sequence[Any]:
    """The same, but of each record only the columns ``selected``."""
    written, told = _written(record_type, question)
    if not written:
        return []
    keep_up(session)
    statement = _prepared(record_type, tuple(selected), written)
    return session.execute(statement, {**told, "most": limit}).all()


@functools.lru_cache(maxsize=256)
def _prepared(record_type: type[Record], selected: tuple[Any, ...], written: str) -> sa.Select[Any]:
    """The statement for every question that is written alike: to make it takes longer than to find the answer."""
    table, on = joined(record_type)
    statement = sa.select(*selected).join_from(table, record_type, on)
    wanted = statement.where(sa.text(written), record_type.archived_at.is_(None))
    return wanted.order_by(table.c.rowid.desc()).limit(sa.bindparam("most"))


def _written(record_type: type[Record], question: str) -> tuple[str, dict[str, str]]:
    """How the conditions are written, and what is told to them; empty for an empty question."""
    # Neither a broken half of a sign nor a NUL, at which SQLite would stop reading, is in any text.
    sayable = question.encode(errors="ignore").decode().replace("\0", "")
    words = [word for word in BLANKS.split(normal(sayable)) if word]
    if not words or not searchable(record_type):
        return "", {}
    told = {"asked": " AND ".join(f"({_match(word)})" for word in words)}
    written = [f"{table_name(record_type.kind())} MATCH :asked"]
    for number, (word, kinds) in enumerate(filter(None, map(_unsure, words))):
        told[f"word{number}"] = word
        written.append(_contains(record_type, word, kinds, f":word{number}"))
    return " AND ".join(written), told


def _match(word: str) -> str:
    """The full-text question for one word: as few tokens as cover it, for each costs a walk along its list.

    A longer word is confirmed on the records, so that fewer tokens find no less and no more.
    """
    plain = alphanumeric(word)
    if not word.isascii():
        pairs = _rarest_pairs(word)
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


def _rarest_pairs(word: str) -> list[str]:
    """Two pairs of a word's digits, which few texts hold, or as many pairs as cover it, those with a digit first."""
    pairs = list(dict.fromkeys(word[i : i + 2] for i in range(len(word) - 1)))
    numbers = [pair for pair in pairs if pair.isdigit()]
    if len(numbers) > 1:
        return [numbers[0], numbers[-1]]
    cover = [*pairs[:-1:2], *pairs[-1:]]
    return sorted(dict.fromkeys([*cover, *pairs]), key=lambda pair: -sum(map(str.isdigit, pair)))[: len(cover)]


def _rarest(windows: Sequence[str]) -> list[str]:
    """The two windows of a number that are most likely rare: a sign repeated (0000) and its start are common."""
    return sorted(dict.fromkeys(windows[::-1]), key=lambda window: -len(set(window)))[:2]


def _unsure(word: str) -> tuple[str, tuple[Search, ...]] | None:
    """Pairs and windows that all occur need not stand in a row: what of a longer word must stand in which fields."""
    plain = alphanumeric(word)
    if not word.isascii():
        return (word, (Search.NAME, Search.TEXT)) if len(word) > 2 else None
    if plain and not plain.isalpha() and len(plain) > WINDOW:
        return plain, (Search.DIGITS, Search.CODE)
    return None


def _contains(record_type: type[Record], word: str, kinds: tuple[Search, ...], told: str) -> str:
    shaped = _AS_NUMBER if Search.DIGITS in kinds else _AS_TEXT if _LETTER.search(word) else "{}"
    names = [name for name, search in searchable(record_type).items() if search in kinds]
    checks = (f"instr({shaped.format(f'{record_type.kind()}.{name}')}, {told})" for name in names)
    return f"({' OR '.join(checks) or 0})"


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
