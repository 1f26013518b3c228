"""Columns as arrays in PostgreSQL's binary form: what comes back is what went in, whatever its shape."""

import psycopg
import pytest
import sqlalchemy as sa

from insuragent.headoffice.arrays import array_of, prepare
from tests.postgres import Postgres

UUID = "0192f0c1-2b3d-7e4f-8a5b-6c7d8e9f0a1b"
COLUMNS = [
    (sa.Text(), "text", [UUID, UUID.upper()]),  # of one length and plain
    (sa.Text(), "text", ["a", "", "王小明", "a" * 127, "a" * 128]),
    (sa.Text(), "text", ["王小", "李四"]),
    (sa.Text(), "text", ["x" * 200, "y" * 200]),
    (sa.Text(), "text", ["", ""]),
    (sa.Text(), "text", []),
    (sa.Text(), "text", [None, "a", None]),
    (sa.Text(), "text", [None, None]),
    (sa.BigInteger(), "bigint", [1, -(2**63), 2**63 - 1, 0]),
    (sa.BigInteger(), "bigint", [7, 7, 7]),
    (sa.BigInteger(), "bigint", [None, 3]),
    (sa.LargeBinary(), "bytea", [b"", b"\0\xff", b"\0\xff"]),
    (sa.JSON(), "jsonb", [{"a": 1}, {"a": True}, {"a": 1.5}]),
    (sa.JSON(), "jsonb", [{"a": None}, None]),
]


@pytest.mark.parametrize(("kind", "name", "values"), COLUMNS)
def test_an_array_is_read_as_it_was_written(
    postgres_server: Postgres, kind: sa.types.TypeEngine[object], name: str, values: list[object]
) -> None:
    """Values of one length, of none, alike, missing, and equal ones that are not the same."""
    with psycopg.connect(f"host={postgres_server.folder} user=owner dbname=postgres") as connection:
        prepare(connection)
        asked = f"select value from unnest(cast(%s as {name}[])) with ordinality as t(value, place) order by place"
        found = [value for (value,) in connection.execute(asked.encode(), [array_of(values, kind)])]
    assert repr(found) == repr(values)
