"""Prices and policy values: one account a policy year, solved so that premiums and benefits are worth the same.

Equivalence principle, deaths paid at year end: V(t-1) + net premium earns interest, pays the benefits of year t and
leaves V(t). Everything is a straight line in the one unknown (sum assured, annuity or premium), so that a few Newton
steps on a convex broken line find it exactly. Decimal throughout; amounts belong to 1,000 yuan of premium or cover.
"""

import decimal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from insuragent.errors import UserError
from insuragent.i18n import N_

#: One arithmetic for every machine, whatever context the caller has.
CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_UP)
CENT, UNIT = Decimal("0.01"), Decimal(1000)
_STEPS_MOST = 100


class NoPrice(UserError):
    """At this age and way of payment no positive benefit is worth the premium."""

    message = N_("按此年龄和交费方式无法定价")


@dataclass(frozen=True)
class Line:
    """constant + slope x unknown."""

    constant: Decimal = Decimal(0)
    slope: Decimal = Decimal(0)

    def at(self, unknown: Decimal) -> Decimal:
        return self.constant + self.slope * unknown

    def __add__(self, other: "Line") -> "Line":
        return Line(self.constant + other.constant, self.slope + other.slope)

    def __sub__(self, other: "Line") -> "Line":
        return Line(self.constant - other.constant, self.slope - other.slope)

    def __mul__(self, factor: Decimal) -> "Line":
        return Line(self.constant * factor, self.slope * factor)


NOTHING = Line()


@dataclass(frozen=True)
class PlanYear:
    """What one policy year promises and costs, before the unknown is known.

    ``premium`` at year start, ``expense`` its share for costs, ``decrement`` the probability that the benefit falls
    due, ``benefits`` of which the greatest is paid at year end, ``survival`` what the living receive at year end,
    ``surrender`` the share of the policy value that is paid out as cash value; with ``pays_cash_value`` that too
    competes for the benefit.
    """

    premium: Line
    expense: Decimal
    decrement: Decimal
    benefits: tuple[Line, ...]
    surrender: Decimal
    survival: Line = NOTHING
    pays_cash_value: bool = False

    @property
    def net_premium(self) -> Line:
        return self.premium * (1 - self.expense)


@dataclass(frozen=True)
class Plan:
    """A contract year by year; ``end`` is what the policy is worth after the last year."""

    interest: Decimal
    years: tuple[PlanYear, ...]
    end: Line = NOTHING


@dataclass(frozen=True)
class AccountYear:
    """One solved policy year: every part of the account in yuan per 1,000 of the plan's unit.

    ``opening`` + ``net_premium`` + ``interest`` - ``risk_cost`` - ``survival`` = ``value``, exactly.
    """

    opening: Decimal
    premium: Decimal
    expense: Decimal
    net_premium: Decimal
    interest: Decimal
    decrement: Decimal
    benefit: Decimal
    risk_cost: Decimal
    survival: Decimal
    value: Decimal
    surrender: Decimal
    cash_value: Decimal

    @property
    def invested(self) -> Decimal:
        """What earns interest in the year, at least nothing: the base of a dividend."""
        return max(self.opening + self.net_premium, Decimal(0))


@dataclass(frozen=True)
class Account:
    """The solved ``plan``: its ``unknown`` and its years."""

    plan: Plan
    unknown: Decimal
    years: tuple[AccountYear, ...]


def solve(plan: Plan) -> Account:
    """The account of ``plan`` with the unknown that makes it worth nothing at the start. Raises NoPrice."""
    with decimal.localcontext(CONTEXT):
        unknown = Decimal(0)
        for _step in range(_STEPS_MOST):
            start = _values(plan, unknown)[0]
            if start.slope == 0:
                raise NoPrice
            better = -start.constant / start.slope
            if better == unknown:
                break
            unknown = better
        if unknown <= 0:
            raise NoPrice
        return Account(plan, unknown, tuple(_solved_years(plan, unknown)))


def _values(plan: Plan, unknown: Decimal) -> list[Line]:
    """The policy value at each year's end, from 0 to the last, as lines around ``unknown``: worked out backwards."""
    discount = 1 / (1 + plan.interest)
    values = [plan.end]
    for year in reversed(plan.years):
        after = values[-1]
        paid = _benefit(year, after, unknown)
        due = paid * year.decrement + (after + year.survival) * (1 - year.decrement)
        values.append(due * discount - year.net_premium)
    values.reverse()
    return values


def _benefit(year: PlanYear, value: Line, unknown: Decimal) -> Line:
    claims: Iterable[Line] = year.benefits
    if year.pays_cash_value and value.at(unknown) > 0:
        claims = (*year.benefits, value * year.surrender)
    return max(claims, key=lambda line: line.at(unknown))


def _solved_years(plan: Plan, unknown: Decimal) -> Iterable[AccountYear]:
    values = _values(plan, unknown)
    # The start is worth nothing by construction; what is left there is the last digit of the division.
    opening = Decimal(0)
    for year, line in zip(plan.years, values[1:], strict=True):
        value, net = line.at(unknown), year.net_premium.at(unknown)
        benefit, survival = _benefit(year, line, unknown).at(unknown), year.survival.at(unknown)
        premium = year.premium.at(unknown)
        yield AccountYear(
            opening=opening,
            premium=premium,
            expense=premium - net,
            net_premium=net,
            interest=(opening + net) * plan.interest,
            decrement=year.decrement,
            benefit=benefit,
            risk_cost=year.decrement * (benefit - value - survival),
            survival=survival,
            value=value,
            surrender=year.surrender,
            cash_value=year.surrender * max(value, Decimal(0)),
        )
        opening = value


def surrender_share(year: int, pay_years: int, least: Decimal, most_years: int) -> Decimal:
    """The share of the policy value paid on surrender at the end of ``year``, counted from 1.

    It climbs evenly from ``least`` to 1 over the years of payment, at most ``most_years`` (regulations.csv G09).
    """
    climb = min(most_years, pay_years)
    if pay_years == 1 or year >= climb:
        return Decimal(1)
    return least + (1 - least) * year / climb


def by_year(shares: Sequence[Decimal], year: int) -> Decimal:
    """The entry for ``year``, counted from 1; the last one repeats."""
    return shares[min(year, len(shares)) - 1]


def cents(amount: Decimal) -> Decimal:
    """``amount`` in yuan to the cent, half-up; never minus nothing."""
    rounded = amount.quantize(CENT, rounding=decimal.ROUND_HALF_UP, context=CONTEXT)
    return rounded if rounded else CENT * 0


def percent(rate: Decimal) -> str:
    """A share of one as a percentage with two decimals: 3.50%."""
    return f"{rate * 100:.2f}%"
