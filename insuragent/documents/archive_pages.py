"""What pages for the archive may draw and with which fonts (ISO 19005-2 6.2 and 6.3, ISO 14289-1 7.21)."""

import re
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from pikepdf import Array, Dictionary, Name, Stream

from insuragent.documents.looked_at import Looked, Rules

#: The operators of a content stream (ISO 32000-1, table A.1).
_OPERATORS = set(
    """
    b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG
    rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' "
    """.split()  # noqa: SIM905 - read as the table that it is
) | {"INLINE IMAGE"}
#: Which kind of resource an operator names.
_NAMING = {"Tf": "/Font", "Do": "/XObject", "gs": "/ExtGState", "sh": "/Shading"}
_INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
_BLENDS = {
    "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn",
    "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity",
}  # fmt: skip
_ANNOTATIONS = {
    "/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/Widget", "/PrinterMark", "/Watermark",
}  # fmt: skip
_PRINTED, _UNSEEN = 4, 1 | 2 | 32 | 256
_TOLERANCE = 1.0


def _operators(file: Looked) -> Iterator[str]:
    for drawing in file.drawings:
        yield from (f"{name} on {drawing.name}" for name, _operands in drawing.steps if name not in _OPERATORS)


def _resources(file: Looked) -> Iterator[str]:
    """Each page has its own, and what it names is there."""
    for number, page in enumerate(file.pdf.pages, 1):
        if "/Resources" not in page.obj:
            yield f"page {number}"
    for drawing in file.drawings:
        for name, operands in drawing.steps:
            kind = _NAMING.get(name)
            if kind and str(operands[0]) not in drawing.resources.get(kind, Dictionary()):
                yield f"{operands[0]} on {drawing.name}"


def _colours(file: Looked) -> Iterator[str]:
    """With a profile for red, green and blue, four inks have no meaning; without any, no colour has."""
    known = {
        int(one.get("/DestOutputProfile", Dictionary()).get("/N", 0)) for one in file.root.get("/OutputIntents", [])
    }
    needed = {"rg": 3, "RG": 3, "k": 4, "K": 4, "/DeviceRGB": 3, "/DeviceCMYK": 4}
    for drawing in file.drawings:
        names = {name for name, _operands in drawing.steps}
        names |= {str(operands[0]) for name, operands in drawing.steps if name in ("cs", "CS")}
        yield from (f"{name} on {drawing.name}" for name in sorted(names & needed.keys()) if needed[name] not in known)
    for found in file.having("/ColorSpace"):
        name = str(found.ColorSpace) if isinstance(found.ColorSpace, Name) else ""
        if isinstance(found, Stream) and needed.get(name, 3) not in known:
            yield name


def _states(file: Looked) -> Iterator[str]:
    """No transfer functions, no halftones of one's own, and rendering intents that are known."""
    yield from ("/TR" for _found in file.having("/TR"))
    yield from ("/TR2" for found in file.having("/TR2") if Name.Default != found.TR2)
    yield from ("/HTP" for _found in file.having("/HTP"))


def _intents(file: Looked) -> Iterator[str]:
    told = [str(operands[0]) for one in file.drawings for name, operands in one.steps if name == "ri"]
    told += [str(found.RI) for found in file.having("/RI")]
    told += [str(found.Intent) for found in file.having("/Intent") if isinstance(found, Stream)]
    yield from (name for name in told if name not in _INTENTS)


def _images(file: Looked) -> Iterator[str]:
    for found in file.having("/Subtype", Name.Image):
        yield from (key for key in ("/Alternates", "/OPI") if key in found)
        if found.get("/Interpolate"):
            yield "/Interpolate"
        if not found.get("/ImageMask") and int(found.get("/BitsPerComponent", 8)) not in (1, 2, 4, 8, 16):
            yield "/BitsPerComponent"


def _forms(file: Looked) -> Iterator[str]:
    for found in file.having("/Subtype", Name.Form):
        yield from (key for key in ("/OPI", "/PS", "/Ref", "/Subtype2") if key in found)
    yield from ("/PS" for found in file.having("/Subtype", Name.PS))


