"""Areas that scroll what they hold."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

from insuragent.ui.layout import host


class UprightArea(QScrollArea):
    """Scrolls up and down alone: it is never narrower than what it holds, so that whatever holds it makes room."""

    #: How high it wants to be at least, in pixels.
    _least = 0

    def open_up(self, most: int) -> None:
        """Be as high as what it holds, or as ``most`` pixels, where the page around it scrolls."""
        if content := self.widget():
            whole = max(content.heightForWidth(self.viewport().width()), content.minimumSizeHint().height())
            self._rest_at(min(whole, most), scrolls=whole > most)

    def fold(self) -> None:
        """Be as high as there is room, and scroll."""
        self._rest_at(0, scrolls=True)

    def _rest_at(self, least: int, *, scrolls: bool) -> None:
        bars = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(bars.ScrollBarAsNeeded if scrolls else bars.ScrollBarAlwaysOff)
        if self._least != least:
            self._least = least
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint().expandedTo(QSize(0, self._least))
        content = self.widget()
        bar = self.verticalScrollBar().sizeHint().width()
        return least.expandedTo(QSize(content.minimumSizeHint().width() + bar, 0)) if content else least

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return taken


def scrolled(content: QLayout, kind: type[QScrollArea] = UprightArea) -> QScrollArea:
    """``content`` in an area that scrolls when the window is small; the surface behind stays visible."""
    return scrolling(host(content, "scrolled"), kind)


def scrolling(content: QWidget, kind: type[QScrollArea] = UprightArea) -> QScrollArea:
    """An area that gives ``content`` all its room, and scrolls where that is less than it needs."""
    area = kind()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def area_of(widget: QWidget) -> QScrollArea | None:
    """The innermost area in which a widget scrolls."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    return parent
