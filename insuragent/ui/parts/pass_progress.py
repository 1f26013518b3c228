"""A pass under way: what is done, how far, by type, how long it will take, and a way to stop it at any moment."""

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from insuragent.i18n import _
from insuragent.models import RECORDS
from insuragent.services.office import Part, Step
from insuragent.ui.layout import column, row
from insuragent.ui.progress import ProgressRow
from insuragent.ui.tasks import PROGRESS_PAUSE, Cancelled
from insuragent.ui.widgets import label

_MINUTE = 60


class PassWatch(QObject):
    """What is given to a pass: ``stepped`` tells a Step in the window's thread; :meth:`cancel` ends the pass now."""

    stepped = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self._cuts: list[Callable[[], object]] = []
        self._last = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the person stopped it."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Stop the pass, in a wait or in the middle of an answer too."""
        self._stop.set()
        for cut in self._cuts:
            cut()

    def tell(self, step: Step) -> None:
        """Hear of a step. Raises Cancelled when stopped."""
        self.wait(0)
        now = time.monotonic()
        if step.done == step.total or now - self._last >= PROGRESS_PAUSE:
            self._last = now
            self.stepped.emit(step)

    def wait(self, seconds: float) -> None:
        """Wait. Raises Cancelled as soon as it is stopped."""
        if self._stop.wait(seconds):
            raise Cancelled

    def cut_by(self, cut: Callable[[], object]) -> None:
        """Take what ends a line that is waited for."""
        self._cuts.append(cut)
        if self.cancelled:
            cut()


class PassProgress(QWidget):
    """The bar of a pass, and a line of counts and bytes by type below it."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        super().__init__()
        self._row = ProgressRow(cancel)
        self._parts = label("", "cap", wrap=True)
        self._left = label("", "cap")
        self.setLayout(column(self._row, row((self._parts, 1), self._left), spacing=2))

    def show_step(self, step: Step) -> None:
        """Show how far it is: by bytes where they are known, else by counts."""
        if step.whole:
            self._row.show_progress(step.size, step.whole, step.words)
        else:
            self._row.show_progress(min(step.done, step.total), step.total, step.words)
        self._parts.setText(" · ".join(told for told in map(_part, step.parts) if told))
        self._left.setText(_remaining(step.seconds) if step.seconds is not None else "")


def _part(part: Part) -> str:
    """One type: how many of how many, and how much of how much."""
    count = f"{part.done:,} / {part.total:,}" if part.total else f"{part.done:,}"
    size = f"{_size(part.size)} / {_size(part.whole)}" if part.whole else _size(part.size)
    known = part.done or part.total
    return _("{what} {count}（{size}）").format(what=_name(part), count=count, size=size) if known else ""


def _name(part: Part) -> str:
    if part.content:
        return _("产品包") if part.kind == "product" else _("附件的内容")
    return _(RECORDS[part.kind].label) if part.kind in RECORDS else part.kind or _("操作日志")


def _size(size: int) -> str:
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{size / 1024:.0f} kB"


def _remaining(seconds: float) -> str:
    if round(seconds) < _MINUTE:
        return _("约剩 {n} 秒").format(n=max(1, round(seconds)))
    return _("约剩 {n} 分钟").format(n=round(seconds / _MINUTE))
