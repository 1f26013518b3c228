"""What a power cut, or a hand, does to the write-ahead log: SQLite keeps silent, the anchor does not (trap 6)."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.models import Customer, Entry
from insuragent.models.journal import GENESIS, link_chain
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor

SAVED = 12


def _cut(log: Path) -> None:
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])


def _flip(log: Path) -> None:
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)


def _empty(log: Path) -> None:
    log.write_bytes(b"")


def _remove(log: Path) -> None:
    log.unlink()


@pytest.fixture
def left(store: Store, profile: Profile, actor: Actor, tmp_path: Path) -> Profile:
    """What a power cut leaves on the disk: the last commits stand in the log alone."""
    with store.begin(actor) as work:
        work.add(Customer(name="第一位"))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
    for number in range(SAVED):
        with store.begin(actor) as work:
            work.add(Customer(name=f"客户{number}", remark="记" * 1000))
    shutil.copytree(profile.folder, tmp_path / "left", ignore=shutil.ignore_patterns("*.lock", "*-shm"))
    return Profile(tmp_path / "left")


def log_of(profile: Profile) -> Path:
    """The write-ahead log."""
    return profile.database.with_name(profile.database.name + "-wal")


def test_a_whole_log_is_all_there(left: Profile, key: bytes, actor: Actor) -> None:
    """Nothing is lost, and nobody is alarmed."""
    assert log_of(left).stat().st_size > 0
    with Store(left, key) as opened, opened.read(actor) as work:
        assert (opened.alarms, work.count(Customer)) == ([], 1 + SAVED)


@pytest.mark.parametrize("harm", [_cut, _flip, _empty, _remove])
def test_what_the_log_lost_is_told(left: Profile, key: bytes, actor: Actor, harm: Callable[[Path], None]) -> None:
    """The store opens with what is whole; the alarm counts the changes that are gone."""
    harm(log_of(left))
    with Store(left, key) as opened, opened.read(actor) as work:
        kept = work.count(Customer)
        assert 1 <= kept < 1 + SAVED
        (alarm,) = opened.alarms
        assert str(1 + SAVED - kept) in str(alarm)
        assert alarm.advice
        chain = GENESIS
        for entry in work.session.scalars(sa.select(Entry).order_by(Entry.number)):
            chain = link_chain(chain, entry.digest)
            assert entry.chain == chain


def test_a_file_without_its_log_is_no_backup(left: Profile, key: bytes, actor: Actor, tmp_path: Path) -> None:
    """Trap 9: who copies the database file alone copies the past; hence the backup, and hence this alarm."""
    alone = Profile(tmp_path / "alone")
    alone.prepare()
    for file in (left.database, left.anchor):
        shutil.copy(file, alone.folder)
    with Store(alone, key) as opened, opened.read(actor) as work:
        assert work.count(Customer) == 1
        assert len(opened.alarms) == 1


def test_a_long_reader_holds_nobody_up(store: Store, profile: Profile, actor: Actor) -> None:
    """Trap 9: while somebody reads the log grows; writers go on, and afterwards it is taken in again."""
    with store.begin(actor) as work:
        work.add(Customer(name="第一位"))
    with store.read(actor) as reading:
        assert reading.count(Customer) == 1
        for _ in range(SAVED):
            with store.begin(actor) as work:
                work.add(Customer(name="客户"))
        with store.engine.connect() as connection:
            (_busy, in_log, taken_in) = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        assert taken_in < in_log
        assert reading.count(Customer) == 1
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
    assert log_of(profile).stat().st_size == 0
