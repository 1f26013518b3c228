"""Layouts in one line: rows, columns and form rows."""

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFormLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from insuragent.ui.tokens import px

#: A field of a form is so wide at least, in pixels at 100 %: a date with its time can be read in it.
_FIELD = 168
#: A widget, a layout, a gap in pixels, a stretch (None), or (widget or layout, stretch factor).
Item = QWidget | QLayout | int | None | tuple[QWidget | QLayout, int]
Margins = int | tuple[int, int, int, int]
B = TypeVar("B", bound=QBoxLayout)


def row(*items: Item, spacing: int = 8, margins: Margins = 0) -> QHBoxLayout:
    """The items side by side; ``margins`` are left, top, right and bottom, in pixels."""
    return _filled(QHBoxLayout(), items, spacing, margins)


def column(*items: Item, spacing: int = 8, margins: Margins = 0) -> QVBoxLayout:
    """The items one below the other; ``margins`` are left, top, right and bottom, in pixels."""
    return _filled(QVBoxLayout(), items, spacing, margins)


class Form(QFormLayout):
    """Labels stand right-aligned before fields that grow; where a field would be too narrow, all stand above theirs."""

    def setGeometry(self, rect: QRect) -> None:
        fits = rect.width() >= self._side_by_side()
        self.setRowWrapPolicy(Form.RowWrapPolicy.DontWrapRows if fits else Form.RowWrapPolicy.WrapAllRows)
        super().setGeometry(rect)

    def hasHeightForWidth(self) -> bool:
        """Yes: a form that scrolls gives its fields the height that they wish, not the least."""
        return True

    def minimumSize(self) -> QSize:
        return QSize(max(self._wide(Form.ItemRole.LabelRole), self._field()), super().minimumSize().height())

    def _side_by_side(self) -> int:
        return self._wide(Form.ItemRole.LabelRole) + self.horizontalSpacing() + self._field()

    def _field(self) -> int:
        return max(px(_FIELD), self._wide(Form.ItemRole.FieldRole), self._wide(Form.ItemRole.SpanningRole))

    def _wide(self, role: QFormLayout.ItemRole) -> int:
        """What the widest part of a role needs; a label all its words."""
        shown = [item for at in range(self.rowCount()) if (item := self.itemAt(at, role)) and not item.isEmpty()]
        label = role is Form.ItemRole.LabelRole
        return max(((item.sizeHint() if label else item.minimumSize()).width() for item in shown), default=0)


def form(*, margins: Margins = 0) -> QFormLayout:
    """An empty form."""
    made = Form()
    made.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setHorizontalSpacing(14)
    made.setVerticalSpacing(11)
    set_margins(made, margins)
    return made


def form_row(form: QFormLayout, label: str, field: QWidget, *, hint: str = "") -> QLabel:
    """Add a labelled field; the label is its buddy and names it for screen readers. Returns the label."""
    shown = QLabel(label)
    shown.setProperty("role", "muted")
    shown.setBuddy(field)
    field.setAccessibleName(plain(label))
    field.setAccessibleDescription(hint)
    form.addRow(shown, field)
    return shown


def plain(label: str) -> str:
    """``label`` without its mnemonic: "姓名(&N)" and "&Name" are 姓名 and Name."""
    if label.endswith(")") and "(&" in label:
        return label[: label.rindex("(&")].strip()
    return label.replace("&", "")


def host(layout: QLayout, role: str = "") -> QWidget:
    """A widget that holds ``layout``, styled by its ``role`` in the style sheet."""
    widget = QWidget()
    widget.setProperty("role", role)
    widget.setLayout(layout)
    return widget


def _filled(box: B, items: Iterable[Item], spacing: int, margins: Margins) -> B:
    box.setSpacing(spacing)
    set_margins(box, margins)
    for item in items:
        thing, stretch = item if isinstance(item, tuple) else (item, 0)
        if thing is None:
            box.addStretch(1)
        elif isinstance(thing, int):
            box.addSpacing(thing)
        elif isinstance(thing, QWidget):
            box.addWidget(thing, stretch)
        else:
            box.addLayout(thing, stretch)
    return box


def empty(box: QLayout) -> None:
    """Take every widget out of a layout, and let it go."""
    while (item := box.takeAt(0)) is not None:
        old = item.widget()
        if old is not None:
            old.hide()
            old.deleteLater()


def set_margins(layout: QLayout, margins: Margins) -> None:
    """Left, top, right and bottom, or all four alike, in pixels."""
    left, top, right, bottom = (margins,) * 4 if isinstance(margins, int) else margins
    layout.setContentsMargins(left, top, right, bottom)
