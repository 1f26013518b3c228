"""What users of good desktop programs expect: secrets that leave the clipboard, printing, help, keys, names for all."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import set_language
from insuragent.models import Complaint, Customer, Deed, Entry, FamilyMember
from insuragent.services import complaints, customers, syncing
from insuragent.services.syncing import RECEIPT_NOTE
from insuragent.settings import resource
from insuragent.ui import dialogs
from insuragent.ui import help as helps
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages import PAGES
from tests.journeys.hands import all_of, all_words, wait

INPUTS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QAbstractItemView)


@pytest.fixture
def customer(root: Root, window: MainWindow) -> Customer:
    """A customer with an ID number."""
    assert root.desk is not None
    with root.desk.begin() as work:
        return customers.create(work, {"name": "王𬭎", "mobile": "13800138000", "doc_no": "11010119900307002X"})


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of each paper that a printer would have got."""
    papers: list[str] = []

    def take(tasks: Any, owner: QWidget, data: bytes, printer: str = "") -> Any:
        document = PdfDocument(data)
        papers.append("".join(page.get_textpage().get_text_bounded() for page in document))
        document.close()
        return tasks.run_free(owner, lambda: None)

    monkeypatch.setattr("insuragent.ui.pages.base.print_pdf", take)
    return papers


