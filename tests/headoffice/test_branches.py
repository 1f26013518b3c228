"""A supervisor has his branch: what he asks for in another shows and changes nothing, and seems not to be there."""

import itertools
from urllib.parse import unquote_plus
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.confirmations import standings
from insuragent.headoffice.console.quarantine import refused_count
from insuragent.headoffice.database import Rows
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.staff import Accounts
from insuragent.rules.access import Role
from tests.headoffice.company import FACTS, ILLNESS, MOBILE, NAME, NUMBER, Company
from tests.headoffice.people import Browser, employ, signed_in, words_of
from tests.headoffice.signed import Signer
from tests.headoffice.test_routes import written
from tests.offices import BRANCH, HeadOffice

_NUMBERS = itertools.count()
NOWHERE = "00000000-0000-0000-0000-000000000000"


class Apart:
    """A company in one branch, and a supervisor of another with an agent in it and one in a branch below it."""

    def __init__(self, office: HeadOffice) -> None:
        self.office, self.company = office, Company(office)
        self.branch = f"苏州分公司{next(_NUMBERS)}"
        self.own = office.appoint(name="周苏州", branch=self.branch)
        self.below = office.appoint(name="吴昆山", branch=f"{self.branch}/昆山支公司")
        self.beside = office.appoint(name="郑无锡", branch=f"{self.branch}二部")
        self.device = Signer(office, self.own).enrolled.device_id
        publish(office.database, "customer", customer := uuid7(), {"name": "苏州客户"}, str(self.own))
        self.customer = customer
        self.browser = signed_in(office, Role.SUPERVISOR, branch=self.branch)

    @property
    def foreign(self) -> list[str]:
        """What stands in no answer to him: the company's people, devices and records, and what they say."""
        company = self.company
        ids = map(str, (company.first, company.second, self.beside, company.customer, company.late, company.fresh))
        return [*ids, company.device, "陈思远", "李慧敏", "郑无锡", "TS-0001", NUMBER, MOBILE, ILLNESS, FACTS, NAME]

    def states(self) -> list[tuple[str, ...]]:
        """What he must not change: who has which record at which revision, and how each device stands."""
        database, r, d = self.office.database, tables.record.c, tables.device.c
        records = sa.select(r.agent, r.id, sa.cast(r.revision, sa.Text)).order_by(r.agent, r.id)
        devices = sa.select(d.agent, d.device, d.state).order_by(d.device)
        return [tuple(row) for statement in (records, devices) for row in database.everywhere(statement)]


@pytest.fixture
def apart(office: HeadOffice) -> Apart:
    """Two branches on either database."""
    return Apart(office)


def asked(apart: Apart) -> dict[str, list[httpx2.Response]]:
    """Each route that supervisors may use, asked for what is in the other branch."""
    company, browser = apart.company, apart.browser
    first, customer = company.first, company.customer
    record = f"/records/{first}/{customer}"
    hand_over = {"reason": "left", "record": str(customer)}
    return {
        "GET /console": [browser.get("")],
        "GET /console/agents": [browser.get("/agents")],
        "GET /console/agents/{agent:str}": [browser.get(f"/agents/{one}") for one in (first, company.second)],
        "POST /console/agents/{agent:str}/hand-over": [
            browser.post(f"/agents/{first}/hand-over", to=str(apart.own), **hand_over),
            browser.post(f"/agents/{first}/hand-over", to=str(apart.own), reason="left", all="yes"),
            browser.post(f"/agents/{apart.own}/hand-over", to=str(apart.below), **hand_over),
            browser.post(f"/agents/{apart.own}/hand-over", to=str(first), reason="left", all="yes"),
        ],
        "GET /console/complaints": [browser.get("/complaints"), browser.get("/complaints?show=ended")],
        "GET /console/complaints.csv": [browser.get("/complaints.csv")],
        "GET /console/devices": [browser.get("/devices"), browser.get(f"/devices?q={company.device}")],
        "POST /console/devices/code": [browser.post("/devices/code", staff=one) for one in (str(first), "陈思远")],
        "POST /console/devices/{device:str}/retire": [browser.post(f"/devices/{company.device}/retire")],
        "POST /console/devices/{device:str}/revoke": [browser.post(f"/devices/{company.device}/revoke", sure="yes")],
        "GET /console/quarantine": [browser.get("/quarantine")],
        "GET /console/retention": [browser.get("/retention")],
        "GET /console/records/{agent:str}/{record:str}": [
            browser.get(record),
            browser.get(f"/records/{apart.own}/{customer}"),
            browser.get(f"/records/office/{customer}"),
        ],
        "POST /console/records/{agent:str}/{record:str}": [browser.post(record, reason="audit")],
        "GET /console/search": [browser.get("/search")],
        "POST /console/search": [browser.post("/search", number=one) for one in (NUMBER, MOBILE)],
    }


#: What supervisors may use and where nobody's data are.
OWN = {"GET /console/account", "POST /console/account", "POST /console/logout", "GET /console/{rest:path}"}
#: Where something is named that is not there for him: as if it were not there at all.
NAMED = {"agents/{agent:str}", "devices/code", "{device:str}", "records/"}


def test_no_route_reaches_into_another_branch(apart: Apart) -> None:
    """Every route that is open to supervisors, from the table: no answer tells of the other branch, and what is
    named there is answered as what nobody has. What he typed himself may be told back to him."""
    before, answers = apart.states(), asked(apart)
    assert answers.keys() | OWN == {route for route, callers in written().items() if Role.SUPERVISOR in callers}
    for route, told in answers.items():
        for answer in told:
            sent = unquote_plus(f"{answer.request.url}{answer.request.read().decode()}")
            assert not [word for word in apart.foreign if word in answer.text and word not in sent], route
            if any(part in route for part in NAMED):
                assert answer.status_code == 404, (route, answer.status_code)
            else:
                assert answer.status_code == 200, (route, answer.status_code)
    assert apart.states() == before


