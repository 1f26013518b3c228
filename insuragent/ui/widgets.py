"""The small parts that every page is made of; their looks are in resources/theme.qss."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from insuragent.ui import icons
from insuragent.ui.areas import area_of
from insuragent.ui.layout import Margins, column, plain, row
from insuragent.ui.paragraphs import Paragraph
from insuragent.ui.tokens import color, font, px

KIND_ICONS = {"accent": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
TONES = {"primary": "on_accent", "danger": "on_accent", "link": "accent"}


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet looks at, and show its look at once."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def label(text: str = "", role: str = "", *, kind: str = "", wrap: bool = False) -> QLabel:
    """A label in the style of ``role``: h1, h2, muted, cap, error, kpi, code, key or none."""
    if wrap:
        made: QLabel = Paragraph(text, role)
    else:
        made = QLabel(text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        made.setProperty("role", role)
    made.setProperty("kind", kind)
    return made


class ShortLabel(QLabel):
    """A line that is cut with an ellipsis where there is no room for it; the whole of it is its tool tip."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumWidth(1)
        self.setProperty("role", role)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        short = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter, self.contentsRect(), int(self.alignment()), self.palette(), True, short, self.foregroundRole()
        )


def chip(text: str, kind: str = "neutral") -> QLabel:
    """A short state in the colours of ``kind``."""
    made = label(text, "chip", kind=kind)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


