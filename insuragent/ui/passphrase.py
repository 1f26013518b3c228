"""Fields for passphrases: one to type it, and a pair to choose a new one with its strength."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QProgressBar, QWidget

from insuragent.i18n import N_, _
from insuragent.ui import icons
from insuragent.ui.layout import column
from insuragent.ui.lines import put_inside
from insuragent.ui.tokens import px
from insuragent.ui.widgets import label, set_property

#: Scores the passphrase from 0 to 4 and says in words how to better it ("" when it is good).
Strength = Callable[[str], tuple[int, str]]
LEVELS = (
    ("bad", N_("太弱")),
    ("bad", N_("弱")),
    ("warn", N_("一般")),
    ("ok", N_("强")),
    ("ok", N_("很强")),
)


class PassphraseField(QLineEdit):
    """A line whose text is hidden until its eye is pressed. ``caps_changed`` tells whether Caps Lock seems on."""

    caps_changed = Signal(bool)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMinimumHeight(px(34))
        self._eye = put_inside(self, "eye", _("显示口令"))
        self._eye.triggered.connect(lambda: self.show_text(self.echoMode() == QLineEdit.EchoMode.Password))
        self.show_text(False)

    def show_text(self, shown: bool) -> None:
        """Show or hide what is typed."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._eye.setIcon(icons.icon("eye-off" if shown else "eye", "text3"))
        self._eye.setText(_("隐藏口令") if shown else _("显示口令"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        if len(typed) == 1 and typed.isascii() and typed.isalpha():
            # Qt does not tell the state of Caps Lock; a capital without Shift does.
            shift = bool(event.modifiers() & event.modifiers().ShiftModifier)
            self.caps_changed.emit(typed.isupper() != shift)
        super().keyPressEvent(event)


class NewPassphrase(QWidget):
    """Choose a passphrase: typed twice, alike, and of at least ``minimum`` (0 to 4) by ``strength``."""

    changed = Signal(bool)  # whether it can be taken
    submitted = Signal()

    def __init__(self, strength: Strength, minimum: int = 3) -> None:
        super().__init__()
        self._strength, self._minimum = strength, minimum
        self._score = 0
        self.first = PassphraseField(_("新口令"))
        self.second = PassphraseField(_("再输入一次"))
        self._meter = QProgressBar()
        self._meter.setRange(0, len(LEVELS))
        self._meter.setTextVisible(False)
        self._meter.setAccessibleName(_("口令强度"))
        self._words = label("", "cap", wrap=True)
        self._words.setMinimumHeight(px(34))
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(self.first, self.second, self._meter, self._words, spacing=10))
        # Scoring takes some milliseconds: it waits until typing pauses.
        self._pause = QTimer(self, singleShot=True, interval=120)
        self._pause.timeout.connect(self._judge)
        for field in (self.first, self.second):
            field.textChanged.connect(lambda _text: self._pause.start())
            field.returnPressed.connect(self._on_return)
        self._judge()

    @property
    def text(self) -> str:
        """The passphrase when it can be taken, else empty."""
        same = self.first.text() == self.second.text()
        return self.first.text() if same and self._score >= self._minimum else ""

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()
        self._judge()

    def _on_return(self) -> None:
        self._judge()
        if self.text:
            self.submitted.emit()
        elif self.first.hasFocus():
            self.second.setFocus()

    def _judge(self) -> None:
        self._pause.stop()
        typed = self.first.text()
        self._score, advice = self._strength(typed) if typed else (0, "")
        kind, level = LEVELS[self._score]
        self._meter.setValue(self._score + 1 if typed else 0)
        set_property(self._meter, "kind", kind)
        set_property(self._words, "kind", kind if typed else "")
        self._words.setText(self._said(typed, _(level), advice))
        self.changed.emit(bool(self.text))

    def _said(self, typed: str, level: str, advice: str) -> str:
        if not typed:
            return _("建议用四个以上互不相关的词组成，便于记忆也难以猜中。")
        if self._score < self._minimum:
            return _("口令{level}。{advice}").format(level=level, advice=advice)
        if self.second.text() and self.second.text() != typed:
            return _("两次输入不一致")
        return _("口令{level}").format(level=level)
