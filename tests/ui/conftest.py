"""What the window's tests share: an off-screen application in our look, and tasks over a store that is only counted."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from insuragent import demo
from insuragent.app import Root
from insuragent.demo import people, seeding
from insuragent.models import Staff
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.settings import Profile, Settings
from insuragent.ui.tasks import Tasks
from insuragent.ui.theme import Theme

DEVICE = "0a1b2c3d4e5f"


def pytest_configure(config: pytest.Config) -> None:
    # The off-screen platform says this of every window with a smallest size.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@contextmanager
def lively_window(qapp: QApplication, folder: Path) -> Iterator[Root]:
    """The demo's desk in its window, always of the same agent and device."""
    hook = sys.excepthook
    profile = Profile(folder / "profile")
    root = Root(profile, qapp)
    desk, _code = desks.create(profile, people.PASSPHRASE, KdfCost(memory_kib=8192, iterations=1, lanes=1))
    seeding.appoint(desk)
    with desk.read() as work:
        agent = seeding.newest(work, Staff)
    desk.sign_in(agent, DEVICE)
    demo.seed(desk)
    root.open_window(desk)
    yield root
    assert root.window is not None
    root.window.close()
    root.window.deleteLater()
    root.close()
    root.deleteLater()
    sys.excepthook = hook
    # What is left of a window is dressed anew with each theme of the tests that follow.
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class FakeWork:
    """A unit of work without a store: what it changed is what the use case puts there."""

    def __init__(self) -> None:
        self.changed: set[tuple[str, UUID]] = set()
        self.committed = False


@pytest.fixture
def works() -> list[FakeWork]:
    """The units of work that were opened, in order."""
    return []


@pytest.fixture
def begin(works: list[FakeWork]) -> Callable[[], AbstractContextManager[FakeWork]]:
    @contextmanager
    def opened() -> Iterator[FakeWork]:
        work = FakeWork()
        works.append(work)
        yield work
        work.committed = True

    return opened


@pytest.fixture
def tasks(qapp: QApplication, begin: Callable[[], AbstractContextManager[FakeWork]]) -> Iterator[Tasks[FakeWork]]:
    made = Tasks(begin)
    yield made
    made.close()


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> Theme:
    """The one theme of the test application."""
    theme = Theme(qapp)
    theme.load_bold()
    return theme


@pytest.fixture
def theme(dressed: Theme) -> Theme:
    """The theme, light and at 100 %."""
    dressed.apply("light", 100)
    return dressed


@pytest.fixture
def settings() -> Settings:
    return Settings()
