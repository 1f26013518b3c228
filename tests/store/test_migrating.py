"""An older file becomes a newer one: what was in it is there afterwards, and every link still holds."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from insuragent.models import Customer, Received, migrations
from insuragent.models.fields import Moment
from insuragent.services import handovers
from insuragent.settings import Profile
from insuragent.store import schema, search
from insuragent.store.engine import open_engine
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.sync import received

MOMENT = 1_795_406_400_000_000  # 2026-11-23 04:00 UTC


def at_version(profile: Profile, key: bytes, version: str) -> sa.Engine:
    """An empty file as a program of that version left it."""
    profile.prepare()
    engine = open_engine(profile.database, key)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.execution_options(write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    return engine


def insert(connection: sa.Connection, table: str, **values: object) -> None:
    """A row with ``values``, and a blank in every other column that must be filled."""
    blanks = {"TEXT": "", "JSON": "[]", "BLOB": b"", "DATE": "2026-11-23"}
    for _place, name, kind, needed, default, key in connection.exec_driver_sql(f"PRAGMA table_info({table})").all():
        if needed and not key and default is None:
            values.setdefault(name, blanks.get(kind.split("(")[0].replace("VARCHAR", "TEXT"), 0))
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values()))


def test_what_was_ticked_is_explained_and_corrections_stay_linked(profile: Profile, key: bytes) -> None:
    """0004 kept bare codes; a sheet that corrects another is a link within the table that is made anew."""
    engine = at_version(profile, key, "0004")
    with engine.execution_options(write=True).begin() as connection:
        insert(connection, "customer", id=b"c" * 16, name="张伟")
        for number, after in ((b"1", None), (b"2", b"1" * 16)):
            insert(
                connection, "sheet", id=number * 16, customer_id=b"c" * 16, prompt_items='["01", "18"]',
                explained_at=MOMENT, supersedes_id=after,
            )  # fmt: skip
    schema.bring_up_to_date(engine)
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT explained, supersedes_id FROM sheet ORDER BY number").all()
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    at = '"at":"2026-11-23T04:00:00Z"'
    assert [row.explained for row in told] == [f'[{{"code":"01",{at}}},{{"code":"18",{at}}}]'] * 2
    assert [row.supersedes_id for row in told] == [None, b"1" * 16]
    engine.dispose()


def test_a_link_that_leads_nowhere_stops_the_migration(profile: Profile, key: bytes) -> None:
    """The checks are off while tables are made anew, so what comes of it is looked at before it is kept."""
    engine = at_version(profile, key, "0004")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            insert(connection, "sheet", id=b"1" * 16, customer_id=b"x" * 16)
    with pytest.raises(schema.StoreDamaged):
        schema.bring_up_to_date(engine)
    assert schema.current(engine) == "0004"
    engine.dispose()


def test_what_was_received_is_told_as_before(profile: Profile, key: bytes, actor: Actor) -> None:
    """0017 packs it: each entry is found by its record, and a hand-over that nobody looked at waits for it."""
    engine = at_version(profile, key, "0016")
    told = [
        ("create", "a", '{"name":[null,"张伟"],"score":[null,7]}'),
        ("grant", "b", '{"name":[null,"李娜"]}'),
        ("grant", "c", '{"name":[null,"王芳"]}'),
        ("change", "a", '{"name":["张伟","张玮"]}'),
        ("withdraw", "d", None),
    ]
    with engine.execution_options(write=True).begin() as connection:
        insert(connection, "note", name="handed_over_seen", value="2")
        for letter in "abc":
            insert(connection, "customer", id=letter.encode() * 16, name=letter, unknown="{}")
        for number, (deed, letter, changes) in enumerate(told, 1):
            insert(
                connection, "received", id=bytes([number]) * 16, at=MOMENT + number, deed=deed, kind="customer",
                record_id=letter.encode() * 16, revision=number, changes=changes, actor_name="林晓静", device_id="d1",
            )  # fmt: skip
    engine.dispose()
    a, c = (uuid.UUID(bytes=letter * 16) for letter in (b"a", b"c"))
    with Store(profile, key) as store, store.read(actor) as work:
        assert handovers.unseen(work) == [c]
        first, last = received.story(work, {a})
        assert first.changes == {"name": (None, "张伟"), "score": (None, 7)}
        assert (last.changes, last.revision, last.by, last.device) == ({"name": ("张伟", "张玮")}, 4, "林晓静", "d1")
        assert (first.at - Moment.EPOCH) // Moment.TICK == MOMENT + 1
        assert sorted(work.session.scalars(sa.select(Received.deed))) == sorted(deed for deed, _letter, _text in told)


def test_an_index_made_anew_is_filled(profile: Profile, key: bytes, actor: Actor) -> None:
    """0010 keeps the index otherwise; a program that ends before it is filled again fills it at the next start."""
    engine = at_version(profile, key, "0009")
    with engine.execution_options(write=True).begin() as connection:
        for number in range(1200):
            told = {"name": f"张伟{number}", "mobile": f"138{number:08}"}
            insert(connection, "customer", id=number.to_bytes(16, "big"), unknown="{}", **told)
    assert schema.bring_up_to_date(engine)
    engine.dispose()
    with Store(profile, key) as store:
        with store.read(actor) as work:
            assert len(search.find(work.session, Customer, "38")) == 50
            assert [one.name for one in search.find(work.session, Customer, "00001199")] == ["张伟1199"]
        assert not schema.bring_up_to_date(store.engine)
