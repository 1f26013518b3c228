"""The door to the keyring: whatever is behind it, the caller gets an answer or RingUnavailable, in time."""

import threading
import time
from collections.abc import Callable

import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest
import secretstorage.exceptions

from insuragent.security import osring
from tests.security.conftest import UseRing
from tests.security.parts import MemoryRing


def test_keep_read_forget(ring: MemoryRing) -> None:
    """A secret comes back as it was given; forgetting twice is no error; another account holds nothing."""
    osring.write("a", "秘密")
    assert osring.read("a") == "秘密"
    assert osring.read("b") is None
    osring.write("a", "other")
    assert osring.read("a") == "other"
    osring.remove("a")
    osring.remove("a")
    assert osring.read("a") is None
    assert ring.secrets == {}


def test_windows_limit(ring: MemoryRing) -> None:
    """What Windows could not hold is refused everywhere, so that it shows on any machine."""
    osring.write("a", "x" * 1280)
    with pytest.raises(ValueError, match="1280"):
        osring.write("a", "x" * 1281)
    assert ring.secrets[osring.SERVICE, "a"] == "x" * 1280


@pytest.mark.parametrize("back_end", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_no_keyring(use_ring: UseRing, back_end: Callable[[], keyring.backend.KeyringBackend]) -> None:
    """A back end that fails, or that forgets what it is given, is none."""
    use_ring(back_end())
    calls: list[Callable[[], object]] = [
        lambda: osring.read("a"),
        lambda: osring.write("a", "b"),
        lambda: osring.remove("a"),
    ]
    for call in calls:
        with pytest.raises(osring.RingUnavailable):
            call()


def test_plain_text_is_no_keyring(ring: MemoryRing) -> None:
    """Back ends that write secrets to plain files rank below 1; nothing is given to them."""
    ring.priority = 0.5  # type: ignore[assignment]
    with pytest.raises(osring.RingUnavailable):
        osring.write("a", "b")
    assert ring.secrets == {}


@pytest.mark.parametrize(
    "error",
    [
        keyring.errors.NoKeyringError("none"),
        keyring.errors.KeyringLocked("locked"),
        keyring.errors.InitError("no"),
        keyring.errors.PasswordSetError("no"),
        secretstorage.exceptions.LockedException("locked"),
        secretstorage.exceptions.SecretServiceNotAvailableException("gone"),
        ConnectionResetError("bus gone"),
    ],
)
def test_every_failure_is_one(ring: MemoryRing, error: Exception) -> None:
    """Whatever a back end raises, the caller hears one error with words, and the next call may succeed."""
    ring.error = error
    with pytest.raises(osring.RingUnavailable) as caught:
        osring.read("a")
    assert caught.value.__cause__ is error
    assert "口令" in caught.value.advice
    ring.error = None
    assert osring.read("a") is None


def test_a_keyring_that_keeps_nothing(ring: MemoryRing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that does not come back was not kept."""
    monkeypatch.setattr(MemoryRing, "set_password", lambda *_: None)
    with pytest.raises(osring.RingUnavailable):
        osring.write("a", "b")


def test_a_prompt_that_nobody_answers(ring: MemoryRing) -> None:
    """The caller goes on after its patience; calls meanwhile fail instead of piling up; later all is well again."""
    ring.gate = threading.Event()
    began = time.monotonic()
    for _time in range(3):
        with pytest.raises(osring.RingUnavailable):
            osring.read("a", patience=0.05)
    assert time.monotonic() - began < 5
    waiting = [thread for thread in threading.enumerate() if thread.name == "keyring"]
    assert len(waiting) == 1
    assert waiting[0].daemon
    ring.gate.set()
    assert osring.read("a") is None
