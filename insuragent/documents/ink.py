"""Put text and lines on a page: each character in a font that has it, quickly, with gaps that may stretch."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from insuragent.documents.fonts import BOLD, REGULAR, face, glyph, width
from insuragent.documents.tags import Cell, P, tags_of
from insuragent.errors import UserError
from insuragent.i18n import N_

TEAL, GOLD, RED, INK, GREY = "#0B4F6C", "#B8862D", "#B3261E", "#222222", "#5F6B72"
PALE, ROSE, CREAM, LINE, WHITE = "#F3F7F9", "#FDF3F2", "#FBF6EA", "#C9D6DC", "#FFFFFF"
SKY, SAND, EDGE, MOSS = "#CFE1E9", "#F1E4C6", "#9FB2BB", "#4B7A3A"
#: The font of each weight, and the digits of a character's code.
_FIRST, _DIGITS = {False: REGULAR, True: BOLD}, 4
#: How much of the size a rare character's outline grows on either side, to stand as heavy as its bold neighbours.
_HEAVIER = 0.034


class TooLong(UserError):
    """A text for which the form has no room; printing stops rather than cut it."""

    message = N_("有一项内容过长，版面放不下")
    hint = N_("请缩短姓名、机构、理由等文字后再打印。没有打印任何内容。")


class Run(NamedTuple):
    """A stretch of text in one weight and colour."""

    text: str
    bold: bool = False
    color: str = INK


class _Style(NamedTuple):
    """How a font is asked for: its name in the document, and whether its outlines grow to pass for bold."""

    font: str
    heavier: bool


class Ink:
    """The text of one page or block: collect lines, then :meth:`dry` puts them on the canvas in one text object."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        tags = tags_of(canvas)
        self._tags = None if tags.quiet else tags
        self._marked = False
        self._parts = ["q BT"]
        self._shown: list[str] = []
        # What the document knows of its characters, plain and bold: the style and the code of each.
        known: tuple[dict[str, tuple[_Style, str]], dict[str, tuple[_Style, str]]] = ({}, {})
        self._known = vars(canvas._doc).setdefault("ink", known)
        # The codes alone of those that the first font of a weight draws, by code point.
        codes: tuple[dict[int, str], dict[int, str]] = ({}, {})
        self._codes = vars(canvas._doc).setdefault("codes in ink", codes)
        fonts: dict[tuple[str, bool], tuple[_Style, list[int]]] = {}
        self._fonts = vars(canvas._doc).setdefault("fonts in ink", fonts)
        self._style, self._size, self._color, self._gap = _Style("", False), 0.0, "", 0.0

    def mark(self, role: str, cell: Cell | None = None) -> None:
        """The lines that follow, up to the next mark, are one piece of this role; without a mark, a paragraph."""
        if self._tags is not None:
            self._unmark()
            self._parts.append(self._tags.begin(self._canvas.getPageNumber() - 1, role, cell))
            self._marked = True

    def mark_ornament(self) -> None:
        """The lines that follow are not read out: a head that is repeated overleaf."""
        if self._tags is not None:
            self._unmark()
            self._parts.append("/Artifact BMC")
            self._marked = True

    def _unmark(self) -> None:
        if self._marked:
            self._parts.append("EMC")
            self._marked = False

    def line(self, x: float, y: float, runs: Iterable[Run], size: float, gap: float = 0.0) -> None:
        """Draw ``runs`` from ``x`` on the base line ``y``, with ``gap`` points more behind each sign or whole word."""
        if not self._marked:
            self.mark(P)
        self._parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        loose: list[str] = []
        bold = False
        for text, its_bold, color in runs:
            if its_bold != bold or color != self._color or size != self._size:
                self._show("".join(loose), bold, gap)
                loose.clear()
                self._begin(color, size)
                bold = its_bold
            if gap and len(text) > 1:
                self._show("".join(loose), bold, gap)
                self._show(text[:-1], bold, 0.0)
                loose = [text[-1]]
            else:
                loose.append(text)
        self._show("".join(loose), bold, gap)
        self._flush()

    def spaced(self, x: float, y: float, run: Run, size: float, gap: float) -> None:
        """Draw one run from ``x`` on the base line ``y``, with ``gap`` points more behind each of its signs."""
        if not self._marked:
            self.mark(P)
        text, bold, color = run
        if text and color == self._color and size == self._size and gap == self._gap:
            codes = text.translate(self._codes[bold])
            if len(codes) == _DIGITS * len(text) and self._fonts[_FIRST[bold], bold][0] is self._style:
                # Nearly every cell of a table: it looks like the one before, and each character was seen.
                self._parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm <{codes}> Tj")
                return
        self._parts.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        if color != self._color or size != self._size:
            self._begin(color, size)
        self._show(text, bold, gap)
        self._flush()

    def dry(self) -> None:
        """Put what was collected on the canvas."""
        self._unmark()
        inked = " ".join([*self._parts, "ET Q"])
        # What is no text is an ornament all over the page, except here.
        self._canvas._code.append(inked if self._tags is None else f"EMC {inked} /Artifact BMC")

    def _show(self, text: str, bold: bool, gap: float) -> None:
        """Collect the codes of ``text``, each followed by ``gap``."""
        if gap != self._gap and text:
            self._flush()
            self._parts.append(f"{gap:.3f} Tc")
            self._gap = gap
        if not text:
            return
        codes, known = text.translate(self._codes[bold]), self._known[bold]
        if len(codes) != _DIGITS * len(text):
            for character in text:
                if character not in known:
                    self._encode(character, bold)
            codes = text.translate(self._codes[bold])
        if len(codes) == _DIGITS * len(text):
            # Nearly every line: the font of its weight has each of its characters.
            self._go_over(self._fonts[_FIRST[bold], bold][0])
            self._shown.append(codes)
            return
        for character in text:
            style, code = known[character]
            self._go_over(style)
            self._shown.append(code)

    def _go_over(self, style: _Style) -> None:
        if style is not self._style:
            self._flush()
            self._change(style)

    def _flush(self) -> None:
        if self._shown:
            self._parts.append(f"<{''.join(self._shown)}> Tj")
            self._shown.clear()

    def _begin(self, color: str, size: float) -> None:
        """Go over to another colour or size."""
        self._flush()
        if color != self._color:
            self._parts.append(f"{_rgb(color)} rg {_rgb(color)} RG")
        if size != self._size:
            self._style = _Style("", self._style.heavier)  # whatever comes is asked for anew
        self._color, self._size = color, size

    def _change(self, style: _Style) -> None:
        """Go over to another font or weight."""
        self._parts.append(f"{style.font} {self._size:g} Tf")
        if style.heavier:
            self._parts.append(f"2 Tr 1 j {self._size * _HEAVIER:.3f} w")
        elif self._style.heavier:
            self._parts.append("0 Tr")
        self._style = style

    def _encode(self, character: str, bold: bool) -> None:
        name = glyph(character, bold)[0]
        style, used = self._fonts.get((name, bold)) or self._ask_for(name, bold)
        there = self._known[not bold].get(character)
        if there and there[0].font == style.font:
            code = there[1]
        else:
            code = f"{len(used):0{_DIGITS}X}"
            used.append(ord(character))
        self._known[bold][character] = style, code
        if name == _FIRST[bold]:
            self._codes[bold][ord(character)] = code

    def _ask_for(self, name: str, bold: bool) -> tuple[_Style, list[int]]:
        font, document = face(name), self._canvas._doc
        found = _Style(font.name_in(document), bold and name != BOLD), font.used_in(document)
        self._fonts[name, bold] = found
        return found


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
    role: str = P,
) -> None:
    """One line of text at once: ``align`` "l", "c" or "r" of ``x``."""
    x -= 0 if align == "l" else width(text, size, bold) / (2 if align == "c" else 1)
    ink = Ink(canvas)
    ink.mark(role)
    ink.line(x, y, [Run(text, bold, color)], size)
    ink.dry()


def fitting(text: str, size: float, room: float, *, least: float, bold: bool = False) -> float:
    """The largest size up to ``size`` at which ``text`` fits into ``room`` points. Raises TooLong below ``least``."""
    needed = width(text, size, bold)
    found = size if needed <= room else size * room / needed
    if found < least:
        raise TooLong
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
            canvas._code.append(f"q {_rgb(color)} rg {' '.join(self.parts)} f Q")

    def stroke(self, canvas: Canvas, color: str, weight: float = 0.5, dash: str = "") -> None:
        """Put the lines on the canvas; ``dash`` is for instance "4 2"."""
        if self.parts:
            canvas._code.append(f"q [{dash}] 0 d {_rgb(color)} RG {weight:g} w {' '.join(self.parts)} S Q")


def fill(canvas: Canvas, color: str) -> None:
    """Fill with ``color`` from here on."""
    canvas._code.append(f"{_rgb(color)} rg")


def stroke(canvas: Canvas, color: str, weight: float = 0.5) -> None:
    """Draw lines with ``color`` and ``weight`` from here on."""
    canvas._code.append(f"{_rgb(color)} RG {weight:g} w")


@cache
def _rgb(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return f"{red:.4g} {green:.4g} {blue:.4g}"
