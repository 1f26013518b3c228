"""Some three hundred cases of all seven products, drawn anew each time, against a second engine: to the cent."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import yaml

from insuragent.errors import ValidationError
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.products.package import Package
from insuragent.rules.policy import Policy
from tests.products.reference import CATALOGUE, Contract, half_up, table, universal
from tests.products.test_illustration import TODAY

CASES = 45
#: What the second engine leaves unrounded lies within half a cent, and a hair of the floats.
NEAR = 0.0051
CODES = ["DEMO-TERM", "DEMO-IWL", "DEMO-PWL", "DEMO-PANN", "DEMO-CI", "DEMO-UL", "DEMO-MED"]


def words(code: str) -> Any:
    return yaml.safe_load((CATALOGUE / code / "product.yaml").read_text(encoding="utf-8"))


def drawn(code: str, chance: random.Random) -> dict[str, Any]:
    """A case within the single limits; ways of payment that do not fit the age are refused later."""
    entry, by_cover = words(code)["entry"], code in ("DEMO-TERM", "DEMO-CI")
    amount = (
        {"sum_assured": chance.randrange(10_000, 2_000_000)}
        if by_cover
        else {"premium": chance.randrange(1000, 500_000)}
    )
    return {
        "product": code,
        "sex": chance.choice("MF"),
        "age": chance.randint(entry["age_min"], entry["age_max"]),
        "pay_years": chance.choice(entry["pay_years"]),
        "to_age": chance.choice(entry["to_ages"]) if "to_ages" in entry else None,
        **({} if code == "DEMO-MED" else amount),
        **({"scenario": chance.choice(["guaranteed", "illustrated"])} if code == "DEMO-UL" else {}),
        **({"social_insurance": chance.random() < 0.5} if code == "DEMO-MED" else {}),
    }


def cases(code: str, catalogue: dict[str, Package], policy: Policy) -> Iterator[tuple[dict[str, Any], Illustration]]:
    """Valid cases; the seed is told where one of them fails."""
    seed = random.randrange(10**9)
    chance, found = random.Random(f"{code}{seed}"), 0
    while found < CASES:
        values = drawn(code, chance)
        try:
            yield values | {"seed": seed}, illustrate(catalogue[code], parse_inputs(values, today=TODAY), policy)
        except ValidationError:
            continue
        found += 1


@pytest.mark.parametrize("code", CODES)
def test_the_second_engine_agrees(code: str, catalogue: dict[str, Package], policy: Policy) -> None:
    """Every year and column that both know, of prices too."""
    for values, shown in cases(code, catalogue, policy):
        expected = list(second(code, values))
        assert len(expected) == len(shown.rows), values
        for row, told in zip(shown.rows, expected, strict=True):
            for name, amount in told.items():
                assert abs(float(row[name]) - amount) <= NEAR, (values, row["year"], name, row[name], amount)


def second(code: str, values: dict[str, Any]) -> Iterator[dict[str, float]]:
    """The columns of a case as the second engine has them, year by year."""
    if code == "DEMO-MED":
        column = "with_social" if values["social_insurance"] else "without_social"
        bands = table("medical_premiums_invented")
        found = next(row for row in bands if int(row["age_from"]) <= values["age"] <= int(row["age_to"]))
        yield {"premium": float(found.get(column) or list(found.values())[2 if values["social_insurance"] else 3])}
    elif code == "DEMO-UL":
        rate = 0.01 if values["scenario"] == "guaranteed" else 0.03
        for row in universal(words(code), values["sex"], values["age"], values["pay_years"], values["premium"], rate):
            yield {"account_value": row["value"], "cash_value": row["cash"], "death_benefit": row["death"]}
    else:
        yield from life(words(code), values)


def life(product: Any, values: dict[str, Any]) -> Iterator[dict[str, float]]:
    """P1 to P3 and P5: prices to the cent per 1,000 where cover is bought, dividends where they are shared."""
    contract = Contract(product, values["sex"], values["age"], values["to_age"] or 105, values["pay_years"])
    price, basis, by_cover = contract.price(), product["basis"], "sum_assured" in values
    scale = (values["sum_assured"] if by_cover else values["premium"]) / 1000
    premium = half_up(scale * half_up(price)) if by_cover else values["premium"]
    accumulated = 0.0
    for t, row in enumerate(contract.years(price), start=1):
        told = {"premium": premium if t <= values["pay_years"] else 0.0, "cash_value": row["cash"] * scale}
        told |= {"cum_premium": premium * min(t, values["pay_years"])}
        told["death_benefit"] = values["sum_assured"] if by_cover else row["death"] * scale
        if product["design_type"] == "participating":
            dividend = 0.7 * (0.035 - basis["interest"]) * row["invested"] * scale
            accumulated = accumulated * 1.0175 + dividend
            told |= {"dividend_illustrated": dividend, "acc_dividend_illustrated": accumulated}
        if basis["design"] == "increasing":
            told["eff_sa"] = price * scale * (1 + basis["growth"]) ** (t - 1)
        if basis["design"] == "annuity":
            told["annuity"] = row["paid"] * scale
        yield told


def test_the_second_engine_knows_the_worked_numbers() -> None:
    """The figures that were given: a premium, a sum assured, an annuity."""
    assert half_up(Contract(words("DEMO-TERM"), "M", 30, 60, 20).price()) == 4.44
    assert half_up(Contract(words("DEMO-IWL"), "F", 35, 105, 10).price() * 20) == 168963.75
    assert half_up(Contract(words("DEMO-PANN"), "F", 40, 105, 10).price() * 50) == 25457.16
    assert half_up(Contract(words("DEMO-CI"), "M", 30, 70, 20).price()) == 13.77
    assert Decimal(str(universal(words("DEMO-UL"), "M", 40, 1, 100000, 0.03)[-1]["value"])) == Decimal("222186.99")
