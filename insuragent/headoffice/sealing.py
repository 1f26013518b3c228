"""What lies in head office's database is unreadable without its key: personal fields, entries, the signing key.

A column says in its declaration how it is sealed (``info={"seal": …}``, :mod:`tables`), and :class:`Rows` seals what it
writes and opens what it reads, so that nobody who works with rows can forget it. AES-256-GCM under a key of the agent's
own, bound to agent, table, row and column: a value cannot be moved to another place, nor changed unseen. The key lies
in a file beside the database, or elsewhere (``--key-file``): keep a copy of it apart from the backups of the database.
"""

import base64
import functools
import hashlib
import hmac
import os
import secrets
import threading
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from insuragent.errors import StoreDamaged, StoreError, UserError
from insuragent.headoffice.tables import BYTES, FIELDS, PACKED, TEXT
from insuragent.i18n import N_
from insuragent.models import RECORDS
from insuragent.models.fields import Kind, Search, Sensitivity, fields_of
from insuragent.settings import resource, write_error

#: The variable that names the key file when ``--key-file`` does not.
KEY_FILE = "INSURAGENT_HEADOFFICE_KEY_FILE"
#: What stays readable for reports: plain fields of these kinds. Whatever may hold words of or about a person, and
#: every field that this program does not know, is sealed.
_READABLE = {Kind.CHOICE, Kind.DAY, Kind.MOMENT, Kind.YES_NO, Kind.NUMBER, Kind.MONEY, Kind.LINK}
#: The member of a record's body that holds its sealed fields.
_MARK = "$"
_NONCE, _SALT = 12, 8
_KEY_LENGTH = 32
_LEVEL = 1

Columns = tuple[sa.ColumnElement[Any], ...]


class KeyMissing(UserError):
    """There is no key file where one must be."""

    message = N_("没有找到总公司数据库的密钥文件")
    hint = N_("请用 --key-file 或环境变量 {variable} 指明密钥文件；没有它，数据库中的资料无法读取。")

    def __init__(self) -> None:
        super().__init__(variable=KEY_FILE)


class WrongKey(StoreError):
    """The key file is not the one that the database was sealed with."""

    message = N_("密钥文件与总公司的数据库不相符")
    hint = N_("请指明建立数据库时所用的密钥文件。资料没有被改动。")


def key_path(url: sa.URL, told: Path | None = None) -> Path | None:
    """Where the key lies: where it was told, else where the environment says, else beside a SQLite file; or nowhere."""
    if told or KEY_FILE in os.environ:
        return told or Path(os.environ[KEY_FILE])
    return Path(f"{url.database}.key") if url.get_backend_name() == "sqlite" and url.database else None


def make_key(path: Path | None) -> None:
    """Write a new key, readable by us alone, unless the file is there. Raises KeyMissing, StoreReadOnly or DiskFull."""
    if path is None:
        raise KeyMissing
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return
    except OSError as error:
        raise write_error(error) from error


