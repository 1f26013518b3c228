"""Letters as a customer gets them, and the way of any paper out of the desk: printed, or as an encrypted copy."""

import datetime as dt
import errno
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
import time_machine
from pypdf import PdfReader

from insuragent.documents.fonts import MissingGlyph
from insuragent.errors import DiskFull, NotPermitted, ValidationError
from insuragent.models import Attachment, Complaint, Customer, Deed, Entry, Sheet, Staff, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.complaint import ComplaintResult
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.sheet import SheetState
from insuragent.models.visit import VisitStatus
from insuragent.services import (
    complaints,
    consent_words,
    customers,
    data_copy,
    letters,
    needs,
    papers,
    printing,
    sheets,
)
from insuragent.services.papers import Paper
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.factories import make
from tests.services.test_sheet_duties import BORN, printed, sign
from tests.services.test_stories import CAPTURE, NOON, PWL, customer, png, ready

RARE = "王𬭎"
MED = {"product": "DEMO-MED", "sex": "M", "age": 40, "pay_years": 1}


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """Every letter is of 23 November 2026, at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def words(pdf: bytes) -> str:
    """The text of a document without blanks."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def hand_out(store: Store, agent: Actor, paper: Paper) -> None:
    """The printer took one copy."""
    with store.begin(agent) as work:
        papers.printed(work, paper)


def told(store: Store, agent: Actor, deed: Deed) -> list[dict[str, object]]:
    """What the journal tells of a deed, the newest last."""
    with store.read(agent) as work:
        found = work.scalars(sa.select(Entry).where(Entry.deed == deed).order_by(Entry.number))
        return [{name: now for name, (_was, now) in (entry.changes or {}).items()} for entry in found]


def kept(store: Store, agent: Actor) -> list[str]:
    """The names of the letters that are kept."""
    with store.read(agent) as work:
        return [
            one.file_name for one in work.scalars(sa.select(Attachment).where(Attachment.use == AttachmentUse.LETTER))
        ]


def doubled(store: Store, agent: Actor) -> Sheet:
    """A sheet of a second reimbursement policy, against which one must advise (story S15)."""
    who = customer(store, agent, birth_date=BORN)
    sheet = ready(store, agent, who, MED, reason_links=[])
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"reimbursement_policies": 1, "reason_links": []})
    return sheet


def test_a_complaints_receipt_names_the_complainant_in_full(store: Store, agent: Actor) -> None:
    """It is he who takes it home; his number stays masked."""
    with store.begin(agent) as work:
        taken = complaints.receive(work, {**CAPTURE, "complainant_name": RARE})
        work.flush()
        receipt = words(printing.complaint_receipt(work, taken.id).data)
    assert RARE in receipt
    assert str(CAPTURE["contact"]) not in receipt


def test_a_comparison_is_taken_home_in_yuan(store: Store, agent: Actor) -> None:
    """Both proposals with every amount, no ratio; kept with the customer, and refused with an expired licence (S17)."""
    who, other = customer(store, agent, birth_date=BORN), PWL | {"product": "DEMO-IWL"}
    with store.begin(agent) as work:
        paper = letters.comparison(work, who.id, [PWL, other], "legacy")
    for told_words in (who.name, "示例人寿演示增额终身寿险，5年交", "财富传承", "首年末退保损失"):
        assert told_words in words(paper.data)
    assert not re.search(r"收益率|IRR|复利|%", words(paper.data))
    hand_out(store, agent, paper)
    assert kept(store, agent) == ["方案比较 2026-11-23.pdf"]
    with store.begin(agent) as work, work.taking_over():
        work.get(Staff, agent.staff_id).licence_valid_to = NOON.date() - dt.timedelta(days=1)
    with pytest.raises(NotPermitted, match=r"到期（依据：R1\.2a"), store.begin(agent) as work:
        letters.comparison(work, who.id, [PWL, other], "legacy")
    assert told(store, agent, Deed.GATE_BLOCK)[-1]["gates"] == {
        "licence": False, "authority": True, "on_sale": True, "status": True,
    }  # fmt: skip


def test_the_advice_to_stop_is_kept_and_stands_on_the_sheet(store: Store, agent: Actor) -> None:
    """R3.2b, S15: what is told is why; it counts from the moment it was handed out, a reprint is the same."""
    sheet = doubled(store, agent)
    with store.begin(agent) as work:
        paper = letters.stop_advice(work, sheet.id)
    text = words(paper.data)
    assert all(word in text for word in ("终止投保建议书", RARE, "重复投保不能重复报销", sheet.sheet_no, "尚未签署"))
    with store.read(agent) as work:
        assert work.get(Sheet, sheet.id).stop_advice_id is None
    hand_out(store, agent, paper)
    with store.read(agent) as work:
        held = work.get(Sheet, sheet.id)
        assert work.blobs.get(work.get(Attachment, held.stop_advice_id).sha256) == paper.data
        assert held.stop_advice_at == NOON
    with time_machine.travel(NOON.replace(hour=15), tick=False), store.begin(agent) as work:
        again = letters.stop_advice(work, sheet.id)
    assert (again.data, again.kept) == (paper.data, False)
    assert told(store, agent, Deed.PRINT)[-1]["what"] == "stop_advice"


