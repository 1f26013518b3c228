"""kill -9 of head office and of the desk, in the middle of passes: nothing is lost, nothing comes twice."""

import random
import signal
import time
from pathlib import Path
from uuid import UUID

import pytest

from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.settings import Profile
from tests.offices import PASSPHRASE, HeadOffice, new_desk, open_office
from tests.processes import Running
from tests.sync import working
from tests.sync.state import assert_equal, of_desk

KILLS = 200


class Worker:
    """A desk at work in a process, and what it told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: The customers that were saved, by what the desk told.
        self.saved: list[str] = []
        self.is_amid = False
        self.start()

    def start(self) -> None:
        """Open the desk and go on."""
        log = self._folder.with_suffix(".log")
        self._running = Running(working.work_without_end, log, self._folder, PASSPHRASE)

    def kill(self) -> bool:
        """End it without a word; whether that was in the middle of a pass."""
        self.hear()
        self._running.end(signal.SIGKILL)
        return self.is_amid

    def hear(self, until: str = "") -> None:
        """Take in what was told, and wait for a word if one is named. Raises EOFError when the desk has died."""
        while until or self._running.told.poll():
            word = self._running.told.recv()
            if word in (working.BEGINS, working.OVER):
                self.is_amid = word == working.BEGINS
            else:
                self.saved.append(word)
            if word == until:
                return

    def pass_seconds(self) -> float:
        """How long the second pass from now on takes."""
        for _ in range(2):
            self.hear(working.BEGINS)
            began = time.perf_counter()
            self.hear(working.OVER)
        return time.perf_counter() - began


@pytest.mark.timeout(1200)
def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path, no_ring: None) -> None:
    """At random moments of passes that carry records and files; then one pass, and all that was saved is there once."""
    chance = random.Random(11)
    with open_office(f"sqlite:///{tmp_path / 'headoffice.db'}", tmp_path) as office:
        staff_id = office.appoint()
        office.seat(new_desk(tmp_path / "desk"), staff_id).close()
        worker = Worker(tmp_path / "desk")
        seconds = worker.pass_seconds()
        amid = 0
        for _ in range(KILLS // 2):
            worker.hear(working.BEGINS)
            time.sleep(chance.uniform(0, seconds))
            worker.hear()
            amid += worker.is_amid
            office.stop(signal.SIGKILL)
            office.start()
            time.sleep(chance.uniform(0, seconds))
            amid += worker.kill()
            worker.start()
        worker.kill()
        assert amid > KILLS / 2, "most of the kills came in the middle of a pass"
        assert_nothing_lost(office, tmp_path / "desk", staff_id, worker.saved)


def assert_nothing_lost(office: HeadOffice, folder: Path, staff_id: UUID, saved: list[str]) -> None:
    """After one pass more all that the desk called saved is on both sides, once."""
    desk = desks.unlock(Profile(folder), PASSPHRASE)
    try:
        assert desk.alarms == []
        offices.sync_now(desk)
        assert_equal(office.database, desk, staff_id)
        held = of_desk(desk)
        assert len(saved) == len(set(saved)) >= KILLS / 2
        assert set(saved) <= set(held)
        names = [body["name"] for kind, _revision, body in held.values() if kind == "customer"]
        assert len(names) - len(saved) <= KILLS / 2, "others were saved in the moment of a kill"
    finally:
        desk.close()
