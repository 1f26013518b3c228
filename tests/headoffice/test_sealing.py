"""What lies in the database is unreadable without the key, bound to its place, and found by equality alone."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from insuragent.errors import StoreDamaged
from insuragent.headoffice import tables
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.database import Database
from insuragent.headoffice.sealing import KEY_FILE, KeyMissing, Seal, WrongKey, key_path, make_key
from insuragent.headoffice.signing import load_key
from insuragent.models import RECORDS
from insuragent.models.fields import Kind, Sensitivity, fields_of
from insuragent.sync.protocol import Push, PushAnswer, unpack
from tests.headoffice.signed import Signer, pushed
from tests.headoffice.test_judging import CREATED
from tests.offices import HeadOffice, open_office

#: No text of these may be found in what the database keeps; each is in a field of its own, one that we do not know.
CANARIES = {
    "name": "金丝雀",
    "doc_no": "11010519491231002X",
    "mobile": "13912345678",
    "phone2": "02166554433",
    "email": "canary@example.cn",
    "wechat": "canary_wechat",
    "home_address": "鸟笼路一号",
    "work_unit": "鸟笼制造厂",
    "health_brief": "对猫毛过敏",
    "remark": "喜欢唱歌",
    "favourite_tree": "老槐树",
}
CUSTOMER = UUID(int=77)


@pytest.fixture(params=["sqlite", "postgres"])
def own_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HeadOffice]:
    """A head office of this test's own, with a customer."""
    url = f"sqlite:///{tmp_path / 'headoffice.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("empty_postgres")
    with open_office(url, tmp_path) as office:
        signer = Signer(office, office.appoint(name="养鸟人"))
        entry = pushed(1, "create", "customer", CUSTOMER, **CREATED | CANARIES)
        (answer,) = unpack(signer.ask("push", Push([entry])).content, PushAnswer).answers
        assert answer.result == "accepted"
        yield office


def test_no_word_about_a_person_lies_in_the_database(own_office: HeadOffice) -> None:
    """Every table, whole, and on SQLite every byte of its files: records, entries, staff, devices, receipts."""
    kept = whole(own_office)
    assert str(CUSTOMER).encode() in kept, "it does hold the customer"
    for canary in (*CANARIES.values(), "养鸟人", "林晓静"):
        for form in (canary.encode(), ascii(canary)[1:-1].encode()):
            assert form not in kept, canary
    agent = agent_of(own_office)
    with own_office.database.read(agent) as rows:
        row = rows.find(tables.record, tables.record.c.id == str(CUSTOMER))
        (entry,) = rows.all(rows.select(tables.entry, tables.entry.c.record_id == str(CUSTOMER)))
        text = Texts(rows, [entry]).of(entry).decode()
    assert row is not None
    assert row.body == CREATED | CANARIES, "and with the key it is all there"
    assert all(canary in text for canary in CANARIES.values())


def test_the_signing_key_lies_wrapped(own_office: HeadOffice) -> None:
    """Neither raw nor in hex: who has the database alone cannot speak as head office."""
    with own_office.database.read(tables.OFFICE) as rows:
        row = rows.find(tables.key)
    assert row is not None
    assert len(row.private_key) == 32
    kept = whole(own_office)
    assert row.private_key not in kept
    assert row.private_key.hex().encode() not in kept


def test_a_value_in_another_place_does_not_open(own_office: HeadOffice) -> None:
    """Not another record's, and not a changed one: damage is told, never shown."""
    agent, database = agent_of(own_office), own_office.database
    record = tables.record
    with database.connect() as connection:
        (body,) = connection.execute(sa.select(record.c.body).where(record.c.id == str(CUSTOMER))).one()
    for spoilt in (body["$"][:-4] + "AAA=", "?", "", {"$": "?"}, {}):
        spoilt = body | {"$": spoilt}
        with database.connect() as connection:
            connection.execute(sa.update(record).where(record.c.id == str(CUSTOMER)).values(body=spoilt))
        with database.read(agent) as rows, pytest.raises(StoreDamaged):
            rows.find(record, record.c.id == str(CUSTOMER))
    other = str(uuid7())
    with database.connect() as connection:
        connection.execute(sa.update(record).where(record.c.id == str(CUSTOMER)).values(body=body, id=other))
    with database.read(agent) as rows, pytest.raises(StoreDamaged):
        rows.find(record, record.c.id == other)


