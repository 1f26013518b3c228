"""The acceptance stories of the field day, with their exact results, on a real store."""

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
import time_machine

from insuragent.demo import people
from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import SHANGHAI
from insuragent.models import Complaint, Customer, Deed, Entry, Sheet, Visit
from insuragent.models.base import utc_now
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintState
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.sheet import SheetState
from insuragent.services import agenda, catalogue, complaints, customers, drafts, needs, records, sheets, today
from insuragent.store.store import Store
from insuragent.store.work import Actor

NIGHT = dt.datetime(2026, 11, 23, 23, 50, tzinfo=SHANGHAI)
NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
CAPTURE = {
    "complainant_name": "赵丽",
    "contact": "13800000001",
    "channel": Channel.FACE,
    "category": "sale_mislead",
    "facts": "业务员把现金价值说成存款",
}
STATEMENT = catalogue.package("DEMO-PWL").statement
PWL = {"product": "DEMO-PWL", "sex": "M", "age": 40, "pay_years": 5, "premium": "50000"}


def ready(store: Store, agent: Actor, who: Customer, inputs: dict[str, object], **checks: object) -> Sheet:
    """A drafted sheet of a customer whose needs are known, with everything noted that is checked at the table."""
    with store.begin(agent) as work:
        needs.analyse(work, who.id, people.household(goals=["legacy", "protect_life"]))
    with store.begin(agent) as work:
        sheet = sheets.draft(work, who.id, inputs)
        work.flush()
        return sheets.confirm(work, sheet.id, people.checked(**checks))


def customer(store: Store, agent: Actor, **values: object) -> Customer:
    """A saved customer."""
    with store.begin(agent) as work:
        return customers.create(work, {"name": "王𬭎", "mobile": "13800138000"} | values)


def test_an_id_tells_birth_and_gender(store: Store, agent: Actor) -> None:
    """S02: lower-case x is taken, birth date and gender follow, a contradiction and a wrong digit are refused."""
    made = customer(store, agent, doc_no="11010119900307002x")
    assert (made.doc_no, made.birth_date, made.gender) == ("11010119900307002X", dt.date(1990, 3, 7), "F")
    with pytest.raises(ValidationError, match="与证件号码不一致"), store.begin(agent) as work:
        customers.change(work, made.id, {"gender": "M"})
    with pytest.raises(ValidationError, match="校验码应为 X"), store.begin(agent) as work:
        customers.change(work, made.id, {"doc_no": "110101199003070021"})


def test_a_second_customer_with_the_same_id_is_offered_the_first(store: Store, agent: Actor) -> None:
    """R2.2b: the same document is one customer."""
    first = customer(store, agent, doc_no="11010119900307002X")
    with pytest.raises(customers.DuplicateCustomer) as caught, store.begin(agent) as work:
        customers.create(work, {"name": "别人", "doc_no": "11010119900307002X"})
    assert caught.value.existing == first.id


def test_a_reveal_needs_a_reason_and_is_told(store: Store, agent: Actor) -> None:
    """S02: the full number is shown for a reason, and the journal says who saw what and why."""
    made = customer(store, agent, doc_no="11010119900307002X")
    with pytest.raises(NotPermitted), store.begin(agent) as work:
        records.reveal(work, Customer, made.id, "doc_no", " ")
    with store.begin(agent) as work:
        assert records.reveal(work, Customer, made.id, "doc_no", "核对保单") == "11010119900307002X"
    with store.read(agent) as work:
        told = work.scalars(sa.select(Entry).where(Entry.deed == Deed.VIEW_SENSITIVE))
        assert [(entry.reason, entry.record_id) for entry in told] == [("核对保单", made.id)]


