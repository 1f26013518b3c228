"""Ctrl+K: found by Chinese, initials or pinyin, run by keys, the last used first."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from insuragent.ui.palette import Palette, PaletteEntry, readings, score


@pytest.fixture
def done() -> list[str]:
    """What was run, in order."""
    return []


@pytest.fixture
def window(theme, qtbot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made).addWidget(QLineEdit())
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def palette(window: QWidget, done: list[str]) -> Palette:
    made = Palette(window)

    def entries() -> list[PaletteEntry]:
        names = ("工作台", "客户", "新建客户", "立即同步")
        return [PaletteEntry(name, name, partial(done.append, name)) for name in names]

    made.add_provider(entries)
    return made


def type_chinese(field: QLineEdit, text: str) -> None:
    """As an input method commits it; key clicks carry no Chinese."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


def test_initials_and_pinyin_of_a_title() -> None:
    """Both ways that people type a Chinese title without an input method."""
    assert readings("新建客户") == ("xjkh", "xinjiankehu")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("kh", ["客户", "新建客户"]),
        ("xinjian", ["新建客户"]),
        ("KEHU", ["客户", "新建客户"]),
        ("zzz", []),
    ],
)
def test_latin_letters_find_chinese_titles(palette: Palette, qtbot, typed: str, expected: list[str]) -> None:
    """Initials, pinyin and capitals all find; what begins so stands before what contains it."""
    palette.open()
    qtbot.keyClicks(palette.field, typed)
    assert palette.titles == expected


def test_an_exact_title_beats_its_reading() -> None:
    """Chinese typed means Chinese wanted."""
    assert score("客户", "客户") > score("客户", "kh") > score("客户", "hu") > score("客户", "x") == 0


def test_keys_choose_run_and_close(palette: Palette, qtbot, done: list[str]) -> None:
    """Down, Enter: the second is run and the palette is gone; the list turns over at its ends."""
    palette.open()
    type_chinese(palette.field, "客户")
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["新建客户"]
    assert not palette.isVisible()
    palette.open()
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert done[1] == "立即同步"


def test_the_last_used_comes_first(palette: Palette, qtbot) -> None:
    """Opening and pressing Enter repeats what was done last."""
    palette.open()
    qtbot.keyClicks(palette.field, "ljtb")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    assert palette.titles[0] == "立即同步"
    assert len(palette.titles) == 4


def test_escape_gives_the_focus_back(palette: Palette, window: QWidget, qtbot, done: list[str]) -> None:
    """Closing without a choice leaves everything as it was."""
    before = window.findChild(QLineEdit)
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    palette.open()
    qtbot.waitUntil(palette.field.hasFocus)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert before.hasFocus()
    assert done == []


def test_a_late_answer_to_an_older_text_is_not_shown(palette: Palette, qtbot, done: list[str]) -> None:
    """Customers are looked for beside the window; only the answer to what stands there now counts."""
    asked: dict[str, object] = {}
    palette.add_finder(lambda typed, found: asked.update({typed: found}))
    palette.open()
    qtbot.keyClicks(palette.field, "ch")
    chen = PaletteEntry("c1", "陈雪峰", partial(done.append, "陈雪峰"), detail="138****2054")
    asked["c"]([PaletteEntry("c0", "曹操", done.clear)])
    asked["ch"]([chen])
    assert palette.titles == ["陈雪峰"]
    palette.run_current()
    assert done == ["陈雪峰"]


def test_help_stands_behind_the_customers_that_are_found(palette: Palette, qtbot) -> None:
    """王 is in the reading of 忘记口令 too; who types a name wants the customer."""
    palette.add_provider(lambda: [PaletteEntry("help", "忘记口令", lambda: None, is_behind=True)])
    palette.add_finder(lambda _typed, take: take([PaletteEntry("wang", "王建国", lambda: None)]))
    palette.open()
    qtbot.keyClicks(palette.field, "wang")
    assert palette.titles == ["王建国", "忘记口令"]


def test_nothing_found_says_so_and_enter_does_nothing(palette: Palette, qtbot, done: list[str]) -> None:
    """An empty list is a sentence, and Enter on it is harmless."""
    palette.open()
    qtbot.keyClicks(palette.field, "qqqq")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not palette.list.isVisible()
    assert done == []
