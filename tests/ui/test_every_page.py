"""Every page of a lively desk: nothing is cut in a small window or in large print, and Tab leads to everything."""

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStatusBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import set_language
from insuragent.ui import idle
from insuragent.ui.calendar_grid import CalendarGrid
from insuragent.ui.charts import Chart
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages import PAGES
from insuragent.ui.parts.conflict_card import ConflictCard
from insuragent.ui.signature import SignaturePad
from insuragent.ui.splits import Halves
from insuragent.ui.widgets import KpiCard, ShortLabel
from tests.ui.conftest import lively_window
from tools.scenes import BARE, SCENES, still

NAMES = [page.name for page in PAGES]
#: Scenes that show another side of a page.
OTHERS = ("customer", "complaint", "visit", "sheet-checks")
#: And those that are looked at for their room alone.
DIALOGS = ("comparison", "sync-receipt")
SIZES = ((1366, 768), (1024, 700))
SCALES = (100, 150, 200)
#: What a hand can do something with.
ACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    CalendarGrid,
    Chart,
    ConflictCard,
    KpiCard,
    SignaturePad,
)
MOST_STOPS = 200
#: How long a page is given to find its place, and how long it may take, in seconds.
REST, LONGEST = 0.1, 5.0


@pytest.fixture(scope="module")
def root(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """The demo's desk in its window, which nobody leaves however long a picture takes."""
    with pytest.MonkeyPatch.context() as patch, lively_window(qapp, tmp_path_factory.mktemp("pages")) as made:
        patch.setattr(idle, "JUMP", 3600)
        yield made
    set_language("zh")


def shown(root: Root) -> MainWindow:
    """The window, which is made anew in another language."""
    assert root.window is not None
    return root.window


# --- room ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_scrolls_sideways(root: Root, language: str) -> None:
    """At 100 to 200 %, on a usual screen and a small one; a list shows as many columns as it has room for.

    No words are cut either, nothing lies on anything else, and no half scrolls beside its page.
    """
    root.settings.language = language
    found = []
    for scale in SCALES:
        root.settings.text_scale = scale
        others = (*OTHERS, *DIALOGS) if scale == max(SCALES) else ()
        found += [f"{told} at {scale} %" for name in (*NAMES, *others) for told in too_wide(root, name)]
    assert found == []


def too_wide(root: Root, name: str) -> list[str]:
    """What scrolls sideways in a scene, and by how much."""
    assert root.desk is not None
    window = shown(root)
    part = BARE[name](window, root.desk)
    found = []
    for size in SIZES:
        window.resize(*size)
        if part is not window:  # a dialog fits itself to the window when it is shown
            part.hide()
            part.show()
        end = time.monotonic() + LONGEST
        settle(root.application)
        while (
            over := [*sideways(part), *shortened(part), *crowded(part)]
        ) and time.monotonic() < end:  # the store may still answer
            settle(root.application)
        found += [f"{name} at {size}: {told}" for told in over]
        assert window.size().toTuple() == size, f"{name} makes the window wider than {size}"
        assert part.width() <= size[0], f"{name} is wider than the window of {size}"
    if part is not window:
        part.close()
    return found


def shortened(part: QWidget) -> list[str]:
    """Words that are cut now: a label or a button that is narrower or lower than what it says."""
    words = [one for one in part.findChildren(QWidget) if isinstance(one, QLabel | QPushButton) and one.isVisible()]
    kept = [one for one in words if not isinstance(one, ShortLabel) and one.property("role") != "search"]
    kept = [one for one in kept if not isinstance(one.parentWidget().parentWidget(), QStatusBar)]
    cut = [one for one in kept if not roomy(one)]
    return [f"{told(one)} has {one.size().toTuple()} of {one.sizeHint().toTuple()}" for one in cut]


def roomy(words: QWidget) -> bool:
    """Whether a label or a button has room for all that it says."""
    if isinstance(words, QLabel) and words.wordWrap():
        return words.height() >= words.heightForWidth(words.width())
    wanted = words.sizeHint() - QSize(1, 1)  # half a pixel is rounded up in the wish and down in the place
    return words.width() >= wanted.width() and words.height() >= wanted.height()


def sideways(part: QWidget) -> list[str]:
    """What can be scrolled sideways now."""
    areas = [area for area in part.findChildren(QAbstractScrollArea) if area.isVisible()]
    shut = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    over = [one for one in areas if one.horizontalScrollBarPolicy() is not shut and one.horizontalScrollBar().maximum()]
    inner = [area.widget() if isinstance(area, QScrollArea) else area for area in over]
    return [
        f"{type(part).__name__} {area.accessibleName()} by {area.horizontalScrollBar().maximum()}"
        for area, part in zip(over, inner, strict=True)
    ]


def crowded(part: QWidget) -> list[str]:
    """Parts of a splitter that lie on one another, and halves that scroll by themselves in a page that does."""
    found = []
    for splitter in (one for one in part.findChildren(QSplitter) if one.isVisible()):
        places = [one for at in range(splitter.count()) if (one := splitter.widget(at)).isVisible()]
        found += [
            f"{told(lower)} lies on {told(upper)}"
            for upper, lower in pairwise(places)
            if upper.geometry().intersects(lower.geometry())
        ]
        if isinstance(splitter, Halves) and not splitter.is_wide:
            areas = [one for one in places if isinstance(one, QAbstractScrollArea)]
            found += [f"{told(one)} scrolls in its page" for one in areas if one.verticalScrollBar().maximum()]
    return found


def settle(application: QApplication) -> None:
    """Let the store answer and everything find its place."""
    end = time.monotonic() + REST
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)


