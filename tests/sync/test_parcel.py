"""The day package on a stick: the same outcome as over a line, twice is once, and whatever was altered is refused."""

import datetime as dt
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from insuragent import cli
from insuragent.errors import Refused
from insuragent.headoffice import schema, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.files import files_at
from insuragent.headoffice.parcels import Parcels
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import create_key, load_key
from insuragent.models import Customer, Deed, Entry
from insuragent.services import customers, syncing
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice
from tests.sync.carrying import add, altered, attach, carry, parcels_of, refused, rows, state
from tests.sync.state import of_desk, of_office

SCAN = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
Two = tuple[Desk, Desk]


@pytest.fixture
def parcels(office: HeadOffice) -> Parcels:
    """What takes packages in at head office."""
    return parcels_of(office)


def held(desk: Desk) -> tuple[Any, ...]:
    """What a desk holds, and how far it has read and written."""
    with desk.read() as work:
        notes = (work.note("settled"), work.note("cursor:own"), work.note("cursor:catalogue"), work.head)
    return of_desk(desk), notes


def test_a_round_by_stick_is_as_good_as_a_line(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """Records, files and a receipt go both ways; a desk without any network ends as one that has it."""
    offline, online = two
    theirs = attach(online, add(online, "李建国"), SCAN)
    offices.sync_now(online)
    mine = attach(offline, add(offline, "王小明"), SCAN + b"more")
    outcome = carry(offline, parcels, tmp_path)
    assert outcome is not None
    assert outcome.receipt is not None
    assert outcome.receipt.taken["customer"] == 1
    offices.sync_now(online)
    assert of_desk(offline) == of_desk(online) == of_office(office.database, str(staff_id))
    for desk in two:
        with desk.read() as work:
            assert work.blobs.get(theirs) == SCAN
            assert work.blobs.get(mine) == SCAN + b"more"
            assert syncing.pending(work) == 0
    with offline.read() as work:
        shown = syncing.status(work)
        assert shown.receipt["held"]["customer"] == 2
        assert (shown.files.waiting, shown.last_sync) == (0, outcome.server_time)
    assert offices.sync_now(offline).received == 0, "a line brings nothing that the stick did not"


@pytest.mark.parametrize(
    ("away", "skew"), [(dt.timedelta(), 0), (dt.timedelta(days=3), 0), (dt.timedelta(hours=-2), -7200)]
)
def test_the_days_that_a_stick_takes_are_no_wrong_clock(
    office: HeadOffice, parcels: Parcels, two: Two, tmp_path: Path, away: dt.timedelta, skew: int
) -> None:
    """Neither on the way there nor back; a desk that reads an answer of the future has a clock that is behind."""
    desk, day, answer = two[0], tmp_path / "day", tmp_path / "answer"
    add(desk, "王小明")
    offices.export_parcel(desk, day)
    with time_machine.travel(dt.datetime.now(dt.UTC) + abs(away)):
        answer.write_bytes(parcels.take(day.read_bytes())[0])
    with time_machine.travel(dt.datetime.now(dt.UTC) + abs(away) + away):
        outcome = offices.import_parcel(desk, answer)
    assert outcome is not None
    assert abs(outcome.skew - skew) < 60
    with desk.read() as work:
        assert abs(syncing.status(work).skew - skew) < 60
        told = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.CLOCK_SKEW)).all()
        assert bool(told) == bool(skew)
    with office.database.read(str(desk.actor.staff_id)) as held:
        assert {row.skew_seconds for row in held.all(held.select(tables.device))} == {0}


def test_a_clock_that_is_ahead_is_told_by_stick_too(
    office: HeadOffice, parcels: Parcels, two: Two, tmp_path: Path
) -> None:
    """A package that was written tomorrow."""
    desk, day = two[0], tmp_path / "day"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)):
        add(desk, "王小明")
        offices.export_parcel(desk, day)
    parcels.take(day.read_bytes())
    with office.database.read(str(desk.actor.staff_id)) as held:
        seen = {row.device: row.skew_seconds for row in held.all(held.select(tables.device))}
    assert 10_700 < seen[desk.actor.device_id] < 10_900


