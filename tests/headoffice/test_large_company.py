"""The console of a company with many people: pages ask for whom they show, and the journal for what is on the page."""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from insuragent.errors import StoreDamaged
from insuragent.headoffice import assignments, audit, directory, tables
from insuragent.headoffice.confirmations import standings
from insuragent.headoffice.console import accounts, agents, complaints, devices, journal, shown
from insuragent.headoffice.console.agents import Agents
from insuragent.headoffice.console.complaints import clocks, running
from insuragent.headoffice.console.devices import Devices
from insuragent.headoffice.console.journal import Journal
from insuragent.headoffice.console.overview import Overview
from insuragent.headoffice.console.pages import View, Visit
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment, find_staff
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import load_key
from insuragent.headoffice.staff import Account, Accounts
from insuragent.i18n import SHANGHAI
from insuragent.models.base import utc_now
from insuragent.rules.access import Role
from tests.headoffice.company import Company
from tests.headoffice.people import employ
from tests.headoffice.signed import Signer
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
    """Where they are more than one looks through they come in pages, a part of a name, a number or a branch finds them,
    and one types who takes over."""
    monkeypatch.setattr(shown, "FEW", 1)
    monkeypatch.setattr(agents, "FEW", 1)
    office, branch = company.office, f"大理{time.time_ns():x}分公司"
    office.appoint(name="欧阳静", licence_no="00000244030000002026987654", branch=f"云南分公司/{branch}")
    first = told(Agents().everybody(visit(office, Role.ADMINISTRATOR)))
    second = told(Agents().everybody(visit(office, Role.ADMINISTRATOR, after=str(first["after"]))))
    assert len(ids_of(first)) == len(ids_of(second)) == 1
    assert ids_of(first) < ids_of(second)
    for sought in (branch[:8], "987654", "00000244030000002026987654"):
        found = told(Agents().everybody(visit(office, Role.ADMINISTRATOR, q=sought)))["staff"]
        assert isinstance(found, list)
        assert [row.body["name"] for row, _status in found] == ["欧阳静"], sought
    for sought in ("没有此人", "静", "%", "'", "\0"):
        assert ids_of(told(Agents().everybody(visit(office, Role.ADMINISTRATOR, q=sought)))) == []
    one = told(Agents().show(visit(office, Role.SUPERVISOR, agent=str(company.first))))
    assert (one["row"].id, one["others"]) == (str(company.first), [])  # type: ignore[attr-defined]
    assert find_staff(office.database, "欧阳静") != find_staff(office.database, str(company.first))


def ids_of(page: dict[str, object]) -> list[str]:
    """The ids of those who stand on a page of agents."""
    assert isinstance(page["staff"], list)
    return [row.id for row, _status in page["staff"]]


def test_a_new_name_finds_and_the_old_one_does_not(company: Company) -> None:
    """Nor the old branch; no name and no number stands in the directory in clear."""
    office, mark = company.office, f"{time.time_ns():x}"
    person = office.appoint(name=f"旧{mark}", branch=f"甲{mark}")
    publish(office.database, "staff", person, {"name": f"新{mark}", "branch": f"乙{mark}"})
    assert [directory.found(office.database, f"{sign}{mark}", whole=True, most=9) for sign in "旧新"] == [
        [],
        [str(person)],
    ]
    assert [directory.found(office.database, f"{sign}{mark[:5]}", most=9) for sign in "甲乙"] == [[], [str(person)]]
    assert [directory.below(office.database, f"{sign}{mark}") for sign in "甲乙"] == [[], [str(person)]]
    with office.database.read(tables.CATALOGUE) as rows:
        held = str(rows.all(rows.select(directory.member_word)) + rows.all(rows.select(directory.member)))
    assert mark in held, "the branch"
    assert not [word for word in (f"新{mark}", f"旧{mark}", "00000244030000002026000123") if word in held]


def test_a_branch_is_found_by_its_characters(company: Company) -> None:
    """Whatever language the database sorts by: neither one that begins the same nor one that sorts between is below."""
    office, mark = company.office, f"苏{time.time_ns():x}"
    there = {
        branch: str(office.appoint(branch=branch))
        for branch in (mark, f"{mark}/昆", f"{mark}0", f"{mark}-", f"{mark}昆")
    }
    assert set(directory.below(office.database, mark)) == {there[mark], there[f"{mark}/昆"]}


def test_a_database_of_before_is_told_to_the_directory(company: Company) -> None:
    """What the steps of the schema fill it with is what it was told as it happened; keys are told again."""
    database = company.office.database
    assignments.reassign(database, str(company.customer), str(company.second))
    registers = (directory.member, directory.member_word, directory.member_device, directory.departure)
    ours = {str(company.first), str(company.second)}
    before = [contents(database, table, ours) for table in registers]
    assert all(before)
    with database.connect() as connection:
        for table in (*registers, directory.colleague, directory.acquaintance):
            connection.execute(sa.delete(table))
        directory.fill(connection, database.seal)
    assert [contents(database, table, ours) for table in registers] == before
    with database.read(str(company.second)) as rows:
        assert directory.near(rows).keys() >= ours


def contents(database: Database, table: sa.Table, whose: set[str]) -> set[tuple[object, ...]]:
    """The rows of a register that are about these members of staff; other tests have devices of one name."""
    with database.read(tables.CATALOGUE) as rows:
        return {tuple(row) for row in rows.all(rows.select(table)) if whose & set(row)}


