"""Tabs of a narrow part: none is cut, and each is reached."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from insuragent.ui.tabs import Tabs

NAMES = ["基本", "家庭 1", "需求 1", "说明书 12", "拜访 2", "投诉", "同意", "文书", "留痕"]


@pytest.fixture
def tabs(qtbot: QtBot) -> Tabs:
    made = Tabs("客户资料")
    for name in NAMES:
        made.addTab(QLabel(name), name)
    qtbot.addWidget(made)
    made.resize(320, 200)
    made.show()
    return made


def seen(tabs: Tabs) -> list[str]:
    return [tabs.tabText(place) for place in range(tabs.count()) if tabs.isTabVisible(place)]


def offered(tabs: Tabs) -> list[str]:
    tabs.more.menu().aboutToShow.emit()
    return [choice.text() for choice in tabs.more.menu().actions()]


def fits(tabs: Tabs) -> bool:
    """Whether what is seen starts at the left edge and ends before the menu."""
    QApplication.processEvents()
    places = [tabs.tabBar().tabRect(place) for place in range(tabs.count()) if tabs.isTabVisible(place)]
    end = tabs.more.x() if tabs.more.isVisible() else tabs.width()
    return bool(places[0].left() == 0 and places[-1].right() < end)


def test_what_has_no_room_is_in_the_menu(tabs: Tabs) -> None:
    assert seen(tabs) + offered(tabs) == NAMES
    assert 1 < len(seen(tabs)) < len(NAMES)
    assert fits(tabs)


def test_with_room_for_all_there_is_no_menu(tabs: Tabs) -> None:
    tabs.resize(1200, 200)
    assert seen(tabs) == NAMES
    assert not tabs.more.isVisible()
    tabs.resize(320, 200)
    assert tabs.more.isVisible()


def test_one_of_the_menu_comes_to_the_front_and_is_seen(tabs: Tabs) -> None:
    """The last of those that had room goes into the menu for it."""
    offered(tabs)
    tabs.more.menu().actions()[-1].trigger()
    assert tabs.currentIndex() == NAMES.index("留痕")
    assert seen(tabs)[-1] == "留痕"
    assert sorted(seen(tabs) + offered(tabs)) == sorted(NAMES)
    assert fits(tabs)


def test_the_part_itself_can_be_named(tabs: Tabs) -> None:
    tabs.setCurrentWidget(tabs.widget(7))
    assert tabs.currentIndex() == 7
    assert "文书" in seen(tabs)


def test_a_longer_title_makes_room_for_itself(tabs: Tabs) -> None:
    before = len(seen(tabs))
    tabs.name(0, "基本资料和联系方式")
    assert fits(tabs)
    assert len(seen(tabs)) < before


def test_what_is_not_offered_is_in_neither(tabs: Tabs) -> None:
    for place in range(1, len(NAMES)):
        tabs.offer(place, there=False)
    assert seen(tabs) == ["基本"]
    assert not tabs.more.isVisible()
    for place in range(1, len(NAMES)):
        tabs.offer(place, there=True)
    assert seen(tabs) + offered(tabs) == NAMES


def test_by_keys(tabs: Tabs, qtbot: QtBot) -> None:
    """The arrows go over the titles that are seen; the menu is a button like any other."""
    tabs.tabBar().setFocus()
    qtbot.keyClick(tabs.tabBar(), Qt.Key.Key_Right)
    assert tabs.currentIndex() == 1
    assert tabs.more.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert tabs.more.accessibleName()


@pytest.mark.parametrize("front", [0, 4, 8])
@pytest.mark.parametrize("width", range(120, 900, 60))
def test_at_any_width(tabs: Tabs, width: int, front: int) -> None:
    tabs.setCurrentIndex(front)
    tabs.resize(width, 200)
    tabs.name(front, "很长的新名称")
    tabs.name(front, NAMES[front])
    assert sorted(seen(tabs) + offered(tabs)) == sorted(NAMES)
    assert fits(tabs) or len(seen(tabs)) == 1