def test_twice_is_once_on_both_sides(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """The same file again changes nothing; an answer to it that was made anew brings nothing new either."""
    desk, _other = two
    attach(desk, add(desk, "王小明"), SCAN)
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(desk, day)
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    before = rows(office.database, staff_id)
    again, _device, entries, _way = parcels.take(day.read_bytes())
    assert rows(office.database, staff_id) == before
    assert entries > 0
    assert offices.import_parcel(desk, answer) is not None
    here = held(desk)
    assert offices.import_parcel(desk, answer) is None
    answer.write_bytes(again)
    refused("older_parcel", lambda: offices.import_parcel(desk, answer))
    assert held(desk) == here


def test_whatever_byte_is_altered_nothing_is_taken(
    sqlite_office: HeadOffice, make_desk: NewDesk, tmp_path: Path
) -> None:
    """Every byte of the heading, of the key and of the signature, many of what is sealed, ends cut off or added."""
    office, staff_id = sqlite_office, sqlite_office.appoint()
    desk = office.seat(make_desk("one"), staff_id)
    key = load_key(office.database)
    parcels = Parcels(office.database, key, files_at((office.folder / "files").as_uri(), office.database, key))
    attach(desk, add(desk, "王小明"), SCAN)
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(desk, day)
    sent = day.read_bytes()
    before = rows(office.database, staff_id)
    for bad in altered(sent):
        with pytest.raises(Refused) as found:
            parcels.take(bad)
        assert found.value.code in ("bad_parcel", "other_office", "unknown_device", "altered")
    assert rows(office.database, staff_id) == before
    came = parcels.take(sent)[0]
    here = held(desk)
    for bad in altered(came):
        answer.write_bytes(bad)
        with pytest.raises(Refused) as found:
            offices.import_parcel(desk, answer)
        assert found.value.code in ("bad_parcel", "other_office", "other_device", "altered")
    assert held(desk) == here
    answer.write_bytes(came)
    assert offices.import_parcel(desk, answer) is not None


def test_names_and_words_cannot_be_read_on_the_stick(two: Two, tmp_path: Path) -> None:
    """A stick is lost sooner or later."""
    desk, _other = two
    attach(desk, add(desk, "王小明", mobile="13800138000"), SCAN)
    offices.export_parcel(desk, tmp_path / "day")
    data = (tmp_path / "day").read_bytes()
    assert not any(word in data for word in ("王小明".encode(), b"13800138000", b"customer", SCAN[:40]))


def test_whose_it_is_not_does_not_take_it(
    office: HeadOffice, parcels: Parcels, two: Two, tmp_path: Path, make_desk: NewDesk
) -> None:
    """Another device of the same agent, another head office, and the wrong way round."""
    one, other = two
    add(one, "王小明")
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(one, day)
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    before = held(other)
    refused("other_device", lambda: offices.import_parcel(other, answer))
    refused("bad_parcel", lambda: offices.import_parcel(one, day))
    refused("bad_parcel", lambda: parcels.take(answer.read_bytes()))
    refused("not_enrolled", lambda: offices.export_parcel(make_desk("fresh"), day))
    elsewhere = Database(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other.key")
    schema.bring_up_to_date(elsewhere)
    create_key(elsewhere)
    key = load_key(elsewhere)
    refused("other_office", lambda: Parcels(elsewhere, key, files_at("", elsewhere, key)).take(day.read_bytes()))
    elsewhere.close()
    assert held(other) == before


def test_a_lost_answer_and_then_a_line(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """The stick never comes back: the line brings the answers, nothing is doubled, and both files come too late."""
    desk, _other = two
    add(desk, "王小明")
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(desk, day)
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    add(desk, "李建国")
    offices.sync_now(desk)
    with office.database.read(str(staff_id)) as reading:
        entries = reading.all(reading.select(tables.entry, tables.entry.c.deed == "create"))
    created = [row.record_id for row in entries if row.kind == "customer"]
    assert len(created) == len(set(created)) == 2
    here, there = held(desk), rows(office.database, staff_id)
    refused("older_parcel", lambda: offices.import_parcel(desk, answer))
    refused("older_parcel", lambda: parcels.take(day.read_bytes()))
    assert (held(desk), rows(office.database, staff_id)) == (here, there)
    assert of_desk(desk) == of_office(office.database, str(staff_id))


def test_what_clashes_on_a_stick_is_asked_and_settled_by_the_next(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """Both changed a number, and each something else: the answer brings the question, the second round the choice."""
    offline, online = two
    customer = add(online, "王小明", mobile="13800138000")
    offices.sync_now(online)
    carry(offline, parcels, tmp_path)
    with online.begin() as work:
        customers.change(work, customer.id, {"mobile": "13933334444", "remark": "养猫"})
    offices.sync_now(online)
    with offline.begin() as work:
        customers.change(work, customer.id, {"mobile": "13911112222", "occupation_text": "教师"})
    carry(offline, parcels, tmp_path)
    with offline.begin() as work:
        (asked,) = syncing.contested(work)
        assert (asked.mine.words, asked.theirs.words) == ("13911112222", "13933334444")
        syncing.choose(work, asked.id, "mine")
    carry(offline, parcels, tmp_path)
    offices.sync_now(online)
    assert of_desk(offline) == of_desk(online) == of_office(office.database, str(staff_id))
    with online.read() as work:
        found = work.get(Customer, customer.id)
        assert (found.mobile, found.remark, found.occupation_text) == ("13911112222", "养猫", "教师")


def test_two_packages_before_the_first_answer(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """The second holds what the first held, and more of the same customer; the answers come in the wrong order."""
    desk, _other = two
    customer = add(desk, "王小明")
    first, second, answer = tmp_path / "first", tmp_path / "second", tmp_path / "answer"
    offices.export_parcel(desk, first)
    with desk.begin() as work:
        customers.change(work, customer.id, {"remark": "养猫"})
    offices.export_parcel(desk, second)
    early, late = (parcels.take(one.read_bytes())[0] for one in (first, second))
    refused("older_parcel", lambda: parcels.take(first.read_bytes()))
    answer.write_bytes(late)
    offices.import_parcel(desk, answer)
    answer.write_bytes(early)
    refused("older_parcel", lambda: offices.import_parcel(desk, answer))
    carry(desk, parcels, tmp_path)
    with desk.read() as work:
        assert syncing.pending(work) == 0
    assert of_desk(desk) == of_office(office.database, str(staff_id))
    with office.database.read(str(staff_id)) as reading:
        (row,) = reading.all(reading.select(tables.record, tables.record.c.kind == "customer"))
        assert row.body["remark"] == "养猫"


def test_by_commands(
    sqlite_office: HeadOffice,
    make_desk: NewDesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole round at the command line; the second import says so, a foreign file is refused in words."""
    office, staff_id = sqlite_office, sqlite_office.appoint()
    desk = office.seat(make_desk("one"), staff_id)
    add(desk, "王小明")
    profile = str(desk.profile.folder)
    desk.close()
    typed = tmp_path / "typed"
    typed.write_text(PASSPHRASE)
    monkeypatch.setenv("INSURAGENT_PASSPHRASE_FILE", str(typed))
    day, answer = str(tmp_path / "day"), str(tmp_path / "answer")

    def run(*words: str) -> tuple[int, Any]:
        code = cli.run([*words, "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out or told.err)

    code, told = run("package", "export", day, "--profile", profile)
    assert (code, told["file"]) == (0, day)
    assert told["entries"] > 0
    at = ["--db", office.url, "--key-file", str(office.key_file), "--files", (office.folder / "files").as_uri()]
    code, taken = run("headoffice", "import-parcel", day, "--out", answer, *at)
    assert (code, taken["agent"], taken["entries"]) == (0, str(staff_id), told["entries"])
    code, told = run("package", "import", answer, "--profile", profile)
    assert (code, told["repeated"], told["receipt"]["held"]["customer"]) == (0, False, 1)
    assert run("package", "import", answer, "--profile", profile) == (0, {"repeated": True})
    assert run("package", "import", day, "--profile", profile)[0] == 1
    assert run("headoffice", "import-parcel", answer, "--out", day, *at)[0] == 1
    assert run("package", "import", str(tmp_path / "nowhere"), "--profile", profile)[0] == 1
    assert run("package", "export", day, "--profile", profile)[0] == 0
    assert run("headoffice", "revoke", taken["device"], *at[:4])[0] == 0
    code, told = run("headoffice", "import-parcel", day, "--out", answer, *at)
    assert (code, told["answer"], told["entries"]) == (0, "order", 0)
    assert run("package", "import", answer, "--profile", profile)[0] == 1
    assert state(office, taken["device"]) == "wiped"


def test_what_head_office_publishes_comes_with_the_answer(
    office: HeadOffice, parcels: Parcels, two: Two, tmp_path: Path
) -> None:
    """Also where the desk had nothing to send."""
    desk, _other = two
    carry(desk, parcels, tmp_path)
    publish(office.database, "staff", UUID(str(desk.actor.staff_id)), {"branch": "北京分公司"})
    carry(desk, parcels, tmp_path)
    with desk.read() as work:
        assert work.session.execute(sa.text("select branch from staff")).scalar() == "北京分公司"
