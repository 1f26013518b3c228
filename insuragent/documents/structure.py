"""The tree that says how a document is to be read out (PDF/UA-1), built from its marked pieces."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name

from insuragent.documents.tags import CELL, FIGURE, HEAD, ITEM, Piece


class _Element(NamedTuple):
    """An element of the tree and what it holds so far: elements, marked pieces, a field."""

    made: pikepdf.Object
    kids: list[pikepdf.Object | int]


class _Tree:
    """The elements made so far; ``parents`` gives each page's pieces their element, by number."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.pages = [page.obj for page in pdf.pages]
        self.parents: list[dict[int, pikepdf.Object]] = [{} for _page in self.pages]
        self.elements: list[_Element] = []
        self.root = _Element(pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot)), [])
        self.document = self.add("Document", self.root)

    def add(self, role: str, parent: _Element, *pieces: Piece, **traits: Any) -> _Element:
        """An element below ``parent`` that holds ``pieces``; those on its first piece's page by their number alone."""
        told = {f"/{name}": value for name, value in traits.items()} | {"/S": Name(f"/{role}"), "/P": parent.made}
        if pieces:
            told["/Pg"] = self.pages[pieces[0].page]
        element = _Element(self.pdf.make_indirect(Dictionary(told)), [])
        for piece in pieces:
            near = piece.page == pieces[0].page
            mark = Dictionary(Type=Name.MCR, Pg=self.pages[piece.page], MCID=piece.number)
            element.kids.append(piece.number if near else mark)
            self.parents[piece.page][piece.number] = element.made
        parent.kids.append(element.made)
        self.elements.append(element)
        return element

    def close(self, field: pikepdf.Object | None) -> None:
        """Make the tree the document's own, with the ``field`` of a signature if there is one."""
        numbers = Array()
        for number, (page, held) in enumerate(zip(self.pages, self.parents, strict=True)):
            page.StructParents = number
            page.Tabs = Name.S
            numbers.append(number)
            numbers.append(self.pdf.make_indirect(Array([held[place] for place in sorted(held)])))
        following = len(self.pages)
        if field is not None:
            form = self.add("Form", self.document)
            form.kids.append(Dictionary(Type=Name.OBJR, Obj=field, Pg=field.P))
            field.StructParent = following
            numbers.append(following)
            numbers.append(form.made)
            following += 1
        for element in (self.root, *self.elements):
            element.made.K = element.kids[0] if len(element.kids) == 1 else Array(element.kids)
        self.root.made.ParentTree = self.pdf.make_indirect(Dictionary(Nums=numbers))
        self.root.made.ParentTreeNextKey = following
        self.pdf.Root.StructTreeRoot = self.root.made
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)


def add_structure(pdf: pikepdf.Pdf, pieces: Sequence[Piece], field: pikepdf.Object | None = None) -> None:
    """Give ``pdf`` the tree of its ``pieces``, in the order in which they were drawn; last the ``field`` of a seal."""
    tree = _Tree(pdf)
    tables = _tables(pieces)
    items: _Element | None = None
    for piece in pieces:
        if piece.role == ITEM:
            items = items or tree.add("L", tree.document, A=Dictionary(O=Name.List, ListNumbering=Name.None_))
            tree.add("LBody", tree.add("LI", items), piece)
            continue
        items = None
        if piece.cell is not None:
            _add_table(tree, tables.pop(id(piece.cell.table), ()))
        elif piece.role == FIGURE:
            place = Dictionary(O=Name.Layout, BBox=Array(list(piece.box)))
            tree.add(piece.role, tree.document, piece, Alt=pikepdf.String(piece.words), A=place)
        else:
            tree.add(piece.role, tree.document, piece)
    tree.close(field)


def _tables(pieces: Iterable[Piece]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = {}
    for piece in pieces:
        if piece.cell is not None:
            found.setdefault(id(piece.cell.table), []).append(piece)
    return found


def _add_table(tree: _Tree, pieces: Iterable[Piece]) -> None:
    """One table whole, also where its rows stand on several pages."""
    cells: dict[int, dict[int, list[Piece]]] = {}
    for piece in pieces:
        assert piece.cell is not None, "only cells belong to a table"
        cells.setdefault(piece.cell.row, {}).setdefault(piece.cell.column, []).append(piece)
    if not cells:
        return
    table = tree.add("Table", tree.document)
    for row in sorted(cells):
        line = tree.add("TR", table)
        for column in sorted(cells[row]):
            held = cells[row][column]  # more than one where a cell goes on overleaf
            tree.add(held[0].role, line, *held, **_traits(held[0]))


def _traits(piece: Piece) -> dict[str, Any]:
    if piece.role == CELL or piece.cell is None:
        return {}
    assert piece.role == HEAD, "a cell is a head or no head"
    told = Dictionary(O=Name.Table, Scope=Name.Column)
    if piece.cell.wide > 1:
        told.ColSpan = piece.cell.wide
    if piece.cell.tall > 1:
        told.RowSpan = piece.cell.tall
    return {"A": told}
