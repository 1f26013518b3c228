"""Customers, families, consents, reminders and the desk's clock: what the trade's stories say of them."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import SHANGHAI
from insuragent.models import Customer, Deed, Entry, NeedsAnalysis, Visit
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintState
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.customer import Stage
from insuragent.models.family import Relation
from insuragent.models.visit import NextAction, VisitOutcome, VisitPurpose
from insuragent.services import agenda, complaints, customers, importing, needs, records, today
from insuragent.services import desk as desks
from insuragent.services.desk import Desk
from insuragent.store.store import Store
from insuragent.store.work import Actor, UnitOfWork
from tests.services.conftest import PASSPHRASE

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
NIGHT = dt.datetime(2026, 11, 23, 23, 50, tzinfo=SHANGHAI)
CAPTURE = {
    "complainant_name": "赵丽",
    "contact": "13800000001",
    "channel": Channel.FACE,
    "category": "sale_mislead",
    "facts": "业务员把现金价值说成存款",
}


def made(work: UnitOfWork, **values: Any) -> Customer:
    """A customer in the same unit of work."""
    customer = customers.create(work, {"name": "王小明"} | values)
    work.flush()
    return customer


def told(work: UnitOfWork, day: str, kind: str) -> list[tuple[str, str]]:
    """The reminders of a kind on a day: when they are due, and their words."""
    found = agenda.reminders(work, dt.date.fromisoformat(day))
    return [(reminder.due.isoformat(), reminder.text) for reminder in found if reminder.key.startswith(kind)]


def test_a_leap_day_is_kept_once_a_year(store: Store, agent: Actor) -> None:
    """Story S03: 28 February with a label in 2027, the day itself in 2028, never twice."""
    with store.begin(agent) as work:
        made(work, name="闰小月", doc_no="310115200402290282")
        assert told(work, "2027-02-21", "birthday") == [("2027-02-28", "闰小月 22 岁生日（闰日生日）")]
        assert told(work, "2027-02-28", "birthday") == [("2027-02-28", "闰小月 22 岁生日（闰日生日）")]
        assert told(work, "2027-03-01", "birthday") == []
        assert told(work, "2028-02-28", "birthday") == [("2028-02-29", "闰小月 24 岁生日")]


def test_a_higher_insurance_age_is_told_thirty_days_before(store: Store, agent: Actor) -> None:
    """Story S03: for 1 March 2027 first on 30 January."""
    with store.begin(agent) as work:
        customer = made(work, name="闰小月", doc_no="310115200402290282")
        assert told(work, "2027-01-29", "age_step") == []
        assert told(work, "2027-01-30", "age_step") == [("2027-03-01", "闰小月 的投保年龄将升至 23 岁")]
        assert customers.age(customer, dt.date(2027, 2, 28)) == 22
        assert customers.age(customer, dt.date(2027, 3, 1)) == 23


def test_reminders_are_the_same_however_often_they_are_gathered(store: Store, agent: Actor) -> None:
    """Their keys are never doubled."""
    with store.begin(agent) as work:
        for n in range(5):
            made(work, name=f"王小{n}明", birth_date=dt.date(1980, 11, 25))
        first, second = (agenda.reminders(work, dt.date(2026, 11, 23)) for _ in range(2))
    assert first == second
    assert len({reminder.key for reminder in first}) == len(first) == 5


def test_a_response_is_early_or_late_by_minutes(store: Store, agent: Actor) -> None:
    """Story S08: in time at 22:00; requirement R1.5b: one minute late at 23:51."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        early, late = (complaints.receive(work, CAPTURE).id for _ in range(2))
    with time_machine.travel(NIGHT + dt.timedelta(days=1, minutes=5), tick=False), store.begin(agent) as work:
        at = dt.datetime(2026, 11, 24, 22, tzinfo=SHANGHAI)
        answered = complaints.respond(work, early, Channel.PHONE, at, "已说明")
        assert complaints.lateness(answered, work.now) == 0
        assert answered.state == ComplaintState.ACKNOWLEDGED
        overdue = complaints.respond(work, late, Channel.PHONE, NIGHT + dt.timedelta(days=1, minutes=1), "已说明")
        assert complaints.lateness(overdue, work.now) == 1


def test_whoever_misleads_an_elderly_customer_is_complained_of_gravely(store: Store, agent: Actor) -> None:
    """Story S18: from the policy's age on, reached on the day of receipt; a day younger is as grave as was chosen."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        for day, grade in ((23, "S2"), (24, "S3")):
            who = made(work, name=f"王{day}", birth_date=dt.date(1966, 11, day))
            assert complaints.receive(work, CAPTURE | {"customer_id": who.id}).severity == grade


def test_a_late_response_goes_to_head_office_step_by_step(store: Store, agent: Actor) -> None:
    """Escalation is automatic when overdue; each step is an entry of its own, as head office checks each."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        received = complaints.receive(work, CAPTURE)
    with time_machine.travel(NIGHT + dt.timedelta(days=2), tick=False), store.begin(agent) as work:
        complaint = complaints.respond(work, received.id, Channel.PHONE, work.now, "已说明")
        assert complaint.state == ComplaintState.ESCALATED
    with store.read(agent) as work:
        steps = [past.changes["state"] for past in records.history(work, received.id) if "state" in past.changes]
    assert steps == [["acknowledged", "escalated"], ["captured", "acknowledged"], [None, "captured"]]


