"""Put text and lines on a page: each character in a font that has it, quickly, with gaps that may stretch."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents.fonts import BOLD, face, glyph, width
from insuragent.errors import UserError
from insuragent.i18n import N_

TEAL, GOLD, RED, INK, GREY = "#0B4F6C", "#B8862D", "#B3261E", "#222222", "#5F6B72"
PALE, ROSE, CREAM, LINE, WHITE = "#F3F7F9", "#FDF3F2", "#FBF6EA", "#C9D6DC", "#FFFFFF"
SKY, SAND, EDGE = "#CFE1E9", "#F1E4C6", "#9FB2BB"
#: How much of the size a rare character's outline grows on either side, to stand as heavy as its bold neighbours.
_HEAVIER = 0.034


class TooLong(UserError):
    """A text for which the form has no room; printing stops rather than cut it."""

    message = N_("文字过长，版面放不下：{start}…")
    hint = N_("请缩短后再打印。没有打印任何内容。")


class Run(NamedTuple):
    """A stretch of text in one weight and colour."""

    text: str
    bold: bool = False
    color: str = INK


class _Code(NamedTuple):
    """How a character is written in one document."""

    font: str
    code: str
    heavier: bool


#: What each document knows of its characters, plain and bold.
_known: WeakKeyDictionary[Any, tuple[dict[str, _Code], dict[str, _Code]]] = WeakKeyDictionary()


class Ink:
    """The text of one page or block: collect lines, then :meth:`dry` puts them on the canvas in one text object."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._parts = ["BT"]
        self._codes = _known.setdefault(canvas._doc, ({}, {}))
        self._font, self._size, self._color = "", 0.0, ""
        self._gap, self._heavier = 0.0, False

    def line(self, x: float, y: float, groups: Sequence[Sequence[Run]], size: float, gap: float = 0.0) -> None:
        """Draw groups of runs from ``x`` on the base line ``y``; each group after the first ``gap`` points further."""
        self._parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        shown: list[str] = []
        for group in groups:
            final = len(group) - 1
            for place, run in enumerate(group):
                known, text, last = self._codes[run.bold], run.text, len(run.text) - 1
                for number, character in enumerate(text):
                    code = known.get(character) or self._encode(character, run.bold)
                    wanted = gap if number == last and place == final else 0.0
                    if (
                        code.font != self._font
                        or size != self._size
                        or run.color != self._color
                        or wanted != self._gap
                        or code.heavier != self._heavier
                    ):
                        self._show(shown)
                        self._change(code, size, run.color, wanted)
                    shown.append(code.code)
        self._show(shown)

    def dry(self) -> None:
        """Put what was collected on the canvas."""
        if self._gap:
            self._parts.append("0 Tc")
        if self._heavier:
            self._parts.append("0 Tr")
        self._canvas._code.append(" ".join([*self._parts, "ET"]))

    def _show(self, codes: list[str]) -> None:
        if codes:
            self._parts.append(f"<{''.join(codes)}> Tj")
            codes.clear()

    def _change(self, code: _Code, size: float, color: str, gap: float) -> None:
        """Go over to another font, size, colour, gap or weight: only what is new is written."""
        if code.font != self._font or size != self._size:
            self._parts.append(f"{code.font} {size:g} Tf")
        if color != self._color:
            self._parts.append(f"{_rgb(color)} rg")
        if gap != self._gap:
            self._parts.append(f"{gap:.3f} Tc")
        if code.heavier:
            self._parts.append(f"2 Tr 1 j {size * _HEAVIER:.3f} w {_rgb(color)} RG")
        elif self._heavier:
            self._parts.append("0 Tr")
        self._font, self._size, self._color = code.font, size, color
        self._gap, self._heavier = gap, code.heavier

    def _encode(self, character: str, bold: bool) -> _Code:
        name, document = glyph(character, bold)[0], self._canvas._doc
        other = self._codes[not bold].get(character)
        font = face(name)
        code = other.code if other and other.font == font.name_in(document) else font.code(character, document)
        known = self._codes[bold][character] = _Code(font.name_in(document), code, bold and name != BOLD)
        return known


def write(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    color: str = INK,
    align: str = "l",
) -> None:
    """One line of text at once: ``align`` "l", "c" or "r" of ``x``."""
    x -= 0 if align == "l" else width(text, size, bold) / (2 if align == "c" else 1)
    ink = Ink(canvas)
    ink.line(x, y, [[Run(text, bold, color)]], size)
    ink.dry()


def fitting(text: str, size: float, room: float, *, least: float, bold: bool = False) -> float:
    """The largest size up to ``size`` at which ``text`` fits into ``room`` points. Raises TooLong below ``least``."""
    needed = width(text, size, bold)
    found = size if needed <= room else size * room / needed
    if found < least:
        raise TooLong(start=text[:8])
    return found


class Path:
    """Lines and areas in the page's own language; reportlab's path formats each number anew."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def line(self, *points: tuple[float, float]) -> None:
        """A line through ``points``."""
        for number, (x, y) in enumerate(points):
            self.parts.append(f"{x:.2f} {y:.2f} {'l' if number else 'm'}")

    def rectangle(self, x: float, y: float, width: float, height: float) -> None:
        """A rectangle whose lower left corner is (x, y)."""
        self.parts.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re")

    def fill(self, canvas: Canvas, color: str) -> None:
        """Put the areas on the canvas."""
        if self.parts:
            canvas._code.append(f"{_rgb(color)} rg {' '.join(self.parts)} f")

    def stroke(self, canvas: Canvas, color: str, weight: float = 0.5, dash: str = "") -> None:
        """Put the lines on the canvas; ``dash`` is for instance "4 2"."""
        if self.parts:
            canvas._code.append(f"[{dash}] 0 d {_rgb(color)} RG {weight:g} w {' '.join(self.parts)} S [] 0 d")


def fill(canvas: Canvas, color: str) -> None:
    """Fill with ``color`` from here on."""
    canvas.setFillColor(HexColor(color))


def stroke(canvas: Canvas, color: str, weight: float = 0.5) -> None:
    """Draw lines with ``color`` and ``weight`` from here on."""
    canvas.setStrokeColor(HexColor(color))
    canvas.setLineWidth(weight)


@cache
def _rgb(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return f"{red:.4g} {green:.4g} {blue:.4g}"
