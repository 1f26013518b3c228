"""Through the door: first run, wrong passphrase, unlock, lock, recovery, and a profile that is damaged."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from insuragent import app
from insuragent.app import Root
from insuragent.errors import StoreReadOnly
from insuragent.models import Deed, Entry
from insuragent.services import backups
from insuragent.services import desk as desks
from insuragent.settings import Profile
from insuragent.ui import theme
from insuragent.ui.backup_watch import BackupWatch
from insuragent.ui.first_run import FirstRunScreen
from insuragent.ui.unlock import UnlockScreen
from tests.journeys.conftest import desk_of
from tests.offices import CHEAP

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


def test_the_door_is_seen_before_the_bold_cut_is_read(
    root: Root, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock screen stands there after a moment: what is large is read behind its first painting, and once."""
    happened: list[str] = []
    paint = app.Door.paintEvent

    def seen(door: app.Door, event: QPaintEvent) -> None:
        happened.append("seen")
        paint(door, event)

    monkeypatch.setattr(theme, "_load_font", happened.append)
    monkeypatch.setattr(app.Door, "paintEvent", seen)
    root.start()
    qtbot.waitUntil(lambda: "Bold" in happened, timeout=10_000)
    root.theme.load_bold()
    assert happened.index("seen") < happened.index("Bold")
    assert happened.count("Bold") == 1


def test_the_recovery_code_opens_and_sets_a_new_passphrase(root: Root, qtbot: QtBot) -> None:
    """A forgotten passphrase loses nothing."""
    code = first_run(root, qtbot)
    shown = lock(root, qtbot)
    shown.recover_asked.emit(code, NEW)
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)
    shown = lock(root, qtbot)
    shown.unlock_asked.emit(NEW)
    qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)


def refused(root: Root, qtbot: QtBot, words: str) -> str:
    """Type the right passphrase at the lock screen; what is told, which holds ``words``, and nothing opens."""
    shown = screen(root)
    assert isinstance(shown, UnlockScreen)
    shown.unlock_asked.emit(PASSPHRASE)
    qtbot.waitUntil(lambda: words in shown._said.text(), timeout=20_000)
    assert root.window is None
    return str(shown._said.text())


def files(root: Root) -> dict[str, bytes]:
    """What the profile holds of records and keys."""
    return {path.name: path.read_bytes() for path in root.profile.folder.glob("store.*") if path.suffix != ".lock"}


def _no_database(folder: Path) -> None:
    for file in folder.glob("store.db*"):
        file.write_bytes(b"")


def _no_key(folder: Path) -> None:
    (folder / "store.key").unlink()


def _emptied_key(folder: Path) -> None:
    (folder / "store.key").write_bytes(b"")


def _damaged_page(folder: Path) -> None:
    data = bytearray((folder / "store.db").read_bytes())
    data[2000] ^= 1
    (folder / "store.db").write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "happened", "advice"),
    [
        (_no_database, "资料文件缺失或为空", "备份"),
        (_no_key, "密钥文件缺失", "备份"),
        (_emptied_key, "密钥文件", "备份"),
        (_damaged_page, "资料文件已损坏", "备份"),
    ],
)
def test_what_is_missing_or_damaged_is_told_at_the_door(
    root: Root, qtbot: QtBot, harm: Callable[[Path], None], happened: str, advice: str
) -> None:
    """What happened, what is safe, what to do: and nothing is written over."""
    first_run(root, qtbot)
    lock(root, qtbot)
    harm(root.profile.folder)
    left = files(root)
    assert advice in refused(root, qtbot, happened)
    assert files(root) == left


def test_a_newer_schema_is_told_at_the_door(root: Root, qtbot: QtBot) -> None:
    """The file of a newer program is left as it is."""
    first_run(root, qtbot)
    assert root.desk is not None
    with root.desk.store.engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    lock(root, qtbot)
    assert "最新版程序" in refused(root, qtbot, "由更新版本的程序写入")


