"""The lock screen: passphrase, quick unlock, or recovery code with a new passphrase.

It is the first thing painted, so it imports nothing but Qt's widgets and our light parts.
"""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from insuragent.i18n import _
from insuragent.ui.layout import column, host, row
from insuragent.ui.paragraphs import Notice
from insuragent.ui.passphrase import NewPassphrase, PassphraseField, Strength
from insuragent.ui.tokens import px
from insuragent.ui.widgets import IconLabel, button, card, label, set_property

#: Seconds to wait after the n-th wrong passphrase in a row; the last holds from then on.
DELAYS = (0, 0, 1, 2, 4, 8, 15, 30)


def delay_after(failures: int) -> int:
    """Seconds before another try after ``failures`` wrong ones in a row."""
    return 0 if failures < 1 else DELAYS[min(failures, len(DELAYS)) - 1]


class Doorway(QWidget):
    """A card in the middle of the window under the program's name: what both screens before the desk look like."""

    def __init__(self, width: int = 480) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setWindowTitle(_("保险管家"))
        # Custom widgets paint the style sheet's ground only with this.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._all: list[QWidget] = []
        self.step: QWidget | None = None
        self._width = width
        self._steps = column()
        self._card: QFrame = card(self._steps, margins=28)
        name = row(None, IconLabel("shield-check", "accent", size=30), label(_("保险管家"), "h1"), None, spacing=10)
        safe = label(_("资料只以加密形式保存在本机"), "cap")
        safe.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = row(None, self._card, None)
        self.setLayout(column(None, name, 14, middle, 6, safe, None, spacing=8, margins=20))

    def add_step(self, step: QWidget) -> QWidget:
        """Add what the card can show."""
        self._all.append(step)
        self._steps.addWidget(step)
        step.hide()
        return step

    def show_step(self, step: QWidget) -> None:
        """Show a step, and put the focus into its first field."""
        self.step = step
        for one in self._all:
            one.setVisible(one is step)
        fields = [field for field in step.findChildren(QLineEdit) if field.isEnabled()]
        if fields:
            fields[0].setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        self._card.setFixedWidth(min(px(self._width), max(240, self.width() - 40)))
        super().showEvent(event)


class UnlockScreen(Doorway):
    """Asks for the passphrase and tells it; whoever listens answers with :meth:`refuse`, or takes the screen away."""

    unlock_asked = Signal(str)
    quick_unlock_asked = Signal()
    recover_asked = Signal(str, str)  # recovery code, new passphrase

    def __init__(self, strength: Strength, *, who: str = "", quick: bool = False, minimum: int = 3) -> None:
        """``who`` is shown above the field; ``quick`` offers the system's key ring; for the rest see NewPassphrase."""
        super().__init__()
        self._failures = 0
        self._wait = 0
        self._busy = False
        self._said = Notice()
        self._caps = label(_("大写锁定已打开"), "cap", kind="warn")
        self._caps.hide()
        self.field = PassphraseField(_("口令"))
        self.field.caps_changed.connect(self._caps.setVisible)
        self.field.returnPressed.connect(self._ask)
        self.field.textChanged.connect(self._on_typed)
        self.open_button = button(_("解锁"), self._ask, icon="lock-open", kind="primary")
        self.quick_button = button(_("用系统钥匙串解锁"), self.quick_unlock_asked.emit, icon="fingerprint")
        self.quick_button.setVisible(quick)
        self._passphrase = self.add_step(self._make_passphrase_step(who))
        self._make_recovery_step(strength, minimum)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._on_second)
        self._show_state()
        self.show_step(self._passphrase)

    def refuse(self, message: str, advice: str = "") -> None:
        """Say why it stays shut; after some refusals the next try has to wait."""
        self._failures += 1
        self._busy = False
        self._wait = delay_after(self._failures)
        said = self._recovery_said if self.step is self._recovery else self._said
        said.setText("\n".join(filter(None, (message, advice))))
        set_property(self.field, "invalid", "true")
        self.field.selectAll()
        if self._wait:
            self._second.start()
        self._show_state()
        self.field.setFocus()

    def show_busy(self) -> None:
        """Show that the key is being derived."""
        self._busy = True
        self._show_state()

    def _make_passphrase_step(self, who: str) -> QWidget:
        lines = column(label(who or _("欢迎回来"), "h2"), label(_("请输入口令打开资料"), "muted"), 6, spacing=4)
        lost = button(_("忘记口令？使用恢复码"), lambda: self.show_step(self._recovery), kind="link")
        parts: tuple[QWidget, ...] = (self.field, self._caps, self._said)
        for part in parts:
            lines.addWidget(part)
        lines.addSpacing(4)
        lines.addWidget(self.open_button)
        lines.addWidget(self.quick_button)
        lines.addLayout(row(None, lost, None))
        return host(lines)

    def _make_recovery_step(self, strength: Strength, minimum: int) -> None:
        self.code = QLineEdit()
        self.code.setPlaceholderText(_("恢复码，横线可省略"))
        self.code.setAccessibleName(_("恢复码"))
        self.new = NewPassphrase(strength, minimum)
        self._recovery_said = Notice()
        self.recover_button = button(_("恢复并设置新口令"), self._recover, icon="key-round", kind="primary")
        self.new.changed.connect(lambda _good: self._show_state())
        self.new.submitted.connect(self._recover)
        self.code.textChanged.connect(lambda _text: self._show_state())
        back = button(_("返回"), lambda: self.show_step(self._passphrase), kind="link")
        words = label(_("初次设置时打印或抄写的那一组字符"), "muted", wrap=True)
        fields = column(self.code, self.new, spacing=10)
        head = column(label(_("用恢复码打开"), "h2"), words, spacing=4)
        lines = column(head, 6, fields, self._recovery_said, self.recover_button, row(None, back, None), spacing=4)
        self._recovery = self.add_step(host(lines))

    def _ask(self) -> None:
        if self.open_button.isEnabled():
            self.show_busy()
            self.unlock_asked.emit(self.field.text())

    def _recover(self) -> None:
        if self.recover_button.isEnabled():
            self.show_busy()
            self.recover_asked.emit(self.code.text().strip(), self.new.text)

    def _on_typed(self) -> None:
        set_property(self.field, "invalid", "false")
        self._show_state()

    def _on_second(self) -> None:
        self._wait -= 1
        if self._wait <= 0:
            self._second.stop()
        self._show_state()

    def _show_state(self) -> None:
        free = not self._busy and self._wait <= 0
        words = _("解锁")
        if self._busy:
            words = _("正在打开…")
        elif self._wait > 0:
            words = _("{seconds} 秒后可再试").format(seconds=self._wait)
        self.open_button.setText(f" {words}")
        self.open_button.setEnabled(free and bool(self.field.text()))
        self.quick_button.setEnabled(not self._busy)
        self.recover_button.setEnabled(free and bool(self.code.text().strip()) and bool(self.new.text))
