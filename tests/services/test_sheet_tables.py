"""The example of a sheet: which columns a product shows, and that what is called guaranteed is guaranteed."""

import csv
import dataclasses
import itertools
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from insuragent.products.illustration import Illustration, guaranteed_of, illustrate
from insuragent.products.inputs import parse_inputs
from insuragent.products.package import Fulfilment
from insuragent.services import catalogue, sheet_words, sheets
from insuragent.services.sheet_tables import Example, example_of
from tests.documents import sample_sheet

DATA = Path(__file__).parent.parent / "data" / "products"
UL = {"product": "DEMO-UL", **sample_sheet.CASES["DEMO-UL"]}


def example(product: str) -> Example:
    """The example of the sample case."""
    shown = sample_sheet.shown(product)
    return example_of(shown, guaranteed_of(shown, catalogue.policy()))


def heads(found: Example) -> list[str]:
    """The heads of a table in one line each, with the group before."""
    return [f"{column.group}{column.label}".replace("\n", "") for column in found.columns]


def given(file: str) -> Iterator[dict[str, str]]:
    """The rows of a given table that a sheet shows, in whole yuan."""
    with (DATA / file).open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        if int(row["year"]) <= 10 or int(row["year"]) % 10 == 0 or row is rows[-1]:
            yield {name: f"{Decimal(value).quantize(Decimal(1), ROUND_HALF_UP):,}" for name, value in row.items()}


def test_the_guaranteed_figures_of_an_account_are_the_given_ones() -> None:
    """Row by row as the actuary's tables: the guaranteed scenario under that name, the illustrated one beside it."""
    found = example("DEMO-UL")
    assert heads(found) == [
        "保单年度", "年末年龄", "交费与账户（元）当年保险费", "交费与账户（元）初始费用", "交费与账户（元）进入账户",
        "保证利益（元）风险保险费", "保证利益（元）账户价值", "保证利益（元）现金价值", "保证利益（元）身故保险金",
        "演示利益（元，不保证）风险保险费", "演示利益（元，不保证）账户价值", "演示利益（元，不保证）现金价值",
        "演示利益（元，不保证）身故保险金",
    ]  # fmt: skip
    worth = ("risk_charge", "account_value", "cash_value", "death_benefit")
    guaranteed = [[row[name] for name in worth] for row in given("expected_P4_ul_single_M40_guar100.csv")]
    illustrated = [[row[name] for name in worth] for row in given("expected_P4_ul_single_M40_demo300.csv")]
    assert [row[5:9] for row in found.rows] == guaranteed
    assert [row[9:] for row in found.rows] == illustrated
    assert found.rows[0][:5] == ["1", "41", "100,000", "2,000", "98,000"]
    assert found.rows[1][2:5] == ["—"] * 3


def test_loss_and_chart_of_an_account_are_guaranteed() -> None:
    """6,062.10 of 100,000 are lost, not the 4,201.95 of the illustration; the page says the same as the sheet."""
    content = sample_sheet.content("DEMO-UL")
    assert content.first_year_loss == "6,062.10"
    lines = {series.label: series for series in content.chart}
    assert lines["现金价值（保证）"].values[0] == 93937.90
    assert lines["现金价值（演示，不保证）"].values[0] == 95798.05
    assert str(sheets.calculate(UL, sample_sheet.DAY).first_year_loss) == "6062.10"


def test_an_account_without_an_illustration() -> None:
    """Who asks for the guaranteed scenario gets it alone: nothing illustrated is made up."""
    policy = catalogue.policy()
    inputs = parse_inputs({**UL, "scenario": "guaranteed"}, today=sample_sheet.DAY)
    shown = illustrate(catalogue.package("DEMO-UL"), inputs, policy)
    assert guaranteed_of(shown, policy) is shown
    assert not any("演示" in head for head in heads(example_of(shown, shown)))


COLUMNS = {
    "DEMO-TERM": ["身故保险金", "现金价值"],
    "DEMO-IWL": ["基本保额", "有效保额", "身故保险金", "现金价值"],
    "DEMO-PWL": ["基本保额", "有效保额", "身故保险金", "现金价值"],
    "DEMO-PANN": ["当年年金", "累计年金", "身故保险金", "现金价值"],
    "DEMO-CI": ["重疾保险金", "身故保险金", "现金价值"],
}