def _blending(file: Looked) -> Iterator[str]:
    """Known modes; and what shines through has a space to be mixed in: the output intent's, or the page's own."""
    for found in file.having("/BM"):
        modes = list(found.BM) if isinstance(found.BM, Array) else [found.BM]
        yield from (str(mode) for mode in modes if str(mode) not in _BLENDS)
    if "/OutputIntents" in file.root:
        return
    through = any(isinstance(one.value, Stream) for one in file.values if one.key == "/SMask")
    through |= any(float(one.value) < 1 for one in file.values if one.key in ("/ca", "/CA"))
    if through and not all("/CS" in page.obj.get("/Group", Dictionary()) for page in file.pdf.pages):
        yield "space"


def _annotations(file: Looked) -> list[Any]:
    return [found for page in file.pdf.pages for found in page.obj.get("/Annots", [])]


def _kinds(file: Looked) -> Iterator[str]:
    yield from (str(one.get("/Subtype")) for one in _annotations(file) if str(one.get("/Subtype")) not in _ANNOTATIONS)


def _flags(file: Looked) -> Iterator[str]:
    for found in _annotations(file):
        flags = int(found.get("/F", 0))
        if found.get("/Subtype") != Name.Popup and (flags & _UNSEEN or not flags & _PRINTED):
            yield str(found.get("/Subtype"))


def _appearances(file: Looked) -> Iterator[str]:
    """What has a size on the page looks as the file says, and in one way only."""
    for found in _annotations(file):
        left, bottom, right, top = map(float, found.get("/Rect", [0, 0, 0, 0]))
        looks = found.get("/AP", Dictionary())
        unseen = (left == right and bottom == top) or found.get("/Subtype") in (Name.Popup, Name.Link)
        if set(looks.keys()) - {"/N"} or ("/N" not in looks and not unseen):
            yield str(found.get("/Subtype"))


class _Program(NamedTuple):
    """A TrueType font as its file has it: advances in thousandths of its size, by glyph."""

    advances: list[float]


def _program(data: bytes) -> _Program:
    """Raises struct.error or KeyError for what is no such font."""
    (count,) = struct.unpack_from(">H", data, 4)
    places = {tag: place for tag, _sum, place, _length in struct.iter_unpack(">4sLLL", data[12 : 12 + 16 * count])}
    (units,) = struct.unpack_from(">H", data, places[b"head"] + 18)
    (metrics,) = struct.unpack_from(">H", data, places[b"hhea"] + 34)
    (glyphs,) = struct.unpack_from(">H", data, places[b"maxp"] + 4)
    told = [struct.unpack_from(">H", data, places[b"hmtx"] + 4 * place)[0] for place in range(metrics)]
    return _Program([told[min(glyph, metrics - 1)] * 1000 / units for glyph in range(glyphs)])


class _Font(NamedTuple):
    """A composite TrueType font: its program, and of each shown code the glyph and the width that the file tells."""

    name: str
    program: _Program
    glyphs: dict[int, int]
    widths: dict[int, float]


def _fonts(file: Looked) -> Iterator[_Font]:
    """The fonts whose parts are there; what is missing has rules of its own."""
    for font, codes in file.fonts:
        inner = _inner(font)
        held = inner.get("/FontDescriptor", Dictionary()).get("/FontFile2")
        if held is None or inner.get("/Subtype") != Name.CIDFontType2:
            continue
        told = inner.get("/CIDToGIDMap", Name.Identity)
        places = told.read_bytes() if isinstance(told, Stream) else b""
        numbers = [high << 8 | low for high, low in zip(places[::2], places[1::2], strict=False)]
        glyphs = (
            {code: numbers[code] if code < len(numbers) else 0 for code in codes} if places else {c: c for c in codes}
        )
        widths = _widths(inner)
        yield _Font(
            str(font.get("/BaseFont")), _program(held.read_bytes()), glyphs,
            {code: widths.get(code, float(inner.get("/DW", 1000))) for code in codes},
        )  # fmt: skip


def _inner(font: Any) -> Any:
    """Where a font's glyphs are described: a composite font's descendant, or the font itself."""
    return font.DescendantFonts[0] if "/DescendantFonts" in font else font


def _widths(inner: Any) -> dict[int, float]:
    """The widths of codes (ISO 32000-1, 9.7.4.3): a code and a list, or two codes and the width of all between."""
    found: dict[int, float] = {}
    parts = list(inner.get("/W", []))
    while parts:
        first, second = int(parts[0]), parts[1]
        if isinstance(second, Array):
            found |= {first + place: float(width) for place, width in enumerate(second)}
            parts = parts[2:]
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(parts[2]))
            parts = parts[3:]
    return found


