"""Two halves of a page with a handle between them that stays where it was put."""

import json

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from insuragent.settings import Settings

#: So many lines of text each half is high at least where it stands above or below the other.
_LINES = 13
#: How long a handle must rest, in milliseconds, before its place is kept.
_REST = 400


def split(settings: Settings, name: str, sizes: tuple[int, int], *halves: QWidget) -> "Halves":
    """A splitter of ``halves`` with ``sizes`` at first, then those that were left; ``name`` tells it from others."""
    made = Halves(_kept(settings).get(name) or list(sizes), *halves)
    made.setAccessibleName(name)
    rest = QTimer(made, interval=_REST, singleShot=True)
    rest.timeout.connect(lambda: _keep(settings, name, made.sizes()))
    made.splitterMoved.connect(lambda _place, _handle: rest.start() if made.is_wide else None)
    return made


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
        return QSize(max(half.width() for half in self._least()), least.height())

    def event(self, event: QEvent) -> bool:
        is_end = event.type() is QEvent.Type.DeferredDelete
        taken = super().event(event)
        if not is_end:
            # Qt takes the least sizes of both halves for its own, whatever the hint says.
            self.setMinimumSize(0, 0)
        return taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        fits = event.size().width() >= sum(half.width() for half in self._least()) + self.handleWidth()
        if fits is not self.is_wide:
            self._turn(Qt.Orientation.Horizontal if fits else Qt.Orientation.Vertical)
        super().resizeEvent(event)

    def _turn(self, orientation: Qt.Orientation) -> None:
        self.setOrientation(orientation)
        least = 0 if self.is_wide else _LINES * self.fontMetrics().lineSpacing()
        for half in self._halves():
            half.setMinimumHeight(least)
        self.setSizes(self._sizes if self.is_wide else [half.height() for half in self._least()])
        self.updateGeometry()

    def _least(self) -> list[QSize]:
        return [half.minimumSizeHint().expandedTo(half.minimumSize()) for half in self._halves()]

    def _halves(self) -> list[QWidget]:
        return [half for place in range(self.count()) if (half := self.widget(place))]


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
