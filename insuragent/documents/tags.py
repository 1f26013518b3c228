"""What each piece of a document is, in the order in which it is read: for those who hear it (ISO 14289-1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: The roles of pieces: headings, paragraphs, items of lists, cells of tables, pictures.
H1, H2, P, ITEM, HEAD, CELL, FIGURE = "H1", "H2", "P", "LI", "TH", "TD", "Figure"


class Cell(NamedTuple):
    """Where a cell stands: in which table, row (negative in the head) and column, and how far it reaches."""

    table: object
    row: int
    column: int
    wide: int = 1
    tall: int = 1


class Piece(NamedTuple):
    """Marked content: its role, its page from 0, its number on that page; ``box`` is a figure's place in points."""

    role: str
    page: int
    number: int
    cell: Cell | None = None
    words: str = ""
    box: tuple[float, ...] = ()


@dataclass
class Tags:
    """The pieces of one document. While ``quiet``, what is drawn is an ornament or a part of a figure."""

    pieces: list[Piece] = field(default_factory=list)
    quiet: int = 0
    _counts: dict[int, int] = field(default_factory=dict)

    def begin(
        self, page: int, role: str, cell: Cell | None = None, words: str = "", box: tuple[float, ...] = ()
    ) -> str:
        """The operator that opens a new piece on a page (from 0)."""
        number = self._counts.get(page, 0)
        self._counts[page] = number + 1
        self.pieces.append(Piece(role, page, number, cell, words, box))
        return f"/{role} <</MCID {number}>> BDC"


def tags_of(canvas: Any) -> Tags:
    """The tags of the document that a canvas draws."""
    found: Tags = vars(canvas._doc).setdefault("tags", Tags())
    return found


def open_page(canvas: Any) -> None:
    """What is drawn on a page is an ornament, but for the pieces that are marked."""
    if not tags_of(canvas).quiet:
        canvas._code.append("/Artifact BMC")


def close_page(canvas: Any) -> None:
    """The end of a page."""
    if not tags_of(canvas).quiet:
        canvas._code.append("EMC")


@contextmanager
def ornament(canvas: Any) -> Iterator[None]:
    """What is drawn within is not read out: page heads and feet."""
    tags = tags_of(canvas)
    tags.quiet += 1
    try:
        yield
    finally:
        tags.quiet -= 1


@contextmanager
def figure(canvas: Any, words: str, x: float, y: float, width: float, height: float) -> Iterator[None]:
    """What is drawn within is one picture; ``words`` say what it shows."""
    tags = tags_of(canvas)
    if tags.quiet:
        yield
        return
    left, bottom = canvas.absolutePosition(x, y)
    box = tuple(round(value, 2) for value in (left, bottom, left + width, bottom + height))
    opened = tags.begin(canvas.getPageNumber() - 1, FIGURE, None, words, box)
    canvas._code.append(f"EMC {opened}")
    with ornament(canvas):
        yield
    canvas._code.append("EMC /Artifact BMC")
