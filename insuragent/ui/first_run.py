"""The first start: choose a passphrase, then keep the recovery code on paper."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from insuragent.i18n import _
from insuragent.ui.clipboard import SecretClipboard
from insuragent.ui.layout import column, host, row
from insuragent.ui.paragraphs import ClickableWords, Notice
from insuragent.ui.passphrase import NewPassphrase, Strength
from insuragent.ui.unlock import Doorway
from insuragent.ui.widgets import Banner, button, label

GROUPS_A_LINE = 3


class FirstRunScreen(Doorway):
    """Asks for a new passphrase (``passphrase_chosen``); shows its recovery code; ends with ``finished``."""

    passphrase_chosen = Signal(str)
    finished = Signal()

    def __init__(
        self,
        strength: Strength,
        *,
        print_code: Callable[[str], object],
        minimum: int = 3,
        clipboard_seconds: int = 60,
    ) -> None:
        """``print_code`` prints the recovery code; it leaves the clipboard after ``clipboard_seconds``."""
        super().__init__()
        self._print_code = print_code
        self._code = ""
        self._clipboard = SecretClipboard(self, clipboard_seconds)
        self.new = NewPassphrase(strength, minimum)
        self.choose_button = button(_("下一步"), self._choose, icon="arrow-right", kind="primary")
        self.choose_button.setEnabled(False)
        self.new.changed.connect(self.choose_button.setEnabled)
        self.new.submitted.connect(self._choose)
        self._said = Notice()
        self._choosing = self.add_step(
            host(
                column(
                    label(_("设置口令"), "h2"),
                    label(_("口令用来加密本机的全部资料。任何人，包括总公司，都不能替您看到它。"), "muted", wrap=True),
                    6,
                    self.new,
                    self._said,
                    self.choose_button,
                    spacing=8,
                )
            )
        )
        self._keeping = self.add_step(self._make_keeping_step())
        self.show_step(self._choosing)

    def refuse(self, message: str, advice: str = "") -> None:
        """Say why the store could not be made, and let the person try again."""
        self._said.setText("\n".join(filter(None, (message, advice))))
        self.choose_button.setEnabled(bool(self.new.text))

    def show_recovery_code(self, code: str) -> None:
        """Show the code, its groups parted by hyphens, until the person has it on paper."""
        self._code = code
        groups = code.split("-")
        lines = [groups[start : start + GROUPS_A_LINE] for start in range(0, len(groups), GROUPS_A_LINE)]
        self._shown.setText("\n".join("   ".join(line) for line in lines))
        self._shown.setAccessibleName(_("恢复码 {code}").format(code=" ".join(code)))
        self.new.clear()
        self.show_step(self._keeping)
        self._kept.setFocus()

    def _make_keeping_step(self) -> QWidget:
        self._shown = label("", "code")
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._shown.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._note = Notice("cap")
        words = _("我已打印或抄写恢复码，并与电脑分开保管")
        self._kept = QCheckBox()
        self._kept.setAccessibleName(words)
        self.finish_button = button(_("开始使用"), self._finish, icon="check", kind="primary")
        self.finish_button.setEnabled(False)
        self._kept.toggled.connect(self.finish_button.setEnabled)
        return host(
            column(
                label(_("保存恢复码"), "h2"),
                Banner(_("忘记口令时，只有恢复码能打开资料。它只显示这一次。"), "warn"),
                self._shown,
                row(
                    button(_("打印"), lambda: self._print_code(self._code), icon="printer"),
                    button(_("复制"), self._copy, icon="copy"),
                    None,
                ),
                self._note,
                row(self._kept, (ClickableWords(words, self._kept.click), 1)),
                self.finish_button,
                spacing=12,
            )
        )

    def _choose(self) -> None:
        if self.new.text:
            self.choose_button.setEnabled(False)
            self._said.clear()
            self.passphrase_chosen.emit(self.new.text)

    def _copy(self) -> None:
        self._clipboard.copy(self._code)
        self._note.setText(_("已复制，{seconds} 秒后自动清除").format(seconds=self._clipboard.seconds))

    def _finish(self) -> None:
        self._clipboard.clear()
        self._code = ""
        self._shown.clear()
        self.finished.emit()
