"""The tree that says how a document is to be read out (PDF/UA-1), built from its marked pieces."""

from collections.abc import Iterable, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from insuragent.documents.tags import CELL, FIGURE, HEAD, ITEM, Piece


class _Tree:
    """The elements made so far; ``parents`` gives each page's pieces their element, by number."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.pages = [page.obj for page in pdf.pages]
        self.root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.document = pdf.make_indirect(self._element("Document", self.root))
        self.root.K = self.document
        self.parents: list[dict[int, pikepdf.Object]] = [{} for _page in self.pages]

    def add(self, role: str, parent: pikepdf.Object, piece: Piece | None = None, **traits: Any) -> pikepdf.Object:
        """An element below ``parent``, holding a piece if one is given."""
        made = self.pdf.make_indirect(self._element(role, parent, **traits))
        parent.K.append(made)
        if piece is not None:
            self.hold(made, piece)
        return made

    def hold(self, element: pikepdf.Object, piece: Piece) -> None:
        """Let an element hold a piece."""
        element.K.append(Dictionary(Type=Name.MCR, Pg=self.pages[piece.page], MCID=piece.number))
        self.parents[piece.page][piece.number] = element

    def close(self) -> None:
        """Make the tree the document's own."""
        numbers = Array()
        for number, (page, held) in enumerate(zip(self.pages, self.parents, strict=True)):
            page.StructParents = number
            page.Tabs = Name.S
            numbers.append(number)
            numbers.append(self.pdf.make_indirect(Array([held[place] for place in sorted(held)])))
        self.root.ParentTree = self.pdf.make_indirect(Dictionary(Nums=numbers))
        self.root.ParentTreeNextKey = len(self.pages)
        self.pdf.Root.StructTreeRoot = self.root
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)

    @staticmethod
    def _element(role: str, parent: pikepdf.Object, **traits: Any) -> Dictionary:
        return Dictionary(Type=Name.StructElem, S=Name(f"/{role}"), P=parent, K=Array(), **traits)


def add_structure(pdf: pikepdf.Pdf, pieces: Sequence[Piece]) -> None:
    """Give ``pdf`` the tree of its ``pieces``, in the order in which they were drawn."""
    tree = _Tree(pdf)
    tables = _tables(pieces)
    items: pikepdf.Object | None = None
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
    tree.close()


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
            first, *more = cells[row][column]
            made = tree.add(first.role, line, first, **_traits(first))
            for piece in more:  # a cell that goes on overleaf
                tree.hold(made, piece)


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