def test_the_customer_insists_in_own_words_and_by_own_hand(store: Store, agent: Actor) -> None:
    """R3.2b: only after the letter, with words, and signed apart from the sheet; new reasons ask again."""
    sheet = doubled(store, agent)
    with pytest.raises(NotPermitted, match="建议书"), store.begin(agent) as work:
        letters.sign_own_will(work, sheet.id, png(), "[]")
    with store.begin(agent) as work:
        paper = letters.stop_advice(work, sheet.id)
    hand_out(store, agent, paper)
    with pytest.raises(ValidationError, match="自愿确认"), store.begin(agent) as work:
        letters.sign_own_will(work, sheet.id, png(), "[]")
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"own_will": "我了解不能重复报销，仍要投保"})
        signed = letters.sign_own_will(work, sheet.id, png(), "[]")
        letter = work.scalars(sa.select(Attachment).where(Attachment.file_name.startswith("自愿投保确认书")))[0]
        text = words(work.blobs.get(letter.sha256))
        assert signed.own_will_signature_id is not None
        assert all(word in text for word in ("我了解不能重复报销，仍要投保", RARE, "签署日期2026-11-23"))
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"reimbursement_policies": 2})
        other = letters.stop_advice(work, sheet.id)
    hand_out(store, agent, other)
    with store.read(agent) as work:
        assert work.get(Sheet, sheet.id).own_will_signature_id is None


def test_nothing_is_advised_against_without_a_reason(store: Store, agent: Actor) -> None:
    """A product that suits the customer has no such letter."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL)
    with pytest.raises(NotPermitted, match="没有应当建议"), store.begin(agent) as work:
        letters.stop_advice(work, sheet.id)


def test_a_complaint_is_answered_once_it_is_decided(store: Store, agent: Actor) -> None:
    """R1.5d: no reply before the decision; with it, the way on is told with its days."""
    with store.begin(agent) as work:
        made = complaints.receive(work, CAPTURE | {"complainant_name": RARE, "facts": "销售时的说明不一致。" * 150})
    with pytest.raises(NotPermitted, match="处理决定"), store.begin(agent) as work:
        letters.complaint_reply(work, made.id)
    with store.begin(Actor()) as work, work.taking_over():
        held = work.get(Complaint, made.id)
        held.decision, held.result = "核查属实，退还保险费 12,000 元。", ComplaintResult.UPHELD
    with store.begin(agent) as work:
        paper = letters.complaint_reply(work, made.id)
    text = words(paper.data)
    assert all(word in text for word in ("投诉答复函", made.complaint_no, RARE, "退还保险费", "30日内", "12378"))
    assert text.count("致") == 150
    hand_out(store, agent, paper)
    assert kept(store, agent) == [f"投诉答复函 {made.complaint_no}.pdf"]


def test_a_visit_is_reported_once_it_was_held(store: Store, agent: Actor) -> None:
    """What was said, in the customer's own words, and what comes next."""
    who = customer(store, agent)
    planned = {
        "planned_start": NOON,
        "planned_end": NOON,
        "status": VisitStatus.PLANNED,
        "customer_words": "先不换产品",
    }
    with store.begin(agent) as work:
        visit = work.add(make(Visit, customer_id=who.id, **planned))
    with pytest.raises(NotPermitted, match="还没有完成"), store.begin(agent) as work:
        letters.visit_report(work, visit.id)
    with store.begin(agent) as work:
        work.get(Visit, visit.id).status = VisitStatus.HELD
        text = words(letters.visit_report(work, visit.id).data)
    assert all(word in text for word in ("拜访报告", RARE, "先不换产品", "2026-11-23", "林晓静"))


