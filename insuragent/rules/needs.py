"""Needs formulas: what is missing for death, illness and old age, and whether the premiums can be borne.

Money is integer fen; rates and thresholds are policy values passed in. Source: requirement R3.2a and
the handbook's formulas.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


def adue(years: int, rate: Decimal) -> Decimal:
    """The value today of 1 a year, paid ``years`` times from now on, at real interest ``rate`` a year."""
    total, factor = Decimal(0), Decimal(1)
    for _year in range(years):
        total += factor
        factor /= 1 + rate
    return total


def _fen(amount: Decimal) -> int:
    return max(int(amount.to_integral_value(ROUND_HALF_UP)), 0)


@dataclass(frozen=True)
class LifeNeeds:
    """What a household owes and lacks when its main earner dies, and what it already has; fen."""

    debts: int = 0
    yearly_shortfall: int = 0
    shortfall_years: int = 0
    education: int = 0
    parents: int = 0
    liquid_assets: int = 0
    existing_cover: int = 0


def gap_life(needs: LifeNeeds, rate: Decimal) -> int:
    """The death cover that is missing, in fen, at least 0."""
    income = needs.yearly_shortfall * adue(needs.shortfall_years, rate)
    duties = needs.debts + needs.education + needs.parents
    return _fen(duties + income - needs.liquid_assets - needs.existing_cover)


def gap_ci(treatment: int, yearly_income: int, rehabilitation: int, existing_cover: int, income_years: int = 3) -> int:
    """The critical-illness cover that is missing, in fen: treatment, income while away, rehabilitation, less cover."""
    return _fen(Decimal(treatment + income_years * yearly_income + rehabilitation - existing_cover))


def gap_pension(monthly_need: int, expected_pension: int, years: int, rate: Decimal) -> int:
    """What must be there at retirement to close the monthly gap for ``years``, in fen, at least 0."""
    return _fen((monthly_need - expected_pension) * 12 * adue(years, rate))


def affordability(premiums: int, household_income: int) -> Decimal | None:
    """All yearly premiums as a share of household income; None when there is no income to compare with."""
    return Decimal(premiums) / Decimal(household_income) if household_income > 0 else None


def needs_confirmation(ratio: Decimal | None, limit: Decimal) -> bool:
    """Whether the customer must confirm in own words: above ``limit``, or premiums without any income (story S15)."""
    return ratio is None or ratio > limit
