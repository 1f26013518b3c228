"""Customers: a long list that answers any question, and one customer's file beside it."""

import uuid
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QProgressBar, QSplitter, QStackedWidget, QTabWidget, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import N_, _, format_moment
from insuragent.models import RECORDS, Customer
from insuragent.models.customer import Stage
from insuragent.models.fields import fields_of
from insuragent.services import customers, drafts, records
from insuragent.services.customers import Facts, Happening
from insuragent.services.records import Past, Query
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, host, row
from insuragent.ui.pages.base import Page, refill
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.tables import ChipDelegate, RecordModel, RecordTable
from insuragent.ui.widgets import Avatar, EmptyState, SearchField, button, card, chip, label, scrolled

COLUMNS = ("name", "gender", "birth_date", "mobile", "stage", "customer_class", "doc_no")
WIDTHS = (96, 60, 110, 124, 100, 80, 170)
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
TIMELINE = {
    "visit": N_("拜访"),
    "complaint": N_("投诉"),
    "sheet": N_("产品说明书"),
    "needs_analysis": N_("需求分析"),
    "consent": N_("同意"),
}


class CustomersPage(Page):
    """The list on the left, the chosen customer's file on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset({"customer"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("客户"))
        self.search = SearchField(_("搜索姓名、拼音、手机号、证件尾号、地址（Ctrl+F）"))
        self.search.searched.connect(lambda _text: self._list())
        self.stage = QComboBox()
        self.stage.setAccessibleName(_("阶段"))
        self.stage.addItem(_("全部阶段"), None)
        for stage in Stage:
            self.stage.addItem(_(stage.label), stage)
        self.stage.addItem(_("已归档"), "archived")
        self.stage.activated.connect(lambda _place: self._list())
        self.model = RecordModel(context.tasks, Customer, COLUMNS)
        self.table = RecordTable(self.model, _("客户列表"), WIDTHS)
        kinds = {_(stage.label): kind for stage, kind in STAGE_KINDS.items()}
        self.table.setItemDelegateForColumn(COLUMNS.index("stage"), ChipDelegate(self.table, kinds))
        self.table.opened.connect(self.open_customer)
        self.model.counted.connect(self._on_counted)
        self.file = CustomerFile(context, self)
        nothing = EmptyState("users", _("没有找到客户"), _("新建客户"), self.new_customer)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.table)
        self._lists.addWidget(nothing)
        left = card(column(row((self.search, 1), self.stage, margins=12), (self._lists, 1), spacing=0), margins=0)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        split.addWidget(left)
        split.addWidget(self.file)
        split.setSizes([740, 420])
        self.body.addWidget(split, 1)
        self.tools.addWidget(button(_("新建客户"), self.new_customer, icon="user-plus", kind="primary"))
        action(self, _("搜索客户"), "Ctrl+F", self.search.setFocus, icon="search")
        action(self, _("新建客户"), "Ctrl+N", self.new_customer, icon="user-plus")
        action(self, _("保存"), "Ctrl+S", self.file.save, icon="save")
        self.setFocusProxy(self.search)
        self._list()

    def refresh(self) -> None:
        self.model.reload()
        self.file.refresh()

    def show_target(self, target: Any) -> None:
        """Open a customer by id, or with a dict the form for a new one filled with it."""
        if isinstance(target, uuid.UUID):
            self.open_customer(target)
        elif isinstance(target, dict):
            self.new_customer()
            self.file.form.take(target)

    def save_draft(self) -> None:
        """Keep what is typed in the form."""
        self.file.form.save_draft()

    def open_customer(self, customer_id: uuid.UUID) -> None:
        """Show a customer's file."""
        self.file.open_customer(customer_id)

    def new_customer(self) -> None:
        """An empty form; a draft of an earlier one is offered."""
        self.file.new_customer()

    def _list(self) -> None:
        chosen = self.stage.currentData()
        where = {"stage": chosen} if isinstance(chosen, Stage) else {}
        archived = chosen == "archived"
        old = self.model.query
        self.model.show(
            Query(self.search.text(), where, {}, old.order, old.descending, archived=archived, only_archived=archived)
        )

    def _on_counted(self, count: int) -> None:
        self.note.setText(_("共 {n} 位").format(n=f"{count:,}"))
        self._lists.setCurrentIndex(0 if count else 1)


