"""How far a pass is, by type, in counts and bytes; and how whoever watches it may stop it at any moment."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

#: The time that is left is told once so many seconds of a stretch are behind.
_TELLING = 1.0
R = TypeVar("R")


@dataclass(frozen=True)
class Part:
    """How far one record type has come, or with ``content`` the bytes beside its records; a total of 0 is not known."""

    kind: str
    content: bool = False
    done: int = 0
    total: int = 0
    size: int = 0
    whole: int = 0


@dataclass(frozen=True)
class Step:
    """What is being done: how many of how many, bytes of bytes (0: not known), by type, and the seconds that are left.

    ``seconds`` is None as long as nobody can tell.
    """

    words: str
    done: int = 0
    total: int = 0
    size: int = 0
    whole: int = 0
    seconds: float | None = None
    parts: tuple[Part, ...] = ()


class Watch(Protocol):
    """Whoever watches a pass. To stop it, both methods raise: the pass ends there, and what was done stays done."""

    def tell(self, step: Step) -> None:
        """Hear of a step."""

    def wait(self, seconds: float) -> None:
        """Wait before another try."""

    def cut_by(self, cut: Callable[[], object]) -> None:
        """Take what lets a stop reach a pass that waits for the line: it ends what is under way there."""


class Nobody:
    """Nobody watches."""

    def tell(self, step: Step) -> None:
        """Nobody hears."""

    def wait(self, seconds: float) -> None:
        """Wait to the end."""
        time.sleep(seconds)

    def cut_by(self, cut: Callable[[], object]) -> None:
        """Nobody stops."""


class Patience(Protocol):
    """Tries a step again over a failing line."""

    def __call__(self, step: Callable[[], R]) -> R: ...


def by_kind(kinds: Iterable[str], sizes: Iterable[int]) -> dict[str, tuple[int, int]]:
    """How many entries of each kind there are, and how many bytes they have."""
    found: dict[str, tuple[int, int]] = {}
    for kind, size in zip(kinds, sizes, strict=True):
        count, whole = found.get(kind, (0, 0))
        found[kind] = count + 1, whole + size
    return found


class Tally:
    """Counts one stretch of a pass, such as everything that is sent, and tells of it."""

    def __init__(self, watch: Watch, words: str, parts: Mapping[tuple[str, bool], Part], total: int = 0) -> None:
        """``parts`` by (kind, content) with their totals; ``total`` of all where they are not known by type."""
        self._watch, self._words = watch, words
        self._parts = dict(parts)
        self._total = total or sum(part.total for part in self._parts.values())
        self._whole = sum(part.whole for part in self._parts.values())
        self._began = time.monotonic()

    def add(self, kind: str, count: int, size: int, *, content: bool = False) -> None:
        """Count what was done."""
        part = self._parts.get((kind, content)) or Part(kind, content)
        self._parts[kind, content] = replace(part, done=part.done + count, size=part.size + size)

    def tell(self, ahead: int = 0) -> None:
        """Tell how far it is, with the bytes ``ahead`` of what was counted."""
        parts = tuple(self._parts.values())
        done, size = sum(part.done for part in parts), sum(part.size for part in parts) + ahead
        share = size / self._whole if self._whole else done / self._total if self._total else 0.0
        spent = time.monotonic() - self._began
        seconds = spent * (1 - share) / share if 0 < share <= 1 and spent > _TELLING else None
        self._watch.tell(Step(self._words, done, self._total, size, self._whole, seconds, parts))
