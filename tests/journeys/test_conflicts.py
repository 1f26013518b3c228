"""A contested field at the window: seen on Today and on the customer's file, chosen by keys, joined, or typed over."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.headoffice.assignments import reassign
from insuragent.models import Customer, Visit
from insuragent.models.visit import VisitPurpose
from insuragent.services import customers, syncing
from insuragent.services import office as offices
from insuragent.sync.conflicts import Side, note_conflict
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import all_words, wait
from tests.offices import HeadOffice, new_desk

NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
MINE, THEIRS = "13911112222", "13933334444"


@pytest.fixture
def customer(root: Root, window: MainWindow) -> Customer:
    """A customer whose mobile number and remark two hands changed."""
    assert root.desk is not None
    with root.desk.begin() as work:
        made = customers.create(work, {"name": "王小明", "mobile": THEIRS, "remark": "上午在家\n养猫"})
        work.flush()
        theirs = Side(THEIRS, NOON, "郑主管", "device-b")
        note_conflict(work, made, "mobile", "13800138000", Side(MINE, NOON), theirs)
        told = Side("上午在家\n养猫", NOON, "郑主管", "device-b")
        note_conflict(work, made, "remark", "上午在家", Side("上午在家\n爱喝茶", NOON), told)
    return made


def open_list(window: MainWindow, qtbot: QtBot) -> Any:
    """The sync page with both conflicts."""
    page: Any = window.go("syncing")
    page.refresh()
    wait(qtbot, lambda: len(page.conflicts.cards) == 2)
    return page


def current(page: Any) -> str:
    """The field for which the keys choose."""
    return str(page.conflicts.current.one.label)


def mobile(root: Root, customer: Customer) -> str | None:
    """The number that the record holds."""
    assert root.desk is not None
    with root.desk.read() as work:
        return work.get(Customer, customer.id).mobile


def press(parent: QWidget, words: str) -> None:
    """Press the visible button that says this."""
    next(one for one in parent.findChildren(QPushButton) if words in one.text() and not one.isHidden()).click()


def test_both_sides_tell_who_when_and_on_which_device(
    root: Root, window: MainWindow, qtbot: QtBot, customer: Customer
) -> None:
    """Story S11: nobody chooses between values alone."""
    assert root.desk is not None
    words = all_words(open_list(window, qtbot).conflicts.cards[0])
    assert all(told in words for told in ("13800138000", MINE, THEIRS, "郑主管", "device-b"))
    assert root.desk.actor.device_id[:12] in words
    assert words.count("2026-11-23") == 2


@pytest.mark.parametrize(("key", "number"), [("1", "13800138000"), ("2", MINE), ("3", THEIRS)])
def test_a_key_chooses(root: Root, window: MainWindow, qtbot: QtBot, customer: Customer, key: str, number: str) -> None:
    """One press; the next conflict is current at once, and the key did nothing to it."""
    page = open_list(window, qtbot)
    qtbot.keyClick(page, key)
    wait(qtbot, lambda: len(page.conflicts.cards) == 1)
    assert mobile(root, customer) == number
    assert current(page) == "备注"


def test_keys_move_and_are_listed(window: MainWindow, qtbot: QtBot, customer: Customer) -> None:
    """J and K, or the arrows on a card; Ctrl+/ lists every one, and each button tells its own."""
    page = open_list(window, qtbot)
    assert current(page) == "手机"
    qtbot.keyClick(page, "j")
    assert current(page) == "备注"
    qtbot.keyClick(page, "j")
    assert current(page) == "备注", "behind the last there is none"
    qtbot.keyClick(page, "k")
    assert current(page) == "手机"
    qtbot.keyClick(page.conflicts.current, Qt.Key.Key_Down)
    assert current(page) == "备注"
    listed = {one.text(): one.shortcut().toString() for _title, group in window.action_groups() for one in group}
    assert (listed["冲突：用本机的"], listed["冲突：合并两边…"], listed["冲突：下一处"]) == ("2", "4", "J")
    tips = [one.toolTip() for one in page.conflicts.cards[1].findChildren(QPushButton)]
    assert "合并两边…（按 4）" in tips


def test_two_texts_are_joined_and_mended(root: Root, window: MainWindow, qtbot: QtBot, customer: Customer) -> None:
    """What both wrote stands in one text that the person may change; a number cannot be joined."""
    assert root.desk is not None
    page = open_list(window, qtbot)
    qtbot.keyClick(page, "4")
    assert not page.findChildren(QDialog), "a telephone number is not joined to another"
    qtbot.keyClick(page, "j")
    qtbot.keyClick(page, "4")
    wait(qtbot, lambda: page.findChildren(QDialog))
    dialog = page.findChildren(QDialog)[-1]
    editor = dialog.findChild(QPlainTextEdit)
    assert editor.toPlainText() == "上午在家\n养猫\n爱喝茶"
    editor.appendPlainText("周末出门")
    press(dialog, "保存")
    wait(qtbot, lambda: len(page.conflicts.cards) == 1)
    with root.desk.read() as work:
        assert work.get(Customer, customer.id).remark == "上午在家\n养猫\n爱喝茶\n周末出门"


def test_theirs_written_by_hand_closes_it_too(root: Root, window: MainWindow, qtbot: QtBot, customer: Customer) -> None:
    """Nothing changes in the record, and yet somebody has chosen."""
    page = open_list(window, qtbot)
    qtbot.keyClick(page, "5")
    wait(qtbot, lambda: page.findChildren(QDialog))
    dialog = page.findChildren(QDialog)[-1]
    dialog.findChild(QLineEdit).setText(THEIRS)
    press(dialog, "保存")
    wait(qtbot, lambda: len(page.conflicts.cards) == 1)
    assert mobile(root, customer) == THEIRS


def test_the_file_and_today_lead_to_it(window: MainWindow, qtbot: QtBot, root: Root, customer: Customer) -> None:
    """A customer's open conflicts, of his visits too, are seen where he is seen."""
    assert root.desk is not None
    with root.desk.begin() as work:
        now = dt.datetime.now(dt.UTC)
        times = {"planned_start": now, "planned_end": now + dt.timedelta(hours=1)}
        visit = work.add(Visit(customer_id=customer.id, purpose=VisitPurpose.CARE, subject="家访", **times))
        work.flush()
        note_conflict(work, visit, "subject", "拜访", Side("年检", NOON), Side("家访", NOON, "郑主管", "device-b"))
    today: Any = window.go("today")
    today.refresh()
    wait(qtbot, lambda: "手机 两边不同" in all_words(today))
    assert "3 处冲突待选择" in all_words(today)
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: "手机、备注、主题 有冲突，请选择" in all_words(page))
    press(page, "去选择")
    assert window.page == "syncing"
    shown: Any = window.made("syncing")
    wait(qtbot, lambda: shown.conflicts.current and shown.conflicts.current.hasFocus())
    assert shown.conflicts.current.one.record_id == customer.id
    window.go("syncing", visit.id)
    wait(qtbot, lambda: shown.conflicts.current.one.record_id == visit.id)