def test_a_full_disk_is_told_at_the_door(qapp: QApplication, qtbot: QtBot, small_disk: Path) -> None:
    """At the door there is no form to be saved again; once there is space the desk opens, and nothing is lost."""
    profile = Profile(small_disk / "profile")
    desks.create(profile, PASSPHRASE, CHEAP)[0].close()
    full = small_disk / "full"
    with contextlib.suppress(OSError), full.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with desk_of(profile, qapp) as root:
        root.start()
        assert "刚才的修改" not in refused(root, qtbot, "磁盘空间不足，不能打开资料")
        full.unlink()
        screen(root).unlock_asked.emit(PASSPHRASE)
        qtbot.waitUntil(lambda: root.window is not None, timeout=20_000)


def test_a_read_only_folder_is_told_at_the_door(
    qapp: QApplication, qtbot: QtBot, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program as it is started: the lock screen comes, says so, and refuses; the log is no reason to fail."""
    profile = Profile(small_disk / "profile")
    desks.create(profile, PASSPHRASE, CHEAP)[0].close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    trouble = app.prepare(profile)
    assert isinstance(trouble, StoreReadOnly)
    with desk_of(profile, qapp) as root:
        root.start(trouble)
        assert "资料夹不可写" in screen(root)._said.text()
        assert "权限" in refused(root, qtbot, "资料夹不可写")


@pytest.mark.parametrize("place", ["/dev/null/desk", "/proc/desk"])
def test_an_impossible_folder_is_told_on_the_first_screen(qapp: QApplication, place: str) -> None:
    """Started with --profile somewhere that can never be: a window with words, no fault of ours."""
    profile = Profile(Path(place))
    with desk_of(profile, qapp) as root:
        root.start(app.prepare(profile))
        assert isinstance(screen(root), FirstRunScreen)
        assert "资料夹不可写" in screen(root)._said.text()


def test_the_program_shows_its_door_on_an_impossible_folder() -> None:
    """As a process: it paints a window and ends as it is told, rather than with a fault."""
    environment = os.environ | {"INSURAGENT_MEASURE": "lock", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "insuragent", "--profile", "/dev/null/desk"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert (ended.returncode, ended.stdout) == (0, "painted\n"), ended.stderr
    assert "我们的问题" not in ended.stderr


def test_without_a_display_the_program_says_so() -> None:
    """In words, where Qt would end the process."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-m", "insuragent"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert ended.returncode == 1
    assert "没有可用的显示器" in ended.stderr


def test_a_second_window_is_told(root: Root, qapp: QApplication, qtbot: QtBot) -> None:
    """Two windows on one profile: the second says that the first is open, and the first works on."""
    first_run(root, qtbot)
    with desk_of(Profile(root.profile.folder), qapp) as second:
        second.start()
        assert "已打开的窗口" in refused(second, qtbot, "已在另一个窗口中打开")
    assert root.desk is not None
    with root.desk.begin() as work:
        work.set_note("still", True)


def test_a_backup_is_made_beside_the_open_window(root: Root, qtbot: QtBot, tmp_path: Path) -> None:
    """Every window watches whether one is due; the file it makes brings the desk back."""
    first_run(root, qtbot)
    assert root.window is not None
    (watch,) = root.window.findChildren(BackupWatch)
    assert watch._timer.isActive()
    watch.look()
    qtbot.waitUntil(lambda: len(list(root.profile.backups.glob("insuragent-*.zip"))) == 1, timeout=20_000)
    (made,) = root.profile.backups.glob("insuragent-*.zip")
    back = Profile(tmp_path / "back")
    backups.restore(made, back, PASSPHRASE)
    desks.unlock(back, PASSPHRASE).close()


def test_a_backup_that_fails_is_told(root: Root, qtbot: QtBot) -> None:
    """Whoever relies on a daily backup must hear that there is none today."""
    first_run(root, qtbot)
    root.profile.backups.write_bytes(b"in the way")
    assert root.window is not None
    (watch,) = root.window.findChildren(BackupWatch)
    watch.look()
    toaster = root.window.context.toaster
    qtbot.waitUntil(lambda: any("自动备份没有完成" in text for text in toaster.texts), timeout=20_000)
