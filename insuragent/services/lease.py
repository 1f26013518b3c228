"""The offline lease: for how long this desk opens without having reached head office (days set there).

It is judged by whatever is latest of the clock, the journal's last entry and the last contact, so that setting the
clock back gains nothing. When it is over the desk opens only by way of a pass that reaches head office.
"""

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa

from insuragent.errors import DeviceRevoked, HeadOfficeError, UserError
from insuragent.i18n import N_, format_moment
from insuragent.models import Entry
from insuragent.services.desk import Desk
from insuragent.services.syncing import SYNC_NOTE
from insuragent.store.work import UnitOfWork

#: The note that holds the moment when the lease ends.
NOTE = "lease_until"


class ContactNeeded(UserError):
    """The lease is over and head office was not reached."""

    message = N_("本机脱离总公司的期限已于 {until} 届满，需要先与总公司联系一次")
    hint = N_("请连接网络后再次输入口令；资料完好，未上传的内容会在联系时上传。")


def renew(work: UnitOfWork, server_time: dt.datetime, days: int) -> None:
    """Count from this contact; ``days`` 0: the desk needs none."""
    work.set_note(NOTE, (server_time + dt.timedelta(days=days)).isoformat() if days else None)


def until(work: UnitOfWork) -> dt.datetime | None:
    """When the lease ends; None when there is none."""
    noted = work.note(NOTE)
    return dt.datetime.fromisoformat(noted) if noted else None


def days_left(work: UnitOfWork) -> int | None:
    """Whole days until the lease ends; None when there is none."""
    end = until(work)
    return None if end is None else max(0, (end - _latest(work)).days)


def is_over(work: UnitOfWork) -> bool:
    """Whether head office must be reached before anything else."""
    end = until(work)
    return end is not None and _latest(work) >= end


def admitted(desk: Desk, contact: Callable[[Desk], object]) -> Desk:
    """The desk, once its lease holds: one that is over is renewed by ``contact``, a pass, here and now.

    Raises ContactNeeded when head office is not reached, with the desk closed; DeviceRevoked as a pass does.
    """
    with desk.read() as work:
        end, over = until(work), is_over(work)
    if not over or end is None:
        return desk
    try:
        contact(desk)
    except DeviceRevoked:
        raise
    except HeadOfficeError as error:
        desk.close()
        raise ContactNeeded(until=format_moment(end)) from error
    return desk


def _latest(work: UnitOfWork) -> dt.datetime:
    told = [work.now]
    if (last := work.session.scalar(sa.select(Entry.at).order_by(Entry.number.desc()).limit(1))) is not None:
        told.append(last)
    if noted := work.note(SYNC_NOTE):
        told.append(dt.datetime.fromisoformat(noted))
    return max(told)
