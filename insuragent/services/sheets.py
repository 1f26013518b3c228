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
from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models import Attachment, Customer, Deed, Sheet, Staff
from insuragent.models.attachment import AttachmentUse
from insuragent.models.customer import Stage
from insuragent.models.fields import fields_of
from insuragent.models.sheet import CHECKS, SheetState
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.rules.access import Action
from insuragent.services import catalogue, customers, needs, records, sheet_gates, verifying
from insuragent.services import gates as rules
from insuragent.services.gates import Gate
from insuragent.services.sheet_content import TEMPLATE_VERSION, Occasion, Person, sheet_content
from insuragent.services.sheet_facts import suitability_facts
from insuragent.store.work import UnitOfWork

#: What is noted on a sheet at the table.
CHECKED = frozenset(
    {name for name, field in fields_of(Sheet).items() if field.group == CHECKS} | {"explained", "reason_links"}
)
#: A sheet may be used for as long as its numbers hold (policy value sheet_valid_days).
_VALID = "sheet_valid_days"


@dataclass(frozen=True)
class Shown:
    """An illustration as the page shows it: amounts in yuan; ``columns`` names the row keys in order."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, "int | Decimal"]]
    premium: Decimal
    sum_assured: Decimal | None
    annuity: Decimal | None
    first_year_loss: Decimal | None
    result_hash: str


def calculate(values: Mapping[str, Any], today: dt.date) -> Shown:
    """The live numbers for plain inputs; touches no record. Raises ValidationError naming the limit that is broken."""
    found = _illustrate(values, today)
    return Shown(
        found.columns, found.rows, found.premium, found.sum_assured, found.annuity, found.first_year_loss,
        found.result_hash,
    )  # fmt: skip


def gates(work: UnitOfWork, customer_id: uuid.UUID, product_code: str, *texts: str) -> list[Gate]:
    """What stands before a sheet for this customer and product; ``texts`` are what the agent wrote."""
    return sheet_gates.before(work, customer_id, product_code, *texts)


def gates_of(work: UnitOfWork, sheet_id: uuid.UUID) -> list[Gate]:
    """What stands before printing and signing a drafted sheet."""
    sheet = work.get(Sheet, sheet_id)
    return sheet_gates.of_sheet(work, sheet, _shown(sheet))


def confirm(work: UnitOfWork, sheet_id: uuid.UUID, values: Mapping[str, Any]) -> Sheet:
    """Note on a sheet that is not signed what was checked and said at the table: the fields of CHECKED.

    Raises ValidationError, NotPermitted.
    """
    if not set(values) <= CHECKED:
        raise NotPermitted(N_("说明书的内容不能在这里修改，请重新制作"))
    return records.change(work, Sheet, sheet_id, values)


def draft(work: UnitOfWork, customer_id: uuid.UUID, values: Mapping[str, Any]) -> Sheet:
    """A drafted sheet with its numbers. Raises ValidationError for inputs out of range, RecordGone."""
    customer, today = work.get(Customer, customer_id), records.today(work)
    records.allow(work, Action.CREATE, Sheet)
    found = _illustrate(values, today)
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
        inputs=_plain_inputs(values, today),
        rows=[{name: str(value) for name, value in row.items()} for row in found.shown_rows],
        result_hash=found.result_hash,
        template_version=TEMPLATE_VERSION,
        valid_until=today + dt.timedelta(days=catalogue.policy().count(_VALID, today)),
    )
    if customer.stage in (Stage.LEAD, Stage.FIRST_VISIT, Stage.ANALYSIS):
        customer.stage = Stage.EXPLAIN
    return work.add(sheet)


def preview(work: UnitOfWork, sheet_id: uuid.UUID) -> bytes:
    """The PDF as it would be printed now; a signed sheet gives the bytes that were signed."""
    sheet = work.get(Sheet, sheet_id)
    if sheet.document_id is not None:
        return work.blobs.get(work.get(Attachment, sheet.document_id).sha256)
    return render_sheet(_content(work, sheet, None))


def print_out(work: UnitOfWork, sheet_id: uuid.UUID, copies: int = 1) -> bytes:
    """The bytes to print; who printed how many copies enters the journal (S17: refused without a valid licence)."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.PRINT, Sheet, sheet)
    if sheet.state == SheetState.VOID:
        raise NotPermitted(N_("这份说明书已作废"))
    if sheet.signed_at is None:
        sheet_gates.pass_through(work, sheet, _shown(sheet), rules.PRINT)
    data = preview(work, sheet_id)
    if sheet.signed_at is None:
        sheet.print_count += copies
        sheet.explained_at = sheet.explained_at or work.now
        sheet.state = SheetState.PRINTED
    work.tell(Deed.PRINT, sheet, copies=copies, sha256=hashlib.sha256(data).hexdigest())
    return data


def sign(work: UnitOfWork, sheet_id: uuid.UUID, png: bytes, strokes: str, statement: str = "") -> Sheet:
    """Close a sheet with the customer's signature: the PDF and the strokes are kept, the record is locked.

    Raises NotPermitted while a gate is shut or when it was signed before, ValidationError for a wrong statement.
    """
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.SIGN, Sheet, sheet)
    sheet_gates.pass_through(work, sheet, _shown(sheet), rules.SIGN)
    _check_statement(catalogue.package(sheet.product_code).statement, statement)
    picture = attach(work, sheet, AttachmentUse.SIGNATURE, f"{sheet.sheet_no}-signature.png", "image/png", png)
    attach(work, sheet, AttachmentUse.SIGNATURE, f"{sheet.sheet_no}-strokes.json", "application/json", strokes.encode())
    sheet.statement_copied = statement.strip() or None
    signature = Signature(png, work.now, hashlib.sha256(png).hexdigest())
    data = _sealed(work, sheet, signature, strokes)
    document = attach(work, sheet, AttachmentUse.SHEET, f"{sheet.sheet_no}.pdf", "application/pdf", data)
    sheet.signature_id, sheet.document_id = picture.id, document.id
    sheet.pdf_hash, sheet.pages = document.sha256, _page_count(data)
    sheet.signed_at, sheet.state = signature.signed_at, SheetState.ACKNOWLEDGED
    if sheet.supersedes_id is not None:
        void(work, sheet.supersedes_id, _("由 {number} 更正").format(number=sheet.sheet_no))
    return sheet


