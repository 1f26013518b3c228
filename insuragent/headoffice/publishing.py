"""What head office itself writes: staff, products and its own changes to an agent's records."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from insuragent.errors import Refused
from insuragent.headoffice import audit, cards, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.hand import Hand
from insuragent.headoffice.judging import REASONS
from insuragent.i18n import N_
from insuragent.models import RECORDS, Product, Staff
from insuragent.models.base import utc_now
from insuragent.models.fields import fields_of, to_wire
from insuragent.models.validation import clean
from insuragent.sync import codec, hanging
from insuragent.sync.protocol import REFUSED


def publish(database: Database, kind: str, record_id: uuid.UUID, values: Mapping[str, Any], agent: str = "") -> int:
    """Write fields of a record (wire form) into a feed; what is the same already is left. Returns the revision.

    Products go to the catalogue and staff to their own feed; ``agent`` names the feed of any other record.
    Raises Refused for a kind or an agent that is not known, and for values that do not fit.
    """
    _require_kind(kind)
    with database.begin(_feed_of(kind, record_id, agent)) as rows:
        if needs_agent(kind) and rows.find(tables.feed) is None:
            raise Refused("unknown_staff", N_("没有这位人员：{staff}"), staff=agent)
        hand = Hand(rows)
        row = rows.find(tables.record, tables.record.c.id == str(record_id))
        before = row.body if row else {}
        given = values if row else _defaults(kind) | dict(values)
        held = int(row.revision) if row else 0
        revision = _write(hand, kind, str(record_id), before, given, held)
        if revision == held:
            return held
        act = audit.tell(rows, Act.PUBLISH, str(record_id), kind=kind, feed=rows.agent, revision=revision)
        if kind == Staff.kind():
            directory.enter(rows, database.seal, str(record_id), before, {**before, **given}, act.number)
    return revision


def amend(
    database: Database,
    kind: str,
    record_id: str,
    agent: str,
    decide: Callable[[Rows, Mapping[str, Any]], Mapping[str, Any]],
    act: Act,
    **detail: str,
) -> None:
    """Change a record that lies with an agent by what ``decide`` makes of its content (wire form), in one transaction.

    ``act`` and its ``detail`` enter head office's journal when anything changed. Raises Refused "unknown_record" where
    it does not lie there, and for values that do not fit.
    """
    with database.begin(agent) as rows:
        hand = Hand(rows)
        row = rows.find(tables.record, tables.record.c.id == record_id)
        if row is None or row.kind != kind:
            raise Refused("unknown_record", REASONS["unknown_record"])
        given = decide(rows, row.body)
        if _write(hand, kind, record_id, row.body, given, int(row.revision)) != row.revision:
            audit.tell(rows, act, record_id, kind=kind, agent=agent, **detail)


def _write(
    hand: Hand, kind: str, record_id: str, before: Mapping[str, Any], given: Mapping[str, Any], revision: int
) -> int:
    """Enter what is not so already; returns the record's revision then, the same when there is nothing to enter."""
    changes = {name: [before.get(name), now] for name, now in given.items() if before.get(name) != now}
    if not changes:
        return revision
    cards.lend(hand, hanging.links(kind, given).values())
    answer = hand.change(kind, record_id, changes, revision)
    if answer.result == REFUSED:
        raise Refused(answer.code, REASONS[answer.code])
    hand.rest()
    return answer.revision


def checked(
    database: Database,
    kind: str,
    record_id: uuid.UUID,
    values: Mapping[str, Any],
    agent: str,
    *,
    today: dt.date,
    licence_pattern: str,
) -> dict[str, Any]:
    """What a person told to publish, held against the declarations as a form does (wire form in and out).

    ``agent`` is the id of the member of staff whose record it is; empty for products and staff. Raises Refused for a
    kind that is not known, and ValidationError with the reason for every field that cannot be taken.
    """
    _require_kind(kind)
    with database.read(_feed_of(kind, record_id, agent)) as rows:
        held = rows.find(tables.record, tables.record.c.id == str(record_id))
    told = codec.values_of(RECORDS[kind], values)
    cleaned = clean(
        RECORDS[kind],
        told.known | told.unknown,
        today=today,
        partial=held is not None,
        current=codec.values_of(RECORDS[kind], held.body).known if held else None,
        licence_pattern=licence_pattern,
    )
    return {name: to_wire(value) for name, value in cleaned.items()}


def needs_agent(kind: str) -> bool:
    """Whether a record of this kind lies with one agent. Raises Refused for a kind that is not known."""
    _require_kind(kind)
    return not RECORDS[kind].office_owned


def _require_kind(kind: object) -> None:
    if not isinstance(kind, str) or kind not in RECORDS or not RECORDS[kind].synced:
        raise Refused("unknown_kind", N_("没有这种资料：{kind}"), kind=kind)


def _feed_of(kind: str, record_id: uuid.UUID, agent: str) -> str:
    return {Product.kind(): tables.CATALOGUE, Staff.kind(): str(record_id)}.get(kind, agent)


def _defaults(kind: str) -> dict[str, Any]:
    now = utc_now().isoformat()
    start = {
        name: to_wire(field.default() if callable(field.default) else field.default)
        for name, field in fields_of(RECORDS[kind]).items()
        if field.default is not None
    }
    return start | {"created_at": now}
