"""Papers that were signed by pen: taken in as they are, tied to what they are about, never twice, never changed."""

import datetime as dt
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa
import time_machine
from PIL import Image

from insuragent.errors import BadFile, NotPermitted, RecordGone, ValidationError
from insuragent.models import Attachment, Consent, Deed, Entry, Sheet, State
from insuragent.models.attachment import AttachmentUse
from insuragent.models.consent import ConsentMethod, ConsentState, Purpose
from insuragent.rules import filetypes
from insuragent.services import complaints, customers, gates, letters, papers, records, scans, sheets
from insuragent.services.sheet_gates import of_sheet
from insuragent.services.sheet_numbers import shown_of
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.services.test_letters import doubled, hand_out
from tests.services.test_stories import CAPTURE, NOON, customer

Scan = Callable[..., Path]


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """Everything is filed on 23 November 2026, at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def picture(form: str = "JPEG", shade: int = 200, **told: Any) -> bytes:
    """A photo of a page, of its own shade."""
    target = io.BytesIO()
    Image.new("RGB", (60, 80), (shade, shade, shade)).save(target, form, **told)
    return target.getvalue()


def a_pdf(**told: Any) -> bytes:
    """A scanned page as PDF."""
    target = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(target, **told)
    return target.getvalue()


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """A file with these bytes, under any name."""

    def made(data: bytes, name: str = "IMG_0012.jpg") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return made


@pytest.mark.parametrize(("data", "ending"), [(picture(), "jpg"), (picture("PNG"), "png"), (a_pdf(), "pdf")])
def test_what_was_signed_is_kept_as_it_is(store: Store, agent: Actor, scan: Scan, data: bytes, ending: str) -> None:
    """Byte by byte, named after the paper; who filed it and when is in the journal, waiting for head office."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        letter = letters.agent_change(work, who.id)
    hand_out(store, agent, letter)
    with store.begin(agent) as work:
        handed = work.scalars(sa.select(Attachment))[0]
        made = scans.file(work, "attachment", handed.id, scan(data, "whatever.exe"))
    with store.read(agent) as work:
        assert work.blobs.get(made.sha256) == data
        entry = work.scalars(sa.select(Entry).where(Entry.record_id == made.id))[0]
        newest, first = scans.kept(work, who.id)
    assert made.file_name == f"服务人员变更通知 2026-11-23（客户签署件）.{ending}"
    assert (entry.deed, entry.actor_id, entry.at, entry.state) == (Deed.CREATE, agent.staff_id, NOON, State.PENDING)
    assert (newest.by, newest.at, newest.of, newest.scan) == ("林晓静", NOON, handed.id, True)
    assert (first.id, first.scan, first.of) == (handed.id, False, None)


