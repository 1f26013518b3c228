"""What other hands entered lies packed in the columns of its page, with a small row to find it by (ADR 0031)."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0017"
down_revision = "0016"

_AT_ONCE = 1000
_EPOCH, _TICK = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)
_SEEN = "handed_over_seen"


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    for name in ("grant", "record"):
        op.drop_index(f"ix_received_{name}", "received")
    op.rename_table("received", "received_by_row")
    op.create_table(
        "received_block",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_received_block")),
    )
    op.create_table(
        "received",
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "block", "place", name=op.f("pk_received")),
        sqlite_with_rowid=False,
    )
    handed_over = sa.text("deed = 'grant'")
    op.create_index("ix_received_grant", "received", ["kind", "block", "place"], sqlite_where=handed_over)
    _pack(op.get_bind())
    op.drop_table("received_by_row")


def _pack(connection: sa.Connection) -> None:
    seen = int(connection.exec_driver_sql("SELECT value FROM note WHERE name = ?", (_SEEN,)).scalar() or 0)
    block = 0
    # What was looked at and what was not lie in different blocks, for the note names the last block of the first.
    for since, until in ((0, seen), (seen, 2**63 - 1)):
        for rows in _rows(connection, since, until):
            block += 1
            entries = zstandard.compress(json.dumps(_columns(rows), ensure_ascii=False).encode())
            connection.exec_driver_sql("INSERT INTO received_block VALUES (?, ?)", (block, entries))
            found = [(row.record_id, block, n, row.id, row.deed, row.kind) for n, row in enumerate(rows)]
            connection.exec_driver_sql("INSERT INTO received VALUES (?, ?, ?, ?, ?, ?)", found)
        if until == seen:
            connection.exec_driver_sql("UPDATE note SET value = ? WHERE name = ?", (block, _SEEN))


def _rows(connection: sa.Connection, since: int, until: int) -> Iterator[Sequence[Any]]:
    wanted = "SELECT rowid, * FROM received_by_row WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?"
    while rows := connection.exec_driver_sql(wanted, (since, until, _AT_ONCE)).all():
        yield rows
        since = rows[-1].rowid


def _columns(rows: Sequence[Any]) -> list[Any]:
    """Entries as a page in columns has them: protocol version 3."""
    numbers, count = list(range(1, len(rows) + 1)), len(rows)
    order: list[int] = []
    alike: dict[tuple[str, ...], tuple[int, list[Any]]] = {}
    for row in rows:
        changes = json.loads(row.changes) if row.changes else None
        if not changes:
            order.append(-1)
            continue
        place, told = alike.setdefault(tuple(changes), (len(alike), []))
        order.append(place)
        told.append(list(changes.values()))
    shapes = [
        [names, *([[pairs[field][side] for pairs in told] for field in range(len(names))] for side in (0, 1))]
        for names, (_place, told) in alike.items()
    ]
    ids, records, actors = (
        [one and str(uuid.UUID(bytes=one)) for one in column]
        for column in zip(*((row.id, row.record_id, row.actor_id) for row in rows), strict=True)
    )
    at = [(_EPOCH + _TICK * row.at).isoformat() for row in rows]
    deeds, kinds, devices = ([getattr(row, name) for row in rows] for name in ("deed", "kind", "device_id"))
    nothing = [""] * count
    parts = [numbers, ids, at, deeds, kinds, records, nothing, actors, devices, nothing]
    revisions, names = [row.revision for row in rows], [row.actor_name for row in rows]
    return [numbers, revisions, names, nothing, [parts, shapes, order]]
