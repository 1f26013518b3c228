"""Assignments: a customer and all that hangs on him is handed over from one agent to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import audit, cards, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.departures import mark_moved
from insuragent.headoffice.hand import Hand
from insuragent.i18n import N_
from insuragent.models import RECORDS, Deed
from insuragent.sync import hanging
from insuragent.sync.protocol import SealedEntry, decode
from insuragent.sync.protocol.files import OPEN

_UNKNOWN = N_("没有这条记录，或它刚刚被移交：{record}")
_NOT_ALONE = N_("这条记录随它所属的客户一起移交：{record}")
_OURS = N_("产品和人员资料不属于任何代理人，不能移交")
_NOWHERE = N_("所关联的记录不能随同移交：{record}")


@dataclass(frozen=True)
class Move:
    """A hand-over: the record that was asked for, from whom, to whom, and how many records went with it."""

    record: str
    kind: str
    from_agent: str
    to_agent: str
    records: int


def reassign(database: Database, record_id: str, to_agent: str, reason: str = "", former: str = "") -> Move:
    """Hand a record over, with all that hangs on it, in one transaction; nothing happens when it is there already.

    The old agent's desks learn that it is withdrawn, push what is pending, wipe and confirm; the new agent's get
    every record whole. ``reason`` is a word of a list, for head office's journal; ``former`` is who has the record,
    where that is known: else it is looked for in the whole company.
    Raises Refused "unknown_record", "not_alone" or "office_owned".
    """
    from_agent = former or _owner(database, record_id)
    if from_agent == to_agent:
        return Move(record_id, "", from_agent, to_agent, 0)
    with database.begin(from_agent) as rows:
        old, new = hands(rows, from_agent, to_agent)
        held = rows.all(rows.select(tables.record))
        row = next((one for one in held if one.id == record_id), None)
        if row is None:
            raise Refused("unknown_record", _UNKNOWN, record=record_id)
        if row.kind in RECORDS and RECORDS[row.kind].office_owned:
            raise Refused("office_owned", _OURS)
        if hanging.parents(row.kind, row.body):
            raise Refused("not_alone", _NOT_ALONE, record=record_id)
        count = move(old, new, held, record_id, row.kind)
        old.rest()
        new.rest()
        parties = {"former": from_agent, "to": to_agent}
        act = audit.tell(rows, Act.REASSIGN, record_id, kind=row.kind, **parties, records=count, reason=reason)
        directory.depart(rows, record_id, from_agent, Act.REASSIGN, act.number)
        directory.acquaint(new.rows, {from_agent, *(row.former or ())}, act.number)
    return Move(record_id, row.kind, from_agent, to_agent, count)


def reassign_all(database: Database, from_agent: str, to_agent: str, reason: str = "") -> list[Move]:
    """Hand over everything that an agent has, when he leaves: customer by customer, so it may be taken up again."""
    with database.read(from_agent) as rows:
        held = rows.all(rows.select(tables.record))
    known = {row.id for row in held}
    alone = [row for row in held if not known.intersection(hanging.parents(row.kind, row.body))]
    own = [row.id for row in alone if not (row.kind in RECORDS and RECORDS[row.kind].office_owned)]
    return [reassign(database, record_id, to_agent, reason, from_agent) for record_id in own]


def hands(rows: Rows, *agents: str) -> list[Hand]:
    """Head office's hand in each of these feeds, locked in one order, so that two hand-overs never wait in a ring."""
    made = {agent: Hand(rows.of(agent)) for agent in sorted(agents)}
    return [made[agent] for agent in agents]


def move(old: Hand, new: Hand, held: Sequence[sa.Row[Any]], root: str, kind: str) -> int:
    """Move ``root`` and what hangs on it, of the records ``held`` by the old agent; returns how many went.

    Revisions go on counting, so that no entry made on an old one is ever taken for current when a record returns.
    """
    ids = hanging.tree([root], {row.id: hanging.parents(row.kind, row.body) for row in held})
    going = {row.id: row for row in held if row.id in ids}
    _let_go(old, [row for row in held if row.id not in ids], ids)
    bodies = _bodies(new, going)
    new.rows.delete(tables.moved, new.rows.one_of(tables.moved.c.id, ids))
    for record_id in _in_order(going):
        row, body = going[record_id], bodies[record_id]
        revision = row.revision + 1
        former = sorted({*(row.former or ()), old.rows.agent} - {new.rows.agent})
        whole = {"id": record_id, "kind": row.kind, "revision": revision, "body": body, "former": former}
        new.rows.insert(tables.record, whole)
        new.tell(Deed.GRANT, row.kind, record_id, _whole(row.kind, body), revision)
    _carry_files(old.rows, new.rows, held, going)
    _tell_again(old, new, going, bodies)
    _withdraw(old, new.rows.agent, going, root, kind)
    return len(going)


def _withdraw(old: Hand, to_agent: str, going: Mapping[str, sa.Row[Any]], root: str, kind: str) -> None:
    rows, e = old.rows, tables.entry.c
    rows.delete(tables.record, rows.one_of(tables.record.c.id, going))
    # Whoever reads the old feed from its start must not learn what is no longer his.
    rows.update(tables.entry, {"feed_number": None}, rows.one_of(e.record_id, going), e.feed_number.is_not(None))
    mark_moved(rows, {key: row.kind for key, row in going.items()}, root, to_agent)
    old.tell(Deed.WITHDRAW, kind, root, {"records": [None, sorted({root, *going})]}, 0)


