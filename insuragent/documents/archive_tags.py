"""What a file must tell those who hear it (ISO 14289-1, PDF/UA-1): which piece is what, in which order and language."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pikepdf import Dictionary, Name, Stream

from insuragent.documents.looked_at import PAINTING, Drawing, Looked, Rules, kids

#: The standard roles (ISO 32000-1, 14.8.4).
_ROLES = set(
    """
    Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody
    Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby Warichu Figure Formula Form
    """.split()  # noqa: SIM905 - read as the list that it is
)
#: What roles may hold, and within which they may stand, where that is narrow.
_HOLDS = {
    "L": {"L", "LI", "Caption"}, "LI": {"Lbl", "LBody"}, "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "TR": {"TH", "TD"}, "THead": {"TR"}, "TBody": {"TR"}, "TFoot": {"TR"},
}  # fmt: skip
_WITHIN = {"LI": {"L"}, "LBody": {"LI"}, "TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}}
_SCOPES = ("/Row", "/Column", "/Both")


def _role(element: Any) -> str:
    return str(element.get("/S", ""))[1:]


def _attribute(element: Any, key: str) -> Any:
    """An attribute of an element, which may have one set of them or several."""
    told = element.get("/A", Dictionary())
    return next((one.get(key) for one in ([told] if isinstance(told, Dictionary) else told) if key in one), None)


def _tagged(file: Looked) -> Iterator[str]:
    told = file.root.get("/MarkInfo", Dictionary())
    if not told.get("/Marked") or told.get("/Suspects") or "/StructTreeRoot" not in file.root:
        yield ""


def _language(file: Looked) -> Iterator[str]:
    if not str(file.root.get("/Lang", "")):
        yield ""


def _title(file: Looked) -> Iterator[str]:
    if not file.root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle"):
        yield "display"
    held = file.root.get("/Metadata")
    if not isinstance(held, Stream) or not file.pdf.open_metadata(update_docinfo=False).get("dc:title"):
        yield ""


def _all_marked(file: Looked) -> Iterator[str]:
    yield from (drawing.name for drawing in file.pages if _marks(drawing) is None)


def _marks(drawing: Drawing) -> list[int] | None:
    """The numbers of a page's pieces; None where something is painted outside all marks, or marks do not match."""
    depth, found = 0, []
    for name, operands in drawing.steps:
        if name in ("BMC", "BDC"):
            depth += 1
            if name == "BDC" and "/MCID" in operands[1]:
                found.append(int(operands[1].MCID))
        elif name == "EMC":
            depth -= 1
        elif name in PAINTING and depth != 1:
            return None
    return found if depth == 0 else None


def _all_in_tree(file: Looked) -> Iterator[str]:
    """Each piece is of one element, which names it; the page finds that element by the piece's number."""
    held: Counter[tuple[Any, int]] = Counter()
    for element in file.elements:
        for kid in kids(element):
            if isinstance(kid, int):
                held[element.get("/Pg").objgen, kid] += 1
            elif isinstance(kid, Dictionary) and "/MCID" in kid:
                held[kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)] += 1
    found = _numbered(file)
    for page, drawing in zip(file.pdf.pages, file.pages, strict=True):
        marks = _marks(drawing) or []
        owners = found.get(int(page.obj.get("/StructParents", -1)), ())
        once = len(set(marks)) == len(marks) and all(held[page.obj.objgen, mark] == 1 for mark in marks)
        if not once or len(owners) != len(marks) or max(marks, default=-1) >= len(owners):
            yield drawing.name


def _numbered(file: Looked) -> dict[int, Any]:
    """What the tree finds by number: a page's elements, or an annotation's."""
    tree = file.root.get("/StructTreeRoot", Dictionary()).get("/ParentTree", Dictionary())
    told = list(tree.get("/Nums", []))
    return {int(number): held for number, held in zip(told[::2], told[1::2], strict=False)}


