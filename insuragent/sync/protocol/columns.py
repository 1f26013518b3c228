"""Entries turned on their side for the wire: what is alike lies together, and packs to two thirds of its size.

A sealed entry is JSON that a hash covers byte for byte, so that turning back must give the very same bytes: an entry
whose text is not what we would write for its values goes along as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, count, repeat
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Raw

#: Where the changes stand in a sealed entry, and how many parts it has.
_CHANGES, _PARTS = 6, 11
#: In the place of a shape's number: the entry changes nothing, or goes along as it is.
_NOTHING, _AS_IT_IS = -1, -2
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode
_read_pairs = msgspec.json.Decoder(list[dict[str, tuple[Any, Any]] | None]).decode
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, ValueError, TypeError)


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """The changes that name the same fields: a column of what each field was, and one of what it became."""

    names: list[str]
    was: list[list[Any]]
    now: list[list[Any]]


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """Entries in columns: the parts beside the changes, the changes by shape, the shape of each entry, and the odd."""

    parts: list[list[Any]]
    shapes: list[Shape]
    order: Annotated[list[Annotated[int, Meta(ge=_AS_IT_IS)]], Meta(max_length=5000)]
    odd: list[Raw] = []


class ShapeText(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`Shape` whose columns are the texts that they are: what is within is not read."""

    names: list[str]
    was: list[Raw]
    now: list[Raw]


class ColumnsText(msgspec.Struct, frozen=True, array_like=True):
    """The same of :class:`Columns`."""

    parts: list[Raw]
    shapes: list[ShapeText]
    order: list[int]
    odd: Raw = Raw(b"[]")


def text_of(columns: Columns) -> ColumnsText:
    """Columns as the texts that they are."""
    return msgspec.json.decode(msgspec.json.encode(columns), type=ColumnsText)


def turn(sealed: Iterable[Raw]) -> Columns:
    """Sealed entries in columns."""
    made = _Turning()
    for text in sealed:
        parts = _plain(text)
        if parts is None:
            made.add_as_it_is(text)
        else:
            made.add(parts)
    return made.columns


def gather(parts: Sequence[Sequence[Any]], changes: Sequence[str | None]) -> Columns:
    """Entries in columns, by columns of their parts beside the changes, and of the JSON of the changes."""
    told = _pairs(changes)
    if told is None:
        before, after = zip(*parts[:_CHANGES], strict=True), zip(*parts[_CHANGES:], strict=True)
        rows = zip(before, map(_decode, (one or "null" for one in changes)), after, strict=True)
        return turn(Raw(_encode([*first, change, *last])) for first, change, last in rows)
    order: list[int] = []
    alike: dict[tuple[str, ...], tuple[int, list[Iterable[tuple[Any, Any]]]]] = {}
    for one in told:
        if one is None:
            order.append(_NOTHING)
            continue
        place, pairs = alike.setdefault(tuple(one), (len(alike), []))
        pairs.append(one.values())
        order.append(place)
    shapes = [_shape(names, pairs) for names, (_place, pairs) in alike.items()]
    return Columns([list(column) for column in parts], shapes, order)


def pick(columns: Columns, wanted: Sequence[int]) -> Columns:
    """The entries at the ``wanted`` places of columns; none of them is written anew."""
    return next(picks(columns, [wanted]))


def picks(columns: Columns, groups: Iterable[Sequence[int]]) -> Iterator[Columns]:
    """Those of several groups of places, each by itself."""
    counted = _counted(columns.order)
    for wanted in groups:
        made = _Turning()
        made.take(columns, wanted, *counted)
        yield made.columns


def pick_text(columns: ColumnsText, wanted: Sequence[int]) -> ColumnsText:
    """The same of columns that are texts: each value stands by itself, but none is read."""
    order, sizes = columns.order, Counter(columns.order)
    parts = [_apart(part, len(order) - sizes[_AS_IT_IS]) for part in columns.parts]
    shapes = [
        Shape(
            shape.names,
            [_apart(one, sizes[place]) for one in shape.was],
            [_apart(one, sizes[place]) for one in shape.now],
        )
        for place, shape in enumerate(columns.shapes)
    ]
    picked = pick(Columns(parts, shapes, order, _apart(columns.odd, sizes[_AS_IT_IS])), wanted)
    return ColumnsText(
        list(map(_listed, picked.parts)),
        [ShapeText(one.names, list(map(_listed, one.was)), list(map(_listed, one.now))) for one in picked.shapes],
        picked.order,
        _listed(picked.odd),
    )


def _apart(column: Raw, count: int) -> list[Any]:
    """The texts of the values of a column that has so many."""
    told = bytes(column)[1:-1]
    # Where there are as many commas as stand between values, none is within one.
    alike = [told.partition(b",")[0]] * count
    if told == b",".join(alike):
        return alike
    values = told.split(b",")
    return values if len(values) == count else list(map(bytes, msgspec.json.decode(column, type=list[Raw])))


