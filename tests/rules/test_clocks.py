"""Clocks: the deadline vectors, stories S03, S08, S09 and S10, and that deadlines never run backwards."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI
from insuragent.products.policy_files import load_policy
from insuragent.rules.calendar import Calendar
from insuragent.rules.clocks import (
    Birthday,
    age_on,
    birthday_in,
    clocks_row,
    complaint_clocks,
    late_by,
    next_age_step,
)
from insuragent.rules.policy import Policy

DATA = Path(__file__).parents[1] / "data/rules"
POLICY = load_policy()
PERIODS = POLICY.periods(dt.date(2026, 11, 23))


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("row", rows("deadline_vectors.csv"), ids=lambda row: row["received_at"])
def test_vectors(row: dict[str, str]) -> None:
    """The command line's row equals the vector in every column."""
    found = clocks_row(row["received_at"], POLICY.calendar, PERIODS)
    assert {name: str(found[name]) for name in row if name != "received_at"} == {
        name: value for name, value in row.items() if name != "received_at"
    }


def test_calendar_is_the_published_one() -> None:
    """Each published day of rest is none of work, each make-up day is one."""
    for row in rows("holidays_2026.csv"):
        day = dt.date.fromisoformat(row["date"])
        assert POLICY.calendar.is_workday(day) == (row["kind"] == "work")
        assert POLICY.calendar.is_holiday(day) == (row["kind"] == "off")


def test_complaint_at_the_door() -> None:
    """S08: 23:50 at night; a response at 22:00 next day is 1 h 50 min early, one at 23:51 is a minute late."""
    clocks = complaint_clocks(at("2026-11-23 23:50"), POLICY.calendar, PERIODS)
    assert clocks.first_response_due == at("2026-11-24 23:50")
    assert late_by(clocks.first_response_due, at("2026-11-24 22:00")) == -dt.timedelta(hours=1, minutes=50)
    assert late_by(clocks.first_response_due, at("2026-11-24 23:51")) == dt.timedelta(minutes=1)
    assert clocks.unsynced_alarm == at("2026-11-24 11:50")
    assert clocks.response_alarms == (at("2026-11-24 19:50"), at("2026-11-24 22:50"))
    assert [clocks.due15.day, clocks.due30.day, clocks.due60.day] == [
        dt.date(2026, 12, 8),
        dt.date(2026, 12, 23),
        dt.date(2027, 1, 22),
    ]
    assert clocks.due15.due == at("2026-12-08 23:59:59")


def test_deadline_inside_national_day() -> None:
    """S09: the due day is a holiday; alarms count back from the last workday before it."""
    due15 = complaint_clocks(at("2026-09-20 10:00"), POLICY.calendar, PERIODS).due15
    assert due15.is_holiday
    assert (due15.rolled, due15.internal) == (dt.date(2026, 10, 8), dt.date(2026, 9, 30))
    assert due15.alarms == (dt.date(2026, 9, 25), dt.date(2026, 9, 28), dt.date(2026, 9, 29))


def test_spring_festival_and_a_year_without_calendar() -> None:
    """S10: a make-up Saturday counts as a workday; an unpublished year is told, with weekends only."""
    due15 = complaint_clocks(at("2026-02-06 16:30"), POLICY.calendar, PERIODS).due15
    assert (due15.is_holiday, due15.rolled, due15.internal) == (True, dt.date(2026, 2, 24), dt.date(2026, 2, 14))
    later = complaint_clocks(at("2027-02-01 09:00"), POLICY.calendar, PERIODS)
    assert later.notes == ("节假日表缺 2027 年",)
    assert later.due15.internal == dt.date(2027, 2, 16)


def test_moments_of_other_zones_are_the_same_moment() -> None:
    """A moment in UTC gives Shanghai's dates."""
    utc = dt.datetime(2026, 9, 20, 2, 0, tzinfo=dt.UTC)
    assert complaint_clocks(utc, POLICY.calendar, PERIODS) == complaint_clocks(
        at("2026-09-20 10:00"), POLICY.calendar, PERIODS
    )
    assert clocks_row("2026-09-20T02:00+00:00", POLICY.calendar, PERIODS)["day15"] == "2026-10-05"
    with pytest.raises(ValidationError):
        clocks_row("yesterday", POLICY.calendar, PERIODS)


def test_workdays_of_a_personal_request(policy: Policy) -> None:
    """15 workdays after 2026-11-23 is 2026-12-14 (S16)."""
    assert policy.calendar.add_workdays(dt.date(2026, 11, 23), 15) == dt.date(2026, 12, 14)


def test_leap_day_birthday() -> None:
    """S03: a year older on 1 March, congratulated on 28 February, the real day in leap years."""
    born = dt.date(2004, 2, 29)
    assert (age_on(born, dt.date(2027, 2, 28)), age_on(born, dt.date(2027, 3, 1))) == (22, 23)
    assert birthday_in(born, 2027) == Birthday(dt.date(2027, 2, 28), "闰日生日")
    assert birthday_in(born, 2028) == Birthday(dt.date(2028, 2, 29))
    assert next_age_step(born, dt.date(2026, 11, 23)) == dt.date(2027, 3, 1)
    assert next_age_step(born, dt.date(2026, 11, 23)) - dt.timedelta(days=30) == dt.date(2027, 1, 30)
    with pytest.raises(ValueError, match="before birth"):
        age_on(born, dt.date(2004, 2, 28))


DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2028, 1, 1))
MOMENTS = st.builds(dt.datetime.combine, DAYS, st.times(), st.just(SHANGHAI))


@given(MOMENTS, st.integers(0, 10**7))
@settings(deadline=None)
def test_a_later_complaint_is_never_due_earlier(received: dt.datetime, seconds: int) -> None:
    """Every clock is monotone in the moment of receipt, and the parts of a deadline keep their order."""
    first = complaint_clocks(received, POLICY.calendar, PERIODS)
    second = complaint_clocks(received + dt.timedelta(seconds=seconds), POLICY.calendar, PERIODS)
    assert first.first_response_due <= second.first_response_due
    for one, other in zip((first.due15, first.due30), (second.due15, second.due30), strict=True):
        assert one.due <= other.due
        assert one.internal <= one.day <= one.rolled
        assert one.internal <= other.internal
        assert POLICY.calendar.is_workday(one.internal)
        assert POLICY.calendar.is_workday(one.rolled)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2026, 1, 1)), st.dates(dt.date(2026, 1, 1), dt.date(2060, 1, 1)))
@settings(deadline=None)
def test_the_age_steps_on_the_step_day(born: dt.date, day: dt.date) -> None:
    """The day before a step the age is the present one, on the step it is one more."""
    step = next_age_step(born, day)
    assert step > day
    assert age_on(born, step - dt.timedelta(days=1)) == age_on(born, day)
    assert age_on(born, step) == age_on(born, day) + 1


def test_an_empty_calendar_knows_weekends() -> None:
    """Without any arrangement Saturday and Sunday are off."""
    bare = Calendar()
    assert [bare.is_workday(dt.date(2030, 1, day)) for day in range(4, 8)] == [True, False, False, True]
    assert bare.missing([dt.date(2030, 1, 4), dt.date(2030, 2, 4)]) == ("节假日表缺 2030 年",)
