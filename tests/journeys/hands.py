"""What the journeys do with a window: wait for it, read it, and look into the store behind it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.security.keys import KdfCost
from insuragent.ui.main_window import MainWindow

PASSPHRASE = "晨光照在小河上 2026"
CHEAP = KdfCost(memory_kib=8192, iterations=1, lanes=1)


def wait(qtbot: QtBot, ready: Callable[[], object]) -> None:
    """Until the store's thread has answered and the window shows it."""
    qtbot.waitUntil(lambda: bool(ready()), timeout=15_000)


def all_of(root: Root, kind: Any) -> list[Any]:
    """Every record of a kind, the oldest first."""
    assert root.desk is not None
    with root.desk.read() as work:
        return list(work.session.query(kind).order_by(kind.number))


def newest(root: Root, kind: Any) -> Any:
    """The newest record of a kind, or None."""
    found = all_of(root, kind)
    return found[-1] if found else None


def all_words(parent: QWidget) -> str:
    """Every text that a widget shows."""
    return "\n".join(found.text() for found in parent.findChildren(QLabel) if not found.isHidden())


def press_in_note(window: MainWindow, note: str, words: str, qtbot: QtBot) -> None:
    """Press a button of the note that says ``note``, once it is there."""
    shown = window.toaster._toasts
    wait(qtbot, lambda: any(note in toast.text for toast in shown))
    toast = next(toast for toast in reversed(shown) if note in toast.text)
    next(button for button in toast.findChildren(QPushButton) if button.text() == words).click()
