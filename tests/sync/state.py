"""What a desk and head office hold, as plain values that can be compared."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.models import RECORDS
from insuragent.models.fields import fields_of, to_wire
from insuragent.services.desk import Desk
from insuragent.sync import place

Held = dict[str, tuple[str, int, dict[str, Any]]]


def of_desk(desk: Desk) -> Held:
    """Every synced record of the agent's own feed by id: kind, revision, fields that hold something."""
    found: Held = {}
    with desk.read() as work:
        for kind, record_type in RECORDS.items():
            if record_type.synced and kind != "product":
                for record in work.scalars(sa.select(record_type)):
                    values = {name: to_wire(value) for name, value in record.plain().items() if value is not None}
                    assert set(values) <= set(fields_of(record_type))
                    found[str(record.id)] = (kind, record.revision, values | record.unknown)
    return found


def of_office(database: Database, agent: str) -> Held:
    """The same of head office."""
    with database.read(agent) as rows:
        found = rows.all(rows.select(tables.record))
    return {
        row.id: (row.kind, row.revision, {name: value for name, value in row.body.items() if value is not None})
        for row in found
    }


def assert_equal(database: Database, desk: Desk, staff_id: UUID) -> None:
    """Desk and head office hold the same, and every entry of the desk is in the ledger once."""
    assert of_desk(desk) == of_office(database, str(staff_id))
    with desk.read() as work:
        settled = place.settled(work)
        chain = place.chain_at(work, settled)
    with database.read(str(staff_id)) as rows:
        e = tables.entry.c
        mine = rows.all(rows.select(tables.entry, e.device == desk.actor.device_id).order_by(e.number))
        row = rows.find(tables.device, tables.device.c.device == desk.actor.device_id)
        feed = [found.feed_number for found in rows.all(rows.select(tables.entry, e.feed_number.is_not(None)))]
    assert row is not None
    assert [found.number for found in mine] == list(range(1, row.last + 1))
    assert (row.last, row.chain) == (settled, chain.hex())
    assert sorted(feed) == list(range(1, len(feed) + 1)), "the feed has no gap and no number twice"
