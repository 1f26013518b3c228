"""Lines to type in, with icons inside that grow with the text: Qt's own stay small in large print."""

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QToolButton

from insuragent.i18n import _
from insuragent.ui import icons
from insuragent.ui.tokens import px

#: What a hint can do without where room is short: first what stands in brackets, then its items from the last.
_ASIDE = re.compile(r" ?[(\uff08][^()\uff08\uff09]*[)\uff09]$")
_BETWEEN = r"\u3001\uff0c\uff1b\uff1a;:,"
_LAST = re.compile(rf"(?:[{_BETWEEN}]|\u6216| or) ?[^{_BETWEEN}]*$")
#: What Qt leaves free at both sides of what is typed, in pixels.
_FREE = 2
#: The width of an icon inside a line, with the room around it, and how far it stands from the edge.
_SIDE, _EDGE = 22, 7


class _Inside(QToolButton):
    """An action at the edge of its line, which writes beside it."""

    def __init__(self, line: QLineEdit, action: QAction, *, leading: bool) -> None:
        super().__init__(line)
        self._line, self._leading = line, leading
        self.setProperty("role", "inside")
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, leading)
        action.visibleChanged.connect(lambda: self.setVisible(action.isVisible()))
        line.addAction(action)
        line.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self._place()
        elif not self._leading and isinstance(event, QKeyEvent) and _presses(event):
            self.defaultAction().trigger()
            return True
        return False

    def _place(self) -> None:
        line, side = self._line, px(_SIDE)
        left = px(_EDGE) if self._leading else line.width() - side - px(_EDGE)
        self.setGeometry(left, (line.height() - side) // 2, side, side)
        margins = line.textMargins()
        margins.setLeft(side) if self._leading else margins.setRight(side)
        line.setTextMargins(margins)


def _presses(event: QKeyEvent) -> bool:
    alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
    return alt and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down


def put_inside(line: QLineEdit, icon: str, name: str, *, tint: str = "text3", leading: bool = False) -> QAction:
    """Put an icon at the end of a line, pressed by Alt+Down too, or at its start as a sign; returns its action."""
    action = QAction(icons.icon(icon, tint), name, line)
    _Inside(line, action, leading=leading)
    return action


def add_search_icon(line: QLineEdit) -> None:
    """Put a magnifying glass before what is typed; screen readers call it by its name."""
    put_inside(line, "search", _("搜索"), leading=True)


def fitting(hint: str, fits: Callable[[str], bool]) -> str:
    """As much of a hint as ``fits``: an item that has no room goes as a whole, rather than be cut within a word."""
    words = hint if fits(hint) else _ASIDE.sub("", hint)
    while not fits(words) and (shorter := _LAST.sub("", words)) != words:
        words = shorter
    return words


class HintedLine(QLineEdit):
    """A line that says in itself what to type, in as many words as it has room for; its tool tip says it all."""

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._hint = hint
        self.setPlaceholderText(hint)
        self.setToolTip(hint)

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self.setPlaceholderText(fitting(self._hint, self._fits))
        return taken

    def _fits(self, words: str) -> bool:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return self.fontMetrics().horizontalAdvance(words) <= (room - self.textMargins()).width() - 2 * _FREE


class SearchField(HintedLine):
    """A field to search in; ``searched`` tells the text once typing pauses, Esc empties it."""

    searched = Signal(str)

    def __init__(self, hint: str, *, pause: int = 150) -> None:
        super().__init__(hint)
        self.setAccessibleName(hint)
        add_search_icon(self)
        self._empty = put_inside(self, "x", _("清空"))
        self._empty.triggered.connect(self.clear)
        self._empty.setVisible(False)
        self._pause = pause
        self._timer = 0
        self.textChanged.connect(self._on_text_changed)

    def _on_text_changed(self) -> None:
        self._empty.setVisible(bool(self.text()))
        if self._timer:
            self.killTimer(self._timer)
        self._timer = self.startTimer(self._pause)

    def timerEvent(self, event: QEvent) -> None:
        self.killTimer(self._timer)
        self._timer = 0
        self.searched.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
