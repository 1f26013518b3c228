"""Two halves of a page with a handle between them that stays where it was put."""

import json

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from insuragent.settings import Settings

#: How long a handle must rest, in milliseconds, before its place is kept.
_REST = 400


def split(settings: Settings, name: str, sizes: tuple[int, int], *halves: QWidget, upright: bool = False) -> QSplitter:
    """A splitter of ``halves`` with ``sizes`` at first, then those that were left; ``name`` tells it from others.

    The halves stand side by side, or ``upright`` one below the other.
    """
    made = QSplitter(Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal)
    made.setAccessibleName(name)
    made.setChildrenCollapsible(False)
    made.setHandleWidth(12)
    for half in halves:
        made.addWidget(half)
    made.setSizes(_kept(settings).get(name) or list(sizes))
    rest = QTimer(made, interval=_REST, singleShot=True)
    rest.timeout.connect(lambda: _keep(settings, name, made.sizes()))
    made.splitterMoved.connect(lambda _place, _handle: rest.start())
    return made


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
