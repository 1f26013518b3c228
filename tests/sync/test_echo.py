"""What a desk sent is not brought back to it, and nothing that came in between is passed over (design rule 5)."""

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from insuragent.models import Customer
from insuragent.services import customers
from insuragent.services import office as offices
from insuragent.services.desk import Desk
from insuragent.sync import client
from insuragent.sync.protocol import ErrorBody, Push, PushAnswer, unpack
from tests.headoffice.signed import Signer, pushed
from tests.headoffice.test_judging import CREATED
from tests.offices import HeadOffice
from tests.sync.state import of_desk, of_office


def enter(desk: Desk, name: str) -> None:
    """A new customer."""
    with desk.begin() as work:
        customers.create(work, {"name": name})


def test_what_a_desk_sent_does_not_come_back(two: tuple[Desk, Desk]) -> None:
    """Its cursor jumps over its own entries, where nothing of others lies among them."""
    one, _other = two
    offices.sync_now(one)
    enter(one, "王小明")
    assert offices.sync_now(one).sent > 0
    assert offices.sync_now(one).received == 0


def test_what_came_in_between_is_not_jumped_over(
    office: HeadOffice, staff_id: UUID, two: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another desk's pass ends between this one's pull and its push."""
    one, other = two
    offices.sync_now(one)
    for desk, name in ((one, "王小明"), (other, "李建国")):
        enter(desk, name)
    push, between = client.Office.push, [lambda: offices.sync_now(other)]

    def late(self: client.Office, message: Push) -> PushAnswer:
        while between:
            between.pop()()
        return push(self, message)

    monkeypatch.setattr(client.Office, "push", late)
    offices.sync_now(one)
    offices.sync_now(one)
    with one.read() as work:
        assert work.count(Customer) == 2
    offices.sync_now(other)
    assert of_desk(one) == of_desk(other) == of_office(office.database, str(staff_id))


def test_only_a_push_of_new_entries_is_clean(office: HeadOffice, staff_id: UUID) -> None:
    """One that was taken before, in whole or in part, permits no jump; what follows a gap is told what must come."""
    signer = Signer(office, staff_id)
    first, second = (pushed(number, "create", "customer", uuid7(), **CREATED) for number in (1, 2))
    made = [unpack(signer.ask("push", Push(told)).content, PushAnswer) for told in ([first], [first, second], [second])]
    assert [one.clean for one in made] == [True, False, False]
    assert [one.after - one.before for one in made] == [1, 1, 0]
    gap = signer.ask("push", Push([pushed(9, "create", "customer", uuid7(), **CREATED)]))
    assert (gap.status_code, unpack(gap.content, ErrorBody).expected) == (409, 3)
