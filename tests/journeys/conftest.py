"""The whole desk off-screen, from the door on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from insuragent.app import Root
from insuragent.settings import Profile


def pytest_configure(config: pytest.Config) -> None:
    # The off-screen platform says this of every window with a smallest size.
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture
def root(qapp: QApplication, tmp_path: Path) -> Iterator[Root]:
    """The desk on an empty profile, as it is started."""
    profile = Profile(tmp_path / "profile")
    profile.prepare()
    made = Root(profile, qapp)
    yield made
    if made.window is not None:
        made.window.close()
    if made.door is not None:
        made.door.close()
    made.close()
