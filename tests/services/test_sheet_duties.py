"""From draft to signature: the states of a sheet, the people of it, and the duties that follow (S04-S06, S12)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine

from insuragent.demo import people
from insuragent.errors import NotPermitted, RecordGone, ValidationError
from insuragent.models import Customer, Sheet, Staff
from insuragent.models.attachment import AttachmentUse
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.customer import Stage
from insuragent.models.sheet import SheetState
from insuragent.services import agenda, catalogue, customers, needs, records, sheet_duties, sheet_states, sheets
from insuragent.services.sheet_gates import case_of_sheet
from insuragent.services.sheet_numbers import shown_of
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.services.test_stories import NOON, PWL, STATEMENT, customer, png, ready, visit

TERM = {"product": "DEMO-TERM", "sex": "M", "age": 40, "pay_years": 20, "to_age": 60, "sum_assured": "500000"}
BORN = dt.date(1986, 5, 1)


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """Every story is of 23 November 2026, at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def printed(store: Store, agent: Actor, inputs: dict[str, Any] = PWL, **who: Any) -> Sheet:
    """A sheet that was checked and printed, of a customer of 40 unless told otherwise."""
    born = {} if "doc_no" in who else {"birth_date": BORN}
    sheet = ready(store, agent, customer(store, agent, **born | who), inputs)
    with store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    return sheet


def sign(store: Store, agent: Actor, sheet: Sheet) -> Sheet:
    """The customer signs."""
    with store.begin(agent) as work:
        return sheets.sign(work, sheet.id, png(), "[]", STATEMENT)


def due(store: Store, agent: Actor, kind: str) -> list[str]:
    """The reminders of one kind, in words."""
    with store.begin(agent) as work:
        found = agenda.reminders(work, records.today(work))
    return sorted(one.text for one in found if one.key.startswith(kind))


def test_only_what_is_in_the_customers_hands_is_signed(store: Store, agent: Actor) -> None:
    """A draft is printed first; what is handed over is noted; the copied sentence is asked for."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL)
    with pytest.raises(NotPermitted, match="还没有打印"):
        sign(store, agent, sheet)
    with pytest.raises(NotPermitted, match="还没有打印"), store.begin(agent) as work:
        sheet_states.deliver(work, sheet.id)
    with store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
        assert sheet_states.deliver(work, sheet.id).delivered_at == NOON
        assert sheets.print_out(work, sheet.id)  # another copy takes nothing back
    for words in ("", STATEMENT[:-3]):
        with pytest.raises(NotPermitted, match="抄录"), store.begin(agent) as work:
            sheets.sign(work, sheet.id, png(), "[]", words)
    with store.read(agent) as work:
        assert work.get(Sheet, sheet.id).state == SheetState.DELIVERED
    assert sign(store, agent, sheet).statement_copied == STATEMENT


def test_a_void_or_refused_sheet_is_closed(store: Store, agent: Actor) -> None:
    """Neither printed, nor checked, nor signed; a refusal has its reason."""
    void, refused = printed(store, agent), printed(store, agent)
    with store.begin(agent) as work:
        sheet_states.void(work, void.id, "内容有误")
    with pytest.raises(ValidationError), store.begin(agent) as work:
        sheet_states.refuse(work, refused.id, " ")
    with store.begin(agent) as work:
        assert sheet_states.refuse(work, refused.id, "需要再考虑").state == SheetState.REFUSED
    for sheet, words in ((void, "作废"), (refused, "拒签")):
        for step in (
            lambda work, id_: sheets.print_out(work, id_),
            lambda work, id_: sheets.confirm(work, id_, {"companion": "女儿"}),
            lambda work, id_: sheets.sign(work, id_, png(), "[]", STATEMENT),
            lambda work, id_: sheet_states.deliver(work, id_),
        ):
            with pytest.raises(NotPermitted, match=words), store.begin(agent) as work:
                step(work, sheet.id)


def test_items_are_stamped_as_they_are_ticked(store: Store, agent: Actor, noon: time_machine.Traveller) -> None:
    """R3.1b: the desk's clock dates each tick, whatever the caller says; an old tick keeps its time."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL, explained=[{"code": "01", "at": "1999"}])
    noon.shift(dt.timedelta(minutes=5))
    with store.begin(agent) as work:
        done = sheets.confirm(work, sheet.id, {"explained": [{"code": "02"}, {"code": "01", "at": "2030"}]})
    assert done.explained == [
        {"code": "01", "at": "2026-11-23T04:00:00+00:00"},
        {"code": "02", "at": "2026-11-23T04:05:00+00:00"},
    ]
    assert done.explained_at is None
    with store.begin(agent) as work:
        assert sheets.confirm(work, sheet.id, people.checked()).explained_at == NOON + dt.timedelta(minutes=5)
    with pytest.raises(ValidationError), store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"explained": [{"code": "19"}]})


