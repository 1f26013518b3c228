"""Every rule of the archive: files of ours keep all of them, and for each there is a file that breaks it."""

import dataclasses
import io
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents import typography
from insuragent.documents.archive import RULES, archive_faults
from insuragent.documents.content import Column
from insuragent.documents.letters import render_letter, render_receipt
from insuragent.documents.page import PageFrame, build
from insuragent.documents.sheet import archive_sheet, render_sheet
from insuragent.documents.signing import Signer
from insuragent.security.document_key import DocumentKey
from tests.documents import sample_letters, sample_sheet

SIGNER = Signer(DocumentKey(bytes(32)).private_key, "林晓静", "00000244030000002026000123", "0a1b2c3d", "客户签署")


@cache
def sheet(product: str = "DEMO-PWL") -> bytes:
    """A sheet as it is kept: tagged, proven and sealed."""
    return archive_sheet(sample_sheet.signed(product), {"document_no": "IA-1"}, SIGNER)


@pytest.mark.parametrize("product", sample_sheet.CASES)
def test_a_sheet_of_each_product_keeps_every_rule(product: str) -> None:
    """Sealed, as it is kept."""
    assert archive_faults(sheet(product)) == []


@pytest.mark.parametrize("age", [40, 66])
def test_sheets_in_both_prints_keep_every_rule(age: int) -> None:
    """Also unsealed, and in the large print of those who are sixty."""
    assert archive_faults(archive_sheet(sample_sheet.content("DEMO-UL", age), {})) == []


def test_letters_and_receipts_keep_every_rule() -> None:
    """They are kept with the complaint or the customer for as long."""
    assert archive_faults(render_letter(sample_letters.COMPLAINT)) == []
    assert archive_faults(render_receipt(sample_letters.RECEIPT)) == []


def test_a_letter_with_everything_keeps_every_rule() -> None:
    """A comparison has a table, a copy of one's own data has parts, a stop-advice letter is signed by the customer."""
    compared = [Column("保单年度"), Column("安心定期（演示）", align="r"), Column("长青终身（演示）", align="r")]
    letter = dataclasses.replace(
        sample_letters.COMPLAINT,
        columns=compared,
        rows=[(str(year), "10,000.00", "12,345.67") for year in range(1, 81)],
        parts=[("家庭成员", [("配偶", "㛃䶮𠀀"), ("子女", "王𬭎")]), ("拜访", [("2026-11-23", "需求沟通")])],
        customer="王𬭎",
        signature=sample_sheet.signed().signature,
    )
    assert archive_faults(render_letter(letter)) == []
    assert archive_faults(render_letter(dataclasses.replace(letter, signature=None))) == []


def names(data: bytes) -> set[str]:
    """The rules that a file breaks, without the places."""
    return {re.sub(r" \(.*\)$", "", fault, flags=re.DOTALL) for fault in archive_faults(data)}


def test_what_a_raw_file_breaks_is_told() -> None:
    """Of reportlab itself with its own font, and of ours before the archive."""
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.setFillColorRGB(1, 0, 0)
    canvas.drawString(72, 720, "raw")
    canvas.acroForm.checkbox(name="agreed", x=72, y=600)
    canvas.linkURL("https://example.invalid", (72, 500, 200, 520))
    canvas.save()
    told = {
        "ISO 19005-2 6.1.7.1: streams",
        "ISO 19005-2 6.2.10: blending",
        "ISO 19005-2 6.2.3: output intent",
        "ISO 19005-2 6.2.4.3: colours without a profile",
        "ISO 19005-2 6.6.2.1: metadata",
        "ISO 19005-2 6.6.3: document information",
        "ISO 19005-2 6.6.4: identification",
        "ISO 14289-1 5: identification",
        "ISO 14289-1 7.1: tagged content",
        "ISO 14289-1 7.1: content that is neither tagged nor an artifact",
        "ISO 14289-1 7.1: title",
    }
    its_own = {
        "ISO 19005-2 6.2.11.2: fonts of a kind that is not looked at",
        "ISO 19005-2 6.2.11.4.1: fonts that are not embedded",
        "ISO 19005-2 6.3.2: flags of annotations",
        "ISO 19005-2 6.3.3: looks of annotations",
        "ISO 14289-1 7.2: language",
        "ISO 14289-1 7.18.1: annotations that nobody hears",
        "ISO 14289-1 7.18.3: order of annotations",
        "ISO 14289-1 7.21.7: text without Unicode",
    }
    assert names(target.getvalue()) == told | its_own
    assert names(render_sheet(sample_sheet.signed())) == told


