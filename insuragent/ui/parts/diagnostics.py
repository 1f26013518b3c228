"""Diagnostics: what the doctor finds, and a log for technical support that names nobody."""

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from insuragent.i18n import _
from insuragent.services import checkup
from insuragent.services.checkup import Check
from insuragent.services.desk import Desk
from insuragent.ui import dialogs
from insuragent.ui.flow import Flow
from insuragent.ui.layout import column
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.shell import Context
from insuragent.ui.widgets import IconLabel, button, label


class Diagnostics(QWidget):
    """A check-up whose findings are listed, and the export of them with the log."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.said = Notice("muted")
        self.findings: QVBoxLayout = column(spacing=8)
        self.buttons = [
            button(_("体检"), self.check_up, icon="heart-pulse"),
            button(_("导出日志…"), self.ask_file, icon="download"),
        ]
        words = _("体检查看程序、资料文件、操作日志、附件和备份。导出的日志供技术支持使用，不含客户资料。")
        self.setLayout(
            column(
                label(_("诊断"), "h2"),
                label(words, "muted", wrap=True),
                Flow(*self.buttons),
                self.said,
                self.findings,
                spacing=10,
            )
        )

    def check_up(self) -> None:
        """Look over the program, the folder, the store and the journal."""
        self._run(_look_over, self.context.desk, then=self._on_checked)

    def ask_file(self) -> None:
        """Ask where the log goes."""
        dialogs.save_file(self, _("导出日志"), "insuragent-log.txt", "*.txt", self.export)

    def export(self, target: Path) -> None:
        """Write findings and log for technical support."""
        self._run(
            _export,
            self.context.desk,
            target,
            then=lambda _done: self.said.setText(_("已导出 {name}").format(name=target.name)),
        )

    def _run(self, function: Any, *arguments: Any, then: Any) -> None:
        self.said.setText(_("正在检查…"))
        for one in self.buttons:
            one.setEnabled(False)
        task = self.context.tasks.run_free(self, function, *arguments)
        task.then(then).failed(self._on_failed).ended(self._on_ended)

    def _on_failed(self, error: Any) -> None:
        self.said.clear()
        self.context.toaster.complain(error)

    def _on_ended(self) -> None:
        for one in self.buttons:
            one.setEnabled(True)

    def _on_checked(self, found: list[Check]) -> None:
        unsound = sum(not check.sound for check in found)
        self.said.setText(_("{n} 项需要处理").format(n=unsound) if unsound else _("全部正常"))
        refill(self.findings, [_finding(check) for check in found])


def _look_over(desk: Desk) -> list[Check]:
    return [*checkup.program(), *checkup.folder(desk.profile), *checkup.desk(desk)]


def _export(desk: Desk, target: Path) -> None:
    checkup.export_log(desk.profile, _look_over(desk), target)


def _finding(check: Check) -> QWidget:
    icon = IconLabel("circle-check" if check.sound else "circle-alert", "ok" if check.sound else "bad")
    icon.setAccessibleName(_("正常") if check.sound else _("需要处理"))
    return line(check.name, check.detail, before=[icon], error=not check.sound)
