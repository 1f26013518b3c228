"""What head office does with a complaint and about a customer, from its console to the agent's desk."""

from typing import Any
from uuid import UUID

import pytest

from insuragent.errors import NotPermitted
from insuragent.headoffice import audit
from insuragent.models import Complaint, Customer
from insuragent.models.choices import Channel, Why
from insuragent.models.complaint import ComplaintState
from insuragent.rules.access import Role
from insuragent.services import complaints, customers
from insuragent.services import office as offices
from insuragent.services import retention as of_desk
from insuragent.services.desk import Desk
from tests.headoffice.people import Browser, employ, signed_in, words_of
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.services.test_stories import CAPTURE
from tests.sync.state import of_desk as state_of_desk
from tests.sync.state import of_office as state_of_office


@pytest.fixture
def desk(office: HeadOffice, staff_id: UUID, make_desk: NewDesk) -> Desk:
    """A desk of this test's agent."""
    return office.seat(make_desk("one"), staff_id)


def reported(desk: Desk, **told: Any) -> Complaint:
    """A complaint that head office knows, answered once."""
    with desk.begin() as work:
        made = complaints.receive(work, CAPTURE | told)
        complaints.respond(work, made.id, Channel.PHONE, work.now, "已致电")
    offices.sync_now(desk)
    return made


def step(browser: Browser, desk: Desk, one: Complaint, to: str, **said: str) -> int:
    """Take a step at the console; the answer's status."""
    form: dict[str, Any] = {**said}
    return browser.post(f"/complaints/{desk.actor.staff_id}/{one.id}/{to}", **form).status_code


def page_of(browser: Browser, desk: Desk, record: UUID) -> str:
    """The words of a record's page."""
    return words_of(browser.get(f"/records/{desk.actor.staff_id}/{record}"))


def test_a_complaint_is_handled_to_its_reply(office: HeadOffice, desk: Desk) -> None:
    """Accepted, given to a handler, decided, answered with its remedies told (R1.5c, d); the desk sees each of it."""
    one, handler = reported(desk), office.appoint(name="郑明理")
    name = employ(office, Role.HANDLER)
    browser = signed_in(office, Role.HANDLER, name)
    assert "指定处理人" not in page_of(browser, desk, one.id)
    assert step(browser, desk, one, "accepted") == 303
    assert "受理" in page_of(browser, desk, one.id)
    assert step(browser, desk, one, "investigating", handler=str(handler)) == 303
    assert step(browser, desk, one, "decided", result="upheld", basis="条款说明不到位") == 303
    reply = {"reply": "退还差额", "way": "letter", "proof": "EMS 1"}
    assert step(browser, desk, one, "replied", **reply) == 403, "not without the remedies"
    assert step(browser, desk, one, "replied", **reply, remedies="yes") == 303
    offices.sync_now(desk)
    with desk.read() as work:
        shown = complaints.opened(work, one.id)
    found = shown.complaint
    assert (shown.handler, found.state, str(found.result)) == ("郑明理", ComplaintState.REPLIED, "upheld")
    assert (found.decision, found.reply, found.remedy_told) == ("条款说明不到位", "退还差额", True)
    assert found.received_by_server is not None
    assert found.replied_at is not None
    assert one.created_at <= found.received_by_server <= found.replied_at
    notes = [note["text"] for note in found.progress]
    assert notes == ["总公司已受理", "已指定处理人：郑明理", "已作决定：全部支持", "已答复（信函），凭证：EMS 1"]
    told = [act["detail"] for act in audit.acts(office.database) if act["subject"] == str(one.id)]
    assert [(one["by"], one["to"]) for one in told if "to" in one] == [
        (name, to) for to in ("accepted", "investigating", "decided", "replied")
    ]
    assert state_of_desk(desk) == state_of_office(office.database, str(desk.actor.staff_id))


def test_who_is_complained_of_handles_nothing(office: HeadOffice, desk: Desk) -> None:
    """R1.5e: refused with its reason; nor is a step taken that does not follow, or one that nobody knows."""
    one = reported(desk, respondent_id=desk.actor.staff_id)
    browser = signed_in(office, Role.HANDLER)
    assert step(browser, desk, one, "decided", result="upheld", basis="未到这一步") == 403
    assert step(browser, desk, one, "closed") == 404
    assert step(browser, desk, one, "accepted") == 303
    address = f"/complaints/{desk.actor.staff_id}/{one.id}/investigating"
    refused = browser.post(address, handler=str(desk.actor.staff_id))
    assert (refused.status_code, "回避" in refused.text) == (403, True)
    assert browser.post(address, handler="无此人").status_code == 404