def test_characters_that_look_alike_share_a_glyph_and_shift_none() -> None:
    """Two characters of one glyph keep a code each; whatever follows them is drawn as it is."""

    def drawn(text: str) -> bytes:
        frame = PageFrame(sample_sheet.PRINTED, "t", "h", "n", "f", "", "a")
        with pypdfium2.PdfDocument(build(frame, [typography.Paragraph(text, 20)])) as document:
            return bytes(document[0].render(scale=1).to_pil().tobytes())

    assert drawn("··甲乙") == drawn("·•甲乙")
    assert drawn("··甲乙") != drawn("··乙甲")


# --- one broken file for each rule ---------------------------------------------------------------------------------

Break = Callable[[pikepdf.Pdf], object]


def root(name: str, value: Any) -> Break:
    """Set an entry of the catalogue."""
    return lambda pdf: pdf.Root.__setitem__(name, value)


def without(name: str) -> Break:
    """Take an entry of the catalogue away."""
    return lambda pdf: pdf.Root.__delitem__(name)


def drawn(content: bytes) -> Break:
    """Draw more on the first page."""
    return lambda pdf: pdf.pages[0].contents_add(content)


def on_page(name: str, value: Any) -> Break:
    """Set an entry of the first page."""
    return lambda pdf: pdf.pages[0].obj.__setitem__(name, value)


def resource(kind: str, made: Callable[[pikepdf.Pdf], Any]) -> Break:
    """Give the first page another resource."""

    def change(pdf: pikepdf.Pdf) -> None:
        held = pdf.pages[0].Resources
        held[kind] = Dictionary({**dict(held.get(kind, Dictionary()).items()), "/X9": made(pdf)})

    return change


def told(pattern: str, words: str) -> Break:
    """Change what the metadata say."""

    def change(pdf: pikepdf.Pdf) -> None:
        text, found = re.subn(pattern, words, pdf.Root.Metadata.read_bytes().decode(), flags=re.DOTALL)
        assert found
        pdf.Root.Metadata.write(text.encode())

    return change


def every(role: str, change: Callable[[Any], object]) -> Break:
    """Change the elements with a role."""

    def changed(pdf: pikepdf.Pdf) -> None:
        found = [one for one in pdf.objects if isinstance(one, Dictionary) and one.get("/S") == Name(f"/{role}")]
        assert found
        for one in found:
            change(one)

    return changed


def font(change: Callable[[Any], object]) -> Break:
    """Change the description of the fonts."""

    def changed(pdf: pikepdf.Pdf) -> None:
        for one in pdf.objects:
            if isinstance(one, Dictionary) and "/DescendantFonts" in one:
                change(one)

    return changed


def field(name: str, value: Any) -> Break:
    """Set an entry of the field that holds the signature."""
    return lambda pdf: pdf.pages[0].Annots[0].__setitem__(name, value)


def short_program(one: Any) -> None:
    """Say that a font has three glyphs."""
    held = one.DescendantFonts[0].FontDescriptor.FontFile2
    data = bytearray(held.read_bytes())
    (count,) = (int.from_bytes(data[4:6], "big"),)
    for entry in range(12, 12 + 16 * count, 16):
        if data[entry : entry + 4] == b"maxp":
            place = int.from_bytes(data[entry + 8 : entry + 12], "big")
            data[place + 4 : place + 6] = b"\x00\x03"
    held.write(bytes(data))


def image(**entries: Any) -> Callable[[pikepdf.Pdf], Any]:
    """A picture of one point."""
    told = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 1, "Height": 1, "ColorSpace": Name.DeviceGray}
    return lambda pdf: pdf.make_indirect(Stream(pdf, b"\x00", **{**told, "BitsPerComponent": 8, **entries}))


def form(**entries: Any) -> Callable[[pikepdf.Pdf], Any]:
    """A form that draws nothing."""
    bounds = Array([0, 0, 9, 9])
    return lambda pdf: pdf.make_indirect(Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=bounds, **entries))