def _composite(file: Looked) -> Iterator[str]:
    """Ours are the only kind; of others the rules that follow would prove nothing."""
    for font, _codes in file.fonts:
        if font.get("/Subtype") != Name.Type0 or font.get("/Encoding") != Name("/Identity-H"):
            yield str(font.get("/BaseFont"))


def _systems(file: Looked) -> Iterator[str]:
    for found in file.having("/DescendantFonts"):
        system = _inner(found).get("/CIDSystemInfo", Dictionary())
        if not {"/Registry", "/Ordering", "/Supplement"} <= set(system.keys()):
            yield str(found.get("/BaseFont"))


def _glyph_maps(file: Looked) -> Iterator[str]:
    for found in file.having("/Subtype", Name.CIDFontType2):
        told = found.get("/CIDToGIDMap")
        if not isinstance(told, Stream) and told != Name.Identity:
            yield str(found.get("/BaseFont"))


def _embedded(file: Looked) -> Iterator[str]:
    for found in file.having("/Type", Name.Font):
        held = set(found.get("/FontDescriptor", Dictionary()).keys())
        if "/DescendantFonts" not in found and not {"/FontFile", "/FontFile2", "/FontFile3"} & held:
            yield str(found.get("/BaseFont"))


def _present(file: Looked) -> Iterator[str]:
    for font in _fonts(file):
        if any(glyph >= len(font.program.advances) for glyph in font.glyphs.values()):
            yield font.name


def _sets(file: Looked) -> Iterator[str]:
    """A list of the characters in a font, where there is one, names all of them."""
    for found in file.having("/CIDSet"):
        held, glyphs = found.CIDSet.read_bytes(), len(_program(found.FontFile2.read_bytes()).advances)
        if sum(byte.bit_count() for byte in held) < glyphs:
            yield str(found.get("/FontName"))


def _told_widths(file: Looked) -> Iterator[str]:
    for font in _fonts(file):
        advances = font.program.advances
        known = {code: glyph for code, glyph in font.glyphs.items() if glyph < len(advances)}
        if any(abs(advances[glyph] - font.widths[code]) > _TOLERANCE for code, glyph in known.items()):
            yield font.name


def _undefined(file: Looked) -> Iterator[str]:
    yield from (font.name for font in _fonts(file) if 0 in font.glyphs.values())


def _unicode(file: Looked) -> Iterator[str]:
    """Each code that is shown is told in Unicode, and not by a sign that is none."""
    for font, codes in file.fonts:
        told = font.get("/ToUnicode")
        text = told.read_bytes() if isinstance(told, Stream) else b""
        known = {
            int(code, 16): meant.upper() for code, meant in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", text)
        }
        if any(known.get(code, b"0000") in (b"0000", b"FEFF", b"FFFE") for code in codes):
            yield str(font.get("/BaseFont"))


_A, _UA1 = "ISO 19005-2", "ISO 14289-1"
PAGE_RULES: Rules = {
    f"{_A} 6.2.2: operators": _operators,
    f"{_A} 6.2.2: resources": _resources,
    f"{_A} 6.2.4.3: colours without a profile": _colours,
    f"{_A} 6.2.5: graphics states": _states,
    f"{_A} 6.2.6: rendering intents": _intents,
    f"{_A} 6.2.8: images": _images,
    f"{_A} 6.2.9: forms": _forms,
    f"{_A} 6.2.10: blending": _blending,
    f"{_A} 6.2.11.2: fonts of a kind that is not looked at": _composite,
    f"{_A} 6.2.11.3.1: character collections": _systems,
    f"{_A} 6.2.11.3.2: glyph maps": _glyph_maps,
    f"{_A} 6.2.11.4.1: fonts that are not embedded": _embedded,
    f"{_A} 6.2.11.4.1: glyphs that are not embedded": _present,
    f"{_A} 6.2.11.4.2: lists of characters": _sets,
    f"{_A} 6.2.11.5: widths": _told_widths,
    f"{_A} 6.2.11.8: undefined glyphs": _undefined,
    f"{_A} 6.3.1: kinds of annotations": _kinds,
    f"{_A} 6.3.2: flags of annotations": _flags,
    f"{_A} 6.3.3: looks of annotations": _appearances,
    f"{_UA1} 7.21.7: text without Unicode": _unicode,
}
