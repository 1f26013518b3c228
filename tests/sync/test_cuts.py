"""The link breaks anywhere: after the next pass both sides are equal, and each entry was taken once."""

import contextlib
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from insuragent.errors import HeadOfficeError
from insuragent.headoffice import tables
from insuragent.models import Received
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import attachments, client, syncer
from insuragent.sync.protocol import VERSION
from insuragent.sync.protocol.offers import STRETCHES_FROM
from tests.headoffice.test_routes import written
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.proxy import Direction, Link
from tests.sync.cutting import ABOUT_DEVICES, KINDS, Enrolling, Leaving, cut_each, cut_everything, names, work_a_little
from tests.sync.state import assert_equal, of_desk, of_office

#: Cuts are so many bytes apart; and how many they are at least, more than three thousand in all.
STEP, LEAST = 2, {"up": 2500, "down": 1200}
#: An enrolment costs more time than bytes, by design: nobody shall guess codes.
STEP_OF_ENROLMENT, LEAST_OF_ENROLMENT = 16, {"up": 30, "down": 35}
STEP_OF_LAST_WORDS, LEAST_OF_LAST_WORDS = 4, {"up": 150, "down": 50}


@pytest.fixture
def desk(broken: tuple[HeadOffice, Link], make_desk: NewDesk) -> tuple[Desk, UUID]:
    """A desk that reaches head office over the link, and whose it is."""
    office, link = broken
    link.heal()
    staff_id = office.appoint()
    return office.seat(make_desk("cut"), staff_id, link.address), staff_id


def enter(desk: Desk, count: int) -> None:
    """So many customers, each with something that cannot be packed away."""
    with desk.begin() as work:
        for _number in range(count):
            customers.create(work, {"name": next(names), "remark": secrets.token_hex(60)})


def missing_files(desk: Desk) -> list[str]:
    """The files that records name and this desk does not hold."""
    with desk.read() as work:
        return attachments.missing(work)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_cut_after_any_byte_is_healed(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], make_desk: NewDesk, direction: Direction
) -> None:
    """Every kind of message, records and files, at every second byte of it; ``make bench only=cuts`` takes each."""
    office, link = broken
    one, staff_id = desk
    desks = [one, office.seat(make_desk("other"), staff_id, link.address)]
    cuts = cut_everything(link, direction, STEP, desks, lambda now: assert_equal(office.database, now, staff_id))
    assert set(cuts) == set(KINDS)
    assert sum(cuts.values()) > LEAST[direction]
    for now in desks:
        offices.sync_now(now)
    assert of_desk(desks[0]) == of_desk(desks[1])
    assert [missing_files(now) for now in desks] == [[], []]


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_cut_enrolment_is_taken_up_with_the_same_code(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], direction: Direction
) -> None:
    """However much of it came through, the code is used once: one device a code, and what was typed is there once."""
    office, link = broken
    one, staff_id = desk
    work_a_little(one)
    offices.sync_now(one)
    enrolling = Enrolling(office, one, staff_id, link.address)
    before = len(enrolling.devices())
    cuts = cut_each(link, direction, STEP_OF_ENROLMENT, enrolling.once)
    assert cuts > LEAST_OF_ENROLMENT[direction]
    assert enrolling.broken == cuts
    assert len(enrolling.devices()) == enrolling.codes + before
    assert one.actor.device_id in enrolling.devices()
    work_a_little(one)
    offices.sync_now(one)
    assert of_desk(one) == of_office(office.database, str(staff_id))
    with office.database.read(str(staff_id)) as rows:
        taken = rows.count(tables.entry.c.id, tables.entry.c.record_id.is_not(None), tables.entry.c.deed == "create")
    assert set(taken.values()) == {1}


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_cut_confirmation_is_heard_or_left_behind(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], direction: Direction, tmp_path: Path
) -> None:
    """The last word of a wiped device: where the line took it away, a file says the same, and head office's journal
    has it once."""
    office, link = broken
    one, staff_id = desk
    leaving = Leaving(office, one, staff_id, tmp_path)
    cuts = cut_each(link, direction, STEP_OF_LAST_WORDS, leaving.once)
    assert cuts > LEAST_OF_LAST_WORDS[direction]
    assert leaving.left == cuts
    assert leaving.unheard == 0


def test_no_kind_of_message_is_left_out() -> None:
    """Whatever a device sends by the table of routes is cut here; nobody but a foreign tus client asks for OPTIONS."""
    asked = set()
    for route, callers in written().items():
        method, path = route.split()
        if path.startswith("/v1/") and callers:
            asked.add(method if "{" in path else path.rpartition("/")[2])
    assert asked - {"OPTIONS"} == {*KINDS, *ABOUT_DEVICES}


