"""Notices when nobody is at the desk: no key or mouse for a while, or the machine slept."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

#: How often is looked, and how far the clock may jump between two looks before it was a sleep, in seconds.
LOOK = 5
JUMP = 30
SIGNS = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletMove,
    QEvent.Type.InputMethod,
}


class IdleWatch(QObject):
    """Tells ``left`` with "idle" or "sleep". Watches the windows that get the focus, dialogs included."""

    left = Signal(str)

    def __init__(self, parent: QObject, minutes: int) -> None:
        super().__init__(parent)
        self.minutes = minutes
        self._last_sign = self._last_look = time.time()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self.watch)
        self._timer = QTimer(self, interval=LOOK * 1000)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def watch(self, window: QWindow | None) -> None:
        """Take keys and movements in ``window`` as signs of life."""
        # Raw input passes the native window once; an application-wide filter would see every event there is.
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def look(self) -> None:
        """See whether it is time; the timer calls this."""
        now = time.time()
        slept = now - self._last_look > LOOK + JUMP
        # A clock set back must not keep the desk open: the count begins again from then.
        self._last_sign = min(self._last_sign, now)
        self._last_look = now
        if slept:
            self._tell("sleep", now)
        elif now - self._last_sign >= self.minutes * 60:
            self._tell("idle", now)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in SIGNS:
            self._last_sign = time.time()
        return False

    def _tell(self, why: str, now: float) -> None:
        self._last_sign = now
        self.left.emit(why)
