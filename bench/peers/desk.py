"""Our desk as a worker: FOLDER, the address of head office, and a one-time code."""

import datetime as dt
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.peers import serve
from insuragent import memory
from insuragent.models import Customer
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.services import office as offices
from insuragent.settings import Profile
from insuragent.sync import syncer

BATCH = 2000


def main(folder: str, address: str, code: str) -> None:
    """Enrol, then do as told."""
    desk, _recovery = desks.create(Profile(Path(folder)), "晨光照在小河上 2026", KdfCost(1, 64, 1))
    offices.enrol(desk, address, code)
    memory.settle()

    def load(rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), BATCH):
            with desk.begin() as work:
                for row in rows[start : start + BATCH]:
                    work.add(customer(row))

    def edit(edits: list[list[str]]) -> None:
        with desk.begin() as work:
            wanted = [uuid.UUID(key) for key, _mobile, _remark in edits]
            found = {one.id: one for one in work.scalars(sa.select(Customer).where(Customer.id.in_(wanted)))}
            for key, mobile, remark in edits:
                record = found[uuid.UUID(key)]
                record.mobile, record.remark = mobile, remark

    def sync(way: str = "") -> dict[str, Any]:
        look()
        before = time.process_time()
        outcome = offices.sync_now(desk)
        done = time.process_time()
        look()
        told = {"cpu": done - before, "look_cpu": time.process_time() - done}
        return told | {"sent": outcome.sent, "received": outcome.received}

    def look() -> None:
        """As the window does when records changed: before a reader the search index follows (ADR 0019)."""
        with desk.read():
            pass

    def count() -> dict[str, Any]:
        with desk.read() as work:
            return {"count": work.count(Customer)}

    def patient(attempts: int) -> None:
        syncer.ATTEMPTS, syncer.WAIT = attempts, 0.001

    serve({"load": load, "edit": edit, "sync": sync, "count": count, "patient": patient})


def customer(row: dict[str, Any]) -> Customer:
    """The customer of a row."""
    typed = {"id": uuid.UUID(row["id"]), "birth_date": dt.date.fromisoformat(row["birth_date"])}
    return Customer(**row | typed)


if __name__ == "__main__":
    main(*sys.argv[1:])
