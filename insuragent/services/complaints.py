"""Complaints: taken down when they are spoken, with clocks that count from that moment."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Complaint, Customer, Entry, Staff, State
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintState
from insuragent.models.fields import fields_of
from insuragent.models.validation import clean
from insuragent.rules import clocks, suitability
from insuragent.rules import complaint as rules
from insuragent.rules.access import Action
from insuragent.rules.complaint import ENDED, REQUIRED, Actor, Circumstances, Facts
from insuragent.services import catalogue, records, wording
from insuragent.services.records import Query
from insuragent.store.work import UnitOfWork

#: A list shows so many at once; a search narrows it.
MOST = 200
#: What a complaint is about, the foremost first: the gravest of them counts.
_CATEGORIES = ("category", "second_category", "third_category")
#: Whose clocks run.
_RUNNING = (Complaint.state.not_in(tuple(ENDED)), Complaint.archived_at.is_(None))


@dataclass(frozen=True)
class Open:
    """A complaint with its two clocks, as lists show it."""

    id: uuid.UUID
    number: str
    name: str
    category: str
    severity: str
    state: str
    received_at: dt.datetime
    first_response_due: dt.datetime
    first_response_at: dt.datetime | None
    due15: dt.date
    internal_due: dt.date
    due15_is_workday: bool
    notes: tuple[str, ...]
    ended: bool


@dataclass(frozen=True)
class Listed:
    """What a list of complaints shows, how many more fit, and how many are open whatever is shown."""

    shown: Sequence[Open]
    more: int
    open: int


@dataclass(frozen=True)
class Opened:
    """One complaint, and who handles it at head office; empty before somebody does."""

    complaint: Complaint
    handler: str = ""


def opened(work: UnitOfWork, complaint_id: uuid.UUID) -> Opened:
    """A complaint as its page shows it. Raises RecordGone."""
    found = work.get(Complaint, complaint_id)
    handler = work.find(Staff, found.handler_id) if found.handler_id else None
    return Opened(found, handler.name if handler else "")


def receive(work: UnitOfWork, values: Mapping[str, Any]) -> Complaint:
    """Take a complaint down: number, severity and clocks follow from what was told (requirements R1.5a, R1.5b).

    The six fields of rules.complaint.REQUIRED are needed; ``received_at`` may lie before now with ``backdate_reason``.
    Raises ValidationError or NotPermitted.
    """
    told = {"received_at": work.now} | dict(values)
    reason = str(told.pop("backdate_reason", "") or "")
    cleaned = clean(Complaint, told, today=records.today(work), partial=True)
    _require(cleaned)
    wording.require(work, Complaint, cleaned)
    records.allow(work, Action.CREATE, Complaint)
    received: dt.datetime = cleaned["received_at"]
    facts = Facts(now=work.now, received_at=received, captured_at=work.now, backdate_reason=reason)
    rules.require_step(ComplaintState.DRAFT, ComplaintState.CAPTURED, [Actor.AGENT], facts, device=True)
    with work.because(reason):
        return work.add(Complaint(**(cleaned | _deadlines(received) | _judged(work, cleaned, received))))


def respond(work: UnitOfWork, complaint_id: uuid.UUID, way: Channel, at: dt.datetime, note: str) -> Complaint:
    """Record the first response; late or in time is told by :func:`lateness`. Raises NotPermitted.

    A grave complaint, or a response that came too late, goes on to head office by itself (complaint state machine).
    """
    person = str(work.actor.staff_id or "self")
    facts = Facts(now=work.now, way=way, person=person, at=at)
    complaint = _step(work, complaint_id, ComplaintState.ACKNOWLEDGED, facts)
    complaint.first_response_at, complaint.first_response_way = at, way
    complaint.first_response_note = _worded(work, "first_response_note", note) or None
    if rules.must_escalate(str(complaint.severity), complaint.first_response_due, at, work.now):
        work.flush()  # each step is an entry of its own
        late = at > complaint.first_response_due
        escalate(work, complaint_id, _("首次响应超时，自动上报") if late else _("严重程度较高，自动上报"))
    return complaint


def escalate(work: UnitOfWork, complaint_id: uuid.UUID, reason: str) -> Complaint:
    """Pass it on to head office; from then on the desk may add notes but decide nothing (requirement R1.5c)."""
    complaint = _step(work, complaint_id, ComplaintState.ESCALATED, Facts(now=work.now, reason=reason))
    return _noted(work, complaint, _("上报：{reason}").format(reason=reason.strip()))


def withdraw(work: UnitOfWork, complaint_id: uuid.UUID, evidence: str) -> Complaint:
    """The complainant takes it back; ``evidence`` names the signed record or the recording."""
    facts = Facts(now=work.now, evidence=bool(evidence.strip()))
    complaint = _step(work, complaint_id, ComplaintState.WITHDRAWN, facts)
    return _noted(work, complaint, _("撤回凭证：{evidence}").format(evidence=evidence.strip()))


def add_progress(work: UnitOfWork, complaint_id: uuid.UUID, text: str) -> Complaint:
    """Add a note to the progress; notes are never changed."""
    if not text.strip():
        raise ValidationError({"progress": _("请填写进展")})
    complaint = work.get(Complaint, complaint_id)
    records.allow(work, Action.CHANGE, Complaint, complaint)
    return _noted(work, complaint, text.strip())


def lateness(complaint: Complaint, now: dt.datetime) -> int:
    """By how many minutes the first response was, or is, late; 0 when in time."""
    late = clocks.late_by(complaint.first_response_due, complaint.first_response_at or now)
    return max(int(late.total_seconds() // 60), 0)


def open_complaints(work: UnitOfWork) -> list[Open]:
    """Every complaint whose clocks run, the most urgent first."""
    running = sa.select(Complaint).where(*_RUNNING)
    return sorted((clocks_of(complaint) for complaint in work.scalars(running)), key=_urgency)


def count_open(work: UnitOfWork) -> int:
    """How many complaints' clocks run."""
    return work.count(Complaint, *_RUNNING)


