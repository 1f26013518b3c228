"""Explanation sheets: choose, see the numbers live, look at the pages, sign and print."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from insuragent.errors import InsuragentError, ValidationError
from insuragent.i18n import SHANGHAI, _, format_moment
from insuragent.models import Customer, NeedsAnalysis, Sheet
from insuragent.models.fields import choice_words, fields_of
from insuragent.models.sheet import SheetState
from insuragent.services import catalogue, needs, records, sheets
from insuragent.services.numbers import MOST_PROPOSALS, explain_cell
from insuragent.services.records import Query
from insuragent.services.sheet_states import IN_HAND, OPEN
from insuragent.services.sheets import AtTable, Shown
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled, scrolling
from insuragent.ui.layout import column, host, row
from insuragent.ui.pages.base import Page
from insuragent.ui.parts import looks
from insuragent.ui.parts.claim import ClaimDialog
from insuragent.ui.parts.comparison import ComparisonDialog
from insuragent.ui.parts.explain_popup import ExplainCard
from insuragent.ui.parts.illustration import COLUMNS, CasePanel, Numbers
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.parts.sheet_checks import SheetChecks
from insuragent.ui.parts.sheet_steps import SheetSteps
from insuragent.ui.pdf_view import PdfView
from insuragent.ui.shell import Context, Opened
from insuragent.ui.shortcuts import action
from insuragent.ui.signature import SignaturePad
from insuragent.ui.splits import split, stack
from insuragent.ui.tables import ChipDelegate, RecordModel, RecordTable
from insuragent.ui.tabs import Tabs
from insuragent.ui.tokens import px
from insuragent.ui.widgets import EmptyState, button, card, label

LISTED = ("sheet_no", "product_name", "state", "created_at")
WIDTHS = (170, 190, 90, 140)
#: A page is so wide at least that it can be read, in pixels at 100 %.
_PAGE = 270
#: The tab of what is checked before a sheet is printed and signed.
CHECKS_TAB = 2
_STATE = fields_of(Sheet)["state"]


class SheetsPage(Page):
    """Inputs and live numbers on the left; the pages, and the pad to sign on, on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset({"sheet", "customer", "needs_analysis", "product"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("产品说明书"))
        self.sheet_id: uuid.UUID | None = None
        self.signed = self._drafting = False
        #: The proposals that are compared, as plain inputs, and whose they are.
        self.proposals: list[dict[str, Any]] = []
        self._compared_for: uuid.UUID | None = None
        #: Whether the sheet shown can still be signed, and whether its product wants words copied by hand.
        self._signable, self._copies = True, False
        self.case = CasePanel(context)
        self.numbers = Numbers()
        self.numbers.table.activated.connect(self.explain)
        self.numbers.table.clicked.connect(self.explain)
        self._why: ExplainCard | None = None
        self.case.calculated.connect(self._on_calculated)
        self.case.customer_chosen.connect(lambda _who: self._read_gates())
        self.case.reasons.editingFinished.connect(self._read_gates)
        self._make_left()
        self._make_right()
        self.body.addWidget(split(context.settings, "sheets", (600, 560), self._left, self._right), 1)
        self.print_button = button(_("打印"), self.print_out, icon="printer")
        self.estimate_button = button(_("理赔估算"), self.estimate, icon="calculator")
        self.tools.addWidget(self.estimate_button)
        self.tools.addWidget(button(_("比较方案"), self.compare, icon="scale"))
        self.tools.addWidget(self.print_button)
        self.tools.addWidget(button(_("生成说明书"), self.make, icon="file-text", kind="primary"))
        action(self, _("生成说明书"), "Ctrl+Return", self.make, icon="file-text")
        action(self, _("打印"), "Ctrl+P", self.print_out, icon="printer")
        action(self, _("比较方案"), "Ctrl+M", self.compare, icon="scale")
        action(self, _("理赔估算"), "Ctrl+Shift+M", self.estimate, icon="calculator")
        action(self, _("搜索客户"), "Ctrl+F", self.case.who.setFocus, icon="search")
        self.setFocusProxy(self.case.who)
        self._show_signing(None)
        self.case.calculate()
        self.refresh()

    def refresh(self) -> None:
        asked = self.model.query
        self.model.show(Query(order="created_at") if asked == Query() else asked)
        self._read_gates()

    def show_target(self, target: Any) -> None:
        """Open a sheet or a customer by ("sheet" or "customer", id), or a sheet that is to be opened."""
        kind, record_id = (target.kind, target.record_id) if isinstance(target, Opened) else target
        if kind == "customer":
            task = self.context.tasks.run(self, records.get, Customer, record_id)
            task.then(lambda who: self.case.choose([who])).failed(self.complain)
        else:
            self.open_sheet(record_id)

    # --- making --------------------------------------------------------------------------------------------------

    def _make_left(self) -> None:
        self.checks = SheetChecks(self.context)
        self.checks.judged.connect(self._on_judged)
        self.model = RecordModel(self.context.tasks, Sheet, LISTED)
        self.table = RecordTable(self.model, _("已有的说明书"), WIDTHS, self.context.settings, keep_order=True)
        kinds = {choice_words(SheetState, state): kind for state, kind in looks.SHEET.items()}
        self.table.setItemDelegateForColumn(LISTED.index("state"), ChipDelegate(self.table, kinds))
        self.table.opened.connect(self.open_sheet)
        self.tabs = Tabs(_("数字与检查"))
        for title, widget in (
            (_("图"), self.numbers.chart),
            (_("表"), self.numbers.table),
            (_("打印前检查"), scrolling(self.checks)),
            (_("已有的说明书"), self.table),
        ):
            self.tabs.addTab(widget, title)
        self.tabs.setMinimumHeight(px(260))
        self._left = scrolled(column(card(column(self.case)), (card(column(self.tabs), margins=8), 1), spacing=12))

    def _make_right(self) -> None:
        self.pdf = PdfView(self.context.tasks)
        self._pages = QStackedWidget()
        words = _("选择客户和产品，核对数字，然后生成说明书；打印前可以在这里逐页查看。")
        self._pages.addWidget(EmptyState("file-text", words, _("生成说明书"), self.make))
        self._pages.addWidget(self.pdf)
        self.pad = SignaturePad()
        self.pad.setMinimumHeight(px(120))
        self._copied = label("", "muted", wrap=True)
        self.statement = QLineEdit()
        self.statement.setAccessibleName(_("抄录语句"))
        self.sign_button = button(_("客户签署"), self.sign, icon="signature", kind="primary", pen=True)
        self.signed_note = label("", "muted", wrap=True)
        self.steps = SheetSteps(self.context)
        self.checks.advised.connect(self.steps.offer_advice)
        self.steps.taken.connect(self._on_step)
        self.steps.failed.connect(self.complain)
        undo = button(_("撤销"), self.pad.undo, icon="undo-2", pen=True)
        clear = button(_("清除"), self.pad.clear, icon="eraser", pen=True)
        self._pen_tools = host(row(undo, clear))
        self._signing = card(
            column(
                row(label(_("客户签名"), "h2"), None, self._pen_tools),
                (self.pad, 1),
                self._copied,
                self.statement,
                row((self.signed_note, 1), self.sign_button),
                self.steps,
            )
        )
        pages = card(column(self._pages), margins=1)
        pages.setMinimumWidth(px(_PAGE))
        self._right = stack(self.context.settings, "sheet-pages", (420, 320), pages, self._signing)

    # --- the numbers and what stands before printing -------------------------------------------------------------

    def _on_calculated(self, shown: Shown | None) -> None:
        self.numbers.show(shown)
        package = catalogue.package(self.case.product.currentData())
        self.estimate_button.setVisible(package.medical is not None)
        statement = package.statement
        self._copied.setText(_("请客户抄录：{words}").format(words=statement))
        self._copies = bool(statement)
        self._show_pen_parts()

    def explain(self, place: QModelIndex) -> None:
        """Show how the figure at a place of the table comes about."""
        year, name = self.numbers.rows.cell(place)
        if self._why is None:
            self._why = ExplainCard(self.window())
        try:
            steps = explain_cell(self.case.inputs(), year, name, dt.datetime.now(SHANGHAI).date())
        except ValidationError as error:
            self.complain(error)
            return
        title = _("第 {year} 年末：{column}").format(year=year, column=_(COLUMNS[name]))
        self._why.show_steps(title, steps)

    def estimate(self) -> None:
        """Help with a claim under the product chosen, where it pays bills back (story S23)."""
        product = self.case.product.currentData()
        if catalogue.package(product).medical is None:
            self.say(_("请先选择费用补偿型医疗险"), "info")
        else:
            ClaimDialog(self, product).open()

    def compare(self) -> None:
        """Add the case as it stands to the proposals of this customer, and show them side by side."""
        who = self.case.customer.id if self.case.customer else None
        if who != self._compared_for:
            self.proposals, self._compared_for = [], who
        inputs = {name: value for name, value in self.case.inputs().items() if name != "reasons"}
        if not self.case.calculate():
            return
        if inputs not in self.proposals and len(self.proposals) < MOST_PROPOSALS:
            self.proposals.append(inputs)
        if who is None:
            self._show_comparison(None)
        else:
            self.context.tasks.run(self, needs.newest, who).then(self._show_comparison)

    def _show_comparison(self, analysis: NeedsAnalysis | None) -> None:
        goals = analysis.goals if analysis is not None else ()
        ComparisonDialog(self.context, self, self.proposals, self._compared_for, goals).open()

    def _read_gates(self) -> None:
        who = self.case.customer
        if self.checks.sheet is not None:
            self.checks.judge()
        elif who is None:
            self.checks.show_gates(())
        else:
            inputs = self.case.inputs()
            task = self.context.tasks.run(self, sheets.gates, who.id, inputs["product"], *inputs.get("reasons", ()))
            task.then(self.checks.show_gates)

    def _on_judged(self, shut: int) -> None:
        self.tabs.name(CHECKS_TAB, _("打印前检查 {n}").format(n=shut) if shut else _("打印前检查"))

    # --- the sheet -----------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Draft the sheet and show its pages."""
        if self.case.customer is None:
            self.case.show_problem(_("请先选择客户"))
            self.case.who.setFocus()
            return
        if self._drafting:
            return  # a second click on a slow disk makes no second sheet
        self._drafting = True
        told = (self.case.customer.id, self.case.inputs(), self.case.insured_id)
        task = self.context.tasks.run(self, sheets.draft, *told).ended(self._on_drafted)
        task.then(lambda sheet: self.open_sheet(sheet.id)).failed(self._on_refused)

    def _on_drafted(self) -> None:
        self._drafting = False

    def open_sheet(self, sheet_id: uuid.UUID) -> None:
        """Show a sheet's pages."""
        self.sheet_id = sheet_id
        self.pad.clear()
        self.statement.clear()
        self.context.tasks.run(self, sheets.preview, sheet_id).then(self._on_pages).failed(self.complain)
        self.context.tasks.run(self, sheets.at_table, sheet_id).then(self._on_opened).failed(self.complain)

    def _on_opened(self, opened: AtTable) -> None:
        self.case.show_case(opened)
        self._show_signing(opened)

    def _on_pages(self, data: bytes) -> None:
        self.pdf.show_pdf(data)
        self._pages.setCurrentIndex(1)

    def _show_signing(self, opened: AtTable | None) -> None:
        sheet = opened.sheet if opened is not None else None
        self.checks.show_sheet(opened)
        self.steps.show_sheet(sheet)
        self.note.setText(f"{sheet.sheet_no} · {sheet.product_name}" if sheet else "")
        self.signed = sheet is not None and sheet.signed_at is not None
        ready = sheet is not None and sheet.state in OPEN
        for part in (self.pad, self.statement, self.sign_button):
            part.setEnabled(ready)
        self._signable = ready or sheet is None
        self._show_pen_parts()
        if not self._signable:  # nobody signs any more: the pages get the room
            self._right.setSizes([self._right.height(), 1])
        self.signed_note.setText(_standing(sheet))

    def _show_pen_parts(self) -> None:
        """Show what is signed with while there is somebody to sign, and the line to copy on where there are words."""
        for part in (self.pad, self.sign_button, self._pen_tools):
            part.setVisible(self._signable)
        for part in (self._copied, self.statement):
            part.setVisible(self._signable and self._copies)

    def print_out(self) -> None:
        """Print what is shown, or save an encrypted copy; the journal tells who printed how many."""
        if self.sheet_id is None:
            self.say(_("请先生成说明书"), "info")
            return
        sheet_id = self.sheet_id
        self.checks.save(lambda: self._ask_to_print(sheet_id))

    def _ask_to_print(self, sheet_id: uuid.UUID) -> None:
        """What is told before a print is read first: how old the product's state is, a birthday ahead (S05, S12)."""
        if not self.checks.warnings:
            self._print_now(sheet_id)
            return
        told = "\n".join(self.checks.warnings)
        dialogs.ask(self, _("打印前请注意"), told, lambda: self._print_now(sheet_id), yes=_("仍要打印"))

    def _print_now(self, sheet_id: uuid.UUID) -> None:
        way = HandOut(self.context, self, then=lambda: self.open_sheet(sheet_id), failed=self._on_shut)
        way.begin(sheets.paper, sheet_id)

    def _on_shut(self, error: InsuragentError) -> None:
        """Say what stands in the way, and show where it is dealt with."""
        self.complain(error)
        self.tabs.setCurrentIndex(CHECKS_TAB)

    def sign(self) -> None:
        """Close the sheet with the strokes on the pad."""
        if self.sheet_id is None or not self.pad.valid():
            self.signed_note.setText(_("请客户在上面的签名区写下姓名"))
            self.pad.setFocus()
            return
        self.sign_button.setEnabled(False)
        arguments = (self.sheet_id, self.pad.png(), self.pad.strokes_json(), self.statement.text())
        self.checks.save(lambda: self._sign_now(*arguments))

    def _sign_now(self, *arguments: Any) -> None:
        self.context.tasks.run(self, sheets.sign, *arguments).then(self._on_signed).failed(self._on_not_signed)

    def _on_signed(self, sheet: Sheet) -> None:
        self.say(_("已签署并归档 {number}").format(number=sheet.sheet_no))
        self.open_sheet(sheet.id)

    def _on_not_signed(self, error: InsuragentError) -> None:
        self.sign_button.setEnabled(True)
        self.signed_note.setText(error.with_advice(error.reason))
        self.tabs.setCurrentIndex(CHECKS_TAB)

    def _on_step(self, sheet: Sheet) -> None:
        """A step was taken: the sheet is shown as it is now."""
        self.say(_("{number}：{state}").format(number=sheet.sheet_no, state=records.in_words(_STATE, sheet.state)))
        self.open_sheet(sheet.id)

    def _on_refused(self, error: InsuragentError) -> None:
        if isinstance(error, ValidationError):
            self.case.show_problem(error.reason)
        else:
            self.complain(error)


def _standing(sheet: Sheet | None) -> str:
    """What a sheet's signature is waiting for, or what became of it."""
    if sheet is None:
        return _("先生成说明书，再请客户签名")
    if sheet.state == SheetState.VOID:
        return _("已作废：{reason}").format(reason=sheet.void_reason or "")
    if sheet.state == SheetState.REFUSED:
        return _("客户拒签：{reason}").format(reason=sheet.refused_reason or "")
    if sheet.signed_at is not None:
        return _("已于 {moment} 签署并锁定").format(moment=format_moment(sheet.signed_at))
    return "" if sheet.state in IN_HAND else _("打印并交给客户之后，才能签署")
