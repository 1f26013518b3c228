"""Random histories: two desks, an office, lost messages, crashes, backups, wrong clocks; in the end all are equal."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from insuragent.headoffice.database import Database
from insuragent.sync import syncer
from tests.sync.histories import FIELDS, World, make_database, make_template
from tests.sync.judged import check

#: Histories in ``make test``: so many in each part; the parts run beside one another.
EXAMPLES, PARTS = 65, 16

at, pair = st.integers(0, 2), st.integers(0, 1)
whom, value = st.integers(0, 3), st.integers(0, 9)
name = st.integers(0, len(FIELDS) - 1)
lost = st.lists(st.sampled_from(["", "", "there", "back"]), max_size=6)
steps = st.one_of(
    st.tuples(st.just("add"), at, value),
    st.tuples(st.just("change"), at, whom, name, value),
    st.tuples(st.just("change"), at, whom, name, value),
    st.tuples(st.just("archive"), at, whom),
    st.tuples(st.just("office_edit"), whom, name, value),
    st.tuples(st.just("choose"), at, st.booleans()),
    st.tuples(st.just("sync"), at, lost),
    st.tuples(st.just("sync"), at, lost),
    st.tuples(st.just("crash"), at, st.integers(1, 8)),
    st.tuples(st.just("race"), pair, whom, name, value),
    st.tuples(st.just("clash"), whom, name, value),
    st.tuples(st.just("hand_over"), whom),
    st.tuples(st.just("hand_over_amid"), at, whom, name, value),
    st.tuples(st.just("erase"), at, whom),
    st.tuples(st.just("keep_copy"), at),
    st.tuples(st.just("set_back"), at),
    st.tuples(st.just("set_clock"), at, st.sampled_from([-30, -1, 0, 5, 9000])),
)
histories = st.lists(steps, min_size=2, max_size=12)
Ground = tuple[Path, Path, Database]


@contextmanager
def ground_in() -> Iterator[Ground]:
    """A quick folder, an empty desk to copy and head office's database."""
    quick = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=quick if quick.is_dir() else None))
    database = make_database(folder)
    yield folder, make_template(folder / "template"), database
    database.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """The ground of this module's histories."""
    with ground_in() as made:
        yield made


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_all_end_equal(ground: Ground, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, doubled or overwritten unseen, and everybody comes to rest."""
    monkeypatch.setattr(syncer, "WAIT", 0.0)
    monkeypatch.setattr(syncer, "LONGEST_WAIT", 0.0)

    @seed(part)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(histories)
    def happen(history: list[tuple[Any, ...]]) -> None:
        run(ground, history)

    happen()


def test_a_restored_copy_knows_its_own_entries_again(ground: Ground) -> None:
    """What head office took before a copy was set back comes to it as an echo under its new name, and is no news."""
    copy = [("add", 0, 0), ("keep_copy", 0)]
    run(ground, [*copy, ("archive", 0, 1), ("sync", 0, [""]), ("set_back", 0)])
    run(ground, [*copy, ("race", 1, 0, 0, 0), ("set_back", 0), ("archive", 1, 1)])


def test_what_a_device_tells_again_replaces_nothing_newer(ground: Ground) -> None:
    """A customer goes to and fro; what his former agent typed first comes again behind what he typed over it."""
    run(
        ground,
        [
            ("hand_over_amid", 1, 1, 2, 3),
            ("hand_over_amid", 1, 3, 2, 8),
            ("sync", 2, []),
            ("hand_over_amid", 1, 1, 1, 1),
        ],
    )


def test_what_waits_for_a_choice_outlives_a_hand_over_and_back(ground: Ground) -> None:
    """A contested value is on its way to the next agent when the customer comes back, and goes away again."""
    run(
        ground,
        [
            ("clash", 1, 2, 7),
            ("office_edit", 2, 2, 0),
            ("hand_over_amid", 0, 0, 0, 5),
            ("hand_over_amid", 0, 0, 0, 0),
            ("hand_over_amid", 0, 0, 1, 4),
        ],
    )


def run(ground: Ground, history: list[tuple[Any, ...]]) -> None:
    """One history, then rest, then the judgement."""
    folder, template, database = ground
    with tempfile.TemporaryDirectory(dir=folder) as place:
        world = World(Path(place), template, database)
        try:
            for step, *arguments in history:
                getattr(world, step)(*arguments)
            world.settle()
            check(world)
        finally:
            world.close()
