"""Looks out for head office: says when it comes into reach, so that the day is synced without being asked for."""

from PySide6.QtCore import QObject, QTimer, Signal

from insuragent.services import office
from insuragent.ui.shell import Context

#: How often it is looked for, and after how many looks in reach it is told again, so that a long day is synced too.
EVERY_MS, AGAIN = 60_000, 30


class OfficeWatch(QObject):
    """``looked`` tells after each look whether head office answers; ``came`` that there is reason to sync."""

    looked = Signal(bool)
    came = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self.in_reach = False
        self._context = context
        self._looks = 0
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Ask head office whether it is there; the answer comes by the signals."""
        self._context.tasks.run_free(self, office.in_reach, self._context.desk).then(self._on_looked)

    def _on_looked(self, answers: bool) -> None:
        self._looks = (self._looks + 1) % AGAIN if self.in_reach and answers else 0
        self.in_reach = answers
        self.looked.emit(answers)
        if answers and self._looks == 0 and self._context.settings.autosync:
            self.came.emit()