BREAKS: dict[str, Break] = {
    "ISO 19005-2 6.1.6: hexadecimal strings": drawn(b"/Artifact BMC BT <414> Tj ET EMC"),
    "ISO 19005-2 6.1.7.1: external streams": resource("/XObject", image(F=String("picture.bin"))),
    "ISO 19005-2 6.1.10: filters of inline images": drawn(
        b"/Artifact BMC BI /W 1 /H 1 /CS /G /BPC 8 /F /LZW ID \x80\x0b\x60\x50 EI EMC"
    ),
    "ISO 19005-2 6.1.11: embedded files": lambda pdf: pdf.attachments.__setitem__("a.txt", b"a"),
    "ISO 19005-2 6.1.12: permissions": lambda pdf: pdf.Root.Perms.__setitem__("/UR", Dictionary()),
    "ISO 19005-2 6.1.13: limits": root("/Far", 2**31),
    "ISO 19005-2 6.1.13: nested states": drawn(b"q " * 29 + b"Q " * 29),
    "ISO 19005-2 6.1.13: sides of a page": on_page("/MediaBox", Array([0, 0, 595, 14_401])),
    "ISO 19005-2 6.2.2: operators": drawn(b"/Artifact BMC 1 XX EMC"),
    "ISO 19005-2 6.2.2: resources": drawn(b"/Artifact BMC /Nowhere Do EMC"),
    "ISO 19005-2 6.2.3: output intent": lambda pdf: pdf.Root.OutputIntents[0].DestOutputProfile.__setitem__("/N", 4),
    "ISO 19005-2 6.2.4.3: colours without a profile": drawn(b"0 0 0 1 k"),
    "ISO 19005-2 6.2.5: graphics states": resource("/ExtGState", lambda pdf: Dictionary(TR2=Name.Identity)),
    "ISO 19005-2 6.2.6: rendering intents": drawn(b"/Bright ri"),
    "ISO 19005-2 6.2.8: images": resource("/XObject", image(Interpolate=True)),
    "ISO 19005-2 6.2.9: forms": resource("/XObject", form(Ref=Dictionary())),
    "ISO 19005-2 6.2.10: blending": resource("/ExtGState", lambda pdf: Dictionary(BM=Name.Bright)),
    "ISO 19005-2 6.2.11.2: fonts of a kind that is not looked at": font(
        lambda one: one.__setitem__("/Encoding", Name("/UniGB-UCS2-H"))
    ),
    "ISO 19005-2 6.2.11.3.1: character collections": font(
        lambda one: one.DescendantFonts[0].__delitem__("/CIDSystemInfo")
    ),
    "ISO 19005-2 6.2.11.3.2: glyph maps": font(lambda one: one.DescendantFonts[0].__delitem__("/CIDToGIDMap")),
    "ISO 19005-2 6.2.11.4.1: fonts that are not embedded": resource(
        "/Font",
        lambda pdf: pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)),
    ),
    "ISO 19005-2 6.2.11.4.1: glyphs that are not embedded": font(short_program),
    "ISO 19005-2 6.2.11.5: widths": font(lambda one: one.DescendantFonts[0].__setitem__("/DW", 900)),
    "ISO 19005-2 6.2.11.8: undefined glyphs": font(lambda one: one.DescendantFonts[0].CIDToGIDMap.write(bytes(4))),
    "ISO 19005-2 6.3.1: kinds of annotations": field("/Subtype", Name.Movie),
    "ISO 19005-2 6.3.2: flags of annotations": field("/F", 2),
    "ISO 19005-2 6.3.3: looks of annotations": field("/Rect", Array([0, 0, 9, 9])),
    "ISO 19005-2 6.4.1: forms": lambda pdf: pdf.Root.AcroForm.__setitem__("/NeedAppearances", True),
    "ISO 19005-2 6.5.1: actions": root("/OpenAction", Dictionary(S=Name.JavaScript, JS=String("0"))),
    "ISO 19005-2 6.5.2: actions by themselves": on_page("/AA", Dictionary()),
    "ISO 19005-2 6.6.2.1: metadata": told(r"<\?xpacket begin=", '<?xpacket bytes="9" begin='),
    "ISO 19005-2 6.6.2.3: properties that are not described": told(
        r"<insuragent:proof", '<o:other xmlns:o="urn:other">x</o:other><insuragent:proof'
    ),
    "ISO 19005-2 6.6.3: document information": lambda pdf: pdf.docinfo.__setitem__("/Title", String("改")),
    "ISO 19005-2 6.6.4: identification": told("<pdfaid:conformance>B", "<pdfaid:conformance>A"),
    "ISO 19005-2 6.9: optional content": root("/OCProperties", Dictionary()),
    "ISO 19005-2 6.10: alternate presentations": on_page("/PresSteps", Dictionary()),
    "ISO 19005-2 6.11: requirements": root("/Requirements", Array([Dictionary(S=Name.EnableJavaScripts)])),
    "ISO 14289-1 5: identification": told("<pdfuaid:part>1", "<pdfuaid:part>2"),
    "ISO 14289-1 7.1: tagged content": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Suspects", True),
    "ISO 14289-1 7.1: content that is neither tagged nor an artifact": drawn(b"0 0 9 9 re f"),
    "ISO 14289-1 7.1: pieces outside the tree": drawn(b"/P <</MCID 999>> BDC EMC"),
    "ISO 14289-1 7.1: roles": every("P", lambda one: one.__setitem__("/S", Name.Words)),
    "ISO 14289-1 7.1: title": lambda pdf: pdf.Root.ViewerPreferences.__delitem__("/DisplayDocTitle"),
    "ISO 14289-1 7.2: language": without("/Lang"),
    "ISO 14289-1 7.2: elements in the wrong place": every("TR", lambda one: one.__setitem__("/S", Name.P)),
    "ISO 14289-1 7.3: figures without words": every("Figure", lambda one: one.__delitem__("/Alt")),
    "ISO 14289-1 7.4.2: headings out of order": every("H2", lambda one: one.__setitem__("/S", Name.H3)),
    "ISO 14289-1 7.5: heads of tables without scope": every("TH", lambda one: one.A.__delitem__("/Scope")),
    "ISO 14289-1 7.5: rows of different lengths": every("TR", lambda one: one.K.__delitem__(0)),
    "ISO 14289-1 7.18.1: annotations that nobody hears": field("/StructParent", 0),
    "ISO 14289-1 7.18.3: order of annotations": on_page("/Tabs", Name.R),
    "ISO 14289-1 7.21.7: text without Unicode": font(lambda one: one.ToUnicode.write(b"<0001> <FEFF>")),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_file_that_breaks_a_rule_is_told_by_it(rule: str) -> None:
    """Each change breaks that rule; few break it alone."""
    with pikepdf.open(io.BytesIO(sheet())) as pdf:
        BREAKS[rule](pdf)
        target = io.BytesIO()
        pdf.save(target, fix_metadata_version=False)
    assert rule in names(target.getvalue())


