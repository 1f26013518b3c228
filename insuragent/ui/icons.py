"""Line icons that take the theme's colour at the moment of painting, sharp at every scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from insuragent.settings import resource
from insuragent.ui.tokens import color

STROKE = 1.75


@lru_cache(256)
def svg(name: str, hue: str, stroke: float = STROKE) -> bytes:
    """The SVG of an icon in the colour ``hue`` (#RRGGBB). Raises FileNotFoundError for no such icon."""
    shapes = resource(f"icons/{name}.svg").read_text("utf-8")
    return shapes.replace("currentColor", hue).replace('stroke-width="2"', f'stroke-width="{stroke}"').encode()


@lru_cache(512)
def _renderer(name: str, hue: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg(name, hue)))


def paint(painter: QPainter, name: str, rect: QRectF, tint: str) -> None:
    """Paint an icon into ``rect`` in the colour of the token ``tint``."""
    _renderer(name, color(tint).name()).render(painter, rect)


class _Engine(QIconEngine):
    """Asks for the colour when it paints, so that a switch of theme needs no new icons."""

    def __init__(self, name: str, tint: str, checked: str) -> None:
        super().__init__()
        self._name, self._tint, self._checked = name, tint, checked

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        tint = self._checked if state == QIcon.State.On else self._tint
        paint(painter, self._name, QRectF(rect), "text3" if mode == QIcon.Mode.Disabled else tint)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, made.rect(), mode, state)
        painter.end()
        return made

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self.pixmap(size * scale, mode, state)

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._tint, self._checked)


def icon(name: str, tint: str = "text2", checked: str = "") -> QIcon:
    """The icon ``name`` of resources/icons in a token's colour; in ``checked``'s while its button is checked."""
    return QIcon(_Engine(name, tint, checked or tint))
