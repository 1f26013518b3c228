"""Head office's own journal: what its people did to devices, customers and products, chained so that a change shows.

It lies with the agent ``OFFICE``, numbered without a gap; an act is entered in the transaction that does it. The chain
shows an alteration, but not a missing end: so the newest number and hash go into every signed receipt, and each desk
keeps them in its own journal.
"""

import enum
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.errors import StoreDamaged
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.statements import prepared
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS, link_chain


class Act(enum.StrEnum):
    """What was done."""

    CODE = "code"  # a one-time code was given out
    ENROL = "enrol"
    SEAL_KEY = "seal_key"  # a device told by which key it seals documents
    REVOKE = "revoke"
    RETIRE = "retire"
    WIPED = "wiped"  # the device confirmed that its keys are destroyed
    REASSIGN = "reassign"
    ERASE = "erase"
    PUBLISH = "publish"
    STEP = "step"  # of a complaint
    HOLD = "hold"  # a customer's data must be kept, whatever else is due
    RELEASE = "release"
    GRADE = "grade"  # a customer's risk of money laundering
    SET = "set"
    LOOK_UP = "look_up"
    VIEW = "view"  # personal data were shown, masked
    REVEAL = "reveal"  # ... and in full, for a reason
    EXPORT = "export"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    LOCK = "lock"  # too many wrong passwords
    ACCOUNT = "account"  # an account was made, or given a new password by somebody else
    BIND = "bind"  # an account was made one of the company's identity provider
    DISABLE = "disable"
    PASSWORD = "password"  # noqa: S105 - somebody changed his own


_a = tables.audit.c


def _newest(*wanted: sa.Column[Any]) -> sa.Select[Any]:
    """Of the newest act."""
    return prepared(sa.select(*wanted).order_by(_a.number.desc()).limit(1), tables.audit, agent=tables.OFFICE)


_NEWEST = _newest(_a.number, _a.chain)
#: Its number and its hash beside other questions, in a transaction that may reach for the rows of ``OFFICE``; nothing
#: before the first.
NEWEST_NUMBER, NEWEST_CHAIN = _newest(_a.number).scalar_subquery(), _newest(_a.chain).scalar_subquery()
_acting: ContextVar[str] = ContextVar("acting", default="")


@contextmanager
def acting(account: str) -> Iterator[None]:
    """Within the block every act is told as this account's, not as the operating system's user's."""
    before = _acting.set(account)
    try:
        yield
    finally:
        _acting.reset(before)


@dataclass(frozen=True)
class Head:
    """The newest act's number and hash."""

    number: int
    chain: str


def tell(rows: Rows, act: Act, subject: str, **detail: str | int) -> Head:
    """Enter an act, in the transaction of ``rows``: taken last, after every other lock.

    ``subject`` and ``detail`` name things by their ids, never a person.
    """
    office = rows.of(tables.OFFICE)
    if office.find(tables.feed, lock=True) is None:
        office.insert(tables.feed, {"number": 0})
    before = head(office)
    row = {
        "number": before.number + 1,
        "at": utc_now(),
        "act": act.value,
        "subject": subject,
        "detail": {"by": detail.pop("by", "") or operator(), **detail},
    }
    chain = chained(before.chain, row)
    office.insert(tables.audit, row | {"chain": chain})
    office.update(tables.feed, {"number": row["number"]})
    return Head(before.number + 1, chain)


def head(office: Rows) -> Head:
    """The newest act; number 0 before the first."""
    found = office.first(_NEWEST)
    return head_of(found.number, found.chain) if found else head_of(None, None)


def head_of(number: int | None, chain: str | None) -> Head:
    """The same of what :data:`NEWEST_NUMBER` and :data:`NEWEST_CHAIN` found."""
    return Head(number or 0, chain or GENESIS.hex())


def newest(database: Database) -> Head:
    """The newest act, as :func:`head` tells it."""
    with database.read(tables.OFFICE) as office:
        return head(office)


def acts(database: Database, first: int = 1, last: int | None = None) -> Iterator[dict[str, Any]]:
    """The acts from ``first`` to ``last``, or to the newest, in order.

    Raises StoreDamaged at the first that was altered, or that does not follow on the one before.
    """
    place = tables.audit.c.number
    with database.read(tables.OFFICE) as office:
        before = office.find(tables.audit, place == first - 1)
        wanted = office.select(tables.audit, place >= first).order_by(place)
        found = office.all(wanted if last is None else wanted.where(place <= last))
    if first > 1 and before is None:
        raise StoreDamaged
    chain = before.chain if before else GENESIS.hex()
    for number, row in enumerate(found, first):
        told = {name: getattr(row, name) for name in ("number", "at", "act", "subject", "detail")}
        chain = chained(chain, told)
        if row.number != number or row.chain != chain:
            raise StoreDamaged
        yield told | {"chain": row.chain}


def chained(before: str, row: dict[str, Any]) -> str:
    """The hash of an act, whose columns are in their order, behind the act whose hash is ``before``."""
    return link_chain(bytes.fromhex(before), _digest(row)).hex()


def operator() -> str:
    """Who gives the commands: the account that is signed in, else whom the operating system knows."""
    try:
        return _acting.get() or getpass.getuser()
    except (KeyError, OSError):
        return ""


def _digest(row: dict[str, Any]) -> bytes:
    return sha256(msgspec.json.encode(list(row.values()), order="sorted")).digest()
