"""Sees to it that a backup is made every day, without being asked for."""

from PySide6.QtCore import QObject, QTimer

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.services import backups
from insuragent.ui.shell import Context

#: When it is looked whether one is due, after the window was opened and from then on, in milliseconds.
FIRST_MS, EVERY_MS = 60_000, 3_600_000


class BackupWatch(QObject):
    """Looks whether the automatic backup is due, and makes it beside the window; a failure is told."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(FIRST_MS, self, self.look)

    def look(self) -> None:
        """Make a backup if one is due."""
        self._context.tasks.run_free(self, backups.make_if_due, self._context.desk).failed(self._on_failed)

    def _on_failed(self, error: InsuragentError) -> None:
        words = _("今天的自动备份没有完成：{error}").format(error=error)
        self._context.toaster.show(error.with_advice(words), "bad")
