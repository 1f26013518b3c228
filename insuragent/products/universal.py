"""The universal account: month by month a risk charge, then interest, each rounded to the cent."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from insuragent.products.package import Basis
from insuragent.products.plans import death_multiple
from insuragent.products.pricing import by_year, cents

Row = dict[str, int | Decimal]


def account_years(
    basis: Basis,
    decrements: Mapping[int, Decimal],
    age: int,
    pay_years: int,
    premium: Decimal,
    rate: Decimal,
) -> Iterator[Row]:
    """One row a policy year of a universal account that earns ``rate`` a year (a share of one). Amounts in yuan.

    The risk charge of a month is q/12 of the sum at risk at its start; interest follows on what is left. The division
    comes last: a twelfth cut short would carry a charge of just half a cent down.
    """
    value, paid = Decimal(0), Decimal(0)
    monthly = (1 + rate) ** (Decimal(1) / 12) - 1
    for year in range(1, min(basis.illustrated_years, basis.last_age - age) + 1):
        due = premium if year <= pay_years else Decimal(0)
        fee = cents(due * (basis.single_fee if pay_years == 1 else by_year(basis.expenses, year)))
        multiple = death_multiple(basis, age + year - 1)
        risk_rate = decrements[age + year - 1] * (multiple - 1)
        value, paid = value + due - fee, paid + due
        risk, interest = Decimal(0), Decimal(0)
        for _month in range(12):
            charge = cents(risk_rate * value / 12)
            earned = cents((value - charge) * monthly)
            value, risk, interest = value - charge + earned, risk + charge, interest + earned
        charge_rate = by_year(basis.surrender_charges, year)
        yield {
            "year": year,
            "age": age + year,
            "premium": due,
            "cum_premium": paid,
            "initial_fee": fee,
            "into_account": due - fee,
            "risk_charge": risk,
            "interest": interest,
            "account_value": value,
            "surrender_charge_rate": charge_rate,
            "cash_value": cents(value * (1 - charge_rate)),
            "death_benefit": cents(value * multiple),
        }
