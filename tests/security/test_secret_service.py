"""The real Secret Service of a Linux desktop: gnome-keyring on a message bus of its own."""

import gc
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import secretstorage
from keyring.backends import SecretService

from insuragent.security import osring
from insuragent.security.device import DeviceKey, DeviceKeys
from insuragent.security.vault import QuickUnlock, Vault
from tests.security.conftest import UseRing
from tests.security.parts import OPEN_SESAME, running

DEFAULT = "/org/freedesktop/secrets/aliases/default"
Daemon = subprocess.Popen[bytes]
# The keyring library leaves its connection to the collector when the service refuses; the fixture collects it.
pytestmark = pytest.mark.filterwarnings(r"ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def secret_service(message_bus: dict[str, str], use_ring: UseRing) -> Iterator[Daemon]:
    """An unlocked gnome-keyring, empty, that is the system's keyring for this test."""
    command = ("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
    with running(*command, environment=message_bus) as daemon:
        assert daemon.stdin is not None
        daemon.stdin.write(b"sample")
        daemon.stdin.close()
        deadline = time.monotonic() + 20
        while not unlocked():
            assert time.monotonic() < deadline, "gnome-keyring did not start"
            time.sleep(0.02)
        use_ring(SecretService.Keyring())  # type: ignore[no-untyped-call]
        yield daemon
    gc.collect()


def unlocked() -> bool:
    """Whether the keyring is there and open; asking makes none and prompts nobody."""
    with closing(secretstorage.dbus_init()) as bus:
        if not secretstorage.check_service_availability(bus):
            return False
        try:
            return not secretstorage.Collection(bus, DEFAULT).is_locked()
        except secretstorage.exceptions.ItemNotFoundException:
            return False


def lock() -> None:
    """Lock the keyring, as a desktop does when its user leaves."""
    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.get_default_collection(bus).lock()


def test_keep_read_forget(secret_service: Daemon) -> None:
    """The largest secret of ours, in Han and ASCII, comes back; what is forgotten is gone."""
    for secret in ("x" * osring.LARGEST, "秘密" * 100):
        osring.write("a", secret)
        assert osring.read("a") == secret
    osring.remove("a")
    assert osring.read("a") is None
    assert secret_service.poll() is None


def test_vault_and_device_live_in_it(secret_service: Daemon, made: tuple[Vault, bytes, str], tmp_path: Path) -> None:
    """Quick unlock and the device's key work; locking the keyring leaves the passphrase, and nothing hangs."""
    vault, key, _code = made
    vault.enable_quick_unlock(key)
    device = DeviceKeys(tmp_path, key, patience=5)
    public = device.keep(DeviceKey.generate()).public_bytes
    assert vault.quick_unlock_state() is QuickUnlock.READY
    assert vault.quick_unlock() == key
    loaded = device.load()
    assert loaded is not None
    assert loaded.public_bytes == public
    lock()
    began = time.monotonic()
    assert vault.quick_unlock(patience=5) is None
    assert vault.quick_unlock_state(patience=5) is QuickUnlock.UNAVAILABLE
    with pytest.raises(osring.RingUnavailable):
        device.load()
    assert vault.unlock(OPEN_SESAME) == key
    assert time.monotonic() - began < 20
    assert secret_service.poll() is None


def test_a_service_that_ends(secret_service: Daemon, made: tuple[Vault, bytes, str]) -> None:
    """The keyring goes away while we run: what needs it says so, the rest goes on."""
    vault, key, _code = made
    vault.enable_quick_unlock(key)
    secret_service.kill()
    secret_service.wait()
    assert vault.quick_unlock(patience=5) is None
    assert vault.unlock(OPEN_SESAME) == key
