"""Parts of a page side by side where they fit and one above the other where not; handles stay where they were put."""

import json
import sys
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSplitter, QWidget

from insuragent.settings import Settings
from insuragent.ui.areas import UprightArea, area_of
from insuragent.ui.layout import set_margins

#: So many lines of text each half is high at least where it stands above or below the other.
_LINES = 13
#: What scrolls within a half is opened up to so many lines there: the page scrolls already.
_MOST_LINES = 60
#: How long a handle must rest, in milliseconds, before its place is kept.
_REST = 400


def split(settings: Settings, name: str, sizes: tuple[int, int], *halves: QWidget) -> "Halves":
    """A splitter of ``halves`` with ``sizes`` at first, then those that were left; ``name`` tells it from others."""
    made = Halves(_kept(settings).get(name) or list(sizes), *halves)
    _keep_places(made, settings, name)
    return made


def stack(settings: Settings, name: str, sizes: tuple[int, int], upper: QWidget, lower: QWidget) -> QSplitter:
    """A splitter of two that stand one above the other in any window; the upper one takes what room there is."""
    made = Stack(Qt.Orientation.Vertical)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(12)
    made.addWidget(upper)
    made.addWidget(lower)
    made.setStretchFactor(0, 1)
    made.setSizes(_kept(settings).get(name) or list(sizes))
    _keep_places(made, settings, name)
    return made


class Stack(QSplitter):
    """Parts one above the other, none lower than what it holds."""

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            for place in range(self.count()):
                if part := self.widget(place):
                    _give_height(part, self.width())
        return taken


class Halves(QSplitter):
    """Two halves side by side where they fit, and one above the other in a narrow window or in large print."""

    def __init__(self, sizes: list[int], *halves: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sizes = sizes
        self.setChildrenCollapsible(False)
        self.setHandleWidth(12)
        for half in halves:
            self.addWidget(half)
        self.setSizes(sizes)

    @property
    def is_wide(self) -> bool:
        """Whether the halves stand side by side."""
        return self.orientation() is Qt.Orientation.Horizontal

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider half: otherwise the halves would never come to stand below one another."""
        least = super().minimumSizeHint()
        return QSize(max((size.width() for size in self._least()), default=0), least.height())

    def event(self, event: QEvent) -> bool:
        is_end = event.type() is QEvent.Type.DeferredDelete
        taken = super().event(event)
        if not is_end:
            # Qt takes the least sizes of both halves for its own, whatever the hint says.
            self.setMinimumSize(0, 0)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit(self.width())
            self.updateGeometry()
        return taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit(event.size().width())
        super().resizeEvent(event)

    def _fit(self, width: int) -> None:
        least = self._least()
        wanted = sum(size.width() for size in least) + self.handleWidth() * (len(least) - 1)
        # Halves that lie side by side need no bar of the page, and those above one another do: without room for both,
        # each turn would bring about the next.
        area = None if self.is_wide else area_of(self)
        fits = width >= wanted + (area.verticalScrollBar().sizeHint().width() if area else 0)
        if fits is not self.is_wide:
            self._turn(Qt.Orientation.Horizontal if fits else Qt.Orientation.Vertical)
        if not fits:
            self._heighten()

    def _turn(self, orientation: Qt.Orientation) -> None:
        self.setOrientation(orientation)
        if self.is_wide:
            for half in self._halves():
                half.setMinimumHeight(0)
                for area in _areas(half):
                    area.fold()
        else:
            self._heighten()
        self.setSizes(self._sizes if self.is_wide else [size.height() for size in self._least()])
        self.updateGeometry()

    def _heighten(self) -> None:
        """Keep each half high enough for some lines, and for what it holds.

        A half that scrolls shows all of it, as the page scrolls already; what scrolls within it so many lines.
        """
        line = self.fontMetrics().lineSpacing()
        for half in self._halves():
            for area in _areas(half):
                area.open_up(sys.maxsize if area is half else _MOST_LINES * line)
            _give_height(half, self.width(), _LINES * line)

    def _least(self) -> list[QSize]:
        """The least size of each half that is shown."""
        shown = (half for half in self._halves() if not half.isHidden())
        return [half.minimumSizeHint().expandedTo(half.minimumSize()) for half in shown]

    def _halves(self) -> list[QWidget]:
        return [half for place in range(self.count()) if (half := self.widget(place))]


class Columns(QWidget):
    """Parts of equal width side by side: all, half of them, or one, whichever fits; below one another the rest."""

    def __init__(self, *parts: QWidget, spacing: int = 12) -> None:
        super().__init__()
        self._parts = parts
        self._grid = QGridLayout()
        self._grid.setSpacing(spacing)
        set_margins(self._grid, 0)
        self.setLayout(self._grid)
        self._across = 0
        self._place(len(parts))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._widest(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        gap, widest = self._grid.spacing(), self._widest()
        fitting = (event.size().width() + gap) // max(1, widest + gap)
        self._place(next((n for n in range(len(self._parts), 1, -1) if n <= fitting and not len(self._parts) % n), 1))
        super().resizeEvent(event)

    def reorder(self, *parts: QWidget) -> None:
        """Show the same parts in another order, which is that of the keys too."""
        self._parts, across, self._across = parts, self._across, 0
        self._place(across)
        for before, after in pairwise(parts):
            QWidget.setTabOrder(before, after)

    def _place(self, across: int) -> None:
        if across == self._across:
            return
        self._across = across
        for place, part in enumerate(self._parts):
            self._grid.addWidget(part, place // across, place % across)
            self._grid.setColumnStretch(place, 1 if place < across else 0)

    def _widest(self) -> int:
        return max(part.minimumSizeHint().width() for part in self._parts)


def _areas(half: QWidget) -> list[UprightArea]:
    """The half itself and what is in it, as far as it scrolls."""
    return [area for area in (half, *half.findChildren(UprightArea)) if isinstance(area, UprightArea)]


def _give_height(part: QWidget, width: int, least: int = 0) -> None:
    """Keep a part of a splitter high enough for what it holds, wrapped words too, of which a splitter knows nothing."""
    box = part.layout()
    wrapped = box.totalMinimumHeightForWidth(width) if box is not None and box.hasHeightForWidth() else 0
    least = max(least, wrapped, part.minimumSizeHint().height())
    if part.minimumHeight() != least:
        part.setMinimumHeight(least)


def _keep_places(splitter: QSplitter, settings: Settings, name: str) -> None:
    """Keep where the handle of a splitter is left; of halves only where they stand side by side."""
    splitter.setAccessibleName(name)
    rest = QTimer(splitter, interval=_REST, singleShot=True)
    rest.timeout.connect(lambda: _keep(settings, name, splitter.sizes()))
    splitter.splitterMoved.connect(lambda *_place: rest.start() if getattr(splitter, "is_wide", True) else None)


def _keep(settings: Settings, name: str, sizes: list[int]) -> None:
    settings.splitters = json.dumps(_kept(settings) | {name: sizes})


def _kept(settings: Settings) -> dict[str, list[int]]:
    """The sizes by name; none where the setting cannot be read."""
    try:
        kept = json.loads(settings.splitters) if settings.splitters else {}
    except ValueError:
        return {}
    return {
        name: sizes
        for name, sizes in (kept.items() if isinstance(kept, dict) else ())
        if isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(size, int) and size > 0 for size in sizes)
    }
