"""The one door to the operating system's keyring, which may be absent, locked, or waiting for somebody at a prompt.

Every call runs in a thread of its own with a time limit: a locked Secret Service asks its user and does not return
until he answers. Never call from the thread of the window.
"""

import importlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from insuragent.errors import UserError
from insuragent.i18n import N_

SERVICE = "insuragent"
#: Windows keeps at most 2560 bytes an item and stores two a character.
LARGEST = 1280
#: Seconds that a keyring may take; long enough to type its password.
PATIENCE = 30.0
#: What the back ends raise beside keyring's own errors, by the module that holds it; those not installed never do.
_FOREIGN = (
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("pywintypes", "error"),
)

T = TypeVar("T")
# One call at a time: while a prompt waits, further calls fail instead of piling up.
_door = threading.Lock()


class RingUnavailable(UserError):
    """There is no keyring, it is locked, or it did not answer in time; all works without it, by the passphrase."""

    message = N_("系统钥匙串现在不能使用")
    hint = N_("可以照常用口令解锁和工作，资料没有受到影响。解锁系统钥匙串后可再试一次。")


def read(account: str, *, patience: float = PATIENCE) -> str | None:
    """The secret under ``account``; None when there is none. Raises RingUnavailable."""

    def look(ring: Any) -> str | None:
        found: str | None = ring.get_password(SERVICE, account)
        return found

    return _ask(look, patience)


def write(account: str, secret: str, *, patience: float = PATIENCE) -> None:
    """Keep a secret of at most 1280 characters under ``account``, replacing another.

    Raises RingUnavailable, also when the keyring takes it and does not give it back.
    """
    if len(secret) > LARGEST:
        raise ValueError(f"a keyring item holds at most {LARGEST} characters")

    def keep(ring: Any) -> bool:
        ring.set_password(SERVICE, account, secret)
        return bool(ring.get_password(SERVICE, account) == secret)

    if not _ask(keep, patience):
        raise RingUnavailable


def remove(account: str, *, patience: float = PATIENCE) -> None:
    """Forget the secret under ``account``, if there is one. Raises RingUnavailable."""

    def forget(ring: Any) -> None:
        if ring.get_password(SERVICE, account) is not None:
            ring.delete_password(SERVICE, account)

    _ask(forget, patience)


def _ask(question: Callable[[Any], T], patience: float) -> T:
    answers: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
    if not _door.acquire(timeout=patience):
        raise RingUnavailable
    # A daemon: a prompt that nobody answers must not keep the program from ending.
    threading.Thread(target=_answer, args=(question, answers), name="keyring", daemon=True).start()
    try:
        answered, answer = answers.get(timeout=patience)
    except queue.Empty:
        raise RingUnavailable from None
    if not answered:
        raise RingUnavailable from answer
    result: T = answer
    return result


def _answer(question: Callable[[Any], T], answers: "queue.SimpleQueue[tuple[bool, Any]]") -> None:
    import keyring

    try:
        ring = keyring.get_keyring()
        # Below 1 are back ends that fail, forget, or write plain text.
        if ring.priority < 1:
            answers.put((False, None))
        else:
            answers.put((True, question(ring)))
    except _failures() as error:
        answers.put((False, error))
    finally:
        _door.release()


def _failures() -> tuple[type[BaseException], ...]:
    """Every class of error by which a keyring says that it cannot."""
    from keyring.errors import KeyringError

    found: list[type[BaseException]] = [KeyringError, OSError, RuntimeError]
    for module, name in _FOREIGN:
        try:
            found.append(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return tuple(found)
