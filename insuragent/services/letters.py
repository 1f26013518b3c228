"""Letters to customers, one function a letter: each gives a paper that is kept once it was handed out."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from insuragent.documents.content import Agent, Column, LetterContent, Signature
from insuragent.documents.letters import render_letter
from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, SHANGHAI, _, format_date, format_moment
from insuragent.models import Attachment, Complaint, Customer, NeedsAnalysis, Record, Sheet, Staff, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.consent import Purpose
from insuragent.models.fields import fields_of
from insuragent.models.visit import VisitStatus
from insuragent.rules.access import Action
from insuragent.services import catalogue, consent_words, gates, numbers, records, scans, sheet_gates
from insuragent.services.papers import Paper, attach, sender
from insuragent.services.sheet_numbers import shown_of
from insuragent.services.sheet_states import require_open
from insuragent.store.work import UnitOfWork

Facts = list[tuple[str, str]]
#: Who hears a complaint besides the insurer (银保监会令2020年第3号).
HOTLINE = N_("金融消费者投诉热线 12378")
_ADVICE, _OWN_WILL = N_("终止投保建议书"), N_("自愿投保确认书")
#: The gates that stand before any figure of a product is handed out: the seller's and the product's own.
_SELLING = frozenset({"licence", "authority", "on_sale", "version", "status"})
_GOALS = fields_of(NeedsAnalysis)["goals"]
_VISITED = (
    "purpose", "outcome", "planned_start", "planned_end", "actual_start", "actual_end", "place_text", "participants",
    "checklist", "summary", "customer_words", "next_action", "next_due", "next_note", "late_reason",
)  # fmt: skip
_COMPLAINED = ("complainant_name", "category", "received_at", "policy_no", "facts", "demand", "result", "replied_at")


def stop_advice(work: UnitOfWork, sheet_id: uuid.UUID) -> Paper:
    """The advice not to buy (requirement R3.2b, stories S06 and S15); it is on the sheet once it was handed out.

    Whoever asks again gets the same letter, unless the reasons have changed: then a will that the customer signed
    before no longer counts. Raises NotPermitted when nothing advises against it or the sheet is closed.
    """
    sheet = work.get(Sheet, sheet_id)
    require_open(sheet)
    found = gates.stop_advice(sheet_gates.of_sheet(work, sheet, shown_of(sheet)))
    if not found:
        raise NotPermitted(N_("没有应当建议终止投保的情形"))
    reasons, at = [gate.reason for gate in found], work.now
    known = work.find(Attachment, sheet.stop_advice_id) if sheet.stop_advice_id else None
    if known is not None and sheet.stop_advice_at is not None:
        again = _advice(work, sheet, reasons, sheet.stop_advice_at)
        if hashlib.sha256(again).hexdigest() == known.sha256:
            return Paper("stop_advice", known.file_name.removesuffix(".pdf"), again, Sheet.kind(), sheet_id)

    def given(later: UnitOfWork, _copies: int, letter: Attachment | None) -> None:
        held = later.get(Sheet, sheet_id)
        held.stop_advice_id, held.stop_advice_at = letter.id if letter else None, at
        held.own_will_signature_id = None

    return _paper("stop_advice", _(_ADVICE), sheet, sheet.sheet_no, _advice(work, sheet, reasons, at), given)


def sign_own_will(work: UnitOfWork, sheet_id: uuid.UUID, png: bytes, strokes: str) -> Sheet:
    """The customer insists after the advice: own words and a signature of their own, kept with the sheet (R3.2b).

    Raises NotPermitted before the letter was handed out, ValidationError without the customer's words.
    """
    sheet = work.get(Sheet, sheet_id)
    signature = Signature(png, work.now, hashlib.sha256(png).hexdigest())
    title, data = _(_OWN_WILL), _confirmation(work, sheet, signature)
    name = f"{sheet.sheet_no}-own-will"
    ink = attach(work, sheet, AttachmentUse.SIGNATURE, f"{name}.png", "image/png", png)
    attach(work, sheet, AttachmentUse.SIGNATURE, f"{name}.json", "application/json", strokes.encode())
    attach(work, sheet, AttachmentUse.LETTER, f"{title} {sheet.sheet_no}.pdf", "application/pdf", data)
    sheet.own_will_signature_id = ink.id
    return sheet


def own_will(work: UnitOfWork, sheet_id: uuid.UUID) -> Paper:
    """The same confirmation on paper, for a customer who signs by pen; raises as :func:`sign_own_will`.

    The sheet holds it once the signed paper is filed (:func:`file_own_will`).
    """
    sheet = work.get(Sheet, sheet_id)
    return _paper("own_will", _(_OWN_WILL), sheet, sheet.sheet_no, _confirmation(work, sheet, None))


def file_own_will(work: UnitOfWork, sheet_id: uuid.UUID, scan: Path) -> Sheet:
    """File the confirmation that the customer signed by pen: it counts as his signature on it (R3.2b).

    Raises as :func:`sign_own_will`, and as :func:`scans.file`.
    """
    sheet = work.get(Sheet, sheet_id)
    _require_willing(work, sheet)
    sheet.own_will_signature_id = scans.file(work, Sheet.kind(), sheet_id, scan).id
    return sheet


def complaint_reply(work: UnitOfWork, complaint_id: uuid.UUID) -> Paper:
    """The answer to a complaint with what may be done against it (requirement R1.5d).

    Raises NotPermitted before head office has decided: a desk decides nothing.
    """
    complaint = work.get(Complaint, complaint_id)
    if not (complaint.decision or complaint.reply):
        raise NotPermitted(N_("总公司还没有作出处理决定，不能出具答复函"), hint=N_("同步收到处理决定后即可打印。"))
    day, policy = records.today(work), catalogue.policy()
    said = [_("您反映的事项，我们已经核查，现将处理决定答复如下："), complaint.decision or "", complaint.reply or ""]
    said.append(
        _(
            "您对处理决定有异议的，可以自收到本函之日起 {days} 日内书面申请核查，也可以申请调解、仲裁或者提起诉讼。"
        ).format(days=policy.count("review_request_days", day))
    )
    data = _letter(work, _("投诉答复函"), complaint.complaint_no, _facts(complaint, _COMPLAINED), said)
    return _paper("complaint_reply", _("投诉答复函"), complaint, complaint.complaint_no, data)


def visit_report(work: UnitOfWork, visit_id: uuid.UUID) -> Paper:
    """What came of a visit. Raises NotPermitted before it was held."""
    visit = work.get(Visit, visit_id)
    if visit.status != VisitStatus.HELD:
        raise NotPermitted(N_("拜访还没有完成，没有可以报告的内容"))
    customer = work.find(Customer, visit.customer_id) if visit.customer_id else None
    facts = [(_("客户"), customer.name)] if customer else []
    facts += _facts(visit, ("subject", *_VISITED))
    number = format_date((visit.actual_start or visit.planned_start).astimezone(SHANGHAI).date())
    data = _letter(work, _("拜访报告"), number, facts, [], service=())
    return _paper("visit_report", _("拜访报告"), visit, number, data)


def agent_change(work: UnitOfWork, customer_id: uuid.UUID) -> Paper:
    """The word that another agent serves the customer from now on (金监总局令2023年第2号 art. 36)."""
    customer = work.get(Customer, customer_id)
    _company, agent = sender(work)
    before = _former(work, customer)
    facts = [
        (_("客户"), customer.name),
        *([(_("原服务人员"), before)] if before else []),
        (_("现服务人员"), agent.name),
        (_("执业登记编号"), agent.licence_no),
        (_("机构"), agent.branch),
    ]
    said = [
        _("自本通知之日起，您的保险服务由上述现服务人员承接。"),
        _("您的保险合同继续有效，各项权益不受影响；您不需要办理手续，也不需要交纳任何费用。"),
        _("任何人以更换服务人员为由劝您退保或另行投保的，请先向公司核实。"),
    ]
    shown = [(name, value) for name, value in facts if value]
    data = _letter(work, _("服务人员变更通知"), "", shown, said)
    return _paper("agent_change", _("服务人员变更通知"), customer, _day(work), data)


def consent_notice(work: UnitOfWork, customer_id: uuid.UUID, purpose: Purpose) -> Paper:
    """What the customer reads, and may sign on paper, before he consents to one purpose (PIPL art. 14, 17, 29)."""
    customer = work.get(Customer, customer_id)
    company, _agent = sender(work)
    facts = [
        (_("客户"), customer.name),
        (_("处理目的"), _(purpose.label)),
        (_("处理者"), company),
        (_("告知书版本"), consent_words.VERSION),
    ]
    said = consent_words.notice(purpose, records.today(work))
    data = _letter(work, _("个人信息处理告知书"), "", facts, said, customer=customer.name)
    return _paper("consent_notice", _("个人信息处理告知书"), customer, _(purpose.label), data)


def comparison(work: UnitOfWork, customer_id: uuid.UUID, proposals: Sequence[Mapping[str, Any]], need: str) -> Paper:
    """Two or three proposals for one need side by side, in yuan, to take home; no sheet, and it says so.

    Raises ValidationError as numbers.compare does, and NotPermitted where no sheet of these products could be printed.
    """
    customer, day = work.get(Customer, customer_id), records.today(work)
    found = numbers.compare(proposals, need, day)
    for values in proposals:
        before = sheet_gates.before(work, customer_id, str(values["product"]))
        sheet_gates.require(work, customer, [gate for gate in before if gate.name in _SELLING], gates.PRINT)
    content = comparison_content(found, customer.name, need, sender(work), work.now)
    return _paper("comparison", content.title, customer, _day(work), render_letter(content))


def comparison_content(
    found: numbers.Comparison, customer: str, need: str, sent: tuple[str, Agent], at: dt.datetime
) -> LetterContent:
    """What the page of a comparison shows: the proposals by name, then group by group an amount for each."""
    company, agent = sent
    short = numbers.heads(len(found.names))
    facts = [(_("客户"), customer), (_("需求"), records.in_words(_GOALS, [need]))]
    facts += zip(short, found.names, strict=True)
    said = [
        _(
            "金额单位为元。只列明保证利益，演示的部分另行注明且不保证；各方案的责任、免除和费用以各自的产品说明书和条款为准。"
        )
    ]
    heads = [Column(_("金额（元）"), align="l", width=2), *(Column(name, align="r") for name in short)]
    rows = []
    for group, members in groupby(found.rows, lambda row: row.group):
        rows.append([group])
        rows += [[one.short, *("—" if a is None else f"{a:,.2f}" for a in one.amounts)] for one in members]
    title, ways = _("方案比较"), [_(HOTLINE)]
    return LetterContent(company, title, "", at, facts, said, agent, ways, columns=heads, rows=rows)


def _advice(work: UnitOfWork, sheet: Sheet, reasons: Sequence[str], at: dt.datetime) -> bytes:
    numbered = "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))
    said = [
        _("经了解您的情况并与产品比较，我们认为这个产品不适合您，建议您终止投保。"),
        _("终止投保不需要任何费用，也不影响您已有的保单和服务。"),
        _("您仍然坚持投保的，请亲自写明理由，并在自愿投保确认书上签名；没有您的签名，我们不会办理。"),
    ]
    return _of_sheet(work, sheet, _(_ADVICE), [*_about(work, sheet), (_("建议理由"), numbered)], said, at)


def _require_willing(work: UnitOfWork, sheet: Sheet) -> tuple[dt.datetime, str]:
    """When a customer was advised against, and why he insists, in his own words; raises unless both are there."""
    records.allow(work, Action.SIGN, Sheet, sheet)
    require_open(sheet)
    words, advised = (sheet.own_will or "").strip(), sheet.stop_advice_at
    if sheet.stop_advice_id is None or advised is None:
        raise NotPermitted(N_("还没有把终止投保建议书交给客户"), hint=N_("请先打印建议书并交给客户。"))
    if not words:
        raise ValidationError({"own_will": _("请填写客户坚持投保的自愿确认")})
    return advised, words


def _confirmation(work: UnitOfWork, sheet: Sheet, signature: Signature | None) -> bytes:
    """What a customer signs who insists, with his signature where he signed on the screen."""
    advised, words = _require_willing(work, sheet)
    facts = [*_about(work, sheet), (_(_ADVICE), _("已于 {moment} 交付").format(moment=format_moment(advised)))]
    said = [_("本人已阅读建议书并了解其中的理由，仍自愿投保，并亲自确认如下："), _("“{words}”").format(words=words)]
    return _of_sheet(work, sheet, _(_OWN_WILL), facts, said, work.now, signature)


def _about(work: UnitOfWork, sheet: Sheet) -> Facts:
    facts = [
        (_("客户"), work.get(Customer, sheet.customer_id).name),
        (_("被保险人"), sheet.insured_name or ""),
        (_("产品"), sheet.product_name),
        (_("说明书编号"), sheet.sheet_no),
    ]
    return [(name, value) for name, value in facts if value]


def _of_sheet(
    work: UnitOfWork,
    sheet: Sheet,
    title: str,
    facts: Facts,
    said: Sequence[str],
    at: dt.datetime,
    signature: Signature | None = None,
) -> bytes:
    """A letter about a product: from its insurer, and the customer signs that it was handed over."""
    package, customer = catalogue.package(sheet.product_code), work.get(Customer, sheet.customer_id)
    _company, agent = sender(work)
    return render_letter(
        LetterContent(
            package.company.name, title, sheet.sheet_no, at, facts, said, agent, package.complaint_ways,
            customer=customer.name, signature=signature,
        )
    )  # fmt: skip


def _letter(
    work: UnitOfWork,
    title: str,
    number: str,
    facts: Facts,
    said: Sequence[str],
    *,
    customer: str = "",
    service: Sequence[str] = (HOTLINE,),
) -> bytes:
    company, agent = sender(work)
    words, ways = [text for text in said if text], [_(way) for way in service]
    return render_letter(LetterContent(company, title, number, work.now, facts, words, agent, ways, customer=customer))


def _paper(what: str, title: str, record: Record, number: str, data: bytes, given: Any = None) -> Paper:
    return Paper(what, f"{title} {number}".strip(), data, record.kind(), record.id, kept=True, given=given)


def _facts(record: Record, names: Sequence[str]) -> Facts:
    """The fields that hold something, in full: it is the customer who reads them."""
    fields = fields_of(type(record))
    told = [(name, getattr(record, name)) for name in names]
    return [
        (_(fields[n].label), records.in_words(fields[n], value)) for n, value in told if value not in (None, "", [], {})
    ]


def _former(work: UnitOfWork, customer: Customer) -> str:
    """The agent from whom the customer was handed over, as far as this desk knows."""
    for past in records.history(work, customer.id):
        was = past.changes.get("owner_id", (None,))[0]
        staff = work.find(Staff, uuid.UUID(was)) if was else None
        if staff is not None and staff.id != work.actor.staff_id:
            return staff.name
    return ""


def _day(work: UnitOfWork) -> str:
    return format_date(records.today(work))
