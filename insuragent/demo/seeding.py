"""Fill a demo profile with a lively day around now: customers, visits, needs, sheets, a complaint, a conflict."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from insuragent.demo import ink, people
from insuragent.i18n import SHANGHAI
from insuragent.models import Customer, Record, Sheet, Visit
from insuragent.models.base import utc_now
from insuragent.models.choices import Channel
from insuragent.models.complaint import Category
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.models.family import FamilyMember, Relation
from insuragent.models.visit import NextAction, VisitOutcome, VisitPurpose
from insuragent.services import agenda, catalogue, checklists, complaints, customers, importing, needs, records, sheets
from insuragent.services.desk import Desk
from insuragent.settings import resource
from insuragent.store.work import UnitOfWork
from insuragent.sync.conflicts import Side, note_conflict

R = TypeVar("R", bound=Record)
#: Visits before today, by how many days ago; weekends are quiet.
PAST_DAYS = 13
#: Today's visits: start (hour, minute), minutes, purpose, place.
TODAY = (
    ((9, 0), 60, VisitPurpose.NEEDS, "客户家中"),
    ((10, 30), 45, VisitPurpose.EXPLAIN, "静安寺咖啡馆"),
    ((13, 30), 60, VisitPurpose.REVIEW, "客户单位"),
    ((15, 0), 45, VisitPurpose.DELIVER, "客户家中"),
    ((16, 30), 60, VisitPurpose.FIRST_CONTACT, "社区服务中心"),
)
_OUTCOMES = (VisitOutcome.INTERESTED, VisitOutcome.THINK, VisitOutcome.SERVED, VisitOutcome.APPLIED)
_FIVE_PAY = {"product": "DEMO-PWL", "pay_years": 5, "premium": "50000"}
_TERM = {"product": "DEMO-TERM", "pay_years": 20, "to_age": 60, "sum_assured": "1000000"}


def seed(desk: Desk) -> None:
    """Fill the desk's store. Without a staff record the demo's agent takes the seat, as after an enrolment."""
    appoint(desk)
    with desk.begin() as work:
        importing.take(work, importing.preview(work, resource("demo/customers.xlsx")))
    with desk.begin() as work:
        found = adults(work)
        _visits(work, found)
        _files(work, found[:6])
    with desk.begin() as work:
        signed_sheet(work, found[0].id, _FIVE_PAY)
        sheets.draft(work, found[1].id, inputs_for(found[1], _TERM))
        _complaints(work, found)
    with desk.begin() as work:
        _conflict(work, work.get(Customer, found[2].id))


def appoint(desk: Desk) -> None:
    """Seat the demo's agent, and put the products on the shelf, where head office has not done so."""
    if desk.actor.staff_id is not None:
        return
    with desk.begin() as work:
        with work.taking_over():
            agent = work.add(people.staff(records.today(work)))
            for product in people.products():
                work.add(product)
        work.set_note(catalogue.STATUS_NOTE, records.today(work).isoformat())
    desk.sign_in(agent, desk.actor.device_id)


def newest(work: UnitOfWork, record_type: type[R]) -> R:
    """The newest record of a type; of sheets, the newest that was signed. Raises NoResultFound for none."""
    statement = sa.select(record_type).order_by(record_type.number.desc()).limit(1)
    if issubclass(record_type, Sheet):
        statement = statement.where(record_type.signed_at.is_not(None))
    return work.session.scalars(statement).one()


def adults(work: UnitOfWork) -> Sequence[Customer]:
    """Customers whom every sample product takes, in the order in which they came."""
    today = records.today(work)
    young, old = (today.replace(day=1, year=today.year - years) for years in (28, 38))
    fitting = sa.select(Customer).where(
        Customer.birth_date.between(old, young), Customer.gender.in_(("M", "F")), Customer.archived_at.is_(None)
    )
    return work.scalars(fitting.order_by(Customer.number))


def inputs_for(customer: Customer, plan: dict[str, Any]) -> dict[str, Any]:
    """The inputs of an illustration of ``plan`` for a customer."""
    today = utc_now().astimezone(SHANGHAI).date()
    told = {"sex": str(customer.gender), "age": customers.age(customer, today)}
    return plan | told | {"reasons": ["分析显示身故保障有缺口，本产品的身故责任可以弥补一部分"]}


def signed_sheet(work: UnitOfWork, customer_id: uuid.UUID, plan: dict[str, Any]) -> Sheet:
    """A sheet that was printed, explained and signed."""
    customer = work.get(Customer, customer_id)
    sheet = sheets.draft(work, customer_id, inputs_for(customer, plan))
    work.flush()
    sheets.confirm(work, sheet.id, people.checked())
    sheets.print_out(work, sheet.id)
    drawn = ink.strokes(customer.name)
    statement = catalogue.package(plan["product"]).statement
    return sheets.sign(work, sheet.id, ink.picture(drawn), ink.as_json(drawn), statement)


