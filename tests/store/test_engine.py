"""The encrypted file: nothing readable in it, and every trap of the engine closed."""

import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.errors import StoreDamaged, StoreLocked, StoreMissing, StoreReadOnly, StoreTooNew
from insuragent.models import Customer, Deed, Entry
from insuragent.settings import Profile
from insuragent.store import engine
from insuragent.store.engine import open_engine
from insuragent.store.store import Store
from insuragent.store.work import Actor

NAME = "欧阳颂恩"


def fill(store: Store, actor: Actor, count: int = 1, name: str = NAME) -> None:
    """Save ``count`` customers, one transaction each."""
    for _ in range(count):
        with store.begin(actor) as work:
            work.add(Customer(name=name, mobile="13912345678", doc_no="11010119900307002X"))


def test_no_readable_name_in_any_file(store: Store, profile: Profile, actor: Actor) -> None:
    """Whoever takes the disk finds neither a name nor a number, nor even a database."""
    fill(store, actor, 30)
    store.close()
    everything = b"".join(path.read_bytes() for path in profile.folder.rglob("*") if path.is_file())
    assert not profile.database.read_bytes().startswith(b"SQLite format 3")
    for secret in (NAME, "13912345678", "11010119900307002X", "ouyang"):
        assert secret.encode() not in everything


def test_plain_sqlite_cannot_open_it(store: Store, profile: Profile, actor: Actor) -> None:
    """A plain client sees no database at all."""
    fill(store, actor)
    store.close()
    with sqlite3.connect(profile.database) as plain, pytest.raises(sqlite3.DatabaseError, match="not a database"):
        plain.execute("SELECT * FROM customer")


@pytest.mark.parametrize("clause", ["KEY ''", "KEY 'x'", ""])
def test_no_second_file_can_be_attached(store: Store, tmp_path: Path, clause: str) -> None:
    """An empty key would make a readable copy beside the store; the engine itself refuses, whoever asks."""
    plain = tmp_path / "plain.db"
    with store.engine.connect() as connection, pytest.raises(sa.exc.DatabaseError, match="not authorized"):
        connection.exec_driver_sql(f"ATTACH DATABASE '{plain}' AS plain {clause}")
    assert not plain.exists()


