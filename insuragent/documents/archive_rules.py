"""What a file for the archive must be as a file (ISO 19005-2, PDF/A-2 level b): its form, its colours, its metadata."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from insuragent.documents.looked_at import Looked, Rules

_EOL = rb"(?:\r\n|\r|\n)"
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_STRING, _NAME, _OBJECTS, _NESTED = 32_767, 127, 8_388_607, 28
#: The smallest and the largest side of a page, in units of the page.
_SIDES = (3, 14_400)
_FILTERS = {
    "/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode", "/CCITTFaxDecode", "/JBIG2Decode",
    "/DCTDecode", "/JPXDecode",
}  # fmt: skip
_ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
_NAMED = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_SPACES = {3: b"RGB ", 4: b"CMYK", 1: b"GRAY"}
_UA = "{http://www.aiim.org/pdfua/ns/id/}"
#: Schemas that XMP, PDF and PDF/A know by themselves; whatever else is told must be described in the file.
_KNOWN = (
    "http://purl.org/dc/", "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/pdf/1.3/",
    "http://www.aiim.org/pdfa/ns/", "http://www.w3.org/",
)  # fmt: skip
#: What the document information and the metadata tell alike.
_TOLD_TWICE = {
    "/Title": "dc:title", "/Author": "dc:creator", "/Subject": "dc:description", "/Keywords": "pdf:Keywords",
    "/Creator": "xmp:CreatorTool", "/Producer": "pdf:Producer", "/CreationDate": "xmp:CreateDate",
    "/ModDate": "xmp:ModifyDate",
}  # fmt: skip


def _header(file: Looked) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]" + _EOL + rb"%[\x80-\xff]{4}", file.data):
        yield ""


def _end(file: Looked) -> Iterator[str]:
    if not re.search(rb"%%EOF" + _EOL + rb"?\Z", file.data[-16:]):
        yield ""


def _identifier(file: Looked) -> Iterator[str]:
    told = file.pdf.trailer.get("/ID")
    if not isinstance(told, Array) or len(told) != 2 or not all(bytes(one) for one in told):
        yield ""


def _encryption(file: Looked) -> Iterator[str]:
    if file.pdf.is_encrypted:
        yield ""


def _references(file: Looked) -> Iterator[str]:
    """A table has one end of line before its first section and entries of 20 bytes; a stream is an object."""
    table = rb"xref" + _EOL + rb"\d+ \d+ ?" + _EOL + rb"\d{10} \d{5} [nf](?: \r| \n|\r\n)"
    starts = [int(found) for found in re.findall(rb"startxref\s+(\d+)", file.data)]
    # A file that is laid out for the web has a first part whose place is told as 0.
    if not all(re.compile(table + rb"|\d+ \d+ obj").match(file.data, start) for start in starts if start):
        yield ""


def _streams(file: Looked) -> Iterator[str]:
    """Each begins and ends at a line's end, is as long as it says, and can be unpacked."""
    if re.search(rb">>\s*stream(?!\r?\n)", file.data) or re.search(rb"[^\r\n]endstream", file.data):
        yield "end of line"
    yield from (str(problem).rsplit(":", 1)[-1].strip() for problem in file.pdf.check_pdf_syntax())


def _external(file: Looked) -> Iterator[str]:
    for key in ("/F", "/FFilter", "/FDecodeParms"):
        yield from (key for found in file.having(key) if isinstance(found, Stream))


def _filters(file: Looked) -> Iterator[str]:
    for found in file.having("/Filter"):
        told = found.Filter
        if isinstance(found, Stream):
            yield from (
                str(name) for name in (told if isinstance(told, Array) else [told]) if str(name) not in _FILTERS
            )


def _inline_filters(file: Looked) -> Iterator[str]:
    for drawing in file.drawings:
        for name, operands in drawing.steps:
            if name == "INLINE IMAGE" and {str(one) for one in operands[0].filters} - _FILTERS:
                yield drawing.name


