"""The agent's days: visits planned, moved, held, and what is due."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Complaint, Customer, Staff, Visit
from insuragent.models.customer import Stage
from insuragent.models.fields import choice_words
from insuragent.models.validation import clean
from insuragent.models.visit import NextAction, VisitOutcome, VisitStatus
from insuragent.rules import clocks
from insuragent.rules.complaint import ENDED
from insuragent.services import catalogue, checklists, records, sheet_duties
from insuragent.services.reminder import Reminder as Reminder  # what an agenda is made of
from insuragent.store.work import UnitOfWork

ENDED_VISITS = (VisitStatus.HELD, VisitStatus.CANCELLED, VisitStatus.NO_SHOW, VisitStatus.REFUSED, VisitStatus.MISSED)
#: Days before a birthday, an expiring document and an expiring licence at which they are told (data dictionary).
BIRTHDAY_DAYS, DOCUMENT_DAYS, LICENCE_DAYS = 7, 90, 60
#: A higher insurance age is told so many days before, for a week: after that it only repeats the birthday.
AGE_STEP_DAYS, AGE_STEP_SHOWN = 30, 7


@dataclass(frozen=True)
class Appointment:
    """A visit as a calendar shows it; ``customer`` is empty for an appointment without one."""

    id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    customer_id: uuid.UUID | None
    customer: str
    purpose: str
    status: str
    subject: str
    place: str


def appointments(work: UnitOfWork, start: dt.datetime, end: dt.datetime) -> list[Appointment]:
    """Every visit that touches the time from ``start`` to ``end``, in order; cancelled ones are left out."""
    statement = (
        sa.select(Visit, Customer.name)
        .outerjoin(Customer, Customer.id == Visit.customer_id)
        .where(
            Visit.planned_start < end,
            Visit.planned_end > start,
            Visit.archived_at.is_(None),
            Visit.status != VisitStatus.CANCELLED,
        )
        .order_by(Visit.planned_start)
    )
    return [_appointment(visit, name) for visit, name in work.rows(statement)]


def plan(work: UnitOfWork, values: Mapping[str, Any]) -> Visit:
    """A new visit. Raises ValidationError, also when it ends before it begins."""
    made = records.create(work, Visit, values)
    made.agent_id = work.actor.staff_id
    return made


def move(work: UnitOfWork, visit_id: uuid.UUID, start: dt.datetime, end: dt.datetime) -> Visit:
    """Move or stretch a visit that has not ended. Raises NotPermitted for one that has."""
    visit = work.get(Visit, visit_id)
    if visit.status in ENDED_VISITS:
        raise NotPermitted(N_("已结束的拜访不能改期"))
    return records.change(work, Visit, visit_id, {"planned_start": start, "planned_end": end})


def overlaps(
    work: UnitOfWork, start: dt.datetime, end: dt.datetime, besides: uuid.UUID | None = None
) -> list[Appointment]:
    """The appointments that lie across this time: a warning, not a refusal (data dictionary: visit)."""
    return [one for one in appointments(work, start, end) if one.id != besides and one.status not in ENDED_VISITS]


def begin(work: UnitOfWork, visit_id: uuid.UUID) -> Visit:
    """The visit begins now."""
    return records.change(work, Visit, visit_id, {"status": VisitStatus.STARTED, "actual_start": work.now})


def hold(work: UnitOfWork, visit_id: uuid.UUID, values: Mapping[str, Any]) -> Visit:
    """Close a visit as held: outcome and next action are needed, and a reason when it is entered late.

    Raises ValidationError naming what is missing (data dictionary: visit; entry more than 24 h later needs a reason).
    """
    visit = work.get(Visit, visit_id)
    told = clean(Visit, values, today=records.today(work), partial=True, current=visit.plain())
    start = told.get("actual_start") or visit.actual_start or min(visit.planned_start, work.now)
    ended = told.get("actual_end") or max(min(work.now, visit.planned_end), start)
    _require_outcome(work, told, ended)
    gone_through = checklists.of(visit).told
    filled = told | {"actual_start": start, "actual_end": ended, "status": VisitStatus.HELD, "checklist": gone_through}
    held = records.change(work, Visit, visit_id, filled)
    if held.customer_id:
        _advance(work, held)
    return held


def _require_outcome(work: UnitOfWork, told: Mapping[str, Any], ended: dt.datetime) -> None:
    problems = {}
    if not told.get("outcome"):
        problems["outcome"] = _("请选择拜访结果")
    if not told.get("next_action"):
        problems["next_action"] = _("请选择下一步，没有时选“无”")
    if ended > work.now:
        problems["actual_end"] = _("实际结束不能晚于现在")
    hours = catalogue.policy().count("late_entry_hours", records.today(work))
    if work.now - ended > dt.timedelta(hours=hours) and not told.get("late_reason"):
        problems["late_reason"] = _("拜访结束超过 {hours} 小时才补录，请填写原因").format(hours=hours)
    if problems:
        raise ValidationError(problems)


def cancel(work: UnitOfWork, visit_id: uuid.UUID) -> Visit:
    """Cancel a visit that has not ended."""
    if work.get(Visit, visit_id).status in ENDED_VISITS:
        raise NotPermitted(N_("已结束的拜访不能取消"))
    return records.change(work, Visit, visit_id, {"status": VisitStatus.CANCELLED})


def reminders(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    """What is due around ``day``, the nearest first; computed from the records, so that none is ever doubled."""
    found = [
        *_birthdays(work, day),
        *_age_steps(work, day),
        *_documents(work, day),
        *_next_actions(work, day),
        *_complaints(work, day),
        *sheet_duties.reminders(work, day),
    ]
    return sorted([*found, *_licence(work, day)], key=lambda reminder: (reminder.due, reminder.key))


def _appointment(visit: Visit, name: str | None) -> Appointment:
    return Appointment(
        visit.id, visit.planned_start, visit.planned_end, visit.customer_id, name or "", str(visit.purpose),
        str(visit.status), visit.subject or "", visit.place_text or "",
    )  # fmt: skip


def _advance(work: UnitOfWork, visit: Visit) -> None:
    """A first visit that was held moves a lead on; a refusal pauses offers (requirements R1.1a, R1.3c)."""
    customer = work.get(Customer, visit.customer_id)  # type: ignore[arg-type]
    if customer.stage == Stage.LEAD:
        customer.stage = Stage.FIRST_VISIT
    if visit.outcome == VisitOutcome.DECLINED:
        days = catalogue.policy().count("decline_pause_days", records.today(work))
        customer.do_not_sell_until = records.today(work) + dt.timedelta(days=days)


#: Whose data may be used for more than to be kept.
_SERVED = sa.and_(Customer.archived_at.is_(None), Customer.restricted_at.is_(None))
#: A birthday without its year. SQLite takes the index of birthdays only for the very words of the index.
_BIRTHDAY: sa.ColumnElement[str] = sa.literal_column("substr(customer.birth_date, 5)")


def _birthdays(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    wanted = {(day + dt.timedelta(days=n)).strftime("-%m-%d") for n in range(BIRTHDAY_DAYS + 1)}
    wanted |= {"-02-29"} if "-02-28" in wanted else set()
    statement = sa.select(Customer.id, Customer.name, Customer.birth_date).where(_SERVED, _BIRTHDAY.in_(sorted(wanted)))
    found = []
    for row in work.rows(statement):
        birthday = min(
            (clocks.birthday_in(row.birth_date, y) for y in (day.year, day.year + 1)), key=lambda b: _after(b.day, day)
        )
        if (birthday.day - day).days <= BIRTHDAY_DAYS:
            years = clocks.age_on(row.birth_date, birthday.day)
            words = _("{name} {age} 岁生日（{label}）") if birthday.label else _("{name} {age} 岁生日")
            text = words.format(name=row.name, age=years, label=_(birthday.label))
            found.append(Reminder(f"birthday:{row.id}:{birthday.day}", birthday.day, text, "customer", row.id))
    return found


def _after(candidate: dt.date, day: dt.date) -> int:
    return (candidate - day).days if candidate >= day else 10_000


def _age_steps(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    """Premiums rise with the insurance age: told 30 days before, 1 March for a leap day (story S03)."""
    steps = [day + dt.timedelta(days=AGE_STEP_DAYS - n) for n in range(AGE_STEP_SHOWN)]
    # Somebody born on 29 February steps up on 1 March in other years.
    wanted = {step.strftime("-%m-%d") for step in steps} | {"-02-29"}
    statement = sa.select(Customer.id, Customer.name, Customer.birth_date).where(_SERVED, _BIRTHDAY.in_(sorted(wanted)))
    found = []
    for row in work.rows(statement):
        step = clocks.next_age_step(row.birth_date, day)
        if step in steps:
            text = _("{name} 的投保年龄将升至 {age} 岁").format(name=row.name, age=clocks.age_on(row.birth_date, step))
            found.append(Reminder(f"age_step:{row.id}:{step}", step, text, "customer", row.id))
    return found


def _documents(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    until = day + dt.timedelta(days=DOCUMENT_DAYS)
    statement = sa.select(Customer.id, Customer.name, Customer.doc_valid_to).where(
        _SERVED, Customer.doc_valid_to.is_not(None), Customer.doc_valid_to <= until
    )
    found = []
    for row in work.rows(statement):
        text = _("{name} 的证件到期").format(name=row.name)
        found.append(Reminder(f"doc_expiry:{row.id}:{row.doc_valid_to}", row.doc_valid_to, text, "customer", row.id))
    return found


def _next_actions(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    statement = (
        sa.select(Visit, Customer.name)
        .join(Customer, sa.and_(Customer.id == Visit.customer_id, Customer.restricted_at.is_(None)))
        .where(Visit.next_due.is_not(None), Visit.next_due <= day + dt.timedelta(days=1), Visit.archived_at.is_(None))
    )
    found = []
    for visit, name in work.rows(statement):
        later = work.count(Visit, Visit.customer_id == visit.customer_id, Visit.planned_start > visit.planned_start)
        if not later and visit.next_action not in (None, "none"):
            what = visit.next_note or choice_words(NextAction, visit.next_action)
            text = _("{name}：{what}").format(name=name, what=what)
            found.append(Reminder(f"follow_up:{visit.id}", visit.next_due, text, "visit", visit.id))
    return found


def _complaints(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    open_ones = sa.select(Complaint).where(Complaint.state.not_in(tuple(ENDED)), Complaint.archived_at.is_(None))
    policy = catalogue.policy()
    found = []
    for complaint in work.scalars(open_ones):
        received = complaint.received_at.astimezone(SHANGHAI)
        times = clocks.complaint_clocks(complaint.received_at, policy.calendar, policy.periods(received.date()))
        if complaint.first_response_at is None or min(times.due15.alarms, default=day) <= day:
            first = complaint.first_response_at is None
            due = complaint.first_response_due.astimezone(SHANGHAI).date() if first else times.due15.internal
            words = _("{number} 首次响应") if first else _("{number} 办理期限")
            key = f"complaint:{complaint.id}:{due}"
            found.append(Reminder(key, due, words.format(number=complaint.complaint_no), "complaint", complaint.id))
    return found


def _licence(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    if staff is None or (staff.licence_valid_to - day).days > LICENCE_DAYS:
        return []
    return [Reminder(f"licence:{staff.licence_valid_to}", staff.licence_valid_to, _("执业登记到期"), "staff", staff.id)]


def held_by_day(work: UnitOfWork, last: dt.date, days: int) -> list[tuple[dt.date, int]]:
    """How many visits were held on each of the ``days`` up to ``last``."""
    first = last - dt.timedelta(days=days - 1)
    start = dt.datetime.combine(first, dt.time(), SHANGHAI)
    statement = sa.select(Visit.actual_start).where(Visit.status == VisitStatus.HELD, Visit.actual_start >= start)
    counted = [row.actual_start.astimezone(SHANGHAI).date() for row in work.rows(statement)]
    return [(day, counted.count(day)) for day in (first + dt.timedelta(days=n) for n in range(days))]