def test_a_complaint_is_overdue_in_sync_after_twelve_hours(store: Store, agent: Actor) -> None:
    """Story S08: the banner stands from 11:50 on."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        complaints.receive(work, CAPTURE)
    words = "1 件投诉超过 12 小时没有同步到总公司，请尽快联网同步"
    for minutes, expected in ((719, 0), (720, 1)):
        with time_machine.travel(NIGHT + dt.timedelta(minutes=minutes), tick=False), store.read(agent) as work:
            assert complaints.unsynced_overdue(work) == expected
            assert ((words, "bad") in today.frame(work).banners) == bool(expected)


def test_numbers_go_on_over_the_day(store: Store, agent: Actor) -> None:
    """Story S08: per day of receipt, in Shanghai's date."""
    with time_machine.travel(NIGHT, tick=False), store.begin(agent) as work:
        numbers = [complaints.receive(work, CAPTURE).complaint_no for _ in range(2)]
    with time_machine.travel(NIGHT + dt.timedelta(minutes=20), tick=False), store.begin(agent) as work:
        numbers.append(complaints.receive(work, CAPTURE).complaint_no)
    assert numbers == ["TS-20261123-AB12-001", "TS-20261123-AB12-002", "TS-20261124-AB12-001"]


def test_a_proposal_needs_a_held_visit_and_an_analysis(store: Store, agent: Actor) -> None:
    """Requirement R1.1a: both missing items are named; with both, it goes."""
    with time_machine.travel(NOON, tick=False), store.begin(agent) as work:
        customer = made(work)
        with pytest.raises(ValidationError, match="还缺少：已完成的拜访、需求分析"):
            customers.change(work, customer.id, {"stage": Stage.EXPLAIN})
        start = NOON - dt.timedelta(hours=2)
        values = {"customer_id": customer.id, "purpose": VisitPurpose.NEEDS, "planned_start": start}
        visit = agenda.plan(work, values | {"planned_end": start + dt.timedelta(hours=1)})
        work.flush()
        outcome = {"outcome": VisitOutcome.INTERESTED, "next_action": NextAction.NONE}
        agenda.hold(work, visit.id, outcome)
        needs.analyse(work, customer.id, {})
        work.flush()
        assert customers.change(work, customer.id, {"stage": Stage.EXPLAIN}).stage == Stage.EXPLAIN
        assert (work.count(Visit), work.count(NeedsAnalysis)) == (1, 1)


def test_health_goes_with_its_consent(store: Store, agent: Actor) -> None:
    """What may only be kept with a consent is let go when it is withdrawn; what needs none stays (story S16)."""
    with store.begin(agent) as work:
        customer = made(work, marital="married")
        for purpose in (Purpose.HEALTH, Purpose.MARKETING):
            customers.grant(work, customer.id, purpose, customer.name, ConsentMethod.SIGN_ON_SCREEN)
        work.flush()
        customers.change(work, customer.id, {"health_brief": "血压偏高", "smoker": True})
        customers.withdraw(work, customer.id, Purpose.MARKETING)
        assert customer.health_brief == "血压偏高"
        customers.withdraw(work, customer.id, Purpose.HEALTH)
        work.flush()
        assert (customer.health_brief, customer.smoker, customer.marital) == (None, None, "married")
        assert customers.consents(work, customer.id) == {"health": "withdrawn", "marketing": "withdrawn"}
        with pytest.raises(NotPermitted):
            customers.change(work, customer.id, {"smoker": True})


def test_nobody_consented_before_he_is_a_customer(store: Store, agent: Actor) -> None:
    """Health fields are refused on a new customer too, typed or imported."""
    with store.begin(agent) as work:
        for make_one in (customers.create, lambda w, values: records.create(w, Customer, values)):
            with pytest.raises(NotPermitted):
                make_one(work, {"name": "王小明", "smoker": False})
    assert "smoker" not in importing.field_choices()
    assert importing.guess_mapping(["姓名", "吸烟"]) == ("name", None)


def test_a_child_needs_the_guardians_consent(store: Store, agent: Actor) -> None:
    """Story S04: before any field of the child is stored."""
    child = {"relation": "son", "name": "王小小", "doc_type": "resident_id", "doc_no": "440305201905201159"}
    with time_machine.travel(NOON, tick=False), store.begin(agent) as work:
        mother = made(work)
        with pytest.raises(NotPermitted):
            customers.add_family(work, mother.id, child)
        customers.grant(work, mother.id, Purpose.MINOR, mother.name, ConsentMethod.SIGN_ON_SCREEN)
        work.flush()
        assert customers.add_family(work, mother.id, child).birth_date == dt.date(2019, 5, 20)


