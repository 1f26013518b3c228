"""The floor under every sync: the same records by COPY into a PostgreSQL, and by SELECT out of it; nothing checked."""

import statistics
import time
from typing import Any

import msgspec
import psycopg

from bench.measure import cpu_of
from tests import postgres


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
