"""Columns of values as PostgreSQL takes them quickest: arrays in its binary form, whose parts it need not parse."""

import functools
import struct
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg
    from psycopg.adapt import Dumper

#: What PostgreSQL calls its types (``pg_type.oid``).
_TEXT, _BYTES, _BIGINT, _JSONB = 25, 17, 20, 3802
#: Characters below it are a byte each.
_PLAIN = 128
_NULL = b"\xff\xff\xff\xff"
_length = struct.Struct(">i").pack
_number = struct.Struct(">iq").pack
_heading = struct.Struct(">iiIii").pack


class Array:
    """An array in binary form."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


def prepare(connection: "psycopg.Connection[Any]", _record: Any = None) -> None:
    """Let a connection take arrays."""
    connection.adapters.register_dumper(Array, _dumper())


@functools.cache
def _dumper() -> "type[Dumper]":
    # The frozen program has no driver for PostgreSQL: only who connects to one asks for it.
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class ArrayDumper(Dumper):
        """Hands an array on as it is; the statement says of which type it is."""

        format = Format.BINARY
        oid = 0

        def dump(self, obj: Array) -> bytes:
            return obj.data

    return ArrayDumper


def is_one(values: Sequence[Any], kind: sa.types.TypeEngine[Any]) -> bool:
    """Whether a column holds one value only; of JSON that is not told, as 1 and true are equal there."""
    return not isinstance(kind, sa.JSON) and values.count(values[0]) == len(values)


def array_of(values: Sequence[Any], kind: sa.types.TypeEngine[Any]) -> Array:
    """The values of a column of this type."""
    oid, pack, pack_all = _way(kind)
    if None in values:
        packed = b"".join([_NULL if value is None else pack(value) for value in values])
    else:
        packed = pack_all(values) if values else b""
    return Array(_heading(1, 1, oid, len(values), 1) + packed)


def _way(kind: sa.types.TypeEngine[Any]) -> tuple[int, Callable[[Any], bytes], Callable[[Sequence[Any]], bytes]]:
    """What PostgreSQL calls a type, and how a value of it is packed, and many of which none is null."""
    if isinstance(kind, sa.JSON):
        return _JSONB, _json, lambda values: b"".join(map(_json, values))
    if isinstance(kind, sa.LargeBinary):
        return _BYTES, _bytes, lambda values: b"".join(map(_bytes, values))
    if isinstance(kind, sa.Text):
        return _TEXT, _text, _texts
    return _BIGINT, lambda value: _number(8, value), _numbers


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _texts(values: Sequence[str]) -> bytes:
    """Ids and hashes are of one length and plain: their lengths can stand between them before they become bytes."""
    length = len(values[0])
    if length >= _PLAIN or len(set(map(len, values))) > 1 or not "".join(values).isascii():
        return b"".join(map(_text, values))
    before = f"\0\0\0{chr(length)}"
    return (before + before.join(values)).encode()


def _numbers(values: Sequence[int]) -> bytes:
    return struct.pack(">" + "iq" * len(values), *chain.from_iterable(zip(repeat(8), values, strict=False)))


def _bytes(value: bytes) -> bytes:
    return _length(len(value)) + value


def _json(value: Any) -> bytes:
    return _bytes(b"\x01" + msgspec.json.encode(value))  # by the first byte PostgreSQL knows the form