def _hexadecimal(file: Looked) -> Iterator[str]:
    """Strings in hexadecimal have an even number of digits, and nothing else in them."""
    for number, page in enumerate(file.pdf.pages, 1):
        drawn = b"\n".join(part.read_bytes() for part in _parts(page))
        plain = re.sub(rb"\((?:\\.|[^\\()])*\)", b"", drawn, flags=re.DOTALL)
        for told in re.findall(rb"(?<!<)<([^<>]*)>(?!>)", plain):
            digits = re.sub(rb"\s", b"", told)
            if len(digits) % 2 or not re.fullmatch(rb"[0-9A-Fa-f]*", digits):
                yield f"page {number}"
                break


def _parts(page: pikepdf.Page) -> list[Any]:
    drawn = page.obj.get("/Contents", Array())
    return list(drawn) if isinstance(drawn, Array) else [drawn]


def _embedded(file: Looked) -> Iterator[str]:
    if "/EmbeddedFiles" in file.root.get("/Names", Dictionary()):
        yield "names"
    yield from ("file" for _found in file.having("/EF"))


def _permissions(file: Looked) -> Iterator[str]:
    yield from (str(key) for key in file.root.get("/Perms", Dictionary()) if key not in ("/UR3", "/DocMDP"))
    for key in ("/DigestLocation", "/DigestMethod", "/DigestValue"):
        yield from (key for _found in file.having(key))


def _limits(file: Looked) -> Iterator[str]:
    for _holder, key, value in file.values:
        if isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
            yield f"number {key}"
        elif isinstance(value, pikepdf.String) and len(bytes(value)) > _STRING:
            yield f"string {key}"
        elif len(key) > _NAME + 1 or (isinstance(value, Name) and len(str(value).encode()) > _NAME + 1):
            yield "name"
    if len(file.pdf.objects) > _OBJECTS:
        yield "objects"


def _nesting(file: Looked) -> Iterator[str]:
    for drawing in file.drawings:
        depth = deepest = 0
        for name, _operands in drawing.steps:
            depth += (name == "q") - (name == "Q")
            deepest = max(deepest, depth)
        if deepest > _NESTED:
            yield drawing.name


def _sides(file: Looked) -> Iterator[str]:
    for number, page in enumerate(file.pdf.pages, 1):
        left, bottom, right, top = map(float, page.mediabox)
        if not all(_SIDES[0] <= side <= _SIDES[1] for side in (right - left, top - bottom)):
            yield f"page {number}"


def _intent(file: Looked) -> Iterator[str]:
    """One output intent, whose profile is one for screens or printers, of version 4 at most, with as many colours."""
    told = [one for one in file.root.get("/OutputIntents", Array()) if one.get("/S") == Name.GTS_PDFA1]
    profile = told[0].get("/DestOutputProfile") if len(told) == 1 else None
    if not isinstance(profile, Stream):
        yield ""
        return
    data = profile.read_bytes()
    good = data[36:40] == b"acsp" and data[8:9] <= b"\x04" and data[12:16] in (b"mntr", b"prtr")
    if not good or data[16:20] != _SPACES.get(int(profile.get("/N", 0))):
        yield "profile"


def _metadata(file: Looked) -> Iterator[str]:
    held = file.root.get("/Metadata")
    if not isinstance(held, Stream):
        yield ""
        return
    opened = re.match(rb"\s*<\?xpacket ([^?]*)\?>", held.read_bytes())
    if opened is None or b"bytes=" in opened[1] or b"encoding=" in opened[1]:
        yield "packet"


def _told(file: Looked) -> Mapping[str, Any]:
    """What the metadata say; nothing where there are none."""
    if not isinstance(file.root.get("/Metadata"), Stream):
        return {}
    return file.pdf.open_metadata(update_docinfo=False)


def _described(file: Looked) -> Iterator[str]:
    """Properties of other schemas are described in the file itself."""
    held = file.root.get("/Metadata")
    text = held.read_bytes().decode(errors="replace") if isinstance(held, Stream) else ""
    described = set(re.findall(r"<pdfaSchema:namespaceURI>([^<]*)</pdfaSchema:namespaceURI>", text))
    spaces = {name[1:].partition("}")[0] for name in _told(file)}
    yield from sorted(space for space in spaces - described if not space.startswith(_KNOWN))


def _identified(file: Looked) -> Iterator[str]:
    told = _told(file)
    if (told.get("pdfaid:part"), told.get("pdfaid:conformance")) != ("2", "B"):
        yield ""


