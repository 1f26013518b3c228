"""A copy of an open store into one file, and the way back; both stay encrypted with the store's own keys."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import sqlcipher3.dbapi2 as sqlcipher

from insuragent.errors import BadFile, DiskFull, NoAccess, StoreDamaged, StoreError
from insuragent.i18n import N_
from insuragent.settings import Profile, sync_folder, write_error
from insuragent.store.engine import KEY_BYTES, translated
from insuragent.store.store import Store

FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE, _KEYS, _ANCHOR, _SETTINGS = "store.db", "store.key", "journal.anchor", "settings.json"
_ATTACHMENTS = "attachments/"
#: More than this in a backup is none of ours.
_LARGEST = 64 * 1024**3


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: its files by name with their SHA-256, and the journal's newest entry."""

    format: int
    made_at: str
    version: str
    entries: int
    files: dict[str, str]


def write_backup(store: Store, target: Path, made_at: str, version: str, key: bytes) -> Manifest:
    """Copy the store, its key file and its attachments into the new file ``target``, whole or not at all.

    The desk may go on working meanwhile: the copy is of one moment. Raises StoreDamaged when a page of the store does
    not verify, DiskFull, or NoAccess where the file cannot be written.
    """
    profile = store.profile
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            copy = Path(folder) / _DATABASE
            with translated():
                _copy_database(store, copy, key)
                _check_cipher(profile.database, key)  # a page that fails would be copied as zeros, without a word
            # What hangs on the copy is gathered after it: an attachment too many is harmless, one too few is not.
            members = {_DATABASE: copy} | {name: path for name, path in _beside(profile) if path.exists()}
            files = {name: _digest(path) for name, path in members.items()}
            manifest = Manifest(FORMAT, made_at, version, _entries(copy, key), files)
            archive = Path(folder) / "archive"
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
                bundle.writestr(_MANIFEST, msgspec.json.encode(manifest))
                for name, path in members.items():
                    bundle.write(path, name)
            archive.chmod(0o600)
            archive.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        failure = write_error(error)
        raise (failure if isinstance(failure, DiskFull) else NoAccess(target.name)) from error
    return manifest


def read_manifest(source: Path) -> Manifest:
    """What a backup says about itself, after every byte was compared with it. Raises BadFile."""
    try:
        with zipfile.ZipFile(source) as bundle:
            return _checked(bundle)
    except OSError as error:
        raise NoAccess(source.name) from error
    except (zipfile.BadZipFile, KeyError, RuntimeError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _unusable(source) from error


@contextmanager
def unpacked(source: Path, profile: Profile) -> Iterator[tuple[Manifest, Profile]]:
    """A backup, unpacked beside where it shall be; when the block ends well, it is put into ``profile``, else it goes.

    Raises BadFile, StoreError where there is a store already, DiskFull or StoreReadOnly.
    """
    if profile.database.exists() or profile.key_file.exists():
        raise StoreError(
            N_("这里已经有一个资料夹，不能恢复到其中"), hint=N_("请选择一个空文件夹；已有的资料没有改变。")
        )
    manifest = read_manifest(source)
    profile.prepare()
    try:
        with tempfile.TemporaryDirectory(dir=profile.folder, prefix=".restore-") as folder:
            with zipfile.ZipFile(source) as bundle:
                bundle.extractall(folder, members=list(manifest.files))
            copy = Profile(Path(folder))
            yield manifest, copy
            _put(copy, profile, manifest)
    except OSError as error:
        raise write_error(error) from error


def _put(copy: Profile, profile: Profile, manifest: Manifest) -> None:
    # The key file comes last: with it, the profile counts as one.
    for name in sorted(manifest.files | {_ANCHOR: ""}, key=lambda name: name == _KEYS):
        if (copy.folder / name).exists():
            place = profile.folder / name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (copy.folder / name).replace(place)
            place.chmod(0o600)
    sync_folder(profile.folder)


def check_pages(database: Path, key: bytes) -> None:
    """Verify every page of an encrypted database and its structure. Raises StoreDamaged; takes seconds a gigabyte."""
    with translated():
        _check_cipher(database, key)
        with closing(_connect(database, key)) as connection:
            structure = connection.execute("PRAGMA quick_check").fetchone()
    if structure != ("ok",):
        raise StoreDamaged


def _beside(profile: Profile) -> Iterator[tuple[str, Path]]:
    # The device's own key stays where it is: a copy on another computer must be enrolled by itself.
    yield _KEYS, profile.key_file
    yield _ANCHOR, profile.anchor
    yield _SETTINGS, profile.settings_file
    for path in sorted(profile.attachments.rglob("*")):
        if path.is_file():
            yield _ATTACHMENTS + path.relative_to(profile.attachments).as_posix(), path


def _check_cipher(database: Path, key: bytes) -> None:
    with closing(_connect(database, key)) as connection:
        # What is newer in the log takes the place of the page on the disk, which may be half written after a power cut.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        # Twice: a page that is written at this very moment may fail once.
        if all(connection.execute("PRAGMA cipher_integrity_check").fetchall() for _look in range(2)):
            raise StoreDamaged


def _copy_database(store: Store, target: Path, key: bytes) -> None:
    with closing(_connect(target, key)) as copy:
        source = store.engine.raw_connection()
        try:
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
        finally:
            source.invalidate()  # had it met a faulty page, it would write nothing more


def _connect(path: Path, key: bytes) -> sqlcipher.Connection:
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key must have {KEY_BYTES} bytes")
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


def _entries(database: Path, key: bytes) -> int:
    with closing(_connect(database, key)) as connection:
        return int(connection.execute("SELECT coalesce(max(number), 0) FROM journal").fetchone()[0])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(bundle: zipfile.ZipFile) -> Manifest:
    manifest = msgspec.json.decode(bundle.read(_MANIFEST), type=Manifest)
    sizes = {entry.filename: entry.file_size for entry in bundle.infolist()}
    if manifest.format != FORMAT or sum(sizes.values()) > _LARGEST:
        raise BadFile(N_("备份的格式不是本程序能恢复的"))
    if set(sizes) != {_MANIFEST, *manifest.files} or not {_DATABASE, _KEYS} <= set(manifest.files):
        raise KeyError("the list of files does not fit")
    for name, told in manifest.files.items():
        if not _ours(name):
            raise KeyError(name)
        with bundle.open(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told:  # type: ignore[arg-type]
                raise KeyError(name)
    return manifest


def _ours(name: str) -> bool:
    parts = name.removeprefix(_ATTACHMENTS).split("/")
    if not name.startswith(_ATTACHMENTS):
        return name in (_DATABASE, _KEYS, _ANCHOR, _SETTINGS)
    return len(parts) == 2 and all(part.isalnum() for part in parts)


def _unusable(source: Path) -> BadFile:
    return BadFile(
        N_("备份 {name} 不完整或已被改动"), hint=N_("请换用另一份备份。本机资料没有改变。"), name=source.name
    )