def read_key(path: Path | None) -> bytes:
    """The key. Raises KeyMissing when there is none, or the file holds something else."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii")) if path else b""
    except (OSError, ValueError) as error:
        raise KeyMissing from error
    if len(key) != _KEY_LENGTH:
        raise KeyMissing
    return key


class Seal:
    """Seals and opens the columns that are declared so."""

    def __init__(self, path: Path | None) -> None:
        """``path`` is where the key lies; it is read when it is needed first, and raises KeyMissing then."""
        self._path = path
        self._cipher = functools.lru_cache(maxsize=4096)(self._cipher_of)
        self._packers = threading.local()

    @functools.cached_property
    def _key(self) -> bytes:
        return read_key(self._path)

    @functools.cached_property
    def _blind_start(self) -> "hashlib.blake2b":
        return hashlib.blake2b(key=self._derive("blind"), digest_size=16)

    def _derive(self, name: str) -> bytes:
        return hmac.digest(self._key, f"insuragent headoffice {name}".encode(), "sha256")

    def _cipher_of(self, agent: str) -> AESGCM:
        return AESGCM(self._derive(f"agent/{agent}"))

    def make(self) -> None:
        """Make the key where there is none."""
        make_key(self._path)

    # --- rows ----------------------------------------------------------------------------------------------------

    def sealed(self, table: sa.Table, agent: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The rows, which all name the same columns, as they may be written into ``table``."""
        if layout_of(tuple(table.columns)) is None or not rows:
            return rows
        columns = self.columns(table, agent, in_columns(rows))
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def columns(self, table: sa.Table, agent: str, told: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
        """The same of rows that are told as columns."""
        layout = layout_of(tuple(table.columns))
        if layout is None:
            return told
        columns = dict(told)
        shut = _Shutter(self._cipher(agent), self._packer())
        start = "\0".join((layout.table, agent, ""))
        keys = zip(*(columns[name] for name in layout.key_names), strict=True)
        places = [start + "".join([f"{one}\0" for one in key]) for key in keys]
        for name, by in layout.blinds:
            columns[name] = list(map(self._blind_of, repeat(by), columns["kind"], columns["body"]))
        for name, way in layout.ways:
            if name in columns:
                here = [(place + name).encode() for place in places]
                columns[name] = shut.column(way, columns[name], here, columns.get("kind", ()))
        return columns

    def opened(self, columns: Columns, found: Iterable[Any]) -> Iterator[Any]:
        """What was read of ``columns``, which hold the agent and the whole key of a row beside what is sealed."""
        layout = layout_of(columns)
        if layout is None:
            yield from found
            return
        for row in found:
            if not any(row[position] for position in layout.sealed):
                yield row
                continue
            values, made = list(row), getattr(row, "_make", list)
            agent = row[layout.agent]
            place = _place(layout.table, agent, [row[position] for position in layout.key])
            for position, column in zip(layout.sealed, layout.sealed_columns, strict=True):
                if values[position]:
                    values[position] = self._open(column, agent, place, values[position])
            yield made(values)

    def _open(self, column: sa.Column[Any], agent: str, place: bytes, value: Any) -> Any:
        cipher = self._cipher(agent)
        try:
            if column.info["seal"] == FIELDS:
                return self._open_fields(cipher, place, column.name, value)
            shut = base64.b64decode(value) if column.info["seal"] == TEXT else value
            plain = cipher.decrypt(shut[:_NONCE], shut[_NONCE:], place + column.name.encode())
            if column.info["seal"] == BYTES:
                return plain
            told = self._unpacker().decompress(plain)
            return told if column.info["seal"] == PACKED else told.decode()
        except (InvalidTag, ValueError, KeyError, zstandard.ZstdError) as error:
            raise StoreDamaged from error

    def _open_fields(self, cipher: AESGCM, place: bytes, name: str, value: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(value.get(_MARK), str):  # as an older program wrote it: each field by itself
            return {name: _open_field(cipher, place + name.encode(), one) for name, one in value.items()}
        shut = base64.b64decode(value[_MARK])
        packed = cipher.decrypt(shut[:_NONCE], shut[_NONCE:], place + name.encode())
        found: dict[str, Any] = msgspec.json.decode(self._unpacker().decompress(packed))
        return {name: one for name, one in value.items() if name != _MARK} | found

    # --- equality ------------------------------------------------------------------------------------------------

    def blind(self, value: str) -> str:
        """What stands for a number in the index: equal for equal numbers, however they are written, and no way back."""
        plain = value.upper() if value.isalnum() else "".join(c for c in value.upper() if c.isalnum())
        found = self._blind_start.copy()
        found.update(plain.encode())
        return found.hexdigest()

    def _blind_of(self, by: str, kind: str, body: Mapping[str, Any]) -> str | None:
        for name in _searched(kind, by):
            value = body.get(name)
            if isinstance(value, str) and value:
                return self.blind(value)
        return None

    # --- packing -------------------------------------------------------------------------------------------------

    def _packer(self) -> zstandard.ZstdCompressor:
        """This thread's own: making one costs three times what it does for an entry."""
        if not hasattr(self._packers, "pack"):
            self._packers.pack = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary())
        found: zstandard.ZstdCompressor = self._packers.pack
        return found

    def _unpacker(self) -> zstandard.ZstdDecompressor:
        if not hasattr(self._packers, "unpack"):
            self._packers.unpack = zstandard.ZstdDecompressor(dict_data=_dictionary())
        found: zstandard.ZstdDecompressor = self._packers.unpack
        return found


class _Shutter:
    """Seals the values of one write: a salt of its own, and behind it each value's number, so no nonce comes twice."""

    def __init__(self, cipher: AESGCM, packer: zstandard.ZstdCompressor) -> None:
        self._encrypt, self._pack = cipher.encrypt, packer.compress
        salt = os.urandom(_SALT)
        self._nonces = (salt + number.to_bytes(_NONCE - _SALT, "big") for number in count())

    def column(self, way: str, values: Sequence[Any], places: Sequence[bytes], kinds: Iterable[str]) -> list[Any]:
        """The values of a column that is sealed in this way; whatever is empty stays so."""
        if way == FIELDS:
            told = zip(values, map(_readable, kinds), places, strict=True)
            return [self.fields(value, readable, place) if value else value for value, readable, place in told]
        ways: dict[str, Callable[[Any, bytes], Any]] = {BYTES: self.shut, PACKED: self.packed, TEXT: self.text}
        shut = ways[way]
        return [shut(value, place) if value else value for value, place in zip(values, places, strict=True)]

    def shut(self, value: bytes, place: bytes) -> bytes:
        """Bytes, bound to their place."""
        nonce = next(self._nonces)
        return nonce + self._encrypt(nonce, value, place)

    def text(self, value: str, place: bytes) -> str:
        """A text, packed."""
        return b2a_base64(self.packed(value.encode(), place), newline=False).decode()

    def packed(self, value: bytes, place: bytes) -> bytes:
        """Bytes, packed."""
        return self.shut(self._pack(value), place)

    def fields(self, value: Mapping[str, Any], readable: frozenset[str], place: bytes) -> dict[str, Any]:
        """The fields of a record: those that are not readable are sealed together, whatever is empty stays so."""
        plain: dict[str, Any] = {}
        hidden: dict[str, Any] = {}
        for name, one in value.items():
            is_plain = name in readable or (one is None and name != _MARK)
            (plain if is_plain else hidden)[name] = one
        if hidden:
            plain[_MARK] = b2a_base64(self.packed(msgspec.json.encode(hidden), place), newline=False).decode()
        return plain


@dataclass(frozen=True)
class Layout:
    """Where in a row the sealed values are, and the values that they are bound to."""

    table: str
    agent: int
    key: tuple[int, ...]
    key_names: tuple[str, ...]
    sealed: tuple[int, ...]
    sealed_columns: tuple[sa.Column[Any], ...]
    #: The names of what is sealed and how, and of what is found blindly and by which search.
    ways: tuple[tuple[str, str], ...]
    blinds: tuple[tuple[str, str], ...]


@functools.cache
def layout_of(columns: Columns) -> Layout | None:
    """The layout of rows of these columns, all of one table; None when nothing in them is sealed."""
    sealed = tuple(number for number, column in enumerate(columns) if "seal" in getattr(column, "info", ()))
    if not sealed:
        return None
    named = [column for column in columns if isinstance(column, sa.Column)]
    assert len(named) == len(columns), "beside what is sealed, only columns of its table are asked for"
    table = named[0].table
    assert isinstance(table, sa.Table), "what is sealed is a column of a table"
    keys = [column.name for column in table.primary_key if column.name not in ("tenant", "agent")]
    names = [column.name for column in named]
    return Layout(
        table.name,
        names.index("agent"),
        tuple(map(names.index, keys)),
        tuple(keys),
        sealed,
        tuple(column for column in named if "seal" in column.info),
        tuple((column.name, column.info["seal"]) for column in named if "seal" in column.info),
        tuple((column.name, column.info["blind"].name) for column in named if "blind" in column.info),
    )


def in_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows that all name the same columns, one at least, as columns."""
    return {name: [row[name] for row in rows] for name in rows[0]}


@functools.cache
def _readable(kind: str) -> frozenset[str]:
    fields = fields_of(RECORDS[kind]) if kind in RECORDS else {}
    return frozenset(
        name for name, field in fields.items() if field.sensitivity is Sensitivity.PLAIN and field.kind in _READABLE
    )


@functools.cache
def _searched(kind: str, by: str) -> tuple[str, ...]:
    fields = fields_of(RECORDS[kind]) if kind in RECORDS else {}
    return tuple(name for name, field in fields.items() if field.search is Search[by])


@functools.cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    """What records and entries have in common (``tools/make_dictionary.py``): they pack to a fifth, and sooner.

    What was packed with it needs it to be read: another one would have to lie beside it, by its own number.
    """
    found = zstandard.ZstdCompressionDict(resource("headoffice/records.zdict").read_bytes())
    found.precompute_compress(level=_LEVEL)  # otherwise it is taken in anew for each text
    return found


def _place(table: str, agent: str, key: Iterable[Any]) -> bytes:
    return "\0".join((table, agent, *map(str, key), "")).encode()


def _open_field(cipher: AESGCM, place: bytes, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    shut = base64.b64decode(value[_MARK])
    return msgspec.json.decode(cipher.decrypt(shut[:_NONCE], shut[_NONCE:], place))