def test_grounds_are_this_customers_and_this_products(store: Store, agent: Actor) -> None:
    """R1.3b: a need of his analysis and a benefit of the package, nothing that sounds like it."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL)
    for link in ({"need": "medical", "benefit": "DEATH"}, {"need": "legacy", "benefit": "ACCIDENT"}):
        with pytest.raises(ValidationError, match="依据"), store.begin(agent) as work:
            sheets.confirm(work, sheet.id, {"reason_links": [link]})
    with store.read(agent) as work:
        offered = sheets.grounds(work, sheet.id)
    assert (list(offered.needs), "DEATH" in offered.benefits) == (["legacy", "protect_life"], True)


def test_a_draft_is_of_today_and_moves_nobody_who_was_not_visited(store: Store, agent: Actor) -> None:
    """S14 and R1.1a: the caps of the day hold; a lead stays one without a held visit."""
    who = customer(store, agent, birth_date=BORN)
    for day in ("2023-12-01", "2026-11-24"):
        with pytest.raises(ValidationError, match="投保当日"), store.begin(agent) as work:
            sheets.draft(work, who.id, PWL | {"date": day})
    with store.begin(agent) as work:
        made = sheets.draft(work, who.id, PWL | {"date": "2026-11-23"})
        assert (work.get(Customer, who.id).stage, made.valid_until) == (Stage.LEAD, dt.date(2026, 12, 23))
    planned = visit(store, agent, who.id)
    with store.begin(agent) as work:
        agenda.hold(work, planned.id, {"outcome": "interested", "next_action": "sheet"})
        needs.analyse(work, who.id, people.household())
    with store.begin(agent) as work:
        sheets.draft(work, who.id, PWL)
        assert work.get(Customer, who.id).stage == Stage.EXPLAIN


def test_a_sheet_out_of_its_time_is_made_anew(store: Store, agent: Actor, noon: time_machine.Traveller) -> None:
    """Data dictionary: valid_until is read where it matters."""
    sheet = printed(store, agent)
    with store.begin(agent) as work, work.taking_over():
        work.set_note(catalogue.STATUS_NOTE, "2026-12-24")
    noon.move_to(dt.datetime(2026, 12, 24, 4, tzinfo=dt.UTC))
    with pytest.raises(NotPermitted, match="2026-12-23"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)


def test_a_child_is_insured_by_its_mother(store: Store, agent: Actor) -> None:
    """S04: the sheet keeps the insured and what she is to him; three numbers; somebody else's child is not hers."""
    mother = customer(store, agent, name="陈母", birth_date=dt.date(1990, 1, 1), gender="F")
    other = customer(store, agent, name="别人", birth_date=BORN)
    with store.begin(agent) as work:
        customers.grant(work, mother.id, Purpose.MINOR, mother.name, ConsentMethod.SIGN_ON_SCREEN)
        needs.analyse(work, mother.id, people.household(goals=["education"]))
    with store.begin(agent) as work:
        told = {"relation": "son", "name": "陈子", "gender": "M", "birth_date": dt.date(2019, 5, 20)}
        son = customers.add_family(work, mother.id, told)
    inputs = {"product": "DEMO-IWL", "sex": "M", "age": 7, "pay_years": 5, "premium": "10000"}
    with pytest.raises(RecordGone), store.begin(agent) as work:
        sheets.draft(work, other.id, inputs, son.id)
    with store.begin(agent) as work:
        sheet = sheets.draft(work, mother.id, inputs, son.id)
        kept = (sheet.insured_name, sheet.insured_sex, sheet.insured_born, sheet.applicant)
        assert kept == ("陈子", "M", dt.date(2019, 5, 20), "parent")
        assert sheet.valid_until == dt.date(2026, 12, 23)
        work.flush()
        sheets.confirm(work, sheet.id, people.checked(other_death_cover=25_000_000, reason_links=[]))
    with pytest.raises(NotPermitted, match="其他 ¥250,000，限额 ¥200,000，超过 ¥50,000"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"other_death_cover": 0, "beneficiary_note": "林晓静"})
    with pytest.raises(NotPermitted, match="受益人不能是销售人员"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"beneficiary_note": "母亲"})
        assert sheets.print_out(work, sheet.id).startswith(b"%PDF")


