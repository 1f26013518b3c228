"""Whoever leaves the desk leaves it locked: by the clock, by the lid, by the keys, whatever is open just then."""

import datetime as dt
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import time_machine
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from insuragent.models import Customer, Deed, Draft, Entry
from insuragent.services import customers
from insuragent.services import desk as desks
from insuragent.settings import Profile
from insuragent.ui import dialogs, forms
from insuragent.ui.idle import IdleWatch
from insuragent.ui.main_window import MainWindow
from insuragent.ui.unlock import UnlockScreen
from tests.journeys.hands import PASSPHRASE, wait

MORNING = dt.datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


def _nobody_there(window: MainWindow, clock: time_machine.Traveller, _qtbot: QtBot) -> None:
    watch = window.findChild(IdleWatch)
    assert watch is not None
    watch.look()
    for _look in range(watch.minutes * 12 + 1):
        clock.shift(5)
        watch.look()


def _lid_closed(window: MainWindow, clock: time_machine.Traveller, _qtbot: QtBot) -> None:
    watch = window.findChild(IdleWatch)
    assert watch is not None
    watch.look()
    clock.shift(3600)
    watch.look()


def _asked(window: MainWindow, _clock: time_machine.Traveller, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize(
    ("leave", "why"),
    [(_nobody_there, "idle"), (_lid_closed, "sleep"), (_asked, "asked")],
    ids=["idle", "sleep", "keys"],
)
def test_the_desk_is_locked(
    root: Root,
    window: MainWindow,
    qtbot: QtBot,
    leave: Callable[[MainWindow, time_machine.Traveller, QtBot], None],
    why: str,
) -> None:
    """The store is closed, the window is gone, what was typed is kept as a draft, and the journal tells why."""
    assert root.desk is not None
    with root.desk.begin() as work:
        customer = customers.create(work, {"name": "王小明", "doc_no": "11010119900307002X"})
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    remark = page.file.form.editors["remark"].widget
    remark.setPlainText("还没有保存的话")
    store, profile = root.desk.store, root.profile
    with time_machine.travel(MORNING, tick=True) as clock:
        leave(window, clock, qtbot)
        wait(qtbot, lambda: root.desk is None)
    assert (root.window, store.closed) == (None, True)
    assert root.door is not None
    assert isinstance(root.door.screen_shown, UnlockScreen)
    with closing(desks.unlock(profile, PASSPHRASE)) as desk, desk.read() as work:
        told = [entry for entry in work.session.query(Entry) if entry.deed == Deed.LOCK]
        assert [entry.reason for entry in told] == [why]
        assert [draft.record_id for draft in work.session.query(Draft)] == [customer.id]


def test_a_question_that_stands_open_does_not_stay(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Nobody answers it while the desk is locked, and nothing of a customer is read in it."""
    dialogs.ask(window, "归档", "王小明", lambda: None)
    window.lock("idle")
    wait(qtbot, lambda: root.desk is None)
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


def test_what_was_typed_outlives_the_process(
    root: Root, window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept by itself while one types: what lies on the disk at any later moment offers it after the next unlock."""
    monkeypatch.setattr(forms, "DRAFT_EVERY", 50)
    page: Any = window.go("customers")
    page.new_customer()
    page.file.form.take({"name": "王小明", "remark": "还没有保存的话"})

    def kept() -> list[Any]:
        assert root.desk is not None
        with root.desk.read() as work:
            return [draft.values for draft in work.session.query(Draft)]

    wait(qtbot, kept)
    shutil.copytree(root.profile.folder, tmp_path / "after", ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    with closing(desks.unlock(Profile(tmp_path / "after"), PASSPHRASE)) as desk, desk.read() as work:
        (draft,) = work.session.query(Draft)
        assert (draft.values["name"], draft.values["remark"]) == ("王小明", "还没有保存的话")
        assert work.count(Customer) == 0
