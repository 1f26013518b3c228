"""Declarations: every field of every record type keeps its values, in the file and on the wire."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insuragent.models import RECORDS, Customer, Record
from insuragent.models.customer import Stage
from insuragent.models.fields import Kind, Sensitivity, choice_words, fields_of, from_wire, known_choice, to_wire
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests import factories

EVERY = pytest.mark.parametrize("record_type", RECORDS.values(), ids=list(RECORDS))


@EVERY
def test_every_type_is_kept_whole(record_type: type[Record], store: Store, actor: Actor) -> None:
    """What goes into the file comes out equal, for each declared field."""
    made = factories.make(record_type)
    expected = made.plain()
    with store.begin(actor) as work, work.taking_over():
        if any(f.kind is Kind.LINK and not f.optional for f in fields_of(record_type).values()):
            customer = work.add(Customer(name="张伟"))
            made.customer_id = expected["customer_id"] = customer.id
        work.add(made)
    with store.read(actor) as work:
        assert work.get(record_type, made.id).plain() == expected


@EVERY
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_wire_gives_back_what_it_took(record_type: type[Record], data: st.DataObject) -> None:
    """Each value becomes plain JSON and comes back equal."""
    for field in fields_of(record_type).values():
        value = data.draw(factories.values(field))
        assert from_wire(field, json.loads(json.dumps(to_wire(value)))) == value


@EVERY
def test_the_wire_refuses_another_shape(record_type: type[Record]) -> None:
    """A value of another kind is an error, not a silent conversion."""
    wrong = {Kind.YES_NO: "yes", Kind.MONEY: "12", Kind.NUMBER: True, Kind.ITEMS: "x"}
    for field in fields_of(record_type).values():
        with pytest.raises(ValueError, match="expected"):
            from_wire(field, wrong.get(field.kind, 7))


@EVERY
def test_sensitive_fields_have_a_mask(record_type: type[Record]) -> None:
    """Sensitive personal information is never shown without a mask (data dictionary: SS)."""
    for name, field in fields_of(record_type).items():
        if field.sensitivity is Sensitivity.SENSITIVE:
            assert field.mask, f"{record_type.__name__}.{name}"


def test_a_choice_of_a_newer_program_stays_as_it_is() -> None:
    """A value that we do not know is kept as text and goes back unharmed."""
    assert known_choice(Stage, "lead") is Stage.LEAD
    assert known_choice(Stage, "reborn") == "reborn"
    assert [choice_words(Stage, value) for value in ("lead", Stage.LEAD, "reborn")] == ["线索", "线索", "reborn"]


def test_ids_are_ordered_by_time() -> None:
    """UUIDv7: what was made later sorts later, so that inserts stay at the end of the index."""
    made = [Customer(name="张伟").id for _ in range(100)]
    assert made == sorted(made)


def test_a_list_is_not_shared_between_records() -> None:
    """Each record gets defaults of its own."""
    first, second = Customer(name="张伟"), Customer(name="李娜")
    assert first.score_parts is not second.score_parts
