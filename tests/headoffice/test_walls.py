"""Two walls between agents: a statement of ours is bound to one, and PostgreSQL shows no other's rows to any."""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from insuragent.headoffice import app, schema, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import create_key
from insuragent.headoffice.walls import NoWalls
from insuragent.models.fields import Moment
from insuragent.sync.protocol import Pull, PullPage, Push, PushAnswer, PushEntry, Receipt, ReceiptAsked, unpack
from tests.headoffice.signed import Signer, pushed
from tests.headoffice.test_judging import CREATED
from tests.offices import HeadOffice, key_file_of
from tests.postgres import APP, OWNER, Postgres

A, B = "agent-a", "agent-b"
WALLED = """select relname from pg_class join pg_policy on polrelid = pg_class.oid
    where relrowsecurity and relforcerowsecurity and polqual is not null and polwithcheck is not null"""


@pytest.fixture
def walled(postgres_server: Postgres) -> Iterator[str]:
    """The name of a database with a row of A in every table; its owner is not the one who serves."""
    name = postgres_server.create()
    database = _database(postgres_server.url(name))
    schema.bring_up_to_date(database, APP)
    create_key(database)
    with database.begin(A) as rows:
        for table in tables.metadata.tables.values():
            rows.insert(table, sample(table))
    database.close()
    yield name
    postgres_server.drop(name)


SAMPLES = {str: "x", bytes: b"x", int: 1, bool: True, dict: {}, dt.datetime: dt.datetime(2026, 11, 26, tzinfo=dt.UTC)}


def sample(table: sa.Table) -> dict[str, Any]:
    """A row of a table, whatever it is about."""
    needed = [c for c in table.columns if c.primary_key or not c.nullable]
    return {c.name: SAMPLES[python_type(c)] for c in needed if c.name not in ("tenant", "agent")}


def python_type(column: sa.Column[Any]) -> type:
    """What a column takes."""
    if isinstance(column.type, sa.JSON):
        return dict
    return dt.datetime if isinstance(column.type, Moment) else column.type.python_type


@pytest.fixture(params=[OWNER, APP])
def raw(request: pytest.FixtureRequest, walled: str, postgres_server: Postgres) -> Iterator[psycopg.Connection[Any]]:
    """A connection past all of our code, as the owner of the tables and as the user who serves."""
    dsn = f"host={postgres_server.folder} user={request.param} dbname={walled}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def test_every_table_of_the_catalogue_is_walled(raw: psycopg.Connection[Any]) -> None:
    """Row-level security is on, forced, and has a policy for reading and for writing; also on tables to come."""
    there = raw.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
    assert {name for (name,) in there} == set(tables.metadata.tables)
    assert {name for (name,) in raw.execute(WALLED).fetchall()} == set(tables.metadata.tables)
    assert raw.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user").fetchone() == (
        False,
    )


def test_a_connection_that_names_nobody_sees_and_writes_nothing(raw: psycopg.Connection[Any]) -> None:
    """The rows are there, and neither reading, changing, removing nor adding reaches them, whatever the table."""
    for name in (f'"{table}"'.encode() for table in tables.metadata.tables):
        assert raw.execute(b"select count(*) from " + name).fetchone() == (0,), name
        assert raw.execute(b"update " + name + b" set tenant = 'other'").rowcount == 0
        assert raw.execute(b"delete from " + name).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(b"insert into " + name + b" (tenant, agent) values ('main', 'agent-a')")
        with raw.transaction():
            raw.execute("select set_config('insuragent.agents', %s, true)", [f"{{{A}}}"])
            assert raw.execute(b"select count(*) from " + name).fetchone() == (1,), name
        assert raw.execute(b"select count(*) from " + name).fetchone() == (0,), "the name ends with its transaction"


