"""A process killed while it changes the passphrase: the old or the new one opens, always, and to the same key."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from insuragent.errors import WrongPassphrase
from insuragent.security.vault import Vault
from tests.security.parts import ANOTHER, OPEN_SESAME, Clock, open_vault

KILLS = 10
CHANGING = """
import sys
from pathlib import Path
from insuragent.security.keys import KdfCost
from insuragent.security.vault import Vault
vault = Vault(Path(sys.argv[1]), cost=KdfCost(1, 8, 1))
now, then = sys.argv[2:4]
print("ready", flush=True)
while True:
    vault.change_passphrase(now, then)
    now, then = then, now
"""
#: The moment that matters most: the new file is complete, the rename has not happened.
CUT = """
import os, pathlib, signal
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


def opening(folder: Path, clock: Clock, key: bytes) -> list[str]:
    """Which of the two passphrases open; what opens gives the data key."""
    found = []
    for passphrase in (OPEN_SESAME, ANOTHER):
        try:
            assert open_vault(folder, clock).unlock(passphrase) == key
            found.append(passphrase)
        except WrongPassphrase:
            continue
    return found


def test_killed_at_any_moment(made: tuple[Vault, bytes, str], tmp_path: Path, clock: Clock) -> None:
    """Ten processes killed while they change the passphrase without end: exactly one of the two opens each time."""
    vault, key, code = made
    current, moments = OPEN_SESAME, random.Random(7)
    for _kill in range(KILLS):
        (other,) = {OPEN_SESAME, ANOTHER} - {current}
        command = [sys.executable, "-c", CHANGING, str(tmp_path), current, other]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as changing:
            assert changing.stdout is not None
            assert changing.stdout.readline() == b"ready\n"
            time.sleep(moments.uniform(0, 0.05))
            changing.kill()
        clock.wall = time.time() + 1000
        (current,) = opening(tmp_path, clock, key)
    assert vault.recover(code, OPEN_SESAME) == key


@pytest.mark.parametrize("first_run", [True, False])
def test_killed_between_writing_and_renaming(tmp_path: Path, clock: Clock, first_run: bool) -> None:
    """What stands beside the key file changes nothing: the old passphrase opens, or it is still a first run."""
    vault = open_vault(tmp_path, clock)
    key = b"" if first_run else vault.create(OPEN_SESAME)[0]
    change = f"vault.create({OPEN_SESAME!r})" if first_run else f"vault.change_passphrase({OPEN_SESAME!r}, {ANOTHER!r})"
    script = CHANGING[: CHANGING.index("now, then")] + CUT + change
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert ended.returncode == -9
    clock.wall = time.time() + 1000
    assert any(path.name.endswith(".new") for path in tmp_path.iterdir())
    if first_run:
        assert vault.create(OPEN_SESAME)[0] == vault.unlock(OPEN_SESAME)
    else:
        assert opening(tmp_path, clock, key) == [OPEN_SESAME]
        vault.change_passphrase(OPEN_SESAME, ANOTHER)
    assert not any(path.name.endswith(".new") for path in tmp_path.iterdir())
