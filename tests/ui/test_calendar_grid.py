"""The calendar: what stands where, and the same deeds by mouse and by keys."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from insuragent.i18n import SHANGHAI
from insuragent.ui.calendar_grid import CalendarGrid
from insuragent.ui.calendar_layout import DAY, CalendarItem, DayMark, moment, place

MONDAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 25, 10, 40, tzinfo=SHANGHAI)
Alt, Shift, Left = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton
KEYS = Qt.Key


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return moment(MONDAY + dt.timedelta(days=day), hour * 60 + minute)


VISITS = [
    CalendarItem("wang", at(0, 9, 30), at(0, 10, 30), "王建国", "续保沟通", "ok", done=True),
    CalendarItem("li", at(0, 14), at(0, 15), "李梅"),
    CalendarItem("chen", at(2, 9), at(2, 10), "陈雪峰"),
    CalendarItem("party", at(3, 9), at(3, 11), "团队早会", kind="violet", fixed=True),
]


@pytest.fixture
def grid(theme, qtbot) -> CalendarGrid:
    made = CalendarGrid(7, lambda: NOW)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show_days(MONDAY, 7)
    made.show_items(VISITS)
    made.show()
    qtbot.waitExposed(made)
    made.verticalScrollBar().setValue(round(7 * made.geometry_now().hour))
    return made


def test_an_empty_week_says_how_to_begin(grid: CalendarGrid) -> None:
    """As soon as it is known to be empty, not while it is being read."""
    grid.show_days(MONDAY + dt.timedelta(days=7), 7)
    unread = grid.grab().toImage()
    grid.show_items([])
    empty = grid.grab().toImage()
    grid.show_items([CalendarItem("late", at(7, 23, 30), at(7, 23, 45), "夜")])  # below what is seen
    assert unread != empty
    assert grid.grab().toImage() != empty


def point(grid: CalendarGrid, day: int, hour: float) -> QPoint:
    where = grid.geometry_now()
    return QPoint(round(where.x(day) + where.column / 2), round(where.y(hour * 60)))


def send(grid: CalendarGrid, kind: QEvent.Type, where: QPoint, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    place = QPointF(where)
    event = QMouseEvent(kind, place, grid.viewport().mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(grid.viewport(), event)


def drag(grid: CalendarGrid, begin: QPoint, end: QPoint) -> None:
    none = Qt.MouseButton.NoButton
    send(grid, QEvent.Type.MouseButtonPress, begin, Left, Left)
    send(grid, QEvent.Type.MouseMove, (begin + end) / 2, none, Left)
    send(grid, QEvent.Type.MouseMove, end, none, Left)
    send(grid, QEvent.Type.MouseButtonRelease, end, Left, none)


def test_dragging_moves_across_days_in_quarter_hours(grid: CalendarGrid, qtbot) -> None:
    """A visit dropped two days later and 22 minutes lower starts at the nearest quarter."""
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, point(grid, 0, 14.5), point(grid, 2, 14.5 + 22 / 60))
    assert moved.args == ["li", at(2, 14, 15), at(2, 15, 15)]


@pytest.mark.parametrize(("held", "dropped", "start"), [(14.5, 23.9, 23), (14.5, 0.2, 0)])
def test_a_drag_never_leaves_the_day_that_it_is_over(grid: CalendarGrid, qtbot, held, dropped, start) -> None:
    """Dropped at the very end of a day, or its very beginning, a visit stands there, not half on the next."""
    grid.resize(1000, 24 * round(grid.geometry_now().hour) + 200)
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, point(grid, 0, held), point(grid, 1, dropped))
    assert moved.args == ["li", at(1, start), at(1, start + 1)]


def test_what_lies_over_midnight_is_moved_as_it_is(grid: CalendarGrid, qtbot) -> None:
    """Held by the evening or by the morning, it keeps its length and may lie over the next midnight."""
    grid.resize(1000, 24 * round(grid.geometry_now().hour) + 200)
    grid.show_items([CalendarItem("train", at(1, 23), at(2, 1), "夜车")])
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, point(grid, 1, 23.5), point(grid, 1, 23.75))
    assert moved.args == ["train", at(1, 23, 15), at(2, 1, 15)]
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, point(grid, 2, 0.5), point(grid, 3, 0.5))
    assert moved.args == ["train", at(2, 23, 15), at(3, 1, 15)]


def test_dragging_the_lower_edge_stretches(grid: CalendarGrid, qtbot) -> None:
    """The edge moves the end alone, and never above a quarter of an hour after the start."""
    edge = point(grid, 0, 15) - QPoint(0, 4)
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, edge, edge + QPoint(0, round(grid.geometry_now().hour / 2)))
    assert moved.args == ["li", at(0, 14), at(0, 15, 30)]
    edge = point(grid, 0, 15.5) - QPoint(0, 4)
    with qtbot.waitSignal(grid.moved) as moved:
        drag(grid, edge, point(grid, 0, 12))
    assert moved.args == ["li", at(0, 14), at(0, 14, 15)]


def test_dragging_on_empty_space_makes_an_appointment(grid: CalendarGrid, qtbot) -> None:
    """Press at 13:00 and let go at 14:30: that is what is asked for."""
    with qtbot.waitSignal(grid.created) as created:
        drag(grid, point(grid, 4, 13) + QPoint(0, 2), point(grid, 4, 14.5))
    assert created.args == [at(4, 13), at(4, 14, 30)]


def test_a_double_click_opens_an_item_or_makes_one(grid: CalendarGrid, qtbot) -> None:
    """On an item it opens; beside one it makes an hour from the half hour."""
    with qtbot.waitSignal(grid.activated) as activated:
        qtbot.mouseDClick(grid.viewport(), Left, pos=point(grid, 2, 9.5))
    assert activated.args == ["chen"]
    with qtbot.waitSignal(grid.created) as created:
        qtbot.mouseDClick(grid.viewport(), Left, pos=point(grid, 5, 10.7))
    assert created.args == [at(5, 10, 30), at(5, 11, 30)]


def test_a_click_does_not_move_anything(grid: CalendarGrid, qtbot) -> None:
    """A hand that trembles by two pixels chooses, and no more."""
    with qtbot.assertNotEmitted(grid.moved):
        drag(grid, point(grid, 2, 9.5), point(grid, 2, 9.5) + QPoint(1, 2))
    assert grid.chosen_item is not None
    assert grid.chosen_item.id == "chen"


def test_what_is_fixed_stays(grid: CalendarGrid, qtbot) -> None:
    """A company meeting can be opened but not moved, by mouse or keys."""
    with qtbot.assertNotEmitted(grid.moved):
        drag(grid, point(grid, 3, 9.5), point(grid, 4, 12))
        qtbot.keyClick(grid, KEYS.Key_Down, Alt)
    with qtbot.waitSignal(grid.activated):
        qtbot.keyClick(grid, KEYS.Key_Return)


def test_escape_ends_a_drag_without_a_trace(grid: CalendarGrid, qtbot) -> None:
    """Whoever picked up the wrong visit can put it back."""
    none = Qt.MouseButton.NoButton
    send(grid, QEvent.Type.MouseButtonPress, point(grid, 0, 14.5), Left, Left)
    send(grid, QEvent.Type.MouseMove, point(grid, 1, 12), none, Left)
    qtbot.keyClick(grid, KEYS.Key_Escape)
    with qtbot.assertNotEmitted(grid.moved):
        send(grid, QEvent.Type.MouseButtonRelease, point(grid, 1, 12), Left, none)


def test_arrows_walk_through_the_items(grid: CalendarGrid, qtbot) -> None:
    """Down goes on in time, right to the nearest in time on a later day, and each is named aloud."""
    qtbot.keyClick(grid, KEYS.Key_Down)
    assert grid.accessibleDescription() == "周一 11-23 09:30–10:30 王建国 续保沟通，已完成"
    qtbot.keyClick(grid, KEYS.Key_Right)
    assert grid.chosen_item == VISITS[2]
    qtbot.keyClick(grid, KEYS.Key_Left)
    assert grid.chosen_item == VISITS[0]
    qtbot.keyClick(grid, KEYS.Key_Down)
    assert grid.chosen_item == VISITS[1]


@pytest.mark.parametrize(
    ("key", "held", "start", "end"),
    [
        (KEYS.Key_Down, Alt, at(2, 9, 15), at(2, 10, 15)),
        (KEYS.Key_Up, Alt, at(2, 8, 45), at(2, 9, 45)),
        (KEYS.Key_Right, Alt, at(3, 9), at(3, 10)),
        (KEYS.Key_Down, Alt | Shift, at(2, 9), at(2, 10, 15)),
        (KEYS.Key_Up, Alt | Shift, at(2, 9), at(2, 9, 45)),
    ],
)
def test_alt_and_arrows_move_and_stretch(grid: CalendarGrid, qtbot, key, held, start, end) -> None:
    """Everything that dragging does can be done by keys, a quarter of an hour or a day at a time."""
    grid.choose("chen")
    with qtbot.waitSignal(grid.moved) as moved:
        qtbot.keyClick(grid, key, held)
    assert moved.args == ["chen", start, end]


def test_moving_twice_by_keys_adds_up_before_it_is_stored(grid: CalendarGrid, qtbot) -> None:
    """The grid shows the new place at once, so that quick presses go on from there."""
    grid.choose("chen")
    seen: list[dt.datetime] = []
    grid.moved.connect(lambda _id, start, _end: seen.append(start))
    for _press in range(3):
        qtbot.keyClick(grid, KEYS.Key_Down, Alt)
    assert seen == [at(2, 9, 15), at(2, 9, 30), at(2, 9, 45)]


def test_n_makes_after_the_chosen_and_delete_asks(grid: CalendarGrid, qtbot) -> None:
    """N begins where the chosen one ends, or at the next quarter from now; Delete only asks."""
    with qtbot.waitSignal(grid.created) as created:
        qtbot.keyClick(grid, KEYS.Key_N)
    assert created.args == [at(2, 10, 45), at(2, 11, 45)]
    grid.choose("wang")
    with qtbot.waitSignal(grid.created) as created:
        qtbot.keyClick(grid, KEYS.Key_N)
    assert created.args == [at(0, 10, 30), at(0, 11, 30)]
    with qtbot.waitSignal(grid.cancel_requested) as asked:
        qtbot.keyClick(grid, KEYS.Key_Delete)
    assert asked.args == ["wang"]


def test_a_chosen_item_out_of_sight_is_scrolled_to(grid: CalendarGrid, qtbot) -> None:
    """Walking by keys never leaves the choice off the screen."""
    late = CalendarItem("late", at(6, 22), at(6, 23), "夜访")
    grid.show_items([*VISITS, late])
    grid.verticalScrollBar().setValue(0)
    grid.choose("late")
    where = grid.geometry_now()
    box = where.rect(next(part for part in place([late], MONDAY, 7)))
    assert where.head <= box.top()
    assert box.bottom() <= grid.viewport().height()


def test_marks_and_now_are_painted(grid: CalendarGrid, qtbot) -> None:
    """Rest days change the head of their day, and the line of now crosses today only."""
    before = grid.viewport().grab().toImage()
    grid.show_marks({MONDAY: DayMark("元旦", rest=True)})
    after = grid.viewport().grab().toImage()
    where = grid.geometry_now()
    changed = {x for x in range(before.width()) for y in range(0, 60, 2) if before.pixel(x, y) != after.pixel(x, y)}
    assert changed
    assert max(changed) < where.x(1)


@given(
    spans=st.lists(st.tuples(st.integers(0, 7 * DAY - 16), st.integers(15, 6 * 60)), max_size=25),
)
@settings(deadline=None, max_examples=60)
def test_parts_on_one_day_never_cover_each_other(spans: list[tuple[int, int]]) -> None:
    """However many visits overlap, each part has its own place, and none is lost."""
    items = [
        CalendarItem(i, moment(MONDAY, start), moment(MONDAY, start + length), str(i))
        for i, (start, length) in enumerate(spans)
    ]
    parts = place(items, MONDAY, 7)
    assert {part.item.id for part in parts} == {item.id for item in items}
    for i, one in enumerate(parts):
        assert 0 <= one.lane < one.lanes
        for other in parts[i + 1 :]:
            if one.day == other.day and one.top < other.bottom and other.top < one.bottom:
                assert one.lanes == other.lanes
                assert one.lane != other.lane


def test_an_item_over_midnight_stands_on_both_days() -> None:
    """A night train is seen on the evening and on the morning."""
    night = replace(VISITS[0], start=at(0, 23), end=at(1, 1))
    assert [(p.day, p.top, p.bottom) for p in place([night], MONDAY, 7)] == [(0, 23 * 60, DAY), (1, 0, 60)]
