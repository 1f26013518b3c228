"""Measure fairly: contenders take turns in one run, and the median of at least five rounds counts."""

import gc
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

ROUNDS = 7
ROOT = Path(__file__).parent.parent


class Row(TypedDict):
    """One figure beside its peer's; ``ratio`` is value / peer_value, and None where there is no peer."""

    metric: str
    value: float | None
    unit: str
    peer: str | None
    peer_value: float | None
    ratio: float | None


def row(metric: str, value: float | None, unit: str, peer: str | None = None, peer_value: float | None = None) -> Row:
    """A row with its ratio; None for a value that could not be had."""
    ratio = None if value is None or not peer_value else round(value / peer_value, 4)
    return Row(metric=metric, value=value, unit=unit, peer=peer, peer_value=peer_value, ratio=ratio)


def interleaved(contenders: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of what each contender returns; they take turns, so that a slow moment meets all of them."""
    values: dict[str, list[float]] = {name: [] for name in contenders}
    for contender in contenders.values():
        contender()  # caches of the system are warm for everybody
    for _ in range(rounds):
        for name, contender in contenders.items():
            values[name].append(contender())
    return {name: statistics.median(its_values) for name, its_values in values.items()}


def cpu_seconds(work: Callable[[], object]) -> float:
    """The process time that ``work`` takes, all threads of this process together."""
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def cpu_of(process: int) -> float:
    """The processor seconds of a process and its children so far, of those that have ended too; Linux only."""
    ticks = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                told = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if process in (int(folder.name), int(told[1])):
                ticks += sum(map(int, told[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb(process: int | str = "self") -> float | None:
    """The largest memory of a process so far, in MB; None where the system does not tell it.

    Not getrusage: its figure outlives fork and exec, so that a small child of a large bench looks large.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    told = next((line for line in lines if line.startswith("VmHWM:")), None)  # a process that has ended tells none
    return None if told is None else int(told.split()[1]) / 1024


@dataclass(frozen=True)
class Start:
    """A fresh process: until its first line of output, its whole processor time, and its largest memory by then."""

    wall_ms: float
    cpu_ms: float
    rss_mb: float


def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Start:
    """Run a program that prints a line at the moment that counts and then ends.

    Raises RuntimeError with its errors when it fails or prints nothing. Linux and macOS only.
    """
    env = {**os.environ, **(environment or {})}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, as its peers here are
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        wall = time.perf_counter() - begin
        peak = peak_mb(process.pid)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not line:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return Start(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, peak or usage.ru_maxrss / 1024)
