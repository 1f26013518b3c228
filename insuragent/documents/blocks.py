"""The blocks that a page is made of: headings, boxes, facts, signatures; all but the smallest go on overleaf."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import Flowable

from insuragent.documents.content import Signature
from insuragent.documents.fonts import width
from insuragent.documents.ink import (
    EDGE,
    GREY,
    INK,
    LINE,
    RED,
    ROSE,
    TEAL,
    WHITE,
    Ink,
    Run,
    fill,
    fitting,
    stroke,
    write,
)
from insuragent.documents.ink import Path as Lines
from insuragent.documents.tags import H2, ITEM, figure
from insuragent.documents.typography import Paragraph
from insuragent.i18n import SHANGHAI, _, format_date


class Heading(Flowable):  # type: ignore[misc]
    """A heading that stands in the outline."""

    def __init__(self, text: str, scale: float = 1.0) -> None:
        super().__init__()
        self.text, self.scale = text, scale
        self.spaceBefore, self.spaceAfter = 10, 5

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, 20 * self.scale
        return self.width, self.height

    def draw(self) -> None:
        canvas, size = self.canv, 13 * self.scale
        key = f"heading-{canvas.getPageNumber()}-{self.text}"
        canvas.bookmarkHorizontal(key, 0, self.height + 10)
        canvas.addOutlineEntry(self.text, key, 0, closed=False)
        fill(canvas, TEAL)
        canvas.rect(0, 4, 4, 14 * self.scale, stroke=0, fill=1)
        size = fitting(self.text, size, self.width - 11, least=size / 2, bold=True)
        write(canvas, 11, 5.5, self.text, size, bold=True, color=TEAL, role=H2)
        stroke(canvas, LINE, 0.6)
        canvas.line(0, -1, self.width, -1)


class Headed(Flowable):  # type: ignore[misc]
    """A heading and the block below it, which may go on overleaf but never leaves its heading alone.

    reportlab's keepWithNext would carry both overleaf whole, and leave half a page blank.
    """

    def __init__(self, heading: Heading, body: Flowable) -> None:
        super().__init__()
        self.heading, self.body = heading, body
        self.spaceBefore, self.spaceAfter = heading.spaceBefore, body.getSpaceAfter()

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.heading.wrap(width, height)
        self.width, self.height = width, self._above + self.body.wrap(width, height)[1]
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.heading.wrap(width, height)
        parts = self.body.split(width, height - self._above)
        return [Headed(self.heading, parts[0]), *parts[1:]] if len(parts) > 1 else []

    def draw(self) -> None:
        self.heading.drawOn(self.canv, 0, self.height - self.heading.height)
        self.body.drawOn(self.canv, 0, 0)

    @property
    def _above(self) -> float:
        return float(self.heading.height + self.heading.spaceAfter)


def section(title: str, scale: float, *body: Flowable) -> list[Flowable]:
    """A heading that stays with the first of its blocks, then the others."""
    return [Headed(Heading(title, scale), body[0]), *body[1:]] if body else []


class Box(Flowable):  # type: ignore[misc]
    """Paragraphs on a tinted ground with a strong edge; what does not fit goes on in a second box overleaf.

    A small one is not cut.
    """

    PAD, SMALL = 10.0, 190.0

    def __init__(
        self, paragraphs: Sequence[Paragraph], title: str = "", edge: str = RED, ground: str = ROSE, size: float = 11.5
    ) -> None:
        super().__init__()
        self.paragraphs, self.title, self.edge, self.ground, self.size = list(paragraphs), title, edge, ground, size
        self.again = False
        self.spaceBefore, self.spaceAfter = 4, 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        heights = [p.wrap(self._inner(width), 1e6)[1] + p.spaceAfter for p in self.paragraphs]
        self.width = width
        self.height = self.PAD * 2 + self._head + sum(heights) - self.paragraphs[-1].spaceAfter
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        if self.wrap(width, height)[1] <= self.SMALL:
            return []  # whole overleaf
        room = height - self.PAD * 2 - self._head
        first: list[Paragraph] = []
        rest = list(self.paragraphs)
        while rest:
            needed = rest[0].wrap(self._inner(width), 1e6)[1]
            if needed > room:
                parts = rest[0].split(self._inner(width), room)
                if len(parts) == 2:
                    first.append(parts[0])
                    rest[0] = parts[1]
                break
            room -= needed + rest[0].spaceAfter
            first.append(rest.pop(0))
        return [self._with(first), self._with(rest, again=True)] if first and rest else []

    def draw(self) -> None:
        canvas = self.canv
        fill(canvas, self.ground)
        canvas.roundRect(0, 0, self.width, self.height, 4, stroke=0, fill=1)
        fill(canvas, self.edge)
        canvas.rect(0, 0, 3.5, self.height, stroke=0, fill=1)
        y = self.height - self.PAD
        if self.title:
            title = _("{title}（续）").format(title=self.title) if self.again else self.title
            write(canvas, self.PAD + 6, y - self.size, title, self.size, bold=True, color=self.edge)
            y -= self._head
        ink = Ink(canvas)
        for paragraph in self.paragraphs:
            paragraph.paint(ink, self.PAD + 6, y)
            y -= paragraph.height + paragraph.spaceAfter
        ink.dry()

    def _with(self, paragraphs: Sequence[Paragraph], *, again: bool = False) -> "Box":
        part = Box(paragraphs, self.title, self.edge, self.ground, self.size)
        part.again = self.again or again
        return part

    def _inner(self, width: float) -> float:
        return width - 2 * self.PAD - 6

    @property
    def _head(self) -> float:
        return self.size + 8 if self.title else 0.0


def boxed(paragraphs: Sequence[Paragraph], title: str = "", **look: Any) -> list[Flowable]:
    """A box, or nothing where there is nothing to put in one; ``look`` is as for :class:`Box`."""
    return [Box(paragraphs, title, **look)] if paragraphs else []


class KeyFacts(Flowable):  # type: ignore[misc]
    """The few facts that the customer looks for first, some to a row; a long one goes on in further lines."""

    def __init__(self, facts: Sequence[tuple[str, str]], scale: float = 1.0, across: int = 4) -> None:
        super().__init__()
        self.facts, self.scale, self.across = list(facts), scale, across
        self.spaceAfter = 8

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.cell = width, width / self.across
        values = [self._value(number, value) for number, (_name, value) in enumerate(self.facts)]
        self.rows = [values[start : start + self.across] for start in range(0, len(values), self.across)]
        self.heights = [max(value.height for value in row) + 30 * self.scale for row in self.rows]
        self.height = sum(self.heights)
        return self.width, self.height

    def draw(self) -> None:
        canvas, scale = self.canv, self.scale
        fill(canvas, WHITE)
        stroke(canvas, LINE, 0.8)
        canvas.roundRect(0, 0, self.width, self.height, 5, stroke=1, fill=1)
        lines, ink, top = Lines(), Ink(canvas), self.height
        for number, (row, height) in enumerate(zip(self.rows, self.heights, strict=True)):
            if number:
                lines.line((10, top), (self.width - 10, top))
            for place, value in enumerate(row):
                x, (name, _value) = place * self.cell, self.facts[number * self.across + place]
                if place:
                    lines.line((x, top - 10), (x, top - height + 10))
                size = fitting(name, 8 * scale, self.cell - 16, least=4)
                ink.line(x + 12, top - 18 * scale, [Run(name, False, GREY)], size)
                value.paint(ink, x + 12, top - 22 * scale)
            top -= height
        lines.stroke(canvas, "#DDE6EA")
        ink.dry()

    def _value(self, number: int, value: str) -> Paragraph:
        """The value in one large line, or in smaller ones when it is long."""
        room, size, color = self.cell - 20, 12.0 * self.scale, TEAL if number < self.across else INK
        lines = value.split("\n")
        needed = max(width(line, size, bold=True) for line in lines)
        size = max(size * min(1.0, room / max(needed, 1)), 9.0 * min(self.scale, 1.1))
        found = Paragraph(value, size, bold=True, color=color, align="l", leading=max(size * 1.35, 18 * self.scale))
        if needed > room or len(lines) > 1:
            found.leading = size * 1.4
        found.wrap(room, 1e6)
        return found


class FactList(Flowable):  # type: ignore[misc]
    """Facts of any length below one another: the name on the left, the words beside it; a long one goes on overleaf."""

    NAME, SMALL = 0.2, 190.0

    def __init__(self, facts: Sequence[tuple[str, str]], size: float = 10.5) -> None:
        super().__init__()
        self.rows = [(Paragraph(n, size, bold=True, align="l"), Paragraph(v, size, align="l")) for n, v in facts]
        self.spaceAfter = 10

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        for name, value in self.rows:
            name.wrap(width * self.NAME - 8, 1e6)
            value.wrap(width * (1 - self.NAME), 1e6)
        self.height = sum(self._height(row) for row in self.rows)
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        fits = 0
        while fits < len(self.rows) and self._height(self.rows[fits]) <= height:
            height -= self._height(self.rows[fits])
            fits += 1
        if fits == len(self.rows):
            return []
        rows, cut = self.rows[fits:], self._cut(self.rows[fits], width, height)
        if not cut and not fits:
            return []
        first, rest = FactList([]), FactList([])
        first.rows, rest.rows = [*self.rows[:fits], *cut[:1]], [*cut[1:], *rows[1:]] if cut else rows
        return [first, rest]

    def _cut(self, row: tuple[Paragraph, Paragraph], width: float, height: float) -> list[tuple[Paragraph, Paragraph]]:
        """A long row as what fits and what goes on, without its name; nothing for a small one, which is moved whole."""
        if self._height(row) <= self.SMALL:
            return []
        pieces = row[1].split(width * (1 - self.NAME), height - 8)
        return [(row[0], pieces[0]), (Paragraph("", row[0].size), pieces[1])] if len(pieces) == 2 else []

    def draw(self) -> None:
        ink, lines, y = Ink(self.canv), Lines(), self.height
        for name, value in self.rows:
            name.paint(ink, 0, y - 4)
            value.paint(ink, self.width * self.NAME, y - 4)
            y -= self._height((name, value))
            lines.line((0, y), (self.width, y))
        lines.stroke(self.canv, "#DDE6EA")
        ink.dry()

    def _height(self, row: tuple[Paragraph, Paragraph]) -> float:
        return float(max(row[0].height, row[1].height)) + 8


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
        canvas, half = self.canv, (self.width - 20) / 2
        for number, (who, name) in enumerate(self.sides):
            x = number * (half + 20)
            stroke(canvas, EDGE, 0.7)
            canvas.roundRect(x, 0, half, self.height, 4, stroke=1, fill=0)
            write(canvas, x + 12, self.height - 18, who, 9, color=INK)
            size = fitting(name, 9, half - 40 - width(who, 9), least=2)
            write(canvas, x + half - 12, self.height - 18, name, size, color=GREY, align="r")
            canvas.line(x + 12, 26, x + half - 12, 26)
        if self.signature is None:
            write(canvas, 12, 12, self.unsigned, 8.5, color=GREY)
        else:
            self._draw_signature(canvas, self.signature, half)

    def _draw_signature(self, canvas: Any, signature: Signature, half: float) -> None:
        picture = ImageReader(io.BytesIO(signature.png))
        with figure(canvas, self.sides[0][0], 30, 28, 150, 46):
            canvas.drawImage(picture, 30, 28, 150, 46, mask="auto", preserveAspectRatio=True, anchor="sw")
        day = format_date(signature.signed_at.astimezone(SHANGHAI).date())
        write(canvas, 12, 12, _("签署日期 {day}").format(day=day), 8.5)
        digest = _("签名图像 SHA-256 {digest}").format(digest=signature.sha256[:16])
        write(canvas, half - 12, 12, digest, 6, color=GREY, align="r")


def bullet_list(texts: Sequence[str], size: float = 9.0, *, bold: bool = False, color: str = INK) -> list[Paragraph]:
    """One paragraph a text, each with a dot in front."""
    return [_item("· ", text, size, bold, color) for text in texts]


def numbered(texts: Sequence[str], size: float, *, bold: bool = False) -> list[Paragraph]:
    """One paragraph a text, each with its number in front."""
    return [_item(f"{number}. ", text, size, bold, INK) for number, text in enumerate(texts, 1)]


def _item(mark: str, text: str, size: float, bold: bool, color: str) -> Paragraph:
    return Paragraph([Run(mark + text, bold, color)], size, hang=width(mark, size, bold), role=ITEM)
