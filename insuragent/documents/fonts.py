"""Fonts for Chinese print: one face a character, the next in line where the first has no glyph, never an empty box."""

import struct
import unicodedata
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc, pdfmetrics, ttfonts

from insuragent.documents import outlines
from insuragent.errors import UserError
from insuragent.i18n import N_
from insuragent.settings import resource

REGULAR, BOLD, RARE = "NotoSansSC-Regular", "NotoSansSC-Bold", "HanaMinB"
_CHAINS = {False: (REGULAR, RARE), True: (BOLD, REGULAR, RARE)}
#: The width of a Chinese character in thousandths of the size.
_FULL = 1000
#: A ToUnicode block holds at most this many entries (PDF 32000-1, 9.10.3 by way of the CMap specification).
_BLOCK = 100
#: Characters without ink (controls, format and direction marks, private use): whoever reads them is misled.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


#: Outlines shrink little: beyond this level a fiftieth in size costs a third more time.
_LEVEL = 4
#: What a paragraph sets as a break or a blank; in a single line it is as wrong as any other control.
WHITE_SPACE = frozenset("\n\r\t")


class MissingGlyph(UserError):
    """Characters that no font of ours can draw; printing stops before it begins (story S01)."""

    message = N_("缺字: {characters}")
    hint = N_("请更换字形相同的标准字，或联系总公司补充字库。没有打印任何内容。")


class Face(ttfonts.TTFont):  # type: ignore[misc]
    """A font that goes into a file once, with two bytes a character.

    reportlab itself embeds a font in pieces of 256 characters: Chinese text then changes fonts every few signs,
    and code points above U+FFFF are mapped back to text in a form that nobody reads (5.1.0).
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, str(resource(f"fonts/{name}.ttf")), asciiReadable=0)
        _cure_advances(self.face)
        # Tens of thousands of small lists that nobody needs: each pass of the garbage collector would visit them.
        self.face.glyphToChar = {}

    def used_in(self, document: Any) -> list[int]:
        """The characters of this font in ``document``: each one's place is its code, and whoever needs more appends.

        Code 0 is for none.
        """
        found: list[int] = vars(document).setdefault(f"used:{self.fontName}", [0])
        return found

    def name_in(self, document: Any) -> str:
        """The name by which the pages of ``document`` call this font."""
        if self.fontName not in document.fontMapping:
            document.fontMapping[self.fontName] = f"/F{len(document.fontMapping) + 1}"
            document.delayedFonts.append(self)
        return str(document.fontMapping[self.fontName])

    def addObjects(self, document: Any) -> None:
        """Called by reportlab at the end: embed the characters that were used."""
        used, name = self.used_in(document), self.name_in(document)[1:]
        glyphs = [self.face.charToGlyph.get(code, 0) for code in used]
        file, places = outlines.cut(self.face, glyphs)
        base = pdfdoc.PDFName(f"AAAAAA+{self.face.name.decode()}")
        system = {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity"), "Supplement": 0}
        descendant = {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": base,
            "CIDSystemInfo": pdfdoc.PDFDictionary(system),
            "DW": _FULL,
            "W": self._widths(used),
            "FontDescriptor": self._descriptor(document, base, file),
            # Characters that look alike share a glyph, but keep a code of their own, so that each is found as typed.
            "CIDToGIDMap": _stream(document, f"{name}:glyphs", struct.pack(f">{len(used)}H", *map(places.get, glyphs))),
        }
        font = {
            "Type": "/Font",
            "Subtype": "/Type0",
            "Name": f"/{name}",
            "BaseFont": base,
            "Encoding": "/Identity-H",
            "DescendantFonts": pdfdoc.PDFArray([pdfdoc.PDFDictionary(descendant)]),
            "ToUnicode": _stream(document, f"{name}:text", _to_unicode(used).encode("ascii")),
        }
        document.idToObject["BasicFonts"].dict[name] = document.Reference(pdfdoc.PDFDictionary(font), name)

    def _descriptor(self, document: Any, base: str, file: bytes) -> Any:
        face, stream = self.face, _stream(document, f"{base}:file", file, Length1=len(file))
        described = {
            "Type": "/FontDescriptor",
            "FontName": base,
            "Flags": face.flags & ~ttfonts.FF_NONSYMBOLIC | ttfonts.FF_SYMBOLIC,
            "FontBBox": pdfdoc.PDFArray(face.bbox),
            "ItalicAngle": face.italicAngle,
            "Ascent": face.ascent,
            "Descent": face.descent,
            "CapHeight": face.capHeight,
            "StemV": face.stemV,
            "FontFile2": stream,
        }
        return document.Reference(pdfdoc.PDFDictionary(described), f"{base}:descriptor")

    def _widths(self, used: Iterable[int]) -> str:
        """The widths of all but full-width characters, each behind its code."""
        widths = [self.face.charWidths.get(code, _FULL) for code in used]
        return f"[{' '.join(f'{place} [{width:g}]' for place, width in enumerate(widths) if width != _FULL)}]"


@cache
def face(name: str) -> Face:
    """A font of ours, registered with reportlab when it is first asked for: HanaMinB takes 30 MB."""
    rl_config.useA85 = 0  # binary streams are a fifth smaller
    font = Face(name)
    pdfmetrics.registerFont(font)
    return font


@cache
def glyph(character: str, bold: bool = False) -> tuple[str, float]:
    """The font that draws a character, and its width at size 1. Raises MissingGlyph."""
    code = ord(character)
    if unicodedata.category(character) not in _INVISIBLE:
        for name in _CHAINS[bold]:
            found = face(name).face
            if code in found.charToGlyph:
                return name, found.charWidths[code] / 1000
    raise MissingGlyph(characters=_named(character))


class Widths(dict[str, float]):
    """The widths of characters and words in one weight at size 1; asking raises MissingGlyph.

    Only those of characters are kept: no name or number outlives its document.
    """

    def __init__(self, *, bold: bool) -> None:
        super().__init__()
        self._bold = bold

    def __missing__(self, text: str) -> float:
        if len(text) != 1:
            return sum(map(self.__getitem__, text))
        self[text] = found = glyph(text, self._bold)[1]
        return found


WIDTHS = {False: Widths(bold=False), True: Widths(bold=True)}


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points. Raises MissingGlyph."""
    return sum(map(WIDTHS[bold].__getitem__, text)) * size


