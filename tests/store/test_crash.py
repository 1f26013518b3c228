"""What was called saved survives kill -9, and a full disk loses nothing that was there."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.errors import DiskFull
from insuragent.models import Customer, Entry
from insuragent.models.journal import GENESIS, link_chain
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor

KILLS = 50
WRITER = Path(__file__).with_name("crash_writer.py")


def test_fifty_kills_lose_no_acknowledged_change(store: Store, profile: Profile, key: bytes, actor: Actor) -> None:
    """After each kill every acknowledged commit is there, whole, chained, and no alarm is raised."""
    store.close()
    chance = random.Random(7)
    command = [sys.executable, str(WRITER), str(profile.folder), key.hex()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as writer:
        for _ in range(KILLS):
            acknowledged = kill_after(writer, chance.randint(1, 12))
            check(profile, key, actor, acknowledged)
        assert writer.stdin is not None
        writer.stdin.close()


def kill_after(writer: subprocess.Popen[str], commits: int) -> int:
    """Start a round, kill it at some moment after ``commits``; returns the last number that it acknowledged."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write("go\n")
    pid = seen = last = 0
    for line in writer.stdout:
        if line.startswith("pid"):
            pid = int(line.split()[1])
        elif line == "dead\n":
            return last
        else:
            seen, last = seen + 1, int(line)
        if pid and seen >= commits:
            os.kill(pid, signal.SIGKILL)
            commits = sys.maxsize
    raise AssertionError("the writer ended by itself")


def check(profile: Profile, key: bytes, actor: Actor, acknowledged: int) -> None:
    """The store is whole: entries without a gap, every record of a transaction or none, the chain intact."""
    with Store(profile, key) as opened, opened.read(actor) as work:
        assert opened.alarms == []
        assert opened.head.number >= acknowledged
        rows = work.rows(sa.select(Entry.number, Entry.digest, Entry.chain).order_by(Entry.number))
        before = GENESIS
        for position, (number, digest, chain) in enumerate(rows, 1):
            assert number == position
            before = link_chain(before, digest)
            assert chain == before
        assert work.count(Customer) == len(rows)


def test_a_full_disk_loses_only_the_change_that_is_told(small_disk: Path, key: bytes, actor: Actor) -> None:
    """The message says so; everything before is there, and work goes on when there is room again."""
    profile = Profile(small_disk / "profile")
    ballast = small_disk / "ballast"
    saved = 0
    with Store(profile, key, create=True) as store:
        ballast.write_bytes(bytes(700 * 1024))
        with pytest.raises(DiskFull) as caught:
            for _ in range(2000):
                with store.begin(actor) as work:
                    work.add(Customer(name="张伟", remark="记" * 1900))
                saved += 1
        assert caught.value.advice
        ballast.unlink()
        with store.begin(actor) as work:
            work.add(Customer(name="李娜"))
    with Store(profile, key) as store, store.read(actor) as work:
        assert work.count(Customer) == saved + 1