@pytest.mark.parametrize(("size", "count"), [(300_000, 120), (100_000, 40), (30_000, 25), (10_000, 25)])
def test_a_link_that_resets_again_and_again_still_finishes(
    broken: tuple[HeadOffice, Link],
    desk: tuple[Desk, UUID],
    make_desk: NewDesk,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    count: int,
) -> None:
    """Up and down, in one pass: the pieces become smaller until they pass, down to a single long narrative."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    with one.begin() as work:
        for _number in range(count):
            told = "".join(chr(0x4E00 + secrets.randbelow(20000)) for _ in range(1500))  # not to be packed away
            customers.create(work, {"name": next(names), "remark": told})
    other = office.seat(make_desk("other"), staff_id, link.address)
    for now, direction in ((one, "up"), (other, "down")):
        cuts = link.cuts
        link.reset_every(direction, size)  # type: ignore[arg-type]
        offices.sync_now(now)
        link.heal()
        assert link.cuts > cuts, "the link did break"
    assert of_desk(other) == of_desk(one)
    assert_equal(office.database, one, staff_id)


@pytest.mark.parametrize("version", [STRETCHES_FROM - 1, VERSION])
def test_many_short_records_pass_a_link_that_resets_every_ten_kilobytes(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """In stretches, or where one side knows none of them in batches that end by the number of their entries too."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    monkeypatch.setattr(client, "VERSION", version)
    enter(one, 300)
    cuts = link.cuts
    link.reset_every("up", 10_000)
    offices.sync_now(one)
    link.heal()
    assert link.cuts > cuts, "the link did break"
    assert_equal(office.database, one, staff_id)


@pytest.mark.parametrize(("every", "most"), [(100_000, 1.3), (10_000, 2)])
def test_what_arrived_before_a_reset_is_not_sent_again(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], monkeypatch: pytest.MonkeyPatch, every: int, most: float
) -> None:
    """A push that goes in stretches costs little more than over a good line, however often the link resets.

    Ten kilobytes are few beside what lies between the ends when a busy machine resets; sent anew it was 2.8 times.
    """
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    sent = []
    for resets in (0, every):
        enter(one, 3000)
        before = link.passed["up"]
        if resets:
            link.reset_every("up", resets)
        offices.sync_now(one)
        link.heal()
        sent.append(link.passed["up"] - before)
    assert link.cuts >= sent[0] // every - 1, "the link did break"
    assert sent[1] < most * sent[0]
    assert_equal(office.database, one, staff_id)


def test_a_push_that_was_given_up_goes_on_there_in_the_next_pass(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that failed on one evening fails on the next, too: what head office has by then is not sent again."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    enter(one, 300)
    carry, begun = client.Office.carry, []

    def failing(self: client.Office, path: str, data: bytes, at: int, told: Any) -> int:
        begun.append(at)
        if len(begun) < 3:
            return carry(self, path, data[: len(data) * len(begun) // 3], at, told)
        if len(begun) == 3:
            raise KeyboardInterrupt  # somebody has no more patience
        return carry(self, path, data, at, told)

    monkeypatch.setattr(client.Office, "carry", failing)
    link.cut = ("up", 2000)
    with pytest.raises(KeyboardInterrupt):
        offices.sync_now(one)
    link.cut = ("up", 2000)
    offices.sync_now(one)
    assert begun[0] == 0
    assert begun[3] == begun[2] > begun[1] > 0
    assert_equal(office.database, one, staff_id)


def test_a_push_whose_answer_was_lost_in_stretches_is_taken_once(
    broken: tuple[HeadOffice, Link], desk: tuple[Desk, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again, head office knows it by its hash; a greeting tells the answers, and the pass goes on to its end."""
    office, link = broken
    one, staff_id = desk
    monkeypatch.setattr(syncer, "WAIT", 0.001)
    offices.sync_now(one)
    work_a_little(one)
    asked: list[str] = []
    ask = client.Office._ask

    def watched(self: client.Office, route: str, *how: Any) -> Any:
        asked.append(route)
        if route == "push" or asked == ["hello", "push", "offer", "take"]:
            link.cut = ("down" if route == "take" else "up", 10)
        return ask(self, route, *how)

    monkeypatch.setattr(client.Office, "_ask", watched)
    outcome = offices.sync_now(one)
    assert asked[:6] == ["hello", "push", "offer", "take", "take", "hello"]
    assert outcome.receipt is not None
    assert_equal(office.database, one, staff_id)
    with office.database.read(str(staff_id)) as rows:
        assert set(rows.count(tables.entry.c.id).values()) == {1}
        assert [row.place for row in rows.all(rows.select(tables.offer))] == [""]


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
