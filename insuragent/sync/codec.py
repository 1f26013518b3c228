"""Records as the wire has them, and back, from the declarations; both sides read it."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import msgspec

from insuragent.models import RECORDS, Record
from insuragent.models.fields import Field, Kind, fields_of, fits_64_bits, from_wire

#: A field's name is no longer than so many characters, and its value no deeper than so many lists in lists.
_LONGEST_NAME, _DEEPEST = 100, 40
#: A change is [was, now]: of JSON, or turned back from columns.
_PAIRS = (list, tuple)
#: What is text in wire form and typed: a choice may be a text, for it may be a newer program's.
_TEXTS = (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE)
#: The types of values that are in wire form what they are typed, where nothing is asked of them.
_AS_THEY_ARE: Mapping[Kind, frozenset[type]] = {
    **dict.fromkeys(_TEXTS, frozenset({str})),
    Kind.ITEMS: frozenset({list, dict}),
    Kind.YES_NO: frozenset({bool}),
}
_DIGEST = re.compile("[0-9a-f]{64}")

K = TypeVar("K")


class Values(NamedTuple):
    """The fields of a record that came in wire form: those we know, typed, and those we keep as they are."""

    known: dict[str, Any]
    unknown: dict[str, Any]


def values_of(record_type: type[Record], wire: Mapping[str, Any]) -> Values:
    """Type the values in wire form by the declarations.

    A field that is not declared, or whose value has a shape that we do not know, comes from a newer program: it is
    kept, never refused.
    """
    readers = shape_of(record_type).readers
    values = Values({}, {})
    for name, value in wire.items():
        try:
            values.known[name] = readers[name](value)
        except (KeyError, ValueError):
            values.unknown[name] = value
    return values


class Alike(NamedTuple):
    """Records that name the same fields: their places among all, and a column of each field, known or not."""

    places: Sequence[int]
    known: dict[str, Sequence[Any]]
    unknown: dict[str, Sequence[Any]]


def alike(record_type: type[Record], told: Sequence[tuple[tuple[str, ...], Sequence[Any]]]) -> Iterator[Alike]:
    """Type the values of many records, each told by its names and values, a field of all that are alike at a time."""
    shape = shape_of(record_type)
    for names, places in _places(names for names, _values in told):
        rows = [told[place][1] for place in places]
        columns: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
        try:
            known = {name: _typed(shape, name, column) for name, column in columns.items() if name in shape.declared}
        except ValueError:  # of some records a value is kept as it is
            yield from _unlike(record_type, places, [dict(zip(names, row, strict=True)) for row in rows])
        else:
            yield Alike(places, known, {name: columns[name] for name in columns if name not in known})


def _unlike(record_type: type[Record], places: Sequence[int], wires: Sequence[Mapping[str, Any]]) -> Iterator[Alike]:
    """The same of records that name the same fields and have values that we do not know: by what is known of each."""
    values = [values_of(record_type, wire) for wire in wires]
    for (known, unknown), ones in _places((tuple(one.known), tuple(one.unknown)) for one in values):
        yield Alike(
            [places[one] for one in ones],
            {name: [values[one].known[name] for one in ones] for name in known},
            {name: [values[one].unknown[name] for one in ones] for name in unknown},
        )


def _places(told: Iterable[K]) -> Iterable[tuple[K, list[int]]]:
    """Where each of the things that are told stands."""
    found: dict[K, list[int]] = {}
    for place, one in enumerate(told):
        found.setdefault(one, []).append(place)
    return found.items()


def _typed(shape: "Shape", name: str, column: Sequence[Any]) -> Sequence[Any]:
    """A field's values in wire form, typed. Raises ValueError when one of them is of another shape."""
    known = shape.declared[name]
    types = set(map(type, column)) - {type(None) if known.optional else None}
    if types <= _AS_THEY_ARE.get(known.kind, frozenset()):
        return column
    if known.kind is Kind.MOMENT and (at := moments(column)):
        return at
    return list(map(shape.readers[name], column))


