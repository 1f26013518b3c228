"""A desk in a process of its own that works and syncs without an end, until it is killed."""

from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import keyring.backends.fail
import keyring.core
import stamina

from insuragent.errors import HeadOfficeError
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.settings import Profile
from insuragent.sync import syncer
from tests.sync.cutting import work_a_little

#: What is told beside the ids of customers that were saved: a pass begins, and it is over.
BEGINS, OVER = "begins", "over"


def work_without_end(telling: Connection, folder: Path, passphrase: str) -> None:
    """Save a customer with a file, tell his id, sync, and so on."""
    keyring.core._keyring_backend = keyring.backends.fail.Keyring()  # type: ignore[no-untyped-call]
    syncer.ATTEMPTS = syncer.GREETINGS = 100
    syncer.WAIT = syncer.LONGEST_WAIT = 0.01
    stamina.instrumentation.set_on_retry_hooks([])
    desk = desks.unlock(Profile(folder), passphrase)
    assert desk.alarms == []
    while True:
        telling.send(str(work_a_little(desk)))
        telling.send(BEGINS)
        with suppress(HeadOfficeError):
            offices.sync_now(desk)
        telling.send(OVER)
