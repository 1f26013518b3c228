"""The link breaks anywhere: after the next pass both sides are equal, and each entry was taken once."""

import contextlib
import itertools
import secrets
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from insuragent.errors import HeadOfficeError
from insuragent.headoffice import tables
from insuragent.models import Received
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import place, syncer
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice, open_office
from tests.proxy import Direction, Link, failing_link, free_port
from tests.sync.state import of_desk, of_office

names = (f"客户{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HeadOffice, Link]]:
    """A head office behind a link that can be broken."""
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    url = f"sqlite:///{folder / 'headoffice.db'}"
    with open_office(url, folder, (f"127.0.0.1:{port}",)) as office, failing_link(office.port, port) as link:
        yield office, link


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second try within a pass, and no waiting."""
    monkeypatch.setattr(syncer, "ATTEMPTS", 1)
    monkeypatch.setattr(syncer, "GREETINGS", 1)


@pytest.fixture
def desk(broken: tuple[HeadOffice, Link], make_desk: NewDesk) -> tuple[Desk, UUID]:
    """A desk that reaches head office over the link, and whose it is."""
    office, link = broken
    link.heal()
    staff_id = office.appoint()
    return office.seat(make_desk("cut"), staff_id, link.address), staff_id


def work_a_little(desk: Desk) -> None:
    """A customer and a change."""
    with desk.begin() as work:
        customer = customers.create(work, {"name": next(names), "remark": "第一次来访"})
    with desk.begin() as work:
        customers.change(work, customer.id, {"remark": "又来一次"})


def assert_equal(office: HeadOffice, desk: Desk, staff_id: UUID) -> None:
    """Desk and head office hold the same, and every entry of the desk is in the ledger once."""
    assert of_desk(desk) == of_office(office.database, str(staff_id))
    with desk.read() as work:
        settled = place.settled(work)
        chain = place.chain_at(work, settled)
    with office.database.read(str(staff_id)) as rows:
        e = tables.entry.c
        mine = rows.all(rows.select(tables.entry, e.device == desk.actor.device_id).order_by(e.number))
        row = rows.find(tables.device, tables.device.c.device == desk.actor.device_id)
        feed = [found.feed_number for found in rows.all(rows.select(tables.entry, e.feed_number.is_not(None)))]
    assert row is not None
    assert [found.number for found in mine] == list(range(1, row.last + 1))
    assert (row.last, row.chain) == (settled, chain.hex())
    assert sorted(feed) == list(range(1, len(feed) + 1)), "the feed has no gap and no number twice"


def measure(desk: Desk, link: Link) -> dict[Direction, int]:
    """How many bytes a pass takes in each direction."""
    before = dict(link.passed)
    offices.sync_now(desk)
    return {"up": link.passed["up"] - before["up"], "down": link.passed["down"] - before["down"]}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_cut_after_any_byte_is_healed(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], direction: Direction
) -> None:
    """Cut at bytes spread over the whole pass; what the cut pass did is kept, the next does the rest."""
    office, link = broken
    one, staff_id = desk
    work_a_little(one)
    length = measure(one, link)[direction]
    cut = 0
    for place_of_cut in range(1, length, length // 40):
        work_a_little(one)
        link.cut = (direction, place_of_cut)
        try:
            offices.sync_now(one)
        except HeadOfficeError:
            cut += 1
        link.heal()
        offices.sync_now(one)
        assert_equal(office, one, staff_id)
    assert cut > 30, "the cuts did cut"


@pytest.mark.parametrize("size", [30_000, 10_000])
def test_a_link_that_resets_again_and_again_still_finishes(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pieces become smaller until they pass."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    with one.begin() as work:
        for _number in range(400):
            customers.create(work, {"name": next(names), "remark": secrets.token_hex(100)})  # not to be packed away
    link.reset_every("up", size)
    offices.sync_now(one)
    assert link.cuts > 0
    link.heal()
    assert_equal(office, one, staff_id)


def test_long_narratives_pass_a_link_that_resets_every_ten_kilobytes(
    broken: tuple[HeadOffice, Link],
    desk: tuple[Desk, UUID],
    make_desk: NewDesk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Batches and pages end by their bytes too, down to a single entry; what is sent again stays in bounds."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    with one.begin() as work:
        for _number in range(25):
            told = "".join(chr(0x4E00 + secrets.randbelow(20000)) for _ in range(1500))  # not to be packed away
            customers.create(work, {"name": next(names), "remark": told})
    link.reset_every("up", 10_000)
    offices.sync_now(one)
    other = make_desk("other")
    link.heal()
    office.seat(other, staff_id, link.address)
    cuts = link.cuts
    link.reset_every("down", 10_000)
    offices.sync_now(other)
    assert link.cuts > cuts > 0
    link.heal()
    assert of_desk(one) == of_desk(other) == of_office(office.database, str(staff_id))


def test_what_was_cut_off_is_not_sent_twice_by_the_feed(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], make_desk: NewDesk
) -> None:
    """A second desk sees each entry of a cut day once."""
    office, link = broken
    one, staff_id = desk
    for direction, after in (("up", 900), ("down", 900), ("up", 2500)):
        work_a_little(one)
        link.cut = (direction, after)  # type: ignore[assignment]
        with contextlib.suppress(HeadOfficeError):
            offices.sync_now(one)
        link.heal()
    offices.sync_now(one)
    second = office.seat(make_desk("second"), staff_id, link.address)
    offices.sync_now(second)
    assert of_desk(second) == of_desk(one)
    with second.read() as work:
        ids = work.session.scalars(sa.select(Received.id)).all()
    assert len(ids) == len(set(ids))