def now_of(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each changed field became; ``changes`` maps a field to [was, now]."""
    return {name: pair[1] for name, pair in (changes or {}).items()}


def was_of(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each changed field was."""
    return {name: pair[0] for name, pair in (changes or {}).items()}


class Told(msgspec.Struct, frozen=True):
    """What changes tell, read once.

    ``fault`` names the first field whose change does not fit its declaration, empty when all do; ``now`` is what each
    changed field becomes, ``links`` the kind and id of each record that is pointed to, ``contents`` the SHA-256 of
    the bytes that are named, and ``whole`` says whether all is told of that a new record must have: where nothing is at
    fault, none of that is empty.
    """

    fault: str
    now: dict[str, Any]
    links: list[tuple[str, str]]
    contents: list[str]
    whole: bool


def read(kind: str, changes: Mapping[str, Any] | None) -> Told:
    """Read changes of a record by the declarations.

    Kinds and fields that we do not know come from a newer desk and fit. Beyond shape, length and size nothing is
    judged: what a person may enter was checked when it was entered, by the rules of that day. What has not the shape
    of a change becomes nothing and points nowhere.
    """
    record_type = RECORDS.get(kind)
    shape = _NO_SHAPE if record_type is None else shape_of(record_type)
    find, fault = shape.checks.get, ""
    now: dict[str, Any] = {}
    for name, pair in (changes or {}).items():
        if type(pair) not in _PAIRS or len(pair) != 2:
            fault = fault or name or "?"
            continue
        now[name] = value = pair[1]
        check = find(name)
        if not fault and not (_is_kept(name, value) if check is None else check(value)):
            fault = name or "?"
    links = [(linked, now[name]) for name, linked in shape.links.items() if type(now.get(name)) is str]
    named = [now[name] for name in shape.contents if type(now.get(name)) is str]
    contents = [one for one in named if _DIGEST.fullmatch(one)]
    return Told(fault, now, links, contents, shape.needed <= now.keys())


def read_columns(kind: str, names: Sequence[str], now: Sequence[Sequence[Any]]) -> Iterator[Told]:
    """The same of changes that name the same fields, by what each field became; nothing where one does not fit."""
    record_type = RECORDS.get(kind)
    shape = _NO_SHAPE if record_type is None else shape_of(record_type)
    if len(set(names)) < len(names):
        return
    for name, column in zip(names, now, strict=True):
        check = shape.columns.get(name)
        if not (check(column) if check else all(_is_kept(name, value) for value in column)):
            return
    whole = shape.needed <= set(names)
    links = [(linked, name) for name, linked in shape.links.items() if name in names]
    named = [name for name in shape.contents if name in names]
    for told in map(dict, map(zip, repeat(names), zip(*now, strict=True))):
        if not links and not named:
            yield Told("", told, [], [], whole)
            continue
        yield Told(
            "",
            told,
            [(linked, told[name]) for linked, name in links if type(told[name]) is str],
            [one for name in named if type(one := told[name]) is str and _DIGEST.fullmatch(one)],
            whole,
        )


def contents_of(kind: str, changes: Mapping[str, Any] | None) -> list[str]:
    """The SHA-256 of the bytes that these changes of a record name, by the declarations."""
    return read(kind, changes).contents


def fault(kind: str, changes: Mapping[str, Any] | None) -> str:
    """The name of the first field whose change does not fit its declaration; empty when all do."""
    return read(kind, changes).fault


def links(kind: str, changes: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The kind and id of each record that changes point to."""
    return read(kind, changes).links


def moment(told: str) -> dt.datetime | None:
    """An instant of the wire, aware, in UTC; None when it is none."""
    try:
        found = dt.datetime.fromisoformat(told)
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def moments(told: Sequence[Any]) -> list[dt.datetime] | None:
    """The same of many that are written in UTC; None when one of them is not."""
    try:
        found = list(map(dt.datetime.fromisoformat, told))
    except (ValueError, TypeError):
        return None
    return found if {one.tzinfo for one in found} <= {dt.UTC} else None


def has_nul(value: Any) -> bool:
    """Whether a text within holds the character NUL: no keyboard makes it, and PostgreSQL does not keep it."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(has_nul(name) or has_nul(held) for name, held in value.items())
    return isinstance(value, list) and any(map(has_nul, value))


def is_sound(value: Any, depth: int = 0) -> bool:
    """Whether a value of any shape can be kept by every desk and server: numbers of 64 bits, and not too deep."""
    if isinstance(value, int):
        return fits_64_bits(value)
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return depth < _DEEPEST and all(is_sound(held, depth + 1) for held in inner)
    return True


def _is_kept(name: str, value: Any) -> bool:
    """Whether a field that nobody declares can be kept."""
    return len(name) <= _LONGEST_NAME and is_sound(value)


@dataclass(frozen=True)
class Shape:
    """What is asked of a record type's declarations again and again, made once of the ``declared`` fields.

    ``readers`` type a field's value in wire form or raise ValueError, ``checks`` say whether one fits, ``columns``
    whether all of many do, ``links`` name
    the kind that a field leads to, ``contents`` are the fields that name bytes, and what is ``needed`` must hold
    something and has no default.
    """

    declared: Mapping[str, Field]
    readers: Mapping[str, Callable[[Any], Any]]
    checks: Mapping[str, Callable[[Any], bool]]
    columns: Mapping[str, Callable[[Sequence[Any]], bool]]
    links: Mapping[str, str]
    needed: Set[str]
    contents: Sequence[str]


#: Of a kind that this program does not know.
_NO_SHAPE = Shape({}, {}, {}, {}, {}, frozenset(), ())
_shapes: dict[type[Record], Shape] = {}


def shape_of(record_type: type[Record]) -> Shape:
    """The shape of a record type."""
    declared, known = fields_of(record_type), _shapes.get(record_type)
    if known is None or known.declared is not declared:
        known = _shapes[record_type] = Shape(
            declared,
            {name: _reader(field) for name, field in declared.items()},
            {name: _check(field) for name, field in declared.items()},
            {name: _check_column(field) for name, field in declared.items()},
            {name: field.link for name, field in declared.items() if field.link},
            frozenset(name for name, field in declared.items() if not field.optional and field.default is None),
            [name for name, field in declared.items() if field.content],
        )
    return known


def _check_column(known: Field) -> Callable[[Sequence[Any]], bool]:
    """As :func:`_check`, with a look at each different value only, and at no single one where it is not needed."""
    check, longest = _check(known), known.max_length
    nothing = {type(None)} if known.optional else set()
    if known.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE):
        texts = {str} | nothing
        return lambda column: (
            set(map(type, column)) <= texts and max(map(len, filter(None, column)), default=0) <= longest
        )

    def fit(column: Sequence[Any]) -> bool:
        try:
            # As 1 is equal to true and to 1.0, values of different types are not taken for one another.
            alike = len(set(map(type, column)) - {type(None)}) == 1
            return all(map(check, set(column) if alike else column))
        except TypeError:  # what no set can hold
            return all(map(check, column))

    return fit


def _reader(known: Field) -> Callable[[Any], Any]:
    read: Callable[[Any], Any] = partial(from_wire, known)
    if known.kind in (Kind.TEXT, Kind.LONG_TEXT):
        read = _text
    elif known.kind is Kind.CHOICE and known.choices is not None:
        read = _choice_of(known, {member.value: member for member in known.choices})
    elif known.kind in (Kind.MONEY, Kind.NUMBER):
        read = _number
    elif known.kind is Kind.DAY:
        read = _day
    return read if known.optional else lambda value: _something(read(value))


def _choice_of(known: Field, members: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda value: (type(value) is str and members.get(value)) or from_wire(known, value)


def _text(value: Any) -> Any:
    if value is not None and type(value) is not str:
        raise ValueError("text expected")
    return value


def _number(value: Any) -> Any:
    if value is not None and not (type(value) is int and fits_64_bits(value)):
        raise ValueError("number expected")
    return value


def _day(value: Any) -> Any:
    return None if value is None else dt.date.fromisoformat(_text(value))


def _something(value: Any) -> Any:
    if value is None:
        raise ValueError("nothing, where there must be something")
    return value


def _check(known: Field) -> Callable[[Any], bool]:
    optional, longest = known.optional, known.max_length
    if known.kind in _TEXTS:
        return lambda value: optional if value is None else type(value) is str and len(value) <= longest

    if known.kind is Kind.MOMENT:
        return lambda value: optional if value is None else type(value) is str and moment(value) is not None

    if known.kind in (Kind.MONEY, Kind.NUMBER):
        return lambda value: optional if value is None else type(value) is int and fits_64_bits(value)

    def fits(value: Any) -> bool:
        if value is None:
            return optional
        try:
            from_wire(known, value)
        except ValueError:
            return False
        return known.kind is not Kind.ITEMS or is_sound(value)

    return fits
