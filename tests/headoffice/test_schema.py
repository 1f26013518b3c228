"""The tables have a version: older ones are led to it in steps, and no program works on another's."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from insuragent.errors import StoreMissing, StoreTooNew
from insuragent.headoffice import schema, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.schema import SchemaTooOld
from tests.offices import key_file_of

FIRST = Path(__file__).parents[1] / "data" / "headoffice"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'headoffice.db'}"
    created: str = request.getfixturevalue("empty_postgres")
    return created


def test_the_first_tables_are_led_to_the_newest(address: str, tmp_path: Path) -> None:
    """All columns and indexes are those of a new database, and what was there is there."""
    old = Database(address, key_file_of(address))
    with old.connect() as connection:
        for statement in (FIRST / f"schema_0_{connection.dialect.name}.sql").read_text().split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql("insert into feed (tenant, agent, number) values ('main', 'a', 7)")
    with pytest.raises(SchemaTooOld):
        schema.check(old)
    assert schema.bring_up_to_date(old) == len(schema.STEPS)
    schema.check(old)
    with old.read("a") as rows:
        assert rows.find(tables.feed) == ("main", "a", 7, None)
    assert _shape(old) == _shape_declared(old)
    old.close()


def test_a_new_database_is_of_the_newest_version(address: str) -> None:
    """No step is run on it, a second time changes nothing, and a database without tables is told."""
    database = Database(address, key_file_of(address))
    with pytest.raises(StoreMissing):
        schema.check(database)
    assert [schema.bring_up_to_date(database) for _again in range(2)] == [len(schema.STEPS)] * 2
    schema.check(database)
    assert _shape(database) == _shape_declared(database)
    database.close()


def test_tables_of_a_newer_program_are_left_alone(address: str) -> None:
    """Neither served nor "brought up to date"."""
    database = Database(address, key_file_of(address))
    schema.bring_up_to_date(database)
    with database.begin(tables.OFFICE) as rows:
        rows.update(tables.version, {"number": len(schema.STEPS) + 1})
    for use in (schema.check, schema.bring_up_to_date):
        with pytest.raises(StoreTooNew):
            use(database)
    database.close()


def _shape(database: Database) -> dict[str, Any]:
    seen = sa.inspect(database.engine)
    return {
        name: (
            {(column["name"], column["nullable"]) for column in seen.get_columns(name)},
            {(index["name"], tuple(index["column_names"]), bool(index["unique"])) for index in seen.get_indexes(name)},
        )
        for name in seen.get_table_names()
    }


def _shape_declared(database: Database) -> dict[str, Any]:
    return {
        table.name: (
            {(column.name, column.nullable) for column in table.columns},
            {(index.name, tuple(index.columns.keys()), index.unique) for index in table.indexes},
        )
        for table in tables.metadata.tables.values()
    }