class CustomerFile(QWidget):
    """One customer: head with completeness, and tabs for what hangs on him."""

    def __init__(self, context: Context, page: Page) -> None:
        super().__init__()
        self.context, self.page = context, page
        self.customer_id: uuid.UUID | None = None
        self.form = RecordForm(context, Customer, draft="customer")
        self._avatar = Avatar("")
        self._name, self._about = label("", "h2"), label("", "cap", wrap=True)
        self._meter = QProgressBar()
        self._meter.setTextVisible(False)
        self._meter.setFixedHeight(8)
        self._meter.setAccessibleName(_("完整度"))
        self._saved = label("", "cap")
        self._archive = button(_("归档"), self._on_archive, icon="archive")
        self._save = button(_("保存"), self.save, icon="save", kind="primary")
        self._timeline, self._past = column(spacing=6), column(spacing=6)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        for title, widget in (
            (_("基本"), self._scrolling(self.form)),
            (_("往来"), scrolled(self._timeline)),
            (_("留痕"), scrolled(self._past)),
        ):
            self._tabs.addTab(widget, title)
        head = row(self._avatar, (column(self._name, self._about, self._meter, spacing=3), 1), margins=(16, 14, 16, 8))
        foot = row(self._saved, None, self._archive, self._save, margins=(16, 8, 16, 14))
        shown = card(column(head, (self._tabs, 1), foot, spacing=0), margins=0)
        self._empty = card(column(EmptyState("user", _("在左边选择一位客户，或新建客户"))))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(shown)
        self.setLayout(column(self._stack))

    def open_customer(self, customer_id: uuid.UUID) -> None:
        """Show a customer; what was typed for another is kept as a draft first."""
        self.form.save_draft()
        self.customer_id = customer_id
        self.context.tasks.run(self, records.get, Customer, customer_id).then(self._fill)
        self._read_rest()

    def new_customer(self) -> None:
        """An empty form."""
        self.customer_id = None
        self.form.fill({})
        self._name.setText(_("新客户"))
        self._about.setText(_("填写姓名即可保存，其余可以以后补充"))
        self._avatar.show_name("")
        self._meter.setValue(0)
        self._archive.hide()
        self._tabs.setCurrentIndex(0)
        self._stack.setCurrentIndex(1)
        self.form.editors["name"].widget.setFocus()
        self.context.tasks.run(self, drafts.load, "customer").then(self._offer)

    def refresh(self) -> None:
        """Read again what stands beside the form; the form itself keeps what is being typed."""
        if self.customer_id is not None:
            self._read_rest()

    def save(self) -> None:
        """Save the form: a new customer or the changes of one."""
        if self._stack.currentIndex() != 1:
            return
        changes = self.form.changes()
        if self.customer_id is None:
            task = self.context.tasks.run(self, customers.create, changes)
        else:
            task = self.context.tasks.run(self, customers.change, self.customer_id, changes)
        task.then(self._on_saved).failed(self._on_refused)

    def _read_rest(self) -> None:
        if self.customer_id is not None:
            self.context.tasks.run(self, customers.facts, self.customer_id).then(self._show_facts)
            self.context.tasks.run(self, customers.timeline, self.customer_id).then(self._show_timeline)
            self.context.tasks.run(self, records.history, self.customer_id).then(self._show_past)

    def _fill(self, customer: Customer) -> None:
        self.form.fill(customer.plain(), customer.id)
        self._name.setText(customer.name)
        self._avatar.show_name(customer.name)
        self._archive.show()
        self._archive.setText(" " + (_("恢复") if customer.archived_at else _("归档")))
        self._saved.setText(_("上次保存 {moment}").format(moment=format_moment(customer.changed_at)))
        self._stack.setCurrentIndex(1)

    def _offer(self, kept: drafts.Kept | None) -> None:
        if kept is not None and kept.record_id is None and kept.values:
            words = _("有一份 {moment} 没有保存的草稿").format(moment=format_moment(kept.at))
            self.page.say(words, "info", _("继续填写"), lambda: self.form.take(kept.values))

    def _on_saved(self, customer: Customer) -> None:
        self.form.saved()
        self.customer_id = customer.id
        self._fill(customer)
        self._read_rest()
        self.page.say(_("已保存"))

    def _on_refused(self, error: InsuragentError) -> None:
        if isinstance(error, customers.DuplicateCustomer):
            existing = error.existing
            self.page.say(str(error), "bad", _("打开原客户"), lambda: self.open_customer(existing))
            self.form.refused(error)
        elif not self.form.refused(error):
            self.page.complain(error)

    def _on_archive(self) -> None:
        if self.customer_id is None:
            return
        wanted = self.customer_id
        archived = self._archive.text().strip() == _("恢复")
        way = records.restore if archived else records.archive
        task = self.context.tasks.run(self, way, Customer, wanted)
        task.then(lambda customer: self._on_archived(customer)).failed(self.page.complain)

    def _on_archived(self, customer: Customer) -> None:
        self._fill(customer)
        if customer.archived_at is not None:
            self.page.say(_("已归档"), "ok", _("撤销"), self._on_archive)

    def _show_facts(self, facts: Facts) -> None:
        self._meter.setValue(facts.completeness)
        parts = [_("{age} 岁").format(age=facts.age)] if facts.age is not None else []
        parts.append(_("完整度 {percent}%").format(percent=facts.completeness))
        labels = fields_of(Customer)
        missing = "、".join(_(labels[name].label) for name in facts.missing[:3])
        parts += [_("还缺 {names}").format(names=missing)] if missing else []
        self._about.setText(" · ".join(parts))

    def _show_timeline(self, found: list[Happening]) -> None:
        rows = [
            host(
                row(label(format_moment(one.at), "cap"), chip(_(TIMELINE[one.kind])), (label(one.title, wrap=True), 1))
            )
            for one in found
        ]
        refill(self._timeline, rows or [EmptyState("history", _("还没有往来记录"))])

    def _show_past(self, found: list[Past]) -> None:
        fields = fields_of(RECORDS["customer"])
        rows: list[QWidget] = []
        for past in found:
            names = "、".join(_(fields[name].label) for name in past.changes if name in fields)
            words = past.reason or names
            state = [chip(_("待同步"), "warn")] if past.pending else []
            about = label(" ".join(filter(None, (past.by, words))), "cap", wrap=True)
            rows.append(host(row(label(format_moment(past.at), "cap"), chip(past.deed), (about, 1), *state)))
        refill(self._past, rows)

    def _scrolling(self, widget: QWidget) -> QWidget:
        return scrolled(column(widget, None, margins=16))
