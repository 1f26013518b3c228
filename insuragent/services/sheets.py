"""Explanation sheets: illustrated, drafted, printed, signed; what was signed is never changed."""

import datetime as dt
import hashlib
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from insuragent.documents.content import Agent, SheetContent, Signature
from insuragent.documents.sheet import archive_sheet, render_sheet
from insuragent.errors import NotPermitted, RecordGone, ValidationError
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Attachment, Customer, FamilyMember, Sheet, Staff
from insuragent.models.attachment import AttachmentUse
from insuragent.models.fields import fields_of
from insuragent.models.needs import Goal
from insuragent.models.sheet import CHECKS, SheetState, VoidCause
from insuragent.products.illustration import guaranteed_of
from insuragent.products.package import PROMPT_CODES
from insuragent.rules.access import Action
from insuragent.services import (
    catalogue,
    needs,
    papers,
    proving,
    records,
    restriction,
    sheet_gates,
    sheet_people,
    stages,
)
from insuragent.services import gates as rules
from insuragent.services.gates import Gate
from insuragent.services.papers import Paper, attach
from insuragent.services.sheet_content import TEMPLATE_VERSION, Occasion, sheet_content
from insuragent.services.sheet_facts import suitability_facts
from insuragent.services.sheet_numbers import illustration, plain_inputs, proposal, shown_of
from insuragent.services.sheet_states import IN_HAND, OPEN, require_open, void
from insuragent.store.work import UnitOfWork

#: What is noted on a sheet at the table.
CHECKED = frozenset(
    {name for name, field in fields_of(Sheet).items() if field.group == CHECKS} | {"explained", "reason_links"}
)


@dataclass(frozen=True)
class Shown:
    """An illustration as the page shows it: amounts in yuan; ``columns`` names the row keys in order.

    ``first_year_loss`` is that of the guaranteed scenario.
    """

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, "int | Decimal"]]
    premium: Decimal
    sum_assured: Decimal | None
    annuity: Decimal | None
    first_year_loss: Decimal | None
    result_hash: str


@dataclass(frozen=True)
class Grounds:
    """What a recommendation may rest on: the customer's needs and the product's benefits, in words by their codes."""

    needs: Mapping[str, str]
    benefits: Mapping[str, str]


@dataclass(frozen=True)
class AtTable:
    """A sheet as it is opened: whose it is, the family from which the insured may come, and grounds of a reason."""

    sheet: Sheet
    customer: Customer
    family: Sequence[FamilyMember]
    grounds: Grounds


def calculate(values: Mapping[str, Any], today: dt.date) -> Shown:
    """The live numbers for plain inputs; touches no record. Raises ValidationError naming the limit that is broken."""
    found = illustration(values, today)
    loss = guaranteed_of(found, catalogue.policy()).first_year_loss
    return Shown(
        found.columns, found.rows, found.premium, found.sum_assured, found.annuity, loss,
        found.result_hash,
    )  # fmt: skip


def gates(work: UnitOfWork, customer_id: uuid.UUID, product_code: str, *texts: str) -> list[Gate]:
    """What stands before a sheet for this customer and product; ``texts`` are what the agent wrote."""
    return sheet_gates.before(work, customer_id, product_code, *texts)


def gates_of(work: UnitOfWork, sheet_id: uuid.UUID) -> list[Gate]:
    """What stands before printing and signing a drafted sheet."""
    sheet = work.get(Sheet, sheet_id)
    return sheet_gates.of_sheet(work, sheet, shown_of(sheet))


def confirm(work: UnitOfWork, sheet_id: uuid.UUID, values: Mapping[str, Any]) -> Sheet:
    """Note on a sheet that is not signed what was checked and said at the table: the fields of CHECKED.

    Raises ValidationError, NotPermitted.
    """
    if not set(values) <= CHECKED:
        raise NotPermitted(N_("说明书的内容不能在这里修改，请重新制作"))
    sheet, told = work.get(Sheet, sheet_id), dict(values)
    require_open(sheet)
    if "explained" in told:
        told["explained"] = _stamped(sheet, told["explained"], work.now)
    if "reason_links" in told:
        _require_grounds(work, sheet, told["reason_links"])
    insisted = sheet.own_will
    changed = records.change(work, Sheet, sheet_id, told)
    if changed.own_will != insisted:
        changed.own_will_signature_id = None  # the customer signed other words
    if "explained" in told:
        done = [dt.datetime.fromisoformat(item["at"]) for item in changed.explained]
        changed.explained_at = max(done) if len(done) == len(PROMPT_CODES) else None
    return changed


def _stamped(sheet: Sheet, told: Sequence[Mapping[str, Any]], now: dt.datetime) -> list[dict[str, str]]:
    """The explained items with their moments: a new tick is of this moment, an old one keeps its own."""
    known = {item["code"]: item["at"] for item in sheet.explained}
    codes = dict.fromkeys(str(item.get("code")) for item in told)
    if not codes.keys() <= set(PROMPT_CODES):
        raise ValidationError({"explained": _("没有这一项")})
    return [{"code": code, "at": known.get(code) or now.isoformat(timespec="seconds")} for code in sorted(codes)]


