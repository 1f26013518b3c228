"""The console's pages: what each role sees and does, masked until it is revealed, and every look in the journal."""

import csv
import io
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from insuragent.headoffice import attempts, audit, directory, tables
from insuragent.headoffice.console import quarantine
from insuragent.headoffice.enrolment import staff_of
from insuragent.headoffice.exports import as_csv, safe_cell
from insuragent.rules.access import Role
from tests.headoffice.company import FACTS, ILLNESS, MOBILE, NAME, NUMBER, Company
from tests.headoffice.people import Browser, employ, signed_in, words_of
from tests.offices import HeadOffice

SECRETS = (NUMBER, MOBILE, ILLNESS, FACTS, NAME)


@pytest.fixture
def company(office: HeadOffice) -> Company:
    """A company of this test's own."""
    return Company(office)


def acts(office: HeadOffice, subject: object) -> list[dict[str, Any]]:
    """What head office's journal says of something."""
    return [act for act in audit.acts(office.database) if act["subject"] == str(subject)]


def pages_of(company: Company) -> list[str]:
    """Every page that shows something of the company."""
    named = ["", "/devices", "/agents", "/complaints", "/quarantine", "/complaints.csv"]
    records = [f"/records/{company.first}/{one}" for one in (company.customer, company.late)]
    return [*named, f"/agents/{company.first}", *records]


def test_pages_show_nothing_personal_unasked(company: Company) -> None:
    """On none of them stands a number, an illness, what somebody complained of, or a whole name."""
    browser = signed_in(company.office, Role.SUPERVISOR)
    for path in pages_of(company):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        for word in SECRETS:
            assert word not in answer.text, (path, word)


def test_the_overview_counts(company: Company) -> None:
    """Agents, devices, complaints and quarantine in numbers, and two charts with words for whoever cannot see them."""
    shown = words_of(signed_in(company.office, Role.COMPLIANCE).get(""))
    for words in ("在职人员", "使用中的设备", "办结逾期", "首次响应逾期", "隔离的条目"):
        found = re.search(rf"{words}\s+(\d+)", shown)
        assert found, words
        assert int(found[1]) >= 1, words
    assert shown.count("设备最近一次同步，按日") == 2


