"""The encrypted database file: SQLCipher through SQLAlchemy, with the traps of SQLite closed."""

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import event
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from insuragent.errors import DiskFull, StoreDamaged, StoreError, StoreLocked, StoreReadOnly

KEY_BYTES = 32
# The driver asks every value that is no text or number how it wants to be kept, and an answer by name takes a
# twentieth of the time of none: a customer of sixty fields, most of them empty, is bound in 8 us instead of 77.
for _kept_as_it_is in (type(None), bool, bytes, memoryview):
    sqlcipher.register_adapter(_kept_as_it_is, lambda value: value)
#: The statements that were compiled, for all stores of this process; it asks some hundreds of different ones.
_statements: LRUCache[Any, Any] = LRUCache(1000)
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a dead battery must not lose what was called saved
    "foreign_keys=ON",
    "temp_store=MEMORY",  # a sort on disk would be plaintext
    "secure_delete=FAST",
    "cache_size=-64000",
    "wal_autocheckpoint=4000",  # one save touches some twenty pages: fewer, larger checkpoints
    "trusted_schema=OFF",
)
#: SQLite's messages, by the error of ours that they mean.
_MEANINGS: tuple[tuple[str, type[StoreError]], ...] = (
    ("disk is full", DiskFull),
    ("disk I/O error", DiskFull),
    ("readonly", StoreReadOnly),
    ("unable to open", StoreReadOnly),
    ("locked", StoreLocked),
    ("not a database", StoreDamaged),
    ("malformed", StoreDamaged),
    ("vtable constructor failed", StoreDamaged),  # a page of the search index
    ("Could not decode to UTF-8", StoreDamaged),  # the rest of a long text, which SQLCipher empties and hands out
)


def open_engine(path: Path, key: bytes) -> sa.Engine:
    """An engine on the encrypted file at ``path``; the file is created when it is not there.

    ``key`` is exactly 32 bytes: SQLCipher would silently take any other length for a passphrase.
    Raises StoreDamaged for a wrong key or an unreadable file, and the other store errors as they fit.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key must have {KEY_BYTES} bytes")
    # The one that was used last: whoever comes to a connection after another one wrote decrypts every page anew.
    pool = QueuePool(_connector(path, key), pool_size=4, max_overflow=4, use_lifo=True)
    model = _model()
    engine = sa.Engine(pool, model.dialect, model.url).execution_options(compiled_cache=_statements)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _translate)
    with translated():
        engine.connect().close()
    return engine


@functools.cache
def _model() -> sa.Engine:
    """An engine on nothing, whose dialect is every store's: with it a statement is compiled once a process."""
    engine = sa.create_engine(
        "sqlite://",
        module=sqlcipher,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
    )
    with engine.connect():  # the dialect learns what this SQLite can do
        return engine


def _connector(path: Path, key: bytes) -> Callable[[], Any]:
    def connect() -> Any:
        connection = sqlcipher.connect(str(path), timeout=5, check_same_thread=False, isolation_level=None)
        try:
            # Without this, failed page checks are printed to the terminal.
            connection.execute("PRAGMA cipher_log_level=NONE")
            connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
            if not connection.execute("PRAGMA cipher_version").fetchone():
                raise StoreDamaged  # plain SQLite would ignore the key and write readable pages
            connection.set_authorizer(_permit)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def _permit(action: int, name: object, *_: object) -> int:
    # ATTACH with an empty key would make a readable file beside the encrypted one; nothing of ours needs a second file.
    # One without a name is in memory (temp_store): VACUUM makes its copy there.
    return int(sqlcipher.SQLITE_DENY if action == sqlcipher.SQLITE_ATTACH and name else sqlcipher.SQLITE_OK)


def _begin(connection: sa.Connection) -> None:
    # The driver's own BEGIN comes too late: savepoints would commit, and a read that turns into a write would fail.
    writing = connection.get_execution_options().get("write")
    driver: Any = connection.connection.driver_connection
    with translated():
        driver.execute("BEGIN IMMEDIATE" if writing else "BEGIN")


def _translate(context: Any) -> None:
    error = meaning(context.original_exception)
    if error is not None:
        raise error from context.original_exception


def meaning(error: BaseException) -> StoreError | None:
    """The store error that a driver's exception means, or None when it is something else."""
    if not isinstance(error, (sqlcipher.DatabaseError, sqlite3.DatabaseError)):
        return None
    words = str(error)
    return next((kind() for text, kind in _MEANINGS if text in words), None)


@contextmanager
def translated() -> Iterator[None]:
    """Within the block a driver's exception becomes the store error that it means."""
    try:
        yield
    except (sqlcipher.DatabaseError, sqlite3.DatabaseError) as error:
        known = meaning(error)
        if known is None:
            raise
        raise known from error
