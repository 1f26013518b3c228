"""Statements that the driver runs itself: typed as SQLAlchemy would, its errors, and changes that go together."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.database import Rows
from tests.headoffice.signed import Signer
from tests.offices import HeadOffice


@pytest.fixture
def signer(office: HeadOffice) -> Signer:
    """A device of an agent of its own."""
    return Signer(office, office.appoint())


def test_values_are_typed(office: HeadOffice, signer: Signer) -> None:
    """Moments, texts that lie sealed, bytes and JSON are what any other statement would find."""
    name = signer.enrolled.key_id.partition("/")[2]
    with office.database.begin(str(signer.staff_id)) as rows:
        rows.put(tables.feed, {"held": {"staff": 1}})
        got: Any = rows.get(tables.device, device=name)
        assert tuple(got) == tuple(rows.find(tables.device, tables.device.c.device == name) or ())
        assert got.enrolled_at.tzinfo is dt.UTC
        assert feed_of(rows).held == {"staff": 1}
        rows.put(tables.feed, {"held": None})
        assert feed_of(rows).held is None
        assert rows.get(tables.device, device="nobody") is None


def test_a_row_that_is_there_is_told_without_its_values(office: HeadOffice, signer: Signer) -> None:
    """As SQLAlchemy tells it, for whoever must know; no value of the row stands in the words."""
    secret = uuid4().hex
    with pytest.raises(sa.exc.IntegrityError) as told, office.database.begin(str(signer.staff_id)) as rows:
        for _again in range(2):
            used(rows, secret)
    assert secret not in str(told.value).partition("DETAIL")[0]
    with office.database.read(str(signer.staff_id)) as rows:
        assert not rows.has(tables.nonce, nonce=secret), "nothing of the transaction stands"


def test_changes_that_go_together_are_made_or_not(office: HeadOffice, signer: Signer) -> None:
    """All at the block's end; and none when one of them cannot be."""
    staff, nonce = str(signer.staff_id), uuid4().hex
    with office.database.begin(staff) as rows, rows.together():
        rows.put(tables.feed, {"number": 41})
        used(rows, nonce)
    with pytest.raises(sa.exc.IntegrityError), office.database.begin(staff) as rows, rows.together():
        rows.put(tables.feed, {"number": 42})
        used(rows, nonce)
    with office.database.read(staff) as rows:
        assert feed_of(rows).number == 41
        assert rows.has(tables.nonce, nonce=nonce)


def feed_of(rows: Rows) -> Any:
    """The row of the agent's feed."""
    return rows.get(tables.feed)


def used(rows: Rows, nonce: str) -> None:
    """A nonce is taken."""
    rows.enter(tables.nonce, {"nonce": [nonce]}, device="device", seen_at=0)
