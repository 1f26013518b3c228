"""The directory: what is asked of the whole company is found here, without a walk through everybody's rows.

Its tables lie with the agent ``CATALOGUE``, a short row a person or device: whom a word finds, who belongs to a branch,
which devices came last, which records went. Names and numbers stand in it only as keyed hashes; a branch stands in
clear, as in a supervisor's account. Rows are written behind the lock of head office's journal, and bear the numbers of
its acts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.database import Database, Rows, opened
from insuragent.headoffice.sealing import Seal
from insuragent.headoffice.statements import prepared, together
from insuragent.models import Complaint, Customer, Staff
from insuragent.rules.complaint import ENDED
from insuragent.sync.protocol.files import REFUSED_FILE

#: The shortest and the longest part of a name by which somebody is found.
LEAST_WORD, _LONGEST_WORD = 2, 8
#: By so many of its last digits a licence number is found too.
_TAIL = 6
#: What follows "/" in the order of characters: the end of all branches below one.
_BEHIND_SLASH = "0"
#: Compared by its characters, whatever language the database sorts by.
_Path = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    owner = [sa.Column("tenant", sa.Text, primary_key=True), sa.Column("agent", sa.Text, primary_key=True)]
    return sa.Table(name, tables.metadata, *owner, *columns)


def _index(name: str, *columns: str, unique: bool = False) -> sa.Index:
    return sa.Index(name, "tenant", "agent", *columns, unique=unique)


#: A member of staff, and the branch that he belongs to now.
member = _table(
    "member",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("branch", _Path, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    _index("ix_member_branch", "branch"),
)

#: Who belongs or belonged to a branch: its desks go on hearing of the keys of one who left it. ``number`` is the newest
#: act that they must know of: that he came, told a key, or lost a device.
colleague = _table(
    "colleague",
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    _index("ix_colleague_number", "branch", "number"),
    _index("ix_colleague_id", "id"),
)

#: The words, as keyed hashes, by which a member of staff is found.
member_word = _table(
    "member_word", sa.Column("word", sa.Text, primary_key=True), sa.Column("id", sa.Text, primary_key=True)
)

#: A device: whose it is, how it stands, and the key by which it seals documents; ``number`` is the act that brought it.
member_device = _table(
    "member_device",
    sa.Column("device", sa.Text, primary_key=True),
    sa.Column("whose", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("seal_key", sa.Text),
    sa.Column("number", sa.BigInteger, nullable=False),
    _index("ix_member_device_whose", "whose", "number"),
    _index("ix_member_device_state", "state", "number"),
    _index("ix_member_device_number", "number"),
)

#: A hand-over or an erasure, by its act: the record, and who had it.
departure = _table(
    "departure",
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("whose", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    _index("ix_departure_whose", "whose", "number"),
    _index("ix_departure_act", "act", "number"),
)

#: Whose documents an agent has without being of his branch, since which act; in that agent's own rows.
acquaintance = _table(
    "acquaintance", sa.Column("whose", sa.Text, primary_key=True), sa.Column("number", sa.BigInteger, nullable=False)
)


def _shortcut(name: str, table: sa.Table, where: str, sqlite: str = "") -> sa.Index:
    """What leads to a few of the rows of all agents without a look at all others; ``sqlite`` where it is simpler."""
    key = [column for column in table.primary_key if column.name not in ("tenant", "agent")]
    return sa.Index(
        name,
        table.c.tenant,
        table.c.agent,
        *key,
        sqlite_where=sa.text(sqlite or where),
        postgresql_where=sa.text(where),
    )


#: The conditions of complaints, of those that are open, of restricted customers, and of files that were refused, as
#: their indexes have them: a database does not look into a bound value to see that its part of the table will do.
COMPLAINTS = f"kind = '{Complaint.kind()}'"
_ENDED = ", ".join(f"'{one}'" for one in sorted(ENDED))
OPEN_COMPLAINTS = f"{COMPLAINTS} and body ->> 'state' not in ({_ENDED})"
RESTRICTED = f"kind = '{Customer.kind()}' and body ->> 'restricted_at' is not null"
REFUSED_FILES = f"state = '{REFUSED_FILE}'"
_SHORTCUTS = (
    _shortcut("ix_record_complaint", tables.record, COMPLAINTS),
    _shortcut("ix_record_open_complaint", tables.record, OPEN_COMPLAINTS, sqlite=COMPLAINTS),
    _shortcut("ix_record_restricted", tables.record, RESTRICTED, sqlite=f"kind = '{Customer.kind()}'"),
    _shortcut("ix_file_refused", tables.file, REFUSED_FILES),
)
#: What a database of the version before lacks (:mod:`schema`).
PARTS = (member, colleague, member_word, member_device, departure, acquaintance, *_SHORTCUTS)

_m, _w, _d, _c = member.c, member_word.c, member_device.c, colleague.c
_HOME = prepared(sa.select(_m.branch).where(_m.id == sa.bindparam("agent")), member, agent=tables.CATALOGUE)
_AT_HOME = sa.select(sa.func.max(_c.number)).where(_c.branch == _HOME.scalar_subquery())
_ACQUAINTED = prepared(sa.select(acquaintance.c.whose, acquaintance.c.number), acquaintance)
#: The newest act that an agent's branch must know of, and whether he must know of somebody else's.
_NEAR = together(
    at_home=prepared(_AT_HOME, colleague, agent=tables.CATALOGUE).scalar_subquery(), more=sa.exists(_ACQUAINTED)
)


# --- writing ---------------------------------------------------------------------------------------------------------


def enter(
    rows: Rows, seal: Seal, staff_id: str, before: Mapping[str, Any], now: Mapping[str, Any], number: int
) -> None:
    """A member of staff is there, or was changed from ``before``, by the act with this number."""
    book = rows.of(tables.CATALOGUE)
    there, branch = book.get(member, id=staff_id), str(now.get("branch") or "")
    book.upsert_many(member, [{"id": staff_id, "branch": branch, "status": str(now.get("status") or "")}])
    if there is None or there.branch != branch:
        book.upsert_many(colleague, [{"branch": branch, "id": staff_id, "number": number}])
    old, new = (set(hashes(seal, staff_id, body)) for body in (before, now))
    if gone := old - new:
        book.delete(member_word, _w.id == staff_id, book.one_of(_w.word, gone))
    book.insert_missing(member_word, [{"word": word, "id": staff_id} for word in sorted(new)])


def enrolled(rows: Rows, device: str, state: str, number: int) -> None:
    """A device of the agent of ``rows`` was made known by the act with this number."""
    told = {"device": device, "whose": rows.agent, "state": state, "seal_key": None, "number": number}
    rows.of(tables.CATALOGUE).insert(member_device, told)


def stands(rows: Rows, device: str, state: str) -> None:
    """How a device stands from now on."""
    rows.of(tables.CATALOGUE).put(member_device, {"state": state}, device=device, whose=rows.agent)


def seals(rows: Rows, device: str, key: str) -> None:
    """A device told by which key it seals."""
    rows.of(tables.CATALOGUE).put(member_device, {"seal_key": key}, device=device, whose=rows.agent)


def renew(rows: Rows, number: int) -> None:
    """Colleagues must hear anew of the keys of the agent of ``rows``, by the act with this number."""
    rows.of(tables.CATALOGUE).put(colleague, {"number": number}, id=rows.agent)


def depart(rows: Rows, record: str, whose: str, act: str, number: int) -> None:
    """A record went from an agent by this act with this number."""
    told = {"number": number, "whose": whose, "record": record, "act": act}
    rows.of(tables.CATALOGUE).insert(departure, told)


def acquaint(rows: Rows, others: Iterable[str], number: int) -> None:
    """The agent of ``rows`` has documents of these others from now on, by the act with this number."""
    fresh = sorted(set(others) - {rows.agent} - {row.whose for row in rows.run(_ACQUAINTED)})
    rows.insert_missing(acquaintance, [{"whose": one, "number": number} for one in fresh])


# --- finding ---------------------------------------------------------------------------------------------------------


def found(database: Database, sought: str = "", *, whole: bool = False, after: str = "", most: int) -> list[str]:
    """The ids of members of staff within reach, in the order of ids: of all, or of those whom a word finds.

    A word is a part of a name, the beginning of a branch, a licence number or its end; with ``whole`` a whole name,
    licence number or id. ``after`` is the last one that is known already.
    """
    with database.read(tables.CATALOGUE) as rows:
        table = member_word if sought else member
        where = [table.c.id > after, *_within(database, table.c.id)]
        if sought:
            where.append(_w.word == _hash(database.seal, sought, whole=whole))
        return [row.id for row in rows.all(rows.select(table, *where).order_by(table.c.id).limit(most))]


def below(database: Database, branch: str) -> list[str]:
    """The ids of those who belong to a branch, and to what stands below it ("上海分公司/浦东支公司")."""
    lower = sa.and_(_m.branch >= f"{branch}/", _m.branch < f"{branch}{_BEHIND_SLASH}")
    with database.read(tables.CATALOGUE) as rows:
        return [row.id for row in rows.all(rows.select(member, sa.or_(_m.branch == branch, lower)))]


def devices(
    database: Database, *where: sa.ColumnElement[bool], before: int = 0, most: int | None = None
) -> Sequence[sa.Row[Any]]:
    """The devices within reach that fulfil ``where``, the newest first; ``before`` is the last that was told."""
    asked = [*where, *_within(database, _d.whose), *([_d.number < before] if before else ())]
    with database.read(tables.CATALOGUE) as rows:
        return rows.all(rows.select(member_device, *asked).order_by(_d.number.desc()).limit(most))


def departures(
    database: Database, *where: sa.ColumnElement[bool], before: int = 0, most: int | None = None
) -> Sequence[sa.Row[Any]]:
    """The hand-overs and erasures within reach, the newest first; ``before`` as for :func:`devices`."""
    c = departure.c
    asked = [*where, *_within(database, c.whose), *([c.number < before] if before else ())]
    with database.read(tables.CATALOGUE) as rows:
        return rows.all(rows.select(departure, *asked).order_by(c.number.desc()).limit(most))


def count(database: Database, column: sa.Column[str], *where: sa.ColumnElement[bool], most: int | None = None) -> int:
    """How many rows of a column's table are within reach and fulfil ``where``, or ``most``; the column says whose."""
    with database.read(tables.CATALOGUE) as rows:
        return rows.total(column, *where, *_within(database, column), most=most)


