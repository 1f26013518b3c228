"""The stages of a customer's journey, and what must have been done before each (requirement R1.1a)."""

import datetime as dt

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.i18n import _, listed
from insuragent.models import Customer, NeedsAnalysis, Sheet, Visit
from insuragent.models.customer import Stage
from insuragent.models.sheet import SheetState, VoidCause
from insuragent.models.visit import VisitStatus
from insuragent.rules import suitability
from insuragent.services import catalogue
from insuragent.store.work import UnitOfWork

#: The stages before an explanation.
EARLY = (Stage.LEAD, Stage.FIRST_VISIT, Stage.ANALYSIS)


def require(work: UnitOfWork, customer: Customer, stage: str, today: dt.date) -> None:
    """Raise ValidationError naming what is missing before ``stage``."""
    missing = []
    if customer.stage in EARLY and stage in (Stage.EXPLAIN, Stage.APPLYING):
        missing += _before_explaining(work, customer)
    if stage == Stage.APPLYING and _product_is_gone(work, customer):
        missing.append(_("产品停售后重新制作的说明书"))
    if stage == Stage.IN_FORCE and _must_be_recorded(work, customer, today):
        missing.append(_("双录编号"))
    if missing:
        raise ValidationError({"stage": _("还缺少：{steps}").format(steps=listed(missing))})


def reach_explanation(work: UnitOfWork, customer: Customer) -> None:
    """A sheet takes a customer on to the explanation, once what comes before it was done."""
    if customer.stage in EARLY and not _before_explaining(work, customer):
        customer.stage = Stage.EXPLAIN


def _before_explaining(work: UnitOfWork, customer: Customer) -> list[str]:
    """A proposal comes after a held visit and an analysis of needs."""
    found = []
    if not work.count(Visit, Visit.customer_id == customer.id, Visit.status == VisitStatus.HELD):
        found.append(_("已完成的拜访"))
    if not work.count(NeedsAnalysis, NeedsAnalysis.customer_id == customer.id):
        found.append(_("需求分析"))
    return found


def _sheets(work: UnitOfWork, customer: Customer) -> list[Sheet]:
    """A customer's sheets, the newest first."""
    mine = sa.select(Sheet).where(Sheet.customer_id == customer.id, Sheet.archived_at.is_(None))
    return list(work.scalars(mine.order_by(Sheet.number.desc())))


def _product_is_gone(work: UnitOfWork, customer: Customer) -> bool:
    """Whether what was explained last fell with its product: there is nothing to apply for (story S12)."""
    living = (SheetState.PRINTED, SheetState.DELIVERED, SheetState.ACKNOWLEDGED)
    told = [sheet for sheet in _sheets(work, customer) if sheet.state in (*living, SheetState.VOID)]
    if any(sheet.state in living for sheet in told):
        return False
    return bool(told) and told[0].void_cause == VoidCause.WITHDRAWN


def _must_be_recorded(work: UnitOfWork, customer: Customer, today: dt.date) -> bool:
    """Whether a sale for more than a year to somebody of 60 has no recording (story S05; 保监发〔2017〕54号)."""
    if not suitability.is_elderly(customer.birth_date, today, catalogue.policy().count("elderly_age", today)):
        return False
    packages = catalogue.packages()
    sold = [sheet for sheet in _sheets(work, customer) if sheet.state == SheetState.ACKNOWLEDGED]
    long = [sheet for sheet in sold if sheet.product_code not in packages or packages[sheet.product_code].long_term]
    return any(not (sheet.recording_ref or "").strip() for sheet in long) or not sold
