"""Find code that stands in two places: runs of equal lines, whatever their comments and indentation."""

import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: A run counts from this many lines of code, if it holds this many tokens: short brackets alone are no logic.
LINES, TOKENS = 8, 50
_SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Line:
    """One line of code without comment and indentation, and where it stands."""

    number: int
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Twin:
    """The same run of code in two places; lines are numbered from 1, ends included."""

    first: Path
    first_lines: tuple[int, int]
    second: Path
    second_lines: tuple[int, int]

    def __str__(self) -> str:
        (a, b), (c, d) = self.first_lines, self.second_lines
        return f"{self.first}:{a}-{b} stands again at {self.second}:{c}-{d}"


def duplicates(paths: Iterable[Path]) -> list[Twin]:
    """Every longest run of at least LINES equal lines in two places of ``paths``."""
    code = {path: list(lines(path.read_text(encoding="utf-8"))) for path in paths}
    places: dict[tuple[tuple[str, ...], ...], list[tuple[Path, int]]] = defaultdict(list)
    for path, its_lines in code.items():
        for start in range(len(its_lines) - LINES + 1):
            window = tuple(line.tokens for line in its_lines[start : start + LINES])
            if sum(map(len, window)) >= TOKENS:
                places[window].append((path, start))
    pairs = {
        (one, other)
        for found in places.values()
        for position, one in enumerate(found)
        for other in found[position + 1 :]
    }
    return [_twin(code, one, other, pairs) for one, other in sorted(pairs) if not _continues(one, other, pairs)]


def lines(text: str) -> Iterator[Line]:
    """The lines of code of a module: no comments, docstrings or imports."""
    rows: dict[int, list[str]] = defaultdict(list)
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SILENT:
            statement.append(token)
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            docstring = len(statement) == 1 and statement[0].type == tokenize.STRING
            if statement and not docstring and statement[0].string not in ("import", "from"):
                for part in statement:
                    rows[part.start[0]].append(part.string)
            statement = []
    return (Line(number, tuple(tokens)) for number, tokens in sorted(rows.items()))


Place = tuple[Path, int]


def _continues(one: Place, other: Place, pairs: set[tuple[Place, Place]]) -> bool:
    """Whether the run already began a line earlier."""
    return ((one[0], one[1] - 1), (other[0], other[1] - 1)) in pairs


def _twin(code: dict[Path, list[Line]], one: Place, other: Place, pairs: set[tuple[Place, Place]]) -> Twin:
    length = LINES
    while ((one[0], one[1] + length - LINES + 1), (other[0], other[1] + length - LINES + 1)) in pairs:
        length += 1

    def numbers(place: Place) -> tuple[int, int]:
        path, start = place
        return code[path][start].number, code[path][start + length - 1].number

    return Twin(one[0], numbers(one), other[0], numbers(other))
