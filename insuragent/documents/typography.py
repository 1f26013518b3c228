"""Chinese paragraphs: no punctuation begins a line, no opening bracket ends one, numbers and words stay whole."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from insuragent.documents.fonts import WIDTHS
from insuragent.documents.ink import INK, Ink, Run
from insuragent.documents.tags import CELL, Cell, P

#: Signs that must not begin a line, and that must not end one (GB/T 15834-2011, 5.1).
NO_START = frozenset("!'\"),.:;?]}%、。，．：；？！）］｝〕〉》」』】〗”’·…—～〜‰％℃°′″々ー‐–")
NO_END = frozenset("([{（［｛〔〈《「『【〖“‘￥¥$£#@№§")
#: A word or number, or else a single sign.
_PIECE = re.compile(r"[0-9A-Za-z\u00c0-\u024f.,:/%+\-_@&#']+|[\s\S]")
#: Pasted text has tabs and the line ends of Windows.
_BLANKS = str.maketrans({"\t": " ", "\r": None})
#: A line is stretched to the margin only while no gap grows beyond this share of the size.
_LOOSEST = 0.14


#: The weight and colour of a piece.
Look = tuple[bool, str]


class Line(NamedTuple):
    """A laid-out line: its pieces, its width in points, and whether the paragraph's line ends here.

    ``looks`` are those of the pieces, one each; None where the whole paragraph has but one.
    """

    pieces: list[str]
    looks: list[Look] | None
    width: float
    last: bool


class _Told:
    """A line as its author ended it: its pieces, and how far each of their ends is from its start, at size 1."""

    def __init__(self, look: Look | None) -> None:
        """``look`` is that of all pieces, or None where they differ."""
        self.pieces: list[str] = []
        self.looks: list[Look] | None = [] if look is None else None
        self._look = look
        self.ends = [0.0]
        #: How many pieces at the start are characters of words that were too long for a line.
        self._cut = 0

    def add(self, text: str, bold: bool, color: str) -> None:
        """Say more, in one weight and colour."""
        pieces = _PIECE.findall(text)
        self.pieces += pieces
        if self.looks is not None:
            self.looks += [(bold, color)] * len(pieces)
        self.ends += accumulate(map(WIDTHS[bold].__getitem__, pieces), initial=self.ends.pop())

    def clings(self, place: int) -> bool:
        """Whether the piece stays with the one before it."""
        pieces = self.pieces
        if pieces[place][0] in NO_START:
            return True
        return place > self._cut and pieces[place - 1][-1] in NO_END

    def cut(self, start: int) -> bool:
        """Part what clings together from ``start`` on into its characters; tells whether that was still to be done."""
        stop = start + 1
        while stop < len(self.pieces) and self.clings(stop):
            stop += 1
        if stop <= self._cut or all(len(piece) == 1 for piece in self.pieces[start:stop]):
            return False
        looks = [self._look or (False, INK)] * (stop - start) if self.looks is None else self.looks[start:stop]
        parts = [(sign, look) for piece, look in zip(self.pieces[start:stop], looks, strict=True) for sign in piece]
        widths = [WIDTHS[bold][sign] for sign, (bold, _color) in parts]
        after = [end - self.ends[stop] for end in self.ends[stop + 1 :]]
        self.pieces[start:stop] = [sign for sign, _look in parts]
        if self.looks is not None:
            self.looks[start:stop] = [look for _sign, look in parts]
        self.ends[start:] = accumulate(widths, initial=self.ends[start])
        self.ends += [self.ends[-1] + further for further in after]
        self._cut = start + len(parts)
        return True

    def line(self, start: int, stop: int, size: float, *, last: bool) -> Line:
        """The pieces from ``start`` to ``stop``, without the blanks at a break, so that it can reach the margin."""
        while not last and stop - 1 > start and self.pieces[stop - 1] == " ":
            stop -= 1
        looks = self.looks[start:stop] if self.looks is not None else None
        return Line(self.pieces[start:stop], looks, (self.ends[stop] - self.ends[start]) * size, last)


def lay_out(text: Sequence[Run], size: float, room: float, indent: float = 0.0, hang: float = 0.0) -> list[Line]:
    """Break ``text`` into lines of at most ``room`` points; the first is shorter by ``indent``, others by ``hang``."""
    found: list[Line] = []
    for told in _as_told(text):
        found += _broken(told, size, room - (hang if found else indent), room - hang)
    return found


def _as_told(text: Sequence[Run]) -> list[_Told]:
    look = text[0][1:] if len(text) == 1 else None
    lines = [_Told(look)]
    for words, bold, color in text:
        for number, part in enumerate(words.translate(_BLANKS).split("\n")):
            if number:
                lines.append(_Told(look))
            lines[-1].add(part, bold, color)
    return lines


def _broken(told: _Told, size: float, first: float, room: float) -> Iterator[Line]:
    """The lines of ``room`` points, the first of ``first``; where nothing may end a line, a word is cut."""
    start, left = 0, first
    while True:
        stop = bisect_right(told.ends, told.ends[start] + (left + 1e-6) / size, start + 1) - 1
        if stop >= len(told.pieces):
            yield told.line(start, len(told.pieces), size, last=True)
            return
        fits = max(stop, start + 1)
        while stop > start and told.clings(stop):
            stop -= 1
        if stop <= start:
            if told.cut(start):
                continue
            stop = fits  # a row of signs none of which may begin a line has nowhere else to go
        after = stop
        while after < len(told.pieces) and told.pieces[after] == " ":
            after += 1
        yield told.line(start, stop, size, last=after == len(told.pieces))
        if after == len(told.pieces):
            return
        start, left = after, room


class Paragraph(Flowable):  # type: ignore[misc]
    """A paragraph of runs, or of plain text, whose signs are always taken literally; breaks across pages."""

    def __init__(
        self,
        text: str | Sequence[Run],
        size: float = 9.5,
        *,
        leading: float = 0.0,
        bold: bool = False,
        color: str = INK,
        align: str = "j",
        indent: float = 0.0,
        hang: float = 0.0,
        after: float = 3.0,
        role: str = P,
    ) -> None:
        """Lengths in points; ``align`` is "j" (to both margins), "l", "c" or "r"; ``leading`` 1.62 sizes by default."""
        super().__init__()
        self.runs = [Run(text, bold, color)] if isinstance(text, str) else list(text)
        self.size, self.leading = size, leading or size * 1.62
        self.align, self.indent, self.hang, self.role = align, indent, hang, role
        self.spaceAfter = after
        self.lines: list[Line] = []
        self._laid_for = -1.0
        self._first = True

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        if self._laid_for != width:
            self.lines = lay_out(self.runs, self.size, width, self.indent, self.hang)
            self._laid_for = width
        self.width, self.height = width, len(self.lines) * self.leading
        return width, self.height

    def split(self, width: float, height: float) -> list["Paragraph"]:
        self.wrap(width, height)
        fits = int(height / self.leading + 1e-6)
        if fits >= len(self.lines):
            return [self]
        fits = min(fits, len(self.lines) - 2)  # two lines at least on either page
        if fits < 2:
            return []
        return [self._part(0, fits), self._part(fits, len(self.lines))]

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:
        # reportlab would move the origin and save the state of the page for every paragraph.
        ink = Ink(canvas)
        self.paint(ink, x, y + self.height)
        ink.dry()

    def paint(self, ink: Ink, x: float, top: float, cell: Cell | None = None) -> None:
        """Write the lines below ``top``; for blocks that hold paragraphs, and for tables as a ``cell``."""
        ink.mark(CELL if cell else self.role, cell)
        y = top - self.leading + (self.leading - self.size) * 0.5 + self.size * 0.12
        for number, line in enumerate(self.lines):
            inset = self.indent if number == 0 and self._first else self.hang
            spare = self._laid_for - inset - line.width
            left = x + inset + {"r": spare, "c": spare / 2}.get(self.align, 0.0)
            if line.pieces:
                self._write(ink, left, y, line, spare)
            y -= self.leading

    def _write(self, ink: Ink, x: float, y: float, line: Line, spare: float) -> None:
        gaps = len(line.pieces) - 1
        loose = self.align == "j" and not line.last and gaps and spare / gaps <= self.size * _LOOSEST
        gap = spare / gaps if loose else 0.0
        _text, bold, color = self.runs[0]
        text = "" if line.looks else "".join(line.pieces)
        if text and (not loose or len(text) == len(line.pieces)):
            ink.spaced(x, y, Run(text, bold, color), self.size, gap)
        else:
            looks = line.looks or repeat((bold, color))
            runs = [Run(piece, *look) for piece, look in zip(line.pieces, looks, strict=False)]
            ink.line(x, y, runs, self.size, gap)

    def _part(self, start: int, end: int) -> "Paragraph":
        part = Paragraph(
            self.runs, self.size, leading=self.leading, align=self.align, indent=self.indent, hang=self.hang,
            role=self.role,
        )  # fmt: skip
        part.lines, part._laid_for, part._first = self.lines[start:end], self._laid_for, start == 0
        part.spaceAfter = self.spaceAfter if end == len(self.lines) else 0
        return part