def planned(customer: Customer, start: dt.datetime, minutes: int, purpose: VisitPurpose, place: str) -> dict[str, Any]:
    """The values of a visit."""
    return {
        "customer_id": customer.id,
        "purpose": purpose,
        "subject": purpose.label,
        "planned_start": start,
        "planned_end": start + dt.timedelta(minutes=minutes),
        "place_text": place,
    }


def held(number: int, day: dt.date, *, late: bool) -> dict[str, Any]:
    """What is told when a visit was held."""
    return {
        "outcome": _OUTCOMES[number % len(_OUTCOMES)],
        "summary": "了解了家庭情况和已有保障，客户希望先看方案。",
        "next_action": NextAction.CALL if number % 3 == 0 else NextAction.NONE,
        "next_due": day + dt.timedelta(days=2) if number % 3 == 0 else None,
        "next_note": "电话确认资料" if number % 3 == 0 else None,
        "late_reason": "外勤途中没有电脑，回来补录" if late else None,
    }


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of a Shanghai day."""
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI)


def _visits(work: UnitOfWork, found: Sequence[Customer]) -> None:
    today = records.today(work)
    turn = iter(range(10_000))
    for ago in range(PAST_DAYS, 0, -1):
        day = today - dt.timedelta(days=ago)
        for hour in (9, 11, 14, 16)[: 1 if day.weekday() > 4 else 2 + ago % 3]:
            number = next(turn)
            visit = _plan(work, found[number % len(found)], at(day, hour), 60, VisitPurpose.REVIEW, "客户家中")
            agenda.hold(work, visit.id, held(number, day, late=True))
    for (hour, minute), minutes, purpose, place in TODAY:
        number = next(turn)
        visit = _plan(work, found[number % len(found)], at(today, hour, minute), minutes, purpose, place)
        if visit.planned_end <= work.now:
            for item in list(checklists.of(visit).told)[:-1]:
                checklists.tick(work, visit.id, item, done=True)
            agenda.hold(work, visit.id, held(number, today, late=False))
    for ahead in (1, 2, 3, 6):
        day = today + dt.timedelta(days=ahead)
        for hour in (10, 14):
            _plan(work, found[next(turn) % len(found)], at(day, hour), 60, VisitPurpose.CARE, "客户家中")


def _plan(
    work: UnitOfWork, customer: Customer, start: dt.datetime, minutes: int, purpose: VisitPurpose, place: str
) -> Visit:
    visit = agenda.plan(work, planned(customer, start, minutes, purpose, place))
    work.flush()
    return visit


def _files(work: UnitOfWork, found: Sequence[Customer]) -> None:
    for number, customer in enumerate(found):
        customers.grant(work, customer.id, Purpose.SERVICE, customer.name, ConsentMethod.SIGN_ON_SCREEN)
        needs.analyse(work, customer.id, people.household(debts=(800 - 60 * number) * 100_000))
    first = found[0]
    customers.grant(work, first.id, Purpose.HEALTH, first.name, ConsentMethod.SIGN_ON_SCREEN)
    work.flush()
    customers.change(work, first.id, {"health_brief": "血压偏高，按医嘱服药", "smoker": False})
    spouse = {"customer_id": first.id, "relation": Relation.SPOUSE, "name": "周明远", "is_dependent": False}
    records.create(work, FamilyMember, spouse)


def _complaints(work: UnitOfWork, found: Sequence[Customer]) -> None:
    for number, (hours, category, facts) in enumerate(
        (
            (3.5, Category.SALE_MISLEAD, "客户说当时被告知“随时可以取回全部保费”，与条款不符，要求解释。"),
            (8, Category.DELIVERY, "客户说寄出的纸质合同两周没有收到，希望尽快补寄。"),
        )
    ):
        customer = found[10 + number]
        received = work.now - dt.timedelta(hours=hours)
        told = {
            "customer_id": customer.id,
            "complainant_name": customer.name,
            "contact": customer.mobile,
            "received_at": received,
            "channel": Channel.FACE,
            "category": category,
            "facts": facts,
            "backdate_reason": "当面听取，回到车上后记录",
        }
        made = complaints.receive(work, told)
        if number:
            answered = received + dt.timedelta(hours=2)
            complaints.respond(work, made.id, Channel.PHONE, answered, "已致电说明补寄安排")


def _conflict(work: UnitOfWork, customer: Customer) -> None:
    """Two hands changed one mobile number: what the conflict page shows."""
    mine, theirs = "13911112222", "13933334444"
    now = work.now
    note_conflict(
        work,
        customer,
        "mobile",
        customer.mobile,
        Side(mine, now - dt.timedelta(hours=2)),
        Side(theirs, now - dt.timedelta(hours=1), "郑主管", "office"),
    )
