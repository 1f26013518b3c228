"""Three-way merging of one record's fields: what two hands changed apart is joined, what clashes is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Merge(StrEnum):
    """What happens when two hands changed one field."""

    ASK = "ask"
    THEIRS = "theirs"
    JOIN = "join"


@dataclass(frozen=True)
class Merged:
    """The outcome: ``values`` of every field, the names that were ``joined``, the names still in ``conflicts``.

    A contested field holds *theirs* in ``values`` until a person has chosen.
    """

    values: dict[str, Any]
    joined: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


_UNSET = object()


def merge(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], policies: Mapping[str, Merge]
) -> Merged:
    """Bring ``mine`` and ``theirs``, both grown from ``base``, together field by field (story S11).

    A field that one side lacks counts as untouched by it, so either side may hold changes only. Equal values
    never clash. ``policies`` says what a clash of a field means; a field it does not name is asked about.
    """
    values: dict[str, Any] = {}
    joined, conflicts = [], []
    for name in dict.fromkeys([*base, *theirs, *mine]):
        before = base.get(name, _UNSET)
        ours, other = mine.get(name, before), theirs.get(name, before)
        if _same(ours, before) or _same(ours, other):
            values[name] = other
        elif _same(other, before):
            values[name] = ours
        else:
            values[name] = other
            policy = policies.get(name, Merge.ASK)
            both = join(before, ours, other) if policy is Merge.JOIN else None
            if both is not None:
                values[name] = both
                joined.append(name)
            elif policy is not Merge.THEIRS:
                conflicts.append(name)
    return Merged(values, tuple(joined), tuple(conflicts))


def _same(one: Any, other: Any) -> bool:
    # True == 1 in Python, yet a tick and a count are different things to a person.
    return type(one) is type(other) and bool(one == other)


def join(base: Any, mine: Any, theirs: Any) -> Any:
    """Both texts (or lists): theirs, then what mine added; of mappings theirs, with each item that mine changed
    or added. Where both added an item, theirs stands. None when the values are of no kind that can be joined.
    """
    if isinstance(mine, list) and isinstance(theirs, list):
        return theirs + _added(base if isinstance(base, list) else [], mine, theirs)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        known = base if isinstance(base, dict) else {}
        changed = {name: told for name, told in mine.items() if name not in known or not _same(told, known[name])}
        return theirs | {name: told for name, told in changed.items() if name in known or name not in theirs}
    if all(value is None or isinstance(value, str) for value in (mine, theirs)):
        lines = [(value if isinstance(value, str) else "").split("\n") for value in (base, mine, theirs)]
        added = _added(*lines)
        kept = theirs if isinstance(theirs, str) else ""
        return "\n".join([kept, *added] if kept else added)
    return None


def _added(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """What mine has and neither base nor theirs has, each once, in order."""
    added: list[Any] = []
    for part in mine:
        if part not in base and part not in theirs and part not in added:
            added.append(part)
    return added