def test_the_pen_hits_every_button_of_the_signature(root: Root) -> None:
    """Undo, clear, sign and the steps after it are 44 pixels high at least."""
    assert root.desk is not None
    root.settings.text_scale = 100
    window = shown(root)
    SCENES["sheet-checks"](window, root.desk)
    still(root.application, window)
    page: Any = window.made("sheets")
    heights = {one.text(): one.height() for one in page._signing.findChildren(QPushButton) if one.isVisible()}
    assert len(heights) >= 3
    assert min(heights.values()) >= 44, heights


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_tab_leads_to_everything_and_shows_where_it_is(root: Root, name: str, qtbot: QtBot) -> None:
    """By Tab alone every part that does something is reached, looks focused there, and says what it is."""
    assert root.desk is not None
    root.settings.text_scale = 100
    window = shown(root)
    window.resize(1366, 860)
    SCENES[name](window, root.desk)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    still(root.application, window)
    page = window.made(window.page)
    walked = walk(window, qtbot)
    wanted = [one for one in page.findChildren(QWidget) if active(one)]
    named = [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in walked]
    unlike = [one for one in walked if page.isAncestorOf(one) and not looks_focused(one, window, qtbot)]
    found = {
        "not reached": [told(one) for one in wanted if not reached(one, walked)],
        "without a name": [told(one) for one, name in zip(walked, named, strict=True) if not name],
        "looks the same with the focus": [told(one) for one in unlike],
    }
    assert {fault: parts for fault, parts in found.items() if parts} == {}


def active(part: QWidget) -> bool:
    """Whether a part can be used now, by itself: an icon inside a line is pressed by Alt+Down."""
    if not isinstance(part, ACTIVE) or not part.isVisible() or not part.isEnabled():
        return False
    inside = isinstance(part.parent(), QLineEdit | QAbstractSpinBox | QComboBox | QAbstractItemView | QTabBar)
    return (
        not inside
        and part.property("role") != "inside"
        and not part.metaObject().className().startswith("QTableCorner")
    )


def walk(window: QWidget, qtbot: QtBot) -> list[QWidget]:
    """Where Tab leads, until it comes round."""
    stops: list[QWidget] = []
    while len(stops) < MOST_STOPS:
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        assert here is not None
        if here in stops:
            return stops
        stops.append(here)
    raise AssertionError("Tab does not come round")


def reached(part: QWidget, walked: list[QWidget]) -> bool:
    """Whether Tab led to a part; of exclusive buttons one stands for all, the arrow keys go on."""
    group = part.group() if isinstance(part, QAbstractButton) else None
    return part in walked or (group is not None and group.exclusive() and any(one in walked for one in group.buttons()))


def looks_focused(part: QWidget, window: QWidget, qtbot: QtBot) -> bool:
    """Whether a part looks otherwise with the focus than without."""
    part.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.wait(1)
    focused = part.grab().toImage()
    window.setFocus()
    qtbot.wait(1)
    return bool(part.grab().toImage() != focused)


def told(part: QWidget) -> str:
    """What a part is called in a failure."""
    name = part.accessibleName() or getattr(part, "text", str)()
    return f"{part.metaObject().className()} {name} in {type(part.parent()).__name__}"