def listed(work: UnitOfWork, question: str = "", *, ended: bool | None = False) -> Listed:
    """Complaints that answer a question: open ones, the most urgent first, then ended ones, the newest first.

    With ``ended`` False the open ones alone, with True the ended ones, with None both.
    """
    asked = Query(question, order="received_at")
    numbers = records.numbers(work, Complaint, asked)
    fitting = sa.select(Complaint).where(Complaint.number.in_(list(numbers))).order_by(Complaint.received_at.desc())
    if ended is not None:
        within = tuple(ENDED)
        fitting = fitting.where(Complaint.state.in_(within) if ended else Complaint.state.not_in(within))
    found = sorted((clocks_of(one) for one in work.scalars(fitting)), key=_urgency)
    return Listed(found[:MOST], max(len(found) - MOST, 0), count_open(work))


def _urgency(one: Open) -> tuple[bool, bool, float]:
    due = one.received_at if one.ended else one.first_response_due
    return one.ended, one.first_response_at is not None, due.timestamp() * (-1 if one.ended else 1)


def unsynced_overdue(work: UnitOfWork) -> int:
    """How many complaints have not reached head office within the hours of the policy (requirement R1.4d)."""
    since = work.now - dt.timedelta(hours=unsynced_hours(work))
    # From the complaints, which are few, to their entries; the other way round all that waits would be read.
    waits = sa.exists().where(Entry.record_id == Complaint.id, Entry.state == State.PENDING)
    return work.count(Complaint, Complaint.received_at <= since, waits)


def unsynced_hours(work: UnitOfWork) -> int:
    """After how many hours a complaint must have reached head office."""
    return catalogue.policy().count("unsynced_alarm_hours", records.today(work))


def _require(cleaned: Mapping[str, Any]) -> None:
    labels = fields_of(Complaint)
    missing = {
        name: _("请填写{label}").format(label=_(labels[name].label)) for name in REQUIRED if not cleaned.get(name)
    }
    if missing:
        raise ValidationError(missing)


def _deadlines(received: dt.datetime) -> dict[str, Any]:
    times = _times(received)
    return {
        "first_response_due": times.first_response_due.astimezone(dt.UTC),
        "due15": times.due15.day,
        "due30": times.due30.day,
        "due60": times.due60.day,
    }


def _judged(work: UnitOfWork, cleaned: Mapping[str, Any], received: dt.datetime) -> dict[str, Any]:
    day = received.astimezone(SHANGHAI).date()
    customer = work.find(Customer, cleaned["customer_id"]) if cleaned.get("customer_id") else None
    grade, elderly_age = str(cleaned.get("severity") or "S3"), catalogue.policy().count("elderly_age", day)
    for category in filter(None, (cleaned.get(name) for name in _CATEGORIES)):
        facts = Circumstances(
            category=str(category),
            channel=str(cleaned["channel"]),
            elderly=customer is not None and suitability.is_elderly(customer.birth_date, day, elderly_age),
        )
        grade = rules.severity(grade, facts)
    prefix = rules.complaint_no(day, work.actor.device_id or "0000", 1)[:-3]
    taken = work.session.scalars(sa.select(Complaint.complaint_no).where(Complaint.complaint_no.startswith(prefix)))
    sequence = 1 + max((int(number.removeprefix(prefix)) for number in taken), default=0)
    return {
        "severity": grade,
        "complaint_no": rules.complaint_no(day, work.actor.device_id or "0000", sequence),
        "state": ComplaintState.CAPTURED,
    }


def _step(work: UnitOfWork, complaint_id: uuid.UUID, to: ComplaintState, facts: Facts) -> Complaint:
    complaint = work.get(Complaint, complaint_id)
    records.allow(work, Action.CHANGE, Complaint, complaint)
    actor = Actor.SUPERVISOR if work.actor.role == "supervisor" else Actor.AGENT
    rules.require_step(str(complaint.state), to, [actor], facts, device=True)
    complaint.state = to
    return complaint


def _worded(work: UnitOfWork, name: str, text: str) -> str:
    wording.require(work, Complaint, {name: text})
    return text.strip()


def _noted(work: UnitOfWork, complaint: Complaint, text: str) -> Complaint:
    note = {"at": work.now.isoformat(), "text": _worded(work, "progress", text), "by": str(work.actor.staff_id or "")}
    complaint.progress = [*complaint.progress, note]
    return complaint


def clocks_of(complaint: Complaint) -> Open:
    """A complaint as lists show it, its two clocks worked out."""
    received, times = complaint.received_at, _times(complaint.received_at)
    return Open(
        complaint.id, complaint.complaint_no, complaint.complainant_name, str(complaint.category),
        str(complaint.severity), str(complaint.state), received, complaint.first_response_due,
        complaint.first_response_at, complaint.due15, times.due15.internal, times.due15.is_workday, times.notes,
        str(complaint.state) in ENDED,
    )  # fmt: skip


def _times(received: dt.datetime) -> clocks.ComplaintClocks:
    policy = catalogue.policy()
    return clocks.complaint_clocks(received, policy.calendar, policy.periods(received.astimezone(SHANGHAI).date()))
