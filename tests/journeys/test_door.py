"""Through the door: first run, wrong passphrase, unlock, lock, recovery, and a profile that is damaged."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.errors import StoreLocked
from insuragent.models import Deed, Entry
from insuragent.services import desk as desks
from insuragent.settings import Profile
from insuragent.ui.first_run import FirstRunScreen
from insuragent.ui.unlock import UnlockScreen

PASSPHRASE = "晨光照在小河上 2026"
NEW = "秋天的柿子树 8 棵"


def screen(root: Root) -> Any:
    """What the door shows."""
    assert root.door is not None
    return root.door.screen_shown


def first_run(root: Root, qtbot: QtBot) -> str:
    """Choose a passphrase, keep the code, open the window; returns the recovery code."""
    root.start()
    shown = screen(root)
    assert isinstance(shown, FirstRunScreen)
    shown.passphrase_chosen.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: bool(shown._code), timeout=20_000)
    shown.finished.emit()
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)
    return str(shown._code)


def lock(root: Root, qtbot: QtBot) -> UnlockScreen:
    """Lock the window; returns the lock screen."""
    assert root.window is not None
    root.window.lock("asked")
    qtbot.waitUntil(lambda: root.desk is None, timeout=10_000)
    shown = screen(root)
    assert isinstance(shown, UnlockScreen)
    return shown


def test_first_run_lock_and_unlock(root: Root, qtbot: QtBot) -> None:
    """A day's frame: the window opens, locks, refuses a wrong passphrase with words, and opens for the right one."""
    first_run(root, qtbot)
    shown = lock(root, qtbot)
    shown.unlock_asked.emit("falsch")
    qtbot.waitUntil(lambda: "口令不正确" in shown._said.text(), timeout=20_000)
    assert root.window is None
    shown.unlock_asked.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)
    assert root.desk is not None
    with root.desk.read() as work:
        deeds = [entry.deed for entry in work.session.query(Entry).order_by(Entry.number)]
    assert deeds == [Deed.UNLOCK, Deed.LOCK, Deed.UNLOCK]


def test_the_recovery_code_opens_and_sets_a_new_passphrase(root: Root, qtbot: QtBot) -> None:
    """A forgotten passphrase loses nothing."""
    code = first_run(root, qtbot)
    shown = lock(root, qtbot)
    shown.recover_asked.emit(code, NEW)
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)
    shown = lock(root, qtbot)
    shown.unlock_asked.emit(NEW)
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)


def test_an_emptied_database_is_told_at_the_door(root: Root, qtbot: QtBot) -> None:
    """What happened, what is safe, what to do: and the file is not touched."""
    first_run(root, qtbot)
    shown = lock(root, qtbot)
    for file in root.profile.folder.glob("store.db*"):
        file.write_bytes(b"")
    shown.unlock_asked.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: "资料文件缺失或为空" in shown._said.text(), timeout=20_000)
    assert root.profile.database.stat().st_size == 0


def test_a_second_window_is_told(root: Root, qtbot: QtBot) -> None:
    """Two windows on one profile: the second says that the first is open."""
    first_run(root, qtbot)
    with pytest.raises(StoreLocked) as told:
        desks.unlock(Profile(root.profile.folder), PASSPHRASE)
    assert told.value.advice
