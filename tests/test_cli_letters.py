"""`insuragent letter`: each letter as an encrypted copy from a profile, told in the journal, refused in words."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
import time_machine
from pypdf import PdfReader

from insuragent import cli
from insuragent.demo import people
from insuragent.models import Attachment, Complaint, Customer, Deed, Entry, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.complaint import ComplaintResult
from insuragent.models.visit import VisitStatus
from insuragent.services import complaints, customers, sheets
from insuragent.services import desk as desks
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from tests.factories import make
from tests.services.test_stories import CAPTURE, NOON, PWL, customer, ready
from tests.test_cli_commands import PASSPHRASE, process, typed
from tests.test_cli_commands import profile as profile  # a profile with a store, and a file with its passphrase

NAME, OTHER = "王𬭎", "赵丽"
COMPLAINT, SHEET = "TS-20261123-AB12-001", "SM-20261123-AB12-001"
#: What each letter is asked for by, and words that stand in it.
ASKED = {
    "agent-change": ([NAME], "服务人员变更通知"),
    "stop-advice": ([SHEET], "重复投保不能重复报销"),
    "consent": (["0013", "--purpose", "health"], "健康信息"),
    "complaint-receipt": ([COMPLAINT], "客户投诉受理回执"),
    "complaint-reply": ([COMPLAINT], "退还保险费"),
    "visit-report": ([NAME], "先不换产品"),
    "data-copy": ([NAME], "个人信息副本"),
}


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """Every letter is of 23 November 2026, at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(profile: Profile) -> Iterator[Desk]:
    """The profile's desk with a customer, a decided complaint, a held visit and a sheet that is advised against."""
    opened = desks.unlock(profile, PASSPHRASE)
    with opened.begin() as work, work.taking_over():
        staff = work.add(people.staff(NOON.date()))
    opened.sign_in(staff, "ab12cd34ef56")
    told = {"birth_date": NOON.date().replace(1986), "mobile": "13800130013"}
    who = customer(opened.store, opened.actor, name=NAME, **told)
    medical = {"product": "DEMO-MED", "sex": "M", "age": 40, "pay_years": 1}
    sheet = ready(opened.store, opened.actor, who, medical, reason_links=[])
    with opened.begin() as work:
        sheets.confirm(work, sheet.id, {"reimbursement_policies": 1})
        taken = complaints.receive(work, CAPTURE | {"customer_id": who.id})
        words = {"customer_words": "先不换产品", "status": VisitStatus.HELD}
        work.add(make(Visit, customer_id=who.id, agent_id=None, **words))
    with opened.begin() as work, work.taking_over():
        held = work.get(Complaint, taken.id)
        held.decision, held.result = "核查属实，退还保险费 12,000 元。", ComplaintResult.UPHELD
    yield opened
    opened.close()


def words(pdf: Path, code: str) -> str:
    """The text of a copy that the code opens, without blanks."""
    with pikepdf.open(pdf, password=code) as copy:
        plain = io.BytesIO()
        copy.save(plain, encryption=False)
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(plain).pages))


@pytest.mark.parametrize("kind", cli.LETTERS)
def test_every_letter_is_written_and_told(
    desk: Desk, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same paper as from the window: it opens with its code alone, the journal tells it, what is kept is kept."""
    about, said = ASKED[kind]
    desk.close()
    out = tmp_path / "letter.pdf"
    code, told, _err = typed(capsys, "letter", kind, *about, "--out", out, "--profile", desk.profile.folder)
    assert (code, told["file"]) == (0, str(out))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(out)
    text = words(out, told["code"])
    assert said in text
    assert (OTHER if kind.startswith("complaint") else NAME) in text
    again = desks.unlock(desk.profile, PASSPHRASE)
    with again.read() as work:
        entry = work.scalars(sa.select(Entry).where(Entry.deed == Deed.EXPORT))[0]
        kept = [one.file_name for one in work.scalars(sa.select(Attachment))]
    again.close()
    assert (entry.changes or {})["what"] == [None, told["kind"]]
    assert told["code"] not in str(entry.changes)
    assert kept == ([] if kind == "data-copy" else [f"{told['title']}.pdf"])


def test_what_is_not_there_or_not_one_is_refused(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 with what to do; neither a file nor an entry is left behind, and nobody's data is in the words."""
    with desk.begin() as work:
        customers.create(work, {"name": "李四", "mobile": "13911112222"})
        twin = customers.create(work, {"name": "李四", "mobile": "13911113333"})
    desk.close()
    out = tmp_path / "letter.pdf"
    for asked, said in (
        (["agent-change", "孙七"], "客户：没有找到"),
        (["agent-change", "李四"], "客户：有 2 条符合"),
        (["consent", NAME], "service 合同履行与服务"),
        (["visit-report", "2222"], "还没有完成的拜访"),
        (["stop-advice", "SM-1"], "产品说明书：没有找到"),
        (["data-copy", "0192d3f0-0000-7000-8000-000000000000"], "归档或移交"),
    ):
        code, told, _err = typed(capsys, "letter", *asked, "--out", out, "--profile", desk.profile.folder)
        assert code == 1
        assert said in told["error"]
    assert typed(capsys, "letter", "agent-change", twin.id, "--out", out, "--profile", desk.profile.folder)[0] == 0
    nowhere = tmp_path / "none" / "letter.pdf"
    assert typed(capsys, "letter", "agent-change", "2222", "--out", nowhere, "--profile", desk.profile.folder)[0] == 1
    again = desks.unlock(desk.profile, PASSPHRASE)
    with again.read() as work:
        assert [one.use for one in work.scalars(sa.select(Attachment))] == [AttachmentUse.LETTER]
        assert len(work.scalars(sa.select(Entry).where(Entry.deed == Deed.EXPORT))) == 1
    again.close()


def test_a_letter_that_a_rule_forbids_is_not_written(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No reply before head office's decision (R1.5d), no advice against what suits: as the window says it."""
    with desk.begin() as work:
        open_one = complaints.receive(work, CAPTURE)
        who = work.scalars(sa.select(Customer))[0]
    suits = ready(desk.store, desk.actor, who, PWL)
    with desk.begin() as work:
        work.get(Customer, who.id).archived_at = work.now
    desk.close()
    out = tmp_path / "letter.pdf"
    for asked, said in (
        (["complaint-reply", open_one.complaint_no], "还没有作出处理决定"),
        (["stop-advice", suits.sheet_no], "没有应当建议终止投保的情形"),
        (["agent-change", NAME], "没有找到"),
    ):
        code, told, _err = typed(capsys, "letter", *asked, "--out", out, "--profile", desk.profile.folder)
        assert (code, said in told["error"]) == (1, True)
        assert not out.exists()


def test_it_is_a_command_of_its_own_process(desk: Desk, tmp_path: Path) -> None:
    """For people: one line with file and code; an unknown letter is wrong usage."""
    desk.close()
    words_typed = ["letter", "agent-change", NAME, "--out", tmp_path / "a.pdf", "--profile", desk.profile.folder]
    done = process(*words_typed)
    assert done.returncode == 0, done.stderr
    assert re.search(r"打开码 ([0-9A-Z]{4}-){3}[0-9A-Z]{4}", done.stdout)
    assert process("letter", "love", NAME, "--out", tmp_path / "b.pdf").returncode == 2
