"""Ten thousand random histories of desks and an office; how many of them ended otherwise than they must."""

import multiprocessing
import os
import sys
import traceback
from typing import Any

import stamina.instrumentation
from hypothesis import HealthCheck, Phase, given, seed, settings

from bench.measure import Row, row
from insuragent.sync import syncer
from tests.sync.test_histories import Ground, ground_in, histories, run

HISTORIES = int(os.environ.get("INSURAGENT_HISTORIES", "10000"))
PARTS = 40


def part(number: int) -> tuple[int, int]:
    """A part of the histories, the same ones every time: how many, and how many failed."""
    syncer.WAIT = syncer.LONGEST_WAIT = 0.0
    stamina.instrumentation.set_on_retry_hooks([])  # messages are lost on purpose, a hundred thousand of them
    ran = failed = 0
    with ground_in() as ground:

        @seed(1000 + number)
        @settings(
            max_examples=HISTORIES // PARTS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(histories)
        def happen(history: list[tuple[Any, ...]]) -> None:
            nonlocal ran, failed
            ran += 1
            failed += not _holds(ground, history)

        happen()
    return ran, failed


def _holds(ground: Ground, history: list[tuple[Any, ...]]) -> bool:
    try:
        run(ground, history)
    except Exception:  # noqa: BLE001 - whatever it is, the history has failed; it is told and counted
        print(f"failed: {history}", file=sys.stderr)
        traceback.print_exc(limit=-3)
        return False
    return True


def rows() -> list[Row]:
    """Run all parts, as many at once as there are processors."""
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        done = pool.map(part, range(PARTS), chunksize=1)
    return [
        row("histories", sum(ran for ran, _failed in done), "histories"),
        row("failures", sum(failed for _ran, failed in done), "histories"),
    ]
