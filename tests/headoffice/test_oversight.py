"""A device taken back or lost is wiped and says so; the lease, head office's own journal, its counters and its log."""

import datetime as dt
import json
import re
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
import time_machine
from uuid_utils.compat import uuid7

from insuragent.errors import DeviceRevoked, Refused, StoreDamaged, Unreachable
from insuragent.headoffice import audit, oversight, tables
from insuragent.headoffice.enrolment import Enrolment, Known
from insuragent.headoffice.signing import load_key
from insuragent.models import Deed, Entry
from insuragent.models.base import utc_now
from insuragent.services import customers, lease
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.services.lease import ContactNeeded
from insuragent.sync.protocol import Push, pack
from insuragent.sync.protocol.devices import Wiped
from tests.headoffice.signed import HELLO, Signer, code_of, pushed
from tests.headoffice.test_judging import CREATED
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.sync.state import of_office


@pytest.fixture
def enrolment(office: HeadOffice) -> Enrolment:
    """The list of devices."""
    return Enrolment(office.database, load_key(office.database))


@pytest.fixture
def desk(office: HeadOffice, make_desk: NewDesk) -> Desk:
    """An enrolled desk of an agent of its own."""
    return office.seat(make_desk("one"), office.appoint())


def known(enrolment: Enrolment, device: str) -> Known:
    """A device as the list has it."""
    return next(one for one in enrolment.devices() if one.device == device)


def acts(office: HeadOffice, subject: str) -> list[str]:
    """What head office's journal says of something."""
    return [act["act"] for act in audit.acts(office.database) if act["subject"] == subject]


def test_a_lost_device_destroys_its_keys_and_says_so(office: HeadOffice, enrolment: Enrolment, desk: Desk) -> None:
    """Ordered, done, confirmed, and each of it in head office's journal."""
    device = desk.actor.device_id
    enrolment.revoke(device)
    assert known(enrolment, device).ordered_at is not None
    assert known(enrolment, device).wiped_at is None, "an order is no proof"
    with pytest.raises(DeviceRevoked):
        offices.sync_now(desk)
    assert not desk.profile.key_file.exists()
    assert not desk.profile.database.exists()
    assert known(enrolment, device).state == "wiped"
    assert known(enrolment, device).wiped_at is not None
    assert acts(office, device) == ["enrol", "revoke", "wiped"]


def test_a_device_taken_back_brings_everything_first(office: HeadOffice, enrolment: Enrolment, desk: Desk) -> None:
    """What was typed on its last day is at head office before its keys are destroyed."""
    device, agent = desk.actor.device_id, str(desk.actor.staff_id)
    with desk.begin() as work:
        customer = customers.create(work, {"name": "王小明", "remark": "最后一天"})
    enrolment.retire(device)
    with pytest.raises(DeviceRevoked) as told:
        offices.sync_now(desk)
    assert "收回" in str(told.value)
    assert str(customer.id) in of_office(office.database, agent)
    assert not desk.profile.key_file.exists()
    assert acts(office, device) == ["enrol", "retire", "seal_key", "wiped"]


def test_only_an_ordered_device_can_say_that_it_was_wiped(office: HeadOffice, enrolment: Enrolment) -> None:
    """A device that shall stay is not taken off the list by its own word; a withdrawn one can say nothing else."""
    signer = Signer(office, office.appoint())
    device = signer.enrolled.device_id
    assert code_of(signer.ask("wiped", Wiped(HELLO.now))) == "not_ordered"
    assert known(enrolment, device).state == "active"
    enrolment.revoke(device)
    for route, message in (("hello", HELLO), ("push", Push([]))):
        assert code_of(signer.ask(route, message)) == "revoked"
    assert [signer.ask("wiped", Wiped(HELLO.now)).status_code for _twice in range(2)] == [200, 200]
    assert acts(office, device) == ["enrol", "revoke", "wiped"]


def test_the_lease_is_told_by_the_receipt_and_ends(office: HeadOffice, desk: Desk) -> None:
    """After it the desk asks for contact before it opens; with contact it opens, and the lease begins anew."""
    oversight.put(office.database, oversight.LEASE_DAYS, 7)
    try:
        offices.sync_now(desk)
        with desk.begin() as work:
            assert lease.days_left(work) == 6
            lease.renew(work, utc_now() - dt.timedelta(days=8), 7)
            assert lease.is_over(work)
        assert lease.admitted(desk, offices.sync_now) is desk
        with desk.read() as work:
            assert lease.days_left(work) == 6
    finally:
        oversight.put(office.database, oversight.LEASE_DAYS, 0)
    offices.sync_now(desk)
    with desk.read() as work:
        assert lease.until(work) is None, "head office has lifted it"


