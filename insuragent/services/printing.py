"""What is printed besides sheets: receipts of a complaint and of a sync, the plan of a day, a customer's file."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from insuragent.documents.content import LetterContent, SyncCount, SyncReceipt
from insuragent.documents.letters import render_letter, render_receipt
from insuragent.errors import UserError
from insuragent.i18n import N_, SHANGHAI, _, format_date, format_moment
from insuragent.models import RECORDS, Complaint, Customer, Visit
from insuragent.models.base import shown_fields
from insuragent.models.complaint import Category, ComplaintState
from insuragent.models.fields import choice_words, fields_of
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.rules.access import Action
from insuragent.services import agenda, complaints, records, restriction, syncing
from insuragent.services.complaints import Open
from insuragent.services.letters import HOTLINE
from insuragent.services.papers import Paper, sender
from insuragent.store.work import UnitOfWork


def complaint_receipt(work: UnitOfWork, complaint_id: uuid.UUID) -> Paper:
    """The receipt that a complainant takes home: what was told, and both clocks; kept with the complaint.

    Raises RecordGone, NotPermitted or MissingGlyph.
    """
    complaint = work.get(Complaint, complaint_id)
    records.allow(work, Action.PRINT, Complaint, complaint)
    clocks = complaints.clocks_of(complaint)
    name = _(fields_of(Complaint)["complainant_name"].label)
    facts = [
        (name, complaint.complainant_name),  # it is the complainant who takes it home
        *_facts(complaint, ("contact", "category", "facts", "demand", "policy_no")),
        (_("受理时间"), format_moment(complaint.received_at)),
        (_("首次响应期限"), format_moment(complaint.first_response_due)),
        (_("15日期限"), _fifteenth(clocks)),
        (_("30日期限"), format_date(complaint.due30)),
    ]
    words = [
        _("我们已收到您的投诉，将在上述期限内把处理决定告知您；情况复杂需要延长的，会另行说明理由。"),
        _("您对处理决定有异议的，可以自收到决定之日起 30 日内申请核查，也可以申请调解、仲裁或者提起诉讼。"),
    ]
    title, number = _("客户投诉受理回执"), complaint.complaint_no
    data = _letter(work, title, number, facts, words, [_(HOTLINE)])
    return Paper("receipt", f"{title} {number}", data, Complaint.kind(), complaint_id, kept=True)


def sync_receipt(work: UnitOfWork) -> Paper:
    """Head office's receipt of the last pass, each count beside this desk's own. Raises UserError before the first."""
    told: Mapping[str, Any] = work.note(syncing.RECEIPT_NOTE) or {}
    if not told.get("held"):
        raise UserError(N_("还没有同步回执"), hint=N_("同步一次之后再打印。"))
    own, held = syncing.held(work), told["held"]
    counts = [
        SyncCount(_(RECORDS[kind].label) if kind in RECORDS else kind, own.get(kind, 0), held.get(kind, 0))
        for kind in dict.fromkeys([*held, *own])
    ]
    company, agent = sender(work)
    moment = dt.datetime.fromisoformat(told["now"])
    data = render_receipt(
        SyncReceipt(
            company, f"{told['device'][:8]}-{told['last']}", agent, told["device"], moment, work.now, counts,
            (told["first"], told["last"]), told["chain"],
            [_("本机发出：本机已交给总公司的记录数；总公司收到：总公司为您保存的记录数。")],
        )
    )  # fmt: skip
    return Paper("sync_receipt", _("同步回执"), data)


def day_plan(work: UnitOfWork, day: dt.date) -> Paper:
    """The visits and what is due on a day, to take along; names alone, no numbers of customers."""
    start = dt.datetime.combine(day, dt.time(), SHANGHAI)
    facts = []
    for one in agenda.appointments(work, start, start + dt.timedelta(days=1)):
        time = f"{one.start.astimezone(SHANGHAI):%H:%M}–{one.end.astimezone(SHANGHAI):%H:%M}"
        purpose, status = choice_words(VisitPurpose, one.purpose), choice_words(VisitStatus, one.status)
        parts = (one.customer or one.subject, purpose, one.place, status)
        facts.append((time, " · ".join(filter(None, parts))))
    due = [f"{format_date(one.due)}　{one.text}" for one in agenda.reminders(work, day)]
    none = [] if facts else [_("这一天没有安排拜访。")]
    title, number = _("一日安排"), day.isoformat()
    return Paper("day_plan", f"{title} {number}", _letter(work, title, number, facts, [*none, *due], []))


def customer_file(work: UnitOfWork, customer_id: uuid.UUID) -> Paper:
    """A customer's file, every sensitive field masked, with visits and complaints.

    Raises RecordGone, NotPermitted or MissingGlyph.
    """
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.PRINT, Customer, customer)
    restriction.require_free(work, customer)
    facts = [(_(Customer.label), customer.name), *_facts(customer, [n for n in shown_fields(Customer) if n != "name"])]
    words = []
    for visit in records.hanging_on(work, Visit, customer_id):
        purpose, status = choice_words(VisitPurpose, visit.purpose), choice_words(VisitStatus, visit.status)
        parts = (format_moment(visit.planned_start), purpose, status)
        words.append(_("拜访：{what}").format(what=" · ".join(parts)))
    for complaint in records.hanging_on(work, Complaint, customer_id):
        category, state = choice_words(Category, complaint.category), choice_words(ComplaintState, complaint.state)
        parts = (complaint.complaint_no, category, state)
        words.append(_("投诉：{what}").format(what=" · ".join(parts)))
    title = _("客户资料")
    return Paper("file", title, _letter(work, title, "", facts, words, []), Customer.kind(), customer_id)


def _letter(
    work: UnitOfWork, title: str, number: str, facts: list[tuple[str, str]], words: list[str], service: list[str]
) -> bytes:
    company, agent = sender(work)
    return render_letter(LetterContent(company, title, number, work.now, facts, words, agent, service))


def _facts(record: Complaint | Customer, names: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that hold something, masked as they are shown."""
    fields = fields_of(type(record))
    told = [(name, getattr(record, name)) for name in names]
    return [(_(fields[n].label), records.shown(fields[n], value)) for n, value in told if value not in (None, "", [])]


def _fifteenth(clocks: Open) -> str:
    if clocks.due15_is_workday:
        return format_date(clocks.due15)
    words = _("{day}（非工作日，内部 {internal}）")
    return words.format(day=format_date(clocks.due15), internal=format_date(clocks.internal_due))
