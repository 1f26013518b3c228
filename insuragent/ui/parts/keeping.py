"""Keeping the records safe: backups, the check-up of store and journal, and what a restore needs."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_moment
from insuragent.services import backups, checkup
from insuragent.services.backups import Backup
from insuragent.services.checkup import Check
from insuragent.ui import dialogs
from insuragent.ui.layout import column, row
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.shell import Context
from insuragent.ui.widgets import IconLabel, button, label

_MEGABYTE = 1024 * 1024


class Keeping(QWidget):
    """Backup now, a backup elsewhere, and a check-up whose findings are listed."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.said = label("", "muted", wrap=True)
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        self.findings: QVBoxLayout = column(spacing=8)
        self.buttons = [
            button(_("立即备份"), self.back_up, icon="save", kind="primary"),
            button(_("备份到…"), self.ask_folder, icon="usb"),
            button(_("体检"), self.check_up, icon="heart-pulse"),
        ]
        words = _(
            "每天自动备份一次，保留最近七份；备份同样加密，用口令打开。恢复时在新的资料夹中运行 insuragent restore。"
        )
        self.setLayout(
            column(
                label(_("备份与体检"), "h2"),
                label(words, "muted", wrap=True),
                row(*self.buttons, None),
                self.said,
                self.problem,
                self.findings,
                spacing=10,
            )
        )

    def back_up(self, folder: Any = None) -> None:
        """Back up into the profile's own folder, or into another."""
        self._run(backups.make, self.context.desk, folder, then=self._on_backup)

    def ask_folder(self) -> None:
        """Ask where to, such as a USB stick."""
        dialogs.choose_folder(self, _("备份到"), self.back_up)

    def check_up(self) -> None:
        """Look over the program, the folder, the store and the journal."""
        self.said.setText(_("正在检查…"))
        self._run(_look_over, self.context.desk, then=self._on_checked)

    def _run(self, function: Any, *arguments: Any, then: Any) -> None:
        for one in self.buttons:
            one.setEnabled(False)
        self.problem.hide()
        task = self.context.tasks.run_free(self, function, *arguments)
        task.then(then).failed(self._on_failed).ended(self._on_ended)

    def _on_ended(self) -> None:
        for one in self.buttons:
            one.setEnabled(True)

    def _on_failed(self, error: InsuragentError) -> None:
        self.said.clear()
        self.problem.setText("\n".join(filter(None, (str(error), error.advice))))
        self.problem.show()

    def _on_backup(self, made: Backup) -> None:
        size = max(made.size / _MEGABYTE, 0.1)
        self.said.setText(
            _("已备份 {moment}：{name}，{entries} 条留痕，{size:.1f} MB").format(
                moment=format_moment(made.made_at), name=made.file.name, entries=f"{made.entries:,}", size=size
            )
        )

    def _on_checked(self, found: list[Check]) -> None:
        unsound = sum(not check.sound for check in found)
        self.said.setText(_("{n} 项需要处理").format(n=unsound) if unsound else _("全部正常"))
        refill(self.findings, [_finding(check) for check in found])


def _look_over(desk: Any) -> list[Check]:
    return [*checkup.program(), *checkup.folder(desk.profile), *checkup.desk(desk)]


def _finding(check: Check) -> QWidget:
    icon = IconLabel("circle-check" if check.sound else "circle-alert", "ok" if check.sound else "bad")
    icon.setAccessibleName(_("正常") if check.sound else _("需要处理"))
    return line(check.name, check.detail, before=[icon], error=not check.sound)
