"""Illustrations: exact against the trade's worked tables, refused beyond limits, the same on every machine."""

import csv
import dataclasses
import datetime as dt
import itertools
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import BadFile, ValidationError
from insuragent.products.illustration import Illustration, illustrate, illustrate_plain, to_json
from insuragent.products.inputs import Inputs, parse_inputs
from insuragent.products.package import Package
from insuragent.products.package_files import load_catalogue
from insuragent.products.policy_files import load_policy
from insuragent.products.universal import account_years
from insuragent.rules.policy import Policy
from tests.documents import sample_sheet

DATA = Path(__file__).parents[1] / "data/products"
TODAY = dt.date(2026, 11, 23)
POLICY = load_policy()
CATALOGUE = load_catalogue(POLICY)

PWL = {"product": "DEMO-PWL", "sex": "M", "age": 40, "pay_years": 5, "premium": 50000, "date": "2026-11-23"}
CASES: dict[str, dict[str, Any]] = {
    "expected_P1_term_M30": {
        "product": "DEMO-TERM",
        "sex": "M",
        "age": 30,
        "pay_years": 20,
        "to_age": 60,
        "sum_assured": 1000000,
    },
    "expected_P2_wl_F35": {"product": "DEMO-IWL", "sex": "F", "age": 35, "pay_years": 10, "premium": 20000},
    "expected_P3a_parwl_M40_cap350": PWL,
    "expected_P3b_parann_F40": {"product": "DEMO-PANN", "sex": "F", "age": 40, "pay_years": 10, "premium": 50000},
    "expected_P4_ul_single_M40_guar100": {
        "product": "DEMO-UL",
        "sex": "M",
        "age": 40,
        "pay_years": 1,
        "premium": 100000,
        "scenario": "guaranteed",
    },
    "expected_P4_ul_single_M40_demo300": {
        "product": "DEMO-UL",
        "sex": "M",
        "age": 40,
        "pay_years": 1,
        "premium": 100000,
        "scenario": "illustrated",
    },
    "expected_P5_ci_M30": {
        "product": "DEMO-CI",
        "sex": "M",
        "age": 30,
        "pay_years": 20,
        "to_age": 70,
        "sum_assured": 500000,
    },
}


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(values: dict[str, Any]) -> Illustration:
    inputs = parse_inputs(values, today=TODAY)
    return illustrate(CATALOGUE[inputs.product], inputs, POLICY)


def test_the_one_end_of_cover_need_not_be_told() -> None:
    """commands.md gives ``to_age`` to term only; where a product has one, leaving it out changes nothing."""
    told = CASES["expected_P5_ci_M30"]
    short = {name: value for name, value in told.items() if name != "to_age"}
    assert run(short).result_hash == run(told).result_hash
    term = {"product": "DEMO-TERM", "sex": "M", "age": 30, "pay_years": 20, "sum_assured": 500000}
    with pytest.raises(ValidationError, match=r"保至年龄应为 \d+(、\d+)* 或 \d+"):
        run(term)


def test_a_single_choice_is_told_as_one() -> None:
    """Not as "one of 1"."""
    with pytest.raises(ValidationError) as told:
        run({"product": "DEMO-MED", "sex": "M", "age": 30, "pay_years": 20})
    assert told.value.problems == {"pay_years": "交费年数应为 1"}


