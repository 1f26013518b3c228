"""Put text on a page: each character in a font that has it, quickly, with gaps that may stretch."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents.fonts import face, glyph, width

TEAL, GOLD, RED, INK, GREY = "#0B4F6C", "#B8862D", "#B3261E", "#222222", "#5F6B72"
PALE, ROSE, LINE, WHITE, SKY, SAND = "#F3F7F9", "#FDF3F2", "#C9D6DC", "#FFFFFF", "#CFE1E9", "#F1E4C6"


class Run(NamedTuple):
    """A stretch of text in one weight and colour."""

    text: str
    bold: bool = False
    color: str = INK


class Ink:
    """The text of one page or block: collect lines, then :meth:`dry` puts them on the canvas in one text object."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._parts = ["BT"]
        self._font = ("", 0.0)
        self._color = ""
        # The subset and the code of each character, known once a document.
        known: dict[bool, dict[str, tuple[str, str]]] = {False: {}, True: {}}
        self._codes = canvas._doc.__dict__.setdefault("_ink_codes", known)

    def line(self, x: float, y: float, groups: Sequence[Sequence[Run]], size: float, gap: float = 0.0) -> None:
        """Draw groups of runs from ``x`` on the base line ``y``; each group after the first ``gap`` points further."""
        self._parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        shift = f" {-gap / size * 1000:.1f} " if gap else ""
        pieces: list[str] = []
        codes, font, color = self._codes, self._font, self._color
        for number, group in enumerate(groups):
            if shift and number:
                pieces.append(shift)
            for run in group:
                if run.color != color:
                    self._show(pieces)
                    color = run.color
                    self._parts.append(_fill(color))
                known = codes[run.bold]
                for character in run.text:
                    subset, code = known.get(character) or self._encode(character, run.bold)
                    if (subset, size) != font:
                        self._show(pieces)
                        font = (subset, size)
                        self._parts.append(f"{subset} {size:g} Tf")
                    pieces.append(code)
        self._font, self._color = font, color
        self._show(pieces)

    def dry(self) -> None:
        """Put what was collected on the canvas."""
        self._canvas._code.append(" ".join([*self._parts, "ET"]))

    def _show(self, pieces: list[str]) -> None:
        if pieces:
            text = "".join(piece if piece[0] == " " else f"<{piece}>" for piece in pieces).replace("><", "")
            self._parts.append(f"[{text}] TJ")
            pieces.clear()

    def _encode(self, character: str, bold: bool) -> tuple[str, str]:
        font: Any = face(glyph(character, bold)[0])
        ((number, code),) = font.splitString(character, self._canvas._doc)
        known = font.getSubsetInternalName(number, self._canvas._doc), code.hex()
        self._codes[bold][character] = known
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


def fill(canvas: Canvas, color: str) -> None:
    """Fill with ``color`` from here on."""
    canvas.setFillColor(HexColor(color))


def stroke(canvas: Canvas, color: str, weight: float = 0.5) -> None:
    """Draw lines with ``color`` and ``weight`` from here on."""
    canvas.setStrokeColor(HexColor(color))
    canvas.setLineWidth(weight)


def _fill(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return f"{red:.4g} {green:.4g} {blue:.4g} rg"
