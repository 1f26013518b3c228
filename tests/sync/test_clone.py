"""A disk that was copied: two desks speak as one device, it is noticed, and neither loses what was typed."""

import shutil
from pathlib import Path

import pytest

from insuragent.errors import Refused
from insuragent.services import customers
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from tests.office_fixtures import NewDesk
from tests.offices import PASSPHRASE, HeadOffice
from tests.sync.state import of_desk, of_office


def add(desk: Desk, name: str) -> None:
    """A customer typed at a desk."""
    with desk.begin() as work:
        customers.create(work, {"name": name})


def test_a_copied_disk_is_noticed_and_healed_with_both_alive(
    office: HeadOffice, make_desk: NewDesk, tmp_path: Path
) -> None:
    """The second to speak is told to enrol again; then both go on, each as a device of its own, and end equal."""
    staff_id = office.appoint()
    one = office.seat(make_desk("one"), staff_id)
    add(one, "共同的客户")
    offices.sync_now(one)
    one.close()
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    one, copy = (desks.unlock(Profile(tmp_path / name), PASSPHRASE) for name in ("one", "copy"))
    try:
        add(one, "原机的客户")
        add(copy, "副本的客户")
        offices.sync_now(one)
        with pytest.raises(Refused) as told:
            offices.sync_now(copy)
        assert told.value.code == "renumbered"
        office.seat(copy, staff_id)
        for desk in (copy, one, copy):
            offices.sync_now(desk)
        assert one.actor.device_id != copy.actor.device_id
        assert of_desk(one) == of_desk(copy) == of_office(office.database, str(staff_id))
        names = {body.get("name") for _kind, _revision, body in of_desk(one).values()}
        assert {"共同的客户", "原机的客户", "副本的客户"} <= names
    finally:
        one.close()
        copy.close()
