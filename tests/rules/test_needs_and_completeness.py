"""Needs formulas against the worked numbers, and the completeness of a file."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.rules import completeness, needs

ONE_PERCENT = Decimal("0.01")


def test_worked_numbers() -> None:
    """The four cases of the handbook, to the fen."""
    with (Path(__file__).parents[1] / "data/rules/expected_needs.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["item"]: Decimal(row["value"]) for row in csv.DictReader(file)}
    life = needs.LifeNeeds(80000000, 3600000, 20, 40000000, 24000000, 30000000, 20000000)
    assert Decimal(needs.gap_life(life, ONE_PERCENT)) / 100 == expected["gap_life"]
    assert Decimal(needs.gap_ci(40000000, 18000000, 10000000, 30000000)) / 100 == expected["gap_ci"]
    pension = needs.gap_pension(600000, 360000, 25, ONE_PERCENT)
    assert Decimal(pension) / 100 == expected["gap_pension_at_retirement"]
    ratio = needs.affordability(1200000 + 1300000, 10000000)
    assert ratio == expected["affordability"]
    assert needs.needs_confirmation(ratio, Decimal("0.20"))


def test_edges() -> None:
    """No gap is negative; a fifth of income needs no confirmation, no income always does."""
    assert needs.gap_life(needs.LifeNeeds(existing_cover=1), ONE_PERCENT) == 0
    assert not needs.needs_confirmation(Decimal("0.20"), Decimal("0.20"))
    assert needs.affordability(1, 0) is None
    assert needs.needs_confirmation(None, Decimal("0.20"))
    assert needs.adue(0, ONE_PERCENT) == 0


@given(st.integers(0, 50), st.decimals(0, Decimal("0.2"), places=4))
@settings(deadline=None)
def test_an_annuity_is_worth_no_more_than_its_payments(years: int, rate: Decimal) -> None:
    """One more payment adds value, but never more than itself."""
    value = needs.adue(years, rate)
    assert value <= years
    assert 0 < needs.adue(years + 1, rate) - value <= 1


FULL = {name: "x" for names in completeness.PERSON for name in names}


def test_completeness() -> None:
    """Nothing is 0, everything 100; one of two addresses is enough; a told "no" counts, "unknown" does not."""
    assert completeness.completeness({}) == 0
    assert completeness.completeness(FULL) == 100
    assert completeness.completeness({**FULL, "work_address": None}) == 100
    assert completeness.completeness({**FULL, "do_not_call": False, "contact_pref": ""}) == 100
    assert completeness.completeness({**FULL, "marital": "unknown"}) < 100
    assert completeness.completeness({**FULL, "type": "enterprise"}) == 100
    assert completeness.missing({})[0] in ("doc_no", "mobile")
    assert completeness.missing({**FULL, "marital": None}) == ("marital",)
    assert completeness.missing({"type": "enterprise"})[0] == "doc_no"


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=3)), st.sampled_from(sorted(FULL)))
@settings(deadline=None)
def test_knowing_more_never_lowers_it(values: dict[str, str], name: str) -> None:
    """Filling a field in keeps the measure within 0 to 100 and never takes from it."""
    before, after = completeness.completeness(values), completeness.completeness({**values, name: "known"})
    assert 0 <= before <= after <= 100


@pytest.mark.parametrize("weights", [completeness.PERSON, completeness.ENTERPRISE])
def test_weights_add_up(weights: dict[tuple[str, ...], int]) -> None:
    """Weights are shares of a hundred."""
    assert sum(weights.values()) == 100
