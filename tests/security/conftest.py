"""Fixtures of security: no test touches the keyring of whoever runs it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring.backend
import keyring.backends.fail
import keyring.core
import pytest

from insuragent.security.vault import DATABASE, Vault
from tests.security.parts import OPEN_SESAME, Clock, MemoryRing, open_vault

SERVICE_TOOLS = ("dbus-daemon", "gnome-keyring-daemon")
UseRing = Callable[[keyring.backend.KeyringBackend], None]


@pytest.fixture
def use_ring(monkeypatch: pytest.MonkeyPatch) -> UseRing:
    """Make a back end the system's keyring for this test."""
    return lambda ring: monkeypatch.setattr(keyring.core, "_keyring_backend", ring)


@pytest.fixture(autouse=True)
def no_ring(use_ring: UseRing) -> None:
    """No test touches the keyring of whoever runs it."""
    use_ring(keyring.backends.fail.Keyring())


@pytest.fixture
def ring(no_ring: None, use_ring: UseRing) -> MemoryRing:
    """A keyring that works."""
    memory = MemoryRing()
    use_ring(memory)
    return memory


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is told."""
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Vault:
    """A vault on an empty folder."""
    return open_vault(tmp_path, clock)


@pytest.fixture
def made(vault: Vault, tmp_path: Path) -> tuple[Vault, bytes, str]:
    """A founded store's vault, its data key and its recovery code."""
    key, code = vault.create(OPEN_SESAME)
    (tmp_path / DATABASE).write_bytes(b"records")
    vault.mark_founded()
    return vault, key, code


@pytest.fixture
def message_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A session bus of its own; the environment for what is started on it."""
    if missing := [tool for tool in SERVICE_TOOLS if shutil.which(tool) is None]:
        # On a build machine everything is there, or something is wrong with it.
        (pytest.fail if os.environ.get("CI") == "true" or os.environ.get("INSURAGENT_CI") else pytest.skip)(
            f"not installed: {', '.join(missing)}"
        )
    runtime = tmp_path / "session"
    runtime.mkdir(mode=0o700)
    environment = {**os.environ, "XDG_DATA_HOME": str(runtime), "XDG_RUNTIME_DIR": str(runtime)}
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(display, None)
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as bus:
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", environment["DBUS_SESSION_BUS_ADDRESS"])
        yield environment
        bus.kill()
