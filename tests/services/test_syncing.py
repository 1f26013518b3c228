"""How a desk stands with head office: what waits by type, what was refused, and the choice in a conflict."""

import datetime as dt

import pytest

from insuragent.errors import NotPermitted
from insuragent.models import Customer, Deed, Entry, State
from insuragent.services import customers, records, syncing
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.sync.conflicts import Side, note_conflict, note_late

NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)


@pytest.fixture
def customer(store: Store, agent: Actor) -> Customer:
    """A customer whose mobile number two hands changed."""
    with store.begin(agent) as work:
        made = customers.create(work, {"name": "王小明", "mobile": "13933334444"})
        work.flush()
        theirs = Side("13933334444", NOON, "郑主管", "device-b")
        note_conflict(work, made, "mobile", "13800138000", Side("13911112222", NOON), theirs)
    return made


def test_what_waits_is_counted_by_type(store: Store, agent: Actor, customer: Customer) -> None:
    """Changes of records only: a deed of the audit is sent too, but is no work of the person's."""
    with store.begin(agent) as work:
        work.tell(Deed.LOCK)
        customers.change(work, customer.id, {"remark": "下周再访"})
    with store.read(agent) as work:
        found = syncing.status(work)
    assert [(waiting.kind, waiting.count) for waiting in found.waiting] == [("customer", 2)]
    assert (found.pending, found.conflicts, found.last_sync, found.receipt) == (2, 1, None, {})


def test_a_conflict_shows_both_values_who_when_and_where(store: Store, agent: Actor, customer: Customer) -> None:
    """Story S11: three columns, in full."""
    with store.read(agent) as work:
        (found,) = syncing.contested(work)
    assert (found.title, found.label, found.base) == ("王小明", "手机", "13800138000")
    assert (found.mine.words, found.mine.by, found.mine.device) == ("13911112222", "林晓静", agent.device_id)
    assert (found.theirs.words, found.theirs.by, found.theirs.device) == ("13933334444", "郑主管", "device-b")


@pytest.mark.parametrize(("side", "mobile"), [("mine", "13911112222"), ("theirs", "13933334444")])
def test_a_choice_settles_it(store: Store, agent: Actor, customer: Customer, side: str, mobile: str) -> None:
    """Story S11: the chosen value is an ordinary change, the deed is told, nothing is left open."""
    with store.begin(agent) as work:
        (found,) = syncing.contested(work)
        syncing.choose(work, found.id, side)
    with store.read(agent) as work:
        assert records.get(work, Customer, customer.id).mobile == mobile
        assert syncing.contested(work) == []
        assert work.session.query(Entry).filter(Entry.deed == Deed.CONFLICT_RESOLVE).count() == 1


def test_what_a_former_agent_typed_waits_beside_what_this_one_did(
    store: Store, agent: Actor, customer: Customer
) -> None:
    """A handed over customer: three hands wrote one field, and none of the values that wait takes another's place."""
    with store.begin(agent) as work:
        found = records.get(work, Customer, customer.id)
        held, his = Side("13933334444", NOON, "郑主管"), Side("13700137000", NOON, "陈思远", "device-c")
        note_late(work, found, "mobile", "13800138000", his, held)
        note_conflict(work, found, "mobile", "13800138000", Side("13922223333", NOON), held)
        note_late(work, found, "mobile", "13700137000", Side("13600136000", NOON, "陈思远", "device-c"), held)
    with store.read(agent) as work:
        assert [one.mine.words for one in syncing.contested(work)] == ["13922223333", "13600136000"]


def test_whoever_may_not_change_may_not_choose(store: Store, agent: Actor, customer: Customer) -> None:
    """Access is asked as for a change."""
    with store.begin(Actor(agent.staff_id, "compliance")) as work:
        (found,) = syncing.contested(work)
        with pytest.raises(NotPermitted):
            syncing.choose(work, found.id, "mine")


def test_a_refused_entry_is_shown_with_its_reason(store: Store, agent: Actor, customer: Customer) -> None:
    """What head office keeps in quarantine is never lost from sight."""
    with store.begin(agent) as work:
        entry = work.session.query(Entry).filter(Entry.record_id == customer.id).one()
        entry.state, entry.answer = State.REFUSED, "不在服务范围"
    with store.read(agent) as work:
        (refused,) = syncing.status(work).refused
    assert (refused.number, refused.title, refused.reason) == (entry.number, "王小明", "不在服务范围")


def test_what_head_office_has_not_taken_is_not_counted_as_held(store: Store, agent: Actor, customer: Customer) -> None:
    """A customer added offline makes no receipt differ."""
    with store.read(agent) as work:
        before = syncing.held(work)
        assert "customer" not in before
    with store.begin(agent) as work, work.taking_over():
        work.get(Customer, customer.id).revision = 1
    with store.read(agent) as work:
        assert syncing.held(work) == before | {"customer": 1}


def test_a_value_that_nobody_saw_is_never_replaced(store: Store, agent: Actor, customer: Customer) -> None:
    """A form was open while a pass brought another number: the number stays, what was typed waits as a conflict."""
    with store.begin(agent) as work:
        for open_one in syncing.contested(work):
            syncing.choose(work, open_one.id, "theirs")
    seen = {"mobile": "13800138000", "remark": None, "score": None}
    told = {"mobile": "13955556666", "remark": "新", "score": 5}
    with store.begin(agent) as work:
        customers.change(work, customer.id, told, seen)
    with store.read(agent) as work:
        held = records.get(work, Customer, customer.id)
        assert (held.mobile, held.remark, held.score) == ("13933334444", "新", 5)
        (asked,) = syncing.contested(work)
        assert (asked.base, asked.mine.words, asked.theirs.words) == ("13800138000", "13955556666", "13933334444")
    with store.begin(agent) as work:
        customers.change(work, customer.id, {"mobile": "13966667777"}, {"mobile": "13933334444"})
        assert syncing.contested(work) == []
        assert records.get(work, Customer, customer.id).mobile == "13966667777"


def test_what_was_typed_over_an_open_conflict_is_what_is_asked_about(
    store: Store, agent: Actor, customer: Customer
) -> None:
    """The newest of both sides; the older one stays in the journal."""
    with store.begin(agent) as work:
        customers.change(work, customer.id, {"mobile": "13955556666"}, {"mobile": "13800138000"})
    with store.read(agent) as work:
        (asked,) = syncing.contested(work)
        assert (asked.mine.words, asked.theirs.words) == ("13955556666", "13933334444")


def test_equal_to_what_came_in_is_no_conflict(store: Store, agent: Actor, customer: Customer) -> None:
    """Both typed the same."""
    with store.begin(agent) as work:
        customers.change(work, customer.id, {"mobile": "13933334444"}, {"mobile": "13800138000"})
        assert [one.mine.words for one in syncing.contested(work)] == ["13911112222"]
