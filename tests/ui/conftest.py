"""What the window's tests share: an off-screen application in our look, and tasks over a store that is only counted."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from insuragent.settings import Settings
from insuragent.ui.tasks import Tasks
from insuragent.ui.theme import Theme


def pytest_configure(config: pytest.Config) -> None:
    # The off-screen platform says this of every window with a smallest size.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


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
    return Theme(qapp)


@pytest.fixture
def theme(dressed: Theme) -> Theme:
    """The theme, light and at 100 %."""
    dressed.apply("light", 100)
    return dressed


@pytest.fixture
def settings() -> Settings:
    return Settings()
