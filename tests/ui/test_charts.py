"""Charts: round axes, labels that never touch, and a read-out for eyes, keys and screen readers."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt

from insuragent.ui.charts import BarChart, LineChart, Series
from insuragent.ui.scale import label_step, nice_ticks
from insuragent.ui.tokens import color

MONTHS = ["1月", "2月", "3月", "4月"]
numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 2))


@given(low=numbers, high=numbers, most=st.integers(2, 12))
@settings(deadline=None)
def test_ticks_enclose_the_values_in_even_round_steps(low: float, high: float, most: int) -> None:
    """No value falls off the axis, steps are equal, and there are not more than asked for."""
    low, high = min(low, high), max(low, high)
    ticks = nice_ticks(low, high, most)
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= high - 1e-6
    assert 2 <= len(ticks) <= most + 2
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)
    assert f"{steps[0]:.1e}"[:3] in {"1.0", "2.0", "2.5", "5.0"}


@given(widths=st.lists(st.floats(4, 120), min_size=1, max_size=60), room=st.floats(3, 200))
@settings(deadline=None)
def test_labels_that_are_written_never_touch(widths: list[float], room: float) -> None:
    """Two neighbours written have the gap between them, however narrow the chart."""
    step = label_step(widths, room, gap=10)
    assert step >= 1
    assert step * room >= max(widths) + 10


def test_arrow_keys_read_out_each_value(theme, qtbot) -> None:
    """Without a mouse every value can be read and is spoken; Home and End go to the ends."""
    chart = LineChart("保费")
    qtbot.addWidget(chart)
    chart.show_data(MONTHS, [Series("实收", [1, 2.5, None, 4]), Series("目标", [3, 3, 3, 3], "neutral")])
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.selected == 1
    assert chart.accessibleDescription() == "2月，实收 2.5，目标 3"
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.readout(2) == [("实收", "–"), ("目标", "3")]
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.selected == 3
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.selected == 3


def test_the_mouse_reads_the_nearest_value_until_it_leaves(theme, qtbot) -> None:
    """Hovering at the right edge reads the last category; leaving ends the read-out."""
    chart = BarChart("拜访")
    qtbot.addWidget(chart)
    chart.resize(500, 240)
    chart.show_data(MONTHS, [Series("拜访", [1, 2, 3, 4])])
    chart.show()
    qtbot.mouseMove(chart, QPoint(20, 100))
    qtbot.mouseMove(chart, QPoint(490, 100))
    assert chart.selected == 3
    assert chart.accessibleDescription() == "4月，拜访 4"


def test_the_chart_says_in_words_what_it_shows(theme, qtbot) -> None:
    """A screen reader hears lowest, highest and latest; an empty chart says that it is empty."""
    chart = LineChart("保费", empty="本月还没有保费")
    qtbot.addWidget(chart)
    assert chart.accessibleDescription() == "本月还没有保费"
    chart.show_data(MONTHS, [Series("实收", [3, 1, 9, None])])
    assert chart.accessibleDescription() == "实收：最低 1（2月），最高 9（3月），最近 9"


def test_series_must_match_their_categories(theme, qtbot) -> None:
    """A value too few would shift every later one under a wrong label."""
    chart = LineChart("保费")
    qtbot.addWidget(chart)
    with pytest.raises(ValueError, match="one value for each category"):
        chart.show_data(MONTHS, [Series("实收", [1, 2, 3])])


def test_bars_stand_on_zero_and_reach_their_value(theme, qtbot) -> None:
    """The taller bar has the larger value, and a bar below zero hangs from the axis."""
    chart = BarChart("差额")
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    chart.show_data(["a", "b"], [Series("差额", [4, -4], "accent")])
    image = chart.grab().toImage()
    inked = [
        (x, y)
        for x in range(0, image.width(), 4)
        for y in range(30, image.height())  # below the mark of the series
        if image.pixelColor(x, y).saturation() > 80  # words and axes are grey
    ]
    left = [y for x, y in inked if x < 200]
    right = [y for x, y in inked if x > 220]
    assert max(left) <= min(right) + 2
    assert len(left) == pytest.approx(len(right), rel=0.1)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_are_drawn_in_the_colours_of_the_theme(theme, qtbot, mode: str) -> None:
    """A chart follows the theme without being told."""
    chart = LineChart("保费")
    qtbot.addWidget(chart)
    chart.resize(400, 260)
    chart.show_data(MONTHS, [Series("实收", [5, 5, 5, 5], "ok")])
    theme.apply(mode)
    image = chart.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(60, 380) for y in range(30, 230)}
    assert color("ok").name() in seen


def test_a_legend_without_room_goes_on_below(theme, qtbot) -> None:
    """No name is cut or written over the unit; the values make room for it. A single series needs no legend."""
    chart = LineChart("比较", unit="万元")
    qtbot.addWidget(chart)
    names = ("示例人寿演示终身寿险", "示例人寿演示增额终身寿险", "示例人寿演示年金保险")
    chart.show_data(MONTHS, [Series(name, [1, 2, 3, 4]) for name in names])
    chart.resize(900, 260)
    wide, top = chart._legend(), chart._plot().top()
    assert len({place.y() for place in wide}) == 1
    chart.resize(300, 260)
    assert len({place.y() for place in chart._legend()}) == 3
    assert chart._plot().top() > top
    chart.show_data(MONTHS, [Series(names[0], [1, 2, 3, 4])])
    assert chart._legend() == []