def _listed(texts: Iterable[bytes]) -> Raw:
    """A column of the values that have these texts."""
    return Raw(b"[" + b",".join(texts) + b"]")


def join(told: Sequence[ColumnsText]) -> ColumnsText:
    """The entries of several columns, one behind the other."""
    if len(told) == 1:
        return told[0]
    places: dict[tuple[str, ...], int] = {}
    order: list[int] = []
    for one in told:
        here = [places.setdefault(tuple(shape.names), len(places)) for shape in one.shapes]
        order.extend([place if place < 0 else here[place] for place in one.order])
    shapes: list[list[ShapeText]] = [[] for _place in places]
    for shape in (shape for one in told for shape in one.shapes):
        shapes[places[tuple(shape.names)]].append(shape)
    return ColumnsText(
        _beside([one.parts for one in told]),
        [
            ShapeText(same[0].names, _beside([one.was for one in same]), _beside([one.now for one in same]))
            for same in shapes
        ],
        order,
        *_beside([[one.odd] for one in told]),
    )


def _beside(columns: Sequence[Sequence[Raw]]) -> list[Raw]:
    """Columns of the same parts, each with what stands in the others behind it."""
    return [_listed(text for one in same if (text := bytes(one)[1:-1])) for same in zip(*columns, strict=True)]


def _pairs(texts: Sequence[str | None]) -> list[dict[str, tuple[Any, Any]] | None] | None:
    """The changes in JSON texts; None when columns cannot tell of one of them."""
    try:
        told = _read_pairs("[" + ",".join([one or "null" for one in texts]) + "]")
    except msgspec.MsgspecError:
        return None
    return None if {} in told else told


def _shape(names: Sequence[str], pairs: Iterable[Iterable[tuple[Any, Any]]]) -> "Shape":
    """The changes of entries that name the same fields; ``pairs`` are what each field was and is, an entry each."""
    columns = [tuple(zip(*column, strict=True)) for column in zip(*pairs, strict=True)]
    return Shape(list(names), [list(was) for was, _now in columns], [list(now) for _was, now in columns])


class _Turning:
    """Columns in the making."""

    def __init__(self) -> None:
        self.columns = Columns([[] for _part in range(_PARTS - 1)], [], [])
        self._places: dict[tuple[str, ...], int] = {}

    def add(self, parts: list[Any]) -> None:
        """An entry; ``parts`` is used up."""
        made, changes = self.columns, parts.pop(_CHANGES)
        for column, value in zip(made.parts, parts, strict=True):
            column.append(value)
        if changes is None:
            made.order.append(_NOTHING)
            return
        place = self._place(tuple(changes))
        shape = made.shapes[place]
        for was, now, pair in zip(shape.was, shape.now, changes.values(), strict=True):
            was.append(pair[0])
            now.append(pair[1])
        made.order.append(place)

    def add_as_it_is(self, text: Raw) -> None:
        """An entry that its parts do not tell of."""
        self.columns.order.append(_AS_IT_IS)
        self.columns.odd.append(text)

    def take(self, columns: Columns, wanted: Sequence[int], nth: Sequence[int], rows: Sequence[int]) -> None:
        """The entries at the ``wanted`` places of other columns, counted by :func:`_counted`."""
        made, order, shapes = self.columns, columns.order, columns.shapes
        chosen: dict[int, list[int]] = {}
        for one in wanted:
            chosen.setdefault(order[one], []).append(one)
        _pick(made.odd, columns.odd, _stretch([nth[one] for one in chosen.pop(_AS_IT_IS, ())]))
        plain = _stretch([rows[one] for one in wanted if order[one] != _AS_IT_IS])
        for mine, theirs in zip(made.parts, columns.parts, strict=True):
            _pick(mine, theirs, plain)
        places = {_AS_IT_IS: _AS_IT_IS, _NOTHING: _NOTHING}
        chosen.pop(_NOTHING, None)
        for place, ones in chosen.items():
            told, within = shapes[place], _stretch([nth[one] for one in ones])
            places[place] = self._place(tuple(told.names))
            shape = made.shapes[places[place]]
            for mine, theirs in zip((*shape.was, *shape.now), (*told.was, *told.now), strict=True):
                _pick(mine, theirs, within)
        made.order.extend(places[order[one]] for one in wanted)

    def _place(self, names: tuple[str, ...]) -> int:
        """Which shape has these names."""
        place = self._places.setdefault(names, len(self._places))
        if place == len(self.columns.shapes):
            self.columns.shapes.append(Shape(list(names), [[] for _name in names], [[] for _name in names]))
        return place