def _require_grounds(work: UnitOfWork, sheet: Sheet, links: Sequence[Mapping[str, Any]]) -> None:
    """A reason rests on a need of this customer and a benefit of this product (requirement R1.3b)."""
    offered = grounds(work, sheet.id)
    for link in links:
        if link.get("need") not in offered.needs or link.get("benefit") not in offered.benefits:
            words = _("依据应为客户需求分析中的需求和这个产品的保障")
            raise ValidationError({"reason_links": words})


def grounds(work: UnitOfWork, sheet_id: uuid.UUID) -> Grounds:
    """What a recommendation by this sheet may rest on. Raises RecordGone."""
    sheet = work.get(Sheet, sheet_id)
    analysis = needs.newest(work, sheet.customer_id)
    labels = {goal.value: _(goal.label) for goal in Goal}
    wanted = {goal: labels.get(goal, goal) for goal in (analysis.goals if analysis else ())}
    benefits = {
        benefit.code: benefit.name for benefit in catalogue.package(sheet.product_code, sheet.package_hash).coverage
    }
    return Grounds(wanted, benefits)


def at_table(work: UnitOfWork, sheet_id: uuid.UUID) -> AtTable:
    """A sheet with everything that is shown beside it. Raises RecordGone."""
    sheet = work.get(Sheet, sheet_id)
    family = records.hanging_on(work, FamilyMember, sheet.customer_id)
    return AtTable(sheet, work.get(Customer, sheet.customer_id), family, grounds(work, sheet_id))


def draft(
    work: UnitOfWork, customer_id: uuid.UUID, values: Mapping[str, Any], insured_id: uuid.UUID | None = None
) -> Sheet:
    """A drafted sheet with its numbers; ``insured_id`` is a member of the customer's family, None is himself.

    Raises ValidationError for inputs out of range or of another day, RecordGone, also for somebody else's family.
    """
    customer, today = work.get(Customer, customer_id), records.today(work)
    records.allow(work, Action.CREATE, Sheet, customer_id=customer.id)
    found = proposal(values, today)
    member = work.get(FamilyMember, insured_id) if insured_id else None
    if member is not None and member.customer_id != customer.id:
        raise RecordGone
    people = sheet_people.snapshot(customer, member)
    analysis = needs.newest(work, customer_id)
    sheet = Sheet(
        customer_id=customer.id,
        needs_id=analysis.id if analysis else None,
        sheet_no=_number(work, today),
        product_code=found.package.code,
        product_name=found.package.name,
        product_version=found.package.version,
        package_hash=found.package.content_hash,
        policy_hash=found.policy_hash,
        agent_id=work.actor.staff_id,
        inputs=plain_inputs(values, today),
        rows=[{name: str(value) for name, value in row.items()} for row in found.shown_rows],
        result_hash=found.result_hash,
        template_version=TEMPLATE_VERSION,
        valid_until=sheet_gates.valid_until(work, found, people["insured_born"]),
        **people,
    )
    stages.reach_explanation(work, customer)
    return work.add(sheet)


def preview(work: UnitOfWork, sheet_id: uuid.UUID) -> bytes:
    """The PDF as it would be printed now; a signed sheet gives the bytes that were signed."""
    sheet = work.get(Sheet, sheet_id)
    if sheet.document_id is not None:
        return work.blobs.get(work.get(Attachment, sheet.document_id).sha256)
    return render_sheet(_content(work, sheet, None))


def paper(work: UnitOfWork, sheet_id: uuid.UUID) -> Paper:
    """The pages to print, once the gates are passed; a signed sheet is printed as it was signed.

    Raises NotPermitted while a gate is shut (S17: also without a valid licence), and for one that is void or refused.
    """
    sheet = work.get(Sheet, sheet_id)
    restriction.require_free(work, sheet)
    records.allow(work, Action.DELIVER, Sheet, sheet)
    require_open(sheet, (*OPEN, SheetState.ACKNOWLEDGED))
    if sheet.signed_at is None:
        # Before the licence is asked for by itself: a gate names its rule, and leaves a record when it is shut (S17).
        sheet_gates.pass_through(work, sheet, shown_of(sheet), rules.PRINT)
    records.allow(work, Action.PRINT, Sheet, sheet)

    def given(later: UnitOfWork, copies: int, _kept: Attachment | None) -> None:
        held = later.get(Sheet, sheet_id)
        held.print_count += copies
        if copies and held.state == SheetState.DRAFTED:
            held.state = SheetState.PRINTED

    return Paper("sheet", sheet.title(), preview(work, sheet_id), Sheet.kind(), sheet_id, given=given)


def print_out(work: UnitOfWork, sheet_id: uuid.UUID, copies: int = 1) -> bytes:
    """The bytes of a sheet that is counted as printed at once: where no printer has a say in it."""
    made = paper(work, sheet_id)
    papers.printed(work, made, copies)
    return made.data


