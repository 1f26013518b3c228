"""Whatever is pushed has a typed answer: nothing of it is a fault of the server's, and none can stop a desk."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insuragent.errors import Refused
from insuragent.headoffice import schema, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import Enrolment
from insuragent.headoffice.ledger import Device, Ledger
from insuragent.headoffice.publishing import publish
from insuragent.headoffice.signing import create_key, load_key
from insuragent.models import Customer, Visit
from insuragent.models.fields import fields_of
from insuragent.models.journal import GENESIS
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.sync import inbox, place
from insuragent.sync.protocol import ACCEPTED, OWN, REFUSED, STALE, TOLD, Pull, Push, PushAnswer, unpack
from insuragent.sync.protocol.devices import Enrol
from tests.offices import key_file_of

AT = "2026-11-24T02:00:00+00:00"
STAFF = {"name": "林晓静", "licence_no": "1", "licence_valid_to": "2030-01-01", "company": "c", "branch": "b"}
IDS = [str(uuid.UUID(int=number)) for number in (1, 2, 3)]

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from(
        ["", "\0", "a\\u0000", "2026-01-01", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", AT, *IDS]
    )
)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
names = st.sampled_from([*fields_of(Customer), *fields_of(Visit), "mood", "", "\0", "x" * 200])
changes = st.dictionaries(names, st.lists(anything, max_size=3) | st.tuples(plain, anything).map(list), max_size=4)
whole = {"name": "王", "type": "person", "source": "other", "stage": "lead", "customer_class": "general"}
kinds = st.sampled_from(["customer", "visit", "staff", "product", "attachment", "conflict", "claim", "", "a\0"])
slots = st.tuples(
    st.just(0) | st.integers(-1, 3),
    st.uuids(version=4).map(str) | plain,
    st.just(AT) | plain,
    st.sampled_from(["create", "change", "merge", "unlock", "", "\0", "x" * 99]) | plain,
    kinds | plain,
    st.sampled_from(IDS) | plain,
    changes | changes.map(lambda held: {name: [None, value] for name, value in whole.items()} | held) | anything,
    st.text(max_size=3),
    st.none() | st.sampled_from(IDS),
    st.just("device"),
    st.just("1.0"),
).map(list)
bases = st.integers(-1, 4) | st.none() | plain


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind, with its tables."""
    url = f"sqlite:///{tmp_path / 'headoffice.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = Database(url, key_file_of(url))
    schema.bring_up_to_date(made)
    create_key(made)
    yield made
    made.close()


class World:
    """One agent's ledger, a device that pushes, and the desk that must take over what comes of it."""

    def __init__(self, database: Database, desk: Store) -> None:
        self.database, self.desk, self.ledger = database, desk, Ledger(database)
        self.refusals: set[str] = set()
        staff_id = uuid.uuid4()
        publish(database, "staff", staff_id, STAFF)
        self.device = Device(str(staff_id), "pusher")
        enrolment = Enrolment(database, load_key(database))
        enrolment.admit(Enrol("", bytes(32), bytes(64), 0, GENESIS.hex()), str(staff_id), self.device.device)

    def held(self, *held: sa.Table) -> list[Any]:
        """Every row of the agent's in some tables."""
        with self.database.read(self.device.agent) as rows:
            return [tuple(row) for table in held for row in rows.all(rows.select(table).order_by(*table.primary_key))]

    @property
    def last(self) -> int:
        """The newest entry taken."""
        with self.database.read(self.device.agent) as rows:
            row = rows.find(tables.device, tables.device.c.device == self.device.device)
        assert row is not None
        return int(row.last)

    def push(self, raw: list[tuple[bytes, bytes]]) -> PushAnswer | None:
        """Entries as raw JSON, (base, sealed) each, as they come over the wire; None for a refusal."""
        told = b",".join(b"[%b,%b]" % one for one in raw)
        try:
            return self.ledger.push(self.device, unpack(zstandard.compress(b'{"entries":[%b]}' % told), Push))
        except Refused as refused:
            self.refusals.add(refused.code)
            return None

    def follow(self) -> None:
        """The desk takes over what is new in the feed."""
        with self.desk.begin(Actor()) as work:
            cursor = place.cursor(work, OWN)
        page = self.ledger.pull(self.device, Pull(OWN, cursor))
        with self.desk.begin(Actor()) as work:
            inbox.take_over(work, OWN, page)


