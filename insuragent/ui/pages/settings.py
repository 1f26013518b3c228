"""Settings: made of their declarations; passphrase and recovery code; about."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from insuragent import __version__
from insuragent.errors import InsuragentError, ValidationError
from insuragent.i18n import _
from insuragent.services import desk
from insuragent.settings import Setting, Settings
from insuragent.ui.layout import column, form, form_row, row
from insuragent.ui.pages.base import Page
from insuragent.ui.passphrase import NewPassphrase, PassphraseField
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, card, label, number_field, scrolled


class SettingsPage(Page):
    """Every declared setting that has a label, then the keys, then what this program is."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("设置"))
        rows = form()
        for setting in Settings.declared():
            if setting.label:
                form_row(rows, _(setting.label), self._editor(setting))
        self.old = PassphraseField(_("现在的口令"))
        self.new = NewPassphrase(desk.judge)
        self.said = label("", "error", wrap=True)
        change = button(_("更换口令"), self.change_passphrase, icon="key-round")
        keys = column(
            label(_("口令"), "h2"),
            label(_("更换口令只改写密钥文件，资料不需要重新加密。"), "muted", wrap=True),
            self.old,
            self.new,
            self.said,
            row(change, None),
            spacing=10,
        )
        about = column(
            label(_("关于"), "h2"),
            label(_("保险管家 {version}　开源许可 Apache-2.0").format(version=__version__), "muted"),
            label(_("所用组件和字体的许可见随附的 THIRD-PARTY 文件。"), "muted", wrap=True),
            label(_("资料存放在 {folder}，已加密。").format(folder=self._folder()), "cap", wrap=True),
            spacing=6,
        )
        left = column(card(column(label(_("常用"), "h2"), rows, spacing=12)), None)
        right = column(card(keys), card(about), None, spacing=12)
        self.body.addWidget(scrolled(row((left, 1), (right, 1), spacing=12)), 1)

    def change_passphrase(self) -> None:
        """Let the new passphrase open the store instead of the old one."""
        profile = self.context.desk.profile
        task = self.context.tasks.run_free(self, desk.change_passphrase, profile, self.old.text(), self.new.text)
        task.then(self._on_changed).failed(self._on_refused)

    def _on_changed(self, _done: object) -> None:
        self.old.clear()
        self.said.setText("")
        self.say(_("口令已更换"))

    def _on_refused(self, error: InsuragentError) -> None:
        words = "；".join(error.problems.values()) if isinstance(error, ValidationError) else str(error)
        self.said.setText("\n".join(filter(None, (words, error.advice))))

    def _folder(self) -> str:
        return str(self.context.desk.profile.folder) if self.context.desk is not None else ""

    def _editor(self, setting: Setting[Any]) -> QWidget:
        settings = self.context.settings
        value = getattr(settings, setting.name)
        if setting.choices is not None:
            combo = QComboBox()
            for choice, words in setting.choices.items():
                combo.addItem(_(words), choice)
            combo.setCurrentIndex(max(combo.findData(value), 0))
            combo.activated.connect(lambda _place: setattr(settings, setting.name, combo.currentData()))
            return combo
        if isinstance(value, bool):
            tick = QCheckBox()
            tick.setChecked(value)
            tick.toggled.connect(lambda on: setattr(settings, setting.name, on))
            return tick
        if isinstance(value, int):
            unit = f" {_(setting.unit)}" if setting.unit else ""
            number = number_field(setting.low or 0, setting.high or 10_000, value=value, unit=unit)
            number.editingFinished.connect(lambda: setattr(settings, setting.name, number.value()))
            return number
        line = QLineEdit(value)
        line.editingFinished.connect(lambda: setattr(settings, setting.name, line.text().strip()))
        return line
