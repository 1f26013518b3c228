"""A customer changes hands: the new agent has everything, the old one's desks have nothing, and nothing is lost."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from insuragent.headoffice.assignments import reassign
from insuragent.models import Customer, Entry, FamilyMember
from insuragent.models.family import Relation
from insuragent.services import audit, customers, records
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from tests.office_fixtures import NewDesk
from tests.offices import HeadOffice
from tests.sync.plain import text_of
from tests.sync.state import of_desk, of_office

Pair = tuple[Desk, Desk]


@pytest.fixture
def other_id(office: HeadOffice) -> UUID:
    """A second agent."""
    return office.appoint(name="陈思远", licence_no="00000244030000002026000456")


@pytest.fixture
def pair(office: HeadOffice, staff_id: UUID, other_id: UUID, make_desk: NewDesk) -> Pair:
    """The desk of the old agent and that of the new one."""
    return office.seat(make_desk("old"), staff_id), office.seat(make_desk("new"), other_id)


def add_family(desk: Desk, **values: object) -> Customer:
    """A customer with a wife, entered on a desk."""
    with desk.begin() as work:
        customer = customers.create(work, {"name": "欧阳明珠", "mobile": "13800138000", "remark": "爱喝龙井"} | values)
        records.create(
            work,
            FamilyMember,
            {"customer_id": customer.id, "relation": Relation.SPOUSE, "name": "李𬭎", "is_dependent": False},
        )
    return customer


def change(desk: Desk, customer: Customer, **values: object) -> None:
    """A change entered on a desk."""
    with desk.begin() as work:
        customers.change(work, customer.id, values)


def sync(*desks: Desk) -> None:
    """Each desk syncs once, in this order."""
    for desk in desks:
        offices.sync_now(desk)


def test_everything_moves_and_the_old_desk_holds_nothing(
    office: HeadOffice, pair: Pair, staff_id: UUID, other_id: UUID
) -> None:
    """The new desk gets every record whole, with the card of whoever it names; the old one wipes and confirms."""
    old, new = pair
    customer = add_family(old)
    stays = add_family(old, name="王小明", mobile="13900139000")
    sync(old)
    moved = reassign(office.database, str(customer.id), str(other_id))
    assert (moved.records, moved.from_agent) == (2, str(staff_id))
    sync(new, old)
    assert of_desk(new) == of_office(office.database, str(other_id))
    assert of_desk(old) == of_office(office.database, str(staff_id))
    with new.read() as work:
        held = work.get(Customer, customer.id)
        assert (held.remark, held.owner_id) == ("爱喝龙井", other_id)
    with old.read() as work:
        assert work.find(Customer, customer.id) is None
        assert work.get(Customer, stays.id).name == "王小明"
        assert audit.verify(work).sound
        texts = work.session.scalars(sa.select(Entry.changes).where(Entry.record_id == customer.id)).all()
        assert all(set(text or {}) <= {"records"} for text in texts)


def test_not_a_byte_of_the_customer_is_left_in_the_file(office: HeadOffice, pair: Pair, other_id: UUID) -> None:
    """Decrypted page by page, free ones and the log included: no name, no note, no token of the index, no bytes."""
    old, _new = pair
    with old.begin() as work:
        for number in range(200):  # so that pages are shared, split and freed
            work.add(Customer(name=f"客户{number}", remark="普通的一行" * 20))
    customer = add_family(old)
    change(old, customer, remark="爱喝龙井，周三下午在家" * 30)
    change(old, customer, remark="爱喝龙井，周三下午不在家" * 90)
    sync(old)
    words = ["欧阳明珠", "欧阳", "mingzhu", "爱喝龙井", "李𬭎", "13800138000", "0138"]
    before = text_of(old)
    assert [word for word in words if word.encode() not in before] == [], "what is looked for can be found"
    reassign(office.database, str(customer.id), str(other_id))
    sync(old)
    after = text_of(old)
    assert [word for word in words if word.encode() in after] == []
    assert "普通的一行".encode() in after