def refusal(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        run(values)
    return caught.value.problems


@pytest.mark.parametrize("name", CASES)
def test_worked_tables(name: str) -> None:
    """Every row and column of the worked table, to half a cent, under the same names."""
    told = illustrate_plain(CASES[name], CATALOGUE, POLICY, today=TODAY)
    expected = table(name)
    assert len(told["rows"]) == len(expected)
    for row, worked in zip(told["rows"], expected, strict=True):
        assert list(row) == list(worked)
        for column, amount in worked.items():
            assert abs(Decimal(row[column]) - Decimal(amount)) <= Decimal("0.005001"), (worked["year"], column)


@pytest.mark.parametrize(
    ("name", "column", "figures"),
    [
        ("expected_P1_term_M30", "cash_value", {1: "1536.39", 10: "27727.51", 30: "0.00"}),
        ("expected_P2_wl_F35", "cash_value", {1: "12058.85", 5: "86330.46", 20: "246443.99", 30: "300053.38"}),
        ("expected_P3a_parwl_M40_cap350", "cash_value", {1: "32695.97", 10: "249516.36", 20: "291778.49"}),
        ("expected_P3a_parwl_M40_cap350", "acc_dividend_illustrated", {1: "428.75", 10: "23888.80", 20: "63874.78"}),
        ("expected_P3b_parann_F40", "cash_value", {19: "593923.90", 20: "579079.62"}),
        ("expected_P4_ul_single_M40_demo300", "account_value", {1: "100840.05", 30: "222186.99"}),
        ("expected_P5_ci_M30", "cash_value", {1: "1709.64", 10: "46039.42", 20: "108597.74"}),
    ],
)
def test_headline_figures(name: str, column: str, figures: dict[int, str]) -> None:
    """The figures that the handbook names."""
    rows = illustrate_plain(CASES[name], CATALOGUE, POLICY, today=TODAY)["rows"]
    assert {year: rows[year - 1][column] for year in figures} == figures


def test_participating_sheet() -> None:
    """S14: sum assured, first-year loss, the rows shown, dividends 0 and 428.75, and the cap's refusal."""
    result = run(PWL)
    assert (result.premium, result.sum_assured) == (Decimal("50000.00"), Decimal("209498.23"))
    assert result.first_year_loss == Decimal("17304.03")
    assert [row["year"] for row in result.shown_rows] == [*range(1, 11), 20, 30, 40, 50, 60, 65]
    assert result.rows[0]["dividend_guaranteed"] == 0
    assert refusal({**PWL, "illustrated_rate": "0.036"}) == {"illustrated_rate": "超过演示上限 3.50%"}
    assert refusal({**PWL, "illustrated_rate": "3.6%"}) == {"illustrated_rate": "超过演示上限 3.50%"}
    assert refusal({**PWL, "illustrated_rate": 0.01}) == {"illustrated_rate": "演示利率不能低于 1.75%"}
    assert run({**PWL, "illustrated_rate": "3.50%"}).result_hash == result.result_hash


def test_the_cap_is_that_of_the_date() -> None:
    """Before mid-2026 3.9 % was allowed; the greatest allowed rate is used where none is asked for."""
    before = run({**PWL, "date": "2026-06-30"})
    assert before.cap == Decimal("0.039")
    assert before.rows[0]["dividend_illustrated"] == Decimal("526.75")
    assert before.rows[0]["cash_value"] == run(PWL).rows[0]["cash_value"]
    with pytest.raises(BadFile):
        run({**PWL, "date": "2020-01-01"})


def test_a_fixed_product_has_no_illustrated_rate() -> None:
    """A rate for a product whose benefits are certain is a mistake."""
    assert "确定" in refusal({**CASES["expected_P2_wl_F35"], "illustrated_rate": "3%"})["illustrated_rate"]


def test_universal_rates() -> None:
    """The guaranteed scenario earns the guarantee, an asked rate is held to its cap, amounts must be premiums."""
    asked = CASES["expected_P4_ul_single_M40_demo300"]
    assert refusal({**asked, "illustrated_rate": "4.01%"}) == {"illustrated_rate": "超过演示上限 4.00%"}
    assert run({**asked, "illustrated_rate": "4%"}).rows[-1]["account_value"] > run(asked).rows[-1]["account_value"]
    assert "premium" in refusal({**asked, "premium": None, "sum_assured": 100000})
    assert run(asked).first_year_loss == Decimal("4201.95")


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"age": 66}, "age", "0 至 65"),
        ({"age": -1}, "age", "0 至 65"),
        ({"age": 61}, "age", "最高投保年龄为 60 周岁"),
        ({"pay_years": 7}, "pay_years", "1、3、5、10、15 或 20"),
        ({"to_age": 70}, "to_age", "不能选择"),
        ({"premium": 999}, "premium", "1,000.00"),
        ({"premium": 10000001}, "premium", "10,000,000.00"),
        ({"premium": 0}, "premium", "大于零"),
        ({"premium": None}, "premium", "二者选一"),
        ({"sum_assured": 1000}, "premium", "二者选一"),
        ({"premium": "NaN"}, "premium", "数字"),
        ({"premium": "1e400"}, "premium", "数字"),
        ({"premium": "many"}, "premium", "数字"),
        ({"illustrated_rate": "x%"}, "illustrated_rate", "数字"),
        ({"age": 40.5}, "age", "整数"),
        ({"age": True}, "age", "整数"),
        ({"age": None}, "age", "整数"),
        ({"sex": "X"}, "sex", "M 或 F"),
        ({"scenario": "best"}, "scenario", "guaranteed"),
        ({"date": "yesterday"}, "date", "2026-11-23"),
    ],
)
def test_limits_are_named(change: dict[str, Any], field: str, told: str) -> None:
    """What cannot be sold is refused with the limit it breaks, never shown as nonsense."""
    assert told in refusal({**PWL, **change})[field]