def _counted(order: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each entry, the how many-th of its shape it is, and of those that have parts."""
    within: defaultdict[int, Iterator[int]] = defaultdict(count)
    nth = [next(within[place]) for place in order]
    return nth, list(accumulate((place != _AS_IT_IS for place in order), initial=0))


def _stretch(places: list[int]) -> list[int] | slice:
    """Places as a slice where they follow one another: out of a list it comes much sooner."""
    if places and places == list(range(places[0], places[0] + len(places))):
        return slice(places[0], places[-1] + 1)
    return places


def _pick(into: list[Any], column: Sequence[Any], places: list[int] | slice) -> None:
    into.extend(column[places] if isinstance(places, slice) else map(column.__getitem__, places))


def turn_back(columns: Columns, most: int) -> list[Raw]:
    """The sealed entries of columns, ``most`` bytes of them at most. Raises ValueError for what is none."""
    return [text for text, _parts in entries(columns, most)]


def entries(columns: Columns, most: int) -> list[tuple[Raw, tuple[Any, ...] | None]]:
    """The same, each with the parts that its text was written of; without them what went along as it is."""
    order, parts, odd = columns.order, columns.parts, iter(columns.odd)
    found: list[tuple[Raw, tuple[Any, ...] | None]] = []
    try:
        changes = list(map(_changes, columns.shapes))
        told = [None if place == _NOTHING else next(changes[place]) for place in order if place != _AS_IT_IS]
        rows = zip(*parts[:_CHANGES], told, *parts[_CHANGES:], strict=True)
        for place in order:
            if place == _AS_IT_IS:
                found.append((next(odd), None))
                continue
            entry = next(rows)
            text = _encode(entry)
            most -= len(text)
            if most < 0:  # a long name that stands once may be told of every entry
                raise ValueError("more than a message may become")
            found.append((Raw(text), entry))
        if len(parts) != _PARTS - 1 or any(next(left, None) is not None for left in (rows, odd, *changes)):
            raise ValueError("more than the order tells of")
    except (StopIteration, IndexError, *_FAULTS) as error:
        raise ValueError("no entries") from error
    return found


class Changes(NamedTuple):
    """The fields that an entry changes, what each was and what it became."""

    names: tuple[str, ...] = ()
    was: tuple[Any, ...] = ()
    now: tuple[Any, ...] = ()

    def by_name(self) -> dict[str, tuple[Any, Any]]:
        """[was, now] of each field."""
        return dict(zip(self.names, zip(self.was, self.now, strict=True), strict=True))


def changes_of(columns: Columns) -> list[Changes]:
    """The changes of each entry, where none goes along as it is. Raises ValueError for what is none."""
    changes = [map(Changes, repeat(tuple(shape.names)), *_rows(shape)) for shape in columns.shapes]
    if min(columns.order, default=0) < _NOTHING:
        raise ValueError("an entry as it is, and none there")
    nothing = Changes()
    try:
        told = [nothing if place == _NOTHING else next(changes[place]) for place in columns.order]
    except (StopIteration, IndexError) as error:
        raise ValueError("no entries") from error
    if any(next(left, None) is not None for left in changes):
        raise ValueError("more than the order tells of")
    return told


def _plain(text: Raw) -> list[Any] | None:
    """The parts of a sealed entry, if these are all that there is to tell of it."""
    try:
        entry = msgspec.json.decode(text)
        if _encode(entry) != bytes(text) or len(entry) != _PARTS:
            return None
    except _FAULTS:
        return None
    return list(entry) if _is_told(entry[_CHANGES]) else None


def _is_told(changes: Any) -> bool:
    """Whether columns can tell of changes: there are none, or each is [was, now]."""
    if changes is None:
        return True
    pairs = changes.values() if isinstance(changes, dict) else ()
    return bool(pairs) and all(type(pair) is list and len(pair) == 2 for pair in pairs)


def _changes(shape: Shape) -> Iterator[dict[str, Any]]:
    """[was, now] of each field, an entry each. Raises ValueError where a column has less than others."""
    _require_even(shape)
    pairs = zip(*map(zip, shape.was, shape.now), strict=True)
    return map(dict, map(zip, repeat(shape.names), pairs))  # without a line of ours for each entry


def _rows(shape: Shape) -> tuple[Iterator[tuple[Any, ...]], Iterator[tuple[Any, ...]]]:
    """What the fields were and what they became, an entry each. Raises ValueError where one has less than others."""
    _require_even(shape)
    return zip(*shape.was, strict=True), zip(*shape.now, strict=True)


def _require_even(shape: Shape) -> None:
    """Raises ValueError where a column has less than others, or a name has none."""
    if len(set(map(len, (*shape.was, *shape.now)))) > 1 or not len(shape.names) == len(shape.was) == len(shape.now):
        raise ValueError("columns of different length")
