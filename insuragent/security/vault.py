"""The vault: the ways into one store, by passphrase, recovery code, the system's keyring or head office."""

import contextlib
import enum
import secrets
import time
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from insuragent.errors import (
    BadFile,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
    WrongPassphrase,
)
from insuragent.i18n import N_
from insuragent.security import files, keys, osring
from insuragent.security.attempts import Attempts, Clock
from insuragent.security.keys import KdfCost, KeyFile, SlotName
from insuragent.security.passphrase import require_strong, to_bytes
from insuragent.security.recovery import new_code, read_code

DATABASE = "store.db"
KEY_FILE = "store.key"


class State(enum.Enum):
    """What is found in the folder of a store."""

    FIRST_RUN = "first_run"
    LOCKED = "locked"
    DAMAGED = "damaged"
    MISSING_DATABASE = "missing_database"
    MISSING_KEY = "missing_key"
    TOO_NEW = "too_new"
    UNREADABLE = "unreadable"


class QuickUnlock(enum.Enum):
    """Whether the system's keyring opens the store."""

    OFF = "off"
    READY = "ready"
    UNAVAILABLE = "unavailable"  # no keyring, locked, or no answer in time
    LOST = "lost"  # the keyring no longer holds the key


class Vault:
    """The key file of the store in ``folder``. It keeps no key: what it opens it hands to the caller.

    ``cost`` is what a guess shall cost from now on; what exists keeps its own. Nothing here is for the window's
    thread: a key derivation takes a third of a second, the keyring may take as long as somebody needs to type.
    """

    def __init__(
        self, folder: Path, *, clock: Clock = time.time, monotonic: Clock = time.monotonic, cost: KdfCost | None = None
    ) -> None:
        self._folder = folder
        self._path = folder / KEY_FILE
        self._cost = cost or KdfCost()
        self._attempts = Attempts(folder / "attempts.json", clock, monotonic)

    def state(self) -> State:
        """What is there; never an error."""
        try:
            return State.FIRST_RUN if self._look() is None else State.LOCKED
        except StoreMissing:
            return State.MISSING_DATABASE if self._path.exists() else State.MISSING_KEY
        except StoreTooNew:
            return State.TOO_NEW
        except StoreDamaged:
            return State.DAMAGED
        except StoreError:
            return State.UNREADABLE

    def check(self) -> None:
        """Raise the store error that the state means, with words for it; nothing for a first run or a locked store."""
        self._look()

    def wait_seconds(self) -> int:
        """How long until the next passphrase is looked at; 0: at once."""
        return self._attempts.wait_seconds()

    def create(self, passphrase: str) -> tuple[bytes, str]:
        """Make the key file of a new store; returns its data key (32 bytes) and the recovery code to print.

        Until ``mark_founded`` is called, or a database is found, this counts as a first run and may be repeated.
        Raises ValidationError for a weak passphrase, StoreReadOnly or DiskFull, and StoreMissing or StoreDamaged
        where there is anything of an older store.
        """
        if self._look() is not None:
            raise StoreError(N_("这里已经有一个资料夹，不能再次初始化"), hint=N_("请用口令或恢复码打开。资料完好。"))
        phrase = require_strong(passphrase)
        key, code = keys.new_key(), new_code()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreReadOnly from error
        file = KeyFile(
            store=keys.store_id(key),
            passphrase=keys.phrase_slot("passphrase", phrase, key, self._cost),
            recovery=keys.phrase_slot("recovery", read_code(code).encode(), key, self._cost),
        )
        keys.write_key_file(self._path, file)
        self._attempts.forgive()
        return key, code

    def mark_founded(self) -> None:
        """The database is there and holds something: from now on its absence is a loss, never a first run."""
        file = self._file()
        if not file.founded:
            self._write(file, founded=True)

    def unlock(self, passphrase: str, *, restoring: bool = False) -> bytes:
        """The data key. With ``restoring`` a missing database is no error: it is about to be brought back.

        Raises WrongPassphrase, with ``wait_seconds`` among its values, ValidationError for what cannot be a passphrase,
        StoreMissing, StoreDamaged, StoreTooNew.
        """
        file = self._file(restoring=restoring)
        key = self._by_passphrase(file, passphrase)
        if not file.founded and self._has_database():
            with contextlib.suppress(StoreError):  # a full disk is no reason to stay outside
                self._write(file, founded=True)
        return key

    def change_passphrase(self, old: str, new: str) -> None:
        """Let ``new`` open the store instead of ``old``; the recovery code and all else stay as they are.

        Raises ValidationError when ``new`` is weak, WrongPassphrase, DiskFull, StoreReadOnly; ``old`` then still opens.
        """
        phrase = require_strong(new)
        file = self._file()
        key = self._by_passphrase(file, old)
        self._write(file, passphrase=keys.phrase_slot("passphrase", phrase, key, self._cost))

    def recover(self, code: str, new_passphrase: str) -> bytes:
        """The data key by the recovery code, and a new passphrase.

        The code stays valid: whoever has just found the paper must not be left without one if the printer fails. Offer
        ``renew_recovery`` afterwards. There is no wait: 130 random bits are not guessed.
        Raises ValidationError for a typing error or a weak passphrase, WrongPassphrase for the code of another store.
        """
        symbols = read_code(code)
        phrase = require_strong(new_passphrase)
        file = self._file()
        key = keys.open_phrase_slot(file, "recovery", symbols.encode())
        if key is None:
            hint = N_("请核对这是本资料夹最近一次打印的恢复码。资料没有受到任何影响。")
            raise WrongPassphrase(N_("恢复码不正确"), hint=hint)
        self._write(file, passphrase=keys.phrase_slot("passphrase", phrase, key, self._cost))
        self._attempts.forgive()
        return key

    def renew_recovery(self, passphrase: str) -> str:
        """A new recovery code to print; the old one no longer opens. Raises as ``unlock`` does."""
        file = self._file()
        key = self._by_passphrase(file, passphrase)
        code = new_code()
        self._write(file, recovery=keys.phrase_slot("recovery", read_code(code).encode(), key, self._cost))
        return code

    def damaged_slots(self) -> list[SlotName]:
        """The ways of opening that stopped working because the file changed, for a check-up; mostly none.

        Renew them from one that works. Raises StoreDamaged when the file cannot be read at all.
        """
        return keys.damaged_slots(self._file(restoring=True))

    def quick_unlock_state(self, *, patience: float = osring.PATIENCE) -> QuickUnlock:
        """Whether ``quick_unlock`` would open now; asks the keyring, which may ask its user."""
        file = self._file()
        if file.keyring is None:
            return QuickUnlock.OFF
        try:
            return QuickUnlock.READY if osring.read(file.keyring.account, patience=patience) else QuickUnlock.LOST
        except osring.RingUnavailable:
            return QuickUnlock.UNAVAILABLE

    def enable_quick_unlock(self, key: bytes, *, patience: float = osring.PATIENCE) -> None:
        """Let the system's keyring open the store. Raises RingUnavailable: then nothing has changed."""
        file = self._file_of(key)
        account = f"unlock:{file.store}"
        kek = secrets.token_bytes(keys.KEY_BYTES)
        osring.write(account, kek.hex(), patience=patience)
        self._write(file, keyring=keys.keyring_slot(account, kek, key))

    def quick_unlock(self, *, patience: float = osring.PATIENCE) -> bytes | None:
        """The data key by the system's keyring; None when the passphrase must be asked for.

        Raises StoreMissing, StoreDamaged, StoreTooNew.
        """
        file = self._file()
        if file.keyring is None:
            return None
        try:
            kek = bytes.fromhex(osring.read(file.keyring.account, patience=patience) or "")
        except (osring.RingUnavailable, ValueError):
            return None
        return keys.open_keyring_slot(file, kek)

    def disable_quick_unlock(self, *, patience: float = osring.PATIENCE) -> None:
        """Only what is typed opens the store from now on, whether the keyring answers or not."""
        file = self._file()
        if file.keyring is not None:
            self._write(file, keyring=None)
            # Without its slot the secret opens nothing.
            with contextlib.suppress(osring.RingUnavailable):
                osring.remove(file.keyring.account, patience=patience)

    def add_escrow(self, key: bytes, public_key: bytes) -> None:
        """Let head office open the store too: ``public_key`` is its X25519 key (32 bytes), another one is replaced.

        Raises BadFile when that is no such key.
        """
        file = self._file_of(key)
        try:
            slot = keys.escrow_slot(public_key, key)
        except ValueError as error:
            hint = N_("请联系总公司重新登记本设备。资料没有改变。")
            raise BadFile(N_("总公司的托管公钥无效"), hint=hint) from error
        self._write(file, escrow=slot)

    def recover_by_escrow(self, private_key: bytes, new_passphrase: str) -> bytes:
        """The data key by head office's private key (32 bytes), and a new passphrase.

        Raises WrongPassphrase when the store is not in this key's escrow, ValidationError for a weak passphrase.
        """
        phrase = require_strong(new_passphrase)
        file = self._file()
        key = keys.open_escrow_slot(file, X25519PrivateKey.from_private_bytes(private_key))
        if key is None:
            hint = N_("请核对设备登记时使用的托管密钥。资料没有受到任何影响。")
            raise WrongPassphrase(N_("这个托管私钥打不开本资料夹"), hint=hint)
        self._write(file, passphrase=keys.phrase_slot("passphrase", phrase, key, self._cost))
        self._attempts.forgive()
        return key

    def destroy(self, *, patience: float = osring.PATIENCE) -> None:
        """Destroy every way into the store: nobody opens what is left on this device (requirement R7.3a).

        For a device that head office withdrew, after what it still had to push was pushed. Raises StoreReadOnly.
        """
        with contextlib.suppress(StoreError, osring.RingUnavailable):
            file = keys.read_key_file(self._path)
            if file is not None and file.keyring is not None:
                osring.remove(file.keyring.account, patience=patience)
        files.shred(self._path)
        self._attempts.forgive()

    def _by_passphrase(self, file: KeyFile, passphrase: str) -> bytes:
        phrase = to_bytes(passphrase)
        wait = self._attempts.begin()
        try:
            key = keys.open_phrase_slot(file, "passphrase", phrase)
        except StoreDamaged:
            self._attempts.forgive()
            raise
        if key is None:
            raise WrongPassphrase(wait_seconds=wait)
        self._attempts.forgive()
        return key

    def _write(self, file: KeyFile, **changes: object) -> None:
        founded = file.founded or self._has_database()
        keys.write_key_file(self._path, msgspec.structs.replace(file, **{"founded": founded, **changes}))

    def _file(self, *, restoring: bool = False) -> KeyFile:
        """The key file of a store that exists."""
        file = self._look(restoring=restoring)
        if file is None:
            file = keys.read_key_file(self._path)  # made by a first run that is not complete yet
        if file is None:
            raise StoreMissing(N_("这里还没有资料夹"), hint=N_("请检查路径；第一次使用时，打开窗口即可建立。"))
        return file

    def _file_of(self, key: bytes) -> KeyFile:
        file = self._file()
        if file.store != keys.store_id(key):
            raise ValueError("this is the key of another store")
        return file

    def _look(self, *, restoring: bool = False) -> KeyFile | None:
        """The key file; None on a first run. Raises the store error that is found."""
        file = keys.read_key_file(self._path)
        if file is None:
            if (self._folder / DATABASE).exists():
                raise StoreMissing(_NO_KEY, hint=_NO_KEY_HINT)
            return None
        if restoring or self._has_database():
            return file
        if file.founded:
            raise StoreMissing
        return None

    def _has_database(self) -> bool:
        try:
            return (self._folder / DATABASE).stat().st_size > 0
        except OSError:
            return False


_NO_KEY = N_("找到了资料文件，但密钥文件缺失")
_NO_KEY_HINT = N_("请不要重新初始化。没有密钥文件，资料文件无法打开；请从备份恢复 store.key，资料文件已原样保留。")
