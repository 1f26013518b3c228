"""How a paper leaves the desk: the printer, the copies and the pages are asked for, or an encrypted copy is saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.services import papers
from insuragent.services.papers import Paper
from insuragent.ui import dialogs
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.layout import form, form_row, row
from insuragent.ui.pdf_view import page_sizes, print_pdf, printers
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, label

_MOST_COPIES = 20


class HandOut:
    """The way of one paper out of the desk: made by a use case, asked about, printed or saved, then told.

    Only what a printer took, or what lies in a file, enters the journal. ``then`` is called after that, ``failed``
    with what kept the paper from being made; by itself the note at the window's edge says so.
    """

    def __init__(
        self,
        context: Context,
        owner: QWidget,
        *,
        then: Callable[[], object] = lambda: None,
        failed: Callable[[InsuragentError], object] | None = None,
    ) -> None:
        self.context, self.owner, self._then = context, owner, then
        self._failed = failed or context.toaster.complain

    def begin(self, use_case: Callable[..., Paper], *arguments: Any) -> None:
        """Make the paper, and ask how it is to leave."""
        self.context.tasks.run(self.owner, use_case, *arguments).then(self._count).failed(self._failed)

    def _count(self, paper: Paper) -> None:
        task = self.context.tasks.run_free(self.owner, page_sizes, paper.data)
        task.then(lambda sizes: PrintDialog(self, paper, len(sizes)).open()).failed(self._failed)

    def print_out(self, paper: Paper, copies: int, pages: str) -> None:
        """Give it to the printer that the settings name; it is told once the printer took it."""
        run, printer = self.context.tasks.run, self.context.settings.printer
        task = print_pdf(self.context.tasks, self.owner, paper.data, printer, copies, pages)
        task.failed(self.context.toaster.complain)
        task.then(
            lambda _taken: (
                run(self.owner, papers.printed, paper, copies, pages)
                .then(lambda _told: self._on_printed(copies))
                .failed(self.context.toaster.complain)
            )
        )

    def save(self, paper: Paper, file: Path) -> None:
        """Save an encrypted copy and show its code, this once."""
        task = self.context.tasks.run(self.owner, papers.exported, paper, file)
        task.then(lambda code: self._on_saved(file, code)).failed(self.context.toaster.complain)

    def _on_printed(self, copies: int) -> None:
        self.context.toaster.show(_("已交给打印机，{n} 份").format(n=copies))
        self._then()

    def _on_saved(self, file: Path, code: str) -> None:
        title, words = _("加密副本已保存"), _("{name} 只能用下面的打开码打开。").format(name=file.name)
        advice = _("打开码只显示这一次，程序不保存。请当面告诉客户或让客户抄下，不要与文件一起发送。")
        shown = dialogs.Question(self.owner, title, words, advice, "ok")
        big = label(code, "h1")
        big.setObjectName("code")
        big.setAlignment(Qt.AlignmentFlag.AlignCenter)
        big.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        shown.add_body(big)
        shown.add_button(_("已告诉客户"), shown.accept, "primary")
        shown.finished.connect(lambda _result: self._then())
        shown.open()


class PrintDialog(dialogs.Question):
    """Printer, copies and pages; the printer and the copies are those of the last time."""

    def __init__(self, way: HandOut, paper: Paper, count: int) -> None:
        super().__init__(way.owner, _("打印"), _("{title}，共 {count} 页").format(title=paper.title, count=count))
        self._way, self._paper, self._count = way, paper, count
        settings = way.context.settings
        self.printer = QComboBox()
        self.printer.addItem(_("系统默认打印机"), "")
        for name in printers():
            self.printer.addItem(name, name)
        self.printer.setCurrentIndex(max(self.printer.findData(settings.printer), 0))
        self.copies = _number(1, _MOST_COPIES, settings.print_copies)
        self.first, self.last = _number(1, count, 1), _number(1, count, count)
        self.first.valueChanged.connect(self.last.setMinimum)
        keep_wheel_away(self.printer)
        rows = form()
        form_row(rows, _("打印机"), self.printer)
        form_row(rows, _("份数"), self.copies)
        form_row(rows, _("从第几页"), self.first)
        form_row(rows, _("到第几页"), self.last)
        self.add_body(rows)
        gone = settings.printer and self.printer.currentData() != settings.printer
        if gone:
            words = _("上次使用的打印机“{name}”现在不可用，请另选一台。").format(name=settings.printer)
            self.add_body(label(words, "error", wrap=True))
        self.add_body(row(button(_("另存加密副本…"), self.ask_file, icon="lock"), None))
        self.add_button(_("取消"), self.reject)
        self.add_button(_("打印"), self.print_out, "primary")

    @property
    def pages(self) -> str:
        """The pages asked for, such as "2-3"; empty for all."""
        first, last = self.first.value(), self.last.value()
        return "" if (first, last) == (1, self._count) else f"{first}-{last}"

    def print_out(self) -> None:
        """Remember printer and copies, and print."""
        settings = self._way.context.settings
        settings.printer, settings.print_copies = self.printer.currentData(), self.copies.value()
        self._way.print_out(self._paper, self.copies.value(), self.pages)
        self.accept()

    def ask_file(self) -> None:
        """Ask where the encrypted copy goes."""
        way, paper = self._way, self._paper
        self.reject()
        dialogs.save_file(way.owner, _("另存加密副本"), paper.file_name, "PDF (*.pdf)", lambda f: way.save(paper, f))


def _number(low: int, high: int, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    keep_wheel_away(made)
    return made
