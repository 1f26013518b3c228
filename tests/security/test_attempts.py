"""The wait after wrong passphrases, through restarts and wrong clocks."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import WrongPassphrase
from insuragent.security.attempts import LONGEST_WAIT, Attempts, wait_after
from tests.security.parts import Clock

FILE = "attempts.json"


def started(folder: Path, clock: Clock) -> Attempts:
    """The counter as another start of the program finds it."""
    return Attempts(folder / FILE, lambda: clock.wall, lambda: clock.steady)


def fail(folder: Path, clock: Clock, times: int) -> None:
    """So many wrong passphrases, each in a process of its own, as soon as the wait allows."""
    for _time in range(times):
        clock.pass_(started(folder, clock).wait_seconds())
        started(folder, clock).begin()


def test_the_waits_grow() -> None:
    """Two slips are free, then the wait doubles up to five minutes, and stays there for ever."""
    assert [wait_after(n) for n in range(13)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_WAIT]
    assert wait_after(10**30) == LONGEST_WAIT


def test_a_wait_is_told_and_kept(tmp_path: Path, clock: Clock) -> None:
    """While it lasts no try is looked at; the seconds are told, and asking does not lengthen them."""
    fail(tmp_path, clock, 6)
    attempts = started(tmp_path, clock)
    assert attempts.wait_seconds() == 8
    clock.pass_(5.5)
    for _time in range(3):
        with pytest.raises(WrongPassphrase) as caught:
            attempts.begin()
        assert caught.value.values["wait_seconds"] == 3
        assert "3 秒" in str(caught.value)
    clock.pass_(2.5)
    assert attempts.begin() == 16


def test_restarting_shortens_nothing(tmp_path: Path, clock: Clock) -> None:
    """The count is in the file before a try is judged, so that ending the process gains nothing."""
    fail(tmp_path, clock, 9)
    clock.steady = 0
    assert started(tmp_path, clock).wait_seconds() == 64


@pytest.mark.parametrize("back", [1, 3600, 86400 * 365 * 60])
def test_a_clock_set_back_begins_the_wait_anew(tmp_path: Path, clock: Clock, back: float) -> None:
    """Neither a gain nor a lock-out for years: the wait runs from the new time and ends."""
    fail(tmp_path, clock, 8)
    clock.wall -= back
    assert started(tmp_path, clock).wait_seconds() == 32
    clock.pass_(31)
    assert started(tmp_path, clock).wait_seconds() == 1
    clock.pass_(1)
    assert started(tmp_path, clock).wait_seconds() == 0


def test_a_clock_set_forward_under_our_eyes_gains_nothing(tmp_path: Path, clock: Clock) -> None:
    """As long as the program runs, the monotonic clock has to agree."""
    attempts = started(tmp_path, clock)
    for _time in range(7):
        clock.pass_(attempts.wait_seconds())
        attempts.begin()
    clock.wall += 86400
    assert attempts.wait_seconds() == 16
    clock.pass_(16)
    assert attempts.wait_seconds() == 0


def test_the_right_one_forgives(tmp_path: Path, clock: Clock) -> None:
    """After success the next slip is the first again."""
    fail(tmp_path, clock, 7)
    started(tmp_path, clock).forgive()
    assert started(tmp_path, clock).wait_seconds() == 0
    assert started(tmp_path, clock).begin() == 0


def test_a_disk_that_takes_nothing_keeps_nobody_out(tmp_path: Path, clock: Clock) -> None:
    """The count goes on in memory, and a clock set back is met as well."""
    (tmp_path / f".{FILE}.new").mkdir()
    attempts = started(tmp_path, clock)
    waits = []
    for _time in range(5):
        clock.pass_(attempts.wait_seconds())
        waits.append(attempts.begin())
    assert waits == [0, 0, 1, 2, 4]
    clock.wall -= 100
    assert attempts.wait_seconds() == 4
    clock.pass_(4)
    assert attempts.wait_seconds() == 0


@given(data=st.binary(max_size=100) | st.sampled_from([b'{"failures":-1}', b'{"failures":1e99}', b'{"last":"x"}']))
@settings(deadline=None)
def test_a_damaged_counter_counts_nothing(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The right person is not locked out by a few lost bytes."""
    folder = tmp_path_factory.mktemp("damaged")
    (folder / FILE).write_bytes(data)
    assert started(folder, Clock()).begin() == 0


@given(steps=st.lists(st.tuples(st.floats(0, 400), st.floats(-1000, 0)), max_size=30))
@settings(deadline=None, max_examples=50)
def test_no_sequence_of_set_backs_beats_the_wait(
    steps: list[tuple[float, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However the clock is set back between restarts, tries never come quicker than the waits allow."""
    folder, clock = tmp_path_factory.mktemp("back"), Clock()
    failures, idle = 0, 0.0
    for passing, back in steps:
        clock.pass_(passing)
        idle += passing
        clock.wall += back
        if started(folder, clock).wait_seconds() == 0:
            assert idle >= wait_after(failures) - 1e-3
            started(folder, clock).begin()
            failures, idle = failures + 1, 0.0
