"""The program as processes that start in milliseconds, because one that imported everything before forks them."""

import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from insuragent.cli import run

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warm"])


class Running:
    """A process that runs ``target(told, ...)``; what it tells is read from ``told``, what it logs goes to a file."""

    def __init__(self, target: object, log: Path, *arguments: object) -> None:
        self.told, telling = _CONTEXT.Pipe(duplex=False)
        self._process: BaseProcess = _CONTEXT.Process(target=_run, args=(target, telling, log, arguments))
        self._process.start()
        telling.close()

    @property
    def pid(self) -> int:
        """Its id."""
        assert self._process.pid is not None
        return self._process.pid

    def end(self, how: signal.Signals, patience: float = 30) -> None:
        """End it, politely or not, and wait until it is gone."""
        os.kill(self.pid, how)
        self._process.join(patience)
        assert self._process.exitcode is not None, "the process is still there"
        self._process.close()
        self.told.close()


def _run(target: object, telling: Connection, log: Path, arguments: tuple[object, ...]) -> None:
    with log.open("ab") as said:
        os.dup2(said.fileno(), sys.stderr.fileno())
    target(telling, *arguments)  # type: ignore[operator]


def command(telling: Connection, *words: str) -> None:
    """The ``insuragent`` command; its output is what is told."""
    os.dup2(telling.fileno(), 1)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.exit(run(list(words)))


def first_line(running: Running) -> str:
    """The first line that a :func:`command` writes; "" when it ended without one."""
    with os.fdopen(os.dup(running.told.fileno()), encoding="utf-8") as output:
        return output.readline().strip()