def _carry_files(old: Rows, new: Rows, held: Sequence[sa.Row[Any]], going: Mapping[str, sa.Row[Any]]) -> None:
    """The bytes that the records name are the new agent's from now on; the old one's only if another record of his
    names them, or as long as he has them to send."""
    f = tables.file.c
    named = {row.id: hanging.contents(row.kind, row.body) for row in held}
    wanted = {one for key in going for one in named[key]}
    needed = {one for key in named.keys() - going.keys() for one in named[key]}
    there = {row.sha256 for row in new.all(new.select(tables.file, new.one_of(f.sha256, wanted)))}
    found = old.all(old.select(tables.file, old.one_of(f.sha256, wanted)))
    rows = [{n: v for n, v in row._mapping.items() if n not in ("tenant", "agent")} for row in found]
    if fresh := [row for row in rows if row["sha256"] not in there]:
        new.insert(tables.file, *fresh)
    old.delete(tables.file, old.one_of(f.sha256, wanted - needed), f.state != OPEN)


def _tell_again(old: Hand, new: Hand, going: Mapping[str, sa.Row[Any]], bodies: Mapping[str, dict[str, Any]]) -> None:
    """What a former agent had typed and the old one has not chosen about yet, perhaps never seen, is told again."""
    rows, e = old.rows, tables.entry.c
    late = (rows.one_of(e.record_id, going), e.feed_number.is_not(None), e.deed == Deed.LATE)
    chosen = rows.all(rows.select(tables.entry, rows.one_of(e.record_id, going), e.deed == Deed.CONFLICT_RESOLVE))
    waiting = rows.all(rows.select(tables.entry, *late).order_by(e.feed_number))
    texts = Texts(rows, [*chosen, *waiting])
    choices = [(row, hanging.now_of(decode(texts.of(row), SealedEntry).changes)) for row in chosen]
    for row in waiting:
        entry = decode(texts.of(row), SealedEntry)
        settled = {
            told.get("field")
            for one, told in choices
            if one.record_id == row.record_id and one.received_at > row.received_at
        }
        body = bodies[row.record_id]
        left = {
            name: pair
            for name, pair in (entry.changes or {}).items()
            if name not in settled and body.get(name) != pair[1]
        }
        if left:
            whose = {"at": entry.at, "actor_id": entry.actor_id, "device_id": entry.device_id}
            new.tell(Deed.LATE, row.kind, row.record_id, left, going[row.record_id].revision + 1, **whose)


def _let_go(old: Hand, staying: Iterable[sa.Row[Any]], ids: set[str]) -> None:
    """Loosen the links by which what stays points to what goes: they would lead nowhere."""
    for row in staying:
        found = {name: [to, None] for name, to in hanging.links(row.kind, row.body).items() if to in ids}
        if found:
            old.change(row.kind, row.id, found, row.revision)


def _bodies(new: Hand, going: Mapping[str, sa.Row[Any]]) -> dict[str, dict[str, Any]]:
    """What each record that goes will hold: its new owner, and no link to what the new agent does not have."""
    links = {key: hanging.links(row.kind, row.body) for key, row in going.items()}
    outside = {to for pointed in links.values() for to in pointed.values()} - going.keys()
    cards.lend(new, outside)
    nowhere = outside - new.rows.pairs(tables.record.c.kind, outside).keys()
    bodies = {}
    for key, row in going.items():
        declared = hanging.declared(row.kind)
        cut = {name for name, to in links[key].items() if to in nowhere}
        if any(not declared[name].optional for name in cut):
            raise Refused("unknown_link", _NOWHERE, record=key)
        owned = {name: new.rows.agent for name, field in declared.items() if field.owner}
        bodies[key] = row.body | dict.fromkeys(cut) | owned
    return bodies


def _whole(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Every field as a grant tells it, the empty ones too: a desk may still hold what it had typed before."""
    empty = (name for name, field in hanging.declared(kind).items() if field.optional)
    return {name: [None, now] for name, now in (dict.fromkeys(empty) | dict(body)).items()}


def _in_order(going: Mapping[str, sa.Row[Any]]) -> list[str]:
    """What is linked to before what links: a desk may take over any page of the feed by itself."""
    ordered: dict[str, None] = {}
    ahead = [(key, False) for key in sorted(going, reverse=True)]
    seen: set[str] = set()
    while ahead:
        key, is_done = ahead.pop()
        if is_done:
            ordered[key] = None
        elif key not in seen:
            seen.add(key)
            ahead.append((key, True))
            ahead.extend((to, False) for to in hanging.links(going[key].kind, going[key].body).values() if to in going)
    return list(ordered)


def _owner(database: Database, record_id: str) -> str:
    r = tables.record.c
    wanted = sa.select(r.agent).where(r.tenant == tables.TENANT, r.id == record_id)
    # A colleague's card lies in many feeds, but cannot be handed over anyway.
    found = [str(row.agent) for row in database.everywhere(wanted)]
    if not found:
        raise Refused("unknown_record", _UNKNOWN, record=record_id)
    return found[0]
