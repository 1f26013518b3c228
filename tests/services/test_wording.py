"""The phrase rules hold for every text that is written, by whose words it holds and who reads it (R7.2a, S12)."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from insuragent.demo import people
from insuragent.errors import NotPermitted, ValidationError
from insuragent.models import RECORDS, Complaint, Customer, Entry, Record, Sheet, Visit
from insuragent.models.choices import Channel
from insuragent.models.fields import Field, Kind, fields_of
from insuragent.rules.phrases import Setting
from insuragent.services import agenda, complaints, customers, importing, records, sheet_states, sheets, wording
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.services.test_sheet_duties import BORN
from tests.services.test_stories import CAPTURE, PWL, customer, png, ready

START = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
FORBIDDEN = "说明这款产品保本"
#: Every text and list of every record type: (kind, name, declaration).
TEXTS: list[tuple[str, str, Field]] = [
    (kind, name, field)
    for kind, record_type in RECORDS.items()
    for name, field in fields_of(record_type).items()
    if field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.ITEMS) and not field.choices
]
PROSE = [(kind, name, field) for kind, name, field in TEXTS if field.prose]


def plan(store: Store, agent: Actor, **values: Any) -> Visit:
    """A planned visit."""
    told = {"purpose": "explain", "planned_start": START, "planned_end": START + dt.timedelta(hours=1)}
    with store.begin(agent) as work:
        return agenda.plan(work, told | values)


def told(store: Store, agent: Actor, record: Record) -> list[str]:
    """What is to be weighed again in what was just written."""
    with store.read(agent) as work:
        return wording.warnings(work, work.get(type(record), record.id))


def test_no_text_is_without_a_decision() -> None:
    """Whoever declares a text or a list says whether it is prose, and then where it stands; a narrative always is."""
    undecided = [f"{kind}.{name}" for kind, name, field in TEXTS if field.prose is None]
    unplaced = [f"{kind}.{name}" for kind, name, field in PROSE if field.setting is None]
    idle = [f"{kind}.{name}" for kind, name, field in TEXTS if not field.prose and field.setting is not None]
    narratives = [f"{kind}.{name}" for kind, name, field in TEXTS if field.kind is Kind.LONG_TEXT and not field.prose]
    assert (undecided, unplaced, idle, narratives) == ([], [], [], [])


@pytest.mark.parametrize(("kind", "name", "field"), PROSE, ids=[f"{kind}.{name}" for kind, name, _field in PROSE])
def test_each_text_is_judged_as_it_is_declared(store: Store, agent: Actor, kind: str, name: str, field: Field) -> None:
    """Refused where a customer reads it or we say it of a sale, told where we write down what was said, else silent."""
    value: Any = {"reasons": [FORBIDDEN]} if field.kind is Kind.ITEMS else FORBIDDEN
    with store.read(agent) as work:
        found = wording.advice(work, RECORDS[kind], {name: value})
        refused = {name: one.refused for name, one in found.items()}
        if field.setting in (Setting.SHEET, Setting.NOTE):
            with pytest.raises(ValidationError, match=r"违规用语：保本（承诺本金或收益，"):
                wording.require(work, RECORDS[kind], {name: value})
        else:
            wording.require(work, RECORDS[kind], {name: value})
    expected = {Setting.SHEET: {name: True}, Setting.NOTE: {name: True}, Setting.ACCOUNT: {name: False}}
    assert refused == expected.get(field.setting, {})  # type: ignore[arg-type]


def test_a_complaint_and_a_customer_are_never_refused_a_word() -> None:
    """What was said to the customer, and what he owns, must be writable; nobody declares these otherwise."""
    settings = {name: field.setting for kind, name, field in PROSE if kind == "complaint"}
    assert set(settings.values()) == {Setting.ACCOUNT}
    assert {"facts", "demand", "progress", "first_response_note"} <= settings.keys()
    assert {field.setting for kind, _name, field in PROSE if kind == "customer"} == {Setting.ACCOUNT}


@pytest.mark.parametrize("name", ["subject", "summary", "late_reason", "next_note"])
def test_what_blocks_is_not_kept(store: Store, agent: Actor, name: str) -> None:
    """The field is named, with the word, why and by which law; nothing is half saved."""
    with pytest.raises(ValidationError) as refused:
        plan(store, agent, **{name: FORBIDDEN})
    assert refused.value.problems[name].startswith("违规用语：保本（承诺本金或收益，")
    planned = plan(store, agent)
    with pytest.raises(ValidationError), store.begin(agent) as work:
        agenda.hold(work, planned.id, {"outcome": "think", "next_action": "none", name: "收益率 5%"})
    with store.read(agent) as work:
        assert (work.count(Visit), work.get(Visit, planned.id).status) == (1, "planned")


def test_a_customers_own_words_are_kept_as_they_fell(store: Store, agent: Actor) -> None:
    """In their own field, or in quotation marks; a complaint must be writable in any words."""
    made = plan(store, agent, customer_words="你们说保本，比存款好", summary="客户问“是不是存款”，已说明不是")
    assert told(store, agent, made) == []


def test_what_is_doubtful_is_told_at_saving(store: Store, agent: Actor) -> None:
    """A ranking word and an inducement to surrender are kept in a note, and come back with their law."""
    (words,) = told(store, agent, plan(store, agent, summary="介绍了最好的方案，客户问退旧买新"))
    assert "最好（绝对化或排名用语" in words
    assert "退旧买新（诱导退保" in words
    assert "第三十七条" in words


def test_talk_of_a_withdrawal_waits_for_its_notice(store: Store, agent: Actor) -> None:
    """S12: 即将停售 was blocked in a note before N-77, and is information afterwards."""
    with pytest.raises(ValidationError, match="即将停售"):
        plan(store, agent, summary="这款产品即将停售")
    with store.begin(Actor()) as work, work.taking_over():
        product = people.products()[0]
        product.status, product.notice_id = "notice_withdraw", "N-77"
        work.add(product)
    assert plan(store, agent, summary="这款产品即将停售").summary


def test_what_a_customer_owns_may_be_remarked(store: Store, agent: Actor) -> None:
    """Savings are a fact about him, told and kept: when he is made, when he is changed, and in a list that comes in."""
    who = customer(store, agent, remark="有存款五十万")
    (words,) = told(store, agent, who)
    assert "存款（与存款等混同或简单对比" in words
    with store.begin(agent) as work:
        customers.change(work, who.id, {"source_note": "朋友介绍"})
    assert told(store, agent, who) == []
    with store.begin(agent) as work:
        customers.change(work, who.id, {"remark": "国债到期"})
    assert "国债" in told(store, agent, who)[0]


def test_a_list_tells_of_words_and_takes_them(store: Store, agent: Actor, tmp_path: Any) -> None:
    """Row by row, as the import tells everything."""
    file = tmp_path / "list.csv"
    file.write_text("姓名,备注\n张一,有存款\n李二,常联系\n", encoding="utf-8")
    with store.begin(agent) as work:
        shown = importing.preview(work, file)
        assert importing.take(work, shown) == 2
    assert [(one.row, one.column) for one in shown.warnings] == [(2, "备注")]
    assert "存款" in shown.warnings[0].reason


def test_a_complaint_is_taken_in_any_words(store: Store, agent: Actor) -> None:
    """From the first word to the last note; each note is told of once, the customer's account stays as it was."""
    with store.begin(agent) as work:
        taken = complaints.receive(work, CAPTURE | {"facts": "他说保本，年化收益率 5%，还返现"})
    assert "保本" in told(store, agent, taken)[0]
    with store.begin(agent) as work:
        complaints.respond(work, taken.id, Channel.PHONE, work.now, "客户坚持说是存款")
    assert "存款" in "".join(told(store, agent, taken))
    with store.begin(agent) as work:
        complaints.add_progress(work, taken.id, "业务员承认说过稳赚不赔")
    (words,) = told(store, agent, taken)
    assert "稳赚不赔" in words
    assert "保本" not in words
    with store.begin(agent) as work:
        complaints.add_progress(work, taken.id, "已回访")
    assert told(store, agent, taken) == []
    with store.read(agent) as work:
        assert len(work.get(Complaint, taken.id).progress) == 2


