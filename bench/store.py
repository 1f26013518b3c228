"""The store with 100,000 customers: search by kind against LIKE, one save against a bare insert, the long list."""

import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import people
from bench.measure import Row, interleaved, row
from insuragent.models import Customer, Entry
from insuragent.settings import Profile
from insuragent.store import pinyin, search
from insuragent.store.store import Store
from insuragent.store.work import Actor

COUNT = 100_000
QUESTIONS = 150
KEY = bytes(range(32))
#: Filling takes minutes, so the store is kept between runs; it holds invented people only.
KEPT = Path(__file__).parent / "out" / f"people-{COUNT}"
SHOWN = (Customer.number, Customer.id, Customer.name, Customer.mobile, Customer.home_address)


def kept_store() -> Profile:
    """The profile with all the customers, made when it is not there or when they would be others today."""
    profile, done = Profile(KEPT), KEPT / "done"
    if not done.exists() or done.read_text() != people.fingerprint():
        shutil.rmtree(KEPT, ignore_errors=True)
        with Store(profile, KEY, create=True) as store:
            people.fill(store, COUNT)
        done.write_text(people.fingerprint())
    return profile


# --- search ------------------------------------------------------------------------------------------------------


def _piece(text: str | None, length: int, dice: random.Random) -> str | None:
    if not text or len(text) < length:
        return None
    start = dice.randint(0, len(text) - length)
    return text[start : start + length]


Asker = Callable[[Any, random.Random], str | None]
#: Milliseconds of the processor, and on the wall: on a busy machine the second tells more of the others.
Took = tuple[float, float]
KINDS: dict[str, Asker] = {
    "name_1": lambda c, dice: _piece(c.name, 1, dice),
    "name_2": lambda c, dice: _piece(c.name, 2, dice),
    "name_3": lambda c, dice: _piece(c.name, 3, dice),
    "address_1": lambda c, dice: _piece(c.home_address, 1, dice),
    "address_2": lambda c, dice: _piece(c.home_address, 2, dice),
    "address_3": lambda c, dice: _piece(c.home_address, 3, dice),
    "address_6": lambda c, dice: _piece(c.home_address, 6, dice),
    "pinyin_full": lambda c, dice: pinyin.spelling(c.name).replace(" ", ""),
    "pinyin_start": lambda c, dice: pinyin.spelling(c.name).replace(" ", "")[:4],
    "pinyin_initials": lambda c, dice: "".join(s[0] for s in pinyin.spelling(c.name).split()),
    "pinyin_letter": lambda c, dice: pinyin.spelling(c.name)[:1],
    "phone_start": lambda c, dice: c.mobile[:3],
    "phone_tail": lambda c, dice: c.mobile[-4:],
    "phone_middle": lambda c, dice: _piece(c.mobile, 4, dice),
    "phone_seven": lambda c, dice: _piece(c.mobile, 7, dice),
    "phone_full": lambda c, dice: c.mobile,
    "id_tail": lambda c, dice: (c.doc_no or "")[-4:] or None,
    "policy_full": lambda c, dice: c.policy_no,
    "policy_tail": lambda c, dice: c.policy_no and c.policy_no[-6:],
    "two_words": lambda c, dice: f"{c.name[0]} {c.mobile[-4:]}",
    "miss": lambda c, dice: f"{c.name}{dice.choice('龘靐齉')}",
}
#: The plain question that LIKE can be asked for the same; there is none for pinyin.
LIKE = {"name": "name", "address": "home_address", "phone": "mobile", "policy": "policy_no", "id": "doc_no"}


def _ask(store: Store, question: str) -> Took:
    with store.read(Actor()) as work:
        return _timed(lambda: search.rows(work.session, Customer, SHOWN, question))


def _like(store: Store, column: str, question: str) -> Took:
    with store.read(Actor()) as work:
        statement = sa.select(*SHOWN).where(getattr(Customer, column).like(f"%{question}%")).limit(50)
        return _timed(lambda: work.rows(statement))


