"""A table of many rows: quick, its head repeated on every page, amounts flush right."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Column
from insuragent.documents.fonts import width
from insuragent.documents.ink import INK, LINE, PALE, TEAL, WHITE, Ink, Path, Run, fitting
from insuragent.documents.tags import CELL, HEAD, Cell

#: Which part of a head of two lines lies below the names of the groups.
_BELOW_GROUPS = 0.58
_HEAD_LINE = "#5E8EA3"


class Grid(Flowable):  # type: ignore[misc]
    """Rows under a head of one or two lines; every tenth row is bold, every second one tinted."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        size: float = 7.6,
        *,
        start: int = 0,
        table: object = None,
    ) -> None:
        """``start`` is how many rows of the same ``table`` stood on the pages before."""
        super().__init__()
        self.table = table or object()
        self.columns, self.rows, self.size, self.start = list(columns), list(rows), size, start
        self.grouped = any(column.group for column in self.columns)
        self.row_height = size * 1.8
        tall = any("\n" in column.label for column in self.columns)
        self.head_height = size * (4.9 if self.grouped else 3.2 if tall else 2.2)
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
            Grid(self.columns, self.rows[:fits], self.size, start=self.start, table=self.table),
            Grid(self.columns, self.rows[fits:], self.size, start=self.start + fits, table=self.table),
        ]

    def draw(self) -> None:
        self._draw_ground(self.canv)
        ink = Ink(self.canv)
        self._write_head(ink)
        self._write_rows(ink)
        ink.dry()

    def _draw_ground(self, canvas: Any) -> None:
        body = self.height - self.head_height
        head, stripes, lines = Path(), Path(), Path()
        head.rectangle(0, body, self.width, self.head_height)
        for number in range(len(self.rows)):
            y = body - (number + 1) * self.row_height
            if (number + self.start) % 2:
                stripes.rectangle(0, y, self.width, self.row_height)
            lines.line((0, y), (self.width, y))
        for edge in self.edges[1:-1]:
            lines.line((edge, body), (edge, 0))
        head.fill(canvas, TEAL)
        stripes.fill(canvas, PALE)
        lines.stroke(canvas, LINE, 0.4)
        self._rule_head(canvas)

    def _rule_head(self, canvas: Any) -> None:
        """Fine lines between the heads: as long as the columns, as broad as the groups."""
        body, lines = self.height - self.head_height, Path()
        below_groups = body + self.head_height * _BELOW_GROUPS
        for number, column in enumerate(self.columns):
            left, right = self.edges[number], self.edges[number + 1]
            same = number > 0 and column.group and column.group == self.columns[number - 1].group
            if number:
                lines.line((left, body), (left, below_groups if same else self.height))
            if column.group:
                lines.line((left, below_groups), (right, below_groups))
        lines.stroke(canvas, _HEAD_LINE, 0.5)

    def _write_head(self, ink: Ink) -> None:
        body, line = self.height - self.head_height, self.size * 1.2
        for number, column in enumerate(self.columns):
            left, right = self.edges[number], self.edges[number + 1]
            parts = column.label.split("\n")
            alone = self.grouped and not column.group
            self._mark_head(ink, Cell(self.table, -2 if alone else -1, number, tall=2 if alone else 1))
            middle = body + self.head_height * (_BELOW_GROUPS if column.group else 1) / 2
            for place, part in enumerate(parts):
                y = middle + ((len(parts) - 1) / 2 - place) * line - self.size * 0.36
                self._center(ink, left, right, y, part)
        if self.grouped:
            self._write_groups(ink, body + self.head_height * (1 + _BELOW_GROUPS) / 2 - self.size * 0.36)

    def _write_groups(self, ink: Ink, y: float) -> None:
        first = 0
        while first < len(self.columns):
            group, last = self.columns[first].group, first
            while last + 1 < len(self.columns) and self.columns[last + 1].group == group:
                last += 1
            if group:
                self._mark_head(ink, Cell(self.table, -2, first, wide=last - first + 1))
                self._center(ink, self.edges[first], self.edges[last + 1], y, group)
            first = last + 1

    def _mark_head(self, ink: Ink, cell: Cell) -> None:
        if self.start:
            ink.mark_ornament()
        else:
            ink.mark(HEAD, cell)

    def _center(self, ink: Ink, left: float, right: float, y: float, text: str) -> None:
        size = fitting(text, self.size, right - left - 2, least=self.size / 2, bold=True)
        x = (left + right - width(text, size, bold=True)) / 2
        ink.line(x, y, [Run(text, True, WHITE)], size)

    def _write_rows(self, ink: Ink) -> None:
        y = self.height - self.head_height + (self.row_height - self.size) / 2 + self.size * 0.14
        for number, row in enumerate(self.rows):
            y -= self.row_height
            bold = (number + self.start) % 10 == 9
            for place, text in enumerate(row):
                left, right = self.edges[place], self.edges[place + 1]
                size, used = self.size, width(text, self.size, bold)
                if used > right - left - 5:
                    size = fitting(text, size, right - left - 5, least=size / 2, bold=bold)
                    used *= size / self.size
                align = self.columns[place].align or ("c" if place < 2 else "r")
                x = {"l": left + 4, "c": (left + right - used) / 2, "r": right - 4 - used}[align]
                ink.mark(CELL, Cell(self.table, number + self.start, place))
                ink.line(x, y, [Run(text, bold, INK)], size)
