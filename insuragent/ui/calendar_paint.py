"""How a calendar looks: its head, hours, items and the line of now."""

import datetime as dt
from collections.abc import Collection, Mapping

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from insuragent.i18n import SHANGHAI, _, format_weekday
from insuragent.ui import icons
from insuragent.ui.calendar_layout import DAY, CalendarItem, DayMark, Geometry, Placed
from insuragent.ui.tokens import color, font, px

MIDDLE = Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
WRAPPED = int(CENTER | Qt.TextFlag.TextWordWrap)
RIGHT = Qt.AlignmentFlag.AlignRight | MIDDLE
ELIDE = Qt.TextElideMode.ElideRight


def paint_grid(painter: QPainter, place: Geometry, height: float, first: dt.date, today: dt.date) -> None:
    """The hours and the days, weekends shaded, today tinted."""
    painter.fillRect(QRectF(0, 0, place.width, height), color("surface"))
    for day in range(place.days):
        date = first + dt.timedelta(days=day)
        body = QRectF(place.x(day), place.head, place.column, height)
        if date.weekday() >= 5:
            painter.fillRect(body, color("stripe"))
        if date == today:
            painter.fillRect(body, color("accent", 0.05))
    painter.setFont(font(11))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for hour in range(25):
        y = place.y(hour * 60)
        painter.setPen(QPen(color("border"), 1))
        painter.drawLine(QPointF(place.gutter, y), QPointF(place.width, y))
        if 0 < hour < 24:
            painter.setPen(color("text3"))
            painter.drawText(QRectF(0, y - px(8), place.gutter - px(10), px(16)), RIGHT, f"{hour:02d}:00")
    for day in range(1, place.days + 1):
        painter.setPen(QPen(color("border"), 1))
        painter.drawLine(QPointF(place.x(day), place.head), QPointF(place.x(day), height))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def paint_head(
    painter: QPainter,
    place: Geometry,
    first: dt.date,
    today: dt.date,
    marks: Mapping[dt.date, DayMark],
    counts: Mapping[int, int],
) -> None:
    """The head of each day: weekday, lunar day, 休 or 班, number, and how many items."""
    painter.fillRect(QRectF(0, 0, place.width, place.head), color("surface"))
    painter.setPen(QPen(color("border"), 1))
    painter.drawLine(QPointF(0, place.head), QPointF(place.width, place.head))
    for day in range(place.days):
        date = first + dt.timedelta(days=day)
        left, right = place.x(day) + px(10), place.x(day + 1) - px(10)
        painter.drawLine(QPointF(place.x(day), 0), QPointF(place.x(day), place.head))
        _paint_weekday(painter, QRectF(left, px(7), right - left, px(18)), date, marks.get(date, DayMark()))
        _paint_number(painter, QRectF(left, px(27), px(30), px(28)), date.day, today=date == today)
        if counts.get(day):
            painter.setFont(font(12))
            painter.setPen(color("text3"))
            words, room = _("{count} 项").format(count=counts[day]), QRectF(left, px(27), right - left, px(28))
            if QFontMetricsF(painter.font()).horizontalAdvance(words) > room.width() - px(34):
                words = str(counts[day])
            painter.drawText(room, RIGHT, words)
        painter.setPen(QPen(color("border"), 1))


def _paint_weekday(painter: QPainter, line: QRectF, date: dt.date, mark: DayMark) -> None:
    painter.setFont(font(12))
    metrics = QFontMetricsF(painter.font())
    words = f"{format_weekday(date)}  {mark.text}".rstrip()
    badge = {True: _("休"), False: _("班"), None: ""}[mark.rest]
    room = line.width() - (px(22) if badge else 0)
    if metrics.horizontalAdvance(words) > room:
        words = format_weekday(date)
    painter.setPen(color("text3"))
    painter.drawText(line, MIDDLE, metrics.elidedText(words, ELIDE, room))
    if badge:
        tint = "ok" if mark.rest else "warn"
        width = max(px(18), metrics.horizontalAdvance(badge) + px(6))
        box = QRectF(line.right() - width, line.top(), width, line.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(f"{tint}_soft"))
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(color(tint))
        painter.drawText(box, CENTER, badge)