def test_typing_into_a_contested_field_closes_it_and_the_loser_is_seen(
    root: Root, window: MainWindow, qtbot: QtBot, customer: Customer
) -> None:
    """Whoever types has chosen; both sides stand in the customer's history, masked like everything there."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.editors["mobile"].value() == THEIRS)
    page.file.form.editors["mobile"].widget.setText("13955556666")
    page.file.save()
    wait(qtbot, lambda: mobile(root, customer) == "13955556666")
    assert root.desk is not None
    with root.desk.read() as work:
        assert [one.label for one in syncing.contested(work)] == ["备注"]
    wait(qtbot, lambda: "备注 有冲突，请选择" in all_words(page))
    page.file._tabs.setCurrentWidget(page.file.history)
    wait(qtbot, lambda: "解决冲突" in all_words(page.file.history))
    told = all_words(page.file.history)
    assert "手机：采用 139****6666" in told
    assert "没有采用本机的 139****2222" in told
    assert "没有采用对方的 139****4444" in told


def test_customers_handed_over_are_told_on_today(
    root: Root, window: MainWindow, qtbot: QtBot, sqlite_office: HeadOffice, tmp_path: Path
) -> None:
    """A line on Today, until it was looked at; a list of just these; and a note in the history of each."""
    assert root.desk is not None
    me, colleague = sqlite_office.appoint(), sqlite_office.appoint(name="陈思远")
    offices.enrol(root.desk, sqlite_office.address, sqlite_office.code(me))
    with root.desk.begin() as work:
        customers.create(work, {"name": "王小明"})
    other = sqlite_office.seat(new_desk(tmp_path / "other"), colleague)
    ids: list[uuid.UUID] = []
    with other.begin() as work:
        ids += [customers.create(work, {"name": name}).id for name in ("欧阳明珠", "李建国", "孙小圣")]
    offices.sync_now(other)
    other.close()
    for one in ids:
        reassign(sqlite_office.database, str(one), str(me))
    offices.sync_now(root.desk)
    today: Any = window.go("today")
    today.refresh()
    wait(qtbot, lambda: "3 位客户移交给您" in all_words(today))
    press(today, "查看")
    wait(qtbot, lambda: window.page == "customers")
    page: Any = window.made("customers")
    wait(qtbot, lambda: page.note.text() == "共 3 位")
    assert page.stage.currentText() == "刚移交给您的"
    wait(qtbot, lambda: page.file.customer_id == ids[0])
    page.file._tabs.setCurrentWidget(page.file.history)
    wait(qtbot, lambda: "总公司移交给您，连同全部资料" in all_words(page.file.history))
    page.stage.setCurrentIndex(0)
    page.stage.activated.emit(0)
    wait(qtbot, lambda: page.note.text() == "共 4 位")
    window.go("today").refresh()  # type: ignore[attr-defined]
    wait(qtbot, lambda: "移交给您" not in all_words(today))