def test_health_needs_a_consent_of_its_own(store: Store, agent: Actor) -> None:
    """PIPL art. 29: locked until granted, and withdrawn as easily."""
    made = customer(store, agent)
    with pytest.raises(NotPermitted, match="单独同意"), store.begin(agent) as work:
        customers.change(work, made.id, {"health_brief": "高血压"})
    with store.begin(agent) as work:
        customers.grant(work, made.id, Purpose.HEALTH, made.name, ConsentMethod.SIGN_ON_SCREEN)
    with store.begin(agent) as work:
        assert customers.change(work, made.id, {"health_brief": "高血压"}).health_brief == "高血压"
    with store.begin(agent) as work:
        customers.withdraw(work, made.id, Purpose.HEALTH)
        assert customers.consents(work, made.id) == {"health": "withdrawn"}


def test_a_complaint_at_the_door(store: Store, agent: Actor) -> None:
    """S08: number, clocks and a first response that is 1 h 50 min early."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        taken = complaints.receive(work, CAPTURE)
    assert taken.complaint_no == "TS-20261123-AB12-001"
    assert taken.first_response_due == NIGHT + dt.timedelta(days=1)
    assert (taken.due15, taken.due30, taken.due60) == (
        dt.date(2026, 12, 8),
        dt.date(2026, 12, 23),
        dt.date(2027, 1, 22),
    )
    answered = dt.datetime(2026, 11, 24, 22, 0, tzinfo=SHANGHAI)
    with time_machine.travel(answered, tick=False), store.begin(agent) as work:
        done = complaints.respond(work, taken.id, Channel.PHONE, answered, "已致电说明")
        assert (complaints.lateness(done, work.now), done.state) == (0, ComplaintState.ACKNOWLEDGED)
    with time_machine.travel(NIGHT + dt.timedelta(hours=12, minutes=1)), store.begin(agent) as work:
        assert complaints.unsynced_overdue(work) == 1


def test_a_response_one_minute_late_is_one_minute_late(store: Store, agent: Actor) -> None:
    """R1.5b: 23:51 for 23:50."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        taken = complaints.receive(work, CAPTURE)
    late = NIGHT + dt.timedelta(days=1, minutes=1)
    with time_machine.travel(late, tick=False), store.begin(agent) as work:
        done = complaints.respond(work, taken.id, Channel.PHONE, late, "")
        assert complaints.lateness(done, late) == 1


def test_six_fields_are_asked_and_no_more(store: Store, agent: Actor) -> None:
    """R1.5a: whatever is missing is named, and nothing is half taken."""
    with pytest.raises(ValidationError) as caught, store.begin(agent) as work:
        complaints.receive(work, {})
    assert len(caught.value.problems) <= 6
    with store.read(agent) as work:
        assert work.count(Complaint) == 0


def test_an_agent_decides_nothing_after_escalation(store: Store, agent: Actor) -> None:
    """R1.5c: notes may be added, the rest is head office's."""
    with store.begin(agent) as work:
        taken = complaints.receive(work, CAPTURE)
        complaints.respond(work, taken.id, Channel.PHONE, work.now, "")
        complaints.escalate(work, taken.id, "需要公司处理")
        complaints.add_progress(work, taken.id, "已告知客户")
    with pytest.raises(NotPermitted), store.begin(agent) as work:
        complaints.withdraw(work, taken.id, "签名")
    with store.read(agent) as work:
        assert len(work.get(Complaint, taken.id).progress) == 2


def test_leap_day_birthdays(store: Store, agent: Actor) -> None:
    """S03: one reminder, dated 28 February, labelled as a leap-day birthday."""
    born = customer(store, agent, doc_no="310115200402290282")
    with time_machine.travel(dt.datetime(2027, 2, 28, 9, tzinfo=SHANGHAI)), store.begin(agent) as work:
        assert customers.facts(work, born.id).age == 22
        found = [r for r in agenda.reminders(work, dt.date(2027, 2, 25)) if r.key.startswith("birthday")]
    assert [(r.due, "闰日生日" in r.text) for r in found] == [(dt.date(2027, 2, 28), True)]


def visit(store: Store, agent: Actor, customer_id: object) -> Visit:
    """A visit planned for today at ten."""
    start = NOON - dt.timedelta(hours=2)
    with store.begin(agent) as work:
        values = {"customer_id": customer_id, "purpose": "needs", "planned_start": start}
        return agenda.plan(work, values | {"planned_end": start + dt.timedelta(hours=1)})


