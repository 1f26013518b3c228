"""Dated backups of a desk: made while it works, checked before they are trusted, brought back into an empty folder."""

import datetime as dt
import logging
from dataclasses import dataclass
from pathlib import Path

from insuragent import __version__
from insuragent.errors import StoreDamaged
from insuragent.i18n import N_, SHANGHAI
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.security.vault import Vault
from insuragent.services.desk import Desk
from insuragent.settings import Profile
from insuragent.store import backup
from insuragent.store.store import Store

log = logging.getLogger(__name__)
PREFIX, SUFFIX = "insuragent-", ".zip"
#: Automatic backups: one a day, the newest of these stay.
EVERY, KEPT = dt.timedelta(days=1), 7


@dataclass(frozen=True)
class Backup:
    """A backup that was made or found: its file, the moment in UTC, journal entries, attachments, size in bytes."""

    file: Path
    made_at: dt.datetime
    entries: int
    attachments: int
    size: int


def make(desk: Desk, target: Path | None = None) -> Backup:
    """Back the desk up into the file ``target``, or a dated one in it where it is a folder; by default the profile's.

    Raises StoreDamaged, DiskFull or NoAccess; then nothing was replaced.
    """
    now = utc_now()
    name = f"{PREFIX}{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}{SUFFIX}"
    place = target or desk.profile.backups
    file = place / name if target is None or place.is_dir() else place
    manifest = backup.write_backup(desk.store, file, now.isoformat(), __version__, desk.key)
    with desk.begin() as work:
        work.tell(Deed.EXPORT, None, what="backup", entries=manifest.entries)
    return _told(file, manifest)


def make_if_due(desk: Desk) -> Backup | None:
    """The automatic backup: when the newest is older than a day; older ones than the newest seven go."""
    files = sorted(desk.profile.backups.glob(f"{PREFIX}*{SUFFIX}"))
    if files and utc_now().timestamp() - files[-1].stat().st_mtime < EVERY.total_seconds():
        return None
    made = make(desk)
    for old in [*files, made.file][:-KEPT]:
        old.unlink(missing_ok=True)
        log.info("an old backup was removed")
    return made


def look(file: Path) -> Backup:
    """What a backup holds, after all its bytes were checked. Raises BadFile."""
    return _told(file, backup.read_manifest(file))


def restore(file: Path, profile: Profile, passphrase: str) -> Backup:
    """Bring a backup back into an empty profile, and prove that it opens.

    Raises BadFile, WrongPassphrase, StoreDamaged, or StoreError where there is a store already; whatever fails, an
    existing store is never touched, and the profile stays as it was.
    """
    with backup.unpacked(file, profile) as (manifest, copy):
        key = Vault(copy.folder).unlock(passphrase, restoring=True)
        backup.check_pages(copy.database, key)
        with Store(copy, key) as store:
            if store.head.number < manifest.entries:
                raise StoreDamaged(N_("备份中的操作日志不完整"))
    return _told(file, manifest)


def _told(file: Path, manifest: backup.Manifest) -> Backup:
    attachments = sum(name.startswith("attachments/") for name in manifest.files)
    made_at = dt.datetime.fromisoformat(manifest.made_at)
    return Backup(file, made_at, manifest.entries, attachments, file.stat().st_size)
