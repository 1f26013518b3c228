"""Copies of secrets that leave the clipboard by themselves."""

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit


class SecretClipboard(QObject):
    """Puts a secret on the clipboard and takes it away after ``seconds``, unless something else was copied since."""

    def __init__(self, parent: QObject, seconds: int = 60) -> None:
        super().__init__(parent)
        self.seconds = seconds
        self._secret = ""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.clear)

    def copy(self, secret: str) -> None:
        """Copy ``secret`` and start its time."""
        self._secret = secret
        QGuiApplication.clipboard().setText(secret)
        self._timer.start(self.seconds * 1000)

    def copy_from(self, line: QObject, event: QEvent) -> bool:
        """Take a key press that copies or cuts what is selected in a line; False when it is none."""
        ways = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Cut)
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        asked = [way for way in ways if pressed and event.matches(way)]  # type: ignore[attr-defined]
        if not asked or not isinstance(line, QLineEdit) or not line.hasSelectedText():
            return False
        self.copy(line.selectedText())
        if asked[0] == QKeySequence.StandardKey.Cut:
            line.del_()
        return True

    def clear(self) -> None:
        """Take the secret away now; also called before the window locks or closes."""
        self._timer.stop()
        board = QGuiApplication.clipboard()
        if self._secret and board.text() == self._secret:
            board.clear(QClipboard.Mode.Clipboard)
        self._secret = ""
