"""Two halves stand side by side where they fit, and one above the other where they do not; the handle stays put."""

import json

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from insuragent.settings import Settings
from insuragent.ui import splits
from insuragent.ui.areas import scrolled
from insuragent.ui.layout import column, host
from insuragent.ui.splits import Columns, Halves, split, stack
from insuragent.ui.theme import Theme
from insuragent.ui.widgets import label


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


def test_what_scrolls_in_a_half_is_opened_up_where_the_page_scrolls(
    theme: Theme, settings: Settings, qtbot: QtBot
) -> None:
    """One above the other no half hides lines of a short list in a scroll bar of its own; side by side it may."""
    lines = [QLabel(f"第 {number} 行") for number in range(20)]
    area = scrolled(column(*lines))
    made = split(settings, "listed", (400, 488), host(column(area)), Half())
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.show()
    assert area.verticalScrollBar().maximum() > 0
    made.resize(400, 1500)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0 and area.height() >= area.widget().height())
    made.resize(900, 200)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)


def test_a_part_of_a_stack_is_never_lower_than_its_words(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    """A wrapped sentence and the button below it stay whole, however little the handle leaves them."""
    words, end = (
        label("已于 2026-11-27 11:29 签署并锁定，归档后不能修改，随同步送到总公司。", wrap=True),
        QLabel("作废"),
    )
    lower = host(column(words, end))
    made = stack(settings, "pages", (400, 1), QWidget(), lower)
    qtbot.addWidget(made)
    made.resize(140, 500)
    made.show()
    made.setSizes([499, 1])
    qtbot.waitUntil(
        lambda: lower.rect().contains(end.geometry()) and words.height() >= words.heightForWidth(words.width())
    )
    assert made.orientation() is Qt.Orientation.Vertical


def test_the_handle_of_a_stack_is_remembered(theme: Theme, settings: Settings, qtbot: QtBot) -> None:
    """It opens as it was left."""
    made = stack(settings, "pages", (300, 200), QWidget(), QWidget())
    qtbot.addWidget(made)
    made.resize(200, 512)
    made.show()
    made.setSizes([100, 400])
    made.splitterMoved.emit(100, 1)
    qtbot.waitUntil(lambda: bool(settings.splitters), timeout=10_000)
    again = stack(settings, "pages", (300, 200), QWidget(), QWidget())
    qtbot.addWidget(again)
    again.resize(200, 512)
    again.show()
    assert again.sizes() == made.sizes() == [100, 400]


@pytest.mark.parametrize(("width", "across"), [(1300, 4), (1235, 2), (700, 2), (500, 1)])
def test_columns_stand_all_in_a_row_or_by_halves_or_one_by_one(qtbot: QtBot, width: int, across: int) -> None:
    """Four figures of 300 pixels: never three and one, and all of the same width."""
    parts = [Half() for _number in range(4)]
    page = QWidget()
    columns = shown_in(page, Columns(*parts, spacing=12), qtbot)
    columns.resize(width, 400)
    qtbot.waitUntil(lambda: len({part.y() for part in parts}) == len(parts) // across)
    assert max(part.width() for part in parts) - min(part.width() for part in parts) <= 1


def shown_in(page: QWidget, columns: Columns, qtbot: QtBot) -> Columns:
    """Columns in a page that may be narrower than they are at first."""
    qtbot.addWidget(page)
    columns.setParent(page)
    page.resize(1400, 600)
    page.show()
    return columns


def test_columns_in_another_order_are_walked_in_it(qtbot: QtBot) -> None:
    """What is explained first stands first, and Tab goes that way."""
    first, second, third = Half(), Half(), Half()
    for part in (first, second, third):
        part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    page = QWidget()
    columns = shown_in(page, Columns(first, second, third), qtbot)
    columns.resize(1000, 100)
    columns.reorder(second, first, third)
    qtbot.waitUntil(lambda: second.x() < first.x() < third.x())
    walked = [page]
    while (following := walked[-1].nextInFocusChain()) is not page:
        walked.append(following)
    assert walked.index(second) < walked.index(first) < walked.index(third)