def lists_characters(data: bytes) -> bytes:
    """A font's list of its characters, none of which it names."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        font(lambda one: one.DescendantFonts[0].FontDescriptor.__setitem__("/CIDSet", Stream(pdf, b"\x80")))(pdf)
        pdf.save(target)
    return target.getvalue()


def encrypted(data: bytes) -> bytes:
    """A file that opens for everybody, but is encrypted."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="x", user=""))
    return target.getvalue()


def packed_by_lzw(data: bytes) -> bytes:
    """A stream in a form that other programs may not unpack."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        held = Stream(pdf, b"")
        held.write(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", filter=Name.LZWDecode)
        pdf.Root.Other = pdf.make_indirect(held)
        pdf.save(target, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return target.getvalue()


def with_table(data: bytes) -> bytes:
    """Written with a table of references, in which one entry is a byte short."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert names(target.getvalue()) <= {"ISO 19005-2 6.4.3: signed range"}
    return target.getvalue().replace(b"xref\n0 ", b"xref \n0 ", 1)


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "ISO 19005-2 6.1.2: header": lambda data: data.replace(b"%\xbf\xf7\xa2\xfe", b"%text", 1),
    "ISO 19005-2 6.1.3: file identifier": lambda data: data.replace(b"/ID [", b"/IX [", 1),
    "ISO 19005-2 6.1.3: encryption": encrypted,
    "ISO 19005-2 6.1.3: bytes behind the end": lambda data: data + b"more",
    "ISO 19005-2 6.1.4: cross-references": with_table,
    "ISO 19005-2 6.1.7.1: streams": lambda data: data.replace(b"\nendstream", b" endstream", 1),
    "ISO 19005-2 6.1.7.2: filters": packed_by_lzw,
    "ISO 19005-2 6.2.11.4.2: lists of characters": lists_characters,
    "ISO 19005-2 6.4.3: signed range": lambda data: data + b"\n",
}


@pytest.mark.parametrize("rule", BYTES)
def test_bytes_that_break_a_rule_are_told_by_it(rule: str) -> None:
    """What a library would mend while it writes."""
    assert rule in names(BYTES[rule](sheet()))


def test_no_rule_is_idle() -> None:
    """For each there is a broken file above, and for nothing else."""
    assert BREAKS.keys() | BYTES.keys() == RULES.keys()
    assert not BREAKS.keys() & BYTES.keys()
