"""A device that is lost or taken back, and has no line: the stick brings the order, and takes the confirmation back."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from insuragent.errors import DeviceRevoked, Refused, Unreachable
from insuragent.headoffice import audit
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.parcels import Parcels
from insuragent.headoffice.signing import load_key
from insuragent.models import Customer
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import client, parcel, place
from insuragent.sync.protocol.devices import Wiped
from insuragent.sync.protocol.parcel import ORDER, WIPED
from tests.offices import HeadOffice
from tests.sync.carrying import add, altered, carry, parcels_of, refused, rows, state

Two = tuple[Desk, Desk]


@pytest.fixture
def parcels(office: HeadOffice) -> Parcels:
    """What takes packages in at head office."""
    return parcels_of(office)


def far(desk: Desk) -> None:
    """Lead this desk's line to where nobody listens."""
    with desk.begin() as work:
        seat = place.seat(work)
        assert seat is not None
        place.take_seat(work, replace(seat, address="http://127.0.0.1:1"))


def ordered(office: HeadOffice, desk: Desk, deed: str) -> str:
    """Take a device back, or withdraw it; returns its name."""
    device = desk.actor.device_id
    getattr(Enrolment(office.database, load_key(office.database)), deed)(device)
    return device


def is_gone(desk: Desk) -> bool:
    """Whether nothing opens this desk any more."""
    profile = desk.profile
    return not profile.key_file.exists() and not profile.database.exists()


def test_a_withdrawn_device_is_wiped_by_stick(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """Nothing of it is taken; the answer is a signed order, for this device alone and not to be altered; the desk acts
    on it, and what it leaves on the stick confirms that. Twice is once."""
    desk, other = two
    add(desk, "王小明")
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(desk, day)
    far(desk)
    device, before = ordered(office, desk, "revoke"), rows(office.database, staff_id)
    taken = parcels.take(day.read_bytes())
    assert (taken.way, taken.entries, taken.device.device) == (ORDER, 0, device)
    assert rows(office.database, staff_id) == before
    for bad in altered(taken.answer):
        answer.write_bytes(bad)
        with pytest.raises(Refused):
            offices.import_parcel(desk, answer)
    answer.write_bytes(taken.answer)
    refused("other_device", lambda: offices.import_parcel(other, answer))
    assert not is_gone(desk)
    with pytest.raises(DeviceRevoked) as told:
        offices.import_parcel(desk, answer)
    assert is_gone(desk)
    assert offices.CONFIRMATION in told.value.advice
    assert state(office, device) == "revoked"
    left = (tmp_path / offices.CONFIRMATION).read_bytes()
    for bad in altered(left):
        with pytest.raises(Refused):
            parcels.take(bad)
    for _again in range(2):
        assert parcels.take(left)[0] == b""
        assert state(office, device) == "wiped"
    acts = [act["act"] for act in audit.acts(office.database) if act["subject"] == device]
    assert acts == ["enrol", "revoke", "wiped"]


def test_a_device_that_is_taken_back_leaves_by_stick(
    office: HeadOffice, parcels: Parcels, two: Two, staff_id: UUID, tmp_path: Path
) -> None:
    """It is wiped by the answer to everything that it has: not while something was typed after the package."""
    desk, online = two
    add(desk, "王小明")
    day, answer = tmp_path / "day", tmp_path / "answer"
    offices.export_parcel(desk, day)
    add(desk, "李建国")
    far(desk)
    device = ordered(office, desk, "retire")
    answer.write_bytes(parcels.take(day.read_bytes())[0])
    assert offices.import_parcel(desk, answer) is not None
    assert not is_gone(desk)
    with pytest.raises(DeviceRevoked):
        carry(desk, parcels, tmp_path)
    assert is_gone(desk)
    offices.sync_now(online)
    with online.read() as work:
        assert {one.name for one in work.scalars(sa.select(Customer))} == {"王小明", "李建国"}
    assert state(office, device) == "leaving"
    assert parcels.take((tmp_path / offices.CONFIRMATION).read_bytes()).way == WIPED
    assert state(office, device) == "wiped"


def test_where_there_is_a_line_the_confirmation_goes_by_it(
    office: HeadOffice, parcels: Parcels, two: Two, tmp_path: Path
) -> None:
    """Nothing is left on the stick then; and a device that shall stay has nothing to confirm."""
    desk, other = two
    seat, key = offices._seat(other)
    last_word = parcel.confirmation(seat, key.private_key)
    refused("not_ordered", lambda: parcels.take(last_word))
    assert state(office, other.actor.device_id) == "active"
    offices.export_parcel(desk, tmp_path / "day")
    device = ordered(office, desk, "revoke")
    (tmp_path / "answer").write_bytes(parcels.take((tmp_path / "day").read_bytes())[0])
    with pytest.raises(DeviceRevoked) as told:
        offices.import_parcel(desk, tmp_path / "answer")
    assert not (tmp_path / offices.CONFIRMATION).exists()
    assert offices.CONFIRMATION not in told.value.advice
    assert state(office, device) == "wiped"


def test_what_a_line_cannot_confirm_is_left_in_the_folder(
    office: HeadOffice, parcels: Parcels, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order came over a line that broke right after it."""
    desk, _other = two
    device = ordered(office, desk, "revoke")

    def broken(_office: client.Office, _message: Wiped) -> None:
        raise Unreachable

    monkeypatch.setattr(client.Office, "wiped", broken)
    with pytest.raises(DeviceRevoked):
        offices.sync_now(desk)
    assert is_gone(desk)
    parcels.take((desk.profile.folder / offices.CONFIRMATION).read_bytes())
    assert state(office, device) == "wiped"
