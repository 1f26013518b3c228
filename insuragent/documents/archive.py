"""Files for the archive: PDF/A-2b (ISO 19005-2), tagged as PDF/UA-1 (ISO 14289-1), with the proof of their numbers."""

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms

from insuragent.documents.sealing import Pen, fill, pdf_moment, reserve
from insuragent.documents.structure import add_structure
from insuragent.documents.tags import Piece
from insuragent.errors import BadFile
from insuragent.i18n import N_, SHANGHAI

#: The name space of our own entry in a file's metadata: the proof, as JSON.
NAMESPACE = "urn:insuragent:sheet:1"
_SRGB = "sRGB IEC61966-2.1"


@dataclass(frozen=True)
class Facts:
    """What the archive says of a file: title, author, when it was made (aware), and what recomputes its numbers."""

    title: str
    author: str
    made_at: dt.datetime
    proof: Mapping[str, Any]


def archived(data: bytes, pieces: Sequence[Piece], facts: Facts, pen: Pen | None = None) -> bytes:
    """A file of ours made fit for the archive and, where there is a ``pen``, signed: all in one writing.

    Unsigned, the same content gives the same bytes.
    """
    with pikepdf.open(io.BytesIO(data)) as pdf:
        add_structure(pdf, pieces, reserve(pdf, pen.reason, facts.made_at) if pen else None)
        _add_colors(pdf)
        moment = facts.made_at.astimezone(SHANGHAI).replace(microsecond=0)
        stamp = pdf_moment(moment)
        told = {"/Title": facts.title, "/Author": facts.author, "/Creator": "insuragent", "/Producer": "insuragent"}
        told |= {"/CreationDate": stamp, "/ModDate": stamp}
        pdf.docinfo = pdf.make_indirect(Dictionary({name: String(words) for name, words in told.items()}))
        pdf.Root.Metadata = pdf.make_indirect(
            pikepdf.Stream(pdf, _metadata(facts, moment.isoformat()), Type=Name.Metadata, Subtype=Name.XML)
        )
        pdf.Root.Lang = String("zh-CN")
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        target = io.BytesIO()
        pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
            recompress_flate=False,
            force_version="1.7",
            deterministic_id=True,
        )
    return fill(target.getvalue(), pen) if pen else target.getvalue()


def proof_of(data: bytes) -> dict[str, Any] | None:
    """What a file says of how its numbers came about; None when it says nothing. Raises BadFile for no PDF."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if "/Metadata" not in pdf.Root:
                return None
            found = pdf.open_metadata().get(f"{{{NAMESPACE}}}proof")
            told = msgspec.json.decode(str(found)) if found else None
    except (pikepdf.PdfError, msgspec.DecodeError, ValueError) as error:
        raise BadFile(N_("文件不是有效的 PDF")) from error
    return told if isinstance(told, dict) else None


def archive_faults(data: bytes) -> list[str]:
    """The rules of PDF/A-2b and PDF/UA-1 that a file breaks, of those that a plain file of ours would break.

    Each is named by its clause. Raises BadFile for no PDF.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return [*_file_faults(data, pdf), *_font_faults(pdf), *_structure_faults(pdf)]
    except pikepdf.PdfError as error:
        raise BadFile(N_("文件不是有效的 PDF")) from error


# --- making ------------------------------------------------------------------------------------------------------


@cache
def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _add_colors(pdf: pikepdf.Pdf) -> None:
    """What red, green and blue mean (ISO 19005-2, 6.2.3); the moment within the profile is not ours to tell."""
    profile = bytearray(_profile())
    profile[24:36] = bytes((7, 209, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    profile[84:100] = bytes(16)
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String(_SRGB),
                Info=String(_SRGB),
                DestOutputProfile=pdf.make_indirect(pikepdf.Stream(pdf, bytes(profile), N=3)),
            )
        ]
    )


def _metadata(facts: Facts, moment: str) -> bytes:
    proof = msgspec.json.encode(facts.proof, order="sorted").decode()
    return _XMP.format(
        title=escape(facts.title), author=escape(facts.author), moment=moment, proof=escape(proof), ours=NAMESPACE
    ).encode()


_PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{about}</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{space}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>{kind}</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>{about}</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li>"""
_UA = _PROPERTY.format(
    about="PDF/UA identification", space="http://www.aiim.org/pdfua/ns/id/", prefix="pdfuaid", name="part",
    kind="Integer",
)  # fmt: skip
_OURS = _PROPERTY.format(
    about="What recomputes the numbers", space="{ours}", prefix="insuragent", name="proof", kind="Text"
)
_XMP = (
    """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:insuragent="{ours}"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreatorTool>insuragent</xmp:CreatorTool><pdf:Producer>insuragent</pdf:Producer>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
<insuragent:proof>{proof}</insuragent:proof>
<pdfaExtension:schemas><rdf:Bag>"""
    + _UA
    + _OURS
    + """</rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
)

# --- judging -----------------------------------------------------------------------------------------------------


def _file_faults(data: bytes, pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if not data.startswith(b"%PDF-1.") or not all(byte > 127 for byte in data.split(b"\n", 2)[1][1:5]):
        yield "ISO 19005-2 6.1.2: header"
    if "/ID" not in pdf.trailer:
        yield "ISO 19005-2 6.1.3: file identifier"
    if pdf.is_encrypted:
        yield "ISO 19005-2 6.1.3: encryption"
    intents = root.get("/OutputIntents")
    if not intents or intents[0].get("/S") != Name.GTS_PDFA1 or "/DestOutputProfile" not in intents[0]:
        yield "ISO 19005-2 6.2.3: output intent"
    if "/Metadata" not in root:
        yield "ISO 19005-2 6.6.2: metadata"
        return
    with pdf.open_metadata(update_docinfo=False) as told:
        if (told.get("pdfaid:part"), told.get("pdfaid:conformance")) != ("2", "B"):
            yield "ISO 19005-2 6.6.4: identification"
        if told.get("{http://www.aiim.org/pdfua/ns/id/}part") != "1":
            yield "ISO 14289-1 5: identification"
        if told.get("dc:title") != str(pdf.docinfo.get("/Title", "")):
            yield "ISO 19005-2 6.6.3: document information"
    names = root.get("/Names", Dictionary())
    if "/EmbeddedFiles" in names or "/JavaScript" in names or "/OpenAction" in root or "/AA" in root:
        yield "ISO 19005-2 6.5.1: actions and embedded files"


def _font_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    for found in pdf.objects:
        if isinstance(found, Dictionary) and found.get("/Type") == Name.Font and "/DescendantFonts" not in found:
            held = found.get("/FontDescriptor", Dictionary())
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(held.keys()):
                yield f"ISO 19005-2 6.2.11.4: {found.get('/BaseFont')} is not embedded"
        if isinstance(found, Dictionary) and found.get("/Type") == Name.Font and found.get("/Subtype") != Name.Type3:
            outer = found.get("/Subtype") == Name.Type0 or "/DescendantFonts" in found or "/Encoding" in found
            if outer and "/ToUnicode" not in found:
                yield f"ISO 14289-1 7.21.7: {found.get('/BaseFont')} has no Unicode"


def _structure_faults(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if not root.get("/MarkInfo", Dictionary()).get("/Marked") or "/StructTreeRoot" not in root:
        yield "ISO 14289-1 7.1: tagged content"
        return
    if "/Lang" not in root or not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle"):
        yield "ISO 14289-1 7.1: language and title"
    for number, page in enumerate(pdf.pages, 1):
        marked = _marked(page)
        if marked is None:
            yield f"ISO 14289-1 7.1: page {number} has content that is neither tagged nor an artifact"
        elif marked != len(root.StructTreeRoot.ParentTree.Nums[2 * int(page.obj.StructParents) + 1]):
            yield f"ISO 14289-1 7.1: page {number} has pieces outside the tree"
    for found in pdf.objects:
        if isinstance(found, Dictionary) and found.get("/S") == Name.Figure and "/Alt" not in found:
            yield "ISO 14289-1 7.3: a figure without words"


_PAINTING = {"Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh", "EI"}


def _marked(page: pikepdf.Page) -> int | None:
    """How many pieces a page marks; None where something is painted outside all marks, or marks do not match."""
    depth = pieces = 0
    for step in pikepdf.parse_content_stream(page):
        name = str(step.operator)
        if name in ("BMC", "BDC"):
            depth += 1
            pieces += name == "BDC" and "/MCID" in step.operands[1]
        elif name == "EMC":
            depth -= 1
        elif name in _PAINTING and depth != 1:
            return None
    return pieces if depth == 0 else None
