"""One editor a kind of field: how a value is typed, shown and read back."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QDate, QDateTime, Qt, QTimeZone
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QComboBox, QDateEdit, QDateTimeEdit, QLineEdit, QPlainTextEdit, QWidget

from insuragent.i18n import SHANGHAI, _
from insuragent.models.fields import Field, Kind
from insuragent.ui.layout import host, row
from insuragent.ui.tokens import px
from insuragent.ui.widgets import tool_button

_ZONE = QTimeZone(b"Asia/Shanghai")
#: What a date field holds while there is no date.
_NO_DATE = QDate(1800, 1, 1)


class Editor(Protocol):
    """What every editor offers: a widget, its value in the field's own type, and a call when it is edited."""

    @property
    def widget(self) -> QWidget: ...
    def value(self) -> Any: ...
    def show_value(self, value: Any) -> None: ...
    def on_edit(self, then: Callable[[], object]) -> None: ...


class LineEditor:
    """One line; numbers as typed, money in yuan."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.widget = QLineEdit()

    def value(self) -> Any:
        text = self.widget.text()
        if self.field.kind is Kind.ITEMS:
            return [part.strip() for part in text.replace("，", "、").split("、") if part.strip()]
        if self.field.kind is Kind.TEXT:
            return text or None
        return _number(text, 100 if self.field.kind is Kind.MONEY else 1)

    def show_value(self, value: Any) -> None:
        if value is None:
            self.widget.setText("")
        elif self.field.kind is Kind.MONEY:
            self.widget.setText(f"{value / 100:.2f}".removesuffix(".00") if value % 100 else str(value // 100))
        elif self.field.kind is Kind.ITEMS:
            self.widget.setText("、".join(str(part) for part in value))
        else:
            self.widget.setText(str(value))
        self.widget.setCursorPosition(0)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.widget.textEdited.connect(lambda _text: then())


class TextEditor:
    """A narrative of several lines."""

    def __init__(self, field: Field) -> None:
        self.widget = QPlainTextEdit()
        self.widget.setFixedHeight(px(84))
        self.widget.setTabChangesFocus(True)

    def value(self) -> Any:
        return self.widget.toPlainText() or None

    def show_value(self, value: Any) -> None:
        self.widget.setPlainText(value or "")
        self.widget.moveCursor(QTextCursor.MoveOperation.Start)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.widget.textChanged.connect(then)


class DayEditor:
    """A date that may be empty: the smallest date stands for none and is shown as a dash."""

    def __init__(self, field: Field) -> None:
        self.edit = QDateEdit()
        self.edit.setCalendarPopup(True)
        self.edit.setDisplayFormat("yyyy-MM-dd")
        self.edit.setMinimumDate(_NO_DATE)
        self.edit.setSpecialValueText("—")
        self.widget: QWidget = self.edit
        if field.optional:
            clear = tool_button("x", _("清空日期"), lambda: self.edit.setDate(_NO_DATE))
            self.widget = host(row((self.edit, 1), clear, spacing=2))
            self.widget.setFocusProxy(self.edit)

    def value(self) -> Any:
        chosen = self.edit.date()
        return None if chosen == _NO_DATE else dt.date(chosen.year(), chosen.month(), chosen.day())

    def show_value(self, value: Any) -> None:
        self.edit.setDate(QDate(value.year, value.month, value.day) if value else _NO_DATE)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.edit.dateChanged.connect(lambda _date: then())


class MomentEditor:
    """A date and time in Shanghai; now where nothing was told and something is needed."""

    def __init__(self, field: Field) -> None:
        self.widget = QDateTimeEdit()
        self.widget.setCalendarPopup(True)
        self.widget.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.widget.setTimeZone(_ZONE)
        self._optional = field.optional
        self.show_value(None)

    def value(self) -> Any:
        seconds = self.widget.dateTime().toSecsSinceEpoch()
        none = self._optional and self.widget.date() == _NO_DATE
        return None if none else dt.datetime.fromtimestamp(seconds, dt.UTC)

    def show_value(self, value: Any) -> None:
        if self._optional:
            self.widget.setMinimumDate(_NO_DATE)
            self.widget.setSpecialValueText("—")
        shown = value or (None if self._optional else dt.datetime.now(SHANGHAI))
        if shown is None:
            self.widget.setDateTime(QDateTime(_NO_DATE, self.widget.minimumTime(), _ZONE))
        else:
            self.widget.setDateTime(QDateTime.fromSecsSinceEpoch(int(shown.timestamp()), _ZONE))

    def on_edit(self, then: Callable[[], object]) -> None:
        self.widget.dateTimeChanged.connect(lambda _moment: then())


class ChoiceEditor:
    """One of the choices; yes, no or not told for a flag."""

    def __init__(self, field: Field) -> None:
        self.widget = QComboBox()
        self.widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if field.optional:
            self.widget.addItem("—", None)
        if field.kind is Kind.YES_NO:
            self.widget.addItem(_("是"), True)
            self.widget.addItem(_("否"), False)
        for choice in field.choices or ():
            self.widget.addItem(_(choice.label), choice)

    def value(self) -> Any:
        return self.widget.currentData()

    def show_value(self, value: Any) -> None:
        for place in range(self.widget.count()):
            if self.widget.itemData(place) == value:
                self.widget.setCurrentIndex(place)
                return
        self.widget.setCurrentIndex(0)

    def on_edit(self, then: Callable[[], object]) -> None:
        self.widget.activated.connect(lambda _place: then())


_EDITORS: dict[Kind, Callable[[Field], Editor]] = {
    Kind.LONG_TEXT: TextEditor,
    Kind.DAY: DayEditor,
    Kind.MOMENT: MomentEditor,
    Kind.CHOICE: ChoiceEditor,
    Kind.YES_NO: ChoiceEditor,
}


def editor_for(field: Field) -> Editor:
    """The editor of a field's kind."""
    return _EDITORS.get(field.kind, LineEditor)(field)


def _number(text: str, scale: int) -> Any:
    """The typed number in the field's unit; what is no number stays text, so that the check can name it."""
    plain = text.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    whole, _dot, part = plain.partition(".")
    digits = 2 if scale == 100 else 0
    if not whole.lstrip("-").isdecimal() or len(part) > digits or (part and not part.isdecimal()):
        return text
    return int(whole) * scale + int((part + "00")[:digits] or 0) * (-1 if whole.startswith("-") else 1)
