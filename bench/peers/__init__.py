"""The programs that take part in the benches: each a process that reads one JSON command a line and answers with one.

Peers are installed when a bench runs, into ``build/peers``, from the pinned lists beside this file; they are no part of
the product. One that cannot be installed has no figures.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILD = HERE.parent.parent / "build" / "peers"
_PATIENCE = 900


class Worker:
    """One end of a sync: ``load``, ``edit`` and ``sync`` are asked of it; what it answers has its CPU seconds."""

    def __init__(self, command: Sequence[str | Path], cwd: Path, env: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )

    def ask(self, **command: Any) -> dict[str, Any]:
        """One command, and its answer. Raises RuntimeError when the worker failed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                if "fatal" in told:
                    raise RuntimeError(told["fatal"])
                return told
        raise RuntimeError(f"{self.process.args!r} ended")

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def serve(operations: dict[str, Any]) -> None:
    """The loop of a worker that is written in Python."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told = operations[asked.pop("op")](**asked) or {}
        except Exception as error:  # noqa: BLE001 - the bench is told, whatever it was
            told = {"fatal": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def anki() -> Path | None:
    """The Python of an environment with Anki; None where it cannot be made."""
    return _environment("anki")


def papers() -> Path | None:
    """The Python of an environment with other makers of PDF; None where it cannot be made."""
    return _environment("papers")


def _environment(name: str) -> Path | None:
    folder = BUILD / name
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        made = _done([sys.executable, "-m", "venv", folder])
        if not made or not _done([python, "-m", "pip", "install", "--quiet", "--requirement", HERE / f"{name}.txt"]):
            return None
        (folder / "done").touch()
    return python


def pouch() -> Path | None:
    """The folder of PouchDB with its server; None where it cannot be made."""
    folder = BUILD / "pouch"
    shutil.copytree(HERE / "pouch", folder, dirs_exist_ok=True)
    if not (folder / "done").exists():
        if not shutil.which("npm") or not _done(["npm", "install", "--no-audit", "--no-fund", "--silent"], folder):
            return None
        (folder / "done").touch()
    return folder


def _done(command: Sequence[str | Path], folder: Path | None = None) -> bool:
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        found = subprocess.run(command, cwd=folder or BUILD, capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
