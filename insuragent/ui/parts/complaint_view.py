"""One complaint: what was told, its clock, its progress, and the steps that a desk may take."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from insuragent.i18n import SHANGHAI, _, format_date, format_moment
from insuragent.models import Complaint
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintState
from insuragent.models.fields import Kind, choice_words, fields_of
from insuragent.rules.complaint import ENDED
from insuragent.services import complaints, letters, printing, records, scans
from insuragent.services.complaints import Open, Opened
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.flow import Flow
from insuragent.ui.layout import column, host, row
from insuragent.ui.parts.lists import days_left, pairs, refill, remaining
from insuragent.ui.parts.papers import ask_scan
from insuragent.ui.shell import Context
from insuragent.ui.widgets import banner, button, chip, label

#: What head office's steps tell.
_HANDLED = ("received_by_server", "result", "decision", "reply", "replied_at", "remedy_told")


class ComplaintView(QWidget):
    """The complaint shown."""

    def __init__(self, context: Context, names: tuple[str, ...], print_out: Callable[..., object]) -> None:
        """``names`` are the fields that are told; ``print_out`` prints what a use case makes."""
        super().__init__()
        self.context, self._names, self._print_out = context, names, print_out
        self._lines = column(spacing=14)
        self.setLayout(column((scrolled(self._lines), 1)))

    def show_complaint(self, shown: Opened) -> None:
        """Show a complaint: what was told, what head office made of it, and how it went."""
        one, now = shown.complaint, dt.datetime.now(SHANGHAI)
        lines = [self._head(one), _clocks(complaints.clocks_of(one), one, now), pairs(_words(one, self._names))]
        if one.received_by_server is not None:
            handler = [(_("处理人"), shown.handler)] if shown.handler else []
            lines += [label(_("总公司办理"), "h3"), pairs([*handler, *_words(one, _HANDLED)])]
        if one.progress:
            notes = [(format_moment(dt.datetime.fromisoformat(note["at"])), note["text"]) for note in one.progress]
            lines += [label(_("进展"), "h3"), pairs(notes)]
        refill(self._lines, [*lines, host(Flow(*self._steps(one)))])

    def _head(self, one: Complaint) -> QWidget:
        number = label(one.complaint_no, "h2", wrap=True)
        head = Flow(number, chip(choice_words(ComplaintState, one.state), "accent"), grows=number)
        if one.customer_id is not None:
            who = one.customer_id
            head.addWidget(button(_("客户资料"), lambda: self.context.go("customers", who), icon="user", kind="link"))
        return host(head)

    # --- the steps -----------------------------------------------------------------------------------------------

    def _steps(self, one: Complaint) -> list[QWidget]:
        steps: list[QWidget] = []
        if one.state == ComplaintState.CAPTURED:
            steps.append(button(_("首次响应"), lambda: self._ask_response(one.id), icon="phone", kind="primary"))
            steps.append(button(_("客户撤回"), lambda: self._ask_withdrawal(one.id), icon="undo-2"))
        if one.state == ComplaintState.ACKNOWLEDGED:
            steps.append(button(_("上报"), lambda: self._ask_escalation(one.id), icon="upload"))
        if str(one.state) not in ENDED:
            steps.append(button(_("添加进展"), lambda: self._ask_progress(one.id), icon="message-square"))
        steps.append(button(_("打印受理回执"), lambda: self.print_receipt(one.id), icon="printer"))
        filed = lambda: ask_scan(  # noqa: E731
            self.context, self, lambda: None, scans.file, Complaint.kind(), one.id
        )
        steps.append(button(_("归档签署件"), filed, icon="camera"))
        if one.decision or one.reply:
            reply = lambda: self._print_out(letters.complaint_reply, one.id)  # noqa: E731
            steps.append(button(_("打印答复函"), reply, icon="printer"))
        return steps

    def print_receipt(self, one: uuid.UUID) -> None:
        """Print the receipt that the complainant takes home."""
        self._print_out(printing.complaint_receipt, one)

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
        title, words = _("添加进展"), _("进展同步到总公司后不能修改。")
        dialogs.ask_reason(self, title, words, lambda text: self._do(complaints.add_progress, one, text), presets=())

    def _do(self, step: Any, *arguments: Any) -> None:
        task = self.context.tasks.run(self, step, *arguments)
        task.then(self.context.edits.tell).failed(self.context.toaster.complain)


def _words(one: Complaint, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """What was told, each field that holds something."""
    fields = ((fields_of(Complaint)[name], getattr(one, name)) for name in names)
    told = ((field, value) for field, value in fields if value not in (None, "") and field.kind is not Kind.LINK)
    return [(_(field.label), records.in_words(field, value)) for field, value in told]


def _clocks(one: Open, complaint: Complaint, now: dt.datetime) -> QWidget:
    """The two clocks of a complaint: its first response, and the fifteenth day."""
    if one.first_response_at is None:
        answered = chip(*remaining(one.first_response_due, now))
    else:
        late = complaints.lateness(complaint, now)
        words = _("超时 {n} 分钟").format(n=late) if late else _("按时响应")
        answered = chip(words, "bad" if late else "ok")
    ended = () if one.ended else (chip(*days_left(one.internal_due, now.date())),)
    internal = () if one.due15_is_workday else (_("非工作日，内部 {day}").format(day=format_date(one.internal_due)),)
    first = _clock(_("首次响应期限"), format_moment(one.first_response_due), answered)
    return host(Flow(first, _clock(_("15日期限"), format_date(one.due15), *ended, note="".join(internal)), spacing=10))


def _clock(title: str, due: str, *chips: QWidget, note: str = "") -> QWidget:
    notes = (label(note, "cap"),) if note else ()
    lines = (label(title, "cap"), row(label(due, "h2"), *chips, None), *notes, None)
    return banner(column(*lines, spacing=3, margins=(14, 9, 14, 9)))
