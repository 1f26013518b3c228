"""Complaints: taken down with six fields, two clocks in sight, and the steps that a desk may take."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _, format_moment
from insuragent.models import Complaint, Customer
from insuragent.rules.complaint import REQUIRED
from insuragent.services import complaints, records
from insuragent.services.drafts import Kept
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, row
from insuragent.ui.pages.base import Page
from insuragent.ui.parts.complaint_list import ComplaintList
from insuragent.ui.parts.complaint_view import ComplaintView
from insuragent.ui.saving import Later
from insuragent.ui.shell import Context, Opened
from insuragent.ui.shortcuts import action
from insuragent.ui.splits import split
from insuragent.ui.widgets import button, card, label

FIELDS = (
    "customer_id", *REQUIRED, "severity", "demand", "amount", "place", "respondent", "policy_no",
    "role", "second_category", "third_category", "sub_reason",
)  # fmt: skip


class ComplaintsPage(Page):
    """The list on the left; a form to take one down, or one complaint with its steps, on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset({"complaint"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("投诉办理"))
        self.list = ComplaintList(context)
        self.list.opened.connect(self.open_complaint)
        self.list.counted.connect(self._on_counted)
        self.form = RecordForm(context, Complaint, FIELDS, draft="complaint")
        self.form.editors["customer_id"].on_edit(self._on_customer)
        self.view = ComplaintView(context, FIELDS, self.print_pages)
        self._right = QStackedWidget()
        self._right.addWidget(card(self._make_taking()))
        self._right.addWidget(card(column(self.view)))
        halves = (card(column(self.list)), self._right)
        self.body.addWidget(split(context.settings, "complaints", (560, 600), *halves), 1)
        self.tools.addWidget(button(_("记录投诉"), self.new_complaint, icon="plus", kind="primary"))
        action(self, _("搜索投诉"), "Ctrl+F", self.list.search.setFocus, icon="search")
        action(self, _("记录投诉"), "Ctrl+N", self.new_complaint, icon="plus")
        action(self, _("保存"), "Ctrl+S", self.save, icon="save")
        action(self, _("打印受理回执"), "Ctrl+P", self.print_receipt, icon="printer")
        self._minute = QTimer(self, interval=30_000)
        self._minute.timeout.connect(self.refresh)
        self._minute.start()
        self._chosen: uuid.UUID | None = None
        self.setFocusProxy(self.list.search)
        self.new_complaint()
        self.refresh()

    def refresh(self) -> None:
        self.form.keep_now("received_at")
        self.list.refresh()
        if self._chosen is not None:
            self.context.tasks.run(self, complaints.opened, self._chosen).then(self._show_one)

    def show_target(self, target: Any) -> None:
        """Open a complaint by id, a new one for ("customer", id or None), or one left unsaved by its draft."""
        match target:
            case uuid.UUID() | Opened():
                self.open_complaint(target.record_id if isinstance(target, Opened) else target)
            case ("customer", customer_id):
                self.new_complaint(customer_id)
            case Kept():
                self.new_complaint()
                self.form.go_on(target)

    def save_draft(self) -> None:
        """Keep what is typed."""
        self.form.save_draft()

    def new_complaint(self, customer_id: uuid.UUID | None = None) -> None:
        """The form for what is being said right now; what was typed before is kept, and offered."""
        if customer_id is None:
            self._begin({})
        else:
            task = self.context.tasks.run(self, records.get, Customer, customer_id)
            task.then(lambda who: self._begin({"customer_id": who.id, "complainant_name": who.name}))

    def _begin(self, told: dict[str, Any]) -> None:
        self._chosen = None
        self.form.fill(told)
        self._right.setCurrentIndex(0)
        self.form.editors["contact" if told else "customer_id"].widget.setFocus()
        self.form.offer_draft()

    def open_complaint(self, complaint_id: uuid.UUID) -> None:
        """Show a complaint with its steps; what is typed into the form stays there."""
        self._chosen = complaint_id
        self.context.tasks.run(self, complaints.opened, complaint_id).then(self._show_one).failed(self.complain)

    def print_receipt(self) -> None:
        """Print the receipt of the complaint that is shown."""
        if self._chosen is None:
            self.say(_("请先打开一件投诉"), "info")
        else:
            self.view.print_receipt(self._chosen)

    def save(self) -> None:
        """Take the complaint down."""
        if self._right.currentIndex() != 0 or self.form.saving.under_way:
            return
        self.form.keep_now("received_at")  # a long narrative takes minutes to type
        values = self.form.changes()
        now = dt.datetime.now(dt.UTC)
        told = values.get("received_at") or now
        if not isinstance(told, dt.datetime) or now - told < dt.timedelta(minutes=1):
            self._receive(values)
            return
        title, words = _("补记原因"), _("收到时间早于现在，请说明原因。")
        reasons = (_("当时不便记录"), _("电话中受理"))
        dialogs.ask_reason(
            self, title, words, lambda why: self._receive(values | {"backdate_reason": why}), presets=reasons
        )

    def _receive(self, values: dict[str, Any]) -> None:
        task = self.context.tasks.run(self, complaints.receive, values)
        self.form.saving.follow(task, self._on_received, self._on_refused)

    def _on_received(self, made: Complaint, later: Later | None) -> None:
        due = format_moment(made.first_response_due)
        self.say(_("已记录 {number}，请在 {due} 前首次响应").format(number=made.complaint_no, due=due))
        if later:
            self._begin({})
        elif later is not None:
            self.open_complaint(made.id)
        self.context.edits.tell_wording(made)

    def _on_refused(self, error: InsuragentError) -> None:
        if not self.form.refused(error):
            self.complain(error)

    def _on_customer(self) -> None:
        """Whoever complains is the customer, unless another name is typed."""
        chosen = self.form.editors["customer_id"].value()
        if isinstance(chosen, uuid.UUID) and not self.form.editors["complainant_name"].value():
            task = self.context.tasks.run(self, records.get, Customer, chosen)
            task.then(lambda who: self._take_name(who.id, who.name))

    def _take_name(self, asked: uuid.UUID, name: str) -> None:
        editors = self.form.editors
        if editors["customer_id"].value() == asked and not editors["complainant_name"].value():
            self.form.take({"complainant_name": name})

    def _on_counted(self, count: int) -> None:
        self.note.setText(_("{n} 件办理中").format(n=count))
        self.context.badge("complaints", count)

    def _show_one(self, one: complaints.Opened) -> None:
        if one.complaint.id == self._chosen:  # else another was chosen, or a new one begun, meanwhile
            self.view.show_complaint(one)
            self._right.setCurrentIndex(1)

    def _make_taking(self) -> Any:
        save = button(_("记录投诉"), self.save, icon="save", kind="primary")
        words = label(_("带 * 的必填；时限从收到时间起算，不改就是记录的那一刻"), "cap", wrap=True)
        form: QWidget = scrolled(column(self.form, None))
        return column(label(_("记录投诉"), "h2"), words, (form, 1), row(None, save), spacing=8)