def test_what_is_said_of_a_sheet_is_read_too(store: Store, agent: Actor) -> None:
    """Reasons stop at the gate, other words of ours where they are typed; why the customer refuses is his."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL | {"reasons": ["保本又安心"]})
    with pytest.raises(ValidationError, match="违规用语：返现"), store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"beneficiary_note": "母亲，返现给她"})
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"premium_words": "我的存款够交", "risk_assessed_on": records.today(work)})
    with pytest.raises(NotPermitted, match="违规用语：保本"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with pytest.raises(ValidationError, match="违规用语：返现"), store.begin(agent) as work:
        sheet_states.void(work, sheet.id, "改成返现的方案")
    other = ready(store, agent, customer(store, agent, birth_date=BORN, mobile="13900139000"), PWL)
    with store.begin(agent) as work:
        sheets.print_out(work, other.id)
        sheet_states.refuse(work, other.id, "还是放存款里")
        assert work.get(Sheet, other.id).refused_reason == "还是放存款里"
    assert png()


def test_warnings_are_of_what_was_written_last(store: Store, agent: Actor) -> None:
    """A deed that changes nothing, or a record of head office, has none."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        records.reveal(work, Customer, who.id, "mobile", "核对身份")
        assert wording.warnings(work, who) == []
        assert work.scalars(sa.select(Entry))
