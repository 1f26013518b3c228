"""Take a list of customers over from a file: choose it, say what each column means, look, and take."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHeaderView, QStackedWidget, QTableWidget, QTableWidgetItem, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _, listed
from insuragent.models import Customer
from insuragent.models.fields import fields_of
from insuragent.services import importing, records
from insuragent.services.importing import Preview, Refusal
from insuragent.ui import dialogs
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.layout import column, empty, host, row
from insuragent.ui.paragraphs import Notice
from insuragent.ui.progress import ProgressRow
from insuragent.ui.shell import Context
from insuragent.ui.tasks import Progress
from insuragent.ui.tokens import px
from insuragent.ui.widgets import EmptyState, button, chip, label

FILES = "Excel, CSV (*.xlsx *.xlsm *.xls *.ods *.csv *.txt)"
#: So many rows are shown as they would be taken; refused ones are shown in full.
SAMPLE = 5
#: The height of a refused row, in pixels at 100 %.
_ROW = 34
#: So many rows at most are made as high as their words; of more, each is one line and its tool tip tells the rest.
_MEASURED = 500


class ImportWizard(QDialog):
    """The steps of an import; nothing is taken before the last button, and then all of it or nothing."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.context, self._page = context, parent
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("导入客户"))
        self.path: Path | None = None
        self.shown: Preview | None = None
        self.progress: Progress | None = None
        self._choices = importing.field_choices()
        self.meanings: list[QComboBox] = []
        self._steps = QStackedWidget()
        words = _("选择 Excel 或 CSV 文件。列的含义会自动识别，不合要求的行会说明原因，其余照常导入。")
        self._steps.addWidget(EmptyState("upload", words, _("选择文件"), self.choose))
        self._steps.addWidget(self._make_preview())
        self.problem = Notice()
        self.bar = ProgressRow(self._stop)
        self.bar.hide()
        self.take_button = button(_("导入"), self.take, icon="check", kind="primary")
        self.take_button.setEnabled(False)
        again = button(_("换一个文件"), self.choose, icon="folder-open")
        foot = row(again, None, button(_("取消"), self.reject), self.take_button)
        title = label(_("导入客户"), "h1")
        self.setLayout(column(title, (self._steps, 1), self.problem, self.bar, foot, spacing=12, margins=20))

    def showEvent(self, event: QShowEvent) -> None:
        room = self._page.window().size()
        self.resize(min(px(860), room.width() - px(40)), min(px(620), room.height() - px(40)))
        super().showEvent(event)

    def choose(self) -> None:
        """Ask for the file."""
        dialogs.choose_file(self, _("选择客户名单"), FILES, self.read)

    def read(self, path: Path) -> None:
        """Show what importing ``path`` would do."""
        self.path = path
        self._look(None)

    def take(self) -> None:
        """Make the accepted rows customers."""
        if self.shown is None:
            return
        self.take_button.setEnabled(False)
        self.bar.show()
        self.progress = Progress(self)
        self.progress.changed.connect(lambda done, total, _text: self.bar.show_progress(done, total, _("正在导入")))
        task = self.context.tasks.run(self, importing.take, self.shown, _reporting(self.progress))
        task.then(self._on_taken).failed(self._on_refused).ended(self._on_ended)

    def _stop(self) -> None:
        if self.progress is not None:
            self.progress.cancel()

    def _on_ended(self) -> None:
        self.bar.hide()
        self.take_button.setEnabled(bool(self.shown and self.shown.accepted))

    def _on_taken(self, count: int) -> None:
        self.context.toaster.show(_("已导入 {n} 位客户").format(n=f"{count:,}"))
        self.accept()

    def _look(self, mapping: list[str | None] | None) -> None:
        if self.path is not None:
            task = self.context.tasks.run(self, importing.preview, self.path, mapping)
            task.then(self._show).failed(self._on_refused)

    def _on_refused(self, error: InsuragentError) -> None:
        self.problem.setText(error.with_advice())
        self.take_button.setEnabled(False)

    # --- the preview ---------------------------------------------------------------------------------------------

    def _make_preview(self) -> QWidget:
        self.counts = row(spacing=8)
        self.columns = _table(_("各列的含义"), {_("文件中的列"): 150, _("含义"): 180, _("示例"): 0})
        self.refusals = _table(_("没有导入的行"), {_("行"): 70, _("列"): 150, _("原因"): 0})
        self._refused_title = label("", "h3")
        return host(
            column(
                self.counts,
                (self.columns, 3),
                self._refused_title,
                (self.refusals, 2),
                spacing=10,
            )
        )

    def _show(self, found: Preview) -> None:
        self.shown = found
        self.problem.clear()
        self._show_counts(found)
        self._show_columns(found)
        self._show_refusals(found)
        self.take_button.setText(" " + _("导入 {n} 位").format(n=f"{len(found.accepted):,}"))
        self.take_button.setEnabled(bool(found.accepted))
        self._steps.setCurrentIndex(1)

    def _show_counts(self, found: Preview) -> None:
        empty(self.counts)
        told = [
            label(found.file_name, "h2"),
            chip(_("可导入 {n} 行").format(n=f"{len(found.accepted):,}"), "ok"),
            chip(_("不能导入 {n} 行").format(n=f"{found.refused_rows:,}"), "bad" if found.refused else "neutral"),
            chip(_("提醒 {n} 条").format(n=f"{len(found.warnings):,}"), "warn" if found.warnings else "neutral"),
        ]
        for widget in told:
            self.counts.addWidget(widget)
        self.counts.addStretch(1)

    def _show_columns(self, found: Preview) -> None:
        self.meanings = []
        self.columns.setRowCount(len(found.headings))
        for place, (heading, meant) in enumerate(zip(found.headings, found.mapping, strict=False)):
            combo = QComboBox()
            combo.setAccessibleName(_("{column} 的含义").format(column=heading))
            combo.addItem(_("不导入"), None)
            for name, words in self._choices.items():
                combo.addItem(words, name)
            combo.setCurrentIndex(max(combo.findData(meant), 0))
            combo.activated.connect(partial(self._on_meaning, place))
            keep_wheel_away(combo)
            self.meanings.append(combo)
            self.columns.setItem(place, 0, QTableWidgetItem(heading))
            self.columns.setCellWidget(place, 1, host(column(combo, margins=(4, 3, 4, 3))))
            samples = [_sample(meant, one.values.get(meant)) for one in found.accepted[:SAMPLE]] if meant else []
            self.columns.setItem(place, 2, QTableWidgetItem(listed(filter(None, samples))))
        self.columns.measure()

    def _on_meaning(self, place: int, _chosen: int) -> None:
        wanted = self.meanings[place].currentData()
        for other, combo in enumerate(self.meanings):
            if other != place and wanted is not None and combo.currentData() == wanted:
                combo.setCurrentIndex(0)  # a field has one column
        self._look([combo.currentData() for combo in self.meanings])

    def _show_refusals(self, found: Preview) -> None:
        told: list[Refusal] = [*found.refused, *found.warnings]
        self._refused_title.setText(_("需要留意的行"))
        self._refused_title.setVisible(bool(told))
        self.refusals.setVisible(bool(told))
        self.refusals.setRowCount(len(told))
        self.refusals.verticalHeader().setDefaultSectionSize(px(_ROW))
        for place, refusal in enumerate(told):
            for column_place, words in enumerate((str(refusal.row), refusal.column, refusal.reason)):
                self.refusals.setItem(place, column_place, _told(words))
        self.refusals.measure()


