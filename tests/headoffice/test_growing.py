"""A young database on PostgreSQL has figures of its tables as soon as there is something in them."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from insuragent.headoffice import database as databases
from insuragent.headoffice import tables
from tests.offices import HeadOffice

_SIZE = sa.text("select reltuples from pg_class where oid = 'record'::regclass")


def test_the_tables_are_looked_at_as_they_grow(
    empty_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first rows, then after four times as many; without figures each look-up would walk through all rows."""
    monkeypatch.setattr(databases, "_FIRST_LOOK", 10)
    office = HeadOffice(empty_postgres, tmp_path)
    try:
        sizes, there = [], 0
        for added in (3, 7, 10, 20):
            with office.database.begin("agent") as rows:
                for number in range(there, there + added):
                    rows.insert(tables.record, {"id": str(number), "kind": "customer", "revision": 1, "body": {}})
            there += added
            office.database.grow(added)
            with office.database.engine.connect() as connection:
                sizes.append(connection.execute(_SIZE).scalar_one())
        assert sizes == [-1, 10, 10, 40]
    finally:
        office.database.close()
