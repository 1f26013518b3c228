"""A customer is compared with his document, and again once what it says has changed."""

import uuid
from typing import Any

import pytest

from insuragent.errors import NotPermitted, ValidationError
from insuragent.models import Customer
from insuragent.models.customer import VerifyMethod
from insuragent.services import customers, records
from insuragent.store.store import Store
from insuragent.store.work import Actor

WHOLE: dict[str, Any] = {
    "name": "王小明", "doc_type": "resident_id", "doc_no": "11010119900307002X", "doc_long_term": True,
    "nationality": "CHN", "mobile": "13800138000", "home_address": "北京市东城区演示路 1 号", "home_region": "110101",
    "occupation_text": "教师", "annual_income": 100_000_00, "income_source": "salary", "marital": "married",
    "tax_resident": "CN", "contact_pref": "晚上",
}  # fmt: skip


@pytest.fixture
def somebody(store: Store, agent: Actor) -> uuid.UUID:
    """A customer of whom all is told, but nothing seen."""
    with store.begin(agent) as work:
        return customers.create(work, WHOLE).id


def test_a_file_is_complete_once_the_person_was_seen(store: Store, agent: Actor, somebody: uuid.UUID) -> None:
    """Due diligence ends with the comparison: without it no file is whole (G25)."""
    with store.begin(agent) as work:
        before = customers.facts(work, somebody)
        assert (before.completeness, before.missing) == (94, ("verified_at",))
        seen = customers.verify(work, somebody, VerifyMethod.ORIGINAL)
        assert seen.verified_at is not None
        assert seen.verify_method == VerifyMethod.ORIGINAL
        work.flush()
        assert customers.facts(work, somebody).completeness == 100


@pytest.mark.parametrize(
    ("changes", "stays"),
    [({"name": "王晓明"}, False), ({"doc_no": "310115200402290282", "birth_date": None, "gender": None}, False),
     ({"mobile": "13900139000"}, True), ({"name": "王小明"}, True)],
)  # fmt: skip
def test_what_changed_is_compared_anew(
    store: Store, agent: Actor, somebody: uuid.UUID, changes: dict[str, Any], stays: bool
) -> None:
    """A comparison tells of the name and the number that were on file, and of no others; undone, it counts again."""
    with store.begin(agent) as work:
        customers.verify(work, somebody, VerifyMethod.READER)
    with store.begin(agent) as work:
        customers.change(work, somebody, changes)
    with store.begin(agent) as work:
        kept = work.get(Customer, somebody)
        assert [bool(kept.verified_at), bool(kept.verify_method)] == [stays, stays]
        records.undo(work, "customer", somebody)
        assert stays or work.get(Customer, somebody).verify_method == VerifyMethod.READER


def test_nothing_is_noted_that_was_not_seen(store: Store, agent: Actor, somebody: uuid.UUID) -> None:
    """Without a number there is nothing to compare; what head office checks is head office's to note."""
    with store.begin(agent) as work:
        unnumbered = customers.create(work, {"name": "李建国"}).id
    with pytest.raises(ValidationError, match="证件号码"), store.begin(agent) as work:
        customers.verify(work, unnumbered, VerifyMethod.ORIGINAL)
    with pytest.raises(NotPermitted), store.begin(agent) as work:
        customers.verify(work, somebody, VerifyMethod.HEAD_OFFICE)
