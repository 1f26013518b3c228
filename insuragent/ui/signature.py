"""A pad to sign on, by pen, finger or mouse; keeps the strokes and draws them as ink."""

import itertools
import json
import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QElapsedTimer, QEvent, QIODevice, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageWriter,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QWidget

from insuragent.i18n import _
from insuragent.ui.tokens import color, font, px

#: Without a pressure of its own, a mouse or finger counts as this.
EVEN_PRESSURE = 0.5
#: A signature has this many points and this length of line at least, in pixels: a dot or a slip is none.
FEWEST_POINTS = 12
SHORTEST_LINE = 80.0
#: Pixels of the picture for one of the pad, and its clear edge, in pixels of the pad.
PICTURE_SCALE = 3
PICTURE_EDGE = 6.0
#: Ink: the thinnest line, and how much pressure adds, in pixels; speed thins it.
THIN, THICK = 1.2, 5.2
SLOWING = 0.55


class Dot(NamedTuple):
    """A point of a stroke: place in pixels of the pad, pressure 0 to 1, milliseconds since the first."""

    x: float
    y: float
    pressure: float
    at: int


Stroke = list[Dot]


class SignaturePad(QWidget):
    """Paper to sign on; ``changed`` is told after each stroke, undo, redo and clear."""

    changed = Signal()

    def __init__(self, signer: str = "") -> None:
        """``signer`` is who signs here, such as 投保人."""
        super().__init__()
        self._signer = signer or _("客户")
        self.strokes: list[Stroke] = []
        self._undone: list[Stroke] = []
        self._clock = QElapsedTimer()
        self._drawing = False
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("{signer}签名区").format(signer=self._signer))
        self._describe()

    # What was signed

    def valid(self) -> bool:
        """Whether what was drawn is long enough for a signature."""
        length = sum(math.dist(a[:2], b[:2]) for stroke in self.strokes for a, b in itertools.pairwise(stroke))
        return sum(map(len, self.strokes)) >= FEWEST_POINTS and length >= SHORTEST_LINE

    def png(self) -> bytes:
        """The ink alone on a clear ground, trimmed, at three times the pad's size. Raises ValueError when empty."""
        dots = [dot for stroke in self.strokes for dot in stroke]
        if not dots:
            raise ValueError("nothing was signed")
        left, top = min(dot.x for dot in dots) - PICTURE_EDGE, min(dot.y for dot in dots) - PICTURE_EDGE
        right, bottom = max(dot.x for dot in dots) + PICTURE_EDGE, max(dot.y for dot in dots) + PICTURE_EDGE
        size = QSize(math.ceil((right - left) * PICTURE_SCALE), math.ceil((bottom - top) * PICTURE_SCALE))
        image = QImage(size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(PICTURE_SCALE, PICTURE_SCALE)
        painter.translate(-left, -top)
        draw_ink(painter, self.strokes, color("ink"))
        painter.end()
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(image)
        return bytes(data.data())

    def strokes_json(self) -> str:
        """The strokes as evidence: ``{"version": 1, "width", "height", "strokes": [[[x, y, pressure, ms], …], …]}``."""
        rounded = [
            [[round(d.x, 1), round(d.y, 1), round(d.pressure, 3), d.at] for d in stroke] for stroke in self.strokes
        ]
        return json.dumps({"version": 1, "width": self.width(), "height": self.height(), "strokes": rounded})

    # Changing it

    def undo(self) -> None:
        """Take the last stroke back."""
        if self.strokes:
            self._undone.append(self.strokes.pop())
            self._tell()

    def redo(self) -> None:
        """Put the stroke taken back last down again."""
        if self._undone:
            self.strokes.append(self._undone.pop())
            self._tell()

    def clear(self) -> None:
        """Take a fresh sheet."""
        if self.strokes:
            self.strokes.clear()
            self._undone.clear()
            self._tell()

    def _begin(self, point: QPointF, pressure: float) -> None:
        if not self.strokes:
            self._clock.start()
        self._undone.clear()
        self._drawing = True
        self.strokes.append([])
        self._draw_to(point, pressure)

    def _draw_to(self, point: QPointF, pressure: float) -> None:
        if self._drawing:
            self.strokes[-1].append(Dot(point.x(), point.y(), pressure, self._clock.elapsed()))
            self.update()

    def _end(self) -> None:
        if self._drawing:
            self._drawing = False
            self._tell()

    def _tell(self) -> None:
        self._describe()
        self.update()
        self.changed.emit()

    def _describe(self) -> None:
        self.setAccessibleDescription(
            _("已签名，{count} 笔").format(count=len(self.strokes)) if self.strokes else _("尚未签名")
        )

    # What the person does

    def tabletEvent(self, event: QTabletEvent) -> None:
        if event.type() == QEvent.Type.TabletPress:
            self._begin(event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletMove:
            self._draw_to(event.position(), event.pressure())
        else:
            self._end()
        # Taken, or Qt would send the same movement again as a mouse.
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position(), EVEN_PRESSURE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._draw_to(event.position(), EVEN_PRESSURE)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent) and event.points():
            finger = event.points()[0]
            pressure = finger.pressure() if 0 < finger.pressure() < 1 else EVEN_PRESSURE
            if event.type() == QEvent.Type.TouchBegin:
                self._begin(finger.position(), pressure)
            elif event.type() == QEvent.Type.TouchUpdate:
                self._draw_to(finger.position(), pressure)
            else:
                self._end()
            event.accept()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and _walks(event):
            event.accept()  # the pad's own strokes come before what the window would take back
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
        elif event.key() == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    # How it looks

    def sizeHint(self) -> QSize:
        return QSize(px(480), px(180))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(120))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        painter.setPen(QPen(color("accent" if focus else "border2"), 2 if focus else 1))
        painter.setBrush(color("paper"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(8), px(8))
        side, line = px(28), self.height() - px(46)
        painter.setPen(QPen(color("paper_line"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(side, line), QPointF(self.width() - side, line))
        painter.setFont(font(12))
        painter.setPen(color("paper_text"))
        words = _("{signer}签名") if self.strokes else _("请{signer}在此处签名")
        place = QRectF(side, line + px(6), self.width() - 2 * side, px(20))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, words.format(signer=self._signer))
        draw_ink(painter, self.strokes, color("ink"))


def draw_ink(painter: QPainter, strokes: Sequence[Stroke], ink: QColor) -> None:
    """Draw strokes as a pen would: rounder where slow and pressed, thinner where quick."""
    for stroke in strokes:
        if len(stroke) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(*stroke[0][:2]), 1.6, 1.6)
            continue
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = 0.0
        begin = QPointF(*stroke[0][:2])
        for here, there in itertools.pairwise(stroke):
            speed = math.dist(here[:2], there[:2]) / max(1, there.at - here.at)
            wanted = THIN + THICK * there.pressure / (1 + speed * SLOWING)
            # Ink follows the hand slowly: a sudden width would look like a knot.
            width = width * 0.75 + wanted * 0.25 if width else wanted
            middle = QPointF((here.x + there.x) / 2, (here.y + there.y) / 2)
            curve = QPainterPath(begin)
            curve.quadTo(QPointF(here.x, here.y), middle)
            painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            painter.drawPath(curve)
            begin = middle
        painter.drawLine(begin, QPointF(*stroke[-1][:2]))


def _walks(event: QEvent) -> bool:
    ways = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
    return isinstance(event, QKeyEvent) and any(event.matches(way) for way in ways)
