"""Columns of values as PostgreSQL takes them quickest: arrays in its binary form, whose parts it need not parse."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg.adapt import Dumper
from psycopg.pq import Format

#: What PostgreSQL calls its types (``pg_type.oid``).
_TEXT, _BYTES, _BIGINT, _JSONB = 25, 17, 20, 3802
_NULL = b"\xff\xff\xff\xff"
_length = struct.Struct(">i").pack
_number = struct.Struct(">iq").pack
_heading = struct.Struct(">iiIii").pack


class Array:
    """An array in binary form."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class _ArrayDumper(Dumper):
    """Hands an array on as it is; the statement says of which type it is."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: Array) -> bytes:
        return obj.data


def prepare(connection: psycopg.Connection[Any], _record: Any = None) -> None:
    """Let a connection take arrays."""
    connection.adapters.register_dumper(Array, _ArrayDumper)


def array_of(values: Sequence[Any], kind: sa.types.TypeEngine[Any]) -> Array:
    """The values of a column of this type."""
    oid, pack = _way(kind)
    if len(set(map(id, values))) == 1:  # what is the same of all rows is packed once
        packed = [_NULL if values[0] is None else pack(values[0])] * len(values)
    else:
        packed = [_NULL if value is None else pack(value) for value in values]
    return Array(_heading(1, 1, oid, len(values), 1) + b"".join(packed))


def _way(kind: sa.types.TypeEngine[Any]) -> tuple[int, Callable[[Any], bytes]]:
    if isinstance(kind, sa.JSON):
        return _JSONB, _json
    if isinstance(kind, sa.LargeBinary):
        return _BYTES, _bytes
    if isinstance(kind, sa.Text):
        return _TEXT, _text
    return _BIGINT, lambda value: _number(8, value)


def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _bytes(value: bytes) -> bytes:
    return _length(len(value)) + value


def _json(value: Any) -> bytes:
    return _bytes(b"\x01" + msgspec.json.encode(value))  # by the first byte PostgreSQL knows the form
