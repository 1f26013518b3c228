"""What head office itself writes: staff, products and its own changes to an agent's records."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from insuragent import __version__
from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.intake import Incoming, Intake
from insuragent.headoffice.judging import REASONS
from insuragent.i18n import N_
from insuragent.models import RECORDS, Deed, Product, Staff
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.models.journal import GENESIS
from insuragent.sync.protocol import REFUSED, SealedEntry

#: The name of head office among the devices of a feed.
DEVICE = "office"


def publish(database: Database, kind: str, record_id: uuid.UUID, values: Mapping[str, Any], agent: str = "") -> int:
    """Write fields of a record (wire form) into a feed; what is the same already is left. Returns the revision.

    Products go to the catalogue and staff to their own feed; ``agent`` names the feed of any other record.
    Raises Refused for a kind or an agent that is not known, and for values that do not fit.
    """
    if kind not in RECORDS or not RECORDS[kind].synced:
        raise Refused("unknown_kind", N_("没有这种资料：{kind}"), kind=kind)
    owner = {Product.kind(): tables.CATALOGUE, Staff.kind(): str(record_id)}.get(kind, agent)
    with database.begin(owner) as rows:
        feed = rows.find(tables.feed, lock=True)
        if feed is None and owner == agent:
            raise Refused("unknown_staff", N_("没有这位人员：{staff}"), staff=agent)
        if feed is None:
            rows.insert(tables.feed, {"number": 0})
        device = _office(rows)
        row = rows.find(tables.record, tables.record.c.id == str(record_id))
        before = row.body if row else {}
        given = values if row else _defaults(kind) | dict(values)
        changes = {name: [before.get(name), now] for name, now in given.items() if before.get(name) != now}
        if not changes:
            return int(row.revision) if row else 0
        entry = _sealed(device.last + 1, kind, record_id, changes, new=row is None)
        intake = Intake(rows, DEVICE, feed.number if feed else 0, bytes.fromhex(device.chain), office=True)
        (answer,) = intake.take([Incoming(msgspec.json.encode(entry), entry, row.revision if row else 0)])
        if answer.result == REFUSED:
            raise Refused(answer.code, REASONS[answer.code])
        rows.update(tables.feed, {"number": intake.number})
        moved = {"last": entry.number, "chain": intake.chain.hex()}
        rows.update(tables.device, moved, tables.device.c.device == DEVICE)
    return answer.revision


def _defaults(kind: str) -> dict[str, Any]:
    now = utc_now().isoformat()
    start = {
        name: to_wire(field.default() if callable(field.default) else field.default)
        for name, field in fields_of(RECORDS[kind]).items()
        if field.default is not None
    }
    return start | {"created_at": now}


def _office(rows: Rows) -> Any:
    """Head office's own row among the devices of this feed; nobody can sign as it, because its key is empty."""
    mine = tables.device.c.device == DEVICE
    if rows.find(tables.device, mine) is None:
        chain = {"last": 0, "chain": GENESIS.hex(), "enrolled_at": utc_now()}
        rows.insert(tables.device, {"device": DEVICE, "name": "", "public_key": b"", "state": DEVICE, **chain})
    return rows.find(tables.device, mine)


def _sealed(number: int, kind: str, record_id: uuid.UUID, changes: dict[str, list[Any]], *, new: bool) -> SealedEntry:
    return SealedEntry(
        number=number,
        id=uuid7(),
        at=utc_now().isoformat(),
        deed=Deed.CREATE if new else Deed.CHANGE,
        kind=kind,
        record_id=record_id,
        changes=changes,
        reason="",
        actor_id=None,
        device_id=DEVICE,
        version=__version__,
    )
