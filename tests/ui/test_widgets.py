"""The small parts: searching that waits for a pause, choices, figures, notes and labels."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QWidget

from insuragent.ui.layout import form, form_row, plain
from insuragent.ui.lines import SearchField
from insuragent.ui.progress import ProgressRow
from insuragent.ui.toast import MOST, Toaster
from insuragent.ui.widgets import EmptyState, KpiCard, Segments, number_field


def test_search_waits_for_a_pause_and_escape_empties(theme, qtbot) -> None:
    """Six letters ask once; Esc asks for everything again."""
    field = SearchField("搜索", pause=30)
    qtbot.addWidget(field)
    asked: list[str] = []
    field.searched.connect(asked.append)
    qtbot.keyClicks(field, "chenxf")
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == ["chenxf"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == ""


def test_segments_tell_the_person_s_choice_only(theme, qtbot) -> None:
    """Choosing by code tells nobody, or a page would load twice."""
    segments = Segments("视图", [("day", "日"), ("week", "周")], "week")
    qtbot.addWidget(segments)
    told: list[str] = []
    segments.chosen.connect(told.append)
    segments.choose("day")
    assert (segments.value, told) == ("day", [])
    segments._buttons["week"].click()
    assert (segments.value, told) == ("week", ["week"])


def test_a_figure_leads_on_by_mouse_and_keys(theme, qtbot) -> None:
    """A card that can be clicked can be reached by Tab and pressed by Enter, and reads its figure aloud."""
    card = KpiCard("今日拜访", "calendar-days", clickable=True)
    qtbot.addWidget(card)
    card.show_value("3", "下一场 11:00")
    assert (card.accessibleName(), card.accessibleDescription()) == ("今日拜访 3", "下一场 11:00")
    with qtbot.waitSignal(card.clicked):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(card.clicked):
        qtbot.keyClick(card, Qt.Key.Key_Return)
    plain_card = KpiCard("保费", "users")
    qtbot.addWidget(plain_card)
    with qtbot.assertNotEmitted(plain_card.clicked):
        qtbot.mouseClick(plain_card, Qt.MouseButton.LeftButton)


def test_an_empty_state_offers_what_to_do(theme, qtbot) -> None:
    """Nothing yet is never a dead end."""
    done: list[str] = []
    empty = EmptyState("users", "还没有客户", "新建客户", lambda: done.append("new"))
    qtbot.addWidget(empty)
    empty.action.click()
    assert done == ["new"]


def test_progress_counts_and_can_be_stopped(theme, qtbot) -> None:
    """Part and whole are written; work of unknown length shows no false share."""
    stopped: list[str] = []
    line = ProgressRow(lambda: stopped.append("stop"))
    qtbot.addWidget(line)
    line.show_progress(1284, 2006, "同步")
    assert line._text.text() == "同步 64%（1,284 / 2,006）"
    line.show_progress(0, 0, "正在连接")
    assert line._text.text() == "正在连接"
    line.findChild(QPushButton).click()
    assert stopped == ["stop"]


def test_a_form_row_names_its_field(theme, qtbot) -> None:
    """The mnemonic jumps to the field, and screen readers hear the label without it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout: QFormLayout = form()
    field = QLineEdit()
    shown = form_row(layout, "姓名(&N)", field, hint="与证件一致")
    window.setLayout(layout)
    assert shown.buddy() is field
    assert (field.accessibleName(), field.accessibleDescription()) == ("姓名", "与证件一致")


@pytest.mark.parametrize(("label", "expected"), [("姓名(&N)", "姓名"), ("&Name", "Name"), ("备注", "备注")])
def test_plain_labels(label: str, expected: str) -> None:
    """Both ways of writing a mnemonic are read without it."""
    assert plain(label) == expected


def test_a_number_field_keeps_to_its_bounds(theme, qtbot) -> None:
    """An age of 200 cannot be entered."""
    field = number_field(0, 120, value=34, unit="岁")
    qtbot.addWidget(field)
    field.setValue(200)
    assert (field.value(), field.text()) == (120, "120 岁")


@pytest.fixture
def toaster(theme, qtbot) -> Toaster:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    made = Toaster(window)
    made.kept = window
    return made


def test_notes_stack_upward_and_the_oldest_give_way(toaster: Toaster, qtbot) -> None:
    """Newest lowest, none over another, and never more than a few."""
    for number in range(MOST + 2):
        toaster.show(f"已保存 {number}")
    assert toaster.texts == [f"已保存 {number}" for number in range(2, MOST + 2)]
    tops = [toast.y() for toast in toaster._toasts]
    assert tops == sorted(tops)
    boxes = [toast.geometry() for toast in toaster._toasts]
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    toaster.kept.resize(500, 400)
    assert all(toaster.kept.rect().contains(toast.geometry()) for toast in toaster._toasts)


def test_undo_in_a_note_is_done_once(toaster: Toaster, qtbot) -> None:
    """Pressing 撤销 undoes and takes the note away."""
    undone: list[str] = []
    toaster.show("已归档", "ok", "撤销", lambda: undone.append("undo"))
    next(b for b in toaster._toasts[0].findChildren(QPushButton)).click()
    assert undone == ["undo"]
    assert toaster.texts == []


def test_a_note_goes_by_itself(toaster: Toaster, qtbot) -> None:
    """Nobody has to close it; while the mouse is on it, it waits."""
    toaster.show("已保存")
    note = toaster._toasts[0]
    note._timer.setInterval(20)
    note._timer.start()
    qtbot.waitUntil(lambda: toaster.texts == [])
