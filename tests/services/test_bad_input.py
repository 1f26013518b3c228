"""Whatever reaches a use case is taken or refused in words; nothing typed or sent is a fault of ours."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insuragent.errors import UserError, ValidationError
from insuragent.models import RECORDS, Complaint, Consent, Customer, FamilyMember, NeedsAnalysis, Record, Visit
from insuragent.models.base import shown_fields
from insuragent.models.fields import Kind, fields_of
from insuragent.models.validation import clean
from insuragent.services import agenda, complaints, customers, needs, records, sheets
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork
from tests.factories import make, values

NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=30),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.lists(st.integers(), max_size=2),
    st.uuids(),
    st.floats(),
)
Case = Callable[[UnitOfWork, uuid.UUID, Mapping[str, Any]], object]
CASES: dict[str, tuple[type[Any], Case]] = {
    "create": (Customer, lambda work, _id, told: customers.create(work, told)),
    "change": (Customer, customers.change),
    "family": (FamilyMember, customers.add_family),
    "consent": (Consent, lambda work, id_, told: records.create(work, Consent, {"customer_id": id_} | dict(told))),
    "plan": (Visit, lambda work, id_, told: agenda.plan(work, {"customer_id": id_} | dict(told))),
    "needs": (NeedsAnalysis, needs.analyse),
    "receive": (Complaint, lambda work, _id, told: complaints.receive(work, told)),
}


@pytest.fixture
def customer(store: Store, agent: Actor) -> uuid.UUID:
    """Somebody to work on."""
    with store.begin(agent) as work:
        return customers.create(work, {"name": "王小明"}).id


def outcome(store: Store, agent: Actor, case: Callable[[UnitOfWork], object]) -> str:
    """What the person is told, or empty when it was done."""
    try:
        with store.begin(agent) as work:
            case(work)
    except UserError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_values_are_taken_or_refused(
    store: Store, agent: Actor, customer: uuid.UUID, name: str, data: st.DataObject
) -> None:
    """Valid and absurd values mixed; the journal grows only by what was done."""
    record_type, case = CASES[name]
    declared = {field: fields_of(record_type)[field] for field in shown_fields(record_type)}
    chosen = data.draw(st.lists(st.sampled_from(list(declared)), max_size=8, unique=True))
    told = {field: data.draw(st.one_of(values(declared[field]), ANYTHING)) for field in chosen}
    before = store.head.number
    refused = outcome(store, agent, lambda work: case(work, customer, told))
    assert store.head.number == before or not refused


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=ANYTHING, end=ANYTHING, told=st.dictionaries(st.sampled_from(list(shown_fields(Visit))), ANYTHING))
def test_visits_are_moved_and_held_with_anything(
    store: Store, agent: Actor, customer: uuid.UUID, start: Any, end: Any, told: dict[str, Any]
) -> None:
    """Also when start and end are of different kinds."""
    times = {"planned_start": NOON, "planned_end": NOON + dt.timedelta(hours=1)}
    with store.begin(agent) as work:
        visit = agenda.plan(work, {"customer_id": customer, "purpose": "care"} | times).id
    outcome(store, agent, lambda work: agenda.move(work, visit, start, end))
    refused = outcome(store, agent, lambda work: agenda.hold(work, visit, told))
    with store.read(agent) as work:
        kept = records.get(work, Visit, visit)
        assert kept.planned_end > kept.planned_start
        assert (kept.status == "held") == (not refused)
        assert kept.actual_end is None or kept.actual_start <= kept.actual_end <= work.now


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.dictionaries(
        st.sampled_from(["product", "sex", "age", "pay_years", "premium", "date", "reasons"]), ANYTHING
    )
)
def test_sheets_of_anything_are_refused(store: Store, agent: Actor, customer: uuid.UUID, told: dict[str, Any]) -> None:
    """Inputs that make no case draft no sheet."""
    assert outcome(store, agent, lambda work: sheets.draft(work, customer, {"product": "DEMO-TERM"} | told))


AWKWARD = {
    "long": "长" * 10_000,
    "emoji": "👨‍👩‍👧😀🇨🇳",
    "right_to_left": "\u202e\u200fabc\u2066中",
    "nul": "王\0明",
    "markup": "<b>&amp;</b><script>alert('x')</script>{name}%s\\n",
    "quotes": "'; DROP TABLE customer; --",
}


@pytest.mark.parametrize("record_type", RECORDS.values(), ids=RECORDS)
def test_every_text_field_refuses_or_keeps_awkward_text(store: Store, agent: Actor, record_type: type[Record]) -> None:
    """By the declarations, so that a new field is tried too: refused with a reason, or kept to the last character."""
    links = {n: uuid.uuid4() for n, field in fields_of(record_type).items() if field.kind is Kind.LINK}
    with pytest.raises(_Enough), store.begin(agent) as work:
        for name, field in fields_of(record_type).items():
            for text in AWKWARD.values() if field.kind in (Kind.TEXT, Kind.LONG_TEXT) else ():
                taken = _taken(record_type, name, text)
                if taken is not None:
                    assert taken == text or field.check
                    record = work.add(make(record_type, **links | {name: taken}))
                    work.flush()
                    work.session.expire(record)
                    assert getattr(record, name) == taken
                elif not field.check:
                    assert "\0" in text or len(text) > field.max_length
        raise _Enough


def _taken(record_type: type[Record], name: str, text: str) -> str | None:
    """The text as a record may hold it; None where it was refused with a reason for this very field."""
    problems: dict[str, str] = {}
    try:
        return str(clean(record_type, {name: text}, today=NOON.date(), partial=True)[name])
    except ValidationError as refused:
        problems = refused.problems
    assert problems[name]
    return None


class _Enough(Exception):
    """Ends a unit of work that must not be committed: what it links to is not there."""
