"""The chart of a sheet: values in units of ten thousand yuan over the insured's age."""

import math
from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Series
from insuragent.documents.fonts import width
from insuragent.documents.ink import EDGE, GOLD, GREY, INK, MOSS, RED, SAND, SKY, TEAL, WHITE, Path, fill, stroke, write
from insuragent.documents.tags import figure
from insuragent.i18n import _

#: Line and ground of each role, in the order in which they are drawn: the widest area lies below.
_COLORS = {
    "illustrated": (GOLD, SAND),
    "guaranteed": (TEAL, SKY),
    "received": (MOSS, ""),
    "premium": (RED, ""),
}
_DASHES = {"received": "1.5 2", "premium": "4 2"}
_UNIT = 10_000
_RIGHT = 14.0


def nice_step(highest: float, lines: int = 5) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that covers ``highest`` with at most ``lines`` lines."""
    rough = max(highest, 1e-9) / lines
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough))


class Chart(Flowable):  # type: ignore[misc]
    """Areas for values, a dashed line for the premiums paid; scaled to the largest value."""

    def __init__(self, series: Sequence[Series], first_age: int, height: float = 150.0, size: float = 7.0) -> None:
        super().__init__()
        self.series = sorted(series, key=lambda one: list(_COLORS).index(one.role))
        self.first_age, self.tall, self.size = first_age, height, size
        highest = max((value for one in series for value in one.values), default=0) / _UNIT
        self.step = nice_step(highest)
        self.highest = self.step * max(math.ceil(highest / self.step - 1e-9), 1)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.tall
        self.left, self.bottom = self.size * 6, self.size * 3.2
        self.legend = self._legend()
        self.top = self.size * (1.8 * len(self.legend) + 1.8)
        return self.width, self.height

    def draw(self) -> None:
        words = _("折线图：{names}；数值见下表").format(names="、".join(one.label for one in self.series))
        with figure(self.canv, words, 0, 0, self.width, self.height):
            self._draw_scale(self.canv)
            for one in self.series:
                self._draw_series(self.canv, one)
            self._draw_ages(self.canv)
            self._draw_marker(self.canv)
            self._draw_legend(self.canv)

    def _x(self, year: int) -> float:
        years = max(len(self.series[0].values) - 1, 1)
        return self.left + (self.width - self.left - _RIGHT) * year / years

    def _y(self, value: float) -> float:
        return self.bottom + (self.height - self.bottom - self.top) * value / _UNIT / self.highest

    def _draw_scale(self, canvas: Any) -> None:
        lines = Path()
        for number in range(round(self.highest / self.step) + 1):
            y = self._y(number * self.step * _UNIT)
            lines.line((self.left, y), (self.width - _RIGHT, y))
            text = f"{number * self.step:,.10g}"
            write(canvas, self.left - 5, y - self.size * 0.37, text, self.size, color=GREY, align="r")
        lines.stroke(canvas, "#E3EAED")

    def _draw_series(self, canvas: Any, one: Series) -> None:
        color, ground = _COLORS[one.role]
        points = [(self._x(year), self._y(value)) for year, value in enumerate(one.values)]
        if ground and points:
            area = Path()
            area.line((points[0][0], self.bottom), *points, (points[-1][0], self.bottom))
            area.fill(canvas, ground)
        line = Path()
        line.line(*points)
        line.stroke(canvas, color, 1.5 if ground else 1.2, _DASHES.get(one.role, ""))

    def _draw_ages(self, canvas: Any) -> None:
        years = len(self.series[0].values)
        every, ticks = next((step for step in (10, 5) if years > 2 * step), 1), Path()
        ticks.line((self.left, self.bottom), (self.width - _RIGHT, self.bottom))
        for year in range(every - 1, years, every):
            label = _("{age}岁").format(age=self.first_age + year)
            ticks.line((self._x(year), self.bottom), (self._x(year), self.bottom - 3))
            write(canvas, self._x(year), self.bottom - self.size - 5, label, self.size, color=GREY, align="c")
        ticks.stroke(canvas, EDGE, 0.7)

    def _draw_marker(self, canvas: Any) -> None:
        """One guaranteed amount in words, in the middle of the chart, so that the scale is understood."""
        one = next((one for one in self.series if one.role == "guaranteed" and len(one.values) > 20), None)
        if one is None:
            return
        year, size = len(one.values) // 2 // 10 * 10, self.size + 0.5
        x, y = self._x(year - 1), self._y(one.values[year - 1])
        amount = f"{one.values[year - 1] / _UNIT:,.1f}"
        words = _("第 {year} 年末 {label} {amount} 万元").format(year=year, label=one.label, amount=amount)
        long = width(words, size, bold=True)
        # On the side where the curves leave more room: the words stand above all of them.
        left = (self._above(x - long, x + size), x + size, "r")
        right = (self._above(x - size, x + long), x - size, "l")
        sides = [left] if x - long > self.left else []
        base, anchor, align = min([*sides, right] if x + long < self.width or not sides else sides)
        lead = Path()
        lead.line((x, y), (x, base - 3))
        lead.stroke(canvas, TEAL, 0.5, "1 1.5")
        fill(canvas, WHITE)
        stroke(canvas, TEAL, 1.3)
        canvas.circle(x, y, 2.6, stroke=1, fill=1)
        write(canvas, anchor, base, words, size, bold=True, color=TEAL, align=align)

    def _above(self, left: float, right: float) -> float:
        """The lowest base line between two places at which no curve goes through a word."""
        years = range(len(self.series[0].values))
        near = [year for year in years if left - self.size <= self._x(year) <= right + self.size]
        return max(self._y(one.values[year]) for one in self.series for year in near) + self.size * 0.7

    def _legend(self) -> list[list[Series]]:
        """The series in the lines of the legend, as many to a line as have room."""
        lines: list[list[Series]] = [[]]
        used = start = self._legend_from()
        for one in self.series:
            used += self._entry(one)
            if lines[-1] and used > self.width:
                lines.append([])
                used = start + self._entry(one)
            lines[-1].append(one)
        return lines

    def _legend_from(self) -> float:
        return width(_("单位：万元"), self.size) + self.size * 2

    def _entry(self, one: Series) -> float:
        return width(one.label, self.size + 0.5) + self.size * 3.6

    def _draw_legend(self, canvas: Any) -> None:
        y = self.height - self.size - 3
        write(canvas, 0, y, _("单位：万元"), self.size, color=GREY)
        for line in self.legend:
            x = self._legend_from()
            for one in line:
                self._draw_key(canvas, x, y, one)
                write(canvas, x + self.size * 2.2, y, one.label, self.size + 0.5, color=INK)
                x += self._entry(one)
            y -= self.size * 1.8

    def _draw_key(self, canvas: Any, x: float, y: float, one: Series) -> None:
        color, ground = _COLORS[one.role]
        stroke(canvas, color, 1)
        if ground:
            fill(canvas, ground)
            canvas.rect(x, y - 1, self.size * 1.4, self.size, stroke=1, fill=1)
        else:
            line = Path()
            line.line((x, y + self.size * 0.37), (x + self.size * 1.7, y + self.size * 0.37))
            line.stroke(canvas, color, 1.2, _DASHES.get(one.role, ""))
