"""A pass of two requests: what is new comes with the greeting, and the receipt with the push."""

from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from uuid_utils.compat import uuid7

from insuragent.headoffice import tables
from insuragent.headoffice.assignments import reassign
from insuragent.sync.protocol import (
    CATALOGUE,
    GLANCE_ENTRIES,
    OWN,
    VERSION,
    Hello,
    HelloAnswer,
    Push,
    PushAnswer,
    Receipt,
    ReceiptAsked,
    receipt_words,
    unpack,
)
from tests.headoffice.signed import HELLO, Signer, pushed
from tests.headoffice.test_judging import CREATED
from tests.offices import HeadOffice


@pytest.fixture
def signer(office: HeadOffice) -> Signer:
    """A device of an agent of its own."""
    return Signer(office, office.appoint())


def push(signer: Signer, first: int, ids: list[UUID], receipt: int = 0) -> PushAnswer:
    """Push new customers."""
    entries = [pushed(first + at, "create", "customer", one, **CREATED) for at, one in enumerate(ids)]
    return unpack(signer.ask("push", Push(entries, receipt=receipt)).content, PushAnswer)


def greet(signer: Signer, newest: int, cursors: dict[str, int], version: str = str(VERSION)) -> HelloAnswer:
    """Greet with these cursors."""
    hello = Hello(newest, newest, HELLO.now, cursors=cursors)
    return unpack(signer.ask("hello", hello, version=version).content, HelloAnswer)


def test_a_greeting_brings_the_first_page(signer: Signer) -> None:
    """A small one, of the feeds that have something new; and none to a desk that does not ask for it."""
    count = GLANCE_ENTRIES + 20
    start = greet(signer, 0, {OWN: 0}).feeds[OWN]
    push(signer, 1, [uuid7() for _ in range(count)])
    page = greet(signer, count, {OWN: start, CATALOGUE: 0}).pages[OWN].straight()
    assert len(page.items) == GLANCE_ENTRIES
    assert (page.cursor, page.head) == (start + GLANCE_ENTRIES, start + count)
    assert not greet(signer, count, {OWN: start + count}).pages
    assert not greet(signer, count, {}).pages


def test_a_desk_that_is_too_old_to_pull_is_brought_nothing(tmp_path: Path) -> None:
    """It is told so when it asks to pull; its greeting is answered as ever."""
    office = HeadOffice(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path, pull_from=VERSION)
    office.start()
    try:
        signer = Signer(office, office.appoint())
        push(signer, 1, [uuid7()])
        assert greet(signer, 1, {OWN: 0}).pages
        assert not greet(signer, 1, {OWN: 0}, version=str(VERSION - 1)).pages
    finally:
        office.stop()
        office.database.close()


def test_a_push_brings_its_receipt(signer: Signer) -> None:
    """The same, but for the time, as one that is asked for afterwards; and it is signed."""
    told = push(signer, 1, [uuid7(), uuid7()], receipt=1).receipt
    asked = unpack(signer.ask("receipt", ReceiptAsked(1)).content, Receipt)
    assert told is not None
    assert (told.taken, told.held, told.last, told.chain) == (asked.taken, asked.held, 2, asked.chain)
    assert told.taken == {"customer": 2}
    Ed25519PublicKey.from_public_bytes(signer.enrolled.server_key).verify(told.signature, receipt_words(told))
    assert push(signer, 3, [uuid7()]).receipt is None


def test_a_receipt_counts_what_is_held_whatever_changed_it(office: HeadOffice, signer: Signer) -> None:
    """A push keeps the count, a hand-over has it made anew: it is always what a look at all records would tell."""
    ids = [uuid7() for _ in range(3)]
    for first, one in enumerate(ids, 1):
        receipt = push(signer, first, [one], receipt=1).receipt
        assert receipt is not None
        assert receipt.held == counted(office, signer)
    reassign(office.database, str(ids[0]), str(office.appoint()))
    after = unpack(signer.ask("receipt", ReceiptAsked(1)).content, Receipt).held
    assert after == counted(office, signer)
    assert after["customer"] == 2
    receipt = push(signer, 4, [uuid7()], receipt=1).receipt
    assert receipt is not None
    assert receipt.held == counted(office, signer)


def counted(office: HeadOffice, signer: Signer) -> dict[str, int]:
    """The agent's records by kind, counted."""
    with office.database.read(str(signer.staff_id)) as rows:
        return rows.count(tables.record.c.kind)