def correct(work: UnitOfWork, sheet_id: uuid.UUID, values: Mapping[str, Any]) -> Sheet:
    """A new draft in place of a sheet, which becomes void when the new one is signed. Raises as :func:`draft`."""
    old = work.get(Sheet, sheet_id)
    if old.state == SheetState.VOID:
        raise NotPermitted(N_("这份说明书已作废"))
    made = draft(work, old.customer_id, values)
    made.supersedes_id = old.id
    return made


def void(work: UnitOfWork, sheet_id: uuid.UUID, reason: str) -> Sheet:
    """Take a sheet out of force, signed or not; it is kept, with the reason (story S12). Raises ValidationError."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.VOID, Sheet, sheet)
    if not reason.strip():
        raise ValidationError({"void_reason": _("请填写{label}").format(label=_("作废原因"))})
    sheet.state, sheet.void_reason = SheetState.VOID, reason.strip()
    return sheet


def _sealed(work: UnitOfWork, sheet: Sheet, signature: Signature, strokes: str) -> bytes:
    """The sheet for the archive, closed by the desk's document key."""
    from insuragent.documents import signing  # takes a third of a second, and is needed by a signing alone

    staff = work.find(Staff, sheet.agent_id) if sheet.agent_id else None
    signer = signing.Signer(
        work.document_key.private_key,
        staff.name if staff else _("未登记"),
        staff.licence_no if staff else "",
        work.actor.device_id,
    )
    proof = verifying.proof(
        _shown(sheet),
        sheet.sheet_no,
        sheet.inputs,
        signature_sha256=signature.sha256,
        strokes_sha256=hashlib.sha256(strokes.encode()).hexdigest(),
    )
    data = archive_sheet(_content(work, sheet, signature), proof)
    return signing.seal(data, signer, _("客户签署 {number}").format(number=sheet.sheet_no))


def attach(work: UnitOfWork, subject: Any, use: AttachmentUse, name: str, media: str, data: bytes) -> Attachment:
    """Keep bytes as an attachment of a record."""
    digest = work.blobs.put(data)
    return work.add(
        Attachment(
            use=use,
            subject_kind=subject.kind(),
            subject_id=str(subject.id),
            file_name=name,
            media_type=media,
            size=len(data),
            sha256=digest,
        )
    )


def _illustrate(values: Mapping[str, Any], today: dt.date) -> Illustration:
    inputs = parse_inputs(values, today=today)
    return illustrate(catalogue.package(inputs.product), inputs, catalogue.policy())


def _plain_inputs(values: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    told = {name: str(v) if isinstance(v, Decimal) else v for name, v in values.items() if v not in (None, "")}
    return {"date": today.isoformat()} | told


def _content(work: UnitOfWork, sheet: Sheet, signature: Signature | None) -> SheetContent:
    customer, today = work.get(Customer, sheet.customer_id), records.today(work)
    staff = work.find(Staff, sheet.agent_id) if sheet.agent_id else None
    agent = Agent(staff.name, staff.licence_no, staff.branch) if staff else Agent(_("未登记"), "")
    shown, product = _shown(sheet), catalogue.product_of(work, sheet.product_code)
    occasion = Occasion(
        policyholder=Person(
            customer.name,
            customers.age(customer, today),
            customer.gender or "",
            records.shown(fields_of(Customer)["doc_no"], customer.doc_no),
        ),
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


def _shown(sheet: Sheet) -> Illustration:
    """The numbers of a sheet, computed again."""
    shown = _illustrate(sheet.inputs, dt.date.fromisoformat(sheet.inputs["date"]))
    if shown.result_hash != sheet.result_hash:
        raise NotPermitted(N_("产品或规则数据已更新，请重新制作说明书"))
    return shown


def _reasons(inputs: Mapping[str, Any]) -> list[str]:
    """Why this product, in the agent's words (requirement R1.3b)."""
    return [str(reason) for reason in inputs.get("reasons") or ()]


def _check_statement(wanted: str, copied: str) -> None:
    def core(text: str) -> str:
        return "".join(sign for sign in text if sign.isalnum())

    if copied.strip() and core(copied) != core(wanted):
        raise ValidationError({"statement_copied": _("抄录的语句与原文不一致，请逐字抄录")})


def _number(work: UnitOfWork, today: dt.date) -> str:
    prefix = f"SM-{today:%Y%m%d}-{(work.actor.device_id or '0000')[:4].upper()}-"
    taken = work.session.scalars(sa.select(Sheet.sheet_no).where(Sheet.sheet_no.startswith(prefix)))
    return f"{prefix}{1 + max((int(number[-3:]) for number in taken), default=0):03d}"


def _page_count(data: bytes) -> int:
    import pypdfium2

    with io.BytesIO(data) as source, pypdfium2.PdfDocument(source) as document:
        return len(document)


__all__ = [
    "SHANGHAI", "Gate", "Shown", "attach", "calculate", "confirm", "correct", "draft", "gates", "gates_of", "preview",
    "print_out", "sign", "void",
]  # fmt: skip
