"""Which desks have confirmed that they hold nothing more of what was handed over or erased."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from insuragent.headoffice import tables
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


def standings(database: Database) -> list[Standing]:
    """Every hand-over and erasure that is in force, the newest first; a device that was revoked is not waited for."""
    m, d = tables.moved.c, tables.device.c
    gone = database.everywhere(sa.select(tables.moved).where(m.tenant == tables.TENANT, m.id == m.root))
    active = sa.select(d.agent, d.device, d.enrolled_at).where(d.tenant == tables.TENANT, d.state == ACTIVE)
    devices = database.everywhere(active)
    confirmed = _confirmed(database)
    found = []
    for row in sorted(gone, key=lambda row: row.at, reverse=True):
        told = {device for device, at in confirmed.get((row.agent, row.id), ()) if at >= row.at}
        asked = {one.device for one in devices if one.agent == row.agent and one.enrolled_at <= row.at} - told
        parties = (row.id, row.kind, row.agent, row.to_agent)
        found.append(Standing(*parties, row.at, tuple(sorted(told)), tuple(sorted(asked))))
    return found


def _confirmed(database: Database) -> dict[tuple[str, str], list[tuple[str, dt.datetime]]]:
    """Which device confirmed when, by agent and record: the entries say so, and nothing else needs to be kept."""
    e = tables.entry.c
    at = sa.type_coerce(e.received_at, Moment()).label("at")
    told = sa.select(e.agent, e.record_id, e.device, at).where(e.tenant == tables.TENANT, e.deed == Deed.WIPE)
    found: dict[tuple[str, str], list[tuple[str, dt.datetime]]] = {}
    for row in database.everywhere(told):
        found.setdefault((row.agent, row.record_id), []).append((row.device, row.at))
    return found
