"""One customer's file: who he is, how complete it is, and a tab for each thing that hangs on him."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_date, format_moment, listed
from insuragent.models import Complaint, Consent, Customer, FamilyMember, NeedsAnalysis, Sheet, Visit
from insuragent.models.complaint import Category, ComplaintState
from insuragent.models.fields import choice_words, fields_of
from insuragent.models.sheet import SheetState
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.services import customers, records, syncing
from insuragent.services.customers import Facts
from insuragent.services.drafts import Kept
from insuragent.ui.areas import scrolled
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, empty, row
from insuragent.ui.parts import looks
from insuragent.ui.parts.consents import ConsentsTab
from insuragent.ui.parts.family import FamilyTab
from insuragent.ui.parts.history import HistoryTab
from insuragent.ui.parts.linked import CustomerTab, FormTab, LinkedTab
from insuragent.ui.parts.lists import line
from insuragent.ui.parts.needs import NeedsTab
from insuragent.ui.parts.papers import PapersTab
from insuragent.ui.saving import Later
from insuragent.ui.shell import Context, Opened
from insuragent.ui.tabs import Tabs
from insuragent.ui.widgets import Avatar, Banner, EmptyState, button, card, chip, label, tool_button

#: What is made and corrected here and nowhere else.
HANGING = (FamilyMember.kind(), NeedsAnalysis.kind(), Consent.kind())


class CustomerFile(QWidget):
    """The file of the customer shown, or the form for a new one. ``opened`` tells that another customer is shown."""

    opened = Signal(object)

    def __init__(self, context: Context, print_out: Callable[[], object]) -> None:
        super().__init__()
        self.context, self._print_out = context, print_out
        self.customer_id: uuid.UUID | None = None
        self.archived = False
        self.form = RecordForm(context, Customer, draft="customer")
        self.family = FamilyTab(context)
        self.needs = NeedsTab(context)
        self.sheets = self._linked(
            Sheet, "sheets", self._sheet_line, "file-text", _("还没有产品说明书"), _("制作说明书")
        )
        self.visits = self._linked(Visit, "calendar", self._visit_line, "calendar-days", _("还没有拜访"), _("安排拜访"))
        self.complaints = self._linked(
            Complaint, "complaints", self._complaint_line, "message-square", _("没有投诉"), _("记录投诉")
        )
        self.consents = ConsentsTab(context)
        self.consents.granted.connect(self.form.show_consents)
        self.papers = PapersTab(context)
        self.history = HistoryTab(context, Customer)
        self._make_tabs()
        self._stack = QStackedWidget()
        self._stack.addWidget(card(column(EmptyState("user", _("在左边选择一位客户，或新建客户")))))
        head, foot = self._make_head(), self._make_foot()
        self._stack.addWidget(card(column(head, (self._tabs, 1), foot, spacing=0), margins=0))
        self.setLayout(column(self._stack))

    # --- opening and saving --------------------------------------------------------------------------------------

    def open_customer(self, customer_id: uuid.UUID, then: Callable[[], object] = lambda: None) -> None:
        """Show a customer, then do what follows; what was typed for another is kept as a draft first.

        One who is gone is told.
        """
        if customer_id == self.customer_id and self.form.dirty:
            then()
            return
        self.form.save_draft()
        if customer_id != self.customer_id:
            self.form.show_consents(())  # nothing counts as agreed to before it is read
        self.customer_id = customer_id
        task = self.context.tasks.run(self, records.get, Customer, customer_id)
        task.then(lambda found: self._fill(found, draft=True)).then(lambda _found: then())
        task.failed(self.context.toaster.complain)

    def open_record(self, opened: Opened) -> None:
        """Show a record's form: the customer's own, or that of one that hangs on him, in its tab."""
        if opened.customer_id is None or opened.kind == Customer.kind():
            self.open_customer(opened.record_id)
        else:
            self.open_customer(opened.customer_id, lambda: self._open_in_tab(opened))

    def _open_in_tab(self, opened: Opened) -> None:
        tab = self._tab_of(opened.kind)
        self._tabs.setCurrentWidget(tab)
        if isinstance(tab, FormTab):
            tab.open_record(opened.record_id)

    def _tab_of(self, kind: str) -> QWidget:
        if kind == Consent.kind():
            return self.consents
        return next(tab for _title, tab, named in self._titles if named == kind)

    def go_on(self, kept: Kept) -> None:
        """Take up a draft: of a customer, or of what hangs on one."""
        if kept.kind != Customer.kind():
            tab = self.family if kept.kind == FamilyMember.kind() else self.needs
            self.open_customer(kept.values["customer_id"], lambda: self._go_on_in(tab, kept))
        elif kept.record_id is not None:
            self.open_customer(kept.record_id, lambda: self.form.go_on(kept))
        else:
            self.new_customer()
            self.form.go_on(kept)

    def _go_on_in(self, tab: FormTab, kept: Kept) -> None:
        self._tabs.setCurrentWidget(tab)
        tab.go_on(kept)

    def new_customer(self) -> None:
        """An empty form; a draft of an earlier one is offered."""
        self.form.save_draft()
        self.customer_id = None
        self.form.fill({})
        self.form.show_consents(())
        self._name.setText(_("新客户"))
        self._about.setText(_("填写姓名即可保存，其余可以以后补充"))
        self._avatar.show_name("")
        self._meter.setValue(0)
        self._saved.clear()
        self._show_linked(False)
        self._stack.setCurrentIndex(1)
        self.form.editors["name"].widget.setFocus()
        self.form.offer_draft()

    def refresh(self) -> None:
        """Read again what stands beside the form; the form itself keeps what is being typed."""
        if self.customer_id is not None:
            self._read_rest()
            self._show_tab()
            if not self.form.dirty:
                self.context.tasks.run(self, records.get, Customer, self.customer_id).then(self._renew)

    def save(self) -> None:
        """Save what is shown: the form of a tab, or the customer."""
        shown = self._tabs.currentWidget()
        if isinstance(shown, FormTab):
            shown.save()
        elif self._stack.currentIndex() == 1 and not self.form.saving.under_way:
            changes = self.form.changes()
            run = self.context.tasks.run
            if self.customer_id is None:
                task = run(self, customers.create, changes)
            else:
                task = run(self, customers.change, self.customer_id, changes, self.form.before())
            self.form.saving.follow(task, partial(self._on_saved, changed=bool(changes)), self._on_refused)

    def save_draft(self) -> None:
        """Keep what is typed in any form."""
        for form in (self.form, self.family.form, self.needs.form):
            form.save_draft()

    def _fill(self, customer: Customer, *, draft: bool = False) -> None:
        if customer.id != self.customer_id:
            return  # another was chosen meanwhile
        self.form.fill(customer.plain(), customer.id)
        self._name.setText(customer.name)
        self._avatar.show_name(customer.name)
        self.archived = customer.archived_at is not None
        self._archive.setText(" " + (_("恢复") if self.archived else _("归档")))
        self._saved.setText(_("上次保存 {moment}").format(moment=format_moment(customer.changed_at)))
        self._show_linked(True)
        self._stack.setCurrentIndex(1)
        self.consents.show_customer(customer.id, customer.name)
        self._read_rest()
        self._show_tab()
        self.opened.emit(customer.id)
        if draft:
            self.form.offer_draft()

    def _renew(self, customer: Customer) -> None:
        """Show what a sync or another page changed, unless somebody is typing."""
        shown = self.form.values()
        changed = any(getattr(customer, name) != value for name, value in shown.items())
        changed = changed or self.archived != (customer.archived_at is not None)
        if customer.id == self.customer_id and not self.form.dirty and changed:
            self._fill(customer)

    def _on_saved(self, customer: Customer, later: Later | None, *, changed: bool) -> None:
        if later is not None:
            self.customer_id = customer.id
            self._fill(customer)
        if changed:
            self.context.edits.tell(customer)
        else:
            self.context.toaster.show(_("没有需要保存的修改"), "info")

    def _on_refused(self, error: InsuragentError) -> None:
        shown = self.form.refused(error)
        if isinstance(error, customers.DuplicateCustomer):
            existing = error.existing
            words = error.problems["doc_no"]
            self.context.toaster.show(words, "bad", _("打开原客户"), lambda: self.open_customer(existing))
        elif shown:
            self._tabs.setCurrentIndex(0)
        else:
            self.context.toaster.complain(error)

    def change_archived(self) -> None:
        """Take the customer out of sight, or bring him back."""
        if self.customer_id is not None:
            way = records.restore if self.archived else records.archive
            task = self.context.tasks.run(self, way, Customer, self.customer_id)
            task.then(self._on_archived).failed(self.context.toaster.complain)

    def _on_archived(self, customer: Customer) -> None:
        self._fill(customer)
        self.context.edits.tell(customer, _("已归档") if self.archived else _("已恢复"))

    # --- what stands beside --------------------------------------------------------------------------------------

    def _read_rest(self) -> None:
        asked = self.customer_id
        if asked is not None:
            self.context.tasks.run(self, customers.facts, asked).then(lambda found: self._show_facts(asked, found))
            self.context.tasks.run(self, _notices, asked).then(lambda found: self._show_notices(asked, *found))

    def _show_facts(self, asked: uuid.UUID, facts: Facts) -> None:
        if asked != self.customer_id:
            return
        self._meter.setValue(facts.completeness)
        parts = [_("{age} 岁").format(age=facts.age)] if facts.age is not None else []
        parts.append(_("完整度 {percent}%").format(percent=facts.completeness))
        labels = fields_of(Customer)
        if facts.verified_on is not None:
            parts.append(_("身份已核验 {date}").format(date=format_date(facts.verified_on)))
        if facts.aml_risk:
            parts.append(_("洗钱风险：{level}").format(level=facts.aml_risk))
        missing = listed(_(labels[name].label) for name in facts.missing[:3])
        parts += [_("还缺 {names}").format(names=missing)] if missing else []
        self._about.setText(" · ".join(parts))
        for place, (title, _tab, kind) in enumerate(self._titles):
            count = facts.counts.get(kind, 0) if kind else 0
            self._tabs.name(place, f"{title} {count}" if count else title)

    def _show_notices(self, asked: uuid.UUID | None, found: list[str], contested: Sequence[str] = ()) -> None:
        if asked == self.customer_id:
            empty(self._notices)
            for words in found:
                self._notices.addWidget(Banner(words, "warn"))
            if contested:
                words = _("{fields} 有冲突，请选择").format(fields=listed(contested))
                self._notices.addWidget(Banner(words, "warn", _("去选择"), lambda: self.context.go("syncing", asked)))

    def _show_linked(self, there: bool) -> None:
        self._tabs.setCurrentIndex(self._tabs.currentIndex() if there else 0)
        for place in range(1, self._tabs.count()):
            self._tabs.offer(place, there=there)
        self._archive.setVisible(there)
        self._more.setVisible(there)
        self._printing.setVisible(there)
        if not there:
            self._show_notices(self.customer_id, [])

    def _show_tab(self) -> None:
        """Read what the tab in front shows; the others wait until they are looked at."""
        tab = self._tabs.currentWidget()
        if self.customer_id is None:
            return
        if isinstance(tab, CustomerTab):
            tab.show_customer(self.customer_id)
        elif tab is self.history:
            self.history.show_record(self.customer_id)
        self._foot_save.setVisible(not isinstance(tab, CustomerTab | ConsentsTab | HistoryTab))

    # --- making --------------------------------------------------------------------------------------------------

    def _make_tabs(self) -> None:
        self._titles: list[tuple[str, QWidget, str]] = [
            (_("基本"), scrolled(column(self.form, None, margins=16)), ""),
            (_("家庭"), self.family, "family_member"),
            (_("需求"), self.needs, "needs_analysis"),
            (_("说明书"), self.sheets, "sheet"),
            (_("拜访"), self.visits, "visit"),
            (_("投诉"), self.complaints, "complaint"),
            (_("同意书"), self.consents, ""),
            (_("文书"), self.papers, ""),
            (_("留痕"), self.history, ""),
        ]
        self._tabs = Tabs(_("客户资料"))
        for title, widget, _kind in self._titles:
            self._tabs.addTab(widget, title)
        self._tabs.currentChanged.connect(lambda _place: self._show_tab())

    def _make_head(self) -> QVBoxLayout:
        self._avatar = Avatar("")
        self._name, self._about = label("", "h2"), label("", "cap", wrap=True)
        self._meter = QProgressBar()
        self._meter.setTextVisible(False)
        self._meter.setAccessibleName(_("完整度"))
        go = self.context.go
        self._more = tool_button("calendar-plus", _("安排拜访"), lambda: go("calendar", ("customer", self.customer_id)))
        self._printing = tool_button("printer", _("打印客户资料"), self._print_out)
        words = column(self._name, self._about, self._meter, spacing=4)
        self._notices = column(spacing=6, margins=(16, 0, 16, 8))
        top = row(self._avatar, (words, 1), self._printing, self._more, spacing=12, margins=(16, 14, 16, 10))
        return column(top, self._notices, spacing=0)

    def _make_foot(self) -> QHBoxLayout:
        self._saved = label("", "cap")
        self._archive = button(_("归档"), self.change_archived, icon="archive")
        self._foot_save = button(_("保存"), self.save, icon="save", kind="primary")
        return row(self._saved, None, self._archive, self._foot_save, margins=(16, 10, 16, 14))

    def _linked(
        self, kind: type[Any], page: str, words: Callable[[Any], QWidget], icon: str, empty: str, add_text: str
    ) -> LinkedTab:
        def add(customer_id: uuid.UUID) -> object:
            return self.context.go(page, ("customer", customer_id))

        return LinkedTab(self.context, kind, line=words, icon=icon, empty=empty, add_text=add_text, add=add)

    def _open(self, page: str, target: object) -> QWidget:
        return button(_("打开"), lambda: self.context.go(page, target), kind="link")

    def _sheet_line(self, one: Sheet) -> QWidget:
        state = chip(choice_words(SheetState, one.state), looks.SHEET.get(one.state, "neutral"))
        words = f"{one.sheet_no} · {format_moment(one.created_at)}"
        return line(one.product_name, words, state, self._open("sheets", ("sheet", one.id)))

    def _visit_line(self, one: Visit) -> QWidget:
        state = chip(choice_words(VisitStatus, one.status), looks.VISIT.get(one.status, "accent"))
        words = " · ".join(filter(None, (choice_words(VisitPurpose, one.purpose), one.summary)))
        return line(format_moment(one.actual_start or one.planned_start), words, state, self._open("calendar", one.id))

    def _complaint_line(self, one: Complaint) -> QWidget:
        words = f"{one.complaint_no} · {format_moment(one.received_at)}"
        about, state = choice_words(Category, one.category), chip(choice_words(ComplaintState, one.state))
        return line(about, words, state, self._open("complaints", one.id))


def _notices(work: Any, customer_id: uuid.UUID) -> tuple[list[str], list[str]]:
    """What should be known of a customer, and what is contested in his file."""
    found = customers.notices(work, records.get(work, Customer, customer_id))
    return found, [one.label for one in syncing.contested_of(work, customer_id)]
