"""What head office itself writes: staff, products and its own changes to an agent's records."""

import uuid
from collections.abc import Mapping
from typing import Any

from insuragent.errors import Refused
from insuragent.headoffice import cards, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.hand import Hand
from insuragent.headoffice.judging import REASONS
from insuragent.i18n import N_
from insuragent.models import RECORDS, Product, Staff
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.sync.hanging import links
from insuragent.sync.protocol import REFUSED


def publish(database: Database, kind: str, record_id: uuid.UUID, values: Mapping[str, Any], agent: str = "") -> int:
    """Write fields of a record (wire form) into a feed; what is the same already is left. Returns the revision.

    Products go to the catalogue and staff to their own feed; ``agent`` names the feed of any other record.
    Raises Refused for a kind that is not known or values that do not fit.
    """
    if kind not in RECORDS or not RECORDS[kind].synced:
        raise Refused("unknown_kind", N_("没有这种资料：{kind}"), kind=kind)
    owner = {Product.kind(): tables.CATALOGUE, Staff.kind(): str(record_id)}.get(kind, agent)
    with database.begin(owner) as rows:
        hand = Hand(rows)
        row = rows.find(tables.record, tables.record.c.id == str(record_id))
        before = row.body if row else {}
        given = values if row else _defaults(kind) | dict(values)
        changes = {name: [before.get(name), now] for name, now in given.items() if before.get(name) != now}
        if not changes:
            return int(row.revision) if row else 0
        cards.lend(hand, links(kind, given).values())
        answer = hand.change(kind, str(record_id), changes, row.revision if row else 0)
        if answer.result == REFUSED:
            raise Refused(answer.code, REASONS[answer.code])
        hand.rest()
    return answer.revision


def _defaults(kind: str) -> dict[str, Any]:
    now = utc_now().isoformat()
    start = {
        name: to_wire(field.default() if callable(field.default) else field.default)
        for name, field in fields_of(RECORDS[kind]).items()
        if field.default is not None
    }
    return start | {"created_at": now}