def test_a_visit_is_held_with_outcome_and_next_step(store: Store, agent: Actor) -> None:
    """Both are asked for; a lead becomes a first visit; a late entry needs a reason."""
    with time_machine.travel(NOON, tick=False):
        who = customer(store, agent)
        planned = visit(store, agent, who.id)
        with pytest.raises(ValidationError) as caught, store.begin(agent) as work:
            agenda.hold(work, planned.id, {})
        assert set(caught.value.problems) == {"outcome", "next_action"}
        with store.begin(agent) as work:
            agenda.hold(work, planned.id, {"outcome": "interested", "next_action": "sheet"})
            assert work.get(Customer, who.id).stage == "first_visit"
            assert today.day(work).held[-1] == (NOON.date(), 1)
    with pytest.raises(NotPermitted), store.begin(agent) as work:
        agenda.move(work, planned.id, NOON, NOON + dt.timedelta(hours=1))


def test_a_visit_entered_late_needs_a_reason(store: Store, agent: Actor) -> None:
    """More than 24 hours after its end."""
    with time_machine.travel(NOON, tick=False):
        planned = visit(store, agent, customer(store, agent).id)
    with time_machine.travel(NOON + dt.timedelta(days=2), tick=False), store.begin(agent) as work:
        with pytest.raises(ValidationError) as caught:
            agenda.hold(work, planned.id, {"outcome": "think", "next_action": "call"})
        assert set(caught.value.problems) == {"late_reason"}


