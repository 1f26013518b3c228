"""One editor a kind of field: how a value is typed, shown and read back."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QDate, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCalendarWidget,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
    QWidgetAction,
)

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _, format_date, format_moment
from insuragent.models.fields import Field, Kind
from insuragent.models.reading import parse
from insuragent.ui.layout import column, host, row
from insuragent.ui.lines import put_inside
from insuragent.ui.tokens import px
from insuragent.ui.widgets import label

#: What Up and Down add to a date, and to a date with a time.
_DAY, _QUARTER = dt.timedelta(days=1), dt.timedelta(minutes=15)
_TEXT_LINES, _ITEM_LINES = 84, 64


class Editor(Protocol):
    """What every editor offers.

    ``widget`` takes the focus, ``shown`` is what a form places: the widget itself, or one around it. ``value`` is in
    the field's own type; what was typed but cannot be read stays text, so that the check can name it.
    """

    widget: QWidget
    shown: QWidget

    def value(self) -> Any: ...
    def show_value(self, value: Any) -> None: ...
    def on_edit(self, then: Callable[[], object]) -> None: ...


class LineEditor:
    """One line of text, a whole number, or money in yuan."""

    widget: QWidget
    shown: QWidget

    def __init__(self, field: Field) -> None:
        self.field = field
        self.line = QLineEdit()
        self.widget = self.shown = self.line
        if field.kind is Kind.MONEY:
            self.line.setPlaceholderText(_("元"))

    def value(self) -> Any:
        text = self.line.text()
        if self.field.kind is Kind.TEXT:
            return text or None
        return _parsed(self.field, text)

    def show_value(self, value: Any) -> None:
        if isinstance(value, int) and self.field.kind is Kind.MONEY:
            yuan, fen = divmod(abs(value), 100)
            self.line.setText(("-" if value < 0 else "") + f"{yuan:,}" + (f".{fen:02d}" if fen else ""))
        else:
            self.line.setText("" if value is None else str(value))
        self.line.setCursorPosition(0)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.line.textEdited.connect(lambda _text: then())


class TextEditor:
    """A narrative of several lines with a count in code points: Qt itself would count some names' signs twice."""

    widget: QWidget
    shown: QWidget

    def __init__(self, field: Field) -> None:
        self.limit = field.max_length
        self.edit = _lines(_TEXT_LINES)
        self.widget = self.edit
        self.count = label("", "cap")
        self.edit.textChanged.connect(self._on_text_changed)
        self.shown = host(column(self.edit, row(None, self.count), spacing=2))
        self._on_text_changed()

    def value(self) -> Any:
        return self.edit.toPlainText() or None

    def show_value(self, value: Any) -> None:
        self.edit.setPlainText(value or "")
        self.edit.moveCursor(QTextCursor.MoveOperation.Start)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.edit.textChanged.connect(then)

    def _on_text_changed(self) -> None:
        used = len(self.edit.toPlainText())
        self.count.setText(f"{used:,} / {self.limit:,}")
        self.count.setVisible(used > 0)


class ItemsEditor:
    """A list, one item a line; a mapping is shown and kept as it is."""

    widget: QWidget
    shown: QWidget

    def __init__(self, field: Field) -> None:
        self.edit = _lines(_ITEM_LINES)
        self.edit.setPlaceholderText(_("每行一项"))
        self.widget = self.shown = self.edit
        self._held: Any = None

    def value(self) -> Any:
        if isinstance(self._held, dict):
            return self._held
        return [line.strip() for line in self.edit.toPlainText().splitlines() if line.strip()]

    def show_value(self, value: Any) -> None:
        self._held = value
        self.edit.setReadOnly(isinstance(value, dict))
        lines = [f"{key}：{held}" for key, held in value.items()] if isinstance(value, dict) else value or []
        self.edit.setPlainText("\n".join(str(line) for line in lines))

    def on_edit(self, then: Callable[[], object]) -> None:
        self.edit.textChanged.connect(then)


