"""A file as the rules of the archive see it: its bytes, its objects, what its pages draw and with which fonts."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

#: The operators that paint (ISO 32000-1, table 51), and of these the ones that show text.
TEXT = frozenset({"Tj", "TJ", "'", '"'})
PAINTING = TEXT | {"f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh", "EI", "INLINE IMAGE"}


class Value(NamedTuple):
    """One entry of a dictionary or a stream, wherever it stands in the file."""

    holder: Any
    key: str
    value: Any


class Drawing(NamedTuple):
    """What a page, or a form that pages show, draws: operators with their operands."""

    name: str
    resources: Any
    steps: list[tuple[str, list[Any]]]


class Shown(NamedTuple):
    """A font and the codes that are shown in it."""

    font: Any
    codes: set[int]


class Looked:
    """A file that is looked at. Objects are walked and pages are read once, when a rule first asks."""

    def __init__(self, data: bytes, pdf: pikepdf.Pdf) -> None:
        self.data, self.pdf, self.root = data, pdf, pdf.Root

    @cached_property
    def values(self) -> list[Value]:
        """Every entry of every dictionary and stream."""
        return [entry for found in self.pdf.objects for entry in _entries(found)]

    @cached_property
    def holders(self) -> list[Any]:
        """Every dictionary and stream that holds something."""
        found: list[Any] = []
        for entry in self.values:
            if not found or entry.holder is not found[-1]:
                found.append(entry.holder)
        return found

    def having(self, key: str, value: Any = None) -> Iterator[Any]:
        """The dictionaries and streams with a ``key``, or with one of that ``value``."""
        return (one.holder for one in self.values if one.key == key and (value is None or one.value == value))

    @cached_property
    def pages(self) -> list[Drawing]:
        """What the pages draw, in their order."""
        return [
            Drawing(f"page {number}", page.obj.get("/Resources", Dictionary()), _steps(page))
            for number, page in enumerate(self.pdf.pages, 1)
        ]

    @cached_property
    def drawings(self) -> list[Drawing]:
        """What pages and forms draw."""
        forms = [one for one in self.having("/Subtype", Name.Form) if isinstance(one, Stream)]
        drawn = (Drawing("a form", one.get("/Resources", Dictionary()), _steps(one)) for one in forms)
        return [*self.pages, *drawn]

    @cached_property
    def fonts(self) -> list[Shown]:
        """The fonts in which text is shown, with the codes that are."""
        found: dict[tuple[int, int], Shown] = {}
        for drawing in self.drawings:
            for font, text in _texts(drawing):
                shown = found.setdefault(font.objgen, Shown(font, set()))
                shown.codes.update(_codes(font, text))
        return list(found.values())

    @cached_property
    def elements(self) -> list[Any]:
        """The elements of the tree that is read out, in their order."""
        tree = self.root.get("/StructTreeRoot", Dictionary())
        return [one for kid in kids(tree) for one in _below(kid)]


#: Yields each place where a rule is broken; rules have the clause and the words that name them.
Check = Callable[[Looked], Iterator[str]]
Rules = Mapping[str, Check]


def kids(element: Any) -> list[Any]:
    """What an element of the tree holds: elements, numbers of marked pieces, references."""
    held = element.get("/K")
    return [] if held is None else list(held) if isinstance(held, Array) else [held]


def _entries(found: Any) -> Iterator[Value]:
    if isinstance(found, Dictionary | Stream):
        entries = list(found.items())
        yield from (Value(found, key, value) for key, value in entries)
        inner = [value for _key, value in entries]
    else:
        inner = list(found) if isinstance(found, Array) else []
    for value in inner:
        if isinstance(value, Dictionary | Array) and not value.is_indirect:
            yield from _entries(value)


def _steps(drawn: Any) -> list[tuple[str, list[Any]]]:
    return [(str(step.operator), list(step.operands)) for step in pikepdf.parse_content_stream(drawn)]


def _texts(drawing: Drawing) -> Iterator[tuple[Any, bytes]]:
    """Each string that is shown, with its font."""
    fonts, font = drawing.resources.get("/Font", Dictionary()), None
    kept: list[Any] = []
    for name, operands in drawing.steps:
        if name == "q":
            kept.append(font)
        elif name == "Q" and kept:
            font = kept.pop()
        elif name == "Tf":
            font = fonts.get(str(operands[0]))
        elif name in TEXT and font is not None:
            strings = operands[-1] if name == "TJ" else operands[-1:]
            yield from ((font, bytes(part)) for part in strings if isinstance(part, pikepdf.String))


def _codes(font: Any, text: bytes) -> Iterator[int]:
    if font.get("/Subtype") != Name.Type0:
        return iter(text)
    return (high << 8 | low for high, low in zip(text[::2], text[1::2], strict=False))


def _below(element: Any) -> Iterator[Any]:
    if isinstance(element, Dictionary) and "/S" in element:
        yield element
        for kid in kids(element):
            yield from _below(kid)
