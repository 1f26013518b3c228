"""The trade's clocks: a complaint's deadlines, ages and birthdays.

Complaint deadlines follow 银保监会令2020年第3号 (regulations.csv G10) and the house rule of a first response within 24
natural hours (requirement R1.5b). All take the moment the customer spoke, never the moment of sync.
"""

import datetime as dt
from dataclasses import dataclass

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _, format_moment
from insuragent.rules.calendar import Calendar


@dataclass(frozen=True)
class Periods:
    """The lengths of the clocks, as dated policy data gives them."""

    first_response_hours: int
    days: tuple[int, int, int]
    response_alarm_hours: tuple[int, ...]
    alarm_days: tuple[int, ...]
    unsynced_alarm_hours: int


@dataclass(frozen=True)
class Deadline:
    """One statutory deadline: due at the last second of ``day`` in Shanghai.

    ``rolled`` is the next workday when ``day`` is none (information only); ``internal`` is the last workday up to
    ``day``, which the ``alarms`` count back from.
    """

    day: dt.date
    due: dt.datetime
    is_workday: bool
    is_holiday: bool
    rolled: dt.date
    internal: dt.date
    alarms: tuple[dt.date, ...]


@dataclass(frozen=True)
class ComplaintClocks:
    """All clocks of one complaint; moments are aware, in Shanghai. ``notes`` tell what the calendar lacks."""

    received_at: dt.datetime
    first_response_due: dt.datetime
    response_alarms: tuple[dt.datetime, ...]
    unsynced_alarm: dt.datetime
    due15: Deadline
    due30: Deadline
    due60: Deadline
    notes: tuple[str, ...]


def complaint_clocks(received_at: dt.datetime, calendar: Calendar, periods: Periods) -> ComplaintClocks:
    """The clocks of a complaint that was received at ``received_at`` (aware).

    The day of receipt is not counted. Holidays never move a deadline, they only show.
    """
    start = received_at.astimezone(SHANGHAI)
    response = start + dt.timedelta(hours=periods.first_response_hours)
    due15, due30, due60 = (_deadline(start.date(), days, calendar, periods.alarm_days) for days in periods.days)
    return ComplaintClocks(
        received_at=start,
        first_response_due=response,
        response_alarms=tuple(response - dt.timedelta(hours=hours) for hours in periods.response_alarm_hours),
        unsynced_alarm=start + dt.timedelta(hours=periods.unsynced_alarm_hours),
        due15=due15,
        due30=due30,
        due60=due60,
        notes=calendar.missing(deadline.day for deadline in (due15, due30, due60)),
    )


def _deadline(received: dt.date, days: int, calendar: Calendar, lead_days: tuple[int, ...]) -> Deadline:
    day = received + dt.timedelta(days=days)
    internal = calendar.on_or_before(day)
    return Deadline(
        day=day,
        due=dt.datetime.combine(day, dt.time(23, 59, 59), SHANGHAI),
        is_workday=calendar.is_workday(day),
        is_holiday=calendar.is_holiday(day),
        rolled=calendar.on_or_after(day),
        internal=internal,
        alarms=tuple(internal - dt.timedelta(days=lead) for lead in lead_days),
    )


def late_by(due: dt.datetime, done_at: dt.datetime) -> dt.timedelta:
    """How late something was done; zero or negative means in time, by that much."""
    return done_at - due


def clocks_row(received: str, calendar: Calendar, periods: Periods) -> dict[str, str | bool | list[str]]:
    """The clocks for ``received`` ("2026-09-20 10:00", Shanghai) under the names that the command line prints.

    Raises ValidationError when ``received`` is no such moment.
    """
    try:
        moment = dt.datetime.fromisoformat(received.strip())
    except ValueError as error:
        raise ValidationError({"received": _("时间应写作 2026-09-20 10:00 的形式")}) from error
    try:
        clocks = complaint_clocks(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI), calendar, periods)
    except OverflowError as error:
        raise ValidationError({"received": _("时间超出了可以计算的范围")}) from error
    return {
        "first_response_due": format_moment(clocks.first_response_due),
        "day15": clocks.due15.day.isoformat(),
        "day15_is_workday": clocks.due15.is_workday,
        "day15_rolled": clocks.due15.rolled.isoformat(),
        "internal_due": clocks.due15.internal.isoformat(),
        "day30": clocks.due30.day.isoformat(),
        "day60": clocks.due60.day.isoformat(),
        "notes": list(clocks.notes),
    }


def age_on(born: dt.date, day: dt.date) -> int:
    """Full years of age on ``day``; someone born on 29 February is a year older from 1 March in other years (S03).

    Raises ValueError when ``day`` lies before birth.
    """
    if day < born:
        raise ValueError("the day lies before birth")
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class Birthday:
    """The day on which a birthday is kept, and a label where it is not the date of birth itself."""

    day: dt.date
    label: str = ""


def birthday_in(born: dt.date, year: int) -> Birthday:
    """When to congratulate in ``year``: 29 February falls back to the 28th, with a label (S03)."""
    try:
        return Birthday(born.replace(year=year))
    except ValueError:
        return Birthday(dt.date(year, 2, 28), _("闰日生日"))


def next_age_step(born: dt.date, after: dt.date) -> dt.date:
    """The next day after ``after`` on which the insurance age (last birthday) goes up; 1 March for a leap day."""
    kept = [birthday_in(born, year) for year in (after.year, after.year + 1)]
    steps = [birthday.day + dt.timedelta(days=1) if birthday.label else birthday.day for birthday in kept]
    return min(step for step in steps if step > after)
