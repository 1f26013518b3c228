"""Head office on a full disk: it says so, takes nothing by halves, and goes on when there is room again."""

import secrets
from pathlib import Path
from uuid import UUID

import pytest

from insuragent.headoffice import tables
from insuragent.headoffice.app import COME_BACK
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import syncer
from insuragent.sync.busy import Busy
from tests.headoffice.signed import Signer, code_of
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice, filled, open_office
from tests.sync.cutting import attach, trying
from tests.sync.state import assert_equal


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes between two tries."""
    monkeypatch.setattr(syncer, "WAIT", 0.0)


def seated(office: HeadOffice, make_desk: NewDesk) -> tuple[Desk, UUID]:
    """A desk at rest, and whose it is."""
    staff_id = office.appoint()
    desk = office.seat(make_desk("one"), staff_id)
    offices.sync_now(desk)
    return desk, staff_id


def test_a_database_that_is_full_takes_nothing(small_disk: Path, tmp_path: Path, make_desk: NewDesk) -> None:
    """503 to whoever asks; the ledger is as it was, and then the whole push is taken once."""
    with open_office(f"sqlite:///{small_disk / 'headoffice.db'}", tmp_path) as office:
        signer = Signer(office, office.appoint())
        desk, staff_id = seated(office, make_desk)
        with desk.begin() as work:
            for number in range(150):
                customers.create(work, {"name": f"客户{number}", "remark": secrets.token_hex(900)})
        before = entries(office, staff_id)
        with filled(small_disk):
            with trying(1), pytest.raises(Busy):
                offices.sync_now(desk)
            answer = signer.ask()
            assert (answer.status_code, code_of(answer), answer.headers["retry-after"]) == (503, "busy", "2")
            assert entries(office, staff_id) == before
        offices.sync_now(desk)
        assert entries(office, staff_id) >= before + 150
        assert_equal(office.database, desk, staff_id)
        assert "Traceback" not in office.log()


def test_a_store_of_files_that_is_full_takes_no_half_file(small_disk: Path, tmp_path: Path, make_desk: NewDesk) -> None:
    """The records arrive; the file waits on the desk, and comes whole when there is room again."""
    with open_office(f"sqlite:///{tmp_path / 'headoffice.db'}", small_disk) as office:
        desk, staff_id = seated(office, make_desk)
        data = b"%PDF-1.7\n" + secrets.token_bytes(300_000)
        kept = attach(desk, data)
        with filled(small_disk):
            with trying(1), pytest.raises(Busy) as told:
                offices.sync_now(desk)
            assert told.value.after == COME_BACK
            assert_equal(office.database, desk, staff_id)
            assert state_of(office, staff_id, kept) == "open"
        assert offices.sync_now(desk).files == 1
        assert state_of(office, staff_id, kept) == "stored"
        assert sum(path.stat().st_size for path in (small_disk / "files").rglob("*")) < 2 * len(data)


def entries(office: HeadOffice, staff_id: UUID) -> int:
    """How many entries of an agent's were taken."""
    with office.database.read(str(staff_id)) as rows:
        return len(rows.all(rows.select(tables.entry)))


def state_of(office: HeadOffice, staff_id: UUID, sha256: str) -> str:
    """How it stands with a file at head office."""
    with office.database.read(str(staff_id)) as rows:
        row = rows.find(tables.file, tables.file.c.sha256 == sha256)
    assert row is not None
    return str(row.state)
