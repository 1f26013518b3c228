"""Records as the wire has them, and back, from the declarations; both sides read it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from insuragent.models import RECORDS, Record
from insuragent.models.fields import Kind, fields_of, from_wire

_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Values:
    """The fields of a record that came in wire form: those we know, typed, and those we keep as they are."""

    known: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)


def values_of(record_type: type[Record], wire: Mapping[str, Any]) -> Values:
    """Type the values in wire form by the declarations.

    A field that is not declared, or whose value has a shape that we do not know, comes from a newer program: it is
    kept, never refused.
    """
    declared = fields_of(record_type)
    values = Values()
    for name, value in wire.items():
        try:
            values.known[name] = from_wire(declared[name], value)
        except (KeyError, ValueError):
            values.unknown[name] = value
    return values


def now_of(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each changed field became; ``changes`` maps a field to [was, now]."""
    return {name: pair[1] for name, pair in (changes or {}).items()}


def was_of(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each changed field was."""
    return {name: pair[0] for name, pair in (changes or {}).items()}


def contents_of(kind: str, changes: Mapping[str, Any] | None) -> list[str]:
    """The SHA-256 of the bytes that these changes of a record name, by the declarations."""
    declared = fields_of(RECORDS[kind]) if kind in RECORDS else {}
    named = (value for name, value in now_of(changes).items() if name in declared and declared[name].content)
    return [value for value in named if isinstance(value, str) and _DIGEST.fullmatch(value)]


def fault(kind: str, changes: Mapping[str, Any] | None) -> str:
    """The name of the first field whose change does not fit its declaration; empty when all do.

    Kinds and fields that we do not know come from a newer desk and fit. Beyond shape and length nothing is judged:
    what a person may enter was checked when it was entered, by the rules of that day.
    """
    record_type = RECORDS.get(kind)
    declared = fields_of(record_type) if record_type else {}
    for name, pair in (changes or {}).items():
        if not (isinstance(pair, list) and len(pair) == 2) or _has_nul(pair):
            return name
        known = declared.get(name)
        if known is None:
            continue
        try:
            value = from_wire(known, pair[1])
        except ValueError:
            return name
        if known.kind in (Kind.TEXT, Kind.LONG_TEXT) and value is not None and len(value) > known.max_length:
            return name
        if value is None and not known.optional:
            return name
    return ""


def missing(kind: str, wire: Mapping[str, Any]) -> str:
    """The first field that a new record of this kind must have and has not; empty when it is whole."""
    record_type = RECORDS.get(kind)
    declared = fields_of(record_type) if record_type else {}
    for name, known in declared.items():
        if not known.optional and known.default is None and wire.get(name) is None:
            return name
    return ""


def moment(told: str) -> dt.datetime | None:
    """An instant of the wire, aware, in UTC; None when it is none."""
    try:
        found = dt.datetime.fromisoformat(told)
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _has_nul(value: Any) -> bool:
    """Whether a text within holds the character NUL: no keyboard makes it, and PostgreSQL does not keep it."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(held) for name, held in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
