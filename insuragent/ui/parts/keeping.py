"""Keeping the records safe: backups, and what a restore needs."""

from typing import Any

from PySide6.QtWidgets import QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_moment
from insuragent.services import backups
from insuragent.services.backups import Backup
from insuragent.ui import dialogs
from insuragent.ui.flow import Flow
from insuragent.ui.layout import column
from insuragent.ui.paragraphs import Notice
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, label

_MEGABYTE = 1024 * 1024


class Keeping(QWidget):
    """Backup now, and a backup elsewhere."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.said = Notice("muted")
        self.problem = Notice()
        self.buttons = [
            button(_("立即备份"), self.back_up, icon="save", kind="primary"),
            button(_("备份到…"), self.ask_folder, icon="usb"),
        ]
        words = _(
            "每天自动备份一次，保留最近七份；备份同样加密，用口令打开。恢复时在新的资料夹中运行 insuragent restore。"
        )
        self.setLayout(
            column(
                label(_("备份"), "h2"),
                label(words, "muted", wrap=True),
                Flow(*self.buttons),
                self.said,
                self.problem,
                spacing=10,
            )
        )

    def back_up(self, folder: Any = None) -> None:
        """Back up into the profile's own folder, or into another."""
        self._run(backups.make, self.context.desk, folder, then=self._on_backup)

    def ask_folder(self) -> None:
        """Ask where to, such as a USB stick."""
        dialogs.choose_folder(self, _("备份到"), self.back_up)

    def _run(self, function: Any, *arguments: Any, then: Any) -> None:
        for one in self.buttons:
            one.setEnabled(False)
        self.problem.clear()
        task = self.context.tasks.run_free(self, function, *arguments)
        task.then(then).failed(self._on_failed).ended(self._on_ended)

    def _on_ended(self) -> None:
        for one in self.buttons:
            one.setEnabled(True)

    def _on_failed(self, error: InsuragentError) -> None:
        self.said.clear()
        self.problem.setText(error.with_advice())

    def _on_backup(self, made: Backup) -> None:
        size = max(made.size / _MEGABYTE, 0.1)
        self.said.setText(
            _("已备份 {moment}：{name}，{entries} 条留痕，{size:.1f} MB").format(
                moment=format_moment(made.made_at), name=made.file.name, entries=f"{made.entries:,}", size=size
            )
        )
