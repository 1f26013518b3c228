"""The sync page with a real head office: enrol, sync, see the receipt, choose in a conflict, and be withdrawn."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import load_key
from insuragent.models import Customer
from insuragent.security.keys import KdfCost
from insuragent.services import customers, syncing
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts.conflict_card import ConflictCard
from tests.offices import HeadOffice, new_desk

CHEAP = KdfCost(memory_kib=8192, iterations=1, lanes=1)


@pytest.fixture
def window(root: Root, qtbot: QtBot, no_ring: None) -> MainWindow:
    """The open window of a desk that no head office knows yet."""
    desk, _code = desks.create(root.profile, "晨光照在小河上 2026", CHEAP)
    return root.open_window(desk)


@pytest.fixture
def staff_id(sqlite_office: HeadOffice) -> uuid.UUID:
    """An agent of this test alone."""
    return sqlite_office.appoint()


def wait(qtbot: QtBot, ready: Callable[[], object]) -> None:
    """Until the work beside the window is done and shown."""
    qtbot.waitUntil(lambda: bool(ready()), timeout=20_000)


def press(parent: QWidget, words: str) -> None:
    """Press the button that says this."""
    next(found for found in parent.findChildren(QPushButton) if words in found.text()).click()


def enrol(page: Any, qtbot: QtBot, address: str, code: str) -> None:
    """Fill the dialog of the enrolment and confirm it."""
    page.enrol_button.click()
    wait(qtbot, lambda: page.findChildren(QDialog))
    dialog = page.findChildren(QDialog)[-1]
    fields = dialog.findChildren(QLineEdit)
    fields[0].setText(address)
    fields[1].setText(code)
    press(dialog, "登记")


def open_page(root: Root, window: MainWindow, qtbot: QtBot, office: HeadOffice, staff_id: uuid.UUID) -> Any:
    """The page of a desk that was enrolled by hand."""
    page: Any = window.go("syncing")
    enrol(page, qtbot, office.address, office.code(staff_id))
    wait(qtbot, lambda: page.enrolled)
    return page


def test_a_fresh_desk_says_what_each_part_is_for(window: MainWindow, qtbot: QtBot) -> None:
    """Nothing waits, nothing clashes and nothing was synced yet: each card says so, none is empty without a word."""
    page = window.go("syncing")
    for words in ("没有待发送的内容", "没有冲突", "同步完成后"):
        wait(qtbot, lambda words=words: words in all_words(page))


def test_from_enrolment_to_receipt(
    root: Root, window: MainWindow, qtbot: QtBot, sqlite_office: HeadOffice, staff_id: uuid.UUID
) -> None:
    """What waited is sent; the receipt of both counts is shown; the agent's name is that of head office."""
    assert root.desk is not None
    page = open_page(root, window, qtbot, sqlite_office, staff_id)
    with root.desk.begin() as work:
        customers.create(work, {"name": "王小明"})
    page.refresh()
    wait(qtbot, lambda: "客户" in all_words(page))
    page.sync_button.click()
    wait(qtbot, lambda: "一致" in all_words(page))
    assert "没有待发送的内容" in all_words(page)
    assert "不一致" not in all_words(page)
    assert root.desk.actor.staff_id == staff_id


def test_a_wrong_code_is_told_where_it_was_asked(
    window: MainWindow, qtbot: QtBot, sqlite_office: HeadOffice, root: Root
) -> None:
    """The page says why; nothing is changed."""
    page: Any = window.go("syncing")
    enrol(page, qtbot, sqlite_office.address, "ZZZZ-ZZZZ-ZZZZ")
    wait(qtbot, lambda: "登记码不正确" in page.problem.text())
    assert not page.enrolled


def test_the_companys_certificate_is_asked_for(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, sqlite_office: HeadOffice
) -> None:
    """Beside address and code, where the company has its own; a file that is no certificate is told on the page."""
    page: Any = window.go("syncing")
    nonsense = tmp_path / "company.pem"
    nonsense.write_text("nonsense")
    page.enrol_button.click()
    wait(qtbot, lambda: page.findChildren(QDialog))
    dialog = page.findChildren(QDialog)[-1]
    fields = dialog.findChildren(QLineEdit)
    for field, words in zip(fields, ("https://localhost:1", "ABCD-EFGH-JKMN", str(nonsense)), strict=True):
        field.setText(words)
    press(dialog, "登记")
    wait(qtbot, lambda: "公司证书文件不能使用" in page.problem.text())


