"""Short notes in the corner of the window: done, failed, or worth knowing, perhaps with a way back."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QSizePolicy, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.ui.layout import row
from insuragent.ui.tokens import color, px
from insuragent.ui.widgets import IconLabel, button, label, tool_button

#: How long a note stays, in milliseconds; longer when it can be acted upon or tells of a failure.
SHORT, LONG = 4000, 8000
MOST = 4
GAP = 10
EDGE = 24
ICONS = {"ok": ("circle-check", "ok"), "bad": ("circle-alert", "bad"), "info": ("info", "accent")}


class Toast(QFrame):
    """One note; it waits while the mouse is on it. ``ended`` is told once it goes."""

    ended = Signal()

    def __init__(
        self, parent: QWidget, text: str, kind: str, action: str, then: Callable[[], object] | None, stay: int
    ) -> None:
        super().__init__(parent)
        self.text = text
        self.setProperty("role", "toast")
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        icon, tint = ICONS[kind]
        words = label(text, wrap=len(text) > 36)
        words.setMaximumWidth(px(380))
        words.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Minimum)
        layout = row(IconLabel(icon, tint), words, spacing=10, margins=(14, 8, 8, 8))
        if action:
            layout.addWidget(button(action, lambda: self._act(then), kind="link"))
        layout.addWidget(tool_button("x", _("关闭"), self.end))
        self.setLayout(layout)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(color("shadow", 0.28))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self, singleShot=True, interval=stay)
        self._timer.timeout.connect(self.end)
        self._timer.start()

    def end(self) -> None:
        """Take the note away."""
        self._timer.stop()
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def _act(self, then: Callable[[], object] | None) -> None:
        self.end()
        if then is not None:
            then()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()


class Toaster(QObject):
    """The stack of notes at the lower right of ``window``."""

    def __init__(self, window: QWidget, *, foot: int = 40) -> None:
        super().__init__(window)
        self._window = window
        self._foot = foot
        self._toasts: list[Toast] = []
        window.installEventFilter(self)

    def show(self, text: str, kind: str = "ok", action: str = "", then: Callable[[], object] | None = None) -> None:
        """Show ``text``; ``kind`` is ok, bad or info; ``action`` such as 撤销 calls ``then`` and ends the note."""
        while len(self._toasts) >= MOST:
            self._toasts[0].end()
        toast = Toast(self._window, text, kind, action, then, LONG if action or kind == "bad" else SHORT)
        toast.ended.connect(lambda: self._on_ended(toast))
        self._toasts.append(toast)
        self._arrange()
        toast.show()
        toast.raise_()
        event = QAccessibleAnnouncementEvent(toast, text)
        event.setPoliteness(
            QAccessible.AnnouncementPoliteness.Assertive if kind == "bad" else QAccessible.AnnouncementPoliteness.Polite
        )
        QAccessible.updateAccessibility(event)

    def complain(self, error: InsuragentError) -> None:
        """Show an error of ours, with what to do."""
        self.show(error.with_advice(), "bad")

    def clear(self) -> None:
        """Take all notes away."""
        for toast in list(self._toasts):
            toast.end()

    @property
    def texts(self) -> list[str]:
        """What the notes say now, oldest first."""
        return [toast.text for toast in self._toasts]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _on_ended(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        bottom = self._window.height() - self._foot
        for toast in reversed(self._toasts):
            toast.adjustSize()
            bottom -= toast.height() + GAP
            toast.move(self._window.width() - toast.width() - EDGE, bottom)
