"""Complaints: taken down with six fields, two clocks in sight, and the steps that a desk may take."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import SHANGHAI, _, format_date, format_moment
from insuragent.models import Complaint
from insuragent.models.choices import Channel
from insuragent.models.complaint import Category, ComplaintState, Severity
from insuragent.models.fields import fields_of, known_choice
from insuragent.rules.complaint import REQUIRED
from insuragent.services import complaints, records
from insuragent.services.complaints import Open
from insuragent.ui import dialogs
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, host, row
from insuragent.ui.pages.base import Page
from insuragent.ui.parts.lists import refill, remaining
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.widgets import EmptyState, button, card, chip, label, scrolled

FIELDS = (*REQUIRED, "customer_id", "severity", "demand", "amount", "place", "respondent", "policy_no")
_GRADES = {"S1": "bad", "S2": "bad", "S3": "warn", "S4": "neutral"}


class ComplaintsPage(Page):
    """Open complaints on the left; a form to take one down, or one complaint with its steps, on the right."""

    kinds: ClassVar[frozenset[str]] = frozenset({"complaint"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("投诉"))
        self._rows = column(spacing=8)
        self._right = QStackedWidget()
        names = [name for name in FIELDS if name != "customer_id"]
        self.form = RecordForm(context, Complaint, names, draft="complaint")
        save = button(_("记录投诉"), self.save, icon="save", kind="primary")
        words = label(_("带 * 的六项必填；时限从客户说出的那一刻起算"), "cap", wrap=True)
        taking = column(
            label(_("记录投诉"), "h2"), words, (scrolled(column(self.form, None)), 1), row(None, save), spacing=8
        )
        self._right.addWidget(card(taking))
        self._shown = column(spacing=10)
        self._right.addWidget(card(column((scrolled(self._shown), 1))))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        split.addWidget(card(column(label(_("办理中的投诉"), "h2"), (scrolled(self._rows), 1), spacing=8)))
        split.addWidget(self._right)
        split.setSizes([560, 600])
        self.body.addWidget(split, 1)
        self.tools.addWidget(button(_("记录投诉"), self.new_complaint, icon="plus", kind="primary"))
        action(self, _("记录投诉"), "Ctrl+N", self.new_complaint, icon="plus")
        action(self, _("保存"), "Ctrl+S", self.save, icon="save")
        self._minute = QTimer(self, interval=30_000)
        self._minute.timeout.connect(self.refresh)
        self._minute.start()
        self._chosen: uuid.UUID | None = None
        self.new_complaint()
        self.refresh()

    def refresh(self) -> None:
        self.context.tasks.run(self, complaints.open_complaints).then(self._show_list)
        if self._chosen is not None:
            self.context.tasks.run(self, records.get, Complaint, self._chosen).then(self._show_one)

    def show_target(self, target: Any) -> None:
        """Open a complaint by id."""
        self._open(target)

    def save_draft(self) -> None:
        """Keep what is typed."""
        self.form.save_draft()

    def new_complaint(self) -> None:
        """The form for what is being said right now."""
        self._chosen = None
        self.form.fill({})
        self._right.setCurrentIndex(0)
        self.form.editors["complainant_name"].widget.setFocus()

    def save(self) -> None:
        """Take the complaint down."""
        if self._right.currentIndex() != 0:
            return
        values = self.form.changes()
        now = dt.datetime.now(dt.UTC)
        told: dt.datetime = values.get("received_at") or now
        if now - told < dt.timedelta(minutes=1):
            self._receive(values)
            return
        title, words = _("补记原因"), _("收到时间早于现在，请说明原因。")
        reasons = (_("当时不便记录"), _("电话中受理"))
        dialogs.ask_reason(
            self, title, words, lambda why: self._receive(values | {"backdate_reason": why}), presets=reasons
        )

    def _receive(self, values: dict[str, Any]) -> None:
        task = self.context.tasks.run(self, complaints.receive, values)
        task.then(self._on_received).failed(self._on_refused)

    def _on_received(self, made: Complaint) -> None:
        self.form.saved()
        due = format_moment(made.first_response_due)
        self.say(_("已记录 {number}，请在 {due} 前首次响应").format(number=made.complaint_no, due=due))
        self._open(made.id)

    def _on_refused(self, error: InsuragentError) -> None:
        if not self.form.refused(error):
            self.complain(error)

    def _open(self, complaint_id: uuid.UUID) -> None:
        self._chosen = complaint_id
        self.context.tasks.run(self, records.get, Complaint, complaint_id).then(self._show_one)

    def _show_list(self, found: list[Open]) -> None:
        self.note.setText(_("{n} 件办理中").format(n=len(found)))
        self.context.badge("complaints", len(found))
        now = dt.datetime.now(SHANGHAI)
        rows = [self._list_row(one, now) for one in found]
        refill(self._rows, rows or [EmptyState("circle-check", _("没有办理中的投诉"))])

    def _list_row(self, one: Open, now: dt.datetime) -> QWidget:
        words, kind = remaining(one.first_response_due, now) if not one.first_response_at else (_("已首次响应"), "ok")
        day15 = _("15日 {day}").format(day=format_date(one.due15))
        if not one.due15_is_workday:
            day15 = _("15日 {day}（法定假日，内部 {internal}）").format(
                day=format_date(one.due15), internal=format_date(one.internal_due)
            )
        about = column(
            row(label(one.name), chip(_(Severity(one.severity).label), _GRADES[one.severity]), None),  # type: ignore[call-arg]
            label(f"{one.number} · {_(known_choice(Category, one.category).label)}", "cap"),  # type: ignore[attr-defined]
            label(day15, "cap"),
            spacing=2,
        )
        opened = button(_("打开"), lambda: self._open(one.id), kind="link")
        return host(row((about, 1), chip(words, kind), opened))

    def _show_one(self, one: Complaint) -> None:
        now = dt.datetime.now(SHANGHAI)
        state = known_choice(ComplaintState, str(one.state))
        head = row(label(one.complaint_no, "h2"), chip(_(getattr(state, "label", state)), "accent"), None)
        late = complaints.lateness(one, now)
        clock = _("首次响应期限 {due}").format(due=format_moment(one.first_response_due))
        if one.first_response_at:
            clock += " · " + (_("超时 {n} 分钟").format(n=late) if late else _("按时响应"))
        lines: list[QWidget] = [host(head), label(clock, "error" if late else "muted", wrap=True)]
        for name, field in fields_of(Complaint).items():
            value = getattr(one, name)
            if name in FIELDS and name != "customer_id" and value not in (None, ""):
                shown = label(records.in_words(field, value), wrap=True)
                lines.append(host(row(label(_(field.label), "muted"), (shown, 1), spacing=12)))
        lines += [
            label(f"{note['at'][:16].replace('T', ' ')}  {note['text']}", "cap", wrap=True) for note in one.progress
        ]
        lines.append(host(row(*self._steps(one), None)))
        refill(self._shown, lines)
        self._right.setCurrentIndex(1)

    def _steps(self, one: Complaint) -> list[QWidget]:
        steps: list[QWidget] = []
        if one.state == ComplaintState.CAPTURED:
            steps.append(button(_("首次响应"), lambda: self._ask_response(one.id), icon="phone", kind="primary"))
            steps.append(button(_("客户撤回"), lambda: self._ask_withdrawal(one.id)))
        if one.state == ComplaintState.ACKNOWLEDGED:
            steps.append(button(_("上报"), lambda: self._ask_escalation(one.id), icon="upload"))
        steps.append(button(_("添加进展"), lambda: self._ask_progress(one.id), icon="message-square"))
        return steps

    def _ask_response(self, one: uuid.UUID) -> None:
        title, words = _("首次响应"), _("记录联系客户的内容；时间取现在，方式为电话。")
        presets = (_("已致电客户，说明办理流程"), _("已当面答复客户"))
        dialogs.ask_reason(
            self,
            title,
            words,
            lambda note: self._do(complaints.respond, one, Channel.PHONE, dt.datetime.now(dt.UTC), note),
            presets=presets,
        )

    def _ask_withdrawal(self, one: uuid.UUID) -> None:
        title, words = _("客户撤回"), _("请填写撤回凭证：签字记录或录音编号。")
        dialogs.ask_reason(
            self, title, words, lambda evidence: self._do(complaints.withdraw, one, evidence), presets=()
        )

    def _ask_escalation(self, one: uuid.UUID) -> None:
        title, words = _("上报"), _("请说明上报的原因。上报后由总公司办理。")
        dialogs.ask_reason(self, title, words, lambda why: self._do(complaints.escalate, one, why), presets=())

    def _ask_progress(self, one: uuid.UUID) -> None:
        title, words = _("添加进展"), _("进展一经保存不能修改。")
        dialogs.ask_reason(self, title, words, lambda text: self._do(complaints.add_progress, one, text), presets=())

    def _do(self, step: Any, *arguments: Any) -> None:
        task = self.context.tasks.run(self, step, *arguments)
        task.then(lambda _done: self.say(_("已保存"))).failed(self.complain)
