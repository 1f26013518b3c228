"""The designs of life products as plans: term, critical illness, increasing whole life, deferred annuity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from insuragent.products.package import Basis
from insuragent.products.pricing import NOTHING, UNIT, Line, Plan, PlanYear, by_year, surrender_share

_ONE_UNKNOWN = Line(slope=Decimal(1))


@dataclass(frozen=True)
class Person:
    """The insured and the way of payment: what a plan depends on besides its basis."""

    age: int
    to_age: int
    pay_years: int
    decrements: Mapping[int, Decimal]

    @property
    def years(self) -> range:
        """The policy years, counted from 1."""
        return range(1, self.to_age - self.age + 1)

    def decrement(self, year: int) -> Decimal:
        """The probability that the benefit falls due in ``year``, at the age of its start."""
        return self.decrements[self.age + year - 1]


def death_multiple(basis: Basis, age: int) -> Decimal:
    """The share of premiums paid that a death at this age (start of the year) brings at least."""
    return next((share for start, share in reversed(basis.death_multiples) if age >= start), Decimal(0))


def _year(
    basis: Basis,
    person: Person,
    year: int,
    premium: Line,
    benefits: tuple[Line, ...],
    *,
    survival: Line = NOTHING,
    pays_cash_value: bool = False,
) -> PlanYear:
    return PlanYear(
        premium=premium if year <= person.pay_years else NOTHING,
        expense=by_year(basis.expenses, year),
        decrement=person.decrement(year),
        benefits=benefits,
        surrender=surrender_share(year, person.pay_years, basis.surrender_least, basis.surrender_years),
        survival=survival,
        pays_cash_value=pays_cash_value,
    )


def level_plan(basis: Basis, person: Person) -> Plan:
    """Cover of 1,000; the unknown is the yearly premium. The first year may pay less: a waiting period's price."""
    first = Line(UNIT * basis.first_year_cover_share, basis.first_year_premium_share)
    years = tuple(
        _year(basis, person, year, _ONE_UNKNOWN, (first if year == 1 else Line(UNIT),)) for year in person.years
    )
    return Plan(basis.interest, years)


def increasing_plan(basis: Basis, person: Person) -> Plan:
    """A premium of 1,000 a year; the unknown is the sum assured of the first year, which grows every year.

    A death brings the greatest of a multiple of the premiums paid, the cash value, and after the years of payment
    the effective sum assured. At the last age the policy is worth the effective sum assured.
    """
    years = []
    for year in person.years:
        paid = UNIT * min(year, person.pay_years)
        benefits = [Line(death_multiple(basis, person.age + year - 1) * paid)]
        if year > person.pay_years:
            benefits.append(Line(slope=effective_share(basis, year)))
        years.append(_year(basis, person, year, Line(UNIT), tuple(benefits), pays_cash_value=True))
    return Plan(basis.interest, tuple(years), Line(slope=effective_share(basis, len(years))))


def effective_share(basis: Basis, year: int) -> Decimal:
    """The effective sum assured of ``year`` as a multiple of the basic one."""
    return (1 + basis.growth) ** (year - 1)


def annuity_plan(basis: Basis, person: Person) -> Plan:
    """A premium of 1,000 a year; the unknown is the annuity, paid on each anniversary from its starting age on.

    A death brings at least the premiums paid; once the annuity has begun, the premiums less the annuities paid.
    """
    first = basis.annuity_from - person.age
    years = []
    for year in person.years:
        paid = Line(UNIT * min(year, person.pay_years))
        benefits: tuple[Line, ...] = (paid,)
        if year >= first:
            benefits = (paid - _ONE_UNKNOWN * Decimal(year - first), NOTHING)
        survival = _ONE_UNKNOWN if year >= first else NOTHING
        years.append(_year(basis, person, year, Line(UNIT), benefits, survival=survival, pays_cash_value=year < first))
    return Plan(basis.interest, tuple(years))


PLANS: Mapping[str, Callable[[Basis, Person], Plan]] = {
    "level": level_plan,
    "illness": level_plan,
    "increasing": increasing_plan,
    "annuity": annuity_plan,
}