def _paint_number(painter: QPainter, box: QRectF, number: int, *, today: bool) -> None:
    painter.setFont(font(18, bold=True))
    if today:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        radius = px(14)
        painter.drawEllipse(box.center() - QPointF(px(3), 0), radius, radius)
        painter.setPen(color("on_accent"))
        painter.drawText(box.translated(-px(3), 0), CENTER, str(number))
    else:
        painter.setPen(color("text"))
        painter.drawText(box, MIDDLE, str(number))


def paint_items(
    painter: QPainter, place: Geometry, parts: Collection[Placed], chosen: object, *, focused: bool
) -> None:
    """The items; the chosen one is framed."""
    for part in parts:
        paint_item(painter, place.rect(part), part.item, chosen=focused and part.item.id == chosen)


def paint_item(painter: QPainter, box: QRectF, item: CalendarItem, *, chosen: bool, ghost: bool = False) -> None:
    """One item: a coloured edge, title, hours and subtitle as far as there is room."""
    painter.save()
    if ghost:
        painter.setOpacity(0.85)
    tint = item.kind
    edge = QPainterPath()
    edge.addRoundedRect(box, px(6), px(6))
    painter.fillPath(edge, color(f"{tint}_soft"))
    painter.setClipPath(edge)
    painter.fillRect(QRectF(box.left(), box.top(), px(4), box.height()), color(tint))
    _paint_words(painter, box.adjusted(px(10), px(3), -px(4), -1), item)
    painter.setClipping(False)
    if chosen or ghost:
        painter.setPen(QPen(color(tint), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), px(5), px(5))
    painter.restore()


def _paint_words(painter: QPainter, box: QRectF, item: CalendarItem) -> None:
    flat, low = box.height() < px(32), box.height() < px(40)
    start, end = item.start.astimezone(SHANGHAI), item.end.astimezone(SHANGHAI)
    hours = f"{start:%H:%M}–{end:%H:%M}"
    line = QRectF(box.left(), box.top() - (px(2) if low else 0), box.width(), px(18))
    if item.done:
        icons.paint(painter, "check", QRectF(line.left(), line.top() + px(3), px(12), px(12)), item.kind)
        line.setLeft(line.left() + px(15))
    _write(painter, line, f"{item.title}  {start:%H:%M}" if flat else item.title, 12, item.kind, bold=True)
    if QFontMetricsF(font(11)).horizontalAdvance(hours) > box.width():
        hours = f"{start:%H:%M}"
    for words in () if flat else (hours, item.subtitle):
        line = QRectF(box.left(), line.bottom(), box.width(), px(16))
        if line.bottom() <= box.bottom() + px(1):
            _write(painter, line, words, 11, "text2")


def _write(painter: QPainter, line: QRectF, words: str, size: int, tint: str, *, bold: bool = False) -> None:
    painter.setFont(font(size, bold=bold))
    painter.setPen(color(tint))
    painter.drawText(line, MIDDLE, QFontMetricsF(painter.font()).elidedText(words, ELIDE, line.width()))


def paint_nothing(painter: QPainter, place: Geometry) -> None:
    """A word where nothing is planned, and how to begin."""
    painter.setFont(font(13))
    words = _("还没有安排。在空白处拖动，或按 N 新建拜访")
    room = QRectF(place.gutter, place.head, place.width - place.gutter, px(96)).adjusted(px(24), 0, -px(24), 0)
    box = painter.boundingRect(room, WRAPPED, words)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("surface"))
    painter.drawRoundedRect(box.adjusted(-px(12), -px(8), px(12), px(8)), px(8), px(8))
    painter.setPen(color("text2"))
    painter.drawText(box, WRAPPED, words)


def paint_now(painter: QPainter, place: Geometry, first: dt.date, now: dt.datetime) -> None:
    """A line across today at this minute."""
    local = now.astimezone(SHANGHAI)
    day = (local.date() - first).days
    y = place.y((local.hour * 60 + local.minute) % DAY)
    if 0 <= day < place.days and y >= place.head:
        painter.setPen(QPen(color("bad"), px(2) * 0.75))
        painter.drawLine(QPointF(place.x(day), y), QPointF(place.x(day + 1), y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("bad"))
        painter.drawEllipse(QPointF(place.x(day), y), px(4), px(4))


def paint_focus(painter: QPainter, room: QRect) -> None:
    """A frame around all of it, while the keys are here and nothing is chosen."""
    painter.setPen(QPen(color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(room).adjusted(1, 1, -1, -1), px(8), px(8))
