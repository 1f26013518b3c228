"""What matters today, in one look: visits, reminders, complaints, what waits for head office."""

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from insuragent.errors import NotPermitted
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Customer, Entry, Staff
from insuragent.rules.access import check_licence
from insuragent.services import agenda, complaints, drafts, handovers, lease, records, syncing
from insuragent.services.agenda import Appointment, Reminder
from insuragent.services.complaints import Open
from insuragent.services.drafts import Kept
from insuragent.services.syncing import Contested
from insuragent.store.work import UnitOfWork

CHART_DAYS = 14


@dataclass(frozen=True)
class Day:
    """The facts of the Today page."""

    today: dt.date
    visits: list[Appointment]
    reminders: list[Reminder]
    complaints: list[Open]
    customers: int
    pending: int
    conflicts: list[Contested]
    handed_over: list[uuid.UUID]
    drafts: list[Kept]
    held: list[tuple[dt.date, int]]


@dataclass(frozen=True)
class Frame:
    """The facts of the window's frame: who, what waits, when head office was reached, warnings as (text, kind)."""

    agent: str
    branch: str
    pending: int
    last_sync: dt.datetime | None
    reminders: int
    complaints: int
    banners: list[tuple[str, str]]


#: A lease that ends within so many days is told.
NEAR = 3


def day(work: UnitOfWork) -> Day:
    """The Today page's facts."""
    today = records.today(work)
    start = dt.datetime.combine(today, dt.time(), SHANGHAI)
    return Day(
        today=today,
        visits=agenda.appointments(work, start, start + dt.timedelta(days=1)),
        reminders=agenda.reminders(work, today),
        complaints=complaints.open_complaints(work),
        customers=work.count(Customer),
        pending=syncing.pending(work),
        conflicts=syncing.contested(work),
        handed_over=handovers.unseen(work),
        drafts=drafts.all_kept(work),
        held=agenda.held_by_day(work, today, CHART_DAYS),
    )


def frame(work: UnitOfWork) -> Frame:
    """The facts of the window's frame."""
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    last = work.note(syncing.SYNC_NOTE)
    return Frame(
        agent=staff.name if staff else _("未登记设备"),
        branch=staff.branch if staff else "",
        pending=syncing.pending(work),
        last_sync=dt.datetime.fromisoformat(last) if last else None,
        reminders=len(agenda.reminders(work, records.today(work))),
        complaints=complaints.count_open(work),
        banners=_banners(work, staff),
    )


def _banners(work: UnitOfWork, staff: Staff | None) -> list[tuple[str, str]]:
    found = []
    overdue = complaints.unsynced_overdue(work)
    if overdue:
        words = _("{n} 件投诉超过 {hours} 小时没有同步到总公司，请尽快联网同步")
        found.append((words.format(n=overdue, hours=complaints.unsynced_hours(work)), "bad"))
    if staff is not None:
        try:
            check_licence(staff.licence_valid_to, records.today(work))
        except NotPermitted as expired:
            found.append((f"{expired}。{expired.advice}", "warn"))
    left = lease.days_left(work)
    if left is not None and left < NEAR:
        words = _("{n} 天内须与总公司联系一次，否则本机将不能打开").format(n=left + 1)
        found.append((words, "warn"))
    newest = work.session.scalar(sa.select(Entry.at).order_by(Entry.number.desc()).limit(1))
    if newest is not None and newest > work.now + dt.timedelta(minutes=5):
        found.append((_("系统时间异常：电脑时间早于最近一次记录，请校准时间"), "bad"))
    return found