def test_a_customer_learns_who_serves_him_now(store: Store, agent: Actor) -> None:
    """Who came and who went; the contract stays as it is (金监总局令2023年第2号 art. 36)."""
    who = customer(store, agent)
    with store.begin(Actor()) as work, work.taking_over():
        other = work.add(make(Staff, name="周𬭎", licence_no="00000244030000002026000124"))
    with store.begin(agent) as work:
        assert "原服务人员" not in words(letters.agent_change(work, who.id).data)
        work.get(Customer, who.id).owner_id = other.id
    with store.begin(agent) as work:
        work.get(Customer, who.id).owner_id = agent.staff_id
    with store.begin(agent) as work:
        paper = letters.agent_change(work, who.id)
    text = words(paper.data)
    assert all(
        word in text for word in ("原服务人员周𬭎", "现服务人员林晓静", "继续有效", "00000244030000002026000123")
    )


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_consent_rests_on_the_notice_that_was_given(store: Store, agent: Actor, purpose: Purpose) -> None:
    """PIPL art. 17: one purpose, why, how long, and which rights; the consent holds the notice's hash."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        text = words(letters.consent_notice(work, who.id, purpose).data)
        made = customers.grant(work, who.id, purpose, RARE, ConsentMethod.SIGN_ON_SCREEN)
    assert all(word in text for word in (str(purpose.label), RARE, "保存10年", "随时撤回", consent_words.VERSION))
    assert made.notice_hash == consent_words.notice_hash(purpose, NOON.date())


def test_own_data_is_handed_over_whole_and_opens_with_its_code_only(store: Store, agent: Actor, tmp_path: Path) -> None:
    """PIPL art. 45: everything that hangs on the customer, numbers masked on paper, in full in the encrypted data."""
    who = customer(store, agent, doc_no="11010119900307002X")
    with store.begin(agent) as work:
        needs.analyse(work, who.id, {"annual_income": 10_000_000, "goals": ["legacy"]})
        complaints.receive(work, CAPTURE | {"customer_id": who.id})
    with store.begin(agent) as work:
        paper = data_copy.data_copy(work, who.id)
        code = papers.exported(work, paper, tmp_path / "copy.pdf")
    text = words(paper.data)
    assert all(
        word in text
        for word in (RARE, "13800138000", "110***********002X", "把现金价值说成存款", "需求分析", "财富传承")
    )
    assert "11010119900307002X" not in text
    with pikepdf.open(tmp_path / "copy.pdf", password=code) as copy:
        data = json.loads(copy.attachments["data.json"].get_file().read_bytes())
        assert copy.encryption.R == 6
    assert data["customer"][0]["doc_no"] == "11010119900307002X"
    assert {"customer", "needs_analysis", "complaint"} <= data.keys()
    for wrong in ("", code.lower(), code[:-1]):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(tmp_path / "copy.pdf", password=wrong)
    entry = told(store, agent, Deed.EXPORT)[-1]
    assert entry["what"] == "data_copy"
    assert code not in json.dumps(entry)


def test_two_copies_have_two_codes(store: Store, agent: Actor, tmp_path: Path) -> None:
    """80 bits of chance each: one code tells nothing of another."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        paper = data_copy.data_copy(work, who.id)
        codes = {papers.exported(work, paper, tmp_path / f"{n}.pdf") for n in range(3)}
    assert len(codes) == 3
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


def test_a_copy_of_what_was_signed_claims_no_signature(store: Store, agent: Actor, tmp_path: Path) -> None:
    """A copy written anew would show a broken signature: the pages stay, the seal is in the archive alone."""
    sheet = sign(store, agent, printed(store, agent))
    with store.begin(agent) as work:
        paper = sheets.paper(work, sheet.id)
        code = papers.exported(work, paper, tmp_path / "copy.pdf")
    with pikepdf.open(tmp_path / "copy.pdf", password=code) as copy, pikepdf.open(io.BytesIO(paper.data)) as signed:
        assert "/AcroForm" in signed.Root
        assert "/AcroForm" not in copy.Root
        assert len(copy.pages) == len(signed.pages)


def test_a_full_disk_leaves_no_half_file_and_no_half_record(
    store: Store, agent: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the copy, nor a part of it, nor an entry; and no letter that nobody was given."""
    sheet = doubled(store, agent)
    with store.begin(agent) as work:
        paper = letters.stop_advice(work, sheet.id)
    before = len(told(store, agent, Deed.EXPORT)), kept(store, agent)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(DiskFull), store.begin(agent) as work:
            papers.exported(work, paper, tmp_path / "copy.pdf")
        with pytest.raises(DiskFull), store.begin(agent) as work:
            papers.printed(work, paper)
    assert (len(told(store, agent, Deed.EXPORT)), kept(store, agent)) == before
    assert not list(tmp_path.glob("*copy.pdf*"))
    with store.read(agent) as work:
        assert work.get(Sheet, sheet.id).stop_advice_id is None


def test_a_sheet_counts_when_the_printer_took_it(store: Store, agent: Actor) -> None:
    """Making the pages counts nothing; copies and range are told; a signed sheet's reprints count too."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL)
    with store.begin(agent) as work:
        paper = sheets.paper(work, sheet.id)
    with store.read(agent) as work:
        held = work.get(Sheet, sheet.id)
        assert (held.print_count, held.state) == (0, SheetState.DRAFTED)
    assert not told(store, agent, Deed.PRINT)
    with store.begin(agent) as work:
        papers.printed(work, paper, 2, "1-3")
    entry = told(store, agent, Deed.PRINT)[-1]
    assert (entry["copies"], entry["pages"], entry["what"]) == (2, "1-3", "sheet")
    sign(store, agent, sheet)
    with store.begin(agent) as work:
        papers.printed(work, sheets.paper(work, sheet.id), 1)
    with store.read(agent) as work:
        assert work.get(Sheet, sheet.id).print_count == 3


def test_a_name_without_a_glyph_stops_the_letter(store: Store, agent: Actor) -> None:
    """S01: refused before anything is kept."""
    who = customer(store, agent)
    with store.begin(Actor()) as work, work.taking_over():
        work.get(Customer, who.id).name = "王\U0003134f"
    with pytest.raises(MissingGlyph, match=r"U\+3134F"), store.begin(agent) as work:
        letters.agent_change(work, who.id)
    assert not kept(store, agent)
