"""Words of more than a line, and words that come and go."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

#: Where a Chinese paragraph must not break: before its last two characters, or one would stand alone on a line.
_END = re.compile(r"(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff]{1,2}[^\w\s]*$)", re.MULTILINE)
#: Sits between two characters, shows nothing, and keeps them on one line.
_JOINER = "\u2060"


class Paragraph(QLabel):
    """Plain words in the style of ``role``, wrapped so that no character is left alone on the last line."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__()
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._text = text
        super().setText(_END.sub(_JOINER, text))

    def text(self) -> str:
        return self._text

    def clear(self) -> None:
        self.setText("")


class ClickableWords(Paragraph):
    """What a box that is ticked says: its own words are never wrapped by Qt. A click on them is one on the box."""

    def __init__(self, text: str, clicked: Callable[[], object]) -> None:
        super().__init__(text)
        self._clicked = clicked

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self._clicked()


class Notice(Paragraph):
    """A sentence below what it is about; while it says nothing it takes no room."""

    def __init__(self, role: str = "error") -> None:
        super().__init__("", role)
        self.hide()

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setVisible(bool(text) and self.parent() is not None)
