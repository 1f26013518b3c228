"""At the window: what the customer signed by pen is filed with its paper, looked at for a reason, refused in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Attachment, Complaint, Consent, Customer, Deed, Entry
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.services import complaints, letters, papers
from insuragent.ui import dialogs
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts.papers import PagesDialog
from tests.journeys.hands import all_of, all_words, newest, wait
from tests.journeys.test_customer_file import customer as customer
from tests.journeys.test_customer_file import file as file
from tests.journeys.test_customer_file import show_tab
from tests.services.test_scans import picture
from tests.services.test_stories import CAPTURE

Choose = Callable[[bytes], None]


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Whatever file is asked for next is one with these bytes."""

    def chosen(data: bytes) -> None:
        path = tmp_path / "IMG_0012.jpg"
        path.write_bytes(data)
        monkeypatch.setattr(dialogs, "choose_file", lambda _parent, _title, _kinds, then: then(path))

    return chosen


def press(widget: Any, name: str) -> None:
    """Press the button of this accessible name, or with these words."""
    found = widget.findChildren(QPushButton)
    next(one for one in found if name in (one.accessibleName(), one.text().strip()) and not one.isHidden()).click()


def test_a_letter_comes_back_signed(root: Root, file: Any, customer: Customer, choose: Choose, qtbot: QtBot) -> None:
    """The letter is listed once it was handed out; its signed copy hangs on it; a look at it has a reason."""
    assert root.desk is not None
    show_tab(file, file.papers)
    wait(qtbot, lambda: "还没有函件" in all_words(file.papers))
    with root.desk.begin() as work:
        papers.printed(work, letters.agent_change(work, customer.id))
    file.papers.refresh()
    wait(qtbot, lambda: "服务人员变更通知" in all_words(file.papers))
    letter = newest(root, Attachment)
    choose(picture())
    press(file.papers, f"归档签署件 {letter.file_name}")
    wait(qtbot, lambda: "已归档签署件" in all_words(file.papers))
    scan = newest(root, Attachment)
    assert scan.subject == ("attachment", letter.id)
    press(file.papers, f"查看 {scan.file_name}")
    asked = file.papers.findChild(dialogs.Question)
    press(asked, "核对客户签名")
    press(asked, "确定")
    wait(qtbot, lambda: file.papers.findChild(PagesDialog))
    wait(qtbot, lambda: file.papers.findChild(PagesDialog).view.page_count == 1)
    told = [entry for entry in all_of(root, Entry) if entry.deed == Deed.VIEW_SENSITIVE]
    assert [(entry.record_id, entry.reason) for entry in told] == [(scan.id, "核对客户签名")]


def test_what_cannot_be_filed_is_told(root: Root, window: MainWindow, file: Any, choose: Choose, qtbot: QtBot) -> None:
    """The note says why and what to do; the list stays as it was."""
    show_tab(file, file.papers)
    shown = window.toaster._toasts
    for data, words in ((b"", "文件是空的"), (b"text", "只接受 PDF、JPEG 或 PNG")):
        choose(data)
        file.papers.other.click()
        wait(qtbot, lambda words=words: any(words in toast.text for toast in shown))
    choose(picture())
    file.papers.other.click()
    wait(qtbot, lambda: len(all_of(root, Attachment)) == 1)
    file.papers.other.click()
    wait(qtbot, lambda: any("已经归档" in toast.text for toast in shown))
    assert len(all_of(root, Attachment)) == 1


def test_a_consent_on_paper_waits_for_its_scan(root: Root, file: Any, choose: Choose, qtbot: QtBot) -> None:
    """The button that records it is shut until the signed notice was chosen."""
    show_tab(file, file.consents)
    asked = file.consents.ask_grant(Purpose.HEALTH)
    assert asked.confirm.isEnabled()
    asked.method.setCurrentIndex(asked.method.findData(ConsentMethod.PAPER_PHOTO))
    assert not asked.confirm.isEnabled()
    choose(picture())
    asked.choose.click()
    asked.confirm.click()
    wait(qtbot, lambda: newest(root, Consent) and newest(root, Consent).evidence_id)
    assert newest(root, Consent).evidence_id == newest(root, Attachment).id


def test_a_complainant_signs_by_pen(root: Root, window: MainWindow, choose: Choose, qtbot: QtBot) -> None:
    """Also where he is no customer: the scan hangs on the complaint."""
    assert root.desk is not None
    with root.desk.begin() as work:
        taken = complaints.receive(work, CAPTURE)
    page: Any = window.go("complaints", taken.id)
    wait(qtbot, lambda: taken.complaint_no in all_words(page.view))
    choose(picture())
    press(page.view, "归档签署件")
    wait(qtbot, lambda: newest(root, Attachment))
    assert newest(root, Attachment).subject == (Complaint.kind(), taken.id)