def _timed(ask: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def _p95(times: Iterable[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 3)


def searching(store: Store) -> list[Row]:
    """p95 of each kind of question, the first fifty answers fetched; LIKE where it can be asked at all.

    The figures are processor time, as all is done in this process; those on the wall stand beside them.
    """
    dice = random.Random(5)
    with store.read(Actor()) as work:
        numbers = sorted(dice.sample(range(1, COUNT + 1), QUESTIONS * 4))
        asked_of = list(work.scalars(sa.select(Customer).where(Customer.number.in_(numbers))))
    found: dict[str, list[Row]] = {"search_p95_ms": [], "search_wall_p95_ms": []}
    for kind, asker in KINDS.items():
        questions = [q for customer in asked_of if (q := asker(customer, dice))][:QUESTIONS]
        if not questions:
            continue
        times: list[Took] = []
        like_times: list[Took] = []
        column = LIKE.get(kind.split("_")[0])
        for number, question in enumerate(questions):
            times.append(_ask(store, question))
            if column and number < 40:
                like_times.append(_like(store, column, question))
        for place, metric in enumerate(found):
            peer = _p95(took[place] for took in like_times) if like_times else None
            mine = _p95(took[place] for took in times)
            found[metric].append(row(f"{metric}:{kind}", mine, "ms", "LIKE" if peer else None, peer))
    return [line for metric, rows in found.items() for line in (_worst(metric, rows), *rows)]


def _worst(metric: str, rows: list[Row]) -> Row:
    return row(
        metric,
        max(one["value"] or 0 for one in rows),
        "ms",
        "LIKE",
        max(one["peer_value"] or 0 for one in rows),
    )


# --- saving ------------------------------------------------------------------------------------------------------


def _save(store: Store, values: dict[str, Any]) -> float:
    begin = time.perf_counter()
    with store.begin(Actor(device_id="bench")) as work:
        work.add(Customer(**values))
    return (time.perf_counter() - begin) * 1000


def _save_and_find(store: Store, values: dict[str, Any]) -> float:
    """The same with the reader after it, before whom the search index is brought up to date."""
    begin = time.perf_counter()
    _save(store, values)
    with store.read(Actor()) as work:
        assert search.find(work.session, Customer, values["mobile"])
    return (time.perf_counter() - begin) * 1000


@contextmanager
def _bare() -> Iterator[Callable[[dict[str, Any]], float]]:
    """A plain, unencrypted sqlite3 insert with the same durability and nothing else."""
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as folder:
        connection = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE customer(id INTEGER PRIMARY KEY, name, mobile, birth, address, policy)")

        def save(values: dict[str, Any]) -> float:
            plain = (values["name"], values["mobile"], str(values["birth_date"]), values["home_address"], "")
            begin = time.perf_counter()
            connection.execute("INSERT INTO customer(name, mobile, birth, address, policy) VALUES (?,?,?,?,?)", plain)
            return (time.perf_counter() - begin) * 1000

        yield save
        connection.close()


def saving() -> list[Row]:
    """One customer saved: encrypted, journalled and anchored, beside a bare insert with the same fsync; and found."""
    samples = iter(people.customers(2000, seed=9))
    with (
        tempfile.TemporaryDirectory(dir=KEPT.parent) as folder,
        _bare() as bare,
        Store(Profile(Path(folder) / "p"), KEY, create=True) as store,
    ):
        for _ in range(30):
            _save(store, next(samples))
        medians = interleaved(
            {
                "ours": lambda: statistics.median(_save(store, next(samples)) for _ in range(30)),
                "found": lambda: statistics.median(_save_and_find(store, next(samples)) for _ in range(30)),
                "bare": lambda: statistics.median(bare(next(samples)) for _ in range(30)),
            }
        )
        bare_ms = round(medians["bare"], 3)
        rows = [
            row(metric, round(medians[ours], 3), "ms", "sqlite3, FULL", bare_ms)
            for metric, ours in (("save_ms", "ours"), ("save_and_find_ms", "found"))
        ]
        rows.append(_journal_overhead(store, samples))
    return rows


def _journal_overhead(store: Store, samples: Iterator[dict[str, Any]]) -> Row:
    """The same save with and without its journal entry: what the audit trail costs."""

    def silent() -> float:
        values = next(samples)
        begin = time.perf_counter()
        with store.begin(Actor()) as work, work.taking_over():
            work.add(Customer(**values))
        return (time.perf_counter() - begin) * 1000

    medians = interleaved(
        {
            "with": lambda: statistics.median(_save(store, next(samples)) for _ in range(25)),
            "without": lambda: statistics.median(silent() for _ in range(25)),
        }
    )
    with store.read(Actor()) as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Entry))
    return row("journal_overhead", round(medians["with"], 3), "ms", "no journal", round(medians["without"], 3))


# --- the long list -----------------------------------------------------------------------------------------------


def listing() -> list[Row]:
    """First paint, jump to the end and added memory of the 100,000-row table, in a window of its own process."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    runs = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-m", "bench.long_list"], env=environment, capture_output=True, text=True, check=True
        )
        runs.append([float(figure) for figure in done.stdout.split()])
    paint, jump, memory = (round(statistics.median(figures), 1) for figures in zip(*runs, strict=True))
    return [
        row("list_first_paint_ms", paint, "ms"),
        row("list_jump_ms", jump, "ms"),
        row("list_memory_mb", memory, "MB"),
    ]


def rows() -> list[Row]:
    """The figures of store.json."""
    profile = kept_store()
    with Store(profile, KEY) as store:
        found = searching(store)
    return [*found, *saving(), *listing()]
