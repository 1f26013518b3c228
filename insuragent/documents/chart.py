"""The chart of a sheet: values in units of ten thousand yuan over the insured's age."""

import math
from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Series
from insuragent.documents.fonts import width
from insuragent.documents.ink import EDGE, GOLD, GREY, INK, RED, SAND, SKY, TEAL, WHITE, Path, fill, stroke, write
from insuragent.documents.tags import figure
from insuragent.i18n import _

_COLORS = {"guaranteed": (TEAL, SKY), "illustrated": (GOLD, SAND), "premium": (RED, "")}
_UNIT = 10_000
_LEFT, _RIGHT, _BOTTOM, _TOP = 42.0, 14.0, 22.0, 24.0


def nice_step(highest: float, lines: int = 5) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that covers ``highest`` with at most ``lines`` lines."""
    rough = max(highest, 1e-9) / lines
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough))


class Chart(Flowable):  # type: ignore[misc]
    """Areas for values, a dashed line for the premiums paid; scaled to the largest value."""

    def __init__(self, series: Sequence[Series], first_age: int, height: float = 150.0, size: float = 7.0) -> None:
        super().__init__()
        # The widest area lies below, the line of premiums on top of all.
        self.series = sorted(series, key=lambda one: ("illustrated", "guaranteed", "premium").index(one.role))
        self.first_age, self.tall, self.size = first_age, height, size
        highest = max((value for one in series for value in one.values), default=0) / _UNIT
        self.step = nice_step(highest)
        self.highest = self.step * max(math.ceil(highest / self.step - 1e-9), 1)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.tall
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
        return _LEFT + (self.width - _LEFT - _RIGHT) * year / years

    def _y(self, value: float) -> float:
        return _BOTTOM + (self.height - _BOTTOM - _TOP) * value / _UNIT / self.highest

    def _draw_scale(self, canvas: Any) -> None:
        lines = Path()
        for number in range(round(self.highest / self.step) + 1):
            y = self._y(number * self.step * _UNIT)
            lines.line((_LEFT, y), (self.width - _RIGHT, y))
            text = f"{number * self.step:,.10g}"
            write(canvas, _LEFT - 5, y - self.size * 0.37, text, self.size, color=GREY, align="r")
        lines.stroke(canvas, "#E3EAED")

    def _draw_series(self, canvas: Any, one: Series) -> None:
        color, ground = _COLORS[one.role]
        points = [(self._x(year), self._y(value)) for year, value in enumerate(one.values)]
        if ground and points:
            area = Path()
            area.line((points[0][0], _BOTTOM), *points, (points[-1][0], _BOTTOM))
            area.fill(canvas, ground)
        line = Path()
        line.line(*points)
        premium = one.role == "premium"
        line.stroke(canvas, color, 1.1 if premium else 1.5, "4 2" if premium else "")

    def _draw_ages(self, canvas: Any) -> None:
        years = len(self.series[0].values)
        every, ticks = next((step for step in (10, 5) if years > 2 * step), 1), Path()
        ticks.line((_LEFT, _BOTTOM), (self.width - _RIGHT, _BOTTOM))
        for year in range(every - 1, years, every):
            label = _("{age}岁").format(age=self.first_age + year)
            ticks.line((self._x(year), _BOTTOM), (self._x(year), _BOTTOM - 3))
            write(canvas, self._x(year), _BOTTOM - self.size - 5, label, self.size, color=GREY, align="c")
        ticks.stroke(canvas, EDGE, 0.7)

    def _draw_marker(self, canvas: Any) -> None:
        """One guaranteed amount in words, in the middle of the chart, so that the scale is understood."""
        one = next((one for one in self.series if one.role == "guaranteed" and len(one.values) > 20), None)
        if one is None:
            return
        year = len(one.values) // 2 // 10 * 10
        x, y = self._x(year - 1), self._y(one.values[year - 1])
        above = self._y(max(one.values[year - 1] for one in self.series))
        lead = Path()
        lead.line((x, y), (x, above + 7))
        lead.stroke(canvas, TEAL, 0.5, "1 1.5")
        fill(canvas, WHITE)
        stroke(canvas, TEAL, 1.3)
        canvas.circle(x, y, 2.6, stroke=1, fill=1)
        amount = f"{one.values[year - 1] / _UNIT:,.1f}"
        words = _("第 {year} 年末 {label} {amount} 万元").format(year=year, label=one.label, amount=amount)
        # To the left, where rising curves leave room.
        write(canvas, x + self.size, above + 10, words, self.size + 0.5, bold=True, color=TEAL, align="r")

    def _draw_legend(self, canvas: Any) -> None:
        y = self.height - self.size - 3
        write(canvas, 0, y, _("单位：万元"), self.size, color=GREY)
        x = _LEFT + 50
        for one in self.series:
            color, ground = _COLORS[one.role]
            stroke(canvas, color, 1)
            if ground:
                fill(canvas, ground)
                canvas.rect(x, y - 1, 10, self.size, stroke=1, fill=1)
            else:
                canvas.setDash([4, 2])
                canvas.line(x, y + self.size * 0.37, x + 12, y + self.size * 0.37)
                canvas.setDash([])
            write(canvas, x + 16, y, one.label, self.size + 0.5, color=INK)
            x += 34 + width(one.label, self.size + 0.5)