def _told(words: str) -> QTableWidgetItem:
    made = QTableWidgetItem(words)
    made.setToolTip(words)
    return made


def _sample(name: str, value: Any) -> str:
    return records.in_words(fields_of(Customer)[name], value)


def _reporting(progress: Progress) -> Callable[[int, int], Any]:
    return lambda done, total: progress.report(done, total)


class _Rows(QTableWidget):
    """Rows as high as their words, however wide the columns are made."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._measure)

    def measure(self) -> None:
        """Give each row its height, as soon as the columns have their widths."""
        self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def _measure(self) -> None:
        for place in range(self.rowCount() if self.rowCount() <= _MEASURED else 0):
            # Not by Qt's own measure, which adds the look of a heading that is hidden here.
            self.setRowHeight(place, max(self.sizeHintForRow(place), px(_ROW)))


def _table(name: str, headings: Mapping[str, int]) -> _Rows:
    """``headings`` with the widths of their columns, in pixels at 100 %; the last one takes the rest."""
    made = _Rows(0, len(headings))
    made.setHorizontalHeaderLabels(list(headings))
    made.setAccessibleName(name)
    made.verticalHeader().hide()
    made.setShowGrid(False)
    made.setTabKeyNavigation(False)
    made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    head = made.horizontalHeader()
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    head.setStretchLastSection(True)
    head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    for place, width in enumerate(headings.values()):
        head.resizeSection(place, px(width))
    return made
