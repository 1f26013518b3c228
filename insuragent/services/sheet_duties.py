"""What follows from sheets: void when their product is withdrawn, and what an agent then owes to the customers."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from insuragent.i18n import SHANGHAI, _, format_date
from insuragent.models import Customer, Product, Sheet, Visit
from insuragent.models.product import ProductStatus
from insuragent.models.sheet import SheetState, VoidCause
from insuragent.models.visit import VisitStatus
from insuragent.rules import suitability
from insuragent.services import catalogue, records, sheet_states
from insuragent.services.reminder import Reminder
from insuragent.store.work import UnitOfWork

_OFF = (ProductStatus.WITHDRAWN, ProductStatus.LEGACY)


def follow_products(work: UnitOfWork) -> list[Sheet]:
    """Void the sheets of products that head office no longer sells: after every sync (story S12).

    Open ones always; a signed one when it was signed on the day of the withdrawal or later, as an agent may who did
    not know of it yet. Returns what became void.
    """
    today = records.today(work)
    gone = {product.code: product for product in catalogue.products(work) if _is_gone(product, today)}
    if not gone:
        return []
    living = sa.select(Sheet).where(
        Sheet.product_code.in_(gone),
        Sheet.state.in_((*sheet_states.OPEN, SheetState.ACKNOWLEDGED)),
        Sheet.archived_at.is_(None),
    )
    found = [sheet for sheet in work.scalars(living) if _falls(sheet, gone[sheet.product_code])]
    for sheet in found:
        sheet_states.mark_void(work, sheet, _why(gone[sheet.product_code]), VoidCause.WITHDRAWN)
    return found


def _is_gone(product: Product, today: dt.date) -> bool:
    ended = product.withdraw_from is not None and product.withdraw_from <= today
    return ended or product.status in _OFF


def _falls(sheet: Sheet, product: Product) -> bool:
    if sheet.signed_at is None:
        return True
    ended = product.withdraw_from
    return ended is not None and sheet.signed_at.astimezone(SHANGHAI).date() >= ended


def _why(product: Product) -> str:
    if product.withdraw_from is None:
        return _("产品已停售")
    day = format_date(product.withdraw_from)
    if product.notice_id:
        return _("产品已自 {day} 起停售（公告 {notice}）").format(day=day, notice=product.notice_id)
    return _("产品已自 {date} 起停售").format(date=day)


def reminders(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    """What is owed around ``day``: recordings, calls on the day after, and the word that a product is withdrawn."""
    return [*_recordings(work), *_calls(work, day), *_withdrawals(work)]


def _with_names(work: UnitOfWork, *where: sa.ColumnElement[bool]) -> Iterable[tuple[Sheet, Customer]]:
    statement = sa.select(Sheet, Customer).join(Customer, Customer.id == Sheet.customer_id)
    return [(row[0], row[1]) for row in work.rows(statement.where(Sheet.archived_at.is_(None), *where))]


def _recordings(work: UnitOfWork) -> list[Reminder]:
    """A sale for more than a year to somebody who is 60 on the day of the proposal is recorded (story S05).

    Whoever turns 60 before he signs falls under the rule from that day on.
    """
    found, today = [], records.today(work)
    elderly = catalogue.policy().count("elderly_age", today)
    waiting = (Sheet.state.in_(sheet_states.OPEN), sa.func.coalesce(Sheet.recording_ref, "") == "")
    for sheet, customer in _with_names(work, *waiting):
        proposed = sheet.created_at.astimezone(SHANGHAI).date()
        package = catalogue.packages().get(sheet.product_code)
        if package is None or not package.long_term:
            continue
        if suitability.is_elderly(customer.birth_date, today, elderly):
            text = _("{name}：{product} 双录").format(name=customer.name, product=sheet.product_name)
            found.append(Reminder(f"recording:{sheet.id}", proposed, text, "sheet", sheet.id))
    return found


def _calls(work: UnitOfWork, day: dt.date) -> list[Reminder]:
    """The call on the day after an elderly customer signed (story S06)."""
    due = (Sheet.callback_due.is_not(None), Sheet.called_back_at.is_(None), Sheet.state == SheetState.ACKNOWLEDGED)
    return [
        Reminder(
            f"call_back:{sheet.id}:{sheet.callback_due}",
            sheet.callback_due,
            _("{name}：签署次日回访").format(name=customer.name),
            "sheet",
            sheet.id,
        )
        for sheet, customer in _with_names(work, *due)
        if sheet.callback_due is not None and sheet.callback_due <= day + dt.timedelta(days=1)
    ]


def _withdrawals(work: UnitOfWork) -> list[Reminder]:
    """A customer whose sheet fell with its product is told: until a visit was held, or another sheet made (S12)."""
    found = {}
    for sheet, customer in _with_names(work, Sheet.void_cause == VoidCause.WITHDRAWN):
        if sheet.voided_at is not None and not _was_told(work, sheet):
            due = sheet.voided_at.astimezone(SHANGHAI).date()
            words = _("{name}：说明产品停售（{product}）").format(name=customer.name, product=sheet.product_name)
            key = f"withdrawn:{customer.id}:{sheet.product_code}"
            found[key] = Reminder(key, due, words, "customer", customer.id)
    return list(found.values())


def _was_told(work: UnitOfWork, sheet: Sheet) -> bool:
    since = sheet.voided_at
    held = (Visit.customer_id == sheet.customer_id, Visit.status == VisitStatus.HELD, Visit.actual_start > since)
    made = (Sheet.customer_id == sheet.customer_id, Sheet.created_at > since, Sheet.state != SheetState.VOID)
    return bool(work.count(Visit, *held) or work.count(Sheet, *made))
