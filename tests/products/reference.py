"""A second engine, written from the formulas of the demo products alone: forwards, in floats, by trial and error.

It shares no code with the program and reads the words of the packages, never their tables of prices and cash values.
V(t) = [(V(t-1) + NP(t))(1+i) - q DB(t)] / (1-q); CV(t) = r(t) max(V(t), 0); a fair price leaves at the end what is due.
"""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, float]
CATALOGUE = Path(__file__).parents[2] / "resources/catalogue"
MORTALITY = {
    **dict.fromkeys(("DEMO-TERM", "DEMO-IWL", "DEMO-PWL", "DEMO-CI", "DEMO-UL"), ("CL1", "CL2")),
    "DEMO-PANN": ("CL5", "CL6"),
}


def table(name: str) -> list[dict[str, str]]:
    with (CATALOGUE / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decrements(code: str, sex: str) -> list[float]:
    """q by age; for illness ci + q (1 - k)."""
    column = MORTALITY[code]["MF".index(sex)]
    deaths = [float(row[column]) for row in table("mortality_2010_2013")]
    if code != "DEMO-CI":
        return deaths
    ill = {int(row["age"]): row for row in table("ci_incidence_synthetic")}
    return [
        float(ill[age][f"ci_{sex}"]) + q * (1 - float(ill[age]["k_ci_share_of_deaths"])) if age in ill else q
        for age, q in enumerate(deaths)
    ]


def later(shares: list[float], year: int) -> float:
    return float(shares[min(year, len(shares)) - 1])


def multiple(basis: Any, age: int) -> float:
    return float(max((pair for pair in basis["death_multiples"] if pair[0] <= age), key=lambda pair: pair[0])[1])


def half_up(amount: float, places: int = 2) -> float:
    """A half that a float holds a hair too low is a half all the same: 1.13 a thousand for 1,500 is 1.695."""
    return math.floor(amount * 10**places * (1 + 1e-14) + 0.5) / 10**places


class Contract:
    """One life and way of payment of a design; ``years`` runs it for a trial price."""

    def __init__(self, product: Any, sex: str, age: int, to_age: int, pay: int) -> None:
        self.basis, self.age, self.pay, self.n = product["basis"], age, pay, to_age - age
        self.q, self.design = decrements(product["code"], sex), product["basis"]["design"]

    def surrender(self, t: int) -> float:
        m = min(20, self.pay)
        return 1.0 if self.pay == 1 or t >= m else 0.9 + 0.1 * t / m

    def years(self, price: float) -> list[Row]:
        """For a premium of ``price`` per 1,000 of cover, or a sum or annuity of ``price`` for a premium of 1,000."""
        value, rows, b = 0.0, [], self.basis
        by_cover = self.design in ("level", "illness")
        for t in range(1, self.n + 1):
            q, r = self.q[self.age + t - 1], self.surrender(t)
            net = (price if by_cover else 1000.0) * (1 - later(b["expenses"], t)) if t <= self.pay else 0.0
            fund, paid = (value + net) * (1 + b["interest"]), 1000.0 * min(t, self.pay)
            base, with_cash, annuity = self.claims(t, price, paid)
            kept = (fund - q * base) / (1 - q)
            if with_cash and r * kept > base:
                kept = fund / (1 - q + q * r)
                base = r * kept
            invested, value = max(value + net, 0.0), kept - annuity
            rows.append(
                {"value": value, "cash": r * max(value, 0.0), "death": base, "invested": invested, "paid": annuity}
            )
        return rows

    def claims(self, t: int, price: float, paid: float) -> tuple[float, bool, float]:
        """What a death brings at least, whether the cash value competes, what the living receive."""
        if self.design == "level":
            return 1000.0, False, 0.0
        if self.design == "illness":
            return (1000.0 if t > 1 else 750.0 + 0.25 * price), False, 0.0
        if self.design == "increasing":
            grown = price * (1 + self.basis["growth"]) ** (t - 1) if t > self.pay else 0.0
            return max(multiple(self.basis, self.age + t - 1) * paid, grown), True, 0.0
        first = self.basis["annuity_from"] - self.age
        return (max(paid - price * (t - first), 0.0), False, price) if t >= first else (paid, True, 0.0)

    def price(self) -> float:
        """By halving: what is left at the end rises with a premium, and falls with a benefit."""

        def left(price: float) -> float:
            end = price * (1 + self.basis["growth"]) ** (self.n - 1) if self.design == "increasing" else 0.0
            over = self.years(price)[-1]["value"] - end
            return over if self.design in ("level", "illness") else -over

        return halve(left)


def halve(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    while rising(high) < 0:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) >= 0 else (middle, high)
    return (low + high) / 2


def universal(product: Any, sex: str, age: int, pay: int, premium: float, rate: float) -> list[Row]:
    """Month by month: the risk charge, then interest, each to the cent."""
    b, q, value, rows = product["basis"], decrements("DEMO-UL", sex), 0.0, []
    monthly = math.expm1(math.log1p(rate) / 12)
    for t in range(1, min(30, 105 - age) + 1):
        due = premium if t <= pay else 0.0
        fee = half_up(due * (b["single_fee"] if pay == 1 else later(b["expenses"], t)))
        value, rho = value + due - fee, multiple(b, age + t - 1)
        for _ in range(12):
            value = half_up(value - half_up(q[age + t - 1] / 12 * (rho * value - value)))
            value = half_up(value + half_up(value * monthly))
        rows.append({"value": value, "cash": value * (1 - later(b["surrender_charges"], t)), "death": rho * value})
    return rows