def test_who_is_named_cannot_reach_another(raw: psycopg.Connection[Any]) -> None:
    """B sees nothing of A, cannot give A a row, and cannot hand its own over."""
    with raw.transaction():
        raw.execute("select set_config('insuragent.agents', %s, true)", [f"{{{B}}}"])
        raw.execute("insert into feed (tenant, agent, number) values ('main', 'agent-b', 3)")
        assert raw.execute("select agent from feed").fetchall() == [(B,)]
    for statement in (
        b"insert into feed (tenant, agent, number) values ('main', 'agent-c', 3)",
        b"update feed set agent = 'agent-c'",
        b"update feed set tenant = 'other'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), raw.transaction():
            raw.execute("select set_config('insuragent.agents', %s, true)", [f"{{{B}}}"])
            raw.execute(statement)


def test_the_server_refuses_a_user_who_walks_through(walled: str, postgres_server: Postgres) -> None:
    """A superuser, a user with BYPASSRLS, and a table whose wall was taken down."""
    app.build(served := _database(postgres_server.url(walled, APP)), ["x"])
    served.close()
    for user in ("postgres", "strong"):
        if user == "strong":
            postgres_server.execute("create role strong login bypassrls in role owner")
        database = _database(postgres_server.url(walled, user))
        with pytest.raises(NoWalls):
            app.build(database, ["x"])
        database.close()
    postgres_server.execute("drop role strong")
    owner = _database(postgres_server.url(walled))
    with owner.connect() as connection:
        connection.exec_driver_sql("alter table nonce no force row level security")
    with pytest.raises(NoWalls):
        app.build(owner, ["x"])
    owner.close()


def test_the_user_who_serves_need_not_own_the_tables(walled: str, postgres_server: Postgres) -> None:
    """It reads and writes rows behind the walls, and cannot take them down."""
    database = _database(postgres_server.url(walled, APP))
    staff = {"name": "林", "licence_no": "1", "licence_valid_to": "2030-01-01", "company": "c", "branch": "b"}
    assert publish(database, "staff", uuid7(), staff) == 1
    with pytest.raises(sa.exc.ProgrammingError), database.connect() as connection:
        connection.exec_driver_sql("alter table record disable row level security")
    database.close()


def test_rows_run_no_statement_but_their_own(office: HeadOffice) -> None:
    """The first wall, on both databases: neither a bare statement nor one of another agent's rows."""
    with office.database.read(A) as rows, office.database.read(B) as others:
        for stranger in (sa.select(tables.record), others.select(tables.record)):
            with pytest.raises(RuntimeError):
                rows.all(stranger)
        assert rows.all(rows.select(tables.record).limit(1)) == []


def test_no_route_tells_of_another_agents_records(office: HeadOffice) -> None:
    """Asked with the ids of A's customer, each route answers B as if there were no such record, and A's stays."""
    mine, theirs = Signer(office, office.appoint()), Signer(office, office.appoint())
    customer, nobody = uuid7(), uuid7()
    create = CREATED | {"name": "王小明"}
    assert _taken(theirs, pushed(1, "create", "customer", customer, **create)).result == "accepted"
    before = _feed(theirs)
    numbers = itertools.count(1)
    for record_id in (customer, nobody):
        for deed, asked, changes, code in (
            ("change", record_id, {"name": "x"}, "unknown_record"),
            ("archive", record_id, {"archived_at": "2026-11-26T00:00:00+00:00"}, "unknown_record"),
            ("create", uuid7(), {"customer_id": str(record_id)}, "unknown_link"),
        ):
            kind = "visit" if deed == "create" else "customer"
            told = _taken(mine, pushed(next(numbers), deed, kind, asked, **changes))
            assert (told.result, told.revision, told.code) == ("refused", 0, code)
    # The same id in B's own feed is B's own record: A's is not touched, and its content not compared.
    assert _taken(mine, pushed(next(numbers), "create", "customer", customer, **create)).revision == 1
    assert _feed(theirs) == before
    receipt = unpack(mine.ask("receipt", ReceiptAsked(1)).content, Receipt)
    assert receipt.held == {"staff": 1, "customer": 1}


def _database(url: str) -> Database:
    return Database(url, key_file_of(url))


def _taken(signer: Signer, entry: PushEntry) -> Any:
    (answer,) = unpack(signer.ask("push", Push([entry])).content, PushAnswer).answers
    return answer


def _feed(signer: Signer) -> list[bytes]:
    page = unpack(signer.ask("pull", Pull("own", 0)).content, PullPage)
    return [bytes(item.sealed) for item in page.items]
