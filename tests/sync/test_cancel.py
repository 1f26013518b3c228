"""Whoever stops a pass is not kept waiting by a line that is not there yet."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import place
from insuragent.sync.progress import Step
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice

#: In seconds: how soon a pass ends when it is stopped, and how long making a connection would go on by itself.
PROMPT, PATIENCE = 1.0, 10.0


class Stopped(Exception):
    """The person stopped the pass."""


class Person:
    """Whoever watches a pass and may stop it, as the window does."""

    def __init__(self) -> None:
        self._stop, self._cuts = threading.Event(), list[Callable[[], object]]()

    def tell(self, _step: Step) -> None:
        """Hear of a step."""
        self.wait(0)

    def wait(self, seconds: float) -> None:
        """Wait, unless it is stopped."""
        if self._stop.wait(seconds):
            raise Stopped

    def cut_by(self, cut: Callable[[], object]) -> None:
        """Take what ends a line that is waited for."""
        self._cuts.append(cut)
        if self._stop.is_set():
            cut()

    def stop(self) -> None:
        """Stop it now."""
        self._stop.set()
        for cut in self._cuts:
            cut()


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose owner accepts nobody: its queue is full, and who knocks gets neither a yes nor a no."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        while len(waiting) < 16:
            waiting.append(knocking := socket.socket())
            knocking.settimeout(0.3)
            with suppress(TimeoutError):
                knocking.connect(listening.getsockname())
                continue
            break
        else:
            pytest.fail("the queue of a listening socket has no end here")
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.fixture
def desk(sqlite_office: HeadOffice, make_desk: NewDesk, deaf: int) -> Desk:
    """A desk whose head office does not answer."""
    desk = sqlite_office.seat(make_desk("one"), sqlite_office.appoint())
    with desk.begin() as work:
        seat = place.seat(work)
        assert seat is not None
        place.take_seat(work, replace(seat, address=f"http://127.0.0.1:{deaf}"))
    return desk


def seconds_to_stop(desk: Desk) -> float:
    """How long a pass goes on that is stopped while it waits for a connection."""
    person, ended = Person(), list[float]()

    def run() -> None:
        try:
            offices.sync_now(desk, person)
        except Stopped:
            ended.append(time.monotonic())

    worker = threading.Thread(target=run)
    worker.start()
    worker.join(1.5)
    assert worker.is_alive(), "it waits for a connection"
    stopped = time.monotonic()
    person.stop()
    worker.join(PATIENCE)
    (at,) = ended
    return at - stopped


def test_a_pass_that_gets_no_connection_stops_at_once(desk: Desk) -> None:
    """Not after the ten seconds in which a connection may still come about; a busy computer has three tries."""
    assert min(seconds_to_stop(desk) for _try in range(3)) < PROMPT


def test_the_program_ends_at_once_too(deaf: int) -> None:
    """Whoever closes it while a connection is being made does not wait for that."""
    script = """
import sys, threading
from insuragent.sync import client
from tests.sync.test_cancel import Person
person = Person()
threading.Timer(1.0, person.stop).start()
try:
    with client.line(sys.argv[1], person) as line:
        line.get("/health")
except client.httpx2.ConnectError:
    print("stopped", flush=True)
"""
    command = [sys.executable, "-c", script, f"http://127.0.0.1:{deaf}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "stopped\n"
        began = time.monotonic()
        assert program.wait(PATIENCE) == 0
    assert time.monotonic() - began < PATIENCE / 2


def test_nobody_waits_for_what_was_stopped_before(desk: Desk) -> None:
    """A pass that is stopped before its first message knocks nowhere."""
    person = Person()
    person.stop()
    began = time.monotonic()
    with pytest.raises(Stopped):
        offices.sync_now(desk, person)
    assert time.monotonic() - began < PATIENCE / 2, "it did not wait for a connection"