def test_terms_and_unknown_products() -> None:
    """The end of cover must be one on offer and after the years of payment; the product must exist."""
    term = CASES["expected_P1_term_M30"]
    assert "60、65" in refusal({**term, "to_age": 61})["to_age"]
    assert "不能超过 60 周岁" in refusal({**term, "age": 45, "pay_years": 20})["pay_years"]
    with pytest.raises(ValidationError):
        illustrate_plain({**PWL, "product": "NONE"}, CATALOGUE, POLICY, today=TODAY)


def test_no_price_at_any_age(catalogue: dict[str, Package]) -> None:
    """Where even the youngest who may buy has no price, the way of payment itself is refused."""
    package = catalogue["DEMO-PWL"]
    for_the_old = dataclasses.replace(package, entry=dataclasses.replace(package.entry, age_min=62))
    inputs = parse_inputs({**PWL, "age": 63}, today=TODAY)
    with pytest.raises(ValidationError) as caught:
        illustrate(for_the_old, inputs, POLICY)
    assert caught.value.problems == {"age": "按 5 年交费不能投保"}


def test_premium_and_cover_lead_to_each_other() -> None:
    """A sum assured gives its premium, and that premium the sum again; a missing date is today."""
    term = CASES["expected_P1_term_M30"]
    by_premium = run({**{k: v for k, v in term.items() if k != "sum_assured"}, "premium": "4440"})
    assert by_premium.sum_assured == Decimal("1000000.00")
    by_cover = run({**{k: v for k, v in PWL.items() if k not in ("premium", "date")}, "sum_assured": "209498.23"})
    assert by_cover.premium == Decimal("50000.00")
    assert by_cover.inputs.date == TODAY
    assert "annuity" in to_json(run(CASES["expected_P3b_parann_F40"]))


def test_medical_is_one_year() -> None:
    """The premium of the age band, with or without social insurance, for one year."""
    values = {"product": "DEMO-MED", "sex": "F", "age": 30}
    assert run(values).premium == 306
    assert run({**values, "social_insurance": False}).premium == 612
    assert run(values).columns == ("year", "age", "premium", "cum_premium", "annual_limit")
    assert run(values).first_year_loss is None


SCRIPT = """
import datetime, json, locale, sys
locale.setlocale(locale.LC_ALL, "")
from insuragent.products.illustration import illustrate_plain
from insuragent.products.package_files import load_catalogue
from insuragent.products.policy_files import load_policy
from insuragent.products.universal import account_years
policy = load_policy()
for case in json.loads(sys.argv[1]):
    told = illustrate_plain(case, load_catalogue(policy), policy, today=datetime.date(2026, 11, 23))
    print(told["result_hash"])
"""


def test_the_hash_is_the_same_everywhere() -> None:
    """Locale, time zone and hash seed change the result hash of no product; other inputs do."""
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"},
    ]
    cases = [{"product": product, **case} for product, case in sample_sheet.CASES.items()]
    hashes = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, json.dumps([PWL, *cases])],
            env={**os.environ, **extra, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for extra in surroundings
    }
    assert hashes == {"".join(f"{run(case).result_hash}\n" for case in [PWL, *cases])}
    assert run({**PWL, "premium": "50000.00"}).result_hash == run(PWL).result_hash
    assert run({**PWL, "premium": 50001}).result_hash != run(PWL).result_hash
    assert run({**PWL, "date": "2026-11-24"}).result_hash != run(PWL).result_hash


def test_a_later_input_changes_no_old_hash() -> None:
    """A field that Inputs gains one day leaves the hash of every sheet that does not use it, and enters where it is."""
    later = dataclasses.make_dataclass(
        "Later", [("waiver", bool, dataclasses.field(default=False))], bases=(Inputs,), frozen=True
    )
    old = run(PWL)
    kept = {field.name: getattr(old.inputs, field.name) for field in dataclasses.fields(old.inputs)}
    package = CATALOGUE["DEMO-PWL"]
    assert illustrate(package, later(**kept), POLICY).result_hash == old.result_hash
    assert illustrate(package, later(**kept, waiver=True), POLICY).result_hash != old.result_hash


