"""What is erased is gone to the last byte, and head office's journal keeps that it was done; its end cannot vanish."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from insuragent.headoffice import audit, oversight, tables
from insuragent.headoffice.assignments import reassign
from insuragent.headoffice.files import files_at
from insuragent.headoffice.signing import load_key
from insuragent.models import Attachment, Customer
from insuragent.models.attachment import AttachmentUse
from insuragent.services import customers, sheets, syncing
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import wiping
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.sync.carrying import carry, parcels_of


@pytest.fixture
def make_office() -> Iterator[Callable[[Path], HeadOffice]]:
    """Head offices of a test's own, that serve until it ends."""
    made: list[HeadOffice] = []

    def make(folder: Path) -> HeadOffice:
        made.append(HeadOffice(f"sqlite:///{folder / 'headoffice.db'}", folder))
        made[-1].start()
        return made[-1]

    yield make
    for office in made:
        office.stop()
        office.database.close()


def attached(desk: Desk, data: bytes, to: UUID | None = None) -> tuple[UUID, Attachment]:
    """A file that hangs on a customer, a new one unless it is told."""
    with desk.begin() as work:
        customer = work.get(Customer, to) if to else customers.create(work, {"name": "王𬭎"})
        return customer.id, sheets.attach(work, customer, AttachmentUse.EVIDENCE, "证据.pdf", "application/pdf", data)


def erase(desk: Desk, customer_id: UUID) -> None:
    """A customer is to be erased everywhere."""
    with desk.begin() as work:
        wiping.order(work, work.get(Customer, customer_id))
    offices.sync_now(desk)


def place_of(office: HeadOffice, agent: UUID, sha256: str) -> str:
    """Where the bytes of a file lie."""
    with office.database.read(str(agent)) as rows:
        row = rows.find(tables.file, tables.file.c.sha256 == sha256)
    assert row is not None
    return str(row.place)


def pieces(office: HeadOffice, place: str) -> list[Path]:
    """What lies in the folder of files under a place."""
    return [path for path in (office.folder / "files").rglob("*") if place in str(path) and path.is_file()]


def body(words: str) -> bytes:
    """A small PDF that nobody else has."""
    return b"%PDF-1.7\n" + words.encode() * 50


def test_the_bytes_of_what_is_erased_go_too(office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]) -> None:
    """Those that no other record names; the customer who stays keeps his copy of the same file."""
    desk = two[0]
    customer, alone = attached(desk, body("一"))
    _same_customer, shared = attached(desk, body("二"), to=customer)
    attached(desk, body("二"))
    offices.sync_now(desk)
    places = [place_of(office, staff_id, one.sha256) for one in (alone, shared)]
    assert all(pieces(office, place) for place in places)
    erase(desk, customer)
    assert pieces(office, places[0]) == []
    assert pieces(office, places[1]), "another customer's record names it"
    with office.database.read(str(staff_id)) as rows:
        assert rows.count(tables.unneeded.c.place) == {}


def test_the_bytes_go_too_when_the_word_comes_on_a_stick(
    office: HeadOffice, staff_id: UUID, make_desk: NewDesk, tmp_path: Path
) -> None:
    """The command that takes a day package in removes them; nobody waits for another erasure over a line."""
    desk = office.seat(make_desk("one"), staff_id)
    customer, file = attached(desk, body(f"六{staff_id}"))
    offices.sync_now(desk)
    place = place_of(office, staff_id, file.sha256)
    with desk.begin() as work:
        wiping.order(work, work.get(Customer, customer))
    assert carry(desk, parcels_of(office), tmp_path) is not None
    assert pieces(office, place) == []


def test_bytes_that_went_to_a_colleague_stay_his(office: HeadOffice, staff_id: UUID, make_desk: NewDesk) -> None:
    """Two agents' records may name bytes at one place: it is let go of when the last of them is erased."""
    desk = office.seat(make_desk("one"), staff_id)
    kept, first = attached(desk, body(f"三{staff_id}"))
    left, _same = attached(desk, body(f"三{staff_id}"))
    offices.sync_now(desk)
    place = place_of(office, staff_id, first.sha256)
    colleague = office.appoint()
    reassign(office.database, str(kept), str(colleague))
    assert place_of(office, colleague, first.sha256) == place
    other = office.seat(make_desk("other"), colleague)
    offices.sync_now(other)
    erase(other, kept)
    assert pieces(office, place), "the first agent still has a record that names it"
    offices.sync_now(desk)
    erase(desk, left)
    assert pieces(office, place) == []


def test_a_store_that_does_not_answer_is_asked_again(sqlite_office: HeadOffice, make_desk: NewDesk) -> None:
    """The erasure stands, and what could not be removed is removed by the next sweep."""
    office, agent = sqlite_office, sqlite_office.appoint()
    desk = office.seat(make_desk("one"), agent)
    customer, file = attached(desk, body("四"))
    offices.sync_now(desk)
    place = place_of(office, agent, file.sha256)
    folder = office.folder / "files"
    away = folder.rename(folder.with_name("away"))
    folder.write_text("no folder")
    erase(desk, customer)
    with office.database.read(str(agent)) as rows:
        assert rows.count(tables.unneeded.c.place) == {place: 1}
    folder.unlink()
    away.rename(folder)
    files = files_at(folder.as_uri(), office.database, load_key(office.database))
    assert files.sweep() == 1
    assert pieces(office, place) == []
    assert files.sweep() == 0


def test_head_offices_journal_keeps_that_it_was_done(
    office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk]
) -> None:
    """Once, with the device that asked and how many records went; no word of whom it was."""
    desk = two[0]
    customer, _file = attached(desk, body("五"))
    offices.sync_now(desk)
    erase(desk, customer)
    offices.sync_now(desk)
    (told,) = [act for act in audit.acts(office.database) if act["act"] == "erase" and act["subject"] == str(customer)]
    assert told["detail"] == {"by": f"{staff_id}/{desk.actor.device_id}", "records": 2}


def fault(desk: Desk) -> str:
    """What the desk says of head office itself."""
    with desk.read() as work:
        return syncing.status(work).office_fault


@pytest.mark.parametrize("tamper", ["cut", "rewritten"])
def test_a_desk_notices_when_head_offices_journal_loses_its_end(
    tmp_path: Path, make_desk: NewDesk, make_office: Callable[[Path], HeadOffice], tamper: str
) -> None:
    """An act that a receipt told is gone, or another in its place: the desk says so until the journal is beyond it."""
    office = make_office(tmp_path)
    desk = office.seat(make_desk("one"), office.appoint())
    oversight.put(office.database, oversight.LEASE_DAYS, 30)
    offices.sync_now(desk)
    assert fault(desk) == ""
    a = tables.audit.c
    with office.database.begin(tables.OFFICE) as rows:
        newest = audit.head(rows).number
        rows.delete(tables.audit, a.number == newest)
    if tamper == "rewritten":
        oversight.put(office.database, oversight.LEASE_DAYS, 60)
    offices.sync_now(desk)
    assert "请告知公司合规人员" in fault(desk)
    for days in (10, 20):
        oversight.put(office.database, oversight.LEASE_DAYS, days)
    offices.sync_now(desk)
    assert fault(desk) == ""
