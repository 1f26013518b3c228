"""Which desks have confirmed that they hold nothing more of what was handed over or erased."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import directory, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.identity import ACTIVE
from insuragent.models import Deed
from insuragent.models.fields import Moment


@dataclass(frozen=True)
class Standing:
    """How one hand-over or erasure stands. ``to_agent`` is empty for what was erased; ``confirmed`` and ``waiting``
    are devices of the agent who had the record."""

    record: str
    kind: str
    from_agent: str
    to_agent: str
    at: dt.datetime
    confirmed: tuple[str, ...]
    waiting: tuple[str, ...]


def standings(database: Database, listed: Sequence[sa.Row[Any]] | None = None) -> list[Standing]:
    """Those of the hand-overs and erasures that the directory ``listed``, or of all, which are in force, the newest
    first; a device that was revoked is not waited for."""
    told = directory.departures(database) if listed is None else listed
    numbers = {(one.whose, one.record): int(one.number) for one in reversed(told)}
    agents, records = {one.whose for one in told}, {one.record for one in told}
    m = tables.moved.c
    theirs = sa.select(tables.moved).where(m.tenant == tables.TENANT, database.one_of(m.agent, agents))
    gone = database.everywhere(theirs.where(m.id == m.root, database.one_of(m.id, records)))
    devices, confirmed = _devices(database, agents), _confirmed(database, agents, records)
    found = []
    for row in sorted(gone, key=lambda row: numbers.get((row.agent, row.id), 0), reverse=True):
        if (row.agent, row.id) in numbers:
            done = {device for device, at in confirmed.get((row.agent, row.id), ()) if at >= row.at}
            asked = {device for device, since in devices.get(row.agent, ()) if since <= row.at} - done
            parties = (row.id, row.kind, row.agent, row.to_agent)
            found.append(Standing(*parties, row.at, tuple(sorted(done)), tuple(sorted(asked))))
    return found


def _devices(database: Database, agents: Collection[str]) -> dict[str, list[tuple[str, dt.datetime]]]:
    """The devices in use, and since when, by agent."""
    d = tables.device.c
    active = sa.select(d.agent, d.device, d.enrolled_at).where(d.tenant == tables.TENANT, d.state == ACTIVE)
    found: dict[str, list[tuple[str, dt.datetime]]] = {}
    for row in database.everywhere(active.where(database.one_of(d.agent, agents))):
        found.setdefault(row.agent, []).append((row.device, row.enrolled_at))
    return found


def _confirmed(
    database: Database, agents: Collection[str], records: Collection[str]
) -> dict[tuple[str, str], list[tuple[str, dt.datetime]]]:
    """Which device confirmed when, by agent and record: the entries say so, and nothing else needs to be kept."""
    e = tables.entry.c
    at = sa.type_coerce(e.received_at, Moment()).label("at")
    told = sa.select(e.agent, e.record_id, e.device, at).where(e.tenant == tables.TENANT, e.deed == Deed.WIPE)
    theirs = told.where(database.one_of(e.agent, agents), database.one_of(e.record_id, records))
    found: dict[tuple[str, str], list[tuple[str, dt.datetime]]] = {}
    for row in database.everywhere(theirs):
        found.setdefault((row.agent, row.record_id), []).append((row.device, row.at))
    return found
