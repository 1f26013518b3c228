"""What goes wrong between a desk and its head office and heals: codes mistyped, answers lost, an office set back."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.models import Customer, Deed, Entry, State
from insuragent.services import customers, syncing
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync.client import Office
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice, open_office
from tests.sync.state import of_desk, of_office


@pytest.fixture
def own_office(tmp_path: Path) -> Iterator[HeadOffice]:
    """A head office of this test's own."""
    folder = tmp_path / "office"
    folder.mkdir()
    with open_office(f"sqlite:///{folder / 'headoffice.db'}", folder) as office:
        yield office


def add(desk: Desk, name: str) -> Customer:
    """A customer entered on a desk."""
    with desk.begin() as work:
        return customers.create(work, {"name": name})


def change(desk: Desk, customer: Customer, **values: object) -> None:
    """A change entered on a desk."""
    with desk.begin() as work:
        customers.change(work, customer.id, values)


def copy(source: Path, target: Path) -> None:
    """Put a copy of a database in the place of another, as an administrator restores one."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def waiting(desk: Desk) -> list[str]:
    """The deeds that wait for head office, those for the audit too, but for those of the last pass itself."""
    with desk.read() as work:
        states = sa.select(Entry.deed).where(Entry.state == State.PENDING, Entry.deed != Deed.SYNC)
        return list(work.session.scalars(states))


def test_a_mistyped_code_harms_nothing(sqlite_office: HeadOffice, make_desk: NewDesk) -> None:
    """An enrolled desk keeps its working key until head office has answered another."""
    staff_id = sqlite_office.appoint()
    desk = sqlite_office.seat(make_desk("one"), staff_id)
    with pytest.raises(Refused, match="登记码"):
        offices.enrol(desk, sqlite_office.address, "WRNG-CODE-HERE")
    assert offices.sync_now(desk).receipt is not None


def test_another_agents_code_does_not_carry_customers_over(sqlite_office: HeadOffice, make_desk: NewDesk) -> None:
    """The desk stays its agent's and goes on; the other agent gets nothing."""
    mine, theirs = sqlite_office.appoint(), sqlite_office.appoint()
    desk = sqlite_office.seat(make_desk("one"), mine)
    add(desk, "王小明")
    offices.sync_now(desk)
    with pytest.raises(Refused) as refused:
        offices.enrol(desk, sqlite_office.address, sqlite_office.code(theirs))
    assert refused.value.code == "foreign_journal"
    add(desk, "李四")
    offices.sync_now(desk)
    assert len(of_office(sqlite_office.database, str(mine))) == 3
    assert len(of_office(sqlite_office.database, str(theirs))) == 1


def test_another_head_office_is_refused(sqlite_office: HeadOffice, own_office: HeadOffice, make_desk: NewDesk) -> None:
    """Even where it knows the agent: its data would begin anew, and what this desk holds would be passed over."""
    staff_id = sqlite_office.appoint()
    desk = sqlite_office.seat(make_desk("one"), staff_id)
    code = own_office.code(own_office.appoint(staff_id))
    with pytest.raises(Refused) as refused:
        offices.enrol(desk, own_office.address, code)
    assert refused.value.code == "foreign_office"
    assert offices.sync_now(desk).receipt is not None


def test_answers_lost_across_an_enrolment_are_given_again(
    sqlite_office: HeadOffice, make_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pushed under the old name and again under the new one, both answers lost: nothing waits for ever."""
    staff_id = sqlite_office.appoint()
    desk = sqlite_office.seat(make_desk("one"), staff_id)
    offices.sync_now(desk)
    add(desk, "王小明")
    push = Office.push

    def lose(self: Office, *told: Any) -> None:
        push(self, *told)
        raise KeyboardInterrupt

    monkeypatch.setattr(Office, "push", lose)
    with pytest.raises(KeyboardInterrupt):
        offices.sync_now(desk)
    sqlite_office.seat(desk, staff_id)
    with pytest.raises(KeyboardInterrupt):
        offices.sync_now(desk)
    monkeypatch.undo()
    offices.sync_now(desk)
    assert waiting(desk) == []
    assert of_desk(desk) == of_office(sqlite_office.database, str(staff_id))


def test_a_head_office_set_back_to_an_older_copy_gets_everything_again(
    own_office: HeadOffice, make_desk: NewDesk, tmp_path: Path
) -> None:
    """What it lost comes from whoever holds it: a desk that pushed it, and a desk that had only pulled it."""
    staff_id = own_office.appoint()
    one, other, reader = (own_office.seat(make_desk(name), staff_id) for name in ("one", "other", "reader"))
    first = add(one, "王小明")
    for desk in (one, other, reader):
        offices.sync_now(desk)
    database, set_aside = tmp_path / "office" / "headoffice.db", tmp_path / "copy.db"
    copy(database, set_aside)
    second = add(one, "李四")
    change(one, first, remark="第一次")
    offices.sync_now(one)
    offices.sync_now(other)
    change(other, first, occupation_text="教师")
    change(other, second, remark="第二次")
    for desk in (other, one, reader):
        offices.sync_now(desk)
    before = of_desk(one)
    copy(set_aside, database)
    change(reader, first, mobile="13911112222")
    for desk in (reader, one, other, reader, one):
        offices.sync_now(desk)
    held = of_office(own_office.database, str(staff_id))
    assert of_desk(one) == of_desk(other) == of_desk(reader) == held
    plain = {key: values for key, (_kind, _revision, values) in held.items()}
    was = {key: values for key, (_kind, _revision, values) in before.items()}
    assert plain == was | {str(first.id): was[str(first.id)] | {"mobile": "13911112222"}}
    for desk in (one, other, reader):
        assert waiting(desk) == []
        with desk.read() as work:
            assert syncing.contested(work) == []


def test_a_device_that_head_office_has_lost_enrols_again(
    own_office: HeadOffice, make_desk: NewDesk, tmp_path: Path
) -> None:
    """Set back to before the enrolment: a new code, and everything is told from the first entry on."""
    database, set_aside = tmp_path / "office" / "headoffice.db", tmp_path / "copy.db"
    staff_id = own_office.appoint()
    copy(database, set_aside)
    desk = own_office.seat(make_desk("one"), staff_id)
    customer = add(desk, "王小明")
    offices.sync_now(desk)
    copy(set_aside, database)
    with pytest.raises(Refused):
        offices.sync_now(desk)
    own_office.seat(desk, staff_id)
    offices.sync_now(desk)
    assert str(customer.id) in of_office(own_office.database, str(staff_id))
    assert of_desk(desk) == of_office(own_office.database, str(staff_id))
    assert waiting(desk) == []
