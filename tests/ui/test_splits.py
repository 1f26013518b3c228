"""Two halves stand side by side where they fit, and one above the other where they do not; the handle stays put."""

import json

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from insuragent.settings import Settings
from insuragent.ui import splits
from insuragent.ui.splits import Halves, split


class Half(QWidget):
    """One that needs 300 pixels."""

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 20)


@pytest.fixture
def halves(qtbot: QtBot, settings: Settings) -> Halves:
    """Two halves that need 300 pixels each."""
    made = split(settings, "here", (400, 488), Half(), Half())
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


def test_narrow_halves_stand_below_one_another(halves: Halves) -> None:
    """In large print or a small window neither half is cut; each keeps room for some lines."""
    assert halves.is_wide
    assert halves.minimumSizeHint().width() < 600, "the window may become narrower than both together"
    halves.resize(500, 900)
    assert not halves.is_wide
    lines = halves.fontMetrics().lineSpacing()
    assert all(half.height() > 10 * lines for half in halves._halves())
    halves.resize(900, 400)
    assert halves.is_wide


def test_the_handle_is_remembered_for_halves_side_by_side(halves: Halves, settings: Settings, qtbot: QtBot) -> None:
    """Heights that the halves have below one another are not taken for widths later."""
    halves.resize(500, 900)
    halves.splitterMoved.emit(300, 1)
    qtbot.wait(splits._REST + 100)
    assert not settings.splitters
    halves.resize(900, 400)
    halves.setSizes([350, 538])
    halves.splitterMoved.emit(350, 1)
    qtbot.waitUntil(lambda: bool(settings.splitters), timeout=10_000)
    assert json.loads(settings.splitters) == {"here": halves.sizes()}