def complained(root: Root) -> Complaint:
    """A complaint that was taken down."""
    told = {"contact": "13800000001", "channel": "face", "category": "premium", "facts": "扣费时间不对"}
    assert root.desk is not None
    with root.desk.begin() as work:
        return complaints.receive(work, told | {"complainant_name": "赵丽"})


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_what_is_revealed_is_copied_for_a_while_only(
    window: MainWindow, customer: Customer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button appears with the number; what it copies, and what Ctrl+C copies, leaves the clipboard again."""
    page: Any = window.go("customers", customer.id)
    form = page.file.form
    wait(qtbot, lambda: form.record_id == customer.id)
    assert form._copies["doc_no"].isHidden()
    monkeypatch.setattr(dialogs, "ask_reason", lambda parent, title, text, then, **_rest: then("核对保单"))
    form.ask_reveal("doc_no")
    wait(qtbot, lambda: not form._copies["doc_no"].isHidden())
    form._copies["doc_no"].click()
    board = QGuiApplication.clipboard()
    assert board.text() == "11010119900307002X"
    window.context.clipboard.clear()
    assert board.text() == ""
    line = form.editors["doc_no"].widget
    line.setSelection(0, 6)
    ctrl_c = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    QApplication.sendEvent(line, ctrl_c)
    assert board.text() == "110101"
    window.context.clipboard._timer.timeout.emit()
    assert board.text() == ""


# --- printing --------------------------------------------------------------------------------------------------------


def test_receipts_plans_and_files_are_printed(
    root: Root, window: MainWindow, customer: Customer, printed: list[str], qtbot: QtBot
) -> None:
    """Each from its page; numbers stay masked, and the journal tells of each paper that bears a record."""
    made = complained(root)
    page: Any = window.go("complaints", made.id)
    page.print_receipt()
    wait(qtbot, lambda: len(printed) == 1)
    assert made.complaint_no in printed[0]
    assert "138****0001" in printed[0]
    page = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.customer_id == customer.id)
    page.print_file()
    wait(qtbot, lambda: len(printed) == 2)
    assert "110***********002X" in printed[1]
    assert "11010119900307002X" not in printed[1]
    page = window.go("calendar")
    page.print_day()
    wait(qtbot, lambda: len(printed) == 3)
    assert "这一天没有安排拜访" in printed[2]
    assert root.desk is not None
    with root.desk.read() as work:
        told = [entry.kind for entry in work.session.query(Entry).filter(Entry.deed == Deed.PRINT)]
    assert told == ["complaint", "customer", ""]


def test_the_sync_receipt_is_printed(root: Root, window: MainWindow, printed: list[str], qtbot: QtBot) -> None:
    """Head office's counts beside our own; before the first sync that is said instead."""
    page: Any = window.go("syncing")
    page.print_receipt()
    wait(qtbot, lambda: any("还没有同步回执" in text for text in window.toaster.texts))
    assert root.desk is not None
    with root.desk.begin() as work, work.taking_over():
        work.add(Customer(name="赵丽", name_pinyin="zhao li", revision=1))
    with root.desk.begin() as work:
        told = {"held": syncing.held(work), "device": "ab12cd34ef56", "first": 1, "last": 7, "chain": "9f1c2a77" * 8}
        work.set_note(RECEIPT_NOTE, told | {"now": dt.datetime.now(dt.UTC).isoformat()})
    page.print_receipt()
    wait(qtbot, lambda: len(printed) == 1)
    assert "一致" in printed[0]
    assert "不一致" not in printed[0]


# --- ways that lead where they say -----------------------------------------------------------------------------------


def test_buttons_lead_where_they_say(window: MainWindow, qtbot: QtBot) -> None:
    """A new visit opens its form, the bell the reminders, and sync begins (here: asks to enrol first)."""
    today: Any = window.go("today")
    wait(qtbot, lambda: any(b.text() == "新建拜访" for b in today.findChildren(QPushButton)))
    next(b for b in today.findChildren(QPushButton) if b.text() == "新建拜访").click()
    calendar: Any = window.made("calendar")
    assert window.page == "calendar"
    assert not calendar.side.isHidden()
    window.reminders_requested.emit()
    assert window.page == "today"
    wait(qtbot, lambda: today._whole)
    window.sync_requested.emit()
    syncing_page = window.made("syncing")
    wait(qtbot, lambda: syncing_page.findChildren(dialogs.Question))
    syncing_page.findChildren(dialogs.Question)[0].reject()


def test_an_archived_family_member_comes_back(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """Archived in the form, then listed with the way back."""
    assert root.desk is not None
    with root.desk.begin() as work:
        made = customers.add_family(work, customer.id, {"name": "李梅", "relation": "spouse"})
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.customer_id == customer.id)
    family = page.file.family
    page.file._tabs.setCurrentWidget(family)
    family.show_form(made)
    family.archive()
    wait(qtbot, lambda: all_of(root, FamilyMember)[0].archived_at)
    wait(qtbot, lambda: "已归档" in all_words(family))
    next(b for b in family.findChildren(QPushButton) if b.text() == "恢复").click()
    wait(qtbot, lambda: not all_of(root, FamilyMember)[0].archived_at)


# --- what is remembered ----------------------------------------------------------------------------------------------


def test_order_and_halves_are_remembered(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """The list comes back in the order it was left, the handle where it was put."""
    page: Any = window.go("customers")
    page.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert json.loads(root.settings.sorting) == {"customer": ["birth_date", True]}
    root.settings.splitters = json.dumps({"customers": [400, 700]})
    window.close_page("customers")
    again: Any = window.go("customers")
    assert (again.model.query.order, again.model.query.descending) == ("birth_date", True)
    root.settings.sorting = root.settings.splitters = "not json"
    window.close_page("customers")
    assert window.go("customers").model.query.order == "number"  # type: ignore[attr-defined]


# --- diagnostics -----------------------------------------------------------------------------------------------------


def test_the_log_is_exported_without_personal_data(
    root: Root, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    """Findings and log in one file; numbers that slipped in are blotted out, and so is where the profile lies."""
    root.profile.log_file.parent.mkdir(parents=True, exist_ok=True)
    root.profile.log_file.write_text(f"ERROR 13800138000 11010119900307002X {root.profile.folder}\n", encoding="utf-8")
    page: Any = window.go("settings")
    target = tmp_path / "log.txt"
    page.diagnostics.export(target)
    wait(qtbot, target.exists)
    wait(qtbot, lambda: "已导出" in page.diagnostics.said.text())
    text = target.read_text(encoding="utf-8")
    assert "ERROR # # PROFILE" in text
    assert "资料文件" in text
    page.diagnostics.check_up()
    wait(qtbot, lambda: "需要处理" in page.diagnostics.said.text() or "正常" in page.diagnostics.said.text())


# --- help ------------------------------------------------------------------------------------------------------------


def test_f1_helps_with_the_page_shown(window: MainWindow, qtbot: QtBot) -> None:
    """Offline, for each page its own; Esc closes it."""
    for page in PAGES:
        window.go(page.name)
        QTest.keyClick(window, Qt.Key.Key_F1)
        assert window.help.isVisibleTo(window)
        assert window.help.list.currentRow() == helps.TOPICS.index(page.name)
        assert len(window.help.text.toPlainText()) > 80
        QTest.keyClick(window.help, Qt.Key.Key_Escape)
        assert not window.help.isVisibleTo(window)


def test_help_is_found_by_ctrl_k(window: MainWindow, qtbot: QtBot) -> None:
    """By a section's words or their initials; Enter opens it there."""
    palette = window.palette_card
    palette.open()
    palette.field.setText("wjkl")
    assert "忘记口令" in palette.titles
    palette.list.setCurrentRow(palette.titles.index("忘记口令"))
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.help.isVisibleTo(window)
    assert helps.TOPICS[window.help.list.currentRow()] == "locking"


def test_help_is_whole_in_both_languages() -> None:
    """The same pages with as many sections; a page of the window without one would open nothing."""
    assert {page.name for page in PAGES} <= set(helps.TOPICS)
    chinese = [len(topic.sections) for topic in helps.topics()]
    set_language("en", resource("i18n"))
    try:
        english = [(len(topic.sections), topic.title) for topic in helps.topics()]
    finally:
        set_language("zh")
    assert chinese == [count for count, _title in english]
    assert all(title.isascii() for _count, title in english)


# --- by keys and for screen readers ----------------------------------------------------------------------------------


def of_qt(part: QWidget) -> bool:
    """Whether a part belongs to a field or table of Qt's own, which speaks for it."""
    names = {part.metaObject().className(), (part.parent() or part).metaObject().className()}
    inner = isinstance(part.parent(), QAbstractSpinBox | QComboBox | QLineEdit | QAbstractItemView | QTabBar)
    return inner or any(name.startswith(("QComboBoxPrivate", "QTableCorner")) for name in names)


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_a_page_is_worked_by_keys_and_read_aloud(root: Root, window: MainWindow, name: str, qtbot: QtBot) -> None:
    """Every input has a name and can be reached by Tab; every action has keys of its own and a place in the menu."""
    page = window.go(name)
    wait(qtbot, lambda: page.isVisibleTo(window))
    inputs = [one for kind in INPUTS for one in page.findChildren(kind) if one.isVisibleTo(page) and not of_qt(one)]
    silent = [one for one in inputs if not (one.accessibleName() or getattr(one, "text", str)())]
    assert [(one.metaObject().className(), one.parent().metaObject().className()) for one in silent] == []
    unreached = [one for one in inputs if not one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [one.accessibleName() for one in unreached] == []
    offered = [one for _title, group in window.action_groups() for one in group]
    keys = [one.shortcut().toString() for one in offered]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    menu = {one.text() for _title, group in window._menu_actions() for one in group}
    assert {one.text() for one in page.actions()} <= menu
