"""Write customers and tell each number once it is committed, until killed; a fresh process for each line read."""

import os
import random
import sys
from pathlib import Path

from insuragent.models import Customer
from insuragent.settings import Profile
from insuragent.store.store import Store
from insuragent.store.work import Actor


def write_until_killed(folder: Path, key: bytes) -> None:
    """Save records of random size, some changed at once; print the journal's number after each commit."""
    store = Store(Profile(folder), key)
    chance = random.Random(os.getpid())
    while True:
        with store.begin(Actor(device_id="writer")) as work:
            for _ in range(chance.randint(1, 4)):
                work.add(Customer(name="客户", remark="记" * chance.randint(0, 1500)))
        os.write(1, b"%d\n" % store.head.number)


if __name__ == "__main__":
    # Imports are paid once: each round is a fork of this process, which itself never opens the store.
    import insuragent.store.pinyin as warm

    warm.tokens("客户")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            write_until_killed(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
        os.write(1, b"pid %d\n" % child)
        os.waitpid(child, 0)
        os.write(1, b"dead\n")
