"""Settings: made of their declarations; passphrase and recovery code; backup and check-up; about."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from insuragent import __version__
from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.services import desk
from insuragent.settings import Setting, Settings
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolling
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.flow import Flow
from insuragent.ui.layout import column, form, form_row, host, row
from insuragent.ui.pages.base import Page
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.diagnostics import Diagnostics
from insuragent.ui.parts.keeping import Keeping
from insuragent.ui.parts.licences import show_licences
from insuragent.ui.passphrase import NewPassphrase, PassphraseField
from insuragent.ui.pdf_view import print_pdf
from insuragent.ui.shell import Context
from insuragent.ui.splits import Columns
from insuragent.ui.widgets import button, card, label, number_field

MOST = 10_000


class SettingsPage(Page):
    """Every declared setting that has a label, then the keys, then what this program is."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("设置"))
        self.editors: dict[str, QWidget] = {}
        rows = form()
        for setting in Settings.declared():
            if setting.label:
                self.editors[setting.name] = self._editor(setting)
                form_row(rows, _(setting.label), self.editors[setting.name])
        context.settings.listeners.append(self._on_setting_changed)
        self.destroyed.connect(partial(_forget, context.settings, self._on_setting_changed))
        self.diagnostics = Diagnostics(context)
        common = column(label(_("常用"), "h2"), rows, spacing=12)
        left = column(card(common), card(self._about()), None, spacing=12)
        right = column(
            card(self._keys()), card(column(Keeping(context))), card(column(self.diagnostics)), None, spacing=12
        )
        self.body.addWidget(scrolling(Columns(host(left), host(right))), 1)

    # --- the keys ------------------------------------------------------------------------------------------------

    def change_passphrase(self) -> None:
        """Let the new passphrase open the store instead of the old one."""
        if not self.new.text:
            self.said.setText(_("请把新口令输入两次，两次要一致，并且不能太弱"))
            return
        profile = self.context.desk.profile
        task = self.context.tasks.run_free(self, desk.change_passphrase, profile, self.old.text(), self.new.text)
        task.then(self._on_changed).failed(self._on_refused)

    def renew_recovery(self) -> None:
        """Make a new recovery code by the present passphrase, and print it; the old one no longer opens."""
        if not self.old.text():
            self.said.setText(_("请先输入现在的口令"))
            self.old.setFocus()
            return
        task = self.context.tasks.run_free(self, desk.renew_recovery, self.context.desk.profile, self.old.text())
        task.then(self._on_renewed).failed(self._on_refused)

    def _on_renewed(self, code: str) -> None:
        self.old.clear()
        self.said.setText("")
        words = _("请立即打印，与电脑分开存放。原来的恢复码已失效。")
        question = dialogs.Question(self, _("新的恢复码"), code, words)
        question.add_button(_("打印"), lambda: self._print_code(code), "primary")
        question.add_button(_("已保管好"), question.accept)
        question.open()

    def _print_code(self, code: str) -> None:
        page = desk.recovery_page(code)
        print_pdf(self.context.tasks, self, page, self.context.settings.printer).failed(self.complain)

    def _set_quick_unlock(self, tick: QCheckBox, on: bool) -> None:
        """The keyring first, the setting when it has agreed."""
        if on == self.context.settings.quick_unlock:
            return
        task = self.context.tasks.run_free(self, desk.set_quick_unlock, self.context.desk, on)
        task.then(lambda _done: setattr(self.context.settings, "quick_unlock", on)).failed(self.complain)
        task.ended(lambda: tick.setChecked(self.context.settings.quick_unlock))

    def _keys(self) -> QVBoxLayout:
        self.old = PassphraseField(_("现在的口令"))
        self.new = NewPassphrase(desk.judge)
        self.new.submitted.connect(self.change_passphrase)
        self.said = Notice()
        return column(
            label(_("口令"), "h2"),
            label(_("更换口令只改写密钥文件，资料不需要重新加密。"), "muted", wrap=True),
            self.old,
            self.new,
            self.said,
            Flow(
                button(_("更换口令"), self.change_passphrase, icon="key-round"),
                button(_("换发恢复码"), self.renew_recovery, icon="printer"),
            ),
            spacing=10,
        )

    def _on_changed(self, _done: object) -> None:
        self.old.clear()
        self.new.clear()
        self.said.setText("")
        self.say(_("口令已更换"))

    def _on_refused(self, error: InsuragentError) -> None:
        self.said.setText(error.with_advice(error.reason))

    # --- about ---------------------------------------------------------------------------------------------------

    def _about(self) -> QVBoxLayout:
        folder = str(self.context.desk.profile.folder) if self.context.desk is not None else ""
        return column(
            label(_("关于"), "h2"),
            label(_("保险管家 {version}　开源许可 Apache-2.0").format(version=__version__), "muted"),
            label(_("所用组件和字体的许可见随附的 THIRD-PARTY 文件。"), "muted", wrap=True),
            label(_("资料存放在 {folder}，已加密。").format(folder=folder), "cap", wrap=True),
            row(button(_("查看许可"), lambda: show_licences(self), icon="scale"), None),
            spacing=8,
        )

    # --- the declared settings -----------------------------------------------------------------------------------

    def _on_setting_changed(self, name: str) -> None:
        """Follow what was changed elsewhere, such as the theme by its shortcut."""
        editor = self.editors.get(name)
        value = getattr(self.context.settings, name)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(value), 0))
        elif isinstance(editor, QCheckBox):
            editor.setChecked(value)
        elif editor is not None and hasattr(editor, "setValue"):
            editor.setValue(value)

    def _editor(self, setting: Setting[Any]) -> QWidget:
        settings = self.context.settings
        value = getattr(settings, setting.name)
        if setting.choices is not None:
            combo = QComboBox()
            for choice, words in setting.choices.items():
                combo.addItem(_(words), choice)
            combo.setCurrentIndex(max(combo.findData(value), 0))
            combo.activated.connect(lambda _place: setattr(settings, setting.name, combo.currentData()))
            keep_wheel_away(combo)
            return combo
        if isinstance(value, bool):
            tick = QCheckBox()
            tick.setChecked(value)
            if setting.name == Settings.quick_unlock.name:
                tick.toggled.connect(lambda on: self._set_quick_unlock(tick, on))
            else:
                tick.toggled.connect(lambda on: setattr(settings, setting.name, on))
            return tick
        if isinstance(value, int):
            number = number_field(setting.low or 0, setting.high or MOST, value=value, unit=_(setting.unit))
            number.editingFinished.connect(lambda: setattr(settings, setting.name, number.value()))
            keep_wheel_away(number)
            return number
        line = QLineEdit(value)
        line.setPlaceholderText(_(setting.hint) if setting.hint else "")
        line.editingFinished.connect(lambda: setattr(settings, setting.name, line.text().strip()))
        return line


def _forget(settings: Settings, listener: Any, _gone: object = None) -> None:
    if listener in settings.listeners:
        settings.listeners.remove(listener)
