"""The console of a company with many people: pages ask for whom they show, and the journal for what is on the page."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from insuragent.errors import StoreDamaged
from insuragent.headoffice import audit, tables
from insuragent.headoffice.console import journal, shown
from insuragent.headoffice.console.agents import Agents
from insuragent.headoffice.console.devices import Devices
from insuragent.headoffice.console.journal import Journal
from insuragent.headoffice.console.overview import Overview
from insuragent.headoffice.console.pages import View, Visit
from insuragent.headoffice.enrolment import find_staff
from insuragent.headoffice.signing import load_key
from insuragent.headoffice.staff import Account, Accounts
from insuragent.i18n import SHANGHAI
from insuragent.models.base import utc_now
from insuragent.rules.access import Role
from tests.headoffice.company import Company
from tests.headoffice.people import employ
from tests.offices import HeadOffice


@pytest.fixture
def company(office: HeadOffice) -> Company:
    """A company of this test's own."""
    return Company(office)


def visit(office: HeadOffice, role: Role, **asked: str) -> Visit:
    """Somebody of this role asks for a page."""
    name = employ(office, role)
    account: Account = next(one for one in Accounts(office.database).all() if one.name == name)
    return Visit(account, "", "127.0.0.1", asked, reach=office.database)


def told(outcome: object) -> dict[str, object]:
    """What a page tells."""
    assert isinstance(outcome, View)
    return dict(outcome.told)


def test_many_people_are_looked_for(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are more than one looks through, a name, a number or a branch finds them; one types who takes over."""
    monkeypatch.setattr(shown, "FEW", 1)
    office = company.office
    everybody = told(Agents().everybody(visit(office, Role.ADMINISTRATOR)))
    assert (everybody["staff"], everybody["many"]) == ([], True)
    office.appoint(name="欧阳静", branch="大理分公司")
    for sought in ("欧阳", "大理"):
        found = told(Agents().everybody(visit(office, Role.ADMINISTRATOR, q=sought)))["staff"]
        assert isinstance(found, list)
        assert [row.body["name"] for row, _status in found] == ["欧阳静"]
    assert told(Agents().everybody(visit(office, Role.ADMINISTRATOR, q="没有此人")))["many"] is False
    one = told(Agents().show(visit(office, Role.SUPERVISOR, agent=str(company.first))))
    assert (one["row"].id, one["others"]) == (str(company.first), [])  # type: ignore[attr-defined]
    assert find_staff(office.database, "欧阳静") != find_staff(office.database, str(company.first))


def test_devices_are_found_by_their_person(company: Company) -> None:
    """By the name of whose they are, by their own name, and by how they stand; all are counted."""
    office = company.office
    devices = Devices(load_key(office.database))
    everything = told(devices.show(visit(office, Role.ADMINISTRATOR)))
    assert everything["count"] == len(everything["devices"])  # type: ignore[arg-type]
    name = everything["names"][str(company.first)]  # type: ignore[index]
    for sought in (name, company.device):
        found = told(devices.show(visit(office, Role.ADMINISTRATOR, q=sought)))
        assert company.device in {one.device for one in found["devices"]}  # type: ignore[attr-defined]
    assert told(devices.show(visit(office, Role.ADMINISTRATOR, q="没有此人")))["count"] == 0


def test_a_long_journal_is_verified_by_the_page(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is held against the entry before it; an older fault is seen on its page, or when all is asked for."""
    monkeypatch.setattr(journal, "_AT_A_GLANCE", 2)
    monkeypatch.setattr(journal, "_ON_PAGE", 2)
    office, page = company.office, Journal(company.office.database)
    asked = visit(office, Role.COMPLIANCE)
    newest = told(page.show(asked))
    assert (newest["intact"], newest["whole"], len(newest["acts"])) == (True, False, 2)  # type: ignore[arg-type]
    with altered(office, 2, subject="altered"):
        assert told(page.show(asked))["intact"] is True
        whole = told(page.show(replace(asked, asked={"all": "yes"})))
        assert (whole["intact"], whole["held"]) == (False, 1)
        pages = [told(page.show(replace(asked, asked={"page": str(n + 1)}))) for n in range(int(str(newest["last"])))]
        assert [one["intact"] for one in pages].count(False) == 1, "the page on which it stands"


def test_a_stretch_of_the_journal_begins_after_what_is_there(company: Company) -> None:
    """A predecessor that is missing, or has another hash, is as bad as an altered act."""
    database = company.office.database
    count = audit.newest(database).number
    assert [act["number"] for act in audit.acts(database, count - 1, count)] == [count - 1, count]
    with altered(company.office, count - 2, chain="00" * 32), pytest.raises(StoreDamaged):
        list(audit.acts(database, count - 1, count))
    with pytest.raises(StoreDamaged):
        list(audit.acts(database, count + 2))


def test_the_overview_counts_where_the_rows_lie(company: Company) -> None:
    """It unseals nobody's record but open complaints, and counts receipts by China's days."""
    seen: list[str] = []
    engine, today = company.office.database.engine, utc_now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=1)
    asked = visit(company.office, Role.COMPLIANCE)
    before = syncs(asked)
    with company.office.database.begin(str(company.first)) as rows:
        for last, days in enumerate((0, 1, 13, 14), 9000):
            given = {"device": company.device, "last": last, "at": today - dt.timedelta(days=days), "body": ""}
            rows.insert(tables.receipt, given)
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: seen.append(statement))
    found = syncs(asked)
    assert [now - then for now, then in zip(found, before, strict=True)] == [1, *[0] * 11, 1, 1]
    whole = [one for one in seen if one.startswith("SELECT record.") and "record.body," in one]
    assert len(whole) == 1, whole


def syncs(asked: Visit) -> list[int]:
    """The syncs of the last fourteen days as the overview tells them."""
    numbers = told(Overview().show(asked))["syncs"]
    assert isinstance(numbers, list)
    return [number for _day, number in numbers]


@contextmanager
def altered(office: HeadOffice, number: int, **values: str) -> Iterator[None]:
    """Within the block an act of the journal is not as it was entered."""
    place = tables.audit.c.number == number
    with office.database.begin(tables.OFFICE) as rows:
        (before,) = rows.all(rows.select(tables.audit, place))
        rows.update(tables.audit, values, place)
    try:
        yield
    finally:
        with office.database.begin(tables.OFFICE) as rows:
            rows.update(tables.audit, {name: getattr(before, name) for name in values}, place)
