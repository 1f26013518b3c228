"""The rows of life products from their solved accounts: which columns a design shows, and what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from insuragent.products.inputs import Inputs
from insuragent.products.package import Terms
from insuragent.products.plans import effective_share
from insuragent.products.pricing import Account, AccountYear, cents

Row = dict[str, int | Decimal]


@dataclass(frozen=True)
class Sold:
    """A case with its amounts in yuan: ``benefit`` is the sum assured or annuity, ``scale`` yuan per 1,000.

    ``rate`` and ``cash_values`` are the tables' own: per 1,000, one cash value for each policy year.
    """

    package: Terms
    inputs: Inputs
    account: Account
    rate: Decimal
    cash_values: Sequence[Decimal]
    premium: Decimal
    benefit: Decimal
    scale: Decimal

    def cash_value(self, year: int) -> Decimal:
        """The cash value at the end of ``year``."""
        return self.cash_values[year - 1] * self.scale

    def claims(self, year: int) -> list[Decimal]:
        """The amounts of which a death in ``year`` brings the greatest; the cash value, where it competes, is last."""
        promised = self.account.plan.years[year - 1]
        claims = [line.at(self.account.unknown) * self.scale for line in promised.benefits]
        return [*claims, self.cash_value(year)] if promised.pays_cash_value else claims


@dataclass(frozen=True)
class Dividend:
    """The illustrated dividend of one year and what all dividends have grown to, in yuan."""

    of_year: Decimal
    accumulated: Decimal


def dividends(sold: Sold) -> list[Dividend]:
    """D(t) = share x spread x what earned interest; A(t) = A(t-1) x (1 + accumulation rate) + D(t)."""
    basis = sold.package.basis
    spread = (sold.inputs.illustrated_rate or basis.interest) - basis.interest
    accumulated, found = Decimal(0), []
    for year in sold.account.years:
        of_year = basis.dividend_share * spread * year.invested * sold.scale
        accumulated = accumulated * (1 + basis.accumulation_rate) + of_year
        found.append(Dividend(of_year, accumulated))
    return found


def rows(sold: Sold) -> tuple[Row, ...]:
    """One row a policy year: the common columns, the design's own, and the dividends of a participating product."""
    own = _DESIGNS[sold.package.basis.design]
    paying = dividends(sold) if sold.package.design_type == "participating" else None
    found = []
    for number, year in enumerate(sold.account.years, start=1):
        row = _common(sold, number) | own(sold, number, year)
        if paying is not None:
            row |= _dividend_columns(paying[number - 1])
            if sold.package.basis.design == "increasing":
                row["total_surrender_illustrated"] = sold.cash_value(number) + paying[number - 1].accumulated
        row["pvr"] = year.value * sold.scale
        found.append({name: value if isinstance(value, int) else cents(value) for name, value in row.items()})
    return tuple(found)


def _common(sold: Sold, number: int) -> Row:
    years_paid = min(number, sold.inputs.pay_years)
    return {
        "year": number,
        "age": sold.inputs.age + number,
        "premium": sold.premium if number <= sold.inputs.pay_years else Decimal(0),
        "cum_premium": sold.premium * years_paid,
    }


def _level(sold: Sold, number: int, _year: AccountYear) -> Row:
    return {"death_benefit": sold.benefit, "cash_value": sold.cash_value(number)}


def _illness(sold: Sold, number: int, _year: AccountYear) -> Row:
    return {"ci_benefit": sold.benefit, "death_benefit": sold.benefit, "cash_value": sold.cash_value(number)}


def _increasing(sold: Sold, number: int, _year: AccountYear) -> Row:
    return {
        "eff_sa": sold.benefit * effective_share(sold.package.basis, number),
        "death_benefit": max(sold.claims(number)),
        "cash_value": sold.cash_value(number),
    }


def _annuity(sold: Sold, number: int, year: AccountYear) -> Row:
    annuity = sold.benefit if year.survival else Decimal(0)
    paid = max(sold.inputs.age + number - sold.package.basis.annuity_from + 1, 0)
    return {
        "annuity": annuity,
        "cum_annuity": sold.benefit * paid,
        "death_benefit": max(sold.claims(number)),
        "cash_value": sold.cash_value(number),
    }


def _dividend_columns(dividend: Dividend) -> Row:
    return {
        "dividend_guaranteed": Decimal(0),
        "dividend_illustrated": dividend.of_year,
        "acc_dividend_illustrated": dividend.accumulated,
    }


_DESIGNS: Mapping[str, Callable[[Sold, int, AccountYear], Row]] = {
    "level": _level,
    "illness": _illness,
    "increasing": _increasing,
    "annuity": _annuity,
}