def require_glyphs(texts: Iterable[str]) -> None:
    """Make sure that every character of ``texts`` can be drawn. Raises MissingGlyph naming all that cannot."""
    missing = [c for c in sorted(set().union(*texts) - WHITE_SPACE) if not _drawable(c)]
    if missing:
        raise MissingGlyph(characters=" ".join(_named(c) for c in missing))


def _drawable(character: str) -> bool:
    try:
        glyph(character)
    except MissingGlyph:
        return False
    return True


def _named(character: str) -> str:
    shown = character if character.isprintable() else ""
    return f"{shown} (U+{ord(character):04X})".strip()


def _cure_advances(font: ttfonts.TTFontFace) -> None:
    """reportlab 5.1.0 keeps scaled advances for the glyphs after the last metric, and the embedded table disagrees."""
    head = font.get_table_pos("head")[0]
    if font.get_ushort(head + 18) == 1000:
        return
    count = font.get_ushort(font.get_table_pos("hhea")[0] + 34)
    last = font.hmetrics[count - 1][0]
    font.hmetrics[count:] = [(last, bearing) for _, bearing in font.hmetrics[count:]]


def _stream(document: Any, name: str, content: bytes, **entries: int) -> Any:
    return document.Reference(packed(content, **entries), name)


def packed(content: bytes, **entries: int) -> Any:
    """A stream of ``content``, packed in half the time that reportlab takes for a twentieth less."""
    dictionary = pdfdoc.PDFDictionary({**entries, "Filter": "/FlateDecode"})
    return pdfdoc.PDFStream(dictionary, zlib.compress(content, _LEVEL))


def _to_unicode(used: Iterable[int]) -> str:
    """The map from codes back to text, in which code points above U+FFFF stand as two UTF-16 units."""
    entries = [(place, chr(code).encode("utf-16-be").hex().upper()) for place, code in enumerate(used) if code]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(entries), _BLOCK):
        block = entries[start : start + _BLOCK]
        lines += [f"{len(block)} beginbfchar", *(f"<{place:04X}> <{text}>" for place, text in block), "endbfchar"]
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])
