"""The floor under every sync: the same records by COPY into a PostgreSQL, and by SELECT out of it; nothing checked.

And the floors under a desk and a head office: the rows that a pass reads, marks and writes, by the bare driver,
durable, and on a desk encrypted. Nothing of it is packed, signed, hashed, sealed or compared.
"""

import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import zstandard

from bench.measure import cpu_of
from bench.peers.desk import customer
from insuragent.headoffice.database import prepare
from insuragent.settings import Profile
from insuragent.store.engine import open_engine
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests import postgres

KEY = bytes(range(32))
#: So many entries go in one transaction, as they do over a line that has not failed.
AT_ONCE = 2000
#: Customers, rows of what was received, and what these say.
Page = tuple[Sequence[Any], Sequence[Any], bytes]


def measured(records: list[dict[str, Any]], rounds: int) -> dict[str, float]:
    """CPU seconds of client and database, medians; no figures where there is no PostgreSQL."""
    found: dict[str, list[float]] = {"push_cpu_s": [], "pull_cpu_s": []}
    names = list(records[0])
    columns = ",".join(f"{name} text" for name in names)
    try:
        with postgres.running() as server:
            address = f"host={server.folder} user=postgres dbname=postgres"
            for _ in range(rounds):
                with psycopg.connect(address) as line:
                    line.execute(f"drop table if exists floor; create table floor ({columns})".encode())
                    backend = line.info.backend_pid
                    before = time.process_time() + cpu_of(backend)
                    with line.cursor() as cursor, cursor.copy(b"copy floor from stdin") as copy:
                        for record in records:
                            copy.write_row([str(record[name]) for name in names])
                    line.commit()
                    half = time.process_time() + cpu_of(backend)
                    assert msgspec.json.encode(line.execute(b"select * from floor").fetchall())
                    found["push_cpu_s"].append(half - before)
                    found["pull_cpu_s"].append(time.process_time() + cpu_of(backend) - half)
    except postgres.PostgresMissing:
        return {}
    return {metric: statistics.median(values) for metric, values in found.items()}


def of_desk(records: list[dict[str, Any]], rounds: int) -> dict[str, float]:
    """CPU seconds of the desk's driver for the rows of a push and of a pull of these records, medians."""
    found: dict[str, list[float]] = {"push_desk_cpu_s": [], "pull_desk_cpu_s": []}
    with tempfile.TemporaryDirectory() as folder:
        full, empty = Path(folder) / "full", Path(folder) / "empty"
        with Store(Profile(full), KEY, create=True) as store, store.begin(Actor()) as work:
            for record in records:
                work.add(customer(record))
        with Store(Profile(empty), KEY, create=True):
            pass
        for _ in range(rounds):
            pages = _pages(full, len(records))
            found["push_desk_cpu_s"].append(_spent(full, range(0, len(records), AT_ONCE), _push))
            found["pull_desk_cpu_s"].append(_spent(empty, pages, _pull))
    return {metric: statistics.median(values) for metric, values in found.items()}


def of_office(taken: Path, empty: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of head office's driver (SQLite), medians: for writing the rows that the database at ``taken`` got by
    a push into a copy of one that is ``empty``, and for reading those of a pull."""
    found: dict[str, list[float]] = {"push_office_cpu_s": [], "pull_office_cpu_s": []}
    with closing(sqlite3.connect(taken)) as driver:
        rows = {name: driver.execute(f"SELECT * FROM {name}").fetchall() for name in ("entry", "record", "block")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(shutil.copy(empty, folder))) as driver:
            prepare(driver)
            pushes = len(rows["entry"]) // AT_ONCE
            begun = time.process_time()
            for part in range(pushes):
                driver.execute("BEGIN IMMEDIATE")
                for name, all_rows in rows.items():
                    mine = all_rows[part::pushes]
                    driver.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(mine[0]))})", mine)
                driver.execute("COMMIT")
            half = time.process_time()
            assert driver.execute("SELECT * FROM entry ORDER BY feed_number").fetchall()
            assert driver.execute("SELECT * FROM block").fetchall()
            found["push_office_cpu_s"].append(half - begun)
            found["pull_office_cpu_s"].append(time.process_time() - half)
    return {metric: statistics.median(values) for metric, values in found.items()}


def _spent(home: Path, pages: Iterable[Any], step: Callable[[Any, Any], None]) -> float:
    """CPU seconds of a step for each of the pages, a transaction each, on a copy of the store at ``home``."""
    with tempfile.TemporaryDirectory() as folder, _driver(shutil.copy(Profile(home).database, folder)) as driver:
        before = time.process_time()
        for page in pages:
            driver.execute("BEGIN IMMEDIATE")
            step(driver, page)
            driver.execute("COMMIT")
        return time.process_time() - before


@contextmanager
def _driver(file: str | Path) -> Iterator[Any]:
    """The bare driver on an encrypted file, as a desk sets it up."""
    engine = open_engine(Path(file), KEY)
    with closing(engine.raw_connection()) as line:
        yield line.driver_connection
    engine.dispose()


def _push(driver: Any, after: int) -> None:
    """Read entries, and mark them and their records as taken."""
    told = driver.execute("SELECT * FROM journal WHERE number > ? ORDER BY number LIMIT ?", (after, AT_ONCE)).fetchall()
    driver.execute(
        "UPDATE journal SET state = 'accepted', revision = 1 WHERE number BETWEEN ? AND ?", (after + 1, after + AT_ONCE)
    )
    driver.executemany("UPDATE customer SET revision = 1 WHERE id = ?", [(row[5],) for row in told])


def _pull(driver: Any, page: Page) -> None:
    """Write records, and what was received."""
    customers, found, block = page
    for table, rows in (("customer", customers), ("received", found)):
        driver.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
    driver.execute("INSERT INTO received_block (entries) VALUES (?)", (block,))


def _pages(home: Path, count: int) -> list[Page]:
    """The rows of a pull: those that the store at ``home`` has."""
    pages: list[Page] = []
    with _driver(Profile(home).database) as driver:
        for start in range(0, count, AT_ONCE):
            which = f"WHERE number > {start} AND number <= {start + AT_ONCE}"
            customers = driver.execute(f"SELECT * FROM customer {which}").fetchall()
            told = driver.execute(f"SELECT record_id, id, deed, kind, changes FROM journal {which}").fetchall()
            rows = [(key, start, n, one, deed, kind) for n, (key, one, deed, kind, _text) in enumerate(told)]
            pages.append((customers, rows, zstandard.compress(msgspec.json.encode([text for *_, text in told]), 1)))
    return pages