def test_statements_stay_prepared(profile: Profile, key: bytes, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a store just made SQLite reads a statement once, too: its connection that made the tables would each time."""
    asked: list[tuple[object, ...]] = []

    def permit(*told: object) -> int:
        asked.append(told[:2])
        return 0

    monkeypatch.setattr(engine, "_permit", permit)
    with Store(profile, key, create=True) as store:
        fill(store, actor, 2)
        assert (sqlite3.SQLITE_INSERT, "customer") in asked
        asked.clear()
        fill(store, actor, 2)
    assert (sqlite3.SQLITE_INSERT, "customer") not in asked


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(tmp_path: Path, length: int) -> None:
    """SQLCipher would take it for a passphrase without a word."""
    with pytest.raises(ValueError, match="32 bytes"):
        open_engine(tmp_path / "x.db", bytes(length))


def test_a_wrong_key_is_told(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """Another key opens nothing and harms nothing."""
    fill(store, actor)
    store.close()
    with pytest.raises(StoreDamaged):
        Store(profile, secrets.token_bytes(32))
    with Store(profile, key) as again, again.read(actor) as work:
        assert work.count(Customer) == 1


def test_pragmas_hold_on_every_connection(store: Store) -> None:
    """WAL, full syncs, no plaintext sorts, foreign keys: on each pooled connection."""
    wanted: dict[str, str | int] = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}
    # Overwriting what is deleted is on; overwriting all memory, which costs up to ten times the work, is not.
    wanted |= {"trusted_schema": 0, "secure_delete": 2, "cipher_memory_security": "0"}
    connections = [store.engine.connect() for _ in range(3)]
    for connection in connections:
        for name, value in wanted.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
        connection.close()


def test_many_threads_read_and_write(store: Store, actor: Actor) -> None:
    """Twelve threads that read, then write: no operation fails, no update is lost."""

    def count_up() -> None:
        for _ in range(5):
            with store.begin(actor) as work:
                work.set_note("counter", work.note("counter", 0) + 1)

    with ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(count_up) for _ in range(12)]:
            done.result()
    with store.read(actor) as work:
        assert work.note("counter") == 60


def test_a_savepoint_does_not_commit(store: Store, actor: Actor) -> None:
    """Without our own BEGIN the first savepoint would outlive the rollback around it."""
    with pytest.raises(KeyError), store.begin(actor) as work:
        with work.session.begin_nested():
            work.add(Customer(name=NAME))
        raise KeyError
    with store.read(actor) as work:
        assert (work.count(Customer), len(work.rows(sa.select(Entry.number)))) == (0, 0)


def test_an_emptied_database_is_not_a_first_run(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """A 0-byte file would open as a new, empty store: that is data loss and is told as such."""
    fill(store, actor)
    store.close()
    for leftover in profile.folder.glob("store.db*"):
        leftover.write_bytes(b"")
    with pytest.raises(StoreMissing):
        Store(profile, key)
    assert profile.database.stat().st_size == 0


@pytest.mark.parametrize("place", [0.01, 0.3, 0.6, 0.99])
def test_a_damaged_page_is_an_error(store: Store, profile: Profile, key: bytes, actor: Actor, place: float) -> None:
    """One flipped byte anywhere is an error with advice, never wrong data."""
    fill(store, actor, 40)
    store.close()
    data = bytearray(profile.database.read_bytes())
    data[int(len(data) * place)] ^= 1
    profile.database.write_bytes(data)
    with pytest.raises(StoreDamaged) as caught:
        read_everything(profile, key, actor)
    assert caught.value.advice


def read_everything(profile: Profile, key: bytes, actor: Actor) -> None:
    """Open the store and let the cipher check each page."""
    with Store(profile, key) as opened, opened.read(actor) as work:
        faults = work.session.connection().exec_driver_sql("PRAGMA cipher_integrity_check").all()
        if faults:
            raise StoreDamaged


def test_a_damaged_page_stops_no_other(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """Whoever reads it is told, each time; what is saved beside it is not refused as if the folder were read-only."""
    fill(store, actor, 400)
    with store.read(actor) as work:
        root = work.session.connection().exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'customer'")
        page = root.scalar_one()
    store.close()
    data = bytearray(profile.database.read_bytes())
    data[(page - 1) * 4096 + 2000] ^= 1
    profile.database.write_bytes(data)
    with Store(profile, key) as opened:
        for _time in range(2):
            with pytest.raises(StoreDamaged), opened.read(actor) as work:
                work.scalars(sa.select(Customer))
            with opened.begin(actor) as work:
                work.tell(Deed.LOCK)


def test_the_rest_of_a_long_text_that_was_damaged_is_an_error(
    store: Store, profile: Profile, key: bytes, actor: Actor
) -> None:
    """SQLCipher hands out zeros for it: a character that is cut in two is told as damage, without the words around."""
    with store.begin(actor) as work:
        kept = work.add(Customer(name="王芳", remark="客" * 4000)).id
    store.close()
    data = profile.database.read_bytes()
    told: list[StoreDamaged] = []
    for end in range(len(data), len(data) - 16 * 4096, -4096):
        profile.database.write_bytes(data[: end - 2000] + bytes([data[end - 2000] ^ 1]) + data[end - 1999 :])
        try:
            with Store(profile, key) as opened, opened.read(actor) as work:
                assert work.get(Customer, kept).remark == "客" * 4000
        except StoreDamaged as error:
            told.append(error)
    assert len(told) >= 3
    assert all("客" not in str(error) for error in told)


def test_a_second_opener_is_told(store: Store, profile: Profile, key: bytes) -> None:
    """Two windows on one profile would overwrite each other."""
    with pytest.raises(StoreLocked) as caught:
        Store(profile, key)
    assert caught.value.advice


def test_a_newer_schema_is_left_alone(store: Store, profile: Profile, key: bytes) -> None:
    """A file of a newer program is not touched."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    store.close()
    with pytest.raises(StoreTooNew):
        Store(profile, key)


def test_a_folder_that_is_a_file_is_told(tmp_path: Path, key: bytes) -> None:
    """No folder, no store: the message says that nothing was changed."""
    (tmp_path / "profile").write_text("in the way")
    with pytest.raises(StoreReadOnly):
        Store(Profile(tmp_path / "profile" / "inner"), key, create=True)
