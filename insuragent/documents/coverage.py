"""The table of benefits in plain words: rows as tall as their words, columns as broad as they need."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents import page
from insuragent.documents.content import Coverage
from insuragent.documents.fonts import width
from insuragent.documents.ink import GREY, LINE, TEAL, WHITE, Ink, Path, Run, fill
from insuragent.documents.tags import HEAD, Cell
from insuragent.documents.typography import Paragraph
from insuragent.i18n import _

_Row = tuple[Paragraph, Paragraph, Paragraph]
_PAD = 8.0
#: The outer columns take what their longest words need, within these shares of the table.
_NAME, _PERIOD = (0.14, 0.24), (0.13, 0.3)
#: A row that is taller than a page is cut where this much of it fits.
_LEAST = 120.0


class CoverageTable(Flowable):  # type: ignore[misc]
    """Benefits: name, amount, period. The head is repeated overleaf."""

    def __init__(self, heads: tuple[str, str, str], coverage: Sequence[Coverage], size: float = 9.0) -> None:
        super().__init__()
        self.heads, self.size = heads, size
        #: How many rows stood on the pages before, and which table all of them belong to.
        self.start, self.table = 0, object()
        self.rows: list[_Row] = [
            (
                Paragraph(item.name, size, bold=True, color=TEAL, align="l"),
                Paragraph(_words(item), size, align="l"),
                Paragraph(item.period, size, align="c" if width(item.period, size) < 12 * size else "l"),
            )
            for item in coverage
        ]
        self.shares = (
            _share([item.name for item in coverage], size, _NAME, bold=True),
            _share([item.period for item in coverage], size, _PERIOD),
        )
        self.spaceAfter = 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        name, period = (share * width for share in self.shares)
        self.width, self.columns = width, (name, width - name - period, period)
        self.heights = [self._height(row) for row in self.rows]
        self.height = self._head + sum(self.heights)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        room, fits = height - self._head, 0
        while fits < len(self.rows) and self.heights[fits] <= room:
            room -= self.heights[fits]
            fits += 1
        first, rest = self.rows[:fits], self.rows[fits:]
        if rest and self.heights[fits] > page.ROOM - self._head and room > _LEAST:
            upper, lower = self._cut(rest[0], room - 10)
            first, rest = [*first, upper], [lower, *rest[1:]]
        return [self._with(first, self.start), self._with(rest, self.start + len(first))] if first and rest else []

    def draw(self) -> None:
        canvas, x = self.canv, 0.0
        fill(canvas, TEAL)
        canvas.rect(0, self.height - self._head, self.width, self._head, stroke=0, fill=1)
        ink, y = Ink(canvas), self.height - self._head + (self._head - self.size) / 2 + 1
        for place, (head, column) in enumerate(zip(self.heads, self.columns, strict=True)):
            if self.start:
                ink.mark_ornament()
            else:
                ink.mark(HEAD, Cell(self.table, -1, place))
            left = x + (column - width(head, self.size, bold=True)) / 2
            ink.line(left, y, [Run(head, True, WHITE)], self.size)
            x += column
        self._draw_rows(canvas, ink)
        ink.dry()

    def _draw_rows(self, canvas: Any, ink: Ink) -> None:
        lines, y = Path(), self.height - self._head
        for number, (row, height) in enumerate(zip(self.rows, self.heights, strict=True), self.start):
            x = 0.0
            for place, (paragraph, column) in enumerate(zip(row, self.columns, strict=True)):
                cell = Cell(self.table, number, place)
                paragraph.paint(ink, x + _PAD, y - (height - paragraph.height) / 2, cell)
                x += column
            y -= height
            lines.line((0, y), (self.width, y))
        lines.stroke(canvas, LINE)

    def _cut(self, row: _Row, room: float) -> tuple[_Row, _Row]:
        """A row of which ``room`` points stay here; a cell that is not cut stands whole on one side."""
        halves = []
        for cell, column in zip(row, self.columns, strict=True):
            parts, empty = cell.split(column - 2 * _PAD, room), Paragraph("", self.size)
            halves.append(parts if len(parts) == 2 else [cell, empty] if parts else [empty, cell])
        upper, lower = zip(*halves, strict=True)
        return upper, lower

    def _with(self, rows: Sequence[_Row], start: int) -> "CoverageTable":
        part = CoverageTable(self.heads, [], self.size)
        part.rows, part.shares, part.start, part.table = list(rows), self.shares, start, self.table
        return part

    def _height(self, row: _Row) -> float:
        return max(cell.wrap(column - 2 * _PAD, 1e6)[1] for cell, column in zip(row, self.columns, strict=True)) + 10

    @property
    def _head(self) -> float:
        return self.size * 2.2


def _words(item: Coverage) -> list[Run]:
    """When, how much, up to what and how often, a line each."""
    parts = (
        (_("何时给付　"), item.condition),
        (_("给付多少　"), item.amount),
        (_("限额　"), item.limit),
        (_("次数　"), item.times),
    )
    told = [(label, words) for label, words in parts if words]
    if len(told) == 1:
        return [Run(item.amount)]
    found: list[Run] = []
    for number, (label, words) in enumerate(told):
        found += [Run("\n" * bool(number) + label, True, GREY), Run(words)]
    return found


def _share(texts: Sequence[str], size: float, bounds: tuple[float, float], *, bold: bool = False) -> float:
    """The share of a table as broad as a page that the longest of ``texts`` needs on one line, within ``bounds``."""
    needed = max((width(part, size, bold) for text in texts for part in text.split("\n")), default=0.0)
    return min(max((needed + 2 * _PAD + 1) / 490, bounds[0]), bounds[1])