def _identified_for_all(file: Looked) -> Iterator[str]:
    if _told(file).get(f"{_UA}part") != "1":
        yield ""


def _information(file: Looked) -> Iterator[str]:
    told = _told(file)
    for key, name in _TOLD_TWICE.items():
        if key in file.pdf.docinfo:
            plain, found = str(file.pdf.docinfo[key]), told.get(name)
            found = ", ".join(found) if isinstance(found, list) else str(found)
            if key.endswith("Date"):
                plain, found = re.sub(r"\D", "", plain), re.sub(r"\D", "", found)
            if plain != found:
                yield key


def _actions(file: Looked) -> Iterator[str]:
    for found in (one for key in ("/A", "/OpenAction") for one in _held(file, key)):
        kind = str(found.get("/S"))
        if kind not in _ACTIONS or (kind == "/Named" and str(found.get("/N")) not in _NAMED):
            yield kind
    if "/JavaScript" in file.root.get("/Names", Dictionary()):
        yield "/JavaScript"


def _held(file: Looked, key: str) -> Iterator[Any]:
    """The actions under a key; elements of the tree keep their attributes under the same one."""
    return (
        one.value
        for one in file.values
        if one.key == key and isinstance(one.value, Dictionary) and "/O" not in one.value
    )


def _by_itself(file: Looked) -> Iterator[str]:
    yield from (str(found.get("/Type")) for found in file.having("/AA"))


def _forms(file: Looked) -> Iterator[str]:
    form = file.root.get("/AcroForm", Dictionary())
    if form.get("/NeedAppearances") or "/XFA" in form:
        yield ""
    yield from ("action" for found in file.having("/Subtype", Name.Widget) if "/A" in found)


def _signed(file: Looked) -> Iterator[str]:
    """A signature covers every byte but its own."""
    for found in file.having("/ByteRange"):
        told = [int(part) for part in found.ByteRange]
        if len(told) != 4 or told[0] != 0 or told[2] + told[3] != len(file.data):
            yield ""
        elif not re.fullmatch(rb"<[0-9A-Fa-f]*>", file.data[told[1] : told[2]]):
            yield "gap"


def _absent(*keys: str) -> Any:
    """A rule that no dictionary has any of ``keys``."""

    def check(file: Looked) -> Iterator[str]:
        yield from (key for key in keys for _found in file.having(key))

    return check


_A, _UA1 = "ISO 19005-2", "ISO 14289-1"
FILE_RULES: Rules = {
    f"{_A} 6.1.2: header": _header,
    f"{_A} 6.1.3: file identifier": _identifier,
    f"{_A} 6.1.3: encryption": _encryption,
    f"{_A} 6.1.3: bytes behind the end": _end,
    f"{_A} 6.1.4: cross-references": _references,
    f"{_A} 6.1.6: hexadecimal strings": _hexadecimal,
    f"{_A} 6.1.7.1: streams": _streams,
    f"{_A} 6.1.7.1: external streams": _external,
    f"{_A} 6.1.7.2: filters": _filters,
    f"{_A} 6.1.10: filters of inline images": _inline_filters,
    f"{_A} 6.1.11: embedded files": _embedded,
    f"{_A} 6.1.12: permissions": _permissions,
    f"{_A} 6.1.13: limits": _limits,
    f"{_A} 6.1.13: nested states": _nesting,
    f"{_A} 6.1.13: sides of a page": _sides,
    f"{_A} 6.2.3: output intent": _intent,
    f"{_A} 6.4.1: forms": _forms,
    f"{_A} 6.4.3: signed range": _signed,
    f"{_A} 6.5.1: actions": _actions,
    f"{_A} 6.5.2: actions by themselves": _by_itself,
    f"{_A} 6.6.2.1: metadata": _metadata,
    f"{_A} 6.6.2.3: properties that are not described": _described,
    f"{_A} 6.6.3: document information": _information,
    f"{_A} 6.6.4: identification": _identified,
    f"{_A} 6.9: optional content": _absent("/OCProperties", "/OCGs"),
    f"{_A} 6.10: alternate presentations": _absent("/AlternatePresentations", "/PresSteps"),
    f"{_A} 6.11: requirements": _absent("/Requirements"),
    f"{_UA1} 5: identification": _identified_for_all,
}