def _roles(file: Looked) -> Iterator[str]:
    known = file.root.get("/StructTreeRoot", Dictionary()).get("/RoleMap", Dictionary())
    yield from (_role(one) for one in file.elements if _role(one) not in _ROLES and f"/{_role(one)}" not in known)


def _nesting(file: Looked) -> Iterator[str]:
    for element in file.elements:
        role, inner = (
            _role(element),
            [_role(kid) for kid in kids(element) if isinstance(kid, Dictionary) and "/S" in kid],
        )
        if role in _HOLDS and not set(inner) <= _HOLDS[role]:
            yield role
        yield from (one for one in inner if role not in _WITHIN.get(one, {role}))


def _figures(file: Looked) -> Iterator[str]:
    for element in file.elements:
        if _role(element) == "Figure" and not (
            str(element.get("/Alt", "")) and _attribute(element, "/BBox") is not None
        ):
            yield ""


def _headings(file: Looked) -> Iterator[str]:
    """The first is of the first level, and none skips a level."""
    last = 0
    for role in (_role(element) for element in file.elements):
        if len(role) == 2 and role[0] == "H" and role[1].isdigit():
            if int(role[1]) > last + 1:
                yield role
            last = int(role[1])


def _scopes(file: Looked) -> Iterator[str]:
    for element in file.elements:
        if _role(element) == "TH" and str(_attribute(element, "/Scope")) not in _SCOPES:
            yield ""


def _regular(file: Looked) -> Iterator[str]:
    """The rows of a table have as many columns, those that reach over several counted so, downwards too."""
    for table in (one for one in file.elements if _role(one) == "Table"):
        filled: Counter[int] = Counter()
        rows = [row for part in kids(table) for row in ([part] if _role(part) == "TR" else kids(part))]
        for number, row in enumerate(rows):
            for cell in kids(row):
                for below in range(int(_attribute(cell, "/RowSpan") or 1)):
                    filled[number + below] += int(_attribute(cell, "/ColSpan") or 1)
        if len({filled[number] for number in range(len(rows))}) > 1 or len(filled) > len(rows):
            yield ""


def _annotations(file: Looked) -> Iterator[str]:
    """Each is told in words, and is in the tree: a field within a Form, others within a Link or an Annot."""
    found = _numbered(file)
    for page in file.pdf.pages:
        for one in page.obj.get("/Annots", []):
            owner = found.get(int(one.get("/StructParent", -1)))
            wanted = {"/Widget": "Form", "/Link": "Link"}.get(str(one.get("/Subtype")), "Annot")
            if not str(one.get("/TU", one.get("/Contents", ""))) or owner is None or _role(owner) != wanted:
                yield str(one.get("/Subtype"))


def _order(file: Looked) -> Iterator[str]:
    for number, page in enumerate(file.pdf.pages, 1):
        if "/Annots" in page.obj and page.obj.get("/Tabs") != Name.S:
            yield f"page {number}"


_UA1 = "ISO 14289-1"
TAG_RULES: Rules = {
    f"{_UA1} 7.1: tagged content": _tagged,
    f"{_UA1} 7.1: content that is neither tagged nor an artifact": _all_marked,
    f"{_UA1} 7.1: pieces outside the tree": _all_in_tree,
    f"{_UA1} 7.1: roles": _roles,
    f"{_UA1} 7.1: title": _title,
    f"{_UA1} 7.2: language": _language,
    f"{_UA1} 7.2: elements in the wrong place": _nesting,
    f"{_UA1} 7.3: figures without words": _figures,
    f"{_UA1} 7.4.2: headings out of order": _headings,
    f"{_UA1} 7.5: heads of tables without scope": _scopes,
    f"{_UA1} 7.5: rows of different lengths": _regular,
    f"{_UA1} 7.18.1: annotations that nobody hears": _annotations,
    f"{_UA1} 7.18.3: order of annotations": _order,
}
