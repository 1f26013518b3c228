"""The whole desk off-screen, from the door on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from insuragent.app import Root
from insuragent.services import desk as desks
from insuragent.settings import Profile
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import CHEAP, PASSPHRASE


def pytest_configure(config: pytest.Config) -> None:
    # The off-screen platform says this of every window with a smallest size.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture
def root(qapp: QApplication, tmp_path: Path) -> Iterator[Root]:
    """The desk on an empty profile, as it is started."""
    profile = Profile(tmp_path / "profile")
    profile.prepare()
    with desk_of(profile, qapp) as made:
        yield made


@contextmanager
def desk_of(profile: Profile, qapp: QApplication) -> Iterator[Root]:
    """The desk on a profile for the length of a block; nothing of it is left behind."""
    hook = sys.excepthook
    made = Root(profile, qapp)
    yield made
    sys.excepthook = hook
    for widget in (made.window, made.door):
        if widget is not None:
            widget.close()
            widget.deleteLater()
    made.close()
    # Timers and tasks of this desk must not fire into the next test.
    made.deleteLater()
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(root: Root, no_ring: None) -> MainWindow:
    """The open window of a new desk."""
    desk, _code = desks.create(root.profile, PASSPHRASE, CHEAP)
    return root.open_window(desk)
