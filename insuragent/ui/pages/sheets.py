"""Explanation sheets: choose, see the numbers live, look at the pages, sign and print."""

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QSplitter, QTableView, QTabWidget, QVBoxLayout

from insuragent.errors import InsuragentError, ValidationError
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Customer, Sheet
from insuragent.services import catalogue, customers, records, sheets
from insuragent.services.sheets import Shown
from insuragent.ui.charts import LineChart, Series
from insuragent.ui.layout import column, form, form_row, row
from insuragent.ui.pages.base import Page
from insuragent.ui.pdf_view import PdfView, print_pdf
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.signature import SignaturePad
from insuragent.ui.tokens import px
from insuragent.ui.widgets import SearchField, button, card, label, number_field

#: The products that the page offers, and whether the premium or the sum assured is asked for.
ASKED = {"DEMO-PWL": "premium", "DEMO-TERM": "sum_assured", "DEMO-IWL": "premium", "DEMO-CI": "sum_assured"}
COLUMNS = {
    "year": N_("年度"),
    "age": N_("年龄"),
    "premium": N_("当年保费"),
    "cum_premium": N_("累计保费"),
    "death_benefit": N_("身故保险金"),
    "cash_value": N_("现金价值"),
    "dividend_illustrated": N_("当年红利（演示）"),
    "acc_dividend_illustrated": N_("累积红利（演示）"),
}
_LINES = (("death_benefit", "accent"), ("cash_value", "ok"), ("cum_premium", "warn"))
Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """The rows of an illustration, in whole yuan."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._rows: list[Mapping[str, Any]] = []

    def show(self, shown: Shown) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._names = [name for name in COLUMNS if name in shown.columns]
        self._rows = list(shown.rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _(COLUMNS[self._names[section]]) if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        value = self._rows[index.row()][self._names[index.column()]]
        whole = isinstance(value, int)
        return str(value) if whole else f"{Decimal(value).quantize(Decimal(1), 'ROUND_HALF_UP'):,}"


class SheetsPage(Page):
    """Inputs and live numbers on the left; the pages, and the pad to sign on, on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset({"sheet"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("产品说明书"))
        self.sheet_id: uuid.UUID | None = None
        self.customer: Customer | None = None
        inputs = self._make_inputs()
        self._make_numbers()
        self._make_right()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        left = column(card(inputs), (card(column(self._tabs), margins=8), 1), spacing=12)
        holder = card(left, margins=0)
        split.addWidget(holder)
        split.addWidget(self._right)
        split.setSizes([620, 560])
        self.body.addWidget(split, 1)
        self.print_button = button(_("打印"), self.print_out, icon="printer")
        self.tools.addWidget(self.print_button)
        self.tools.addWidget(button(_("生成说明书"), self.make, icon="file-text", kind="primary"))
        action(self, _("生成说明书"), "Ctrl+Return", self.make, icon="file-text")
        action(self, _("打印"), "Ctrl+P", self.print_out, icon="printer")
        self._soon = QTimer(self, interval=30, singleShot=True)
        self._soon.timeout.connect(self.calculate)
        self._on_product()

    # --- making --------------------------------------------------------------------------------------------------

    def _make_inputs(self) -> QVBoxLayout:
        self.who = SearchField(_("搜索客户：姓名、拼音、手机号"))
        self.who.searched.connect(self._search)
        self.found = QComboBox()
        self.found.setAccessibleName(_("客户"))
        self.found.activated.connect(lambda _place: self._on_customer())
        self.product = QComboBox()
        for code in ASKED:
            self.product.addItem(catalogue.package(code).name, code)
        self.product.activated.connect(lambda _place: self._on_product())
        self.sex = QComboBox()
        for code, words in (("M", _("男")), ("F", _("女"))):
            self.sex.addItem(words, code)
        self.age = number_field(0, 105, value=40, unit=_("岁"))
        self.pay_years = QComboBox()
        self.to_age = QComboBox()
        self.amount = QLineEdit()
        self.amount.textEdited.connect(lambda _text: self._soon.start())
        for changed in (self.sex.activated, self.pay_years.activated, self.to_age.activated, self.age.valueChanged):
            changed.connect(lambda _value: self._soon.start())
        rows = form()
        form_row(rows, _("客户"), self.who)
        rows.addRow("", self.found)
        form_row(rows, _("产品"), self.product)
        self._amount_label = form_row(rows, _("每期保费（元）"), self.amount)
        line = row(self.sex, self.age, self.pay_years, self.to_age, None)
        rows.addRow(_("性别、年龄、交费"), line)
        named = ((self.sex, _("性别")), (self.age, _("年龄")), (self.pay_years, _("交费年数")))
        for field, name in (*named, (self.to_age, _("保障至"))):
            field.setAccessibleName(name)
        self.problem = label("", "error", wrap=True)
        self.summary = label("", "h3", wrap=True)
        return column(rows, self.problem, self.summary, spacing=8)

    def _make_numbers(self) -> None:
        self.chart = LineChart(_("利益演示"), unit=_("万元"))
        self.rows = RowsModel()
        table = QTableView()
        table.setModel(self.rows)
        table.setAccessibleName(_("利益演示表"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(px(30))
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.addTab(self.chart, _("图"))
        self._tabs.addTab(table, _("表"))

    def _make_right(self) -> None:
        self.pdf = PdfView(self.context.tasks)
        self.pad = SignaturePad()
        self.pad.setMinimumHeight(px(150))
        self.statement = QLineEdit()
        self.statement.setAccessibleName(_("抄录语句"))
        self.statement.setPlaceholderText(_("请客户逐字抄录声明（可留空）"))
        self.sign_button = button(_("客户签署"), self.sign, icon="signature", kind="primary")
        tools = row(button(_("撤销"), self.pad.undo, icon="undo-2"), button(_("清除"), self.pad.clear, icon="eraser"))
        signing = column(
            row(label(_("客户签名"), "h2"), None, tools), self.pad, self.statement, row(None, self.sign_button)
        )
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._right.setChildrenCollapsible(False)
        self._right.setHandleWidth(12)
        self._right.addWidget(card(column(self.pdf), margins=1))
        self._right.addWidget(card(signing))
        self._right.setSizes([520, 260])

    # --- the numbers ---------------------------------------------------------------------------------------------

    def inputs(self) -> dict[str, Any]:
        """The inputs as typed."""
        code = self.product.currentData()
        told = {
            "product": code,
            "sex": self.sex.currentData(),
            "age": self.age.value(),
            "pay_years": self.pay_years.currentData(),
            ASKED[code]: self.amount.text().replace(",", ""),
        }
        return told | ({"to_age": self.to_age.currentData()} if self.to_age.count() else {})

    def calculate(self) -> None:
        """Show the numbers of the inputs, or which limit they break."""
        today = dt.datetime.now(SHANGHAI).date()
        try:
            shown = sheets.calculate(self.inputs(), today)
        except ValidationError as error:
            self.problem.setText("；".join(error.problems.values()))
            self.summary.setText("")
            return
        self.problem.setText("")
        parts = [_("每期保费 {amount} 元").format(amount=f"{shown.premium:,.2f}")]
        if shown.sum_assured is not None:
            parts.append(_("基本保额 {amount} 元").format(amount=f"{shown.sum_assured:,.2f}"))
        if shown.first_year_loss is not None:
            parts.append(_("首年末退保损失 {amount} 元").format(amount=f"{shown.first_year_loss:,.2f}"))
        self.summary.setText("　".join(parts))
        self.rows.show(shown)
        ages = [_("{age}岁").format(age=row["age"]) for row in shown.rows]
        lines = [
            Series(_(COLUMNS[name]), [float(row[name]) / 10_000 for row in shown.rows], tint)
            for name, tint in _LINES
            if name in shown.columns
        ]
        self.chart.show_data(ages, lines)

    def _on_product(self) -> None:
        code = self.product.currentData()
        entry = catalogue.package(code).entry
        self.pay_years.clear()
        for years in entry.pay_years:
            self.pay_years.addItem(_("趸交") if years == 1 else _("{n} 年交").format(n=years), years)
        self.pay_years.setCurrentIndex(min(2, self.pay_years.count() - 1))
        self.to_age.clear()
        for age in entry.to_ages:
            self.to_age.addItem(_("至 {age} 岁").format(age=age), age)
        self.to_age.setVisible(bool(entry.to_ages))
        by_premium = ASKED[code] == "premium"
        self._amount_label.setText(_("每期保费（元）") if by_premium else _("基本保额（元）"))
        self.amount.setText("50000" if by_premium else "500000")
        self.calculate()

    # --- the customer --------------------------------------------------------------------------------------------

    def show_target(self, target: Any) -> None:
        """Open a sheet or a customer by ("sheet" or "customer", id)."""
        kind, record_id = target
        if kind == "customer":
            self.context.tasks.run(self, records.get, Customer, record_id).then(lambda who: self._choose([who]))
        else:
            self._show_pages(record_id)

    def _search(self, question: str) -> None:
        self.context.tasks.run(self, records.find, Customer, question, 20).then(self._choose)

    def _choose(self, found: Any) -> None:
        self._candidates = list(found)
        self.found.clear()
        for customer in self._candidates:
            self.found.addItem(customer.name, customer.id)
        self._on_customer()

    def _on_customer(self) -> None:
        place = self.found.currentIndex()
        self.customer = self._candidates[place] if 0 <= place < len(self._candidates) else None
        if self.customer is None:
            return
        age = customers.age(self.customer, dt.datetime.now(SHANGHAI).date())
        if age is not None:
            self.age.setValue(age)
        self.sex.setCurrentIndex(1 if self.customer.gender == "F" else 0)
        self.calculate()

    # --- the sheet -----------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Draft the sheet and show its pages."""
        if self.customer is None:
            self.say(_("请先选择客户"), "warn")
            self.who.setFocus()
            return
        task = self.context.tasks.run(self, sheets.draft, self.customer.id, self.inputs())
        task.then(lambda sheet: self._show_pages(sheet.id)).failed(self._on_refused)

    def _show_pages(self, sheet_id: uuid.UUID) -> None:
        self.sheet_id = sheet_id
        self.pad.clear()
        self.context.tasks.run(self, sheets.preview, sheet_id).then(self.pdf.show_pdf).failed(self.complain)
        self.context.tasks.run(self, records.get, Sheet, sheet_id).then(self._on_sheet)

    def _on_sheet(self, sheet: Sheet) -> None:
        self.note.setText(sheet.sheet_no)
        open_to_sign = sheet.signed_at is None
        self.sign_button.setEnabled(open_to_sign)
        self.pad.setEnabled(open_to_sign)

    def print_out(self) -> None:
        """Print what is shown; the journal tells who printed how many."""
        if self.sheet_id is None:
            self.say(_("请先生成说明书"), "warn")
            return
        task = self.context.tasks.run(self, sheets.print_out, self.sheet_id)
        task.then(self._print).failed(self.complain)

    def _print(self, data: bytes) -> None:
        print_pdf(self.context.tasks, self, data, self.context.settings.printer)

    def sign(self) -> None:
        """Close the sheet with the strokes on the pad."""
        if self.sheet_id is None or not self.pad.valid():
            self.say(_("请先生成说明书，并由客户在签名区签字"), "warn")
            return
        arguments = (self.sheet_id, self.pad.png(), self.pad.strokes_json(), self.statement.text())
        task = self.context.tasks.run(self, sheets.sign, *arguments)
        task.then(self._on_signed).failed(self._on_refused)

    def _on_signed(self, sheet: Sheet) -> None:
        self.say(_("已签署并归档 {number}").format(number=sheet.sheet_no))
        self._show_pages(sheet.id)

    def _on_refused(self, error: InsuragentError) -> None:
        if isinstance(error, ValidationError):
            self.problem.setText("；".join(error.problems.values()))
        self.complain(error)