def test_nothing_tells_another_branch_from_nobody(apart: Apart) -> None:
    """The words are the same for an agent of another branch and for one whom nobody knows."""
    first, customer = apart.company.first, apart.company.customer
    for path in ("/agents/{}", f"/records/{{}}/{customer}"):
        there, nowhere = (words_of(apart.browser.get(path.format(one))) for one in (first, NOWHERE))
        assert there == nowhere, path
    asked = (first, NOWHERE)
    there, nowhere = (words_of(apart.browser.get(f"/retention?agent={one}")).replace(str(one), "") for one in asked)
    assert there == nowhere


def test_a_branch_holds_what_stands_below_it(apart: Apart) -> None:
    """His own agents and those of a branch below are his, in lists, figures and deeds; one whose name only begins the
    same is not."""
    browser = apart.browser
    page = browser.get("/agents").text
    assert [name in page for name in ("周苏州", "吴昆山", "郑无锡")] == [True, True, False]
    assert apart.device in browser.get("/devices").text
    to = {"to": str(apart.below), "reason": "balance"}
    assert browser.post(f"/agents/{apart.own}/hand-over", record=str(apart.customer), **to).status_code == 303
    assert owner(apart.office, apart.customer) == str(apart.below)
    assert 'class="code"' in browser.post("/devices/code", staff=str(apart.below)).text
    assert browser.post(f"/devices/{apart.device}/revoke", sure="yes").status_code == 303


def test_the_overview_counts_the_branch(apart: Apart) -> None:
    """Two agents, one device, nothing refused and no complaint, whatever the company has."""
    assert refused_count(apart.office.database) > 0
    shown = " ".join(words_of(apart.browser.get("")).split())
    for words in ("在职人员 2", "使用中的设备 1", "办结逾期 0", "隔离的条目 0"):
        assert words in shown, words


def owner(office: HeadOffice, record: UUID) -> str:
    """Who has a record."""
    r = tables.record.c
    (found,) = office.database.everywhere(sa.select(r.agent).where(r.id == str(record)))
    return str(found.agent)


def test_the_other_roles_see_the_company(apart: Apart) -> None:
    """Compliance and administrators have no branch."""
    for role in (Role.COMPLIANCE, Role.ADMINISTRATOR):
        browser = signed_in(apart.office, role)
        for agent in (apart.company.first, apart.own):
            assert browser.get(f"/agents/{agent}").status_code == 200


def test_a_supervisor_without_a_branch_sees_nobody(apart: Apart) -> None:
    """As one whose account is older than branches: denied until an administrator says which is his."""
    name = employ(apart.office, Role.SUPERVISOR)
    with apart.office.database.begin(tables.OFFICE) as rows:
        rows.update(tables.account, {"branch": ""}, tables.account.c.name == name)
    browser = signed_in(apart.office, Role.SUPERVISOR, name)
    everybody = browser.get("/agents")
    assert everybody.status_code == 200
    assert str(apart.company.first) not in everybody.text
    assert browser.get(f"/agents/{apart.company.first}").status_code == 404


def test_an_administrator_moves_a_supervisor(apart: Apart) -> None:
    """From one branch to another: he is out, and sees the other when he is in again. No account lacks what it needs."""
    name = employ(apart.office, Role.SUPERVISOR, branch=apart.branch)
    person, chief = signed_in(apart.office, Role.SUPERVISOR, name), signed_in(apart.office, Role.ADMINISTRATOR)
    assert chief.post(f"/accounts/{name}/branch", branch=BRANCH).status_code == 303
    assert person.get("/agents").status_code == 303
    again = signed_in(apart.office, Role.SUPERVISOR, name)
    assert again.get(f"/agents/{apart.company.first}").status_code == 200
    handler = employ(apart.office, Role.HANDLER)
    for account, branch in ((name, ""), (name, "长" * 101), (handler, BRANCH), ("nobody", BRANCH)):
        assert chief.post(f"/accounts/{account}/branch", branch=branch).status_code in (400, 404), account
    accounts = Accounts(apart.office.database)
    for role, branch in ((Role.SUPERVISOR, ""), (Role.COMPLIANCE, BRANCH)):
        with pytest.raises(Refused) as error:
            accounts.add("somebody", role, branch=branch)
        assert error.value.code == "bad_branch"


def test_the_database_itself_holds_the_branch(apart: Apart) -> None:
    """Whatever a page asked: a statement on everybody finds the rows within reach, and no transaction begins beyond."""
    r, narrowed = tables.record.c, apart.office.database.within([str(apart.own)])
    found = narrowed.everywhere(sa.select(r.agent).where(r.tenant == tables.TENANT))
    assert {row.agent for row in found} == {str(apart.own)}
    assert [one for one in standings(narrowed) if one.from_agent != str(apart.own)] == []
    for begin in (narrowed.begin, narrowed.read):
        with pytest.raises(Refused) as error, begin(str(apart.company.first)) as rows:
            assert not isinstance(rows, Rows)
        assert error.value.code == "unknown_staff"


def test_a_browser_of_another_branch_is_no_stranger_to_its_own(apart: Apart) -> None:
    """The same questions about his own branch are answered."""
    browser: Browser = apart.browser
    assert browser.get(f"/agents/{apart.own}").status_code == 200
    assert "苏*" in words_of(browser.get(f"/records/{apart.own}/{apart.customer}"))
    shown = browser.post(f"/records/{apart.own}/{apart.customer}", reason="audit")
    assert "苏州客户" in shown.text
