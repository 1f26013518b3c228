"""Fonts for Chinese print: one face a character, the next in line where the first has no glyph, never an empty box."""

from collections.abc import Iterable
from functools import cache

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics, ttfonts

from insuragent.errors import UserError
from insuragent.i18n import N_
from insuragent.settings import resource

REGULAR, BOLD, RARE = "NotoSansSC-Regular", "NotoSansSC-Bold", "HanaMinB"
_CHAINS = {False: (REGULAR, RARE), True: (BOLD, REGULAR, RARE)}
#: A ToUnicode block holds at most this many entries (PDF 32000-1, 9.10.3 by way of the CMap specification).
_BLOCK = 100


class MissingGlyph(UserError):
    """Characters that no font of ours can draw; printing stops before it begins (story S01)."""

    message = N_("缺字: {characters}")
    hint = N_("请更换字形相同的标准字，或联系总公司补充字库。没有打印任何内容。")


@cache
def face(name: str) -> ttfonts.TTFont:
    """A font of ours, registered with reportlab when it is first asked for: HanaMinB takes 30 MB."""
    _prepare()
    font = ttfonts.TTFont(name, str(resource(f"fonts/{name}.ttf")), asciiReadable=0)
    _cure_advances(font.face)
    pdfmetrics.registerFont(font)
    return font


@cache
def _prepare() -> None:
    # Each page would otherwise name Helvetica, which is not embedded; binary streams are a fifth smaller.
    rl_config.canvas_basefontname = REGULAR
    rl_config.useA85 = 0
    ttfonts.makeToUnicodeCMap = _to_unicode


@cache
def glyph(character: str, bold: bool = False) -> tuple[str, float]:
    """The font that draws a character, and its width at size 1. Raises MissingGlyph."""
    code = ord(character)
    for name in _CHAINS[bold]:
        found = face(name).face
        if code in found.charToGlyph:
            return name, found.charWidths[code] / 1000
    raise MissingGlyph(characters=_named(character))


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points. Raises MissingGlyph."""
    return sum(glyph(character, bold)[1] for character in text) * size


def require_glyphs(texts: Iterable[str]) -> None:
    """Make sure that every character of ``texts`` can be drawn. Raises MissingGlyph naming all that cannot."""
    missing = [c for c in sorted(set("".join(texts)) - {"\n"}) if not _drawable(c)]
    if missing:
        raise MissingGlyph(characters=" ".join(_named(c) for c in missing))


def _drawable(character: str) -> bool:
    return any(ord(character) in face(name).face.charToGlyph for name in _CHAINS[False])


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


def _to_unicode(name: str, subset: list[int]) -> str:
    """The map from glyphs to text; reportlab 5.1.0 writes code points above U+FFFF in a form that nobody reads."""
    entries = [(place, chr(code).encode("utf-16-be").hex().upper()) for place, code in enumerate(subset) if code]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for start in range(0, len(entries), _BLOCK):
        block = entries[start : start + _BLOCK]
        lines += [f"{len(block)} beginbfchar", *(f"<{place:02X}> <{text}>" for place, text in block), "endbfchar"]
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])
