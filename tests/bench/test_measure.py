"""The benches are fair and their rows keep the shape that readers rely on."""

import sys
import time
from itertools import count

import pytest

from bench.__main__ import table
from bench.measure import interleaved, peak_mb, row, start


def test_contenders_take_turns_and_the_median_counts() -> None:
    """After one warm-up each, the rounds go round, and a single slow moment does not show."""
    order: list[str] = []
    numbers = count()

    def contender(name: str) -> float:
        order.append(name)
        return 1000.0 if next(numbers) == 4 else 1.0

    medians = interleaved({"a": lambda: contender("a"), "b": lambda: contender("b")}, rounds=5)
    assert order == ["a", "b"] * 6
    assert medians == {"a": 1.0, "b": 1.0}


def test_a_row_tells_its_ratio() -> None:
    """Below 1 we need less; without a peer or a value there is no ratio."""
    assert row("m", 50.0, "ms", "peer", 200.0)["ratio"] == 0.25
    assert row("m", 50.0, "ms")["ratio"] is None
    assert row("m", None, "ms", "peer", 200.0)["ratio"] is None


def test_a_start_is_measured_until_the_first_line() -> None:
    """How long a program goes on after its line is not counted, however slow the machine is."""
    code = "print('painted', flush=True); import time; time.sleep(0.5)"
    before = time.perf_counter()
    begun = start([sys.executable, "-c", code])
    assert 0 < begun.wall_ms <= (time.perf_counter() - before) * 1000 - 250  # of the half second that follows
    assert begun.rss_mb > 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell it")
def test_a_small_child_of_a_large_parent_is_small() -> None:
    """What the bench itself holds is not counted with the program that it starts."""
    large = bytearray(300_000_000)
    begun = start([sys.executable, "-c", "print('painted', flush=True); import time; time.sleep(0.2)"])
    assert begun.rss_mb < 100 < len(large) / 1024**2 < (peak_mb() or 0)


def test_a_failing_program_is_no_measurement() -> None:
    """A program that ends with an error gives its words instead of a figure."""
    with pytest.raises(RuntimeError, match="no such thing"):
        start([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_the_table_lines_up() -> None:
    """Every column begins at one place, and a missing figure is a dash."""
    lines = table([row("long_metric_ms", 1234.5, "ms", "peer", 2.0), row("m", None, "s")]).splitlines()
    assert [line.index(mark) for line, mark in zip(lines, ("value", "1,234", "-"), strict=True)] == [16, 16, 16]
