"""Up to three proposals for one need side by side: amounts in yuan as table and chart, and how far they are apart."""

import datetime as dt
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import NeedsAnalysis
from insuragent.models.fields import fields_of
from insuragent.services import letters, numbers, records
from insuragent.services.numbers import MOST_PROPOSALS, Comparison
from insuragent.ui.areas import scrolled
from insuragent.ui.charts import LineChart, Series
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.layout import column, host, row, set_margins
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.lists import refill
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.splits import Halves
from insuragent.ui.tokens import px
from insuragent.ui.widgets import EmptyState, button, card, label, tool_button

#: The widths of table and chart at first, and of the names of the rows at least, in pixels at 100 %.
_TABLE, _SIDE, _NAME = 620, 500, 150
#: The height of a row of one line, and what is left free beside its words, in pixels at 100 %.
_ROW, _PADDING = 30, 26
_TINTS = ("accent", "ok", "violet")
_YUAN = 10_000
_GOALS = fields_of(NeedsAnalysis)["goals"]
_LEFT, _RIGHT = (
    Qt.AlignmentFlag.AlignVCenter | side for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


class ComparisonDialog(QDialog):
    """The proposals of ``proposals``, from which it takes what is removed; printed for ``customer_id`` if there is one.

    ``goals`` are the customer's wishes, the foremost first: the need that is shown at first is one of them.
    """

    def __init__(
        self,
        context: Context,
        parent: QWidget,
        proposals: list[dict[str, Any]],
        customer_id: uuid.UUID | None = None,
        goals: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.context, self._page = context, parent
        self._proposals, self._customer_id, self._goals = proposals, customer_id, goals
        self._today = dt.datetime.now(SHANGHAI).date()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("比较方案"))
        self.need = QComboBox()
        self.need.setAccessibleName(_("需求"))
        self.need.activated.connect(lambda _place: self._compare())
        keep_wheel_away(self.need)
        self._chosen = column()
        self.problem = Notice()
        self.table = _table()
        self.table.horizontalHeader().geometriesChanged.connect(self._fit_rows)
        self.chart = LineChart(_("逐年比较"), unit=_("万元"))
        self._drawn = label("", "h3")
        self.differences = label("", wrap=True)
        words = _("再加一份方案：关闭这里，改动产品、金额或交费年数，然后再按“比较方案”。")
        differences = scrolled(column(self.differences, None))
        self._side = column(self._drawn, (self.chart, 3), label(_("差别"), "h3"), (differences, 2))
        self._shown = QStackedWidget()
        self._shown.addWidget(scrolled(column(EmptyState("scale", words, _("再加一份"), self.reject))))
        self._shown.addWidget(Halves([_TABLE, _SIDE], card(column(self.table), margins=1), card(self._side)))
        self.print_button = button(_("打印"), self.print_out, icon="printer")
        self.more = button(_("再加一份"), self.reject, icon="plus")
        close = button(_("关闭"), self.reject, kind="primary")
        need = label(_("需求(&N)"), "muted")
        need.setBuddy(self.need)
        head = row(label(_("比较方案"), "h1"), None, need, self.need, spacing=10)
        below = label(
            _("只比较保证利益，单位为元；演示的部分不保证。以各自的产品说明书和条款为准。"), "muted", wrap=True
        )
        foot = row(self.more, self.print_button, None, close)
        body = scrolled(column(head, self._chosen, (self._shown, 1), spacing=12))
        self.setLayout(column((body, 1), self.problem, below, foot, spacing=12, margins=20))
        action(self, _("打印"), "Ctrl+P", self.print_out, icon="printer")
        self._show()
        (self.table if len(proposals) > 1 else close).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        room = self._page.window().size()
        self.resize(min(px(1160), room.width() - px(40)), min(px(700), room.height() - px(40)))
        super().showEvent(event)

    def remove(self, place: int) -> None:
        """Take a proposal out."""
        del self._proposals[place]
        self._show()

    def print_out(self) -> None:
        """Print the comparison for the customer."""
        if self.print_button.isEnabled():
            way = HandOut(self.context, self)
            way.begin(letters.comparison, self._customer_id, self._proposals, self.need.currentData())

    # --- what is seen ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        names = numbers.proposal_names(self._proposals, self._today)
        refill(self._chosen, [self._lines(names)])
        self.more.setEnabled(len(self._proposals) < MOST_PROPOSALS)
        offered = numbers.needs_met([values["product"] for values in self._proposals])
        before = self.need.currentData()
        self.need.clear()
        wanted = [goal for goal in self._goals if goal in offered]
        for goal in dict.fromkeys([*wanted, *offered]):
            self.need.addItem(records.in_words(_GOALS, [goal]), goal)
        self.need.setCurrentIndex(max(self.need.findData(before), 0))
        self._compare()

    def _lines(self, names: Sequence[str]) -> QWidget:
        """What is compared, each with a way to take it out."""
        grid = QGridLayout()
        set_margins(grid, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(3, 1)
        for place, (head, name) in enumerate(zip(numbers.heads(len(names)), names, strict=True)):
            remove = tool_button("x", _("移除{name}").format(name=head), partial(self.remove, place))
            for at, part in enumerate((label(head, "h3"), label(name), remove)):
                grid.addWidget(part, place, at)
        return host(grid)

    def _compare(self) -> None:
        try:
            found = self._found()
        except ValidationError as error:
            found = None
            self.problem.setText(error.reason)
        self.print_button.setEnabled(found is not None and self._customer_id is not None)
        self._shown.setCurrentIndex(0 if found is None else 1)
        if found is not None:
            self._fill(found)

    def _found(self) -> Comparison | None:
        """The comparison; None as long as there is nothing to compare with. Raises ValidationError."""
        self.problem.clear()
        if len(self._proposals) < 2:
            return None
        if not self.need.count():
            raise ValidationError({"proposals": _("这些方案没有共同的需求，请移除一份")})
        return numbers.compare(self._proposals, self.need.currentData(), self._today)

    def _fill(self, found: Comparison) -> None:
        heads = numbers.heads(len(found.names))
        self.table.setColumnCount(len(heads) + 1)
        self.table.setHorizontalHeaderItem(0, _cell(_("金额（元）"), _LEFT))
        for place, head in enumerate(heads, 1):
            self.table.setHorizontalHeaderItem(place, _cell(head, _RIGHT))
        self.table.setRowCount(len(found.rows))
        for line, compared in enumerate(found.rows):
            self.table.setItem(line, 0, _cell(compared.label, _LEFT))
            for place, amount in enumerate(compared.amounts, 1):
                self.table.setItem(line, place, _cell("—" if amount is None else f"{amount:,.2f}", _RIGHT))
        self._fit_columns()
        self._drawn.setText(found.drawn)
        years = [_("第 {year} 年").format(year=year) for year in range(1, len(found.lines[0]) + 1)]
        lines = [
            Series(head, [None if value is None else float(value) / _YUAN for value in values], tint)
            for head, values, tint in zip(heads, found.lines, _TINTS, strict=False)
        ]
        self.chart.show_data(years, lines)
        self.differences.setText("\n".join(found.differences))

    def _fit_columns(self) -> None:
        """Every amount in full; the names take the rest and are wrapped where it is short."""
        self.table.resizeColumnsToContents()
        amounts = sum(self.table.columnWidth(at) for at in range(1, self.table.columnCount()))
        bar = self.table.verticalScrollBar().sizeHint().width()
        self.table.setMinimumWidth(px(_NAME) + amounts + bar)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _fit_rows(self) -> None:
        metrics, room = self.table.fontMetrics(), self.table.columnWidth(0) - px(_PADDING)
        for line in range(self.table.rowCount()):
            wrapped = metrics.horizontalAdvance(self.table.model().index(line, 0).data()) > room
            self.table.setRowHeight(line, px(_ROW) + (metrics.lineSpacing() if wrapped else 0))


def _cell(text: str, side: Qt.AlignmentFlag) -> QTableWidgetItem:
    made = QTableWidgetItem(text)
    made.setTextAlignment(side)
    return made


def _table() -> QTableWidget:
    made = QTableWidget()
    made.setAccessibleName(_("比较方案"))
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(px(_ROW))
    made.setShowGrid(False)
    made.setAlternatingRowColors(True)
    made.setTabKeyNavigation(False)
    made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    return made