def near(rows: Rows) -> dict[str, int]:
    """Whose keys the desks of the agent of ``rows`` can meet: by id, the newest act that they must know of.

    His own, those of his branch, and of all whose documents came to him (:func:`acquaint`).
    """
    book, mine = _home(rows)
    if mine is None:
        return {}
    others = _others(rows, book)
    return {row.id: int(row.number) for row in book.all(book.select(colleague, _c.branch == mine.branch))} | others


def newest_near(rows: Rows) -> int:
    """The newest act that :func:`near` tells of, by a look at a few rows."""
    book = rows.of(tables.CATALOGUE)
    (found,) = rows.run(_NEAR)
    others = _others(rows, book).values() if found.more else ()
    return max([found.at_home, *others]) if found.at_home else 0


def _home(rows: Rows) -> tuple[Rows, sa.Row[Any] | None]:
    book = rows.of(tables.CATALOGUE)
    return book, book.get(member, id=rows.agent)


def _others(rows: Rows, book: Rows) -> dict[str, int]:
    """Those from whom documents came, each with the newest act that is to be known of him."""
    known = {row.whose: int(row.number) for row in rows.run(_ACQUAINTED)}
    for row in book.among(_c.id, known):
        known[row.id] = max(known[row.id], int(row.number))
    return known


