"""The blocks that a page is made of: headings, boxes, facts, coverage, signatures."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Coverage, Signature
from insuragent.documents.fonts import width
from insuragent.documents.ink import GREY, INK, LINE, PALE, RED, ROSE, TEAL, WHITE, Ink, Run, fill, stroke, write
from insuragent.documents.typography import Paragraph
from insuragent.i18n import format_date


class Heading(Flowable):  # type: ignore[misc]
    """A heading that stands in the outline and stays with what follows."""

    keepWithNext = 1

    def __init__(self, text: str, scale: float = 1.0) -> None:
        super().__init__()
        self.text, self.scale = text, scale
        self.spaceBefore, self.spaceAfter = 10, 5

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, 20 * self.scale
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        key = f"heading-{canvas.getPageNumber()}-{self.text}"
        canvas.bookmarkHorizontal(key, 0, self.height + 10)
        canvas.addOutlineEntry(self.text, key, 0, closed=False)
        fill(canvas, TEAL)
        canvas.rect(0, 4, 4, 14 * self.scale, stroke=0, fill=1)
        write(canvas, 11, 5.5, self.text, 13 * self.scale, bold=True, color=TEAL)
        stroke(canvas, LINE, 0.6)
        canvas.line(0, -1, self.width, -1)


class Box(Flowable):  # type: ignore[misc]
    """Paragraphs on a tinted ground with a strong edge; a box that is taller than the page is cut between them."""

    PAD = 10.0

    def __init__(
        self, paragraphs: Sequence[Paragraph], title: str = "", edge: str = RED, ground: str = ROSE, size: float = 11.5
    ) -> None:
        super().__init__()
        self.paragraphs, self.title, self.edge, self.ground, self.size = list(paragraphs), title, edge, ground, size
        self.spaceBefore, self.spaceAfter = 4, 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        inner = width - 2 * self.PAD - 6
        heights = [p.wrap(inner, 1e6)[1] + p.spaceAfter for p in self.paragraphs]
        self.width = width
        self.height = self.PAD * 2 + self._head + sum(heights) - self.paragraphs[-1].spaceAfter
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        room = height - self.PAD * 2 - self._head
        taken = 0
        for paragraph in self.paragraphs:
            room -= paragraph.wrap(width - 2 * self.PAD - 6, 1e6)[1] + paragraph.spaceAfter
            if room < 0:
                break
            taken += 1
        if taken == 0 or taken == len(self.paragraphs):
            return []
        first, rest = self.paragraphs[:taken], self.paragraphs[taken:]
        return [
            Box(first, self.title, self.edge, self.ground, self.size),
            Box(rest, "", self.edge, self.ground, self.size),
        ]

    def draw(self) -> None:
        canvas = self.canv
        fill(canvas, self.ground)
        canvas.roundRect(0, 0, self.width, self.height, 4, stroke=0, fill=1)
        fill(canvas, self.edge)
        canvas.rect(0, 0, 3.5, self.height, stroke=0, fill=1)
        y = self.height - self.PAD
        if self.title:
            write(canvas, self.PAD + 6, y - self.size, self.title, self.size, bold=True, color=self.edge)
            y -= self._head
        ink = Ink(canvas)
        for paragraph in self.paragraphs:
            paragraph.paint(ink, self.PAD + 6, y)
            y -= paragraph.height + paragraph.spaceAfter
        ink.dry()

    @property
    def _head(self) -> float:
        return self.size + 8 if self.title else 0.0


class KeyFacts(Flowable):  # type: ignore[misc]
    """The few facts that the customer looks for first, four to a row."""

    def __init__(self, facts: Sequence[tuple[str, str]], scale: float = 1.0) -> None:
        super().__init__()
        self.facts, self.scale = list(facts), scale
        self.spaceAfter = 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, -(-len(self.facts) // 4) * 48 * self.scale
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        fill(canvas, WHITE)
        stroke(canvas, LINE, 0.8)
        canvas.roundRect(0, 0, self.width, self.height, 5, stroke=1, fill=1)
        cell, row = self.width / 4, 48 * self.scale
        stroke(canvas, "#DDE6EA")
        for number, (name, value) in enumerate(self.facts):
            x, top = (number % 4) * cell, self.height - (number // 4) * row
            write(canvas, x + 12, top - 18 * self.scale, name, 8 * self.scale, color=GREY)
            size = 12.0 * self.scale
            while size > 5 and width(value, size, bold=True) > cell - 20:
                size -= 0.5
            write(canvas, x + 12, top - 37 * self.scale, value, size, bold=True, color=TEAL if number < 4 else INK)
            if number % 4:
                canvas.line(x, top - 10, x, top - row + 10)
            elif number:
                canvas.line(10, top, self.width - 10, top)


class CoverageTable(Flowable):  # type: ignore[misc]
    """Benefits in plain words: name, amount, period; rows as tall as their words."""

    WIDTHS = (0.2, 0.61, 0.19)

    def __init__(self, heads: tuple[str, str, str], coverage: Sequence[Coverage], size: float = 9.0) -> None:
        super().__init__()
        self.heads, self.size = heads, size
        self.cells = [
            (
                Paragraph(item.name, size, bold=True, color=TEAL, align="l"),
                Paragraph(item.amount, size, align="l"),
                Paragraph(item.period, size, align="c"),
            )
            for item in coverage
        ]
        self.spaceAfter = 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.columns = width, [share * width for share in self.WIDTHS]
        self.heights = [
            max(p.wrap(column - 16, 1e6)[1] for p, column in zip(row, self.columns, strict=True)) + 10
            for row in self.cells
        ]
        self.height = self._head + sum(self.heights)
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        fill(canvas, TEAL)
        canvas.rect(0, self.height - self._head, self.width, self._head, stroke=0, fill=1)
        x = 0.0
        for head, column in zip(self.heads, self.columns, strict=True):
            y = self.height - self._head + (self._head - self.size) / 2 + 1
            write(canvas, x + column / 2, y, head, self.size, bold=True, color=WHITE, align="c")
            x += column
        self._draw_rows(canvas)

    def _draw_rows(self, canvas: Any) -> None:
        ink, y = Ink(canvas), self.height - self._head
        stroke(canvas, LINE)
        for row, height in zip(self.cells, self.heights, strict=True):
            x = 0.0
            for paragraph, column in zip(row, self.columns, strict=True):
                paragraph.paint(ink, x + 8, y - (height - paragraph.height) / 2)
                x += column
            y -= height
            canvas.line(0, y, self.width, y)
        ink.dry()

    @property
    def _head(self) -> float:
        return self.size * 2.2


class SignatureBlock(Flowable):  # type: ignore[misc]
    """Where both sign: the customer's strokes when there are any, else an empty line."""

    HEIGHT = 96.0

    def __init__(
        self, left: tuple[str, str], right: tuple[str, str], signature: Signature | None, unsigned: str
    ) -> None:
        """``left`` and ``right`` are (who signs, the name in print); ``unsigned`` stands where a date would."""
        super().__init__()
        self.sides, self.signature, self.unsigned = (left, right), signature, unsigned

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.HEIGHT
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        half = (self.width - 20) / 2
        for number, (who, name) in enumerate(self.sides):
            x = number * (half + 20)
            stroke(canvas, "#9FB2BB", 0.7)
            canvas.roundRect(x, 0, half, self.height, 4, stroke=1, fill=0)
            write(canvas, x + 12, self.height - 18, who, 9, color=INK)
            write(canvas, x + half - 12, self.height - 18, name, 8, color=GREY, align="r")
            canvas.line(x + 12, 26, x + half - 12, 26)
        if self.signature is None:
            write(canvas, 12, 12, self.unsigned, 8.5, color=GREY)
            return
        picture = ImageReader(io.BytesIO(self.signature.png))
        canvas.drawImage(picture, 30, 28, 150, 46, mask="auto", preserveAspectRatio=True, anchor="sw")
        write(canvas, 12, 12, format_date(self.signature.signed_at.date()), 8.5)
        digest = f"SHA-256 {self.signature.sha256[:16]}"
        write(canvas, half - 12, 12, digest, 6, color=GREY, align="r")


def bullet_list(texts: Sequence[str], size: float = 9.0, *, bold: bool = False, color: str = INK) -> list[Paragraph]:
    """One paragraph a text, each with a dot in front."""
    return [Paragraph([Run(f"· {text}", bold, color)], size, hang=size * 0.8) for text in texts]


def numbered(texts: Sequence[str], size: float, *, bold: bool = False) -> list[Paragraph]:
    """One paragraph a text, each with its number in front."""
    return [Paragraph([Run(f"{number}. {text}", bold)], size, hang=size * 1.2) for number, text in enumerate(texts, 1)]


__all__ = ["PALE", "Box", "CoverageTable", "Heading", "KeyFacts", "SignatureBlock", "bullet_list", "numbered"]
