"""What a push brought lies in blocks: told page by page as it came, erased without a trace, proved at each entry."""

import uuid
from hashlib import sha256
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from insuragent.errors import StoreDamaged
from insuragent.headoffice import blocks, erasure, tables
from insuragent.headoffice.blocks import GONE, Texts, knows, texts_of
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.ledger import Device, Ledger
from insuragent.headoffice.signing import load_key
from insuragent.models.journal import GENESIS, link_chain
from insuragent.sync.protocol import OWN, Pull, PullPage, Push, PushEntry
from insuragent.sync.protocol.devices import Enrol
from tests.headoffice.test_judging import AT, CREATED
from tests.offices import HeadOffice


class Pusher:
    """A device whose pushes are made by hand."""

    def __init__(self, office: HeadOffice) -> None:
        self.database, self.ledger = office.database, Ledger(office.database)
        staff_id = office.appoint()
        self.device = Device(str(staff_id), "pusher")
        enrolment = Enrolment(office.database, load_key(office.database))
        enrolment.admit(Enrol("", bytes(32), bytes(64), 0, GENESIS.hex()), str(staff_id), "pusher")
        self.texts: list[bytes] = []
        self.records: list[str] = []

    def seal(self, count: int, **changed: Any) -> Push:
        """The next entries, each a customer of his own."""
        entries = []
        for _ in range(count):
            self.records.append(str(uuid.uuid4()))
            changes = {name: [None, value] for name, value in (CREATED | changed).items()}
            number = len(self.texts) + 1
            told = [number, str(uuid.uuid4()), AT, "create", "customer", self.records[-1], changes, "", None, "d", "1"]
            self.texts.append(msgspec.json.encode(told, order="sorted"))
            entries.append(PushEntry(0, msgspec.Raw(self.texts[-1])))
        return Push(entries).turned()

    def push(self, count: int, **changed: Any) -> None:
        """Send them."""
        answers = self.ledger.push(self.device, self.seal(count, **changed)).answers
        assert {answer.result for answer in answers} == {"accepted"}

    def pull(self, cursor: int, **how: Any) -> PullPage:
        """A page of the feed, as a desk reads it."""
        page = self.ledger.pull(self.device, Pull(OWN, cursor, columns=True, **how))
        return msgspec.json.decode(msgspec.json.encode(page), type=PullPage).straight()

    def told(self, **how: Any) -> list[bytes]:
        """All that the feed tells of this device."""
        found: list[bytes] = []
        page = self.pull(0, **how)
        while True:
            found += [bytes(item.sealed) for item in page.items if item.device == "pusher"]
            if not page.more:
                return found
            page = self.pull(page.cursor, **how)


@pytest.fixture
def pusher(office: HeadOffice) -> Pusher:
    """A device of a new agent's."""
    return Pusher(office)


def test_a_push_is_told_as_it_came(pusher: Pusher, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of so many entries, whatever the pages are; a page that is half full ends where a block does."""
    monkeypatch.setattr(blocks, "MOST", 4)
    pusher.push(10)
    pusher.push(1, remark="一")
    pusher.push(5, score=7)
    with pusher.database.read(pusher.device.agent) as rows:
        kept = rows.all(rows.select(tables.block).order_by(tables.block.c.first))
        entries = rows.all(rows.select(tables.entry, tables.entry.c.device == "pusher"))
    assert [row.first for row in kept] == [1, 5, 9, 11, 12, 16]
    assert {row.sealed for row in entries} == {""}
    for limit in (1, 2, 3, 5, 7, 100):
        assert pusher.told(limit=limit) == pusher.texts
    assert [item.number for item in pusher.pull(1, limit=7).items] == [2, 3, 4, 5]
    assert [item.number for item in pusher.pull(1, limit=2).items] == [2, 3]
    assert pusher.told(size=1) == pusher.texts


def test_what_is_erased_leaves_its_block(pusher: Pusher) -> None:
    """Only its hash stays; the others of the block are told as before, and the chain verifies at each entry."""
    pusher.push(5)
    chains = [GENESIS]
    for text in pusher.texts:
        chains.append(link_chain(chains[-1], sha256(text).digest()))
    with pusher.database.begin(pusher.device.agent) as rows:
        erasure.erase(rows, pusher.records[2], "")
    gone = pusher.texts.pop(2)
    assert pusher.told() == pusher.texts
    with pusher.database.read(pusher.device.agent) as rows:
        (block,) = rows.all(rows.select(tables.block))
        (row,) = rows.all(rows.select(tables.entry, tables.entry.c.record_id == pusher.records[2]))
        assert Texts(rows, [row]).of(row) == b""
        for number, chain in enumerate(chains):
            assert knows(rows, number, chain.hex()) == (number > 0)
            assert not knows(rows, number + 1, chain.hex())
    assert row.digest == sha256(gone).hexdigest()
    assert texts_of(block.sealed)[2] == GONE
    assert pusher.records[2].encode() not in block.sealed


def test_a_push_that_came_in_part_is_kept_once(pusher: Pusher) -> None:
    """What was taken lies in its block; the rest begins another, and both are told."""
    first, rest = pusher.seal(3).straight(), pusher.seal(2).straight()
    pusher.ledger.push(pusher.device, first.turned())
    for _again in range(2):
        answer = pusher.ledger.push(pusher.device, Push([*first.entries, *rest.entries]).turned())
        assert [one.number for one in answer.answers] == [1, 2, 3, 4, 5]
    with pusher.database.read(pusher.device.agent) as rows:
        kept = rows.all(rows.select(tables.block).order_by(tables.block.c.first))
    assert [(row.first, len(texts_of(row.sealed))) for row in kept] == [(1, 3), (4, 2)]
    assert pusher.told() == pusher.texts


def test_a_block_in_another_place_does_not_open(pusher: Pusher) -> None:
    """It is bound to its device and its first entry."""
    pusher.push(2)
    with pusher.database.connect() as connection:
        for table, moved in ((tables.block, {"first": 2}), (tables.entry, {"block": 2})):
            mine = (table.c.agent == pusher.device.agent, table.c.device == "pusher")
            connection.execute(sa.update(table).where(*mine).values(moved))
    with pytest.raises(StoreDamaged):
        pusher.pull(1)
