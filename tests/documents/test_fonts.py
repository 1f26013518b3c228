"""Fonts: every character in a face that has it, found again as it was typed, or refused by name."""

import io
import subprocess
import sys

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents import fonts, outlines
from insuragent.documents.fonts import BOLD, RARE, REGULAR, MissingGlyph
from insuragent.documents.ink import TooLong, fitting, write
from insuragent.settings import resource

FACES = pytest.mark.parametrize("name", [REGULAR, BOLD, RARE])


def page_with(*texts: str, bold: bool = False) -> PdfReader:
    """A page with a line for each text."""
    fonts.face(REGULAR)
    target = io.BytesIO()
    canvas = Canvas(target, initialFontName=REGULAR)
    for number, text in enumerate(texts):
        write(canvas, 50, 700 - number * 30, text, 12, bold=bold)
    canvas.save()
    return PdfReader(target)


@pytest.mark.parametrize("text", ["王𬭎", "㛃䶮", "𠀀𪚥", "一⼀", "é½①", "龙 (A-1)"])
@pytest.mark.parametrize("bold", [False, True])
def test_text_is_found_as_it_was_typed(text: str, bold: bool) -> None:
    """Planes 0 and 2, look-alikes that share a glyph (U+4E00 and U+2F00), signs and blanks."""
    assert page_with(text, bold=bold).pages[0].extract_text().strip() == text


def test_a_face_is_embedded_once() -> None:
    """Six hundred different characters stay in one font: no change of fonts within a line."""
    text = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 600))
    found = page_with(*(text[start : start + 40] for start in range(0, 600, 40)))
    assert len(found.pages[0]["/Resources"]["/Font"]) == 1
    assert found.pages[0].extract_text().replace("\n", "") == text


def test_a_character_has_one_code_in_plain_and_bold() -> None:
    """A rare name in bold falls back to the plain face and shares its codes."""
    (font,) = {
        str(f.get_object()["/BaseFont"]) for f in page_with("𠀀", bold=True).pages[0]["/Resources"]["/Font"].values()
    }
    assert font.endswith(RARE)


def test_rare_characters_in_bold_are_made_heavier() -> None:
    """A name whose one character has no bold face still looks like one name."""
    plain, bold = (page_with("𠀀", bold=b).pages[0].get_contents().get_data() for b in (False, True))
    assert b"2 Tr" in bold
    assert b"2 Tr" not in plain


@pytest.mark.parametrize("text", ["\x00", "\u202e", "\u200d", "\ufeff", "\ue000", "\U0003134f", "😀"])
def test_what_has_no_ink_is_refused_by_its_code_point(text: str) -> None:
    """Controls, direction marks and private characters mislead whoever reads; unknown ones would be boxes."""
    with pytest.raises(MissingGlyph, match=f"U\\+{ord(text):04X}"):
        fonts.require_glyphs(["王" + text])


def test_all_missing_characters_are_named_at_once() -> None:
    """Whoever mends the text needs one attempt."""
    with pytest.raises(MissingGlyph, match=r"U\+3134F.*U\+31350"):
        fonts.require_glyphs(["王\U0003134f", "\U00031350"])


def test_the_large_font_is_read_only_when_a_name_needs_it() -> None:
    """HanaMinB takes 30 MB and a third of a second."""
    program = (
        "from insuragent.documents import fonts\n"
        "fonts.require_glyphs(['王小明 A1，。'])\n"
        "before = fonts.face.cache_info().currsize\n"
        "fonts.require_glyphs(['𠀀'])\n"
        "print(before, fonts.face.cache_info().currsize)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2"]


def test_a_line_shrinks_until_it_fits_or_is_refused() -> None:
    """Nothing runs over its neighbour and nothing becomes too small to read."""
    assert fitting("保险", 10, 100, least=5) == 10
    assert fitting("保险合同", 10, 30, least=5) == pytest.approx(7.5)
    with pytest.raises(TooLong):
        fitting("保险合同", 10, 15, least=5)


def composed(name: str) -> list[int]:
    """The first glyphs of a font that are composed of others."""
    face = fonts.face(name).face
    start = face.get_table_pos("glyf")[0]
    starts = (face._ttf_data[start + at : start + at + 1] for at in face.glyphPos[:-1])
    return [glyph for glyph, first in enumerate(starts) if first >= b"\x80"][:5]


@FACES
def test_a_cut_font_draws_the_same(name: str) -> None:
    """Each glyph of the cut has the outline and the width of the original, composed ones with their parts."""
    face = fonts.face(name).face
    glyphs = [0, *(face.charToGlyph[ord(c)] for c in "丁七万" if ord(c) in face.charToGlyph), *composed(name)]
    data, places = outlines.cut(face, [*glyphs, glyphs[-1]])
    with TTFont(io.BytesIO(data)) as small, TTFont(resource(f"fonts/{name}.ttf"), lazy=True) as whole:
        for glyph in glyphs:
            drawn = []
            for font, number in ((small, places[glyph]), (whole, glyph)):
                pen = DecomposingRecordingPen(font.getGlyphSet())
                font.getGlyphSet()[font.getGlyphName(number)].draw(pen)
                drawn.append((pen.value, font["hmtx"][font.getGlyphName(number)][0]))
            assert drawn[0] == drawn[1]


def test_a_cut_font_has_sound_checksums() -> None:
    """A printer's driver may look."""
    face = fonts.face(REGULAR).face
    data, _ = outlines.cut(face, [0, face.charToGlyph[ord("保")]])
    with TTFont(io.BytesIO(data), checkChecksums=2) as font:
        assert set(font.keys()) - {"GlyphOrder"} == {"glyf", "head", "hhea", "hmtx", "loca", "maxp"}
        assert all(font[table] for table in ("head", "hhea", "maxp"))
    assert sum(int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)) & 0xFFFFFFFF == 0xB1B0AFBA