def test_the_needs_of_the_household(store: Store, agent: Actor) -> None:
    """S15 and the worked needs: gaps and 25 % of income."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        made = needs.analyse(
            work,
            who.id,
            {
                "annual_income": 10_000_000, "yearly_premiums": 1_200_000, "budget_year": 1_300_000,
                "debts": 80_000_000, "yearly_shortfall": 3_600_000, "shortfall_years": 20,
                "education_cost": 40_000_000, "parents_support": 24_000_000, "liquid_assets": 30_000_000,
                "life_cover": 20_000_000,
            },
        )  # fmt: skip
    assert (made.gap_life, made.affordability_bp) == (159_613_631, 2500)


def test_a_sheet_from_numbers_to_signature(store: Store, agent: Actor) -> None:
    """S14: exact numbers; printed and signed, then locked; the signed bytes are what is shown ever after."""
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    shown = sheets.calculate(PWL, dt.date(2026, 11, 23))
    assert (shown.sum_assured, shown.first_year_loss) == (Decimal("209498.23"), Decimal("17304.03"))
    with time_machine.travel(NOON, tick=False):
        sheet = ready(store, agent, who, PWL)
    with time_machine.travel(NOON, tick=False), store.begin(agent) as work:
        sheet = work.get(Sheet, sheet.id)
        assert sheets.print_out(work, sheet.id).startswith(b"%PDF")
        assert (sheet.state, sheet.print_count) == (SheetState.PRINTED, 1)
    with time_machine.travel(NOON, tick=False), store.begin(agent) as work:
        signed = sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
        assert (signed.state, signed.sheet_no) == (SheetState.ACKNOWLEDGED, "SM-20261123-AB12-001")
    with store.begin(agent) as work:
        first, second = sheets.preview(work, sheet.id), sheets.preview(work, sheet.id)
        assert first == second
        with pytest.raises(NotPermitted, match="已签字"):
            sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
    with pytest.raises(NotPermitted), store.begin(agent) as work:
        records.change(work, Sheet, sheet.id, {"statement_copied": "改"})


def test_a_refusal_leaves_a_record(store: Store, agent: Actor) -> None:
    """R1.2b: what was not done is in the journal with who and when, though nothing was printed."""
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    with time_machine.travel(NOON, tick=False):
        sheet = ready(store, agent, who, PWL, id_checked=False, promises_told=False)
        with pytest.raises(NotPermitted, match="身份证件"), store.begin(agent) as work:
            sheets.print_out(work, sheet.id)
    with store.begin(agent) as work:
        told = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.GATE_BLOCK)).one()
        assert work.get(Sheet, sheet.id).print_count == 0
    assert (told.record_id, told.actor_id, told.at) == (sheet.id, agent.staff_id, NOON)
    answers = (told.changes or {})["gates"][1]
    assert [name for name, opened in answers.items() if not opened] == ["identity", "promises"]


def test_what_was_explained_must_be_noted_before_signing(store: Store, agent: Actor) -> None:
    """R3.1b: the sheet may be printed to explain from it, and not be signed until every item was."""
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    with time_machine.travel(NOON, tick=False):
        sheet = ready(store, agent, who, PWL, explained=people.checked()["explained"][:1])
        with store.begin(agent) as work:
            sheets.print_out(work, sheet.id)
        with pytest.raises(NotPermitted, match="17 项没有讲解"), store.begin(agent) as work:
            sheets.sign(work, sheet.id, png(), "[]", STATEMENT)
    with pytest.raises(NotPermitted, match="重新制作"), store.begin(agent) as work:
        sheets.confirm(work, sheet.id, {"inputs": {}})


def png() -> bytes:
    """A small picture."""
    import io

    from PIL import Image

    target = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 0, 80)).save(target, "PNG")
    return target.getvalue()


def test_a_rate_above_the_cap_is_refused() -> None:
    """S14: 3.6 % names the cap."""
    with pytest.raises(ValidationError, match=r"超过演示上限 3\.50%"):
        sheets.calculate(PWL | {"illustrated_rate": "0.036"}, dt.date(2026, 11, 23))


def test_an_expired_licence_stops_the_sheet_only(store: Store, agent: Actor) -> None:
    """S17: visits and complaints go on, the sheet names the day."""
    who = customer(store, agent, birth_date=dt.date(1986, 5, 1))
    with time_machine.travel(dt.datetime(2028, 1, 1, 9, tzinfo=SHANGHAI)):
        with store.begin(agent) as work:
            complaints.receive(work, CAPTURE)
            agenda.plan(
                work,
                {
                    "customer_id": who.id, "purpose": "care", "planned_start": utc_now(),
                    "planned_end": utc_now() + dt.timedelta(hours=1),
                },
            )  # fmt: skip
            sheet = sheets.draft(work, who.id, PWL)
        told = r"执业登记已于 2027-12-31 到期（依据：R1\.2a；金监总局令2023年第2号第三条）"
        with pytest.raises(NotPermitted, match=told), store.begin(agent) as work:
            sheets.print_out(work, sheet.id)
        with store.read(agent) as work:
            (block,) = work.session.scalars(sa.select(Entry).where(Entry.deed == Deed.GATE_BLOCK))
            assert (block.changes or {})["gates"][1]["licence"] is False
        with store.begin(agent) as work:
            assert any("2027-12-31" in text for text, _kind in today.frame(work).banners)


def test_the_last_change_can_be_taken_back(store: Store, agent: Actor) -> None:
    """While it is pending, and as a change of its own that the history shows."""
    who = customer(store, agent)
    with store.begin(agent) as work:
        customers.change(work, who.id, {"mobile": "13900139000"})
    with store.begin(agent) as work:
        assert records.undo(work, "customer", who.id) == ["mobile"]
    with store.begin(agent) as work:
        assert work.get(Customer, who.id).mobile == "13800138000"
        assert [past.deed for past in records.history(work, who.id)] == ["change", "change", "create"]


def test_a_draft_survives(store: Store, agent: Actor) -> None:
    """What was being typed comes back as it was, and goes when it is saved."""
    with store.begin(agent) as work:
        drafts.keep(work, "customer:new", "customer", None, {"name": "张", "birth_date": dt.date(1990, 1, 1)})
    with store.begin(agent) as work:
        kept = drafts.newest(work, "customer", None)
        assert kept is not None
        assert kept.values == {"name": "张", "birth_date": dt.date(1990, 1, 1)}
        drafts.discard(work, "customer:new")
    with store.read(agent) as work:
        assert drafts.all_kept(work) == []
