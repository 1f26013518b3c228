"""Reimbursement products: the premium of an age band, and the estimate of what a bill brings."""

from dataclasses import dataclass
from decimal import Decimal

from insuragent.errors import ValidationError
from insuragent.i18n import N_, _
from insuragent.products.package import Medical, Terms
from insuragent.products.pricing import cents

#: Printed beside every estimate.
ESTIMATE_ONLY = N_("估算，以公司核定为准")


def premium(package: Terms, age: int, *, social_insurance: bool) -> Decimal:
    """The yearly premium at ``age``, in yuan. Raises ValidationError where no band holds the age."""
    for low, high, with_social, without_social in package.tables.bands:
        if low <= age <= high:
            return with_social if social_insurance else without_social
    raise ValidationError({"age": _("费率表中没有 {age} 周岁").format(age=age)})


@dataclass(frozen=True)
class Bill:
    """A bill and what others paid of it, in yuan; ``day`` counts from the first day of cover, which is 1."""

    covered: Decimal
    social_paid: Decimal = Decimal(0)
    other_paid: Decimal = Decimal(0)
    used_social: bool = True
    deductible_left: Decimal | None = None
    limit_left: Decimal | None = None
    day: int = 10_000
    accident: bool = False


@dataclass(frozen=True)
class Estimate:
    """What is ``payable`` in yuan, and the ``steps`` to it: a label and the amount that it adds or takes."""

    payable: Decimal
    steps: tuple[tuple[str, Decimal], ...]


def estimate(terms: Medical, bill: Bill) -> Estimate:
    """min(max(covered - social - other - deductible left, 0) x rate, limit left); nothing inside the wait (S23)."""
    if not bill.accident and bill.day <= terms.waiting_days:
        return Estimate(
            Decimal("0.00"), ((_("等待期 {days} 日内因疾病就医").format(days=terms.waiting_days), Decimal(0)),)
        )
    deductible = terms.deductible if bill.deductible_left is None else bill.deductible_left
    deductible = max(deductible - bill.other_paid, Decimal(0))
    base = max(bill.covered - bill.social_paid - bill.other_paid - deductible, Decimal(0))
    rate = terms.rate_with_social if bill.used_social else terms.rate_without_social
    limit = terms.annual_limit if bill.limit_left is None else bill.limit_left
    steps = (
        (_("保障范围内的费用"), bill.covered),
        (_("基本医保已支付"), -bill.social_paid),
        (_("其他途径已补偿"), -bill.other_paid),
        (_("免赔额余额"), -deductible),
        (_("给付比例"), rate),
        (_("年度限额余额"), limit),
    )
    return Estimate(cents(min(base * rate, limit)), steps)
