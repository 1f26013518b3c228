"""A table of many rows: quick, its head repeated on every page, amounts flush right."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Column
from insuragent.documents.fonts import width
from insuragent.documents.ink import INK, LINE, PALE, TEAL, WHITE, Ink, Run, fill, stroke


class Grid(Flowable):  # type: ignore[misc]
    """Rows under a head of one or two lines; every tenth row is bold, every second one tinted."""

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], size: float = 7.6, *, start: int = 0
    ) -> None:
        """``start`` is how many rows stood on the pages before."""
        super().__init__()
        self.columns, self.rows, self.size, self.start = list(columns), list(rows), size, start
        self.grouped = any(column.group for column in self.columns)
        self.row_height = size * 1.8
        self.head_height = size * (4.4 if self.grouped else 3.2)
        self.spaceBefore, self.spaceAfter = 4, 6

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        total = sum(column.width for column in self.columns)
        self.edges = [0.0]
        for column in self.columns:
            self.edges.append(self.edges[-1] + column.width / total * width)
        self.width, self.height = width, self.head_height + self.row_height * len(self.rows)
        return self.width, self.height

    def split(self, width: float, height: float) -> list["Grid"]:
        fits = int((height - self.head_height) / self.row_height)
        if fits >= len(self.rows):
            return [self]
        if fits < 3:
            return []
        return [
            Grid(self.columns, self.rows[:fits], self.size, start=self.start),
            Grid(self.columns, self.rows[fits:], self.size, start=self.start + fits),
        ]

    def draw(self) -> None:
        self._draw_ground(self.canv)
        ink = Ink(self.canv)
        self._write_head(ink)
        self._write_rows(ink)
        ink.dry()

    def _draw_ground(self, canvas: Any) -> None:
        body = self.height - self.head_height
        fill(canvas, TEAL)
        canvas.rect(0, body, self.width, self.head_height, stroke=0, fill=1)
        fill(canvas, PALE)
        stripes, lines = canvas.beginPath(), canvas.beginPath()
        for number in range(len(self.rows)):
            y = body - (number + 1) * self.row_height
            if (number + self.start) % 2:
                stripes.rect(0, y, self.width, self.row_height)
            lines.moveTo(0, y)
            lines.lineTo(self.width, y)
        for edge in self.edges[1:-1]:
            lines.moveTo(edge, body)
            lines.lineTo(edge, 0)
        canvas.drawPath(stripes, stroke=0, fill=1)
        stroke(canvas, LINE, 0.4)
        canvas.drawPath(lines, stroke=1, fill=0)

    def _write_head(self, ink: Ink) -> None:
        top, line = self.height, self.size * 1.2
        for number, column in enumerate(self.columns):
            left, right = self.edges[number], self.edges[number + 1]
            parts = column.label.split("\n")
            middle = top - (self.head_height * (0.68 if column.group else 0.5))
            for place, part in enumerate(parts):
                y = middle + ((len(parts) - 1) / 2 - place) * line - self.size * 0.36
                self._center(ink, (left + right) / 2, y, part)
        if self.grouped:
            self._write_groups(ink, top - self.head_height * 0.2 - self.size * 0.36)

    def _write_groups(self, ink: Ink, y: float) -> None:
        first = 0
        while first < len(self.columns):
            group, last = self.columns[first].group, first
            while last + 1 < len(self.columns) and self.columns[last + 1].group == group:
                last += 1
            if group:
                self._center(ink, (self.edges[first] + self.edges[last + 1]) / 2, y, group)
            first = last + 1

    def _center(self, ink: Ink, x: float, y: float, text: str) -> None:
        ink.line(x - width(text, self.size, bold=True) / 2, y, [[Run(text, True, WHITE)]], self.size)

    def _write_rows(self, ink: Ink) -> None:
        y = self.height - self.head_height + (self.row_height - self.size) / 2 + self.size * 0.14
        for number, row in enumerate(self.rows):
            y -= self.row_height
            bold = (number + self.start) % 10 == 9
            for place, text in enumerate(row):
                used = width(text, self.size, bold)
                left, right = self.edges[place], self.edges[place + 1]
                x = (left + right - used) / 2 if place < 2 else right - 4 - used
                ink.line(x, y, [[Run(text, bold, INK)]], self.size)
