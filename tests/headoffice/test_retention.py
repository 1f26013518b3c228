"""The page of retention: who, when, why and by whom, for those who answer for it; and what is due by the same rule."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from uuid_utils.compat import uuid7

from insuragent.headoffice import retention
from insuragent.headoffice.publishing import publish
from insuragent.models.base import utc_now
from insuragent.models.choices import Why
from insuragent.rules.access import Role
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services import retention as of_desk
from insuragent.services.desk import Desk
from tests.headoffice.people import signed_in, words_of
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice


def add(desk: Desk, name: str) -> UUID:
    """A customer; his id."""
    with desk.begin() as work:
        return customers.create(work, {"name": name}).id


@pytest.fixture
def desk(office: HeadOffice, staff_id: UUID, make_desk: NewDesk) -> Desk:
    """A desk of this test's agent."""
    return office.seat(make_desk("one"), staff_id)


def row_of(text: str, mark: str) -> str:
    """The words of the row of a page that holds a mark."""
    return next(part for part in text.split("<tr>") if mark in part)


def restricted_and_erased(desk: Desk, why_kept: Why, why_gone: Why) -> tuple[UUID, UUID]:
    """Two customers of whom head office has heard that one is restricted and the other erased, for these reasons."""
    stays, gone = add(desk, "慕容九思"), add(desk, "司马不留")
    offices.sync_now(desk)
    with desk.begin() as work:
        of_desk.restrict(work, stays, why_kept)
        of_desk.erase(work, gone, why_gone, "司马不留")
    offices.sync_now(desk)
    return stays, gone


def test_who_when_why_and_by_whom(office: HeadOffice, desk: Desk, staff_id: UUID) -> None:
    """What a desk restricted and what it had erased stand on the page with reason and person, and no name in clear."""
    publish(office.database, "staff", staff_id, {"name": "孟知秋"})
    stays, gone = restricted_and_erased(desk, Why.DISPUTED, Why.WITHDRAWN)
    for role in (Role.COMPLIANCE, Role.SUPERVISOR):
        page = signed_in(office, role).get("/retention").text
        assert "慕容九思" not in page
        assert "司马不留" not in page
        for mark, why in ((str(stays), Why.DISPUTED), (str(gone), Why.WITHDRAWN)):
            told = row_of(page, mark)
            assert why.label in told, mark
            assert told.count("孟知秋") == 2, "whose it is, and who did it"
            assert f"{utc_now():%Y-%m}" in told
    with desk.begin() as work:
        of_desk.lift(work, stays)
    offices.sync_now(desk)
    assert str(stays) not in signed_in(office, Role.COMPLIANCE).get("/retention").text


def test_a_supervisor_sees_his_branch(office: HeadOffice, desk: Desk) -> None:
    """Another branch's are not there; he who has none may ask for nobody."""
    stays, gone = restricted_and_erased(desk, Why.ASKED, Why.ASKED)
    other = signed_in(office, Role.SUPERVISOR, branch="无人分公司")
    page = other.get("/retention")
    assert page.status_code == 200
    assert not [one for one in (stays, gone) if str(one) in page.text]
    assert other.get(f"/retention?agent={desk.actor.staff_id}").status_code == 404


def test_what_is_due_is_told_as_the_desk_tells_it(
    sqlite_office: HeadOffice, make_desk: NewDesk, tmp_path: Path
) -> None:
    """A prospect of long ago; not one of today, nor one whom a law protects. Head office and desk name the same."""
    office, staff_id = sqlite_office, sqlite_office.appoint()
    desk = office.seat(make_desk("one"), staff_id)
    long_ago = utc_now() - dt.timedelta(days=800)
    made: dict[str, Any] = {}
    with time_machine.travel(long_ago, tick=False):
        for name in ("旧客", "在保", "保全", "休眠"):
            made[name] = add(desk, name)
    add(desk, "新客")
    with desk.begin() as work:
        work.get(of_desk.Customer, made["在保"]).stage = of_desk.Stage.IN_FORCE
        work.get(of_desk.Customer, made["保全"]).legal_hold = True
        work.get(of_desk.Customer, made["休眠"]).stage = of_desk.Stage.DORMANT
    offices.sync_now(desk)
    with desk.read() as work:
        told = [(str(one.customer_id), one.keeping) for one in of_desk.overdue(work)]
    found = [(one.row.id, one.keeping) for one in retention.due(office.database, str(staff_id))]
    assert sorted(found) == sorted(told)
    assert {record for record, _keeping in found} == {str(made["旧客"]), str(made["休眠"])}
    page = signed_in(office, Role.COMPLIANCE).get(f"/retention?agent={staff_id}")
    is_due, is_held = page.text.split("<h2>法律保全</h2>")
    assert [str(made[name]) in is_due for name in made] == [True, False, False, True]
    assert [str(made[name]) in is_held for name in made] == [False, False, True, False]
    assert "未成交，最后联系后保存" in words_of(page)


def test_an_open_complaint_keeps_the_data(office: HeadOffice, staff_id: UUID) -> None:
    """As it does on the desk; once it has ended its years begin."""
    customer, long_ago = uuid7(), (utc_now() - dt.timedelta(days=900)).isoformat()
    publish(office.database, "customer", customer, {"name": "王小明", "created_at": long_ago}, str(staff_id))
    assert [one.row.id for one in retention.due(office.database, str(staff_id))] == [str(customer)]
    complaint = {
        "complaint_no": "TS-1", "complainant_name": "王小明", "contact": "13800138000", "facts": "无",
        "category": "sale_mislead", "customer_id": str(customer), "received_at": long_ago,
        "first_response_due": long_ago, "due15": long_ago[:10], "due30": long_ago[:10], "due60": long_ago[:10],
    }  # fmt: skip
    publish(office.database, "complaint", told := uuid7(), complaint, str(staff_id))
    assert retention.due(office.database, str(staff_id)) == []
    publish(office.database, "complaint", told, {"state": "closed"}, str(staff_id))
    assert retention.due(office.database, str(staff_id)) == []
