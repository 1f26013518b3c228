"""The desk as it is opened and locked: vault, store and who acts."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa

from insuragent.documents.letters import render_recovery
from insuragent.errors import DiskFull, StoreError
from insuragent.i18n import N_
from insuragent.models import Deed, Entry, Staff
from insuragent.models.base import utc_now
from insuragent.security.device import DeviceKey
from insuragent.security.keys import KdfCost
from insuragent.security.passphrase import strength
from insuragent.security.vault import Vault
from insuragent.services import catalogue, packages
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork

#: Notes of the desk: its device id (of its own until head office gives one), and who is signed in.
DEVICE_NOTE, STAFF_NOTE = "device_id", "staff_id"
#: A clock may differ by this much without being told (complaint state machine: clock_skew).
CLOCK_TOLERANCE = dt.timedelta(minutes=5)


class Desk:
    """An open desk. ``alarms`` tells what was found at opening; :meth:`begin` opens a unit of work."""

    def __init__(self, profile: Profile, store: Store, key: bytes) -> None:
        self.profile, self.store, self.key = profile, store, key
        #: The keys that were offered with one-time codes and not answered yet: asked again, it is the same device.
        self.offered: dict[str, DeviceKey] = {}
        try:
            self.actor = self._find_actor()
            with self.begin() as work:
                for alarm in self.alarms:  # kept for good, as the anchor is written anew
                    work.tell(Deed.ALARM, None, alarm.message_id, **alarm.values)
                self._tell_clock(work)
                work.tell(Deed.UNLOCK)
                catalogue.use(packages.shelf_of(work))
        except BaseException:
            store.close()
            raise

    @property
    def alarms(self) -> list[StoreError]:
        """What was found at opening that a person must know."""
        return self.store.alarms

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work of the signed-in person, committed at the end of its block."""
        return self.store.begin(self.actor)

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that only reads."""
        return self.store.read(self.actor)

    def sign_in(self, staff: Staff, device_id: str) -> None:
        """From now on ``staff`` acts on this device: after enrolment."""
        with self.begin() as work:
            work.set_note(DEVICE_NOTE, device_id)
            work.set_note(STAFF_NOTE, str(staff.id))
        self.actor = self._find_actor()

    def lock(self, why: str = "asked") -> None:
        """Enter the deed and let go of the file; nothing where it was let go of before."""
        if self.store.closed:
            return
        with self.begin() as work:
            work.tell(Deed.LOCK, None, why)
        self.close()

    def close(self) -> None:
        """Let go of the file, and of the packages that lie in it."""
        catalogue.use(catalogue.Shelf())
        self.store.close()

    def _tell_clock(self, work: UnitOfWork) -> None:
        """Enter that the computer's clock went back since the last entry, and how far: times stay as they are (S19)."""
        last = work.session.scalar(sa.select(Entry.at).order_by(Entry.number.desc()).limit(1))
        if last is not None and last - work.now > CLOCK_TOLERANCE:
            work.tell(Deed.CLOCK_SKEW, minutes=-int((last - work.now).total_seconds() // 60))

    def _find_actor(self) -> Actor:
        with self.store.begin(Actor()) as work:
            device = work.note(DEVICE_NOTE)
            if device is None:
                device = uuid.uuid4().hex[:12]
                work.set_note(DEVICE_NOTE, device)
            named = work.note(STAFF_NOTE)
            wanted = sa.select(Staff).where(Staff.id == uuid.UUID(named)) if named else None
            staff = work.session.scalars(wanted).one_or_none() if wanted is not None else None
        return Actor(staff.id if staff else None, str(staff.role) if staff else "agent", device)


def create(profile: Profile, passphrase: str, cost: KdfCost | None = None) -> tuple[Desk, str]:
    """The first run: a new vault and an empty store; returns the desk and the recovery code to print.

    Raises ValidationError for a weak passphrase and the store errors.
    """
    vault = Vault(profile.folder, cost=cost)
    with _opening():
        key, code = vault.create(passphrase)
        store = Store(profile, key, create=True)
        vault.mark_founded()
        return Desk(profile, store, key), code


def unlock(profile: Profile, passphrase: str) -> Desk:
    """Open with the passphrase. Raises WrongPassphrase with ``wait_seconds``, and the store errors."""
    return _opened(profile, lambda vault: vault.unlock(passphrase))


def recover(profile: Profile, code: str, new_passphrase: str) -> Desk:
    """Open with the recovery code and set a new passphrase."""
    return _opened(profile, lambda vault: vault.recover(code, new_passphrase))


def quick_unlock(profile: Profile) -> Desk | None:
    """Open through the system's keyring; None when it does not hold the key."""
    vault = Vault(profile.folder)
    key = vault.quick_unlock()
    with _opening():
        return None if key is None else Desk(profile, Store(profile, key), key)


def _opened(profile: Profile, way: Callable[[Vault], bytes]) -> Desk:
    with _opening():
        key = way(Vault(profile.folder))
        return Desk(profile, Store(profile, key), key)


@contextmanager
def _opening() -> Iterator[None]:
    """Within the block a full disk is told in the words of the door: there is no form whose input could be lost."""
    try:
        yield
    except DiskFull as error:
        hint = N_("之前保存的内容都完好，没有改变。请腾出空间后再打开。")
        raise DiskFull(N_("磁盘空间不足，不能打开资料"), hint=hint) from error


def renew_recovery(profile: Profile, passphrase: str) -> str:
    """A new recovery code to print; the old one no longer opens. Raises WrongPassphrase."""
    return Vault(profile.folder).renew_recovery(passphrase)


def set_quick_unlock(desk: Desk, on: bool) -> None:
    """Let the system's keyring open this desk, or only what is typed. Raises RingUnavailable: nothing has changed."""
    vault = Vault(desk.profile.folder)
    if on:
        vault.enable_quick_unlock(desk.key)
    else:
        vault.disable_quick_unlock()


def recovery_page(code: str) -> bytes:
    """The page with the recovery code as PDF bytes."""
    return render_recovery(code, utc_now())


def judge(passphrase: str) -> tuple[int, str]:
    """How strong a passphrase is, 0 to 4, and advice in words."""
    judged = strength(passphrase)
    return int(judged.score), str(judged.advice)


def change_passphrase(profile: Profile, old: str, new: str) -> None:
    """Let ``new`` open the desk instead of ``old``. Raises WrongPassphrase or ValidationError."""
    Vault(profile.folder).change_passphrase(old, new)
