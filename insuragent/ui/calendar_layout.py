"""Where the items of a calendar stand: days, lanes of what overlaps, pixels, and 15-minute steps."""

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

from insuragent.i18n import SHANGHAI

STEP = 15
DAY = 24 * 60


@dataclass(frozen=True)
class CalendarItem:
    """What the calendar shows: ``start`` and ``end`` are aware, ``kind`` is a kind of the look, fixed never moves."""

    id: Hashable
    start: dt.datetime
    end: dt.datetime
    title: str
    subtitle: str = ""
    kind: str = "accent"
    done: bool = False
    fixed: bool = False

    def shifted(self, days: int, minutes: int) -> "CalendarItem":
        """The same item later (or earlier)."""
        by = dt.timedelta(days=days, minutes=minutes)
        return replace(self, start=self.start + by, end=self.end + by)

    def stretched(self, minutes: int) -> "CalendarItem":
        """The same item, longer or shorter, never below one step."""
        end = max(self.end + dt.timedelta(minutes=minutes), self.start + dt.timedelta(minutes=STEP))
        return replace(self, end=end)


@dataclass(frozen=True)
class DayMark:
    """What a day's head says beside its number: lunar day or festival; ``rest`` is 休, False is 班, None neither."""

    text: str = ""
    rest: bool | None = None


@dataclass(frozen=True)
class Placed:
    """A part of an item on one day: ``top`` and ``bottom`` in minutes of the day, lane ``lane`` of ``lanes``."""

    item: CalendarItem
    day: int
    top: int
    bottom: int
    lane: int = 0
    lanes: int = 1


def moment(day: dt.date, minutes: int) -> dt.datetime:
    """``minutes`` after Shanghai's midnight of ``day``; 1440 is the next midnight."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(minutes=minutes)


def snap(minutes: float) -> int:
    """The nearest step, within the day."""
    return min(DAY, max(0, round(minutes / STEP) * STEP))


def place(items: Iterable[CalendarItem], first: dt.date, days: int) -> list[Placed]:
    """The parts of the items that fall on ``days`` days from ``first``, in order; overlapping ones share the width."""
    parts = [part for item in items for part in _parts(item, first, days)]
    placed: list[Placed] = []
    for day in range(days):
        placed += _lanes(sorted((p for p in parts if p.day == day), key=lambda p: (p.top, -p.bottom)))
    return placed


def _parts(item: CalendarItem, first: dt.date, days: int) -> Iterable[Placed]:
    start = item.start.astimezone(SHANGHAI)
    end = max(item.end, item.start + dt.timedelta(minutes=1)).astimezone(SHANGHAI)
    for day in range(days):
        midnight = moment(first + dt.timedelta(days=day), 0)
        top = (start - midnight) // dt.timedelta(minutes=1)
        bottom = (end - midnight) // dt.timedelta(minutes=1)
        if bottom > 0 and top < DAY:
            yield Placed(item, day, max(0, top), min(DAY, bottom))


def _lanes(parts: Sequence[Placed]) -> list[Placed]:
    """Give each part the first free lane; parts that hang together by overlaps have equal widths."""
    done: list[Placed] = []
    group: list[Placed] = []
    free_at: list[int] = []
    for part in parts:
        if group and part.top >= max(free_at):
            done += [replace(p, lanes=len(free_at)) for p in group]
            group, free_at = [], []
        lane = next((number for number, free in enumerate(free_at) if free <= part.top), len(free_at))
        free_at[lane : lane + 1] = [part.bottom]
        group.append(replace(part, lane=lane))
    return done + [replace(p, lanes=len(free_at)) for p in group]


@dataclass(frozen=True)
class Geometry:
    """Pixels of a grid: the body scrolls by ``scroll`` under a head of ``head``, right of a gutter of ``gutter``."""

    width: float
    days: int
    gutter: float
    head: float
    hour: float
    scroll: float

    @property
    def column(self) -> float:
        """The width of a day."""
        return (self.width - self.gutter) / self.days

    def x(self, day: int) -> float:
        """The left of a day."""
        return self.gutter + day * self.column

    def y(self, minutes: float) -> float:
        """Where a minute of the day is."""
        return self.head + minutes * self.hour / 60 - self.scroll

    def rect(self, part: Placed) -> QRectF:
        """Where a part is painted; never too flat to be seen and hit."""
        width = (self.column - 8) / part.lanes
        height = max(self.hour * 0.36, (part.bottom - part.top) * self.hour / 60 - 2)
        return QRectF(self.x(part.day) + 3 + part.lane * width, self.y(part.top) + 1, width - 2, height)

    def at(self, point: QPointF) -> tuple[int, float]:
        """The day and the minute of the day under a point, held within the grid."""
        day = int((point.x() - self.gutter) // self.column)
        minutes = (point.y() - self.head + self.scroll) * 60 / self.hour
        return min(self.days - 1, max(0, day)), min(float(DAY), max(0.0, minutes))
