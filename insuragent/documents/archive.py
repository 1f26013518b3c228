"""Files for the archive: PDF/A-2b (ISO 19005-2), tagged as PDF/UA-1 (ISO 14289-1), with the proof of their numbers."""

import datetime as dt
import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms

from insuragent.documents.archive_pages import PAGE_RULES
from insuragent.documents.archive_rules import FILE_RULES
from insuragent.documents.archive_tags import TAG_RULES
from insuragent.documents.looked_at import Check, Looked, Rules
from insuragent.documents.sealing import Pen, fill, pdf_moment, reserve
from insuragent.documents.structure import add_structure
from insuragent.documents.tags import Piece
from insuragent.errors import BadFile
from insuragent.i18n import N_, SHANGHAI

#: The name space of our own entry in a file's metadata: the proof, as JSON.
NAMESPACE = "urn:insuragent:sheet:1"
_SRGB = "sRGB IEC61966-2.1"
_NO_PDF, _NO_PDF_HINT = N_("文件不是有效的 PDF"), N_("请选择说明书的 PDF 文件；它可能没有传完。文件没有改变。")
RULES: Rules = {**FILE_RULES, **PAGE_RULES, **TAG_RULES}
#: What a rule meets where a file holds something quite different from what its dictionaries say.
_UNREADABLE = (struct.error, ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Facts:
    """What the archive says of a file: title, author, when it was made (aware), and what recomputes its numbers.

    A letter has no numbers, and so no proof.
    """

    title: str
    author: str
    made_at: dt.datetime
    proof: Mapping[str, Any] | None = None


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
            fix_metadata_version=False,  # they tell none
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
        raise BadFile(_NO_PDF, hint=_NO_PDF_HINT) from error
    return told if isinstance(told, dict) else None


def archive_faults(data: bytes) -> list[str]:
    """The rules of PDF/A-2b and PDF/UA-1 that a file breaks: of those about what files of ours hold, every one.

    Each is named by its clause, with the places. Raises BadFile for no PDF.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            file = Looked(data, pdf)
            found = {rule: _places(check, file) for rule, check in RULES.items()}
    except pikepdf.PdfError as error:
        raise BadFile(_NO_PDF, hint=_NO_PDF_HINT) from error
    return [
        f"{rule} ({', '.join(filter(None, places))})".removesuffix(" ()") for rule, places in found.items() if places
    ]


def _places(check: Check, file: Looked) -> list[str]:
    """Where a rule is broken; a file that cannot even be looked at by a rule does not keep it."""
    try:
        return list(dict.fromkeys(check(file)))
    except _UNREADABLE:
        return ["unreadable"]


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
    proof = "" if facts.proof is None else msgspec.json.encode(facts.proof, order="sorted").decode()
    ours = {"told": _TOLD.format(proof=escape(proof)), "schema": _OURS} if proof else {"told": "", "schema": ""}
    told = {"title": escape(facts.title), "author": escape(facts.author), "moment": moment}
    return _XMP.format(**told, **ours).encode()


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
    about="What recomputes the numbers", space=NAMESPACE, prefix="insuragent", name="proof", kind="Text"
)
_TOLD = f"""<insuragent:proof xmlns:insuragent="{NAMESPACE}">{{proof}}</insuragent:proof>"""
_XMP = (
    """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreatorTool>insuragent</xmp:CreatorTool><pdf:Producer>insuragent</pdf:Producer>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
{told}
<pdfaExtension:schemas><rdf:Bag>"""
    + _UA
    + """{schema}</rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
)