def sign(work: UnitOfWork, sheet_id: uuid.UUID, png: bytes, strokes: str, statement: str = "") -> Sheet:
    """Close a sheet with the customer's signature: the PDF and the strokes are kept, the record is locked.

    ``statement`` is what the customer copied. Raises NotPermitted while a gate is shut, for a sheet that was never
    printed, is void or was signed before.
    """
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.SIGN, Sheet, sheet)
    require_open(sheet, IN_HAND)
    sheet.statement_copied = statement.strip() or None
    passed = sheet_gates.pass_through(work, sheet, shown_of(sheet), rules.SIGN)
    if any(gate.name == "reflection" for gate in passed):
        sheet.callback_due = records.today(work) + dt.timedelta(days=1)
    picture = attach(work, sheet, AttachmentUse.SIGNATURE, f"{sheet.sheet_no}-signature.png", "image/png", png)
    attach(work, sheet, AttachmentUse.SIGNATURE, f"{sheet.sheet_no}-strokes.json", "application/json", strokes.encode())
    signature = Signature(png, work.now, hashlib.sha256(png).hexdigest())
    data = _sealed(work, sheet, signature, strokes)
    document = attach(work, sheet, AttachmentUse.SHEET, f"{sheet.sheet_no}.pdf", "application/pdf", data)
    sheet.signature_id, sheet.document_id = picture.id, document.id
    sheet.pdf_hash, sheet.pages = document.sha256, _page_count(data)
    sheet.signed_at, sheet.state = signature.signed_at, SheetState.ACKNOWLEDGED
    if sheet.supersedes_id is not None:
        void(work, sheet.supersedes_id, _("由 {number} 更正").format(number=sheet.sheet_no), VoidCause.CORRECTED)
    return sheet


def correct(work: UnitOfWork, sheet_id: uuid.UUID, values: Mapping[str, Any]) -> Sheet:
    """A new draft in place of a sheet, which becomes void when the new one is signed. Raises as :func:`draft`."""
    old = work.get(Sheet, sheet_id)
    if old.state == SheetState.VOID:
        raise NotPermitted(N_("这份说明书已作废"))
    made = draft(work, old.customer_id, values, old.insured_id)
    made.supersedes_id = old.id
    return made


def _sealed(work: UnitOfWork, sheet: Sheet, signature: Signature, strokes: str) -> bytes:
    """The sheet for the archive, closed by the desk's document key."""
    from insuragent.documents import signing  # takes a third of a second, and is needed by a signing alone

    staff = work.find(Staff, sheet.agent_id) if sheet.agent_id else None
    signer = signing.Signer(
        work.document_key.private_key,
        staff.name if staff else _("未登记"),
        staff.licence_no if staff else "",
        work.actor.device_id,
        _("客户签署 {number}").format(number=sheet.sheet_no),
    )
    proof = proving.proof(
        shown_of(sheet),
        sheet.sheet_no,
        sheet.inputs,
        signature_sha256=signature.sha256,
        strokes_sha256=hashlib.sha256(strokes.encode()).hexdigest(),
    )
    return archive_sheet(_content(work, sheet, signature), proof, signer)


def _content(work: UnitOfWork, sheet: Sheet, signature: Signature | None) -> SheetContent:
    customer, today = work.get(Customer, sheet.customer_id), records.today(work)
    staff = work.find(Staff, sheet.agent_id) if sheet.agent_id else None
    agent = Agent(staff.name, staff.licence_no, staff.branch) if staff else Agent(_("未登记"), "")
    shown, product = shown_of(sheet), catalogue.product_of(work, sheet.product_code)
    occasion = Occasion(
        policyholder=sheet_people.policyholder(customer.plain(), today),
        insured=sheet_people.insured(sheet.plain(), today),
        beneficiaries=sheet_people.beneficiaries(sheet.plain()),
        agent=agent,
        document_no=sheet.sheet_no,
        printed_at=signature.signed_at if signature else work.now,
        status_as_of=catalogue.status_as_of(work, today),
        status=product.status if product else "",
        suitability=suitability_facts(sheet_gates.case_of_sheet(work, sheet, shown)),
        copied_statement=sheet.statement_copied or "",
        signature=signature,
        reasons=_reasons(sheet.inputs),
    )
    return sheet_content(shown, occasion)


def _reasons(inputs: Mapping[str, Any]) -> list[str]:
    """Why this product, in the agent's words (requirement R1.3b)."""
    return [str(reason) for reason in inputs.get("reasons") or ()]


def _number(work: UnitOfWork, today: dt.date) -> str:
    prefix = f"SM-{today:%Y%m%d}-{(work.actor.device_id or '0000')[:4].upper()}-"
    taken = work.session.scalars(sa.select(Sheet.sheet_no).where(Sheet.sheet_no.startswith(prefix)))
    return f"{prefix}{1 + max((int(number[-3:]) for number in taken), default=0):03d}"


def _page_count(data: bytes) -> int:
    import pypdfium2

    with io.BytesIO(data) as source, pypdfium2.PdfDocument(source) as document:
        return len(document)


__all__ = [
    "SHANGHAI", "Gate", "Shown", "attach", "calculate", "confirm", "correct", "draft", "gates", "gates_of", "paper",
    "preview", "print_out", "sign", "void",
]  # fmt: skip
