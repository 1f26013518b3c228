"""What a desk and head office hold, as plain values that can be compared."""

from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.database import Database
from insuragent.models import RECORDS
from insuragent.models.fields import fields_of, to_wire
from insuragent.services.desk import Desk

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