def button(
    text: str, clicked: Callable[[], object] | None = None, *, icon: str = "", kind: str = "", pen: bool = False
) -> QPushButton:
    """A push button; ``kind`` is primary, danger, link or plain; for a ``pen`` or a finger it is 44 pixels high."""
    made = QPushButton(f" {text}" if icon and text else text)
    made.setProperty("kind", kind)
    made.setProperty("target", "pen" if pen else "")
    made.setAutoDefault(False)
    made.setAccessibleName(plain(text))
    if icon:
        made.setIcon(icons.icon(icon, TONES.get(kind, "text2")))
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def tool_button(icon: str, tip: str, clicked: Callable[[], object] | None = None) -> QToolButton:
    """A button of an icon alone; ``tip`` is shown on hover and read by screen readers."""
    made = QToolButton()
    made.setProperty("role", "tool")
    made.setIcon(icons.icon(icon))
    made.setToolTip(tip)
    made.setAccessibleName(plain(tip))
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def rule() -> QFrame:
    """A hairline across."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def card(content: QLayout | None = None, *, margins: Margins = 16) -> QFrame:
    """A raised surface that holds ``content``, or an empty column."""
    made = QFrame()
    made.setProperty("role", "card")
    layout = content or column()
    sides = (margins,) * 4 if isinstance(margins, int) else margins
    layout.setContentsMargins(*sides)
    made.setLayout(layout)
    return made


class IconLabel(QWidget):
    """An icon, plain or on a soft tile of its kind."""

    def __init__(self, icon: str, tint: str = "text2", *, size: int = 18, tile: int = 0) -> None:
        super().__init__()
        self._icon, self._tint, self._size, self._tile = icon, tint, size, tile
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_icon(self, icon: str, tint: str) -> None:
        """Show another icon."""
        self._icon, self._tint = icon, tint
        self.update()

    def sizeHint(self) -> QSize:
        side = px(self._tile or self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._tile:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(f"{self._tint}_soft"))
            painter.drawRoundedRect(self.rect(), px(9), px(9))
        side = px(self._size)
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        icons.paint(painter, self._icon, place, self._tint)


class Avatar(QWidget):
    """The first character of a name on a soft disc."""

    def __init__(self, name: str = "", *, size: int = 46, kind: str = "accent") -> None:
        super().__init__()
        self._size, self._kind = size, kind
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_name(name)

    def show_name(self, name: str) -> None:
        """Show another name's character."""
        self._character = name[:1]
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(self._size), px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(f"{self._kind}_soft"))
        painter.drawEllipse(self.rect())
        painter.setPen(color(self._kind))
        painter.setFont(font(self._size * 0.42, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._character)


class KpiCard(QFrame):
    """One figure of the day: icon, name, value and a line below; may lead somewhere."""

    clicked = Signal()

    def __init__(self, title: str, icon: str, kind: str = "accent", *, clickable: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setProperty("clickable", "true" if clickable else "false")
        self._title = title
        self._clickable = clickable
        self._value = label("–", "kpi")
        self._note = label("", "cap")
        self.setLayout(
            column(
                row(IconLabel(icon, kind, size=20, tile=36), label(title, "muted"), None),
                4,
                self._value,
                self._note,
                spacing=4,
                margins=16,
            )
        )
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_value("–")

    def show_value(self, value: str, note: str = "", *, kind: str = "") -> None:
        """Show a value, and a note below in the colour of ``kind``."""
        self._value.setText(value)
        self._note.setText(note)
        set_property(self._note, "kind", kind)
        self.setAccessibleName(f"{self._title} {value}")
        self.setAccessibleDescription(note)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._clickable and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, a sentence and what to do; the icon goes where room is short."""

    def __init__(self, icon: str, sentence: str, action: str = "", then: Callable[[], object] | None = None) -> None:
        super().__init__()
        center = Qt.AlignmentFlag.AlignCenter
        self._sentence = label(sentence, "muted", wrap=True)
        self._sentence.setAlignment(center)
        self._picture = IconLabel(icon, "accent", size=30, tile=64)
        self._area: QScrollArea | None = None
        box = self._box = column(None, self._picture, self._sentence, spacing=10, margins=(24, 12, 24, 12))
        box.setAlignment(self._picture, center)
        if action:
            self.action = button(action, then, kind="primary")
            box.addWidget(self.action, 0, center)
        box.addStretch(1)
        self.setLayout(box)

    def show_sentence(self, sentence: str) -> None:
        """Show another sentence, such as "nothing found"."""
        self._sentence.setText(sentence)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._area is None and (area := area_of(self)):
            self._area = area
            area.viewport().installEventFilter(self)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() - QSize(0, self._whole() if not self._picture.isHidden() else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def _fit(self) -> None:
        """Rather the words alone than an icon that pushes them out of sight.

        In an area, as if it scrolled: an icon that went because of the bar would take the bar along, and come back.
        """
        room, width = self.height(), self.width()
        if self._area:
            room = min(room, self._area.viewport().height())
            width = self._area.width() - self._area.verticalScrollBar().sizeHint().width()
        words = self.heightForWidth(width) - (self._whole() if not self._picture.isHidden() else 0)
        self._picture.setVisible(room >= words + self._whole())

    def _whole(self) -> int:
        """How high the picture is with the room below it."""
        return self._picture.sizeHint().height() + self._box.spacing()


def banner(content: QLayout, kind: str = "") -> QFrame:
    """A framed line that holds ``content``, in the colours of ``kind``."""
    made = QFrame()
    made.setProperty("role", "banner")
    made.setProperty("kind", kind)
    made.setLayout(content)
    return made


class Banner(QFrame):
    """A state that stays until it is mended: an icon, a sentence, perhaps an action."""

    def __init__(
        self, text: str, kind: str = "warn", action: str = "", then: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setProperty("kind", kind)
        self.text = text
        line = label(text, wrap=True)
        layout = row(IconLabel(KIND_ICONS[kind], kind), (line, 1), spacing=10, margins=(12, 8, 8, 8))
        if action:
            layout.addWidget(button(action, then, kind="link"))
        self.setLayout(layout)
        self.setAccessibleName(text)


def number_field(low: int, high: int, *, value: int = 0, unit: str = "") -> QSpinBox:
    """A field for a whole number from ``low`` to ``high``, with its unit behind it."""
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setSuffix(f" {unit}" if unit else "")
    # Qt leaves the style sheet's padding out of a spin box's own line.
    made.lineEdit().setTextMargins(px(8), 0, 0, 0)
    return made


class Segments(QWidget):
    """Buttons of which one is chosen: day, week, month."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], chosen: str = "") -> None:
        """``choices`` are (value, label); ``name`` is what is chosen, for screen readers."""
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for index, (value, text) in enumerate(choices):
            made = QToolButton()
            made.setText(text)
            made.setCheckable(True)
            made.setChecked(value == (chosen or choices[0][0]))
            made.setProperty("role", "segment")
            made.setProperty("place", _place(index, len(choices)))
            made.setAccessibleName(f"{name} {text}")
            made.clicked.connect(lambda _checked=False, value=value: self.chosen.emit(value))
            group.addButton(made)
            layout.addWidget(made)
            self._buttons[value] = made

    @property
    def value(self) -> str:
        """The chosen value."""
        return next(value for value, made in self._buttons.items() if made.isChecked())

    def choose(self, value: str) -> None:
        """Choose without telling. Raises KeyError for no such value."""
        self._buttons[value].setChecked(True)


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return {0: "first", count - 1: "last"}.get(index, "middle")