def _within(database: Database, column: sa.Column[str]) -> list[sa.ColumnElement[bool]]:
    reach = database.reach
    return [] if reach is None else [database.one_of(column, reach)]


# --- a database of the version before --------------------------------------------------------------------------------


def fill(connection: sa.Connection, seal: Seal) -> None:
    """Tell the directory what a database already holds, within the transaction that made its tables."""
    rows, a = Rows(connection, seal, tables.OFFICE), tables.audit.c
    acts = rows.all(rows.select(tables.audit, a.act.in_(("enrol", "reassign", "erase"))).order_by(a.number))
    newest = connection.execute(sa.select(sa.func.max(a.number))).scalar_one() or 1
    r, d = tables.record.c, tables.device.c
    staff = sa.select(tables.record).where(r.kind == Staff.kind(), r.agent == r.id)
    for row in opened(seal, staff, connection.execute(staff)).all():
        enter(rows.of(row.id), seal, row.id, {}, row.body, newest)
    since = {act.subject: int(act.number) for act in acts if act.act == "enrol"}
    devices_there = sa.select(d.agent, d.device, d.state, d.seal_key).where(d.public_key != b"")
    for one in connection.execute(devices_there).all():
        enrolled(rows.of(one.agent), one.device, one.state, since.get(one.device, 0))
        if one.seal_key:
            seals(rows.of(one.agent), one.device, one.seal_key)
    for act in acts:
        if act.act != "enrol":  # an erasure names the device that asked for it, as agent/device
            whose = act.detail.get("former") or str(act.detail.get("by", "")).partition("/")[0]
            depart(rows, act.subject, whose, act.act, int(act.number))
    handed = connection.execute(sa.select(r.agent, r.former).where(r.former.is_not(None))).all()
    for agent, former in handed:
        acquaint(rows.of(agent), former, newest)


# --- words -----------------------------------------------------------------------------------------------------------


def _hash(seal: Seal, word: str, *, whole: bool) -> str:
    return seal.blind(f"{'whole' if whole else 'part'}{word}")


def hashes(seal: Seal, staff_id: str, body: Mapping[str, Any]) -> Iterator[str]:
    """What stands in the directory for the words by which a member of staff is found; nothing for an empty record."""
    if body:
        name, licence, branch = (str(body.get(field) or "") for field in ("name", "licence_no", "branch"))
        yield from (_hash(seal, word, whole=True) for word in (staff_id, name, licence) if word)
        parts = {staff_id, licence, licence[-_TAIL:], branch, *_stretches(_plain(name)), _plain(name)}
        for step in branch.split("/"):
            parts |= {_plain(step)[:end] for end in range(LEAST_WORD, len(step) + 1)}
        yield from (_hash(seal, word, whole=False) for word in parts if word)


def _stretches(name: str) -> Iterator[str]:
    for start in range(len(name)):
        for end in range(start + LEAST_WORD, min(start + _LONGEST_WORD, len(name)) + 1):
            yield name[start:end]


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isalnum())
