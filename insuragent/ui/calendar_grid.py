"""A day or a week of appointments that can be moved, stretched and made, by mouse and by keys alike."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from insuragent.i18n import SHANGHAI, _, format_weekday
from insuragent.ui.calendar_layout import DAY, STEP, CalendarItem, DayMark, Geometry, Placed, moment, place, snap
from insuragent.ui.calendar_paint import (
    paint_focus,
    paint_grid,
    paint_head,
    paint_item,
    paint_items,
    paint_nothing,
    paint_now,
)
from insuragent.ui.tokens import px

NEW_LENGTH = 60
#: The width of the hours, how narrow a day and how low the grid may become, in pixels at 100 %.
GUTTER, NARROWEST, LOWEST = 56, 50, 260
FIRST_SHOWN_HOUR = 7.5
#: A press becomes a drag beyond this many pixels.
DRAG_START = 5
#: How near the lower edge an item is stretched instead of moved, in pixels.
EDGE = 8
ARROWS = {
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}


@dataclass
class _Drag:
    """A drag under way: what it does, where it began, and what it would make now."""

    act: str
    at: QPointF
    day: int
    minutes: float
    item: CalendarItem | None
    held: QPointF
    preview: CalendarItem | None = None


class CalendarGrid(QAbstractScrollArea):
    """``days`` columns of hours. It shows what it is given and tells what the person wants; it keeps nothing.

    Keys: arrows choose, Alt+arrows move, Shift+Alt+up/down stretch, Enter opens, N makes, Delete asks to cancel.
    """

    created = Signal(object, object)  # start, end: aware
    moved = Signal(object, object, object)  # id, start, end
    activated = Signal(object)
    cancel_requested = Signal(object)
    chosen = Signal(object)

    def __init__(self, days: int = 7, now: Callable[[], dt.datetime] | None = None) -> None:
        super().__init__()
        self._days = days
        self._now = now or (lambda: dt.datetime.now(SHANGHAI))
        self._first = self._now().astimezone(SHANGHAI).date()
        self._items: list[CalendarItem] = []
        self._parts: list[Placed] = []
        self._is_read = False
        self._marks: Mapping[dt.date, DayMark] = {}
        self._chosen: Hashable = None
        self._drag: _Drag | None = None
        self._scrolled = False
        self._hour = 0.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "plain")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(_("日程"))
        self._tick = QTimer(self, interval=30_000)
        self._tick.timeout.connect(self.viewport().update)
        self._tick.start()
        self._pull = QTimer(self, interval=40)
        self._pull.timeout.connect(self._on_pulled)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(GUTTER) + px(NARROWEST) * self._days, px(LOWEST))

    # What is shown

    def show_days(self, first: dt.date, days: int) -> None:
        """Show ``days`` (1 or 7) days from ``first``."""
        self._first, self._days, self._is_read = first, days, False
        self._renew()

    def show_items(self, items: Iterable[CalendarItem]) -> None:
        """Show these items; the choice stays when its item is still among them."""
        self._items, self._is_read = sorted(items, key=lambda item: (item.start, item.end)), True
        if self.chosen_item is None:
            self._chosen = None
        self._renew()

    def show_marks(self, marks: Mapping[dt.date, DayMark]) -> None:
        """Show lunar days, festivals, rest days and make-up workdays in the heads."""
        self._marks = dict(marks)
        self.viewport().update()

    @property
    def chosen_item(self) -> CalendarItem | None:
        """The item that keys act upon."""
        return next((item for item in self._items if item.id == self._chosen), None)

    def choose(self, item_id: Hashable) -> None:
        """Choose an item, scroll to it and name it to screen readers; None chooses nothing."""
        self._chosen = item_id
        item = self.chosen_item
        self._say(item)
        part = next((part for part in self._parts if part.item.id == item_id), None)
        if part is not None:
            self._reveal(part)
        self.chosen.emit(item_id)
        self.viewport().update()

    def geometry_now(self) -> Geometry:
        """Where things stand in the viewport at this moment."""
        scroll = self.verticalScrollBar().value()
        return Geometry(self.viewport().width(), self._days, px(GUTTER), px(60), px(52), scroll)

    def _renew(self) -> None:
        self._parts = place(self._items, self._first, self._days)
        self.viewport().update()

    def _say(self, item: CalendarItem | None) -> None:
        if item is None:
            self.setAccessibleDescription(_("{count} 项日程").format(count=len(self._items)))
            return
        start, end = item.start.astimezone(SHANGHAI), item.end.astimezone(SHANGHAI)
        words = f"{format_weekday(start.date())} {start:%m-%d %H:%M}–{end:%H:%M} {item.title} {item.subtitle}"
        self.setAccessibleDescription(_("{words}，已完成").format(words=words) if item.done else words)

    def _reveal(self, part: Placed) -> None:
        place_now = self.geometry_now()
        box, bar = place_now.rect(part), self.verticalScrollBar()
        if box.top() < place_now.head:
            bar.setValue(round(bar.value() + box.top() - place_now.head - px(10)))
        elif box.bottom() > self.viewport().height():
            bar.setValue(round(bar.value() + box.bottom() - self.viewport().height() + px(10)))

    # Painting and size

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at, now = self.geometry_now(), self._now()
        today = now.astimezone(SHANGHAI).date()
        paint_grid(painter, at, self.viewport().height(), self._first, today)
        paint_items(painter, at, self._parts, self._chosen, focused=self.hasFocus())
        if self._drag is not None and self._drag.preview is not None:
            for part in place([self._drag.preview], self._first, self._days):
                paint_item(painter, at.rect(part), self._drag.preview, chosen=True, ghost=True)
        if self._is_read and not self._parts and self._drag is None:
            paint_nothing(painter, at)
        paint_now(painter, at, self._first, now)
        counts = Counter(part.day for part in self._parts)
        paint_head(painter, at, self._first, today, self._marks, counts)
        if self.hasFocus() and self.chosen_item is None:
            paint_focus(painter, self.viewport().rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_scroll_bar()

    def _fit_scroll_bar(self) -> None:
        at, bar = self.geometry_now(), self.verticalScrollBar()
        page = max(1, round(self.viewport().height() - at.head))
        bar.setPageStep(page)
        bar.setSingleStep(round(at.hour / 2))
        bar.setRange(0, max(0, round(24 * at.hour) + px(8) - page))
        if not self._scrolled and self.isVisible():
            self._scrolled = True
            bar.setValue(round(self._first_hour(page / at.hour) * at.hour))
        elif self._hour not in (0, at.hour):
            bar.setValue(round(bar.value() * at.hour / self._hour))  # the same hours in another size of text
        self._hour = at.hour

    def _first_hour(self, shown: float) -> float:
        """The hour to begin with when so many are shown: that of work, or later where now would not be seen."""
        now = self._now().astimezone(SHANGHAI)
        hour = now.hour + now.minute / 60
        today = self._first <= now.date() < self._first + dt.timedelta(days=self._days)
        return hour - shown / 2 if today and hour > FIRST_SHOWN_HOUR + shown - 0.5 else FIRST_SHOWN_HOUR

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.geometry_now()
        if event.button() != Qt.MouseButton.LeftButton or event.position().y() < at.head:
            return
        part = self._hit(event.position())
        self.choose(part.item.id if part else None)
        day, minutes = at.at(event.position())
        act = "make" if part is None else "fixed" if part.item.fixed else self._act(part, event.position())
        self._drag = _Drag(act, event.position(), day, minutes, part.item if part else None, event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            part = self._hit(event.position())
            shape = Qt.CursorShape.ArrowCursor
            if part is not None:
                stretch = not part.item.fixed and self._act(part, event.position()) == "stretch"
                shape = Qt.CursorShape.SizeVerCursor if stretch else Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(shape)
            return
        if (event.position() - self._drag.at).manhattanLength() >= DRAG_START or self._drag.preview is not None:
            self._follow(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        self._pull.stop()
        if drag is not None and drag.preview is not None:
            self._finish(drag)
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        at = self.geometry_now()
        part = self._hit(event.position())
        if part is not None:
            self.activated.emit(part.item.id)
        elif event.position().y() >= at.head:
            day, minutes = at.at(event.position())
            start = int(minutes // 30) * 30
            self._make(day, min(start, DAY - STEP), min(start + NEW_LENGTH, DAY))

    def _hit(self, point: QPointF) -> Placed | None:
        at = self.geometry_now()
        if point.y() < at.head:
            return None
        return next((part for part in reversed(self._parts) if at.rect(part).contains(point)), None)

    def _act(self, part: Placed, point: QPointF) -> str:
        box = self.geometry_now().rect(part)
        return "stretch" if box.bottom() - point.y() < min(EDGE, box.height() / 3) else "move"

    def _follow(self, point: QPointF) -> None:
        drag = self._drag
        if drag is None or drag.act == "fixed":
            return
        drag.held = point
        day, minutes = self.geometry_now().at(point)
        step = snap(abs(minutes - drag.minutes)) * (1 if minutes >= drag.minutes else -1)
        if drag.item is None:
            low, high = sorted((snap(drag.minutes - STEP / 2), snap(minutes)))
            date = self._first + dt.timedelta(days=drag.day)
            high = max(high, low + STEP)
            drag.preview = CalendarItem(None, moment(date, low), moment(date, high), _("新建"))
        elif drag.act == "move":
            drag.preview = _within_a_day(drag.item, day - drag.day, step)
        else:
            drag.preview = drag.item.stretched(step)
        self._pull.start()
        self.viewport().update()

    def _on_pulled(self) -> None:
        """Scroll while a drag is held near the upper or lower edge."""
        if self._drag is None:
            return
        point = self._drag.held
        at, bar = self.geometry_now(), self.verticalScrollBar()
        by = -px(14) if point.y() < at.head + px(20) else px(14) if point.y() > self.viewport().height() - px(20) else 0
        if by:
            bar.setValue(bar.value() + by)
            self._follow(point)

    def _finish(self, drag: _Drag) -> None:
        made = drag.preview
        if made is None:
            return
        if drag.item is None:
            self.created.emit(made.start, made.end)
        elif (made.start, made.end) != (drag.item.start, drag.item.end):
            self._move(made)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, item = Qt.Key(event.key()), self.chosen_item
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self._pull.stop()
            self.viewport().update()
        elif key in ARROWS and alt and item is not None and not item.fixed:
            days, steps = ARROWS[key]
            self._move(item.stretched(steps * STEP) if shift else item.shifted(days, steps * STEP))
        elif key in ARROWS and not alt:
            self._walk(*ARROWS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self.activated.emit(item.id)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and item is not None:
            self.cancel_requested.emit(item.id)
        elif key == Qt.Key.Key_N and not event.modifiers():
            self._make_next()
        else:
            super().keyPressEvent(event)

    def _walk(self, days: int, steps: int) -> None:
        """Choose the next item in time, or the nearest in time on a day to the left or right."""
        if not self._parts:
            return
        at = next((i for i, part in enumerate(self._parts) if part.item.id == self._chosen), None)
        if at is None:
            self.choose(self._parts[0 if days + steps > 0 else -1].item.id)
        elif steps:
            self.choose(self._parts[min(len(self._parts) - 1, max(0, at + steps))].item.id)
        else:
            here = self._parts[at]
            beside = [p for p in self._parts if (p.day - here.day) * days > 0]
            if beside:
                nearest = min(beside, key=lambda p: (abs(p.day - here.day), abs(p.top - here.top)))
                self.choose(nearest.item.id)

    def _move(self, item: CalendarItem) -> None:
        """Show the item where it was put, and tell; whoever refuses shows the old items again."""
        self.show_items([item if one.id == item.id else one for one in self._items])
        self._say(item)
        self.moved.emit(item.id, item.start, item.end)

    def _make_next(self) -> None:
        item, now = self.chosen_item, self._now().astimezone(SHANGHAI)
        start = item.end.astimezone(SHANGHAI) if item else now
        day = (start.date() - self._first).days
        if not 0 <= day < self._days:
            self._make(0, 9 * 60, 10 * 60)
            return
        minutes = min(-(-(start.hour * 60 + start.minute) // STEP) * STEP, DAY - NEW_LENGTH)
        self._make(day, minutes, minutes + NEW_LENGTH)

    def _make(self, day: int, start: int, end: int) -> None:
        date = self._first + dt.timedelta(days=day)
        self.created.emit(moment(date, start), moment(date, end))


def _within_a_day(item: CalendarItem, days: int, minutes: int) -> CalendarItem:
    """The item as it is dragged: it stays within the day that it is held over, unless it lies over midnight anyway."""
    day = item.start.astimezone(SHANGHAI).date()
    if item.end > moment(day, DAY):
        return item.shifted(days, minutes)
    low, high = moment(day, 0) - item.start, moment(day, DAY) - item.end
    within = min(max(dt.timedelta(minutes=minutes), low), high)
    return item.shifted(days, within // dt.timedelta(minutes=1))