def judged(world: World, raw: list[tuple[bytes, bytes]]) -> None:
    """Push, and look that nothing changed but for what was accepted; then let the desk follow."""
    everything = (tables.feed, tables.device, tables.record, tables.entry)
    before, records = world.held(*everything), world.held(tables.record)
    answer = world.push(raw)
    if answer is None:
        assert world.held(*everything) == before
        assert world.refusals <= {"bad_message", "gap", "renumbered"}
        return
    results = {one.result for one in answer.answers}
    assert results <= {ACCEPTED, STALE, REFUSED, TOLD}
    if ACCEPTED not in results:
        assert world.held(tables.record) == records
    world.follow()


def test_any_entry_has_a_typed_answer(database: Database, new_store: Callable[[str], Store]) -> None:
    """Every slot of an entry, every value of a change: taken, stale, refused, or the whole message refused."""
    world = World(database, new_store("desk"))

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(bases, slots), min_size=1, max_size=3))
    def happen(pushed: list[tuple[Any, list[Any]]]) -> None:
        last = world.last
        for number, (_base, entry) in enumerate(pushed, last + 1):
            entry[0] = number + entry[0]
        judged(world, [(msgspec.json.encode(base), msgspec.json.encode(entry)) for base, entry in pushed])

    happen()


def test_any_bytes_have_a_typed_answer(database: Database, new_store: Callable[[str], Store]) -> None:
    """An entry with bytes of it replaced, left out or doubled, and bytes that are no entry at all."""
    world = World(database, new_store("desk"))
    told = [1, IDS[0], AT, "create", "customer", IDS[1], {"name": [None, "王"]}, "", None, "d", "1"]
    sound = msgspec.json.encode(told)

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(sound)), st.integers(0, 8), st.binary(max_size=8), st.binary(max_size=40))
    def happen(at: int, length: int, put: bytes, rubbish: bytes) -> None:
        for raw in (sound[:at] + put + sound[at + length :], rubbish):
            judged(world, [(b"0", raw)])

    happen()


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_the_character_nul_is_refused_wherever_it_stands(
    database: Database, new_store: Callable[[str], Store], text: str
) -> None:
    """In a value, a name or a reason: PostgreSQL keeps none of them. Behind a backslash it is plain text."""
    world = World(database, new_store("desk"))
    made = {name: [None, value] for name, value in (whole | {"created_at": AT}).items()}
    for number, bent in enumerate((made | {"remark": [None, text]}, made | {text: [None, 1]}), 1):
        entry = [number, str(uuid.uuid4()), AT, "create", "customer", IDS[0], bent, "", None, "d", "1"]
        answer = world.push([(b"0", msgspec.json.encode(entry))])
        assert answer is not None
        assert [(one.result, one.code) for one in answer.answers] == [(REFUSED, "bad_value")]
    plain_text = made | {"remark": [None, "a\\u0000b"]}
    entry = [3, str(uuid.uuid4()), AT, "create", "customer", IDS[0], plain_text, "", None, "d", "1"]
    answer = world.push([(b"0", msgspec.json.encode(entry))])
    assert answer is not None
    assert answer.answers[0].result == ACCEPTED
    world.follow()


def test_a_page_ends_by_its_bytes(database: Database, new_store: Callable[[str], Store]) -> None:
    """As many entries as fit, one at least, and nothing is passed over between two pages."""
    world = World(database, new_store("desk"))
    raw = []
    for number in range(1, 6):
        made = {name: [None, value] for name, value in (whole | {"created_at": AT, "remark": "长" * 300}).items()}
        entry = [number, str(uuid.uuid4()), AT, "create", "customer", str(uuid.uuid4()), made, "", None, "d", "1"]
        raw.append((b"0", msgspec.json.encode(entry)))
    world.push(raw)
    pages, cursor = [], 1  # behind the card of the agent
    while cursor < 6:
        page = world.ledger.pull(world.device, Pull(OWN, cursor, size=2 * len(raw[0][1])))
        pages.append([item.number for item in page.items])
        cursor = page.cursor
    assert pages == [[2, 3], [4, 5], [6]]
    assert [item.number for item in world.ledger.pull(world.device, Pull(OWN, 1, size=1)).items] == [2]
