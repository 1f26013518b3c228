"""Chinese paragraphs: no punctuation begins a line, no opening bracket ends one, numbers and words stay whole."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from insuragent.documents.fonts import glyph, width
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


class Atom(NamedTuple):
    """Text that must stay on one line: a character, a word, or either with the punctuation that clings to it."""

    runs: tuple[Run, ...]
    width: float  # at size 1


class Line(NamedTuple):
    """A laid-out line: its atoms, its width in points, and whether the paragraph's line ends here."""

    atoms: list[Atom]
    width: float
    last: bool


def atoms(runs: Iterable[Run]) -> list[list[Atom]]:
    """The text as lines of the author's own, each a list of atoms between which it may be broken."""
    line: list[Atom] = []
    lines = [line]
    clings = False
    for text, bold, color in runs:
        for piece in _PIECE.findall(text.translate(_BLANKS)):
            if piece == "\n":
                line, clings = [], False
                lines.append(line)
                continue
            atom, stays, holds = (_sign if len(piece) == 1 else _word)(piece, bold, color)
            if line and (clings or stays):
                line[-1] = Atom(line[-1].runs + atom.runs, line[-1].width + atom.width)
            else:
                line.append(atom)
            clings = holds
    return lines


def lay_out(text: Sequence[Run], size: float, room: float, indent: float = 0.0, hang: float = 0.0) -> list[Line]:
    """Break ``text`` into lines of at most ``room`` points; the first is shorter by ``indent``, others by ``hang``."""
    found: list[Line] = []
    widest = max(room - max(indent, hang), size) / size
    for author_line in atoms(text):
        line: list[Atom] = []
        used, left = 0.0, room - (hang if found else indent)
        for atom in _split_wide(author_line, widest):
            step = atom.width * size
            if line and used + step > left + 1e-6:
                found.append(_ended(line, used, size))
                line, used, left = [], 0.0, room - hang
            if line or not _blank(atom):
                line.append(atom)
                used += step
        found.append(Line(line, used, last=True))
    return found


def _ended(line: list[Atom], used: float, size: float) -> Line:
    """A line without the blanks at its end, so that it can reach the margin."""
    while len(line) > 1 and _blank(line[-1]):
        used -= line.pop().width * size
    return Line(line, used, last=False)


def _blank(atom: Atom) -> bool:
    return atom.runs[0].text == " " and len(atom.runs) == 1


def _word(piece: str, bold: bool, color: str) -> tuple[Atom, bool, bool]:
    """A piece of text as an atom; whether it clings to what is before it, and whether it holds on to what follows."""
    return Atom((Run(piece, bold, color),), width(piece, 1.0, bold)), piece[0] in NO_START, piece[-1] in NO_END


#: Kept for single characters only: no name or number outlives its document.
_sign = lru_cache(maxsize=20_000)(_word)


def _split_wide(line: list[Atom], widest: float) -> Iterable[Atom]:
    """A word wider than the whole line (an address of a page) is cut before any character that may begin a line."""
    for atom in line:
        if atom.width <= widest:
            yield atom
            continue
        piece: list[Run] = []
        used = 0.0
        for run in atom.runs:
            for character in run.text:
                step = glyph(character, run.bold)[1]
                if piece and (used + step > widest or character not in NO_START):
                    yield Atom(tuple(piece), used)
                    piece, used = [], 0.0
                piece.append(Run(character, run.bold, run.color))
                used += step
        yield Atom(tuple(piece), used)


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
            if line.atoms:
                self._write(ink, left, y, line, spare)
            y -= self.leading

    def _write(self, ink: Ink, x: float, y: float, line: Line, spare: float) -> None:
        runs = [run for atom in line.atoms for run in atom.runs]
        gaps = len(runs) - 1
        loose = self.align == "j" and not line.last and gaps and spare / gaps <= self.size * _LOOSEST
        gap = spare / gaps if loose else 0.0
        text = "".join([run.text for run in runs]) if len(self.runs) == 1 else ""
        if text and (not loose or len(text) == len(runs)):
            ink.spaced(x, y, Run(text, self.runs[0].bold, self.runs[0].color), self.size, gap)
        else:
            ink.line(x, y, runs, self.size, gap)

    def _part(self, start: int, end: int) -> "Paragraph":
        part = Paragraph(
            self.runs, self.size, leading=self.leading, align=self.align, indent=self.indent, hang=self.hang,
            role=self.role,
        )  # fmt: skip
        part.lines, part._laid_for, part._first = self.lines[start:end], self._laid_for, start == 0
        part.spaceAfter = self.spaceAfter if end == len(self.lines) else 0
        return part