def test_without_contact_a_desk_whose_lease_is_over_stays_shut(desk: Desk) -> None:
    """In words and with the store closed; a clock that was set back gains nothing."""
    with desk.begin() as work:
        lease.renew(work, utc_now() - dt.timedelta(days=8), 7)
    with time_machine.travel(utc_now() - dt.timedelta(days=30)), desk.read() as work:
        assert lease.is_over(work)

    def nobody(_desk: Desk) -> None:
        raise Unreachable

    with pytest.raises(ContactNeeded) as told:
        lease.admitted(desk, nobody)
    assert told.value.advice
    assert desk.store.closed


def test_a_setting_has_bounds(office: HeadOffice) -> None:
    """Neither an unknown one nor a number out of range is kept."""
    for name, value in (("lease-day", 3), (oversight.LEASE_DAYS, -1), (oversight.LEASE_DAYS, 9999)):
        with pytest.raises(Refused):
            oversight.put(office.database, name, value)


def test_every_desk_keeps_the_head_of_the_offices_journal(office: HeadOffice, desk: Desk) -> None:
    """In its own chained journal, so that the end of head office's cannot vanish unseen."""
    outcome = offices.sync_now(desk)
    assert outcome.receipt is not None
    with office.database.read(tables.OFFICE) as rows:
        (row,) = rows.all(rows.select(tables.audit, tables.audit.c.number == outcome.receipt.office_number))
    assert row.chain == outcome.receipt.office_chain
    with desk.read() as work:
        entry = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.SYNC).order_by(Entry.number)).all()[-1]
    assert entry.changes is not None
    assert entry.changes["office_chain"] == [None, row.chain]


@pytest.mark.parametrize("change", ["alter", "remove"])
def test_a_change_in_the_offices_journal_is_found(office: HeadOffice, change: str) -> None:
    """An altered act, and one that is gone from the middle."""
    for _agent in range(3):
        office.appoint()
    a = tables.audit
    kept: list[Any] = []
    with office.database.connect() as connection:
        kept = [dict(row) for row in connection.execute(sa.select(a).where(a.c.number == 2)).mappings()]
        second = a.c.number == 2
        connection.execute(
            sa.delete(a).where(second) if change == "remove" else sa.update(a).where(second).values(subject="x")
        )
    try:
        with pytest.raises(StoreDamaged):
            list(audit.acts(office.database))
    finally:
        with office.database.connect() as connection:
            connection.execute(sa.delete(a).where(a.c.number == 2))
            connection.execute(sa.insert(a), kept)
    assert list(audit.acts(office.database))


def test_a_person_can_be_told_where_his_number_is_held(office: HeadOffice, desk: Desk) -> None:
    """By the blind index, however it is written; the look is in the journal, the number is not."""
    with desk.begin() as work:
        customer = customers.create(work, {"name": "王小明", "mobile": "13912345678"})
    offices.sync_now(desk)
    held = oversight.holders(office.database, "139 1234 5678")
    assert {"agent": str(desk.actor.staff_id), "kind": "customer", "id": str(customer.id)} in held
    assert "13912345678" not in str(list(audit.acts(office.database)))


def test_requests_are_counted_by_route_and_status(office: HeadOffice) -> None:
    """For Prometheus; a path that is no route of ours has no name of its own."""
    signer = Signer(office, office.appoint())
    signer.ask()
    signer.ask("push", Push([pushed(number, "create", "customer", uuid7(), **CREATED) for number in (1, 2)]))
    signer.ask("push", Push([pushed(3, "create", "customer", uuid7(), name=7)]))
    with httpx2.Client(base_url=office.address, trust_env=False) as line:
        line.get("/v1/zhang-san")
        told = line.get("/metrics").text
    assert 'insuragent_requests_total{route="/v1/hello",status="200"}' in told
    assert 'insuragent_request_seconds_bucket{le="0.05",route="/v1/hello"}' in told
    assert 'route="other",status="404"' in told
    counted = dict(re.findall(r'insuragent_entries_total{result="(\w+)"} ([0-9]+)', told))
    assert int(counted["accepted"]) >= 2
    assert int(counted["refused"]) >= 1
    assert "zhang-san" not in told


def test_the_log_is_lines_of_json_without_a_word_about_people(office: HeadOffice) -> None:
    """Whatever is sent: a name in a path, a code with a new line, a body that is nonsense."""
    canary = "金丝雀canary"
    signer = Signer(office, office.appoint(name=canary))
    with httpx2.Client(base_url=office.address, trust_env=False) as line:
        line.get(f"/v1/{canary}%0A{{}}")
        line.post("/v1/enrol", content=pack(Push([])), headers={"user-agent": "canary"})
    signer.ask("push", b'{"canary": "\n"}')
    with httpx2.Client(base_url=office.address, trust_env=False) as line:
        line.head("/v1/files/canary.canary")  # an address is a permission: whoever reads a log must not get it
    lines = office.log().splitlines()
    told = [json.loads(line) for line in lines]
    assert {"answered"} <= {one["message"] for one in told}
    assert any(one.get("route") == "other" and one["status"] == 404 for one in told)
    assert all({"at", "level", "logger", "message"} <= one.keys() for one in told)
    assert "canary" not in office.log()
    assert canary.encode("unicode_escape").decode() not in office.log()
