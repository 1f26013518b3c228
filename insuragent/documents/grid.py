"""A table of many rows: quick, its head repeated on every page, amounts flush right."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from reportlab.platypus.flowables import Flowable

from insuragent.documents import page
from insuragent.documents.content import Column
from insuragent.documents.fonts import width
from insuragent.documents.ink import INK, LINE, PALE, SKY, TEAL, WHITE, Ink, Path, Run, TooLong
from insuragent.documents.tags import CELL, HEAD, Cell

_HEAD_LINE = "#5E8EA3"
#: Points on both sides of a column's words; the height of a line of the head, and of the air around them, in sizes.
_PAD, _LINE, _AIR = 8.5, 1.25, 0.75
#: Below this size nobody reads.
_LEAST = 3.8
#: A table is not torn within its first ten years, and no more than this share of a page is left blank for it.
_DECADE, _BLANK = 10, 0.4
_Row = tuple[bool, list[tuple[str, float]]]


class Grid(Flowable):  # type: ignore[misc]
    """Rows under a head of one or two levels; the row of every tenth year is bold, every second row tinted.

    A row of one cell is the heading of those below it. Where the head is one line its words stand as their column's.
    Columns are as broad as their words; where all of them have no room, the whole table gets smaller.
    """

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], size: float = 7.6) -> None:
        super().__init__()
        self.table = object()
        #: How many rows of the same table stood on the pages before.
        self.start = 0
        self.columns, self.wanted = list(columns), size
        self.rows: list[_Row] = [_measured(row) for row in rows]
        self.needs = _needs(self.columns, self.rows)
        self.spaceBefore, self.spaceAfter = 4, 6

    def needed(self, size: float) -> float:
        """How broad the table is at ``size``, in points."""
        return sum(self.needs) * size + _PAD * len(self.columns)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.size = min(self.wanted, (width - _PAD * len(self.columns)) / max(sum(self.needs), 1e-9))
        if self.size < _LEAST:
            raise TooLong
        spare = (width - self.needed(self.size)) / (sum(column.width for column in self.columns) or 1)
        self.edges = [0.0]
        for column, need in zip(self.columns, self.needs, strict=True):
            self.edges.append(self.edges[-1] + need * self.size + _PAD + column.width * spare)
        self.row_height = self.size * 1.8
        self.below = self.size * (_LINE * _lines(c for c in self.columns if c.group) + _AIR)
        alone = self.size * (_LINE * _lines(c for c in self.columns if not c.group) + _AIR)
        grouped = any(column.group for column in self.columns)
        self.head_height = max(alone, self.below + self.size * (_LINE + _AIR) if grouped else 0.0)
        self.width, self.height = width, self.head_height + self.row_height * len(self.rows)
        return self.width, self.height

    def split(self, width: float, height: float) -> list["Grid"]:
        self.wrap(width, height)
        fits = int((height - self.head_height) / self.row_height)
        if self.height <= page.ROOM:
            # Whole overleaf, or if that leaves too much of the page blank, in two behind the tenth year.
            fits = _DECADE if fits >= _DECADE and height > _BLANK * page.ROOM else 0
        if 0 < fits <= len(self.rows) and self._is_heading(fits - 1):
            fits -= 1  # a heading stays with what it is over
        if fits < 3:
            return []
        return [self._with(self.rows[:fits], self.start), self._with(self.rows[fits:], self.start + fits)]

    def draw(self) -> None:
        self._draw_ground(self.canv)
        ink = Ink(self.canv)
        self._write_head(ink)
        self._write_rows(ink)
        ink.dry()

    def _with(self, rows: list[_Row], start: int) -> "Grid":
        # No copy: reportlab notes on a flowable that it was carried overleaf once, and carries none twice.
        part = Grid(self.columns, [], self.wanted)
        part.rows, part.needs, part.table, part.start = rows, self.needs, self.table, start
        return part

    def _draw_ground(self, canvas: Any) -> None:
        body = self.height - self.head_height
        head, stripes, lines = Path(), Path(), Path()
        head.rectangle(0, body, self.width, self.head_height)
        headings = Path()
        for number in range(len(self.rows)):
            y = body - (number + 1) * self.row_height
            if self._is_heading(number):
                headings.rectangle(0, y, self.width, self.row_height)
            else:
                if (number + self.start) % 2:
                    stripes.rectangle(0, y, self.width, self.row_height)
                for edge in self.edges[1:-1]:
                    lines.line((edge, y + self.row_height), (edge, y))
            lines.line((0, y), (self.width, y))
        head.fill(canvas, TEAL)
        stripes.fill(canvas, PALE)
        headings.fill(canvas, SKY)
        lines.stroke(canvas, LINE, 0.4)
        self._rule_head(canvas)

    def _is_heading(self, number: int) -> bool:
        """Whether a row, by its place in this part, is a heading over the columns."""
        return len(self.rows[number][1]) == 1 < len(self.columns)

    def _rule_head(self, canvas: Any) -> None:
        """Fine lines between the heads: as long as the columns, as broad as the groups."""
        body, lines = self.height - self.head_height, Path()
        for number, column in enumerate(self.columns):
            left, right = self.edges[number], self.edges[number + 1]
            same = number > 0 and column.group and column.group == self.columns[number - 1].group
            if number:
                lines.line((left, body), (left, body + self.below if same else self.height))
            if column.group:
                lines.line((left, body + self.below), (right, body + self.below))
        lines.stroke(canvas, _HEAD_LINE, 0.5)

    def _write_head(self, ink: Ink) -> None:
        body, line = self.height - self.head_height, self.size * _LINE
        grouped = any(column.group for column in self.columns)
        tall = grouped or any("\n" in column.label for column in self.columns)
        for number, column in enumerate(self.columns):
            left, right = self.edges[number], self.edges[number + 1]
            parts = column.label.split("\n")
            alone = grouped and not column.group
            self._mark_head(ink, Cell(self.table, -2 if alone else -1, number, tall=2 if alone else 1))
            middle = body + (self.below if column.group else self.head_height) / 2
            for place, part in enumerate(parts):
                y = middle + ((len(parts) - 1) / 2 - place) * line - self.size * 0.36
                self._write_head_line(ink, left, right, y, part, "" if tall else column.align)
        if grouped:
            self._write_groups(ink, (body + self.below + self.height) / 2 - self.size * 0.36)

    def _write_groups(self, ink: Ink, y: float) -> None:
        for group, members in groupby(enumerate(self.columns), lambda member: member[1].group):
            places = [number for number, _column in members]
            if group:
                self._mark_head(ink, Cell(self.table, -2, places[0], wide=len(places)))
                self._write_head_line(ink, self.edges[places[0]], self.edges[places[-1] + 1], y, group)

    def _mark_head(self, ink: Ink, cell: Cell) -> None:
        if self.start:
            ink.mark_ornament()
        else:
            ink.mark(HEAD, cell)

    def _write_head_line(self, ink: Ink, left: float, right: float, y: float, text: str, align: str = "c") -> None:
        x = _placed(left, right, width(text, self.size, bold=True), align)
        ink.line(x, y, [Run(text, True, WHITE)], self.size)

    def _write_rows(self, ink: Ink) -> None:
        y = self.height - self.head_height + (self.row_height - self.size) / 2 + self.size * 0.14
        aligns = [column.align or ("c" if place < 2 else "r") for place, column in enumerate(self.columns)]
        for number, (bold, row) in enumerate(self.rows, self.start):
            y -= self.row_height
            if len(row) == 1 < len(self.columns):
                ink.mark(HEAD, Cell(self.table, number, 0, wide=len(self.columns)))
                ink.line(_PAD / 2, y, [Run(row[0][0], True, TEAL)], self.size)
                continue
            for place, (text, need) in enumerate(row):
                x = _placed(self.edges[place], self.edges[place + 1], need * self.size, aligns[place])
                ink.mark(CELL, Cell(self.table, number, place))
                ink.spaced(x, y, Run(text, bold, INK), self.size, 0.0)


def spread(columns: Sequence[Column], rows: Sequence[Sequence[str]], size: float, least: float) -> list[Grid]:
    """One table where it has room at ``least``; else several, each with the first columns and whole groups of others.

    Only groups are torn from each other: a table without groups stays one, and gets smaller.
    """
    whole = Grid(columns, rows, size)
    if whole.needed(least) <= page.INNER:
        return [whole]
    groups = [list(places) for _group, places in groupby(range(len(columns)), lambda place: columns[place].group)]
    keys, *others = groups
    if columns[keys[0]].group or not others:
        return [whole]
    found: list[list[int]] = []
    for group in others:
        if found and _part(whole, [*keys, *found[-1], *group]).needed(size) <= page.INNER:
            found[-1] += group
        else:
            found.append(group)
    return [_part(whole, [*keys, *places]) for places in found]


def _placed(left: float, right: float, used: float, align: str) -> float:
    """Where words so wide begin between two edges: flush left or right, else in the middle."""
    if align == "r":
        return right - _PAD / 2 - used
    return left + _PAD / 2 if align == "l" else (left + right - used) / 2


def _part(whole: Grid, places: Sequence[int]) -> Grid:
    part = Grid([whole.columns[place] for place in places], [], whole.wanted)
    part.rows = [(bold, [row[place] for place in places if place < len(row)]) for bold, row in whole.rows]
    part.needs = _needs(part.columns, part.rows)
    return part


def _measured(row: Sequence[str]) -> _Row:
    """A row's words with their widths at size 1, and whether they are bold."""
    bold = bool(row) and row[0].isdecimal() and int(row[0]) % 10 == 0
    return bold, [(text, width(text, 1.0, bold)) for text in row]


def _needs(columns: Sequence[Column], rows: Iterable[_Row]) -> list[float]:
    """The width that each column needs at size 1; a group's name may need more than its columns."""
    needs = [max(width(part, 1.0, bold=True) for part in column.label.split("\n")) for column in columns]
    for _bold, row in rows:
        if len(row) > 1 or len(needs) == 1:  # a heading goes over all columns
            for place, (_text, used) in enumerate(row[: len(needs)]):
                needs[place] = max(needs[place], used)
    for group, members in groupby(range(len(columns)), lambda place: columns[place].group):
        places = list(members)
        missing = width(group, 1.0, bold=True) + 0.5 - sum(needs[place] for place in places) if group else 0.0
        for place in places:
            needs[place] += max(missing, 0.0) / len(places)
    return needs


def _lines(columns: Iterable[Column]) -> int:
    return max((column.label.count("\n") + 1 for column in columns), default=1)