def test_hand_overs_come_in_pages(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, each once, those that were taken back not at all; a supervisor has those of his branch."""
    monkeypatch.setattr(agents, "_MOVES", 1)
    office, asked = company.office, visit(company.office, Role.COMPLIANCE)
    customers = [str(company.customer), str(company._customer())]
    for customer in customers:
        assignments.reassign(office.database, customer, str(company.second))
    first = told(Agents().everybody(asked))
    second = told(Agents().everybody(replace(asked, asked={"before": str(first["before"])})))
    assert [moved(first), moved(second)] == [[customers[1]], [customers[0]]]
    assignments.reassign(office.database, customers[1], str(company.first))
    assert moved(told(Agents().everybody(asked))) == [customers[1]], "the way back"
    narrowed = office.database.within([str(company.second)])
    assert [(one.record, one.from_agent) for one in standings(narrowed)] == [(customers[1], str(company.second))]


def moved(page: dict[str, object]) -> list[str]:
    """The records of the hand-overs on a page."""
    assert isinstance(page["moves"], list)
    return [one.record for one, _kind in page["moves"]]


def test_only_the_first_complaints_are_unsealed(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The most pressing stand on the page, by the deadline that holds for each; all are counted."""
    narrowed = replace(
        visit(company.office, Role.COMPLIANCE), reach=company.office.database.within([str(company.first)])
    )
    company._complaint("TS-0003", dt.timedelta(days=5), "陈七")
    everything = running(narrowed.database)
    assert [one.number for one in everything] == ["TS-0001", "TS-0003", "TS-0002"]
    counted = clocks(narrowed.database)
    assert (counted.open, counted.late, counted.near, counted.unanswered) == (3, 1, 0, 2)
    publish(company.office.database, "complaint", company.late, {"state": "ext60"}, str(company.first))
    assert [one.number for one in running(narrowed.database)] == ["TS-0003", "TS-0002", "TS-0001"]
    monkeypatch.setattr(complaints, "_SHOWN", 2)
    page = told(complaints.Complaints().show(narrowed))
    assert ([one.number for one in page["rows"]], page["count"]) == (["TS-0003", "TS-0002"], 3)  # type: ignore[attr-defined]
    publish(company.office.database, "complaint", company.fresh, {"state": "closed"}, str(company.first))
    assert clocks(narrowed.database).open == 2
    assert [one.number for one in running(narrowed.database, ended=True)] == ["TS-0002"]


def test_devices_come_in_pages(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first; how each stands finds them too."""
    monkeypatch.setattr(devices, "_SHOWN", 1)
    office, page = company.office, Devices(load_key(company.office.database))
    newest = Signer(office, company.second).enrolled.device_id
    reach = office.database.within([str(company.first), str(company.second)])
    asked = replace(visit(office, Role.SUPERVISOR), reach=reach)
    first = told(page.show(asked))
    second = told(page.show(replace(asked, asked={"before": str(first["before"])})))
    shown_there = [[one.device for one in found["devices"]] for found in (first, second)]  # type: ignore[attr-defined]
    assert (shown_there, first["count"]) == ([[newest], [company.device]], 2)
    Enrolment(office.database, load_key(office.database)).revoke(newest)
    for state, there in (("revoked", [newest]), ("active", [company.device])):
        found = told(page.show(replace(asked, asked={"q": state})))["devices"]
        assert [one.device for one in found] == there  # type: ignore[attr-defined]


def test_accounts_come_in_pages(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name; the beginning of one finds it, and no sign of a pattern does."""
    monkeypatch.setattr(accounts, "FEW", 2)
    office, mark = company.office, f"x{time.time_ns():x}"
    names = sorted(employ(office, Role.COMPLIANCE, f"{mark}{letter}") for letter in "abc")
    page, asked = accounts.People(Accounts(office.database)), visit(office, Role.ADMINISTRATOR, q=mark)
    first = told(page.everybody(asked))
    second = told(page.everybody(replace(asked, asked={"q": mark, "after": str(first["after"])})))
    assert [one.name for one in [*first["accounts"], *second["accounts"]]] == names  # type: ignore[misc]
    assert second["after"] == ""
    assert told(page.everybody(replace(asked, asked={"q": "x%"})))["accounts"] == []


def test_devices_are_found_by_their_person(company: Company) -> None:
    """By the name of whose they are, by their own name, and by how they stand; all are counted."""
    office = company.office
    page = Devices(load_key(office.database))
    everything = told(page.show(visit(office, Role.ADMINISTRATOR)))
    assert everything["count"] == len(everything["devices"])  # type: ignore[arg-type]
    name = everything["names"][str(company.first)]  # type: ignore[index]
    for sought in (name, company.device):
        found = told(page.show(visit(office, Role.ADMINISTRATOR, q=sought)))
        assert company.device in {one.device for one in found["devices"]}  # type: ignore[attr-defined]
    assert told(page.show(visit(office, Role.ADMINISTRATOR, q="没有此人")))["count"] == 0


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
    """It unseals nobody's record, and counts devices by the day in China on which each was seen last."""
    seen: list[str] = []
    engine, today = company.office.database.engine, utc_now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=1)
    asked = visit(company.office, Role.COMPLIANCE)
    before = last_seen(asked)
    for days in (0, 1, 13, 14):
        device = Signer(company.office, company.first).enrolled.device_id
        with company.office.database.begin(str(company.first)) as rows:
            seen_at = {"seen_at": today - dt.timedelta(days=days)}
            rows.update(tables.device, seen_at, tables.device.c.device == device)
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: seen.append(statement))
    found = last_seen(asked)
    assert [now - then for now, then in zip(found, before, strict=True)] == [1, *[0] * 11, 1, 1]
    assert not [one for one in seen if one.startswith("SELECT record.") and "record.body," in one]


def last_seen(asked: Visit) -> list[int]:
    """How many devices were seen last on each of fourteen days, as the overview tells it."""
    numbers = told(Overview().show(asked))["last_seen"]
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
