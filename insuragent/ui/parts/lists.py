"""Short lists of rows with a hairline between them, and clocks in words."""

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from insuragent.i18n import _
from insuragent.ui.layout import column, empty, host, row
from insuragent.ui.widgets import label, rule

#: From this many hours on the rest of a time is grave.
_SHORT = 4


class ListArea(QScrollArea):
    """For :func:`scrolled`: an area with room for a few rows of a list, and for their words."""

    #: The least room: characters across, and lines.
    _ROOM = 34, 7

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "list")

    def minimumSizeHint(self) -> QSize:
        across, lines = self._ROOM
        metrics = self.fontMetrics()
        return QSize(across * metrics.horizontalAdvance("M"), lines * metrics.lineSpacing())


def refill(box: QVBoxLayout, widgets: Sequence[QWidget], *, lines: bool = False) -> None:
    """Put ``widgets`` into ``box`` in place of what was there; ``lines`` draws hairlines between them."""
    empty(box)
    for place, widget in enumerate(widgets):
        if lines and place:
            box.addWidget(rule())
        box.addWidget(widget)
    box.addStretch(1)


def line(title: str, words: str, *after: QWidget, before: Sequence[QWidget] = (), error: bool = False) -> QWidget:
    """One row of a list: what it is called, words below, and what stands before and after."""
    texts: list[QWidget] = [label(title, wrap=True)] if title else []
    texts += [label(words, "error" if error else "cap", wrap=True)] if words else []
    shown = row(*before, (column(*texts, spacing=1), 1), *after, spacing=10)
    for widget in before:
        shown.setAlignment(widget, Qt.AlignmentFlag.AlignTop)
    return host(shown)


def pairs(told: Sequence[tuple[str, str]]) -> QWidget:
    """What is called and what it is, one below the other, aligned."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(9)
    grid.setColumnStretch(1, 1)
    for at, (name, words) in enumerate(told):
        grid.addWidget(label(name, "muted"), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(words, wrap=True), at, 1)
    return host(grid)


def remaining(due: dt.datetime, now: dt.datetime) -> tuple[str, str]:
    """How long until ``due`` in words, and the kind of the look."""
    seconds = int((due - now).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    if seconds < 0:
        return _("超时 {hours}:{minutes:02d}").format(hours=hours, minutes=minutes), "bad"
    return _("剩余 {hours}:{minutes:02d}").format(hours=hours, minutes=minutes), "bad" if hours < _SHORT else "warn"


def days_left(due: dt.date, today: dt.date) -> tuple[str, str]:
    """How many days until ``due`` in words, and the kind of the look."""
    days = (due - today).days
    if days < 0:
        return _("逾期 {n} 天").format(n=-days), "bad"
    return _("还有 {n} 天").format(n=days), "bad" if days < _SHORT - 1 else "neutral"