def test_another_key_is_told_before_anything_is_read(own_office: HeadOffice, tmp_path: Path) -> None:
    """A wrong file, an empty one, none."""
    for name, error in (("wrong", WrongKey), ("empty", KeyMissing), ("none", KeyMissing)):
        path = tmp_path / name
        if name == "wrong":
            make_key(path)
        elif name == "empty":
            path.touch()
        database = Database(own_office.url, path)
        with pytest.raises(error):
            load_key(database)
        database.close()


def test_a_key_is_for_its_owner_and_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it lies: told, named by the environment, or beside a SQLite file; PostgreSQL has no place of its own."""
    monkeypatch.delenv(KEY_FILE, raising=False)
    beside = key_path(sa.make_url(f"sqlite:///{tmp_path / 'a.db'}"))
    assert beside == tmp_path / "a.db.key"
    assert key_path(sa.make_url("postgresql+psycopg://h/d")) is None
    make_key(beside)
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    before = beside.read_bytes()
    make_key(beside)
    assert beside.read_bytes() == before
    with pytest.raises(KeyMissing):
        make_key(None)
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "b"))
    assert key_path(sa.make_url("postgresql+psycopg://h/d")) == tmp_path / "b"
    assert key_path(sa.make_url("sqlite:///x"), tmp_path / "c") == tmp_path / "c"


def test_two_sealings_of_one_value_differ_and_its_blind_index_does_not(tmp_path: Path) -> None:
    """Nobody sees who shares a name; an equal number is found however it is written, under this key only."""
    for name in ("one", "two"):
        make_key(tmp_path / name)
    one, two = Seal(tmp_path / "one"), Seal(tmp_path / "two")
    row = {"id": "r", "kind": "customer", "revision": 1, "body": {"name": "金", "doc_no": "11010519491231002x"}}
    (first,), (second,) = (one.sealed(tables.record, "a", [row]) for _again in range(2))
    assert first["body"]["$"] != second["body"]["$"]
    assert first["blind_number"] == second["blind_number"] == one.blind("110105 1949 1231 002X")
    assert first["blind_number"] != two.blind("11010519491231002X")
    assert first["blind_phone"] is None


def test_a_sealed_column_cannot_be_set_by_a_condition(own_office: HeadOffice) -> None:
    """It would be bound to no row; to empty it is allowed: that is how a text is erased."""
    agent = agent_of(own_office)
    with own_office.database.begin(agent) as rows:
        with pytest.raises(RuntimeError):
            rows.update(tables.entry, {"sealed": "[]"})
        assert rows.update(tables.entry, {"sealed": ""}, tables.entry.c.record_id == str(CUSTOMER)) == 1
        (entry,) = rows.all(rows.select(tables.entry, tables.entry.c.record_id == str(CUSTOMER)))
    assert entry.sealed == ""


def test_only_plain_values_of_fixed_forms_stay_readable(tmp_path: Path) -> None:
    """By declaration: whatever is graded, free in its words, or not known is sealed, of every kind of record."""
    make_key(tmp_path / "key")
    seal = Seal(tmp_path / "key")
    for kind, record_type in RECORDS.items():
        fields = fields_of(record_type)
        body: dict[str, Any] = dict.fromkeys([*fields, "from_a_newer_desk"], "x")
        (row,) = seal.sealed(tables.record, "a", [{"id": "r", "kind": kind, "revision": 1, "body": body}])
        assert row["body"].keys() - {"$"} < body.keys(), "something of each kind is personal"
        for name in row["body"].keys() - {"$"}:
            assert fields[name].sensitivity is Sensitivity.PLAIN, f"{kind}.{name}"
            assert fields[name].kind not in (Kind.TEXT, Kind.LONG_TEXT, Kind.ITEMS), f"{kind}.{name}"


def agent_of(office: HeadOffice) -> str:
    """Whose the customer is."""
    (row,) = office.database.everywhere(sa.select(tables.record.c.agent).where(tables.record.c.id == str(CUSTOMER)))
    return str(row.agent)


def whole(office: HeadOffice) -> bytes:
    """All that the database keeps: its files on SQLite, each row of each table as text on PostgreSQL."""
    address = sa.make_url(office.url)
    if address.get_backend_name() == "sqlite":
        file = Path(str(address.database))
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*") if part != office.key_file)
    with psycopg.connect(f"host={address.query['host']} user=postgres dbname={address.database}") as connection:
        told = [connection.execute(f'select t::text from "{name}" t'.encode()) for name in tables.metadata.tables]
        return b"\n".join(row[0].encode() for found in told for row in found.fetchall())
