"""Copies of secrets that leave the clipboard by themselves."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication


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

    def clear(self) -> None:
        """Take the secret away now; also called before the window locks or closes."""
        self._timer.stop()
        board = QGuiApplication.clipboard()
        if self._secret and board.text() == self._secret:
            board.clear(QClipboard.Mode.Clipboard)
        self._secret = ""
