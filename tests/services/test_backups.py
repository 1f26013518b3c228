"""A backup brings everything back, and nothing else is taken for one."""

import datetime as dt
import os
import zipfile
from pathlib import Path

import pytest
import time_machine

from insuragent.errors import BadFile, NoAccess, StoreDamaged, StoreError, WrongPassphrase
from insuragent.models import Customer
from insuragent.services import audit, backups, customers
from insuragent.services import desk as desks
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store import backup
from tests.services.conftest import PASSPHRASE

SCAN = b"scan of a signed form" * 1000


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A desk with a customer and an attachment."""
    with desk.begin() as work:
        customers.create(work, {"name": "王𬭎", "mobile": "13800138000"})
        work.blobs.put(SCAN)
    return desk


def test_everything_comes_back(filled: Desk, tmp_path: Path) -> None:
    """Records, journal and attachments; the same passphrase opens them, and no alarm is raised."""
    made = backups.make(filled, tmp_path / "kept")
    back = Profile(tmp_path / "back")
    assert backups.restore(made.file, back, PASSPHRASE).entries == made.entries
    restored = desks.unlock(back, PASSPHRASE)
    with restored.read() as work:
        assert work.count(Customer) == 1
        assert audit.verify(work).sound
    assert restored.alarms == []
    restored.close()


def test_attachments_come_back(filled: Desk, tmp_path: Path) -> None:
    """Their bytes can be opened with the restored key."""
    digest = filled.store.blobs.put(SCAN)
    made = backups.make(filled, tmp_path)
    back = Profile(tmp_path / "back")
    backups.restore(made.file, back, PASSPHRASE)
    restored = desks.unlock(back, PASSPHRASE)
    assert restored.store.blobs.get(digest) == SCAN
    assert made.attachments == 1
    restored.close()


def test_a_backup_holds_nothing_readable(filled: Desk, tmp_path: Path) -> None:
    """It may lie on any disk: names, numbers and attachments are encrypted, the device's own key stays at home."""
    (filled.profile.folder / "device.key").write_bytes(b"private")
    made = backups.make(filled, tmp_path)
    data = made.file.read_bytes()
    for secret in ("王𬭎".encode(), b"13800138000", SCAN[:40], b"private", b"SQLite format 3"):
        assert secret not in data
    assert made.file.stat().st_mode & 0o077 == 0


def test_a_desk_works_on_while_it_is_backed_up(filled: Desk, tmp_path: Path) -> None:
    """An open transaction elsewhere does not stop it."""
    with filled.read() as work:
        work.count(Customer)
        assert backups.make(filled, tmp_path).entries >= 2


@pytest.mark.parametrize("fault", ["cut", "flip", "extra", "outside", "no zip"])
def test_a_damaged_backup_is_refused(filled: Desk, tmp_path: Path, fault: str) -> None:
    """Nothing is written into the profile."""
    made = backups.make(filled, tmp_path)
    _damage(made.file, fault)
    back = Profile(tmp_path / "back")
    with pytest.raises(BadFile):
        backups.restore(made.file, back, PASSPHRASE)
    assert not back.database.exists()
    assert not (tmp_path / "evil").exists()


def _damage(file: Path, fault: str) -> None:
    data = file.read_bytes()
    if fault == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif fault == "flip":
        middle = len(data) // 2
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif fault == "no zip":
        file.write_bytes(b"hello")
    else:
        with zipfile.ZipFile(file, "a") as bundle:
            bundle.writestr("../evil" if fault == "outside" else "more", b"x")


def test_an_existing_desk_is_never_overwritten(filled: Desk, tmp_path: Path) -> None:
    """A restore goes into an empty folder only."""
    made = backups.make(filled, tmp_path)
    before = filled.profile.key_file.read_bytes()
    with pytest.raises(StoreError):
        backups.restore(made.file, filled.profile, PASSPHRASE)
    assert filled.profile.key_file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told_not_the_profile(filled: Desk, tmp_path: Path) -> None:
    """The file that was named is at fault, and what to do is said."""
    (tmp_path / "a file").touch()
    with pytest.raises(NoAccess, match=r"copy\.zip") as refused:
        backups.make(filled, tmp_path / "a file" / "copy.zip")
    assert "换一个地方" in refused.value.advice


def test_a_wrong_passphrase_is_said(filled: Desk, tmp_path: Path) -> None:
    """Rather than leaving the person with files that do not open."""
    made = backups.make(filled, tmp_path)
    back = Profile(tmp_path / "back")
    for _ in range(2):
        with pytest.raises(WrongPassphrase):
            backups.restore(made.file, back, "不是这个口令")
        assert list(back.folder.iterdir()) == []
    assert backups.restore(made.file, back, PASSPHRASE).entries == made.entries


def test_a_backup_of_less_than_it_says_leaves_nothing(
    filled: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is found wrong after unpacking, the profile stays empty."""
    made = backups.make(filled, tmp_path)

    def damaged(_database: Path, _key: bytes) -> None:
        raise StoreDamaged

    monkeypatch.setattr(backup, "check_pages", damaged)
    back = Profile(tmp_path / "back")
    with pytest.raises(StoreDamaged):
        backups.restore(made.file, back, PASSPHRASE)
    assert list(back.folder.iterdir()) == []


def test_a_missing_backup_is_called_missing(tmp_path: Path) -> None:
    """Not damaged: somebody would throw a good backup away."""
    with pytest.raises(BadFile, match="不能读取"):
        backups.restore(tmp_path / "none.zip", Profile(tmp_path / "back"), PASSPHRASE)


def test_a_backup_goes_where_it_was_told(filled: Desk, tmp_path: Path) -> None:
    """Into the very file, whatever its name ends in; a folder that is there gets a dated one."""
    assert backups.make(filled, tmp_path / "monday").file == tmp_path / "monday"
    assert (tmp_path / "monday").is_file()
    (tmp_path / "stick").mkdir()
    assert backups.make(filled, tmp_path / "stick").file.parent == tmp_path / "stick"


def test_one_backup_a_day_and_seven_stay(filled: Desk) -> None:
    """The automatic backups neither fill the disk nor forget a day."""
    start = dt.datetime(2026, 11, 1, 4, tzinfo=dt.UTC)
    for days in range(10):
        with time_machine.travel(start + dt.timedelta(days=days), tick=False):
            made = backups.make_if_due(filled)
            assert made is not None
            os.utime(made.file, (start.timestamp() + days * 86_400,) * 2)
            assert backups.make_if_due(filled) is None
    kept = sorted(filled.profile.backups.glob("*.zip"))
    assert [path.name[11:19] for path in kept] == [f"202611{day:02d}" for day in range(4, 11)]


def test_a_damaged_page_is_told_not_copied(filled: Desk, tmp_path: Path) -> None:
    """SQLite's own copy holds zeros in its place and says nothing: it would be trusted, and push out the good ones."""
    filled.close()
    _flip_page(filled.profile.database, -1)
    opened = desks.unlock(filled.profile, PASSPHRASE)
    with pytest.raises(StoreDamaged):
        backups.make(opened, tmp_path / "kept.zip")
    assert list(tmp_path.glob("kept*")) == []
    with opened.begin() as work:
        work.set_note("after", True)  # what can be saved is saved
    opened.close()


def _flip_page(database: Path, page: int) -> None:
    data = bytearray(database.read_bytes())
    data[page * 4096 % len(data) + 2000] ^= 1
    database.write_bytes(data)