def test_a_conflict_is_chosen_by_hand(
    root: Root,
    window: MainWindow,
    qtbot: QtBot,
    sqlite_office: HeadOffice,
    staff_id: uuid.UUID,
    tmp_path: Path,
) -> None:
    """Story S11 at the window: three columns, who and where, and one press of a key."""
    assert root.desk is not None
    page = open_page(root, window, qtbot, sqlite_office, staff_id)
    with root.desk.begin() as work:
        customer = customers.create(work, {"name": "王小明", "mobile": "13800138000"})
    offices.sync_now(root.desk)
    other = sqlite_office.seat(new_desk(tmp_path / "other"), staff_id)
    offices.sync_now(other)
    with other.begin() as work:
        customers.change(work, customer.id, {"mobile": "13933334444"})
    offices.sync_now(other)
    with root.desk.begin() as work:
        customers.change(work, customer.id, {"mobile": "13911112222"})
    page.sync_button.click()
    wait(qtbot, lambda: page.findChildren(ConflictCard))
    shown = all_words(page)
    assert all(number in shown for number in ("13800138000", "13911112222", "13933334444"))
    assert "林晓静" in shown
    press(page.findChildren(ConflictCard)[0], "用本机的")
    wait(qtbot, lambda: "没有冲突" in all_words(page))
    offices.sync_now(root.desk)
    offices.sync_now(other)
    with other.read() as work:
        assert work.get(Customer, customer.id).mobile == "13911112222"
    other.close()


def test_a_withdrawn_device_ends_at_the_door(
    root: Root, window: MainWindow, qtbot: QtBot, sqlite_office: HeadOffice, staff_id: uuid.UUID
) -> None:
    """The data are destroyed, the person is told, and the program is as new."""
    assert root.desk is not None
    page = open_page(root, window, qtbot, sqlite_office, staff_id)
    profile, device = root.profile, root.desk.actor.device_id
    with root.desk.begin() as work:
        customers.create(work, {"name": "王小明"})
    publish(sqlite_office.database, "staff", staff_id, {"branch": "北京分公司"})
    Enrolment(sqlite_office.database, load_key(sqlite_office.database)).revoke(device)
    page.sync_button.click()
    wait(qtbot, lambda: root.window is None and root.door is not None)
    wait(qtbot, lambda: root.desk is None)
    assert not profile.key_file.exists()
    assert not profile.database.exists()
    assert root.door is not None
    dialogs = [found for found in root.door.findChildren(QDialog) if found.isVisible()]
    assert any("停用" in all_words(found) for found in dialogs)
    for found in dialogs:
        found.close()


def all_words(parent: QWidget) -> str:
    """Every text that a widget shows."""
    from PySide6.QtWidgets import QLabel

    return "\n".join(found.text() for found in parent.findChildren(QLabel) if not found.isHidden())


def test_the_day_is_synced_when_head_office_comes_into_reach(
    root: Root, window: MainWindow, qtbot: QtBot, sqlite_office: HeadOffice, staff_id: uuid.UUID
) -> None:
    """Nobody asks for it; with the setting off nothing starts, and the window still says that it is in reach."""
    assert root.desk is not None
    assert root.watch is not None
    offices.enrol(root.desk, sqlite_office.address, sqlite_office.code(staff_id))
    with root.desk.begin() as work:
        customers.create(work, {"name": "王小明"})
    root.settings.autosync = False
    root.watch.look()
    wait(qtbot, lambda: "已联机" in all_words(window))
    assert waiting(root) == 1
    root.settings.autosync = True
    root.watch.in_reach = False
    root.watch.look()
    wait(qtbot, lambda: waiting(root) == 0)
    assert window.page != "syncing"


def test_out_of_reach_nothing_starts_and_nothing_is_said(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """A desk that nobody enrolled looks for nobody."""
    assert root.watch is not None
    with qtbot.waitSignal(root.watch.looked, timeout=10_000) as told:
        root.watch.look()
    assert told.args == [False]


def waiting(root: Root) -> int:
    """How many changes wait for head office."""
    assert root.desk is not None
    with root.desk.read() as work:
        return syncing.pending(work)
