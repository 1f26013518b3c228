"""A head office of the demo's own: a process on loopback with the demo's agent and the sample products."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from insuragent.demo import people
from insuragent.errors import Unreachable
from insuragent.models.base import utc_now
from insuragent.models.fields import to_wire
from insuragent.settings import resource

#: How long a head office that was asked to stop may take, in seconds.
PATIENCE = 30


@dataclass(frozen=True)
class Headquarters:
    """A running head office; ``address`` is where desks reach it."""

    address: str
    database: str

    def code(self) -> str:
        """A one-time code for a device of the demo's agent."""
        return str(_run("enrol-code", "--staff", people.AGENT, "--db", self.database)["code"])


@contextmanager
def headquarters(folder: Path) -> Iterator[Headquarters]:
    """A head office in ``folder``, founded there when it is not, for the length of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.absolute() / "headoffice.db"
    database = f"sqlite:///{file}"
    if not file.exists():
        _found(folder, database)
    # The same port as before, where it is free: desks know their head office by it.
    port = _free_port(folder / "port")
    # Attended: it ends with this program, however that comes to its end.
    words = ("serve", "--attended", "--port", str(port), "--db", database, "--json")
    serving = _start(*words, log=folder / "headoffice.log")
    try:
        yield Headquarters(_address(serving), database)
    finally:
        serving.terminate()
        serving.wait(PATIENCE)
        for stream in (serving.stdin, serving.stdout):
            assert stream is not None, "both were asked for"
            stream.close()


def _found(folder: Path, database: str) -> None:
    _run("init", "--db", database)
    agent = {name: to_wire(value) for name, value in people.staff_values(utc_now().date()).items()}
    staff = folder / "staff.json"
    staff.write_bytes(msgspec.json.encode([{"kind": "staff", **agent}]))
    _run("publish", "--db", database, str(staff))
    packages = sorted(str(path.parent) for path in resource("catalogue").glob("*/product.yaml"))
    _run("import-package", "--db", database, *packages)


def _free_port(kept: Path) -> int:
    before = int(kept.read_text()) if kept.exists() else 0
    try:
        probe = socket.create_server(("127.0.0.1", before))
    except OSError:
        probe = socket.create_server(("127.0.0.1", 0))
    with probe:
        port = int(probe.getsockname()[1])
    kept.write_text(str(port))
    return port


def _address(serving: subprocess.Popen[str]) -> str:
    assert serving.stdout is not None, "its output was asked for"
    said = serving.stdout.readline()
    if not said:
        raise Unreachable
    return str(json.loads(said)["address"])


def _command(*words: str) -> list[str]:
    # The frozen program is the interpreter and the module in one.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "insuragent"]
    return [*program, "headoffice", *words]


def _run(*words: str) -> dict[str, Any]:
    done = subprocess.run(_command(*words, "--json"), capture_output=True, text=True, encoding="utf-8", check=True)  # noqa: S603
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _start(*words: str, log: Path) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    with log.open("ab") as errors:
        return subprocess.Popen(_command(*words), stdin=pipe, stdout=pipe, stderr=errors, text=True, encoding="utf-8")  # noqa: S603
