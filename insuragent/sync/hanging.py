"""What hangs on what, from the declarations: a customer is handed over or erased with all that is his."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from insuragent.models import RECORDS
from insuragent.models.fields import Field, Kind, fields_of


def declared(kind: str) -> dict[str, Field]:
    """The fields of a kind; none of a kind that this program does not know."""
    return fields_of(RECORDS[kind]) if kind in RECORDS else {}


def now_of(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each field became; what has not the shape of a change is left out, as nobody has judged it yet."""
    pairs = (changes or {}).items()
    return {name: pair[1] for name, pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2}


def parents(kind: str, values: Mapping[str, Any]) -> list[str]:
    """The ids of the records that a record with these values (wire form) hangs on."""
    return [str(values[name]) for name, field in declared(kind).items() if field.parent and values.get(name)]


def contents(kind: str, values: Mapping[str, Any]) -> set[str]:
    """The SHA-256 of the bytes that a record with these values (wire form) names."""
    return {str(values[name]) for name, field in declared(kind).items() if field.content and values.get(name)}


def links(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The ids that the values (wire form) of links point to, by field; a link that no id is in is left out."""
    fields = declared(kind)
    return {
        name: value
        for name, value in values.items()
        if name in fields and fields[name].kind is Kind.LINK and isinstance(value, str) and value
    }


def tree(roots: Iterable[str], hanging: Mapping[str, Collection[str]]) -> set[str]:
    """The roots and whatever hangs on them; ``hanging`` maps the id of a record to those that it hangs on."""
    below: dict[str, list[str]] = {}
    for record_id, above in hanging.items():
        for parent in above:
            below.setdefault(parent, []).append(record_id)
    found, ahead = set(), list(roots)
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead.extend(below.get(one, ()))
    return found