class TimeEditor:
    """A date, or a date with a time in Shanghai: typed in any usual form, stepped by Up and Down, or from a calendar.

    A moment that is needed starts as now.
    """

    widget: QWidget
    shown: QWidget

    def __init__(self, field: Field) -> None:
        self.field = field
        self.whole_day = field.kind is Kind.DAY
        self.line = _SteppedLine(self._step)
        self.line.setPlaceholderText(_("年-月-日") if self.whole_day else _("年-月-日 时:分"))
        self.widget = self.shown = self.line
        opener = put_inside(self.line, "calendar-days", _("打开日历"), tint="text2")
        opener.triggered.connect(self._open_calendar)
        self.line.editingFinished.connect(self._tidy)
        self._edited: list[Callable[[], object]] = []
        self.line.textEdited.connect(lambda _text: self._tell())

    def value(self) -> Any:
        told = _parsed(self.field, self.line.text())
        return told.astimezone(dt.UTC) if isinstance(told, dt.datetime) else told

    def show_value(self, value: Any) -> None:
        if value is None and not self.whole_day and not self.field.optional:
            value = dt.datetime.now(SHANGHAI)
        self.line.setText(value if isinstance(value, str) else self._words(value))
        self.line.setCursorPosition(0)

    def on_edit(self, then: Callable[[], object]) -> None:
        self._edited.append(then)

    def _words(self, value: Any) -> str:
        return format_date(value) if self.whole_day else format_moment(value)

    def _tell(self) -> None:
        for then in self._edited:
            then()

    def _now(self) -> Any:
        told = self.value()
        if told is None or isinstance(told, str):
            now = dt.datetime.now(SHANGHAI)
            return now.date() if self.whole_day else now.replace(minute=0, second=0, microsecond=0)
        return told

    def _step(self, steps: int) -> None:
        self._choose(self._now() + steps * (_DAY if self.whole_day else _QUARTER))

    def _choose(self, value: Any) -> None:
        self.show_value(value)
        self._tell()

    def _tidy(self) -> None:
        told = self.value()
        if told is not None and not isinstance(told, str):
            self.line.setText(self._words(told))

    def _open_calendar(self) -> None:
        now = self._now()
        day = now if self.whole_day else now.astimezone(SHANGHAI).date()
        calendar = QCalendarWidget()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        menu = QMenu(self.line)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        held = QWidgetAction(menu)
        held.setDefaultWidget(calendar)
        menu.addAction(held)

        def take(chosen: QDate) -> None:
            menu.close()
            found = dt.date(chosen.year(), chosen.month(), chosen.day())
            if not self.whole_day:
                time = now.astimezone(SHANGHAI).timetz()
                self._choose(dt.datetime.combine(found, time))
            else:
                self._choose(found)

        calendar.clicked.connect(take)
        calendar.activated.connect(take)
        menu.popup(self.line.mapToGlobal(QPoint(0, self.line.height())))
        calendar.setFocus()


class ChoiceEditor:
    """One of the choices; yes, no or not told for a flag. What must be chosen starts without a choice."""

    widget: QWidget
    shown: QWidget

    def __init__(self, field: Field) -> None:
        self.combo = QComboBox()
        self.widget = self.shown = self.combo
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.combo.setPlaceholderText(_("请选择"))
        if field.optional:
            self.combo.addItem("—", None)
        if field.kind is Kind.YES_NO:
            self.combo.addItem(_("是"), True)
            self.combo.addItem(_("否"), False)
        for choice in field.choices or ():
            self.combo.addItem(_(choice.label), choice)
        keep_wheel_away(self.combo)

    def value(self) -> Any:
        return self.combo.currentData()

    def show_value(self, value: Any) -> None:
        place = self._place(value)
        if place < 0 and value is not None:
            # A choice of a newer head office: shown by its code, and kept.
            self.combo.addItem(str(value), value)
            place = self.combo.count() - 1
        self.combo.setCurrentIndex(place)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.combo.activated.connect(lambda _place: then())

    def _place(self, value: Any) -> int:
        # Qt's own search tells neither True from 1 nor a choice from its text.
        found = (at for at in range(self.combo.count()) if self.combo.itemData(at) == value)
        return next(found, -1)


_EDITORS: dict[Kind, Callable[[Field], Editor]] = {
    Kind.LONG_TEXT: TextEditor,
    Kind.DAY: TimeEditor,
    Kind.MOMENT: TimeEditor,
    Kind.CHOICE: ChoiceEditor,
    Kind.YES_NO: ChoiceEditor,
    Kind.ITEMS: ItemsEditor,
}


def editor_for(field: Field) -> Editor:
    """The editor of a field's kind."""
    return _EDITORS.get(field.kind, LineEditor)(field)


def is_too_long(field: Field, value: Any) -> bool:
    """Whether a text has more characters than its field takes."""
    return isinstance(value, str) and field.kind in (Kind.TEXT, Kind.LONG_TEXT) and len(value) > field.max_length


def is_readable(field: Field, value: Any) -> bool:
    """Whether an editor could read what was typed: a date that is none stays text."""
    return not isinstance(value, str) or field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE)


def keep_wheel_away(widget: QComboBox | QAbstractSpinBox) -> None:
    """Let the wheel scroll the page: over a field that has not the focus it would change the value unseen."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelGuard(widget))


class _WheelGuard(QObject):
    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and not self._widget.hasFocus():
            event.ignore()
            return True
        return False


class _SteppedLine(QLineEdit):
    """A line on which Up and Down step the value."""

    def __init__(self, step: Callable[[int], object]) -> None:
        super().__init__()
        self._step = step

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if steps and not self.isReadOnly():
            self._step(steps)
        else:
            super().keyPressEvent(event)


def _lines(tall: int) -> QPlainTextEdit:
    edit = QPlainTextEdit()
    edit.setFixedHeight(px(tall))
    edit.setTabChangesFocus(True)
    return edit


def _parsed(field: Field, text: str) -> Any:
    try:
        return parse(field, text)
    except ValidationError:
        return text


def asks_undo(event: QEvent) -> bool:
    """Whether a key asks to take back what was typed."""
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)


def can_undo(widget: QObject) -> bool:
    """Whether a field has anything left to take back by itself."""
    if isinstance(widget, QLineEdit):
        return widget.isUndoAvailable()
    return isinstance(widget, QPlainTextEdit) and widget.document().isUndoAvailable()
