"""An illustration by hand: what is asked for, and its numbers at once as sentence, chart and table."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QTableView, QVBoxLayout, QWidget

from insuragent.errors import ValidationError
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Customer, FamilyMember
from insuragent.models.fields import fields_of
from insuragent.services import catalogue, customers, records, sheets
from insuragent.services.sheets import AtTable, Shown
from insuragent.ui.charts import LineChart, Series
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.flow import Flow, Phrases, Wrapping
from insuragent.ui.layout import column, form, form_row
from insuragent.ui.lines import HintedLine, SearchField
from insuragent.ui.paragraphs import Notice
from insuragent.ui.shell import Context
from insuragent.ui.tokens import px
from insuragent.ui.widgets import number_field

PREMIUM, SUM_ASSURED = "premium", "sum_assured"
#: What is asked for where it is not the premium; a medical premium follows from the age alone.
ASKED = {"DEMO-TERM": SUM_ASSURED, "DEMO-CI": SUM_ASSURED, "DEMO-MED": ""}
START = {PREMIUM: "50,000", SUM_ASSURED: "500,000", "": ""}
COLUMNS = {
    "year": N_("年度"),
    "age": N_("年龄"),
    "premium": N_("当年保费"),
    "cum_premium": N_("累计保费"),
    "annual_limit": N_("年度限额"),
    "ci_benefit": N_("重疾保险金"),
    "annuity": N_("当年年金"),
    "cum_annuity": N_("累计年金"),
    "initial_fee": N_("初始费用"),
    "risk_charge": N_("风险保险费"),
    "account_value": N_("账户价值"),
    "death_benefit": N_("身故保险金"),
    "cash_value": N_("现金价值"),
    "dividend_illustrated": N_("当年红利（演示）"),
    "acc_dividend_illustrated": N_("累积红利（演示）"),
}
_LINES = (
    ("death_benefit", "accent"),
    ("annual_limit", "accent"),
    ("cash_value", "ok"),
    ("cum_annuity", "violet"),
    ("cum_premium", "warn"),
)
_RELATION = fields_of(FamilyMember)["relation"]
_SOON = 30
_SHORT = 5
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """The rows of an illustration, in whole yuan."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._years: list[int] = []
        self._texts: list[list[str]] = []

    def show(self, shown: Shown) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._names = [name for name in COLUMNS if name in shown.columns]
        self._years = [int(row["year"]) for row in shown.rows]
        self._texts = [[_whole(row.get(name)) for name in self._names] for row in shown.rows]
        self.endResetModel()

    def cell(self, index: Index) -> tuple[int, str]:
        """The policy year and the column's name at a place of the table."""
        return self._years[index.row()], self._names[index.column()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._texts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _(COLUMNS[self._names[section]]) if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts[index.row()][index.column()]
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None


def _whole(value: Any) -> str:
    """A year or an age as it is, an amount in whole yuan, nothing for what there is not."""
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    return f"{Decimal(value).quantize(Decimal(1), 'ROUND_HALF_UP'):,}"


class CasePanel(QWidget):
    """Who, which product and how much. ``calculated`` tells the numbers, None while a limit is broken."""

    calculated = Signal(object)
    customer_chosen = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.customer: Customer | None = None
        self._candidates: list[Customer] = []
        self._family: list[FamilyMember] = []
        self._soon = QTimer(self, interval=_SOON, singleShot=True)
        self._soon.timeout.connect(self.calculate)
        self.problem = Notice()
        self.summary = Phrases("h3")
        self.setLayout(self._make())
        self._offer_family(())
        self._on_product()

    # --- the inputs ----------------------------------------------------------------------------------------------

    @property
    def asked(self) -> str:
        """Which amount the product asks for: premium, sum_assured, or none."""
        return ASKED.get(self.product.currentData(), PREMIUM)

    def inputs(self) -> dict[str, Any]:
        """The inputs as typed; they are read and checked by the rules."""
        told: dict[str, Any] = {
            "product": self.product.currentData(),
            "sex": self.sex.currentData(),
            "age": self.age.value(),
            "pay_years": self.pay_years.currentData(),
        }
        told |= {self.asked: self.amount.text().replace(",", "").strip()} if self.asked else {}
        told |= {"to_age": self.to_age.currentData()} if self.to_age.count() else {}
        reasons = [part.strip() for part in self.reasons.text().replace(";", "；").split("；") if part.strip()]
        return told | ({"reasons": reasons} if reasons else {})

    @property
    def insured_id(self) -> uuid.UUID | None:
        """The member of the family whose life is insured; None is the customer himself."""
        member = self._member()
        return member.id if member else None

    def show_case(self, opened: AtTable) -> None:
        """Show the case of a sheet: customer, insured, product and amounts as they were typed."""
        inputs = opened.sheet.inputs
        self._candidates = [opened.customer]
        self.found.clear()
        self.found.addItem(_title(opened.customer), opened.customer.id)
        self.found.setCurrentIndex(0)  # a placeholder leaves nothing chosen by itself
        self.customer = opened.customer
        self._offer_family(opened.family)
        known = [member.id for member in self._family]
        chosen = opened.sheet.insured_id
        self.insured.setCurrentIndex(known.index(chosen) + 1 if chosen in known else 0)
        self.choose_product(inputs["product"])
        for combo, name in ((self.sex, "sex"), (self.pay_years, "pay_years"), (self.to_age, "to_age")):
            combo.setCurrentIndex(combo.findData(inputs.get(name)))
        self.age.setValue(int(inputs["age"]))
        if self.asked:
            self.amount.setText(_grouped(str(inputs.get(self.asked) or "")))
        self.reasons.setText("；".join(map(str, inputs.get("reasons") or ())))
        self.reasons.setCursorPosition(0)  # a long text is read from its start
        self.calculate()

    def choose_product(self, code: str) -> None:
        """Choose a product by its code, as if by hand."""
        self.product.setCurrentIndex(self.product.findData(code))
        self._on_product()

    def calculate(self) -> bool:
        """Show the numbers of the inputs, or which limit they break; tells whether there are any."""
        try:
            shown = sheets.calculate(self.inputs(), dt.datetime.now(SHANGHAI).date())
        except ValidationError as error:
            self.show_problem(error.reason)
            self.summary.tell()
            self.calculated.emit(None)
            return False
        self.show_problem("")
        self.summary.tell(*_in_words(shown))
        self.calculated.emit(shown)
        return True

    def show_problem(self, words: str) -> None:
        """Say below the inputs what stands against them."""
        self.problem.setText(words)

    # --- the customer --------------------------------------------------------------------------------------------

    def choose(self, found: Any) -> None:
        """Offer these customers, the first chosen."""
        self._candidates = list(found)
        self.found.clear()
        for customer in self._candidates:
            self.found.addItem(_title(customer), customer.id)
        self.found.setCurrentIndex(0 if self._candidates else -1)  # a placeholder leaves nothing chosen by itself
        self._on_customer()

    def _search(self, question: str) -> None:
        if question.strip():
            self.context.tasks.run(self, records.find, Customer, question, 20).then(self.choose)

    def _on_customer(self) -> None:
        place = self.found.currentIndex()
        self.customer = self._candidates[place] if 0 <= place < len(self._candidates) else None
        self.customer_chosen.emit(self.customer)
        self._offer_family(())
        if self.customer is None:
            return
        task = self.context.tasks.run(self, records.hanging_on, FamilyMember, self.customer.id)
        task.then(self._offer_family)
        self._on_insured()

    def _offer_family(self, family: Sequence[FamilyMember]) -> None:
        """Offer the customer and the members of his family as the insured, the customer chosen."""
        self._family = list(family)
        self.insured.clear()
        self.insured.addItem(_("投保人本人"))
        for member in self._family:
            self.insured.addItem(f"{records.in_words(_RELATION, member.relation)}  {_title(member)}")

    def _member(self) -> FamilyMember | None:
        place = self.insured.currentIndex() - 1
        return self._family[place] if 0 <= place < len(self._family) else None

    def _on_insured(self) -> None:
        """Age and sex of the numbers are those of the insured."""
        who = self._member() or self.customer
        if who is None:
            return
        if who.birth_date is not None:
            self.age.setValue(customers.age(who, dt.datetime.now(SHANGHAI).date()) or 0)
        if who.gender:
            self.sex.setCurrentIndex(max(self.sex.findData(str(who.gender)), 0))
        self.calculate()

    # --- making --------------------------------------------------------------------------------------------------

    def _make(self) -> QVBoxLayout:
        self.who = SearchField(_("搜索客户：姓名、拼音、手机号"))
        self.who.searched.connect(self._search)
        self.found = QComboBox()
        self.found.setAccessibleName(_("选中的客户"))
        self.found.setPlaceholderText(_("还没有选择客户"))
        self.found.activated.connect(lambda _place: self._on_customer())
        self.insured = QComboBox()
        self.insured.activated.connect(lambda _place: self._on_insured())
        self.product = QComboBox()
        for code, package in catalogue.packages().items():
            self.product.addItem(package.name, code)
        self.product.activated.connect(lambda _place: self._on_product())
        # Long names make a list no wider than the page can give it.
        for combo in (self.found, self.insured, self.product):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(_SHORT)
        self.found.setMinimumContentsLength(3 * _SHORT)
        self.insured.setAccessibleName(_("被保险人"))
        self._make_numbers()
        self.reasons = HintedLine(_("为什么适合这位客户（多条用“；”隔开）"))
        rows = form()
        form_row(rows, _("客户(&C)"), Wrapping(Flow(self.who, self.found, grows=self.who))).setBuddy(self.who)
        form_row(rows, _("产品(&D)"), self.product)
        form_row(
            rows, _("被保险人(&R)"), Wrapping(Flow(self.insured, self.sex, self.age, grows=self.insured))
        ).setBuddy(self.insured)
        amounts = Wrapping(Flow(self.amount, self.pay_years, self.to_age, grows=self.amount))
        self._amount_label = form_row(rows, _("每期保费（元）"), amounts)
        self._amount_label.setBuddy(self.amount)
        form_row(rows, _("推荐理由"), self.reasons)
        return column(rows, self.problem, self.summary, spacing=8)

    def _make_numbers(self) -> None:
        self.sex, self.pay_years, self.to_age = QComboBox(), QComboBox(), QComboBox()
        for code, words in (("M", _("男")), ("F", _("女"))):
            self.sex.addItem(words, code)
        self.age = number_field(0, 105, value=40, unit=_("岁"))
        self.amount = QLineEdit()
        self.amount.textEdited.connect(lambda _text: self._soon.start())
        for changed in (self.sex.activated, self.pay_years.activated, self.to_age.activated, self.age.valueChanged):
            changed.connect(lambda _value: self._soon.start())
        named = (
            (self.sex, _("性别")),
            (self.age, _("年龄")),
            (self.pay_years, _("交费年数")),
            (self.to_age, _("保障至")),
        )
        for field, name in named:
            field.setAccessibleName(name)
            field.setToolTip(name)
            keep_wheel_away(field)

    def _on_product(self) -> None:
        entry = catalogue.package(self.product.currentData()).entry
        self.pay_years.clear()
        for years in entry.pay_years:
            self.pay_years.addItem(_("趸交") if years == 1 else _("{n} 年交").format(n=years), years)
        self.pay_years.setCurrentIndex(min(2, self.pay_years.count() - 1))
        self.to_age.clear()
        for age in entry.to_ages:
            self.to_age.addItem(_("至 {age} 岁").format(age=age), age)
        self.to_age.setVisible(bool(entry.to_ages))
        words = _("基本保额（元）") if self.asked == SUM_ASSURED else _("每期保费（元）")
        self._amount_label.setText(words)
        self.amount.setAccessibleName(words)
        self.amount.setEnabled(bool(self.asked))
        self.amount.setText(START[self.asked])
        self.calculate()


class Numbers:
    """The chart and the table of an illustration, for the page to place."""

    def __init__(self) -> None:
        self.chart = LineChart(_("利益演示"), unit=_("万元"), empty=_("请先更正上面的输入"))
        self.rows = RowsModel()
        self.table = QTableView()
        self.table.setModel(self.rows)
        self.table.setAccessibleName(_("利益演示表"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(px(30))
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.setToolTip(_("点击数字，看它是怎样算出来的"))
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show(self, shown: Shown | None) -> None:
        """Show an illustration; nothing for None."""
        if shown is None:
            self.chart.show_data((), ())
            return
        self.rows.show(shown)
        self.table.resizeColumnsToContents()
        ages = [_("{age}岁").format(age=row["age"]) for row in shown.rows]
        lines = [
            Series(_(COLUMNS[name]), [float(row[name]) / 10_000 for row in shown.rows], tint)
            for name, tint in _LINES
            if name in shown.columns
        ]
        self.chart.show_data(ages, lines)


def _grouped(amount: str) -> str:
    """An amount as it is read: 50000 is 50,000; what is none stays as it was typed."""
    try:
        return f"{Decimal(amount):,}"
    except InvalidOperation:
        return amount


def _in_words(shown: Shown) -> list[str]:
    parts = [_("每期保费 {amount} 元").format(amount=f"{shown.premium:,.2f}")]
    told = (
        (_("基本保额 {amount} 元"), shown.sum_assured),
        (_("每年年金 {amount} 元"), shown.annuity),
        (_("首年末退保损失 {amount} 元"), shown.first_year_loss),
    )
    return parts + [words.format(amount=f"{amount:,.2f}") for words, amount in told if amount is not None]


def _title(who: Customer | FamilyMember) -> str:
    return "  ".join(filter(None, (who.name, str(who.birth_date or ""))))
