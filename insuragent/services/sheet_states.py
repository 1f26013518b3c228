"""The states of a sheet: what may still be done with it; handed over, refused, void, reviewed, called back."""

import uuid
from collections.abc import Sequence

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, _
from insuragent.models import Sheet
from insuragent.models.fields import fields_of
from insuragent.models.sheet import SheetState, VoidCause
from insuragent.rules.access import Action
from insuragent.services import catalogue, records, wording
from insuragent.services.gates_said import doubtful
from insuragent.services.sheet_gates import case_of_sheet
from insuragent.services.sheet_numbers import shown_of
from insuragent.store.work import UnitOfWork

#: The states in which a sheet may still be checked, printed and signed.
OPEN = (SheetState.DRAFTED, SheetState.PRINTED, SheetState.DELIVERED)
#: A customer signs, or refuses to sign, what he has in hand.
IN_HAND = (SheetState.PRINTED, SheetState.DELIVERED)


def require_open(sheet: Sheet, states: Sequence[SheetState] = OPEN) -> None:
    """Raise NotPermitted naming why a sheet in its state can no longer, or not yet, be taken further."""
    if sheet.state in states:
        return
    if sheet.state == SheetState.VOID:
        raise NotPermitted(N_("这份说明书已作废"))
    if sheet.state == SheetState.REFUSED:
        raise NotPermitted(N_("客户已拒签这份说明书，请重新制作"))
    if sheet.signed_at is not None:
        raise NotPermitted(N_("客户已签字，内容不能再改；更正请另出一份"))
    raise NotPermitted(N_("说明书还没有打印，客户手中没有可以签署的内容"), hint=N_("请先打印并交给客户。"))


def deliver(work: UnitOfWork, sheet_id: uuid.UUID) -> Sheet:
    """Note that the printed sheet is in the customer's hands. Raises NotPermitted."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.DELIVER, Sheet, sheet)
    require_open(sheet, IN_HAND)
    sheet.state, sheet.delivered_at = SheetState.DELIVERED, sheet.delivered_at or work.now
    return sheet


def refuse(work: UnitOfWork, sheet_id: uuid.UUID, reason: str) -> Sheet:
    """Note that the customer will not sign, and why; the sheet is closed. Raises NotPermitted, ValidationError."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.DELIVER, Sheet, sheet)
    require_open(sheet, IN_HAND)
    sheet.state, sheet.refused_reason = SheetState.REFUSED, _given(work, "refused_reason", reason)
    return sheet


def void(work: UnitOfWork, sheet_id: uuid.UUID, reason: str, cause: VoidCause = VoidCause.OTHER) -> Sheet:
    """Take a sheet out of force, signed or not; it is kept, with the reason (story S12).

    Raises ValidationError, and NotPermitted for one that is void already.
    """
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.VOID, Sheet, sheet)
    if sheet.state == SheetState.VOID:
        raise NotPermitted(N_("这份说明书已作废"))
    return mark_void(work, sheet, _given(work, "void_reason", reason), cause)


def mark_void(work: UnitOfWork, sheet: Sheet, reason: str, cause: VoidCause) -> Sheet:
    """Take a sheet out of force without asking who is at the desk: what head office's word brings with it."""
    sheet.state, sheet.void_reason, sheet.void_cause, sheet.voided_at = SheetState.VOID, reason, cause, work.now
    return sheet


def review(work: UnitOfWork, sheet_id: uuid.UUID) -> Sheet:
    """Let pass the doubtful phrases of a sheet, read by a supervisor (requirement R7.2a). Raises NotPermitted."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.REVIEW, Sheet, sheet)
    require_open(sheet)
    found = doubtful(case_of_sheet(work, sheet, shown_of(sheet)), catalogue.policy())
    sheet.reviewed_words = sorted({*sheet.reviewed_words, *(finding.text for finding in found)})
    sheet.reviewed_at, sheet.reviewed_by_id = work.now, work.actor.staff_id
    return sheet


def called_back(work: UnitOfWork, sheet_id: uuid.UUID) -> Sheet:
    """Note that the call on the day after an elderly customer's signature was made (story S06). Raises NotPermitted."""
    sheet = work.get(Sheet, sheet_id)
    records.allow(work, Action.DELIVER, Sheet, sheet)
    if sheet.callback_due is None or records.today(work) < sheet.callback_due:
        raise NotPermitted(N_("还没有到回访的日子"))
    sheet.called_back_at = sheet.called_back_at or work.now
    return sheet


def _given(work: UnitOfWork, name: str, words: str) -> str:
    if not words.strip():
        raise ValidationError({name: _("请填写{label}").format(label=_(fields_of(Sheet)[name].label))})
    wording.require(work, Sheet, {name: words})
    return words.strip()[:200]