def test_there_is_one_spouse(store: Store, agent: Actor) -> None:
    """A second one is a mistake of the pen."""
    with store.begin(agent) as work:
        customer = made(work)
        customers.add_family(work, customer.id, {"relation": "spouse", "name": "周明远"})
        work.flush()
        with pytest.raises(ValidationError):
            customers.add_family(work, customer.id, {"relation": "spouse", "name": "周明亮"})


def test_what_an_agent_should_know_is_told(store: Store, agent: Actor) -> None:
    """Story S21: an enterprise's owners; a mobile number that three customers share; people who look alike."""
    with store.begin(agent) as work:
        firm = made(work, name="福州演示公司", doc_no="91350100M000100Y43")
        assert customers.notices(work, firm) == ["请登记持股 25% 及以上的受益所有人"]
        people = [made(work, name=name, mobile="13800138000") for name in ("王小明", "李小红", "王小明")]
        assert len(customers.notices(work, people[0])) == 2
        assert len(customers.notices(work, people[1])) == 1


def test_a_new_name_is_spelled_anew(store: Store, agent: Actor) -> None:
    """Unless the spelling was typed."""
    with store.begin(agent) as work:
        customer = made(work, name="单小明")
        assert customer.name_pinyin == "shan xiao ming"
        assert customers.change(work, customer.id, {"name": "曾小明"}).name_pinyin == "zeng xiao ming"
        typed = {"name": "乐小明", "name_pinyin": "le xiao ming"}
        assert customers.change(work, customer.id, typed).name_pinyin == "le xiao ming"


def test_a_clock_that_went_back_is_entered(desk: Desk) -> None:
    """Story S19: three hours back are noticed at the next start; times are kept as they are."""
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)
    with time_machine.travel(later, tick=False), desk.begin() as work:
        made(work)
    desk.close()
    again = desks.unlock(desk.profile, PASSPHRASE)
    with again.read() as work:
        skew = work.session.query(Entry).filter(Entry.deed == Deed.CLOCK_SKEW).one()
        assert skew.changes is not None
        assert skew.changes["minutes"][1] in (-179, -180)
    again.close()


def test_a_desk_that_cannot_open_lets_go_of_its_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure at the very start must not keep the person out until the program is ended."""
    desk.close()

    def broken(_self: Desk) -> Actor:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(Desk, "_find_actor", broken)
        desks.unlock(desk.profile, PASSPHRASE)
    desks.unlock(desk.profile, PASSPHRASE).lock()


def test_the_gravest_of_three_categories_counts(store: Store, agent: Actor) -> None:
    """Data dictionary: up to three categories; a leak of data is serious wherever it is named (story S18)."""
    with store.begin(agent) as work:
        one = complaints.receive(work, CAPTURE | {"category": "premium"})
        other = complaints.receive(work, CAPTURE | {"category": "premium", "third_category": "privacy"})
        assert (one.severity, other.severity) == ("S3", "S2")


def test_a_member_of_a_family_is_a_customer_too(store: Store, agent: Actor) -> None:
    """The link is seen from both sides (data dictionary: family_member); nobody is his own relative."""
    with store.begin(agent) as work:
        husband, wife = made(work), customers.create(work, {"name": "李慧敏", "mobile": "13900139000"})
        told = {"relation": Relation.SPOUSE, "name": "李慧敏", "linked_customer_id": wife.id}
        member = customers.add_family(work, husband.id, told)
        work.flush()
        (own,), (other,) = (customers.family(work, who.id) for who in (husband, wife))
        assert (own.member.id, own.of, own.other) == (member.id, "", wife.id)
        assert (other.member.id, other.of, other.other) == (member.id, husband.name, husband.id)
        back = {"relation": Relation.SPOUSE, "name": husband.name, "linked_customer_id": husband.id}
        customers.add_family(work, wife.id, back)
        work.flush()
        assert [one.of for one in customers.family(work, wife.id)] == [""], "told once"
        for wrong, why in ((husband.id, "本人"), (uuid.uuid4(), "找到的记录"), ("李慧敏", "找到的记录")):
            with pytest.raises(ValidationError, match=why):
                customers.change_family(work, member.id, {"linked_customer_id": wrong})
        assert customers.change_family(work, member.id, {"linked_customer_id": None}).linked_customer_id is None


def test_a_correction_of_the_family_goes_by_the_rules_of_a_new_member(store: Store, agent: Actor) -> None:
    """No second spouse, and no child without the guardian's consent, by way of a correction (story S04)."""
    with store.begin(agent) as work:
        who = made(work)
        spouse = customers.add_family(work, who.id, {"relation": "spouse", "name": "李敏"})
        other = customers.add_family(work, who.id, {"relation": "sibling", "name": "王大明"})
        work.flush()
        assert customers.change_family(work, spouse.id, {"relation": "spouse", "name": "李慧敏"}).name == "李慧敏"
        with pytest.raises(ValidationError, match="配偶"):
            customers.change_family(work, other.id, {"relation": "spouse"})
        with pytest.raises(NotPermitted, match="监护人"):
            customers.change_family(work, other.id, {"birth_date": records.today(work) - dt.timedelta(days=3000)})
        grown = records.today(work) - dt.timedelta(days=9000)
        assert customers.change_family(work, other.id, {"birth_date": grown}).birth_date == grown
