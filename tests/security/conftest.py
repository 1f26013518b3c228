"""Fixtures of security: no test touches the keyring of whoever runs it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring.backend
import keyring.backends.fail
import keyring.core
import pytest

from insuragent.security.vault import DATABASE, Vault
from tests.security.parts import OPEN_SESAME, Clock, MemoryRing, open_vault, running

SERVICE_TOOLS = ("dbus-daemon", "gnome-keyring-daemon")
#: A bus that starts nothing by itself: no second keyring, and no prompt for a person who is not there.
BUS = """<busconfig>
<type>session</type>
<listen>unix:tmpdir={folder}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>
"""
UseRing = Callable[[keyring.backend.KeyringBackend], None]


@pytest.fixture
def use_ring(monkeypatch: pytest.MonkeyPatch) -> UseRing:
    """Make a back end the system's keyring for this test."""
    return lambda ring: monkeypatch.setattr(keyring.core, "_keyring_backend", ring)


@pytest.fixture(autouse=True)
def no_ring(use_ring: UseRing) -> None:
    """No test touches the keyring of whoever runs it."""
    use_ring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]


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
    (runtime / "bus.conf").write_text(BUS.format(folder=runtime))
    environment = {**os.environ, "XDG_DATA_HOME": str(runtime), "XDG_RUNTIME_DIR": str(runtime)}
    for display in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(display, None)
    command = ("dbus-daemon", f"--config-file={runtime / 'bus.conf'}", "--nofork", "--print-address=1")
    with running(*command, environment=environment) as bus:
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", environment["DBUS_SESSION_BUS_ADDRESS"])
        yield environment
