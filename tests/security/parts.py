"""What the tests of security share: a cheap key derivation, a clock to turn, and a keyring of any temper."""

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import keyring.backend
import keyring.errors

from insuragent.security.keys import KdfCost
from insuragent.security.vault import Vault

CHEAP = KdfCost(iterations=1, memory_kib=8, lanes=1)
OPEN_SESAME = "河边的石头会唱歌"
ANOTHER = "三只橙色刺猬在雨里跳舞"


@dataclass
class Clock:
    """Wall time that anybody may set, and monotonic time that passes with it."""

    wall: float = 1_790_000_000.0
    steady: float = 50.0

    def pass_(self, seconds: float) -> None:
        """Both clocks run."""
        self.wall += seconds
        self.steady += seconds


@dataclass
class MemoryRing(keyring.backend.KeyringBackend):
    """A keyring that holds its secrets in memory; ``error`` is what it raises, ``gate`` what it waits for."""

    secrets: dict[tuple[str, str], str] = field(default_factory=dict)
    error: BaseException | None = None
    gate: threading.Event | None = None
    priority = 5

    def _meet(self) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.error is not None:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""
        self._meet()
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        self._meet()
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret; unlike a dictionary, a keyring complains by an error of its own."""
        self._meet()
        if self.secrets.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


def open_vault(folder: Path, clock: Clock) -> Vault:
    """A vault as another start of the program sees it."""
    return Vault(folder, clock=lambda: clock.wall, monotonic=lambda: clock.steady, cost=CHEAP)


@contextmanager
def running(*command: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, whatever happens in it."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=nowhere) as process:
        try:
            yield process
        finally:
            process.kill()