LIFE = st.fixed_dictionaries(
    {
        "product": st.sampled_from(["DEMO-TERM", "DEMO-IWL", "DEMO-PWL", "DEMO-PANN", "DEMO-CI"]),
        "sex": st.sampled_from("MF"),
        "age": st.integers(0, 65),
        "pay_years": st.sampled_from([1, 3, 5, 10, 15, 20]),
        "premium": st.integers(1000, 100000),
    }
)
ENDS = {"DEMO-TERM": 70, "DEMO-CI": 70}


@given(LIFE)
@settings(deadline=None, max_examples=150)
def test_any_case_is_refused_or_sound(values: dict[str, Any]) -> None:
    """Nothing is negative, premiums only grow, cash value is never above what a death brings in the end."""
    try:
        result = run({**values, "to_age": ENDS.get(values["product"])})
    except ValidationError:
        return
    rows = result.rows
    assert [row["age"] for row in rows] == [values["age"] + row["year"] for row in rows]
    assert all(value >= 0 for row in rows for name, value in row.items() if name != "pvr")
    assert all(later["cum_premium"] >= row["cum_premium"] for row, later in itertools.pairwise(rows))
    if "eff_sa" in rows[0]:
        assert all(later["eff_sa"] >= row["eff_sa"] for row, later in itertools.pairwise(rows))
        assert rows[-1]["cash_value"] == rows[-1]["eff_sa"]
        assert all(row["death_benefit"] >= row["cash_value"] for row in rows)
    else:
        assert rows[-1]["cash_value"] <= Decimal("0.01")


@given(st.integers(18, 65), st.sampled_from("MF"), st.integers(1000, 2_000_000))
@settings(deadline=None, max_examples=40)
def test_any_account_is_sound(age: int, sex: str, premium: int) -> None:
    """Nothing is negative, no account is worth less illustrated than guaranteed, and the end pays it out whole."""
    values = {"product": "DEMO-UL", "sex": sex, "age": age, "pay_years": 1, "premium": premium}
    guaranteed, illustrated = (run({**values, "scenario": scenario}).rows for scenario in ("guaranteed", "illustrated"))
    for less, more in zip(guaranteed, illustrated, strict=True):
        assert all(value >= 0 for row in (less, more) for value in row.values())
        assert less["account_value"] <= more["account_value"]
        assert less["cash_value"] <= less["account_value"] <= less["death_benefit"]
    assert guaranteed[-1]["cash_value"] == guaranteed[-1]["account_value"]


def test_a_charge_of_just_half_a_cent_is_a_cent() -> None:
    """A twelfth of 0.00016 x 20 % of 91,875 is 0.245: 0.25 in the first month, 0.24 in the eleven behind it."""
    deaths = dict.fromkeys(range(106), Decimal("0.00016"))
    years = account_years(CATALOGUE["DEMO-UL"].basis, deaths, 65, 1, Decimal(93750), Decimal(0))
    assert next(years)["risk_charge"] == Decimal("2.89")


@given(st.integers(0, 100), st.sampled_from("MF"))
@settings(deadline=None, max_examples=40)
def test_any_year_of_medical_cover_is_refused_or_priced(age: int, sex: str) -> None:
    """An age that may not enter is refused; every other has a price above nothing, and one year."""
    try:
        result = run({"product": "DEMO-MED", "sex": sex, "age": age, "pay_years": 1})
    except ValidationError:
        return
    assert result.premium > 0
    assert [row["cum_premium"] for row in result.rows] == [result.premium]


@given(st.integers(18, 50), st.sampled_from("MF"))
@settings(deadline=None, max_examples=25)
def test_longer_cover_costs_more(age: int, sex: str) -> None:
    """For the same life and years of payment, ten more years of cover never cost less."""
    values = {"product": "DEMO-TERM", "sex": sex, "age": age, "pay_years": 10, "sum_assured": 1000000}
    assert run({**values, "to_age": 60}).premium <= run({**values, "to_age": 70}).premium


def test_policy_fixture_is_the_bundled_one(policy: Policy, catalogue: dict[str, Package]) -> None:
    """Seven sample products, every one marked as a demonstration."""
    assert policy.participating_cap(TODAY) == Decimal("0.035")
    assert len(catalogue) == 7
    assert all("演示" in package.name and package.sample for package in catalogue.values())
