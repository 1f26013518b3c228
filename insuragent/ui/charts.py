"""Line and bar charts by QPainter: legend, round axes, a read-out by mouse or arrow keys, words for screen readers."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from insuragent.i18n import _
from insuragent.ui.scale import label_step, nice_ticks
from insuragent.ui.tokens import color, font, px

DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
SMALL = 11
RIGHT, LEFT, CENTER = (
    Qt.AlignmentFlag.AlignVCenter | side
    for side in (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
)


@dataclass(frozen=True)
class Series:
    """A named row of values, one a category; None where there is none. ``tint`` is a token of the theme."""

    name: str
    values: Sequence[float | None]
    tint: str = "accent"


def plain_number(value: float) -> str:
    """12,345 or 0.5: no more decimals than the value has, two at most."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


class Chart(QWidget):
    """What both charts share; a subclass paints the values."""

    #: The room above the highest value, in pixels at 100 %: the names of the series and the unit stand there.
    _HEAD = 32

    def __init__(
        self,
        title: str,
        *,
        unit: str = "",
        number: Callable[[float], str] = plain_number,
        empty: str = "",
    ) -> None:
        """``number`` writes a value for the axis and the read-out; ``empty`` is said while there is nothing."""
        super().__init__()
        self._title, self._unit, self._number = title, unit, number
        self._empty = empty or _("暂无数据")
        self._categories: Sequence[str] = ()
        self._series: Sequence[Series] = ()
        self._ticks: list[float] = [0, 1]
        self._cursor: int | None = None
        self._plotted: tuple[tuple[object, ...], QRectF] = ((), QRectF())
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_data((), ())

    def show_data(self, categories: Sequence[str], series: Sequence[Series]) -> None:
        """Show ``series`` over ``categories``. Raises ValueError when a series has another length."""
        if any(len(one.values) != len(categories) for one in series):
            raise ValueError("a series must have one value for each category")
        self._categories, self._series = tuple(categories), tuple(series)
        self._cursor = None
        values = [value for one in self._series for value in one.values if value is not None]
        self._ticks = nice_ticks(min([0.0, *values]), max([0.0, *values]))
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(self.words())
        self.update()

    @property
    def selected(self) -> int | None:
        """The category that the read-out shows, or None."""
        return self._cursor

    def readout(self, index: int) -> list[tuple[str, str]]:
        """The (name, value) lines shown for a category."""
        lines = []
        for one in self._series:
            value = one.values[index]
            lines.append((one.name, "–" if value is None else self._number(value)))
        return lines

    def words(self) -> str:
        """What the chart says, in words: each series from its first to its last value, lowest and highest."""
        if not self._has_data():
            return self._empty
        sentences = []
        for one in self._series:
            known = [(v, c) for v, c in zip(one.values, self._categories, strict=True) if v is not None]
            if known:
                (low, low_at), (high, high_at) = min(known), max(known)
                sentences.append(
                    _("{name}：最低 {low}（{low_at}），最高 {high}（{high_at}），最近 {last}").format(
                        name=one.name,
                        low=self._number(low),
                        low_at=low_at,
                        high=self._number(high),
                        high_at=high_at,
                        last=self._number(known[-1][0]),
                    )
                )
        return "；".join(sentences)

    def sizeHint(self) -> QSize:
        return QSize(px(480), px(260))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(220), px(160))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        if self._has_data():
            self._paint_legend(painter)
            self._paint_axes(painter)
            self._paint_values(painter)
            if self._cursor is not None:
                self._paint_readout(painter, self._cursor)
        else:
            painter.setFont(font(14))
            painter.setPen(color("text2"))
            painter.drawText(self.rect(), CENTER, self._empty)
        if self.hasFocus():
            painter.setPen(QPen(color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    @abstractmethod
    def _paint_values(self, painter: QPainter) -> None: ...

    @abstractmethod
    def _place(self, index: int) -> float:
        """The x of a category."""

    def _has_data(self) -> bool:
        return any(value is not None for one in self._series for value in one.values)

    def _plot(self) -> QRectF:
        names = tuple(one.name for one in self._series)
        known = (tuple(self._ticks), names, self.width(), self.height(), px(100))
        if self._plotted[0] != known:  # every point of every line asks
            left, top = self._left(), px(self._HEAD) + max((place.y() for place in self._legend()), default=0)
            self._plotted = known, QRectF(left, top, self.width() - left - px(14), self.height() - top - px(30))
        return self._plotted[1]

    def _left(self) -> float:
        metrics = QFontMetricsF(font(SMALL))
        return max(metrics.horizontalAdvance(self._number(tick)) for tick in self._ticks) + px(14)

    def _legend(self) -> list[QPointF]:
        """Where each name stands: beside one another as far as they fit, then below; none for a single series."""
        if len(self._series) < 2:
            return []
        metrics, left, places = QFontMetricsF(font(SMALL)), self._left(), []
        unit = metrics.horizontalAdvance(_("单位：{unit}").format(unit=self._unit)) + px(16) if self._unit else 0
        x, y, right = left, 0, self.width() - px(14) - unit
        for one in self._series:
            width = px(32) + metrics.horizontalAdvance(one.name)
            if x > left and x + width > right:
                x, y, right = left, y + px(18), self.width() - px(14)
            places.append(QPointF(x, y))
            x += width + px(16)
        return places

    def _y(self, value: float) -> float:
        plot, low, high = self._plot(), self._ticks[0], self._ticks[-1]
        return plot.bottom() - plot.height() * (value - low) / (high - low)

    def _room(self) -> float:
        return self._plot().width() / max(1, len(self._categories))

    def _paint_legend(self, painter: QPainter) -> None:
        plot = self._plot()
        for index, (one, place) in enumerate(zip(self._series, self._legend(), strict=False)):
            self._paint_mark(painter, index, one, place.x(), place.y() + px(12))
            painter.setPen(color("text2"))
            room = QRectF(place.x() + px(32), place.y() + px(3), self.width() - place.x() - px(32), px(18))
            painter.drawText(room, LEFT, one.name)
        if self._unit:
            painter.setPen(color("text3"))
            room = QRectF(plot.left(), px(3), plot.width(), px(18))
            painter.drawText(room, RIGHT, _("单位：{unit}").format(unit=self._unit))

    def _paint_mark(self, painter: QPainter, index: int, one: Series, x: float, middle: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(one.tint))
        painter.drawRoundedRect(QRectF(x + px(8), middle - px(5), px(18), px(10)), 2, 2)

    def _paint_axes(self, painter: QPainter) -> None:
        plot, metrics = self._plot(), QFontMetricsF(painter.font())
        for tick in self._ticks:
            y = self._y(tick)
            painter.setPen(QPen(color("border2" if tick == 0 else "border"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(color("text3"))
            painter.drawText(QRectF(0, y - px(8), plot.left() - px(8), px(16)), RIGHT, self._number(tick))
        widths = [metrics.horizontalAdvance(name) for name in self._categories]
        step = label_step(widths, self._room())
        for index in range(0, len(self._categories), step):
            x, width = self._place(index), widths[index]
            x = min(max(x, width / 2), self.width() - width / 2)
            painter.drawText(
                QRectF(x - width / 2, plot.bottom() + px(6), width + 1, px(16)), CENTER, self._categories[index]
            )

    def _paint_readout(self, painter: QPainter, index: int) -> None:
        plot, metrics = self._plot(), QFontMetricsF(painter.font())
        lines = self.readout(index)
        x = self._place(index)
        painter.setPen(QPen(color("text3"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        self._paint_points(painter, index)
        width = max(metrics.horizontalAdvance(name) + metrics.horizontalAdvance(value) for name, value in lines)
        width = max(width + px(44), metrics.horizontalAdvance(self._categories[index]) + px(20))
        left = x + px(10) if x + px(10) + width <= plot.right() else max(plot.left(), x - px(10) - width)
        box = QRectF(left, plot.top() + px(4), width, px(28) + px(18) * len(lines))
        painter.setPen(QPen(color("border2"), 1))
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(box, 6, 6)
        line = QRectF(box.left() + px(10), box.top() + px(5), box.width() - px(20), px(18))
        painter.setPen(color("text2"))
        painter.drawText(line, LEFT, self._categories[index])
        for (name, value), one in zip(lines, self._series, strict=True):
            line.translate(0, px(18))
            painter.setPen(color(one.tint))
            painter.drawText(line, LEFT, name)
            painter.drawText(line, RIGHT, value)

    def _paint_points(self, painter: QPainter, index: int) -> None:
        """Mark the values under the cursor; bars need no mark."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._has_data():
            places = range(len(self._categories))
            self._read(min(places, key=lambda index: abs(self._place(index) - event.position().x())))

    def leaveEvent(self, event: QEvent) -> None:
        self._read(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._read(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._categories) - 1
        at = -1 if self._cursor is None else self._cursor
        goal = {
            Qt.Key.Key_Left: max(0, at - 1),
            Qt.Key.Key_Right: min(last, at + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if goal is None or not self._has_data():
            super().keyPressEvent(event)
        else:
            self._read(goal)

    def _read(self, index: int | None) -> None:
        if index == self._cursor:
            return
        self._cursor = index
        said = self.words()
        if index is not None:
            said = "，".join([self._categories[index], *(f"{name} {value}" for name, value in self.readout(index))])
        self.setAccessibleDescription(said)
        self.update()


class LineChart(Chart):
    """Lines over evenly spaced categories; the first is filled below, each has a dash of its own."""

    def _place(self, index: int) -> float:
        plot, last = self._plot(), len(self._categories) - 1
        return plot.center().x() if last < 1 else plot.left() + plot.width() * index / last

    def _paint_values(self, painter: QPainter) -> None:
        for index, one in enumerate(self._series):
            for run in self._runs(one):
                if index == 0:
                    self._fill(painter, run, color(one.tint))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(color(one.tint), px(2), DASHES[index % len(DASHES)]))
                painter.drawPolyline(run)
                if len(run) == 1:
                    self._dot(painter, run[0], color(one.tint))

    def _runs(self, one: Series) -> list[list[QPointF]]:
        """The points of a series, broken where a value is missing."""
        runs: list[list[QPointF]] = [[]]
        for index, value in enumerate(one.values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append(QPointF(self._place(index), self._y(value)))
        return [run for run in runs if run]

    def _fill(self, painter: QPainter, run: list[QPointF], tint: QColor) -> None:
        plot, floor = self._plot(), self._y(max(0.0, self._ticks[0]))
        area = QPainterPath(QPointF(run[0].x(), floor))
        for point in run:
            area.lineTo(point)
        area.lineTo(run[-1].x(), floor)
        shade = QLinearGradient(0, plot.top(), 0, plot.bottom())
        for stop, alpha in ((0, 0.20), (1, 0.02)):
            tint.setAlphaF(alpha)
            shade.setColorAt(stop, tint)
        painter.fillPath(area, shade)

    def _paint_mark(self, painter: QPainter, index: int, one: Series, x: float, middle: float) -> None:
        painter.setPen(QPen(color(one.tint), px(3), DASHES[index % len(DASHES)]))
        painter.drawLine(QPointF(x, middle), QPointF(x + px(26), middle))

    def _paint_points(self, painter: QPainter, index: int) -> None:
        for one in self._series:
            value = one.values[index]
            if value is not None:
                self._dot(painter, QPointF(self._place(index), self._y(value)), color(one.tint))

    def _dot(self, painter: QPainter, point: QPointF, tint: QColor) -> None:
        painter.setPen(QPen(color("surface"), 2))
        painter.setBrush(tint)
        painter.drawEllipse(point, px(4), px(4))


class BarChart(Chart):
    """Bars side by side in each category; a single series writes its values above the bars where they fit."""

    _HEAD = 42  # for the value above the highest bar too

    def _place(self, index: int) -> float:
        return self._plot().left() + self._room() * (index + 0.5)

    def _paint_values(self, painter: QPainter) -> None:
        count = len(self._series)
        width = min(px(32) * 1.0, self._room() * 0.6 / count)
        for place, one in enumerate(self._series):
            for index, value in enumerate(one.values):
                if value is not None:
                    x = self._place(index) + (place - count / 2) * width
                    self._bar(painter, QRectF(x + 1, self._y(0), width - 2, 0), value, one, index)
        if count == 1:
            self._write_values(painter, self._series[0])

    def _bar(self, painter: QPainter, bar: QRectF, value: float, one: Series, index: int) -> None:
        bar.setTop(self._y(value))
        dimmed = self._cursor is not None and self._cursor != index
        shade = QLinearGradient(0, bar.top(), 0, bar.bottom())
        for stop, alpha in ((0, 1.0), (1, 0.6)):
            shade.setColorAt(stop, color(one.tint, alpha * (0.45 if dimmed else 1)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(bar.normalized(), px(4), px(4))

    def _write_values(self, painter: QPainter, one: Series) -> None:
        metrics = QFontMetricsF(painter.font())
        words = ["" if value is None else self._number(value) for value in one.values]
        if self._cursor is not None or label_step([metrics.horizontalAdvance(w) for w in words], self._room(), 4) > 1:
            return
        painter.setPen(color("text2"))
        for index, value in enumerate(one.values):
            if value is not None:
                top = self._y(max(value, 0.0)) - px(18)
                painter.drawText(
                    QRectF(self._place(index) - self._room() / 2, top, self._room(), px(16)), CENTER, words[index]
                )