def test_complaints_are_listed_by_their_clocks(company: Company) -> None:
    """The late one says so; a name that would be a formula or HTML is neither, on the page and in the file."""
    browser = signed_in(company.office, Role.HANDLER)
    page = browser.get("/complaints").text
    rows = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if str(company.first) in row]
    late, fresh = rows
    assert "TS-0001" in late
    assert late.count('class="chip bad"') == 2
    assert 'class="chip bad"' not in fresh
    assert "<script" not in page
    answer = browser.get("/complaints.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "'=*" in {cell for row in table for cell in row}
    assert [act["act"] for act in acts(company.office, "complaint")][-2:] == ["view", "export"]


@pytest.mark.parametrize("file", ["/complaints.csv", "/journal.csv"])
def test_nobody_takes_files_along_without_end(office: HeadOffice, file: str) -> None:
    """A burst of exports ends with 429; a colleague still has his own."""
    browser = signed_in(office, Role.COMPLIANCE)
    asked = [browser.get(file).status_code for _time in range(attempts.MOST_EXPORTS + 1)]
    assert asked == [200] * attempts.MOST_EXPORTS + [429]
    assert signed_in(office, Role.COMPLIANCE).get(file).status_code == 200


def test_a_person_is_found_by_a_number_and_shown_for_a_reason(company: Company) -> None:
    """Search, masked record, revealed record; each step stands in the journal with who and why, the number never."""
    name = employ(company.office, Role.COMPLIANCE)
    browser = signed_in(company.office, Role.COMPLIANCE, name)
    found = browser.post("/search", number="110105 19491231 002x")
    address = f"/records/{company.first}/{company.customer}"
    assert address in found.text
    assert NUMBER not in found.text
    assert NUMBER not in browser.get(address).text
    for form in ({}, {"reason": "curious"}, {"reason": "audit", "case": "王建国的案子"}):
        refused = browser.post(address, **form)
        assert refused.status_code == 422
        assert NUMBER not in refused.text
    shown = browser.post(address, reason="request", case="2026/17")
    for word in (NUMBER, MOBILE, ILLNESS, NAME):
        assert word in shown.text
    told = acts(company.office, company.customer)
    assert [act["act"] for act in told] == ["publish", "view", "reveal"]
    assert told[-1]["detail"] == {
        "agent": str(company.first), "by": name, "case": "2026/17", "kind": "customer", "reason": "request",
    }  # fmt: skip
    assert not [word for word in SECRETS if word in company.office.log()]
    whole = str(list(audit.acts(company.office.database)))
    assert not [word for word in SECRETS if word in whole]


def test_what_is_nobodys_record_is_no_page(company: Company) -> None:
    """A record of another agent's address, of head office itself, or of nobody."""
    browser = signed_in(company.office, Role.COMPLIANCE)
    for agent, record in ((company.second, company.customer), ("office", company.customer), ("x", "y")):
        assert browser.get(f"/records/{agent}/{record}").status_code == 404


def test_an_administrator_sees_no_customer(company: Company) -> None:
    """He keeps accounts and devices; records are not his."""
    browser = signed_in(company.office, Role.ADMINISTRATOR)
    assert browser.get(f"/records/{company.first}/{company.customer}").status_code == 403
    assert browser.post("/search", number=NUMBER).status_code == 403


def test_a_device_is_enrolled_taken_back_and_wiped(company: Company) -> None:
    """The code is shown once, the order and its confirmation stand in the list, under the name of who gave it."""
    name = employ(company.office, Role.SUPERVISOR)
    browser = signed_in(company.office, Role.SUPERVISOR, name)
    code = re.search(r'class="code">([A-Z0-9-]+)<', browser.post("/devices/code", staff=str(company.first)).text)
    assert code
    assert code[1] not in browser.get("/devices").text
    assert browser.post("/devices/code", staff="nobody").status_code == 404
    assert browser.post(f"/devices/{company.device}/revoke").status_code == 422, "not without saying that one is sure"
    assert browser.post(f"/devices/{company.device}/retire").status_code == 303
    assert "等待上传后清除" in words_of(browser.get(f"/devices?q={company.device}"))
    assert browser.post(f"/devices/{company.device}/revoke", sure="yes").status_code == 303
    assert "已令其清除，等待确认" in words_of(browser.get(f"/devices?q={company.device}"))
    told = acts(company.office, company.device)
    assert [(act["act"], act["detail"]["by"]) for act in told[-2:]] == [("retire", name), ("revoke", name)]


def test_an_agent_sees_and_stops_his_own_devices_only(company: Company) -> None:
    """From any computer, when his own is lost; a colleague's he neither sees nor stops."""
    own = signed_in(company.office, Role.AGENT, staff=str(company.first))
    other = signed_in(company.office, Role.AGENT, staff=str(company.second))
    assert company.device in own.get("/devices").text
    assert company.device not in other.get("/devices").text
    assert other.post(f"/devices/{company.device}/revoke", sure="yes").status_code == 404
    assert own.post(f"/devices/{company.device}/revoke", sure="yes").status_code == 303


def test_the_lease_is_set(company: Company) -> None:
    """By an administrator, within its bounds."""
    browser = signed_in(company.office, Role.ADMINISTRATOR)
    for days in ("x", "-1", "9999", "366", ""):
        assert browser.post("/devices/lease", days=days).status_code in (400, 422)
    assert browser.post("/devices/lease", days="30").status_code == 303
    assert 'value="30"' in browser.get("/devices").text
    assert browser.post("/devices/lease", days="0").status_code == 303


def owner(company: Company, record: UUID) -> str:
    """Who has a record."""
    r = tables.record.c
    (found,) = company.office.database.everywhere(sa.select(r.agent).where(r.id == str(record)))
    return str(found.agent)


def test_customers_are_handed_over_with_a_reason(company: Company) -> None:
    """What was ticked, or all; the reason stands in the journal, and the list says which devices have not confirmed."""
    browser = signed_in(company.office, Role.SUPERVISOR)
    address = f"/agents/{company.first}/hand-over"
    whole = {"to": str(company.second), "reason": "left", "record": str(company.customer)}
    for lacking in whole:
        form = {name: value for name, value in whole.items() if name != lacking}
        assert browser.post(address, **form).status_code == 422, lacking
    assert owner(company, company.customer) == str(company.first)
    assert browser.post(address, **whole).status_code == 303
    assert owner(company, company.customer) == owner(company, company.late) == str(company.second)
    (told,) = [act for act in acts(company.office, company.customer) if act["act"] == "reassign"]
    assert (told["detail"]["reason"], told["detail"]["to"]) == ("left", str(company.second))
    assert "1 台设备未确认" in words_of(browser.get("/agents"))
    back = f"/agents/{company.second}/hand-over"
    assert browser.post(back, to=str(company.first), reason="balance", all="yes").status_code == 303
    assert owner(company, company.customer) == str(company.first)


def test_what_was_refused_stands_in_quarantine(company: Company) -> None:
    """With its reason, and without what it says."""
    shown = words_of(signed_in(company.office, Role.COMPLIANCE).get("/quarantine"))
    assert company.device in shown
    assert "总公司没有这条记录" in shown
    assert "无此人" not in shown


def test_quarantine_is_counted_by_its_index(sqlite_office: HeadOffice) -> None:
    """However many entries there are that were taken: the plan names the index (PostgreSQL reads so few as a whole)."""
    e = tables.entry.c
    asked = sa.select(sa.func.count()).where(e.tenant == tables.TENANT, quarantine.IS_REFUSED)
    with sqlite_office.database.connect() as connection:
        words = str(asked.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        plan = str(connection.exec_driver_sql(f"explain query plan {words}").all())
    assert "ix_entry_refused" in plan


def test_the_journal_says_whether_it_holds(company: Company) -> None:
    """Whole, and after somebody altered it; the file can be opened by a spreadsheet."""
    browser = signed_in(company.office, Role.COMPLIANCE)
    shown = browser.get("/journal")
    assert "链完整" in shown.text
    assert "登记设备" in words_of(shown)
    assert "岗位 合规人员" in shown.text
    browser.get(f"/records/{company.first}/{company.customer}")
    assert "类型 客户 · 代理人" in browser.get("/journal").text
    answer = browser.get("/journal.csv")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in table[1:]] == [str(number) for number in range(1, len(table))]
    assert browser.get("/journal?page=9999").status_code == 200
    a = tables.audit.c
    with company.office.database.begin(tables.OFFICE) as rows:
        (first,) = rows.all(rows.select(tables.audit, a.number == 1))
        rows.update(tables.audit, {"subject": "altered"}, a.number == 1)
    assert "被改动或缺失" in browser.get("/journal").text
    with company.office.database.begin(tables.OFFICE) as rows:
        rows.update(tables.audit, {"subject": first.subject}, a.number == 1)
    assert "链完整" in browser.get("/journal").text


def test_an_administrator_keeps_the_accounts(company: Company) -> None:
    """New ones, reset and disabled ones; whoever was signed in is out, and nobody locks himself out."""
    name = employ(company.office, Role.ADMINISTRATOR)
    browser = signed_in(company.office, Role.ADMINISTRATOR, name)
    added = f"zhou{company.office.port}"
    shown = browser.post("/accounts", name=added, role="handler")
    assert "otpauth://" in shown.text
    assert "otpauth://" not in browser.get("/accounts").text
    person = signed_in(company.office, Role.HANDLER, added)
    assert person.get("/account").status_code == 200
    assert browser.post(f"/accounts/{added}/reset").status_code == 200
    assert person.get("/account").status_code == 303
    assert browser.post(f"/accounts/{added}/disable").status_code == 303
    for deed in ("reset", "disable"):
        assert browser.post(f"/accounts/{name}/{deed}").status_code == 400
        assert browser.post(f"/accounts/nobody/{deed}").status_code == 404
    assert browser.post("/accounts", name="x y", role="handler").status_code == 400
    assert browser.post("/accounts", name=f"{added}b", role="king").status_code == 400


def test_every_page_is_there_in_english(company: Company) -> None:
    """No Chinese is left but names and what people wrote."""
    browser = Browser(company.office, language="en")
    browser.line.cookies = signed_in(company.office, Role.SUPERVISOR).line.cookies
    database = company.office.database
    staff = staff_of(database, directory.found(database, most=10**6))
    people = {str(row.body[name]) for row in staff for name in ("name", "branch")}
    known = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
    for path in ("", "/devices", "/quarantine", "/search", "/account", "/retention"):
        page = re.sub(rf"{known}|&#20013;&#25991;", "", browser.get(path).text)
        assert not re.findall(r"[\u4e00-\u9fff]+", page), path


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "|x", "%x", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\u00a0=1", "\ufeff=1",
     "＝1", "＋1", "－1", "＠x", "\u200b＝1", "\x00=1"],
)  # fmt: skip
def test_no_cell_is_a_formula(text: str) -> None:
    """Also in full width, or behind blanks, tabs and marks that nobody sees."""
    assert safe_cell(text).startswith("'")


def test_plain_cells_stay_as_they_are() -> None:
    """A name, a number, nothing at all, a minus within."""
    assert [safe_cell(one) for one in ("王建国", 12, None, "", "a-b", "2026-11-26", "  x")] == [
        "王建国", "12", "", "", "a-b", "2026-11-26", "  x",
    ]  # fmt: skip


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_whatever_was_written_comes_back_as_text(rows: list[list[str]]) -> None:
    """Every cell reads as it was, but for the mark that keeps it text."""
    data = as_csv(["a", "b"], rows).decode("utf-8-sig", "surrogatepass")
    read = list(csv.reader(io.StringIO(data, newline="")))
    assert read[1:] == [[safe_cell(cell) for cell in row] for row in rows]
    assert all(not re.match(r"[\s\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠]", cell) for row in read for cell in row)
