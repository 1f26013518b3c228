"""Explanations arrive at their cells; medical estimates arrive at the worked claims."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from insuragent.errors import ValidationError
from insuragent.products import medical
from insuragent.products.explain import Step, explain
from insuragent.products.illustration import Illustration, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.products.package import Package
from insuragent.products.package_files import load_catalogue
from insuragent.products.plain_files import read_table
from insuragent.products.policy_files import load_policy
from insuragent.products.pricing import NOTHING, Line, NoPrice, Plan, PlanYear, solve

POLICY = load_policy()
CATALOGUE = load_catalogue(POLICY)
TODAY = dt.date(2026, 11, 23)


def run(**values: Any) -> Illustration:
    inputs = parse_inputs(values, today=TODAY)
    return illustrate(CATALOGUE[inputs.product], inputs, POLICY)


RESULTS = [
    run(product="DEMO-PWL", sex="M", age=40, pay_years=5, premium=50000),
    run(product="DEMO-PWL", sex="M", age=7, pay_years=5, premium=50000),
    run(product="DEMO-TERM", sex="M", age=30, pay_years=20, to_age=60, sum_assured=1000000),
    run(product="DEMO-PANN", sex="F", age=40, pay_years=10, premium=50000),
    run(product="DEMO-CI", sex="F", age=30, pay_years=20, to_age=70, sum_assured=500000),
    run(product="DEMO-UL", sex="M", age=40, pay_years=3, premium=10000),
    run(product="DEMO-MED", sex="M", age=40),
]


def arrive(steps: tuple[Step, ...]) -> None:
    """Take the steps; each "=" must be what the steps before it give."""
    total, alternatives = Decimal(0), []
    for step in steps[:-1] if len(steps) == 1 else steps:
        if step.sign == "+":
            total += step.amount
        elif step.sign == "-":
            total -= step.amount
        elif step.sign == "×":
            total = max(total, Decimal(0)) * step.amount
        elif step.sign == "·":
            alternatives.append(step.amount)
        else:
            assert abs((max(alternatives) if alternatives else total) - step.amount) < Decimal("0.005"), steps
            total = step.amount


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: f"{result.package.code}-{result.inputs.age}")
def test_every_cell_is_explained_by_its_own_figures(result: Illustration) -> None:
    """The chain adds up, and ends in what the cell shows: every cell of every kind of product."""
    for number, row in enumerate(result.rows, start=1):
        for column, shown in row.items():
            steps = explain(result, number, column)
            arrive(steps)
            assert steps[-1].sign == "="
            assert abs(steps[-1].amount - shown) <= Decimal("0.005001"), (number, column)
            assert all(step.label for step in steps)


def test_the_chain_of_the_account() -> None:
    """Premium, expense, interest, risk cost, value: the first year of the participating case."""
    steps = explain(RESULTS[0], 1, "pvr")
    assert [step.sign for step in steps] == ["+", "+", "-", "+", "-", "="]
    assert [round(step.amount, 2) for step in steps] == [
        Decimal(text) for text in ("0", "50000", "15000.00", "612.50", "73.40", "35539.10")
    ]


@pytest.mark.parametrize(("year", "column"), [(1, "yield"), (0, "pvr"), (99, "pvr")])
def test_cells_that_do_not_exist(year: int, column: str) -> None:
    """Asking beside the table is a mistake of ours."""
    with pytest.raises(KeyError):
        explain(RESULTS[0], year, column)


def test_worked_claims(catalogue: dict[str, Package]) -> None:
    """S23 and the seven worked bills; inside the wait an illness brings nothing, an accident is paid."""
    terms = catalogue["DEMO-MED"].medical
    assert terms is not None
    for row in read_table(Path(__file__).parents[1] / "data/products/expected_P6_medical.csv"):
        bill = medical.Bill(
            covered=Decimal(row["covered"]),
            social_paid=Decimal(row["social_paid"]),
            other_paid=Decimal(row["other_paid"]),
            used_social=row["used_social"] == "True",
            deductible_left=Decimal(row["deductible_left"]),
            limit_left=Decimal(row["limit_left"]),
            day=int(row["day_since_effect"]),
            accident=row["accident"] == "True",
        )
        assert medical.estimate(terms, bill).payable == Decimal(row["expected_pay"]), row["case"]
    plain = medical.estimate(terms, medical.Bill(Decimal(85000), Decimal(32000)))
    assert plain.payable == Decimal("43000.00")
    assert [amount for _label, amount in plain.steps][:4] == [85000, -32000, 0, -10000]
    with pytest.raises(ValidationError):
        medical.premium(catalogue["DEMO-MED"], 71, social_insurance=True)


def test_a_plan_without_an_unknown_has_no_price() -> None:
    """Nothing to solve for is refused, not divided by."""
    year = PlanYear(Line(Decimal(1)), Decimal(0), Decimal("0.1"), (NOTHING,), Decimal(1))
    with pytest.raises(NoPrice):
        solve(Plan(Decimal("0.02"), (year,)))