def test_it_is_refused_or_passed_on_with_its_reason(office: HeadOffice, desk: Desk) -> None:
    """Only head office refuses a complaint; the complainant is told first, and the desk reads why."""
    browser = signed_in(office, Role.HANDLER)
    first, second = reported(desk), reported(desk)
    assert step(browser, desk, first, "not_accepted", reason="不属于受理范围") == 403
    assert step(browser, desk, first, "not_accepted", reason="不属于受理范围", told="yes") == 303
    assert step(browser, desk, second, "transferred", institution="示例财险", told="yes") == 303
    offices.sync_now(desk)
    with desk.read() as work:
        assert work.get(Complaint, first.id).decision == "不属于受理范围"
        assert work.get(Complaint, second.id).progress[-1]["text"] == "已转往：示例财险"


def test_notes_of_both_hands_stand(office: HeadOffice, desk: Desk) -> None:
    """What the agent adds while head office takes a step is joined to what it noted."""
    one = reported(desk)
    assert step(signed_in(office, Role.HANDLER), desk, one, "accepted") == 303
    with desk.begin() as work:
        complaints.add_progress(work, one.id, "客户来电询问")
    offices.sync_now(desk)
    offices.sync_now(desk)
    with desk.read() as work:
        assert [note["text"] for note in work.get(Complaint, one.id).progress] == ["总公司已受理", "客户来电询问"]
    assert state_of_desk(desk) == state_of_office(office.database, str(desk.actor.staff_id))


def test_compliance_grades_and_holds(office: HeadOffice, desk: Desk, staff_id: UUID) -> None:
    """The risk of money laundering and a legal hold come from head office; under it nobody is erased (R2.2c, G25)."""
    with desk.begin() as work:
        who = customers.create(work, {"name": "慕容九思"}).id
    offices.sync_now(desk)
    name = employ(office, Role.COMPLIANCE)
    browser, address = signed_in(office, Role.COMPLIANCE, name), f"/customers/{staff_id}/{who}"
    assert browser.post(f"{address}/aml", risk="terrible").status_code == 422
    assert browser.post(f"{address}/aml", risk="high").status_code == 303
    assert browser.post(f"{address}/hold", hold="yes").status_code == 422
    assert browser.post(f"{address}/hold", hold="yes", ground="lawsuit", case="2026/9").status_code == 303
    assert "保全中" in page_of(browser, desk, who)
    assert str(who) in browser.get(f"/retention?agent={staff_id}").text
    offices.sync_now(desk)
    with desk.read() as work:
        found = work.get(Customer, who)
        assert (str(found.aml_risk), found.legal_hold) == ("high", True)
        told = " ".join(customers.notices(work, found))
        assert customers.facts(work, who).aml_risk == "高"
        assert "法律保全" in told
        assert "资金来源" in told
    with pytest.raises(NotPermitted, match="法律保全"), desk.begin() as work:
        of_desk.erase(work, who, Why.ASKED, "慕容九思")
    assert browser.post(f"{address}/hold", hold="no", ground="over").status_code == 303
    assert str(who) not in browser.get(f"/retention?agent={staff_id}").text
    offices.sync_now(desk)
    with desk.begin() as work:
        of_desk.erase(work, who, Why.ASKED, "慕容九思")
    told = [(act["act"], act["detail"]["by"]) for act in audit.acts(office.database) if act["subject"] == str(who)]
    done = [one for one in told if one[0] in ("grade", "hold", "release")]
    assert done == [("grade", name), ("hold", name), ("release", name)]


def test_nobody_else_sets_them(office: HeadOffice, desk: Desk, staff_id: UUID) -> None:
    """A handler sees no such form, another record has none, and a supervisor may not."""
    with desk.begin() as work:
        who = customers.create(work, {"name": "慕容九思"}).id
    one = reported(desk)
    assert "洗钱风险等级" not in page_of(signed_in(office, Role.HANDLER), desk, who)
    supervisor = signed_in(office, Role.SUPERVISOR)
    assert supervisor.post(f"/customers/{staff_id}/{who}/aml", risk="high").status_code == 403
    assert step(supervisor, desk, one, "accepted") == 403
    compliance = signed_in(office, Role.COMPLIANCE)
    assert compliance.post(f"/customers/{staff_id}/{one.id}/aml", risk="high").status_code == 404
