"""A card over the darkened window: what the command palette and the help are shown on."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsDropShadowEffect, QLayout, QWidget

from insuragent.ui.tokens import color, px


class Overlay(QWidget):
    """Covers ``window`` while shown; Esc or a click beside the card closes it and gives the focus back."""

    def __init__(self, window: QWidget, content: QLayout, *, width: int, top: int = 76) -> None:
        """``width`` and ``top`` of the card in pixels at 100 %."""
        super().__init__(window)
        self._window, self._width, self._top = window, width, top
        self._content = content
        self._focus_before: QWidget | None = None
        self.card = QFrame(self)
        self.card.setProperty("role", "panel")
        self.card.setLayout(content)
        shadow = QGraphicsDropShadowEffect(self.card)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 10)
        shadow.setColor(color("shadow", 0.45))
        self.card.setGraphicsEffect(shadow)
        window.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Cover the window."""
        self._focus_before = QApplication.focusWidget()
        self.arrange()
        self.show()
        self.raise_()

    def close_card(self) -> None:
        """Uncover the window; the focus returns to where it was."""
        if self.isVisible():
            self.hide()
            if self._focus_before is not None:
                self._focus_before.setFocus()

    def arrange(self) -> None:
        """Fit the card to the window and to its content."""
        room = self._window.rect()
        self.setGeometry(room)
        width = min(px(self._width), room.width() - px(32))
        top = min(px(self._top), max(px(16), room.height() // 8))
        self.card.setFixedWidth(width)
        self._content.activate()
        height = min(self.card.sizeHint().height(), room.height() - top - px(16))
        self.card.setGeometry(QRect((room.width() - width) // 2, top, width, height))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.arrange()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab within the card: what lies below cannot be reached while it is covered."""
        stops = [w for w in self.card.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
        stops = [w for w in stops if w.isVisibleTo(self) and w.isEnabled()]
        if stops:
            focused = QApplication.focusWidget()
            at = stops.index(focused) if focused in stops else -1
            stops[(at + (1 if forward else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_card()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        # Nothing reaches the covered window.
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), color("shadow", 0.35))
