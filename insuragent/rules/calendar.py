"""Workdays by the published holiday arrangement; a year that was not published falls back to weekends."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from insuragent.i18n import _

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """``off`` names each day of rest, ``work`` each make-up workday; ``years`` are the years they cover in full."""

    off: Mapping[dt.date, str] = field(default_factory=dict)
    work: Mapping[dt.date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: dt.date) -> bool:
        """Whether offices work that day: the published arrangement first, then Monday to Friday."""
        if day in self.work:
            return True
        return day.weekday() < 5 and day not in self.off

    def is_holiday(self, day: dt.date) -> bool:
        """Whether the day is a published public holiday (a weekend is not)."""
        return day in self.off

    def on_or_after(self, day: dt.date) -> dt.date:
        """The first workday from ``day`` on."""
        while not self.is_workday(day):
            day += _DAY
        return day

    def on_or_before(self, day: dt.date) -> dt.date:
        """The last workday up to ``day``."""
        while not self.is_workday(day):
            day -= _DAY
        return day

    def add_workdays(self, day: dt.date, count: int) -> dt.date:
        """``count`` workdays after ``day``, which is not counted itself (Civil Code art. 201; regulations.csv G35)."""
        for _step in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def missing(self, days: Iterable[dt.date]) -> tuple[str, ...]:
        """A note for each year among ``days`` whose arrangement is not known (story S10)."""
        years = sorted({day.year for day in days} - self.years)
        return tuple(_("节假日表缺 {year} 年").format(year=year) for year in years)
