"""How often somebody guessed, or took data along: counted before anything is looked at, so that no failed look takes
its count back."""

import datetime as dt
from dataclasses import dataclass

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Rows
from insuragent.i18n import N_
from insuragent.models.base import utc_now

#: After so long without a try it is forgotten.
MEMORY = dt.timedelta(minutes=15)
#: So many files may one person take along within that time.
MOST_EXPORTS = 20
_OFTEN = N_("导出过于频繁，请稍后再试")


@dataclass(frozen=True)
class Tries:
    """How many there were before this one, and since when: the first of them, or the last."""

    count: int
    since: dt.datetime


def before(rows: Rows, key: str) -> Tries:
    """The tries under ``key`` until now; nobody else counts there before the transaction ends."""
    now, a = utc_now(), tables.attempt.c
    rows.delete(tables.attempt, a.since < now - MEMORY)
    row = rows.find(tables.attempt, a.address == key, lock=True)
    return Tries(row.failures, row.since) if row else Tries(0, now)


def count(rows: Rows, key: str, *, from_last: bool = False) -> Tries:
    """Count a try under ``key``, and tell those before it. ``from_last``: each begins the time anew."""
    tries = before(rows, key)
    if tries.count == 0:
        rows.insert(tables.attempt, {"address": key, "failures": 1, "since": tries.since})
    else:
        since = utc_now() if from_last else tries.since
        counted = {"failures": tries.count + 1, "since": since}
        rows.update(tables.attempt, counted, tables.attempt.c.address == key)
    return tries


def count_export(rows: Rows, name: str) -> None:
    """Count a file that somebody takes along. Raises Refused "too_many_tries": nobody needs them by the hundred."""
    if count(rows, f"export {name}").count >= MOST_EXPORTS:
        raise Refused("too_many_tries", _OFTEN)


def forget(rows: Rows, *keys: str) -> None:
    """It was no guess."""
    rows.delete(tables.attempt, tables.attempt.c.address.in_(keys))
