"""The chart of a sheet: values in units of ten thousand yuan over the insured's age."""

import math
from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Series
from insuragent.documents.fonts import width
from insuragent.documents.ink import GOLD, GREY, INK, RED, SAND, SKY, TEAL, fill, stroke, write
from insuragent.i18n import _

_COLORS = {"guaranteed": (TEAL, SKY), "illustrated": (GOLD, SAND), "premium": (RED, "")}
_UNIT = 10_000
_LEFT, _RIGHT, _BOTTOM, _TOP = 42.0, 14.0, 22.0, 24.0


def nice_step(highest: float, lines: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten that covers ``highest`` with about ``lines`` lines."""
    rough = max(highest, 1e-9) / lines
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= rough))


class Chart(Flowable):  # type: ignore[misc]
    """Areas for values, a dashed line for the premiums paid; scaled to the largest value."""

    def __init__(self, series: Sequence[Series], first_age: int, height: float = 150.0, size: float = 7.0) -> None:
        super().__init__()
        # The widest area lies below, the line of premiums on top of all.
        self.series = sorted(series, key=lambda one: ("illustrated", "guaranteed", "premium").index(one.role))
        self.first_age, self.tall, self.size = first_age, height, size
        self.step = nice_step(max((max(s.values) for s in series), default=1) / _UNIT)
        self.highest = self.step * math.ceil(max((max(s.values) for s in series), default=1) / _UNIT / self.step)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.tall
        return self.width, self.height

    def draw(self) -> None:
        self._draw_scale(self.canv)
        for one in self.series:
            self._draw_series(self.canv, one)
        self._draw_ages(self.canv)
        self._draw_legend(self.canv)

    def _x(self, year: int) -> float:
        years = max(len(self.series[0].values) - 1, 1)
        return _LEFT + (self.width - _LEFT - _RIGHT) * year / years

    def _y(self, value: float) -> float:
        return _BOTTOM + (self.height - _BOTTOM - _TOP) * value / _UNIT / self.highest

    def _draw_scale(self, canvas: Any) -> None:
        stroke(canvas, "#E3EAED")
        for number in range(round(self.highest / self.step) + 1):
            y = self._y(number * self.step * _UNIT)
            canvas.line(_LEFT, y, self.width - _RIGHT, y)
            text = f"{number * self.step:,.10g}"
            write(canvas, _LEFT - 5, y - self.size * 0.37, text, self.size, color=GREY, align="r")

    def _draw_series(self, canvas: Any, one: Series) -> None:
        color, ground = _COLORS[one.role]
        line = canvas.beginPath()
        for year, value in enumerate(one.values):
            (line.lineTo if year else line.moveTo)(self._x(year), self._y(value))
        if ground:
            area = canvas.beginPath()
            area.moveTo(self._x(0), _BOTTOM)
            for year, value in enumerate(one.values):
                area.lineTo(self._x(year), self._y(value))
            area.lineTo(self._x(len(one.values) - 1), _BOTTOM)
            area.close()
            fill(canvas, ground)
            canvas.drawPath(area, stroke=0, fill=1)
        stroke(canvas, color, 1.1 if one.role == "premium" else 1.5)
        canvas.setDash([4, 2] if one.role == "premium" else [])
        canvas.drawPath(line, stroke=1, fill=0)
        canvas.setDash([])

    def _draw_ages(self, canvas: Any) -> None:
        years = len(self.series[0].values)
        every = 10 if years > 20 else 5
        stroke(canvas, "#9FB2BB")
        for year in range(every - 1, years, every):
            label = _("{age}岁").format(age=self.first_age + year)
            canvas.line(self._x(year), _BOTTOM, self._x(year), _BOTTOM - 3)
            write(canvas, self._x(year), _BOTTOM - self.size - 5, label, self.size, color=GREY, align="c")

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
