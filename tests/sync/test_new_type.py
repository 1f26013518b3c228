"""A record type is declared once, here: it syncs, merges, conflicts and is audited, and no line elsewhere knows it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from insuragent.headoffice import tables
from insuragent.headoffice.blocks import Texts
from insuragent.headoffice.ledger import Device
from insuragent.headoffice.publishing import publish
from insuragent.models import RECORDS, Base, Customer, Deed, Entry, Record, State
from insuragent.models.fields import Choice, Search, choice, link, long_text, money, text
from insuragent.rules.merging import Merge
from insuragent.settings import Profile
from insuragent.store import indexing, search
from insuragent.store.store import Store
from insuragent.store.work import UnitOfWork
from insuragent.sync import conflicts
from insuragent.sync.protocol import ReceiptAsked
from tests.sync.histories import KEY, World, make_database, make_template
from tests.sync.judged import check


class ClaimState(Choice):
    REPORTED = "reported", "已报案"
    PAID = "paid", "已赔付"


class Claim(Record):
    """A claim of a customer: declared as any other record type."""

    __tablename__ = "claim"
    label = "理赔"

    customer_id: Mapped[uuid.UUID] = link("customer", "客户", parent=True)
    claim_no: Mapped[str | None] = text("报案号", optional=True, max_length=20, search=Search.CODE)
    state: Mapped[str] = choice("状态", ClaimState, default=ClaimState.REPORTED)
    amount: Mapped[int | None] = money("金额")
    story: Mapped[str | None] = long_text("经过")
    decision: Mapped[str | None] = text("结论", optional=True, merge=Merge.THEIRS)


Base.metadata.remove(Claim.__table__)  # type: ignore[arg-type]  # other tests compare what is declared with the migrations


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two desks and head office, all of a program that knows claims."""
    monkeypatch.setitem(RECORDS, "claim", Claim)
    template = make_template(tmp_path / "template")
    with Store(Profile(template), KEY) as store, store.engine.execution_options(write=True).begin() as connection:
        Claim.__table__.create(connection)  # type: ignore[attr-defined]
        connection.exec_driver_sql(indexing.create_table("claim"))
    made = World(tmp_path, template, make_database(tmp_path))
    yield made
    made.close()
    made.database.close()


def file(world: World, **values: object) -> uuid.UUID:
    """A claim entered on the first desk, for the customer that both know; both have it."""
    key = uuid.uuid4()
    customer = world.machines[0].customers()[0]
    world.machines[0].edit(lambda work: work.add(Claim(id=key, customer_id=customer, **values)))
    world.settle()
    return key


def change(world: World, at: int, key: uuid.UUID, **values: object) -> None:
    """Some fields typed on a desk."""

    def enter(work: UnitOfWork) -> None:
        record = work.get(Claim, key)
        for name, value in values.items():
            setattr(record, name, value)
        conflicts.close_conflicts(work, record, values)

    world.machines[at].edit(enter)


def read(world: World, at: int, key: uuid.UUID) -> Claim:
    """The claim as a desk has it."""
    machine = world.machines[at]
    with machine.store.read(machine.actor) as work:
        return work.get(Claim, key)


def test_it_syncs(world: World) -> None:
    """All fields arrive, are found by a search, and head office counts them in its receipt."""
    key = file(world, claim_no="LP2026001", amount=1_234_500, story="雨天追尾\n对方全责")
    held = read(world, 1, key)
    assert (held.state, held.amount, held.story) == (ClaimState.REPORTED, 1_234_500, "雨天追尾\n对方全责")
    machine = world.machines[1]
    with machine.store.read(machine.actor) as work:
        assert [one.id for one in search.find(work.session, Claim, "LP2026001")] == [key]
    assert world.receipts.give(machine.device, ReceiptAsked(1)).held["claim"] == 1
    check(world)


def test_it_merges_and_conflicts_by_its_declared_policies(world: World) -> None:
    """Disjoint fields and narratives are joined, the office's own field is head office's, the rest is asked about."""
    key = file(world, amount=100, story="开头")
    agent = str(world.agents[0])
    change(world, 0, key, amount=200, story="开头\n甲", claim_no="A1")
    change(world, 1, key, amount=300, story="开头\n乙", state=ClaimState.PAID, decision="本机")
    publish(world.database, "claim", key, {"decision": "总公司"}, agent)
    world.settle()
    for at in (0, 1):
        held = read(world, at, key)
        assert (held.amount, held.claim_no, held.state, held.decision) == (200, "A1", ClaimState.PAID, "总公司")
        assert set((held.story or "").split("\n")) == {"开头", "甲", "乙"}
    machine = world.machines[1]
    with machine.store.read(machine.actor) as work:
        (asked,) = conflicts.open_conflicts(work)
    assert (asked.field_name, asked.base["value"], asked.mine["value"], asked.theirs["value"]) == (
        "amount",
        100,
        300,
        200,
    )
    machine.edit(lambda work: conflicts.resolve(work, asked.id, 300))
    world.settle()
    assert read(world, 0, key).amount == 300
    check(world)


def test_it_is_audited(world: World) -> None:
    """Every change is in the journal of its desk and in head office's, with the same hash."""
    key = file(world, amount=100)
    change(world, 1, key, amount=150)
    world.settle()
    for machine in world.machines[:2]:
        with machine.store.read(machine.actor) as work:
            own = {
                str(entry.id): entry for entry in work.session.scalars(sa.select(Entry).where(Entry.kind == "claim"))
            }
        with world.database.read(str(world.agents[0])) as rows:
            e = tables.entry.c
            told = rows.all(rows.select(tables.entry, e.kind == "claim", e.device == machine.device.device))
            texts = Texts(rows, told)
            chains = {row.id: texts.chain_at(row) for row in told}
        assert chains == {key: entry.chain.hex() for key, entry in own.items()}
        assert all(entry.state == State.ACCEPTED for entry in own.values())
        assert {entry.deed for entry in own.values()} <= {Deed.CREATE, Deed.CHANGE}


def test_what_breaks_its_declaration_goes_into_quarantine(world: World) -> None:
    """Head office judges it by the same declaration: shape, size, and where its links lead."""
    key = file(world)
    machine = world.machines[0]
    for values in ({"amount": "viel"}, {"amount": 2**70}, {"claim_no": "x" * 21}, {"customer_id": str(key)}):
        machine.edit(lambda work, bad=values: _enter(work, key, bad))  # type: ignore[misc]
    world.settle()
    with machine.store.read(machine.actor) as work:
        refused = work.session.scalars(sa.select(Entry).where(Entry.state == State.REFUSED)).all()
    assert [sorted(entry.changes or {}) for entry in refused] == [["amount"], ["amount"], ["claim_no"], ["customer_id"]]
    assert isinstance(machine.device, Device)
    with machine.store.read(machine.actor) as work:
        assert work.count(Customer) == 1


def _enter(work: UnitOfWork, key: uuid.UUID, values: dict[str, object]) -> None:
    """A change as a faulty program would have entered it."""
    work.enter(Deed.CHANGE, "claim", key, {name: [None, value] for name, value in values.items()})


def test_it_is_handed_over(world: World) -> None:
    """It goes with the customer that it hangs on, and the old desks let go of it."""
    key = file(world, claim_no="LP2026009", story="雨天追尾")
    world.hand_over(0)
    world.settle()
    assert read(world, 2, key).story == "雨天追尾"
    check(world)