def test_numbers_of_somebody_else_are_not_his(store: Store, agent: Actor) -> None:
    """A man of 40 gets no sheet for a woman, nor for one of 30."""
    for wrong in ({"sex": "F"}, {"age": 30}):
        sheet = ready(store, agent, customer(store, agent, birth_date=BORN, gender="M"), PWL | wrong)
        with pytest.raises(NotPermitted, match="年龄或性别"), store.begin(agent) as work:
            sheets.print_out(work, sheet.id)


def test_sixty_five_thinks_it_over_and_is_called(store: Store, agent: Actor, noon: time_machine.Traveller) -> None:
    """S06: a day to think, a second confirmation, and the call on the day after the signature."""
    inputs = {"product": "DEMO-UL", "sex": "F", "age": 65, "pay_years": 1, "premium": "20000"}
    sheet = printed(store, agent, inputs, birth_date=dt.date(1961, 11, 20), gender="F", name="王丙")
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"recording_ref": "SL-2"})
    with pytest.raises(NotPermitted, match="以后才能签署"):
        sign(store, agent, sheet)
    noon.shift(dt.timedelta(hours=24))
    with store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"second_confirmed_at": work.now})
    assert sign(store, agent, sheet).callback_due == dt.date(2026, 11, 25)
    assert due(store, agent, "call_back") == ["王丙：签署次日回访"]
    with pytest.raises(NotPermitted, match="还没有到"), store.begin(agent) as work:
        sheet_states.called_back(work, sheet.id)
    noon.shift(dt.timedelta(hours=24))
    with store.begin(agent) as work:
        sheet_states.called_back(work, sheet.id)
    assert due(store, agent, "call_back") == []


def publish(store: Store, **values: Any) -> None:
    """Head office's word on the participating whole life arrives, as a sync brings it."""
    with store.begin(Actor()) as work, work.taking_over():
        product = next(product for product in people.products() if product.code == "DEMO-PWL")
        held = catalogue.product_of(work, "DEMO-PWL") or work.add(product)
        for name, value in values.items():
            setattr(held, name, value)


WITHDRAWN = {"status": "withdrawn", "withdraw_from": dt.date(2026, 11, 20), "notice_id": "N-77"}


def test_a_withdrawal_voids_what_is_open_and_is_explained(store: Store, agent: Actor) -> None:
    """S12: printed offline, void after the sync with its reason; the customer is told; there is no way to 投保中."""
    sheet, other = printed(store, agent, name="王甲"), printed(store, agent, TERM, name="王乙")
    signed = sign(store, agent, printed(store, agent, name="王丁"))
    publish(store, **WITHDRAWN)
    with store.begin(agent) as work:
        assert {one.id for one in sheet_duties.follow_products(work)} == {sheet.id, signed.id}
    with store.begin(agent) as work:
        fallen = work.get(Sheet, sheet.id)
        assert (fallen.state, fallen.void_reason) == (SheetState.VOID, "产品已自 2026-11-20 起停售（公告 N-77）")
        assert work.get(Sheet, other.id).state == SheetState.PRINTED
        assert sheet_duties.follow_products(work) == []
    assert due(store, agent, "withdrawn") == [
        "王丁：说明产品停售（示例人寿演示终身寿险（分红型））", "王甲：说明产品停售（示例人寿演示终身寿险（分红型））",
    ]  # fmt: skip
    planned = visit(store, agent, sheet.customer_id)
    with time_machine.travel(NOON + dt.timedelta(hours=2), tick=False), store.begin(agent) as work:
        told = {"outcome": "served", "next_action": "none", "actual_start": work.now, "actual_end": work.now}
        agenda.hold(work, planned.id, told)
    assert [text[:2] for text in due(store, agent, "withdrawn")] == ["王丁"]
    with pytest.raises(ValidationError, match="停售后重新制作"), store.begin(agent) as work:
        customers.change(work, sheet.customer_id, {"stage": Stage.APPLYING})


