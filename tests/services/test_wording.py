"""The phrase rules hold for what an agent writes into a visit, not for what a customer said (R7.2a, S12)."""

import datetime as dt
from typing import Any

import pytest

from insuragent.demo import people
from insuragent.errors import ValidationError
from insuragent.models import Visit
from insuragent.models.fields import fields_of
from insuragent.services import agenda, wording
from insuragent.store.store import Store
from insuragent.store.work import Actor

START = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)


def plan(store: Store, agent: Actor, **values: Any) -> Visit:
    """A planned visit."""
    told = {"purpose": "explain", "planned_start": START, "planned_end": START + dt.timedelta(hours=1)}
    with store.begin(agent) as work:
        return agenda.plan(work, told | values)


@pytest.mark.parametrize("name", ["subject", "summary", "late_reason", "next_note"])
def test_what_blocks_is_not_kept(store: Store, agent: Actor, name: str) -> None:
    """The field is named, with the word, why and by which law; nothing is half saved."""
    with pytest.raises(ValidationError) as refused:
        plan(store, agent, **{name: "说明这款产品保本"})
    assert refused.value.problems[name].startswith("违规用语：保本（承诺本金或收益，")
    planned = plan(store, agent)
    with pytest.raises(ValidationError), store.begin(agent) as work:
        agenda.hold(work, planned.id, {"outcome": "think", "next_action": "none", name: "收益率 5%"})
    with store.read(agent) as work:
        assert (work.count(Visit), work.get(Visit, planned.id).status) == (1, "planned")


def test_a_customers_own_words_are_kept_as_they_fell(store: Store, agent: Actor) -> None:
    """In their own field, or in quotation marks; a complaint must be writable in any words."""
    made = plan(store, agent, customer_words="你们说保本，比存款好", summary="客户问“是不是存款”，已说明不是")
    with store.read(agent) as work:
        assert wording.warnings(work, work.get(Visit, made.id)) == []


def test_what_is_doubtful_is_told_at_saving(store: Store, agent: Actor) -> None:
    """A ranking word and an inducement to surrender are kept in a note, and come back with their law."""
    made = plan(store, agent, summary="介绍了最好的方案，客户问退旧买新")
    with store.read(agent) as work:
        (told,) = wording.warnings(work, work.get(Visit, made.id))
    assert "最好（绝对化或排名用语" in told
    assert "退旧买新（诱导退保" in told
    assert "第三十七条" in told


def test_talk_of_a_withdrawal_waits_for_its_notice(store: Store, agent: Actor) -> None:
    """S12: 即将停售 was blocked in a note before N-77, and is information afterwards."""
    with pytest.raises(ValidationError, match="即将停售"):
        plan(store, agent, summary="这款产品即将停售")
    with store.begin(Actor()) as work, work.taking_over():
        product = people.products()[0]
        product.status, product.notice_id = "notice_withdraw", "N-77"
        work.add(product)
    assert plan(store, agent, summary="这款产品即将停售").summary


def test_the_fields_of_ours_are_declared() -> None:
    """Whose words a field holds stands where the field is declared."""
    ours = {name for name, field in fields_of(Visit).items() if field.setting is not None}
    assert ours == {"subject", "summary", "late_reason", "next_note"}
