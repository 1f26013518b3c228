"""Chinese paragraphs: no punctuation begins a line, no opening bracket ends one, numbers and words stay whole."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reportlab.platypus.flowables import Flowable

from insuragent.documents.fonts import glyph
from insuragent.documents.ink import INK, Ink, Run

#: Signs that must not begin a line, and that must not end one (GB/T 15834-2011, 5.1).
NO_START = frozenset("!'\"),.:;?]}%、。，．：；？！）］｝〕〉》」』】〗”’·…—～〜‰％℃°′″々ー‐–")
NO_END = frozenset("([{（［｛〔〈《「『【〖“‘￥¥$£#@№§")
#: A word or number, or else a single sign.
_PIECE = re.compile(r"[0-9A-Za-z.,:/%+\-_@&#']+|[\s\S]")
#: A line is stretched to the margin only while no gap grows beyond this share of the size.
_LOOSEST = 0.25


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
    lines: list[list[Atom]] = [[]]
    clings = False
    for run in runs:
        for piece in _pieces(run.text):
            if piece == "\n":
                lines.append([])
                clings = False
                continue
            atom = _atom(piece, run.bold, run.color)
            line = lines[-1]
            if line and (clings or piece[0] in NO_START):
                line[-1] = Atom(line[-1].runs + atom.runs, line[-1].width + atom.width)
            else:
                line.append(atom)
            clings = piece[-1] in NO_END
    return lines


def lay_out(text: Sequence[Run], size: float, width: float, indent: float = 0.0, hang: float = 0.0) -> list[Line]:
    """Break ``text`` into lines of at most ``width`` points; the first is shorter by ``indent``, others by ``hang``."""
    found: list[Line] = []
    for author_line in atoms(text):
        line: list[Atom] = []
        used, room = 0.0, width - (hang if found else indent)
        for atom in _split_wide(author_line, width / size):
            step = atom.width * size
            if line and used + step > room + 1e-6:
                found.append(Line(line, used, last=False))
                line, used, room = [], 0.0, width - hang
            if line or atom.runs != (Run(" ", atom.runs[0].bold, atom.runs[0].color),):
                line.append(atom)
                used += step
        found.append(Line(line, used, last=True))
    return found


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


@lru_cache(maxsize=20_000)
def _atom(piece: str, bold: bool, color: str) -> Atom:
    return Atom((Run(piece, bold, color),), sum(glyph(c, bold)[1] for c in piece))


def _split_wide(line: list[Atom], widest: float) -> Iterable[Atom]:
    """A word wider than the whole line (an address of a page) is cut before any character that may begin a line."""
    for atom in line:
        if atom.width <= widest:
            yield atom
            continue
        characters = [Run(c, run.bold, run.color) for run in atom.runs for c in run.text]
        piece: list[Run] = []
        for character in characters:
            used = sum(glyph(run.text, run.bold)[1] for run in piece)
            full = used + glyph(character.text, character.bold)[1] > widest
            if piece and (full or character.text not in NO_START):
                yield Atom(tuple(piece), used)
                piece = []
            piece.append(character)
        yield Atom(tuple(piece), sum(glyph(run.text, run.bold)[1] for run in piece))


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
    ) -> None:
        """Lengths in points; ``align`` is "j" (to both margins), "l", "c" or "r"; ``leading`` 1.62 sizes by default."""
        super().__init__()
        self.runs = [Run(text, bold, color)] if isinstance(text, str) else list(text)
        self.size, self.leading = size, leading or size * 1.62
        self.align, self.indent, self.hang = align, indent, hang
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

    def draw(self) -> None:
        ink = Ink(self.canv)
        self.paint(ink, 0, self.height)
        ink.dry()

    def paint(self, ink: Ink, x: float, top: float) -> None:
        """Write the lines below ``top``; for blocks that hold paragraphs."""
        y = top - self.leading + (self.leading - self.size) * 0.5 + self.size * 0.12
        for number, line in enumerate(self.lines):
            inset = self.indent if number == 0 and self._first else self.hang
            spare = self._laid_for - inset - line.width
            left = x + inset + {"r": spare, "c": spare / 2}.get(self.align, 0.0)
            if line.atoms:
                self._write(ink, left, y, line, spare)
            y -= self.leading

    def _write(self, ink: Ink, x: float, y: float, line: Line, spare: float) -> None:
        gaps = len(line.atoms) - 1
        loose = self.align == "j" and not line.last and gaps and spare / gaps <= self.size * _LOOSEST
        ink.line(x, y, [atom.runs for atom in line.atoms], self.size, spare / gaps if loose else 0.0)

    def _part(self, start: int, end: int) -> "Paragraph":
        part = Paragraph(
            self.runs, self.size, leading=self.leading, align=self.align, indent=self.indent, hang=self.hang
        )
        part.lines, part._laid_for, part._first = self.lines[start:end], self._laid_for, start == 0
        part.spaceAfter = self.spaceAfter if end == len(self.lines) else 0
        return part
