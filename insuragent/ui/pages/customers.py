"""Customers: a long list that answers any question, and one customer's file beside it."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtWidgets import QComboBox, QStackedWidget

from insuragent.i18n import _
from insuragent.models import Customer
from insuragent.models.customer import CustomerClass, Stage
from insuragent.models.fields import Choice
from insuragent.services import printing, retention
from insuragent.services.drafts import Kept
from insuragent.services.records import Query
from insuragent.services.retention import Standing
from insuragent.ui.flow import Flow, Wrapping
from insuragent.ui.layout import column
from insuragent.ui.lines import SearchField
from insuragent.ui.pages.base import Page
from insuragent.ui.parts import verifying
from insuragent.ui.parts.customer_file import HANGING, CustomerFile
from insuragent.ui.parts.import_wizard import ImportWizard
from insuragent.ui.shell import Context, Opened
from insuragent.ui.shortcuts import action
from insuragent.ui.splits import split
from insuragent.ui.tables import ChipDelegate, RecordModel, RecordTable
from insuragent.ui.widgets import EmptyState, button, card

COLUMNS = ("name", "gender", "birth_date", "mobile", "stage", "customer_class", "doc_no")
WIDTHS = (96, 72, 110, 124, 100, 80, 180)
STAGE_KINDS = {
    Stage.LEAD: "neutral",
    Stage.FIRST_VISIT: "accent",
    Stage.ANALYSIS: "accent",
    Stage.EXPLAIN: "violet",
    Stage.APPLYING: "warn",
    Stage.IN_FORCE: "ok",
    Stage.SERVICE: "ok",
    Stage.DORMANT: "neutral",
}
CLASS_KINDS = {CustomerClass.CORE: "violet", CustomerClass.KEY: "accent"}
ARCHIVED, HANDED_OVER, OVERDUE = "archived", "handed_over", "overdue"


class CustomersPage(Page):
    """The list on the left, the chosen customer's file on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset(
        {"customer", "family_member", "needs_analysis", "sheet", "visit", "complaint", "consent", "attachment"}
    )
    #: A customer, and what hangs on one and has no page of its own.
    opens: ClassVar[tuple[str, ...]] = (Customer.kind(), *HANGING)

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("客户管理"))
        self.search = SearchField(_("搜索姓名、拼音、手机号、证件尾号、地址（Ctrl+F）"))
        self.search.searched.connect(lambda _text: self._list())
        self.search.returnPressed.connect(self._enter_list)
        self.stage = self._filter(_("阶段"), _("全部阶段"), Stage)
        self.stage.addItem(_("已归档"), ARCHIVED)
        self.stage.addItem(_("保存期限已到"), OVERDUE)
        self._overdue: tuple[uuid.UUID, ...] = ()
        self._handed_over: tuple[uuid.UUID, ...] = ()
        self.klass = self._filter(_("分类"), _("全部分类"), CustomerClass)
        self.model = RecordModel(context.tasks, Customer, COLUMNS)
        self.table = RecordTable(self.model, _("客户列表"), WIDTHS, context.settings, keep_order=True)
        self._dress("stage", {_(stage.label): kind for stage, kind in STAGE_KINDS.items()})
        self._dress("customer_class", {_(one.label): kind for one, kind in CLASS_KINDS.items()})
        self.file = CustomerFile(context, self.print_file)
        self.table.opened.connect(self.file.open_customer)
        self.table.entered_row.connect(lambda: self.file.form.editors["name"].widget.setFocus())
        self.model.counted.connect(self._on_counted)
        self._make_layout()
        self._make_actions()
        self.setFocusProxy(self.search)
        self._list()

    def refresh(self) -> None:
        self.model.reload()
        self.file.refresh()

    def show_target(self, target: Any) -> None:
        """Open a customer by id, a record in his file, a new one for ("customer", None), or what was left unsaved.

        Several ids list these customers: those who were handed over.
        """
        match target:
            case uuid.UUID():
                self.open_customer(target)
            case Opened():
                self.file.open_record(target)
            case ("customer", None):
                self.new_customer()
            case (uuid.UUID(), *_others):
                self._list_only(target)
            case Kept():
                self.file.go_on(target)

    def save_draft(self) -> None:
        """Keep what is typed."""
        self.file.save_draft()

    def open_customer(self, customer_id: uuid.UUID) -> None:
        """Show a customer's file."""
        self.file.open_customer(customer_id)

    def new_customer(self) -> None:
        """An empty form; a draft of an earlier one is offered."""
        self.table.clearSelection()
        self.file.new_customer()

    def import_file(self) -> ImportWizard:
        """Take a list over from a file."""
        wizard = ImportWizard(self.context, self)
        wizard.open()
        return wizard

    def print_file(self) -> None:
        """Print the file that is shown, masked."""
        if self.file.customer_id is None:
            self.say(_("请先选择客户"), "info")
        else:
            self.print_pages(printing.customer_file, self.file.customer_id)

    def verify(self) -> None:
        """Note that the customer shown was compared with his document."""
        if self.file.customer_id is None:
            self.say(_("请先选择客户"), "info")
        else:
            verifying.ask(self.context, self, self.file.customer_id)

    def _filter(self, name: str, every: str, choices: type[Choice]) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.addItem(every, None)
        for choice in choices:
            made.addItem(_(choice.label), choice)
        made.activated.connect(lambda _place: self._choose())
        return made

    def _choose(self) -> None:
        if self.stage.currentData() == OVERDUE:
            self.context.tasks.run(self, retention.overdue).then(self._list_overdue)
        else:
            self._list()

    def _list_overdue(self, found: Sequence[Standing]) -> None:
        self._overdue = tuple(one.customer_id for one in found)
        self._list()

    def _dress(self, column_name: str, kinds: dict[str, str]) -> None:
        self.table.setItemDelegateForColumn(COLUMNS.index(column_name), ChipDelegate(self.table, kinds))

    def _make_layout(self) -> None:
        self.nothing = EmptyState("users", _("没有找到客户"), _("新建客户"), self.new_customer)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(self.nothing)
        filters = column(Wrapping(Flow(self.search, self.stage, self.klass, grows=self.search)), margins=12)
        listed = card(column(filters, (self._lists, 1), spacing=0), margins=1)
        halves = split(self.context.settings, "customers", (650, 480), listed, self.file)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        self.body.addWidget(halves, 1)
        self.tools.addWidget(button(_("导入 Excel"), self.import_file, icon="upload"))
        self.tools.addWidget(button(_("新建客户"), self.new_customer, icon="user-plus", kind="primary"))

    def _make_actions(self) -> None:
        action(self, _("搜索客户"), "Ctrl+F", self.search.setFocus, icon="search")
        action(self, _("新建客户"), "Ctrl+N", self.new_customer, icon="user-plus")
        action(self, _("保存"), "Ctrl+S", self.file.save, icon="save")
        action(self, _("导入 Excel"), "Ctrl+I", self.import_file, icon="upload")
        action(self, _("打印客户资料"), "Ctrl+P", self.print_file, icon="printer")
        action(self, _("归档或恢复"), "Ctrl+E", self.file.change_archived, icon="archive")
        action(self, _("核验身份"), "Ctrl+Shift+E", self.verify, icon="user-check")

    def _enter_list(self) -> None:
        self._list()
        self.table.setFocus()
        self.table.choose_first()

    def _list(self) -> None:
        stage, klass = self.stage.currentData(), self.klass.currentData()
        where: dict[str, Any] = {"stage": stage} if isinstance(stage, Stage) else {}
        where |= {"customer_class": klass} if klass is not None else {}
        where |= {"id": self._handed_over} if stage == HANDED_OVER else {}
        where |= {"id": self._overdue} if stage == OVERDUE else {}
        archived = stage == ARCHIVED
        old = self.model.query
        self.model.show(
            Query(self.search.text(), where, {}, old.order, old.descending, archived=archived, only_archived=archived)
        )

    def _list_only(self, customer_ids: tuple[uuid.UUID, ...]) -> None:
        """Show the customers who were handed over and no others, and the first one's file."""
        self._handed_over = customer_ids
        place = self.stage.findData(HANDED_OVER)
        if place < 0:
            place = self.stage.count()
            self.stage.addItem(_("刚移交给您的"), HANDED_OVER)
        self.stage.setCurrentIndex(place)
        self.klass.setCurrentIndex(0)
        self.search.clear()
        self._list()
        self.open_customer(customer_ids[0])

    def _on_counted(self, count: int) -> None:
        self.note.setText(_("共 {n} 位").format(n=f"{count:,}"))
        asked = bool(self.search.text() or self.model.query.where)
        self.nothing.show_sentence(
            _("没有找到客户，请换一个条件，或新建客户") if asked else _("还没有客户。新建一位，或从 Excel 导入。")
        )
        self._lists.setCurrentIndex(0 if count else 1)
