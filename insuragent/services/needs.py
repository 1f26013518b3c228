"""The short needs analysis: figures in, gaps and affordability out."""

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from insuragent.models import Customer, NeedsAnalysis
from insuragent.models.customer import Stage
from insuragent.rules import needs as rules
from insuragent.services import catalogue, records
from insuragent.store.work import UnitOfWork

_BASIS_POINTS = 10_000


def analyse(work: UnitOfWork, customer_id: uuid.UUID, values: Mapping[str, Any]) -> NeedsAnalysis:
    """Keep an analysis of a customer with its gaps. Raises ValidationError or RecordGone."""
    customer = work.get(Customer, customer_id)
    told = {"customer_id": customer_id, "made_on": records.today(work)} | dict(values)
    made = records.create(work, NeedsAnalysis, told)
    for name, value in gaps(work, made.plain()).items():
        setattr(made, name, value)
    if customer.stage in (Stage.LEAD, Stage.FIRST_VISIT):
        customer.stage = Stage.ANALYSIS
    return made


def gaps(work: UnitOfWork, values: Mapping[str, Any]) -> dict[str, int | None]:
    """The gaps in fen and the share of income that all premiums take, in basis points; for a live preview too.

    Formulas: domain needs formulas (requirement R3.2a); the budget counts as the new premium (story S15).
    """
    rate = catalogue.policy().rate("needs_real_rate", records.today(work))

    def fen(name: str) -> int:
        return int(values.get(name) or 0)

    life = rules.LifeNeeds(
        debts=fen("debts"),
        yearly_shortfall=fen("yearly_shortfall"),
        shortfall_years=fen("shortfall_years"),
        education=fen("education_cost"),
        parents=fen("parents_support"),
        liquid_assets=fen("liquid_assets"),
        existing_cover=fen("life_cover"),
    )
    ratio = rules.affordability(fen("yearly_premiums") + fen("budget_year"), fen("annual_income"))
    return {
        "gap_life": rules.gap_life(life, rate),
        "gap_ci": rules.gap_ci(
            fen("treatment_cost"), fen("annual_income"), fen("rehabilitation_cost"), fen("ci_cover")
        ),
        "gap_pension": rules.gap_pension(
            fen("pension_need_month"), fen("pension_expected_month"), fen("pension_years"), rate
        ),
        "affordability_bp": _basis_points(ratio),
    }


def is_burden(share: int, day: dt.date) -> bool:
    """Whether premiums that take this share of income, in basis points, are above what the policy of ``day`` asks."""
    return rules.needs_confirmation(Decimal(share) / _BASIS_POINTS, catalogue.policy().rate("affordability_limit", day))


def _basis_points(ratio: Decimal | None) -> int | None:
    return None if ratio is None else int((ratio * _BASIS_POINTS).to_integral_value(ROUND_HALF_UP))


def newest(work: UnitOfWork, customer_id: uuid.UUID) -> NeedsAnalysis | None:
    """The newest analysis of a customer that is still valid, or None."""
    days = catalogue.policy().count("needs_valid_days", records.today(work))
    for analysis in records.hanging_on(work, NeedsAnalysis, customer_id):
        if (records.today(work) - analysis.made_on).days <= days:
            return analysis
    return None
