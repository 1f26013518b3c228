"""A new record becomes a row at once, and the session knows it as one that it had read."""

import datetime as dt

import pytest
import sqlalchemy as sa

from insuragent.models import Customer, Deed, Entry, Product, Visit
from insuragent.models.customer import LISTED
from insuragent.store import listing
from insuragent.store.store import Store
from insuragent.store.work import Actor


def entries(store: Store, actor: Actor) -> list[tuple[str, dict[str, list[object]] | None]]:
    """Every deed with its changes, in order."""
    with store.read(actor) as work:
        return [
            (row.deed, row.changes) for row in work.rows(sa.select(Entry.deed, Entry.changes).order_by(Entry.number))
        ]


def test_what_was_not_told_is_empty_and_what_was_is_kept(store: Store, actor: Actor) -> None:
    """Every column of a new row is as its record says, read by this unit of work or the next one."""
    born = dt.date(1990, 2, 28)
    with store.begin(actor) as work:
        made = work.add(Customer(name="张伟", birth_date=born, annual_income=12_345, score_parts={"age": 3}))
        assert made.mobile is None
        work.flush()
        assert work.scalars(sa.select(Customer)) == [made]
        assert (made.number, made.revision, made.mobile, made.archived_at) == (1, 0, None, None)
    with store.read(actor) as work:
        read = work.get(Customer, made.id)
        assert read is not made
        assert read.plain() == made.plain()
        assert (read.birth_date, read.annual_income, read.score_parts) == (born, 12_345, {"age": 3})
        assert (read.changed_at, read.unknown) == (made.changed_at, {})


def test_a_record_that_was_just_made_is_changed_as_any_other(store: Store, actor: Actor) -> None:
    """Before it is a row a change is a part of its making; afterwards it is a deed of its own, by this session."""
    with store.begin(actor) as work:
        made = work.add(Customer(name="张伟"))
        made.name = "张炜"
        work.flush()
        made.mobile = "13800138000"
    assert made.name == "张炜"
    (first, contents), second = entries(store, actor)
    assert contents is not None
    assert (first, contents["name"]) == (Deed.CREATE, [None, "张炜"])
    assert second == (Deed.CHANGE, {"mobile": [None, "13800138000"]})
    with store.read(actor) as work:
        assert work.get(Customer, made.id).mobile == "13800138000"


def test_records_of_many_types_are_made_in_any_order(store: Store, actor: Actor) -> None:
    """Each type's rows are numbered by themselves, in the order in which they were made, after those that are there."""
    now = dt.datetime.now(dt.UTC)
    with store.begin(actor) as work:
        work.add(Customer(name="早到"))
    with store.begin(actor) as work:
        customers = [Customer(name=name) for name in ("一", "二", "三")]
        visits = [Visit(customer_id=one.id, purpose="care", planned_start=now, planned_end=now) for one in customers]
        for record in (visits[0], customers[0], customers[1], visits[1], visits[2], customers[2]):
            work.add(record)
    assert [one.number for one in customers] == [2, 3, 4]
    assert [one.number for one in visits] == [1, 2, 3]
    assert [deed for deed, _ in entries(store, actor)] == [Deed.CREATE] * 7


def test_what_cannot_become_a_row_leaves_no_entry(store: Store, actor: Actor) -> None:
    """The same id twice: neither a second record nor a deed that tells of one, and the store goes on."""
    with store.begin(actor) as work:
        made = work.add(Customer(name="张伟"))
    with pytest.raises(Exception, match="UNIQUE"), store.begin(actor) as work:
        work.add(Customer(id=made.id, name="又一个"))
    assert [deed for deed, _ in entries(store, actor)] == [Deed.CREATE]
    with store.begin(actor) as work:
        work.add(Customer(name="李强"))
    assert [deed for deed, _ in entries(store, actor)] == [Deed.CREATE] * 2


def test_a_field_that_is_not_declared_is_refused() -> None:
    """A slip of the pen in our own code is noticed where it is made."""
    with pytest.raises(TypeError, match="nickname"):
        Product(nickname="x")


@pytest.mark.parametrize("order", LISTED)
def test_the_list_is_sorted_without_a_page_of_the_table(store: Store, actor: Actor, order: str) -> None:
    """One index, which every save writes, serves every order that no index of its own does."""
    with store.read(actor) as work:
        column = getattr(Customer, order)
        asked = sa.select(Customer.number).where(Customer.archived_at.is_(None)).order_by(column, Customer.number)
        words = str(asked.compile(work.session.connection()))
        plan = [row[3] for row in work.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]
        assert all("INDEX" in step for step in plan if step.startswith(("SCAN", "SEARCH"))), plan
        assert len(listing.numbers(work.session, Customer, listing.Query(order=order))) == 0