@pytest.mark.parametrize("product", COLUMNS)
def test_the_columns_of_the_form(product: str) -> None:
    """Year, age, premiums, what is guaranteed, and dividends in both scenarios (G04)."""
    dividends = [
        "当年红利（元）保证",
        "当年红利（元）演示（不保证）",
        "累积红利（元）保证",
        "累积红利（元）演示（不保证）",
    ]
    participating = sample_sheet.shown(product).package.design_type == "participating"
    assert heads(example(product)) == [
        "保单年度", "年末年龄", "保险费（元）当年", "保险费（元）累计",
        *(f"保证利益（元）{name}" for name in COLUMNS[product]),
        *([*dividends, "退保合计（演示，不保证）"] if participating else []),
    ]  # fmt: skip


@pytest.mark.parametrize("product", sample_sheet.CASES)
def test_dashes_and_noughts(product: str) -> None:
    """Where nothing is due stands a dash; a benefit of nothing is a nought."""
    found = example(product)
    due = [place for place, head in enumerate(heads(found)) if "当年保险费" in head or head == "保险费（元）当年"]
    assert not [row for row in found.rows for place in due if row[place] == "0"]
    years = sample_sheet.shown(product).inputs.pay_years
    assert all((row[place] == "—") == (int(row[0]) > years) for row in found.rows for place in due)


def test_a_guaranteed_dividend_is_none() -> None:
    """Nought, in every row, of the year and added up: said, not left out."""
    rows = example("DEMO-PWL").rows
    assert {(row[8], row[10]) for row in rows} == {("0", "0")}
    assert (rows[9][11], rows[-1][12]) == ("23,889", "1,119,848")


def test_bills_bring_what_a_claim_would_bring() -> None:
    """The worked cases of story S23: with and without social insurance, and nothing inside the wait."""
    rows = {row[0]: row for row in example("DEMO-MED").rows}
    assert rows["住院，已经基本医保结算"][4:] == ["10,000", "100", "2,000,000", "43,000"]
    assert rows["住院，没有经基本医保结算"][4:] == ["10,000", "60", "2,000,000", "45,000"]
    assert rows["住院，另有其他途径补偿"][3:5] == ["6,000", "4,000"]
    assert rows["等待期内因疾病住院"][-1] == rows["费用不多，没有超过免赔额"][-1] == "0"
    assert example("DEMO-MED").chart == []


def account(**told: object) -> Illustration:
    """An account of the sample product."""
    values = {**UL, **told}
    return illustrate(catalogue.package("DEMO-UL"), parse_inputs(values, today=sample_sheet.DAY), catalogue.policy())


@pytest.mark.parametrize(("sex", "age", "pay_years"), [*itertools.product("MF", (18, 40, 65), (1, 10))])
def test_an_illustration_is_never_below_the_guarantee(sex: str, age: int, pay_years: int) -> None:
    """Year by year in account, cash and death benefit; nothing is negative; fees are the same."""
    shown = account(sex=sex, age=age, pay_years=pay_years)
    for row, sure in zip(shown.rows, guaranteed_of(shown, catalogue.policy()).rows, strict=True):
        assert all(value >= 0 for value in sure.values())
        assert all(row[name] >= sure[name] for name in ("account_value", "cash_value", "death_benefit"))
        assert (row["initial_fee"], row["into_account"]) == (sure["initial_fee"], sure["into_account"])


def test_what_was_paid_of_illustrated_dividends_is_told_in_yuan() -> None:
    """The newest year first, of each 100 yuan; no ratio. Without a past the sheet says so."""
    package = sample_sheet.shown("DEMO-PWL").package
    assert "本产品还没有公布过红利实现情况；公司每年在网站公布。" in dict(sheet_words.terms(package))["红利实现情况"]
    past = (Fulfilment(2024, Decimal("0.905")), Fulfilment(2025, Decimal(1), Decimal("0.8")))
    told = dict(sheet_words.terms(dataclasses.replace(package, fulfilment=past)))["红利实现情况"]
    assert told == [
        "2025 年：演示红利每 100 元，实际分配 100 元；演示增额每 100 元，实际增额 80 元。",
        "2024 年：演示红利每 100 元，实际分配 90.5 元。",
    ]


def test_the_period_of_a_case() -> None:
    """As chosen, not all that could be chosen."""
    periods = {product: sheet_words.period(sample_sheet.shown(product)) for product in sample_sheet.CASES}
    assert periods == {
        "DEMO-TERM": "至 60 周岁", "DEMO-CI": "至 70 周岁", "DEMO-PANN": "至 105 周岁", "DEMO-MED": "一年",
        "DEMO-IWL": "终身", "DEMO-PWL": "终身", "DEMO-UL": "终身",
    }  # fmt: skip