def test_what_was_signed_before_the_withdrawal_stands(store: Store, agent: Actor) -> None:
    """S12: nobody takes back a signature of the days when the product was sold."""
    signed = sign(store, agent, printed(store, agent))
    publish(store, **WITHDRAWN | {"withdraw_from": dt.date(2026, 11, 24)})
    with time_machine.travel(NOON + dt.timedelta(days=1), tick=False), store.begin(agent) as work:
        assert sheet_duties.follow_products(work) == []
        assert work.get(Sheet, signed.id).state == SheetState.ACKNOWLEDGED


def test_an_announced_withdrawal_shortens_a_sheet_and_frees_its_words(store: Store, agent: Actor) -> None:
    """S12: head office's own notice counts, not that of the package in the drawer."""
    who = customer(store, agent, birth_date=BORN)
    hyped = PWL | {"reasons": ["这款产品即将停售"]}
    sheet = ready(store, agent, who, hyped)
    with pytest.raises(NotPermitted, match="即将停售"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    publish(store, status="notice_withdraw", withdraw_from=dt.date(2026, 12, 1), notice_id="N-77")
    with store.begin(agent) as work:
        made = sheets.draft(work, who.id, hyped)
        assert made.valid_until == dt.date(2026, 11, 30)
        work.flush()
        sheets.confirm(work, made.id, people.checked())
        assert sheets.print_out(work, made.id)


def test_a_supervisor_lets_a_phrase_pass(store: Store, agent: Actor) -> None:
    """R7.2a: the agent cannot; what was read is named in the sheet, by whom and when."""
    sheet = ready(store, agent, customer(store, agent, birth_date=BORN), PWL | {"reasons": ["建议退旧买新"]})
    with pytest.raises(NotPermitted, match="主管复核"), store.begin(agent) as work:
        sheets.print_out(work, sheet.id)
    with pytest.raises(NotPermitted, match="岗位"), store.begin(agent) as work:
        sheet_states.review(work, sheet.id)
    with store.begin(Actor()) as work, work.taking_over():
        values = people.staff_values(NOON.date()) | {"role": "supervisor", "name": "郑主管"}
        boss = work.add(Staff(**values))
    with store.begin(replace(agent, staff_id=boss.id, role="supervisor")) as work:
        passed = sheet_states.review(work, sheet.id)
        assert (passed.reviewed_words, passed.reviewed_by_id, passed.reviewed_at) == (["退旧买新"], boss.id, NOON)
    with store.begin(agent) as work:
        assert sheets.print_out(work, sheet.id)


def test_whoever_insists_has_the_letter_and_signs(store: Store, agent: Actor) -> None:
    """S15, R3.2b: a second reimbursement policy: advice, own words and a signature of their own, all on the sheet."""
    who = customer(store, agent, birth_date=BORN)
    sheet = ready(store, agent, who, {"product": "DEMO-MED", "sex": "M", "age": 40, "pay_years": 1}, reason_links=[])
    with store.begin(agent) as work:
        needs.analyse(work, who.id, people.household(goals=["medical"]))
        noted = {"reimbursement_policies": 1, "own_will": "我了解不能重复报销，仍要投保", "reason_links": []}
        sheets.confirm(work, sheet.id, noted)
        kept = work.get(Sheet, sheet.id)
        case = case_of_sheet(work, kept, shown_of(kept))
        assert (case.own_will_signed, case.stop_advised, case.reimbursement_policies) == (False, False, 1)
        sheets.print_out(work, sheet.id)
    with pytest.raises(NotPermitted, match="建议书"):
        sign(store, agent, sheet)
    with store.begin(agent) as work:
        kept = work.get(Sheet, sheet.id)
        letter = sheets.attach(work, kept, AttachmentUse.SHEET, "advice.pdf", "application/pdf", b"%PDF-")
        ink = sheets.attach(work, kept, AttachmentUse.SIGNATURE, "will.png", "image/png", png())
        kept.stop_advice_id, kept.stop_advice_at, kept.own_will_signature_id = letter.id, work.now, ink.id
    with store.read(agent) as work:
        kept = work.get(Sheet, sheet.id)
        assert case_of_sheet(work, kept, shown_of(kept)).own_will_signed