def test_nobody_changes_what_was_filed(store: Store, agent: Actor, scan: Scan) -> None:
    """Neither its record nor its place; and the seal of its bytes shows an alteration on the disk."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        made = scans.file(work, "customer", who.id, scan(picture()))
    for step in (
        lambda work: records.change(work, Attachment, made.id, {"file_name": "other.jpg"}),
        lambda work: records.archive(work, Attachment, made.id),
    ):
        with pytest.raises(NotPermitted, match="不能修改"), store.begin(agent) as work:
            step(work)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "scan.pdf", "文件是空的"),
        (b"MZ\x90\x00" + bytes(64), "scan.pdf", "只接受 PDF、JPEG 或 PNG"),
        (b"GIF89a" + bytes(64), "scan.jpg", "只接受 PDF、JPEG 或 PNG"),
        ("已签署".encode(), "scan.pdf", "只接受 PDF、JPEG 或 PNG"),
        (picture()[:400], "scan.jpg", "不完整、有密码或无法打开"),
        (picture("PNG")[:60], "scan.png", "不完整、有密码或无法打开"),
        (b"%PDF-1.7\n%nothing", "scan.pdf", "不完整、有密码或无法打开"),
        (a_pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "scan.pdf", "不完整、有密码或无法打开"),
    ],
)
def test_what_is_no_scan_is_refused(store: Store, agent: Actor, scan: Scan, data: bytes, name: str, words: str) -> None:
    """In words, with what to do; its name is not believed, and nothing is half filed."""
    who = customer(store, agent)
    with pytest.raises(BadFile, match=words) as refused, store.begin(agent) as work:
        scans.file(work, "customer", who.id, scan(data, name))
    assert refused.value.advice
    with store.read(agent) as work:
        assert work.count(Attachment) == 0


def test_what_is_too_large_is_not_even_read(store: Store, agent: Actor, tmp_path: Path) -> None:
    """Twenty megabytes are the limit of an attachment (data dictionary); what cannot be read is named."""
    who, path = customer(store, agent), tmp_path / "scan.pdf"
    with path.open("wb") as file:
        os.truncate(file.fileno(), filetypes.LARGEST + 1)
    with pytest.raises(BadFile, match="超过 20 MB"), store.begin(agent) as work:
        scans.file(work, "customer", who.id, path)
    with pytest.raises(BadFile, match=r"none\.pdf 不能读取"), store.begin(agent) as work:
        scans.file(work, "customer", who.id, tmp_path / "none.pdf")


def test_nothing_is_filed_twice_nor_as_signed_what_is_not(store: Store, agent: Actor, scan: Scan) -> None:
    """The same bytes again, at another customer, or the very letter that was printed."""
    who, other = customer(store, agent), customer(store, agent, name="赵丽", mobile="13900139000")
    with store.begin(agent) as work:
        letter = letters.agent_change(work, who.id)
        scans.file(work, "customer", who.id, scan(picture()))
    hand_out(store, agent, letter)
    for record_id, data, words in (
        (who.id, picture(), "已经归档"),
        (other.id, picture(), "归档在另一处"),
        (who.id, letter.data, "没有客户的签名"),
    ):
        with pytest.raises(BadFile, match=words), store.begin(agent) as work:
            scans.file(work, "customer", record_id, scan(data))
    with store.begin(agent) as work:
        scans.file(work, "customer", other.id, scan(picture(shade=90)))


def test_who_may_not_file_or_has_nothing_to_file_at(store: Store, agent: Actor, scan: Scan) -> None:
    """A compliance officer reads; a record that was handed over is gone."""
    who = customer(store, agent)
    reader = Actor(agent.staff_id, "compliance", agent.device_id)
    with pytest.raises(NotPermitted), store.begin(reader) as work:
        scans.file(work, "customer", who.id, scan(picture()))
    with pytest.raises(RecordGone), store.begin(agent) as work:
        scans.file(work, "sheet", who.id, scan(picture()))


def test_a_consent_on_paper_needs_its_paper(store: Store, agent: Actor, scan: Scan) -> None:
    """Data dictionary: paper_photo needs attachment; refused leaves none, filed is its evidence."""
    who, health = customer(store, agent), (Purpose.HEALTH, "王𬭎", ConsentMethod.PAPER_PHOTO)
    with pytest.raises(ValidationError, match="扫描件"), store.begin(agent) as work:
        customers.grant(work, who.id, *health)
    with pytest.raises(BadFile), store.begin(agent) as work:
        customers.grant(work, who.id, *health, scan(b"no picture"))
    with store.read(agent) as work:
        assert work.count(Consent) == 0
    with store.begin(agent) as work:
        customers.grant(work, who.id, *health, scan(picture()))
    with store.read(agent) as work:
        (given,), (paper,) = work.scalars(sa.select(Consent)), scans.kept(work, who.id)
        kept = work.get(Attachment, given.evidence_id)
    assert (given.state, kept.subject) == (ConsentState.GRANTED, ("consent", given.id))
    assert paper.name == "个人信息处理告知书 健康信息（客户签署件）.jpg"


def test_a_will_that_was_signed_by_pen_counts(store: Store, agent: Actor, scan: Scan) -> None:
    """R3.2b, S15 on paper: the letter, the confirmation to sign, and its scan open the gate; other words shut it."""
    sheet = doubled(store, agent)
    with pytest.raises(NotPermitted, match="建议书"), store.begin(agent) as work:
        letters.own_will(work, sheet.id)
    with store.begin(agent) as work:
        paper = letters.stop_advice(work, sheet.id)
    hand_out(store, agent, paper)
    with pytest.raises(ValidationError, match="自愿确认"), store.begin(agent) as work:
        letters.file_own_will(work, sheet.id, scan(picture()))
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"own_will": "我了解不能重复报销，仍要投保"})
        to_sign = letters.own_will(work, sheet.id)
    hand_out(store, agent, to_sign)
    with store.begin(agent) as work:
        assert "double_cover" in shut(work, sheet)
        held = letters.file_own_will(work, sheet.id, scan(picture()))
        assert work.get(Attachment, held.own_will_signature_id).subject == ("sheet", sheet.id)
        assert "double_cover" not in shut(work, sheet)
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"own_will": "随便"})
        assert "double_cover" in shut(work, sheet)


def shut(work: Any, sheet: Sheet) -> set[str]:
    """The gates that keep a sheet from being signed."""
    held = work.get(Sheet, sheet.id)
    return {gate.name for gate in gates.shut_at(of_sheet(work, held, shown_of(held)), gates.SIGN)}


def test_a_scan_is_looked_at_for_a_reason(store: Store, agent: Actor, scan: Scan) -> None:
    """Its pages stand upright; who saw it and why is told; our own letter needs no reason."""
    who = customer(store, agent)
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was held on its side
    with store.begin(agent) as work:
        made = scans.file(work, "customer", who.id, scan(picture(exif=turned)))
        own = papers.attach(work, who, AttachmentUse.LETTER, "函.pdf", "application/pdf", a_pdf())
    with pytest.raises(NotPermitted, match="原因"), store.begin(agent) as work:
        scans.look(work, made.id)
    with store.begin(agent) as work:
        with pikepdf.open(io.BytesIO(scans.look(work, made.id, "核对客户签名"))) as shown:
            _left, _low, width, height = (float(side) for side in shown.pages[0].mediabox)
        assert scans.look(work, own.id) == a_pdf()
    assert width > height
    with store.read(agent) as work:
        told = work.scalars(sa.select(Entry).where(Entry.deed == Deed.VIEW_SENSITIVE))
        assert [(entry.record_id, entry.reason) for entry in told] == [(made.id, "核对客户签名")]


def test_the_papers_of_a_customer_are_all_found(store: Store, agent: Actor, scan: Scan) -> None:
    """Of his sheets, complaints and consents too, and of nobody else; strokes are part of what they signed."""
    sheet = doubled(store, agent)
    stranger = customer(store, agent, name="赵丽", mobile="13900139000")
    with store.begin(agent) as work:
        complaint = complaints.receive(work, CAPTURE | {"customer_id": sheet.customer_id})
        work.flush()
        scans.file(work, "complaint", complaint.id, scan(picture(shade=1)))
        scans.file(work, "sheet", sheet.id, scan(picture(shade=20)))
        scans.file(work, "customer", stranger.id, scan(picture(shade=40)))
        papers.attach(work, sheet, AttachmentUse.SIGNATURE, "s.png", "image/png", picture("PNG"))
    with store.read(agent) as work:
        found = scans.kept(work, sheet.customer_id)
        assert [one.name for one in found] == [
            f"{sheet.title()}（客户签署件）.jpg", f"{complaint.complaint_no}（客户签署件）.jpg",
        ]  # fmt: skip
        work.blobs.remove(work.get(Attachment, found[0].id).sha256)
        assert [one.here for one in scans.kept(work, sheet.customer_id)] == [False, True]
    assert found[0].at == NOON.astimezone(dt.UTC)
