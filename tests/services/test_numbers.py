"""What people ask about numbers: why, which, how much; answered in yuan."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from insuragent.errors import ValidationError
from insuragent.products.medical import Bill
from insuragent.rules.phrases import Context, check_text
from insuragent.services import catalogue, numbers
from insuragent.services.sheet_numbers import illustration

TODAY = dt.date(2026, 11, 23)
PWL: dict[str, Any] = {"product": "DEMO-PWL", "sex": "M", "age": 40, "pay_years": 5, "premium": "50000"}
IWL, UL = PWL | {"product": "DEMO-IWL"}, PWL | {"product": "DEMO-UL"}
TERM = {"product": "DEMO-TERM", "sex": "M", "age": 40, "pay_years": 10, "to_age": 60, "sum_assured": "500000"}


def test_a_cell_is_explained() -> None:
    """The chain from the premium to the value, and it arrives at the figure of the table."""
    steps = numbers.explain_cell(PWL, 3, "cash_value", TODAY)
    labels = [step.label.split("：")[0] for step in steps]
    assert labels[:5] == ["上年末保单价值", "本年保费", "费用", "按预定利率计息", "风险成本"]
    table = illustration(PWL, TODAY).rows[2]["cash_value"]
    assert abs(steps[-1].amount - table) < Decimal("0.01")
    for year, column in ((0, "cash_value"), (99, "cash_value"), (3, "annuity"), (3, "nothing")):
        with pytest.raises(ValidationError, match="没有第"):
            numbers.explain_cell(PWL, year, column, TODAY)


def test_proposals_side_by_side() -> None:
    """For one need, by what is guaranteed, each amount as in its own table; no ratio anywhere."""
    found = numbers.compare([PWL, IWL, UL], "saving", TODAY)
    assert len(found.names) == 3
    rows = {row.label: row.amounts for row in found.rows}
    assert rows["每年保费"] == (Decimal(50000), Decimal(50000), Decimal(50000))
    assert rows["第 10 年末现金价值（保证）"] == (
        illustration(PWL, TODAY).rows[9]["cash_value"],
        illustration(IWL, TODAY).rows[9]["cash_value"],
        illustration(UL | {"scenario": "guaranteed"}, TODAY).rows[9]["cash_value"],
    )
    assert rows["第 10 年末累积红利（演示，不保证）"][1:] == (None, None)
    assert "每年年金" not in rows
    assert not any(word in label for label in rows for word in ("率", "%", "收益"))


def test_how_far_proposals_are_apart_is_said_in_words() -> None:
    """Without a judgement or a ratio: what is equal, by how many yuan which is more, and who has it not at all."""
    found = numbers.compare([PWL, IWL | {"pay_years": 10}], "legacy", TODAY)
    assert found.names == ("示例人寿演示终身寿险（分红型），5 年交", "示例人寿演示增额终身寿险，10 年交")
    assert "每年保费：各方案相同，50,000.00 元" in found.differences
    assert "累计保费：方案 2 比方案 1 多 250,000.00 元" in found.differences
    with_annuity = numbers.compare([PWL, PWL | {"product": "DEMO-PANN"}], "saving", TODAY)
    assert "基本保额；方案 2 没有这一项" in with_annuity.differences
    assert len(found.differences) == len(found.rows)
    assert check_text("\n".join(found.differences), catalogue.policy().phrase_rules(TODAY), Context()) == ()


@pytest.mark.parametrize(
    ("proposals", "need", "drawn", "column"),
    [
        ([PWL, IWL], "legacy", "身故保险金", "death_benefit"),
        ([PWL, IWL], "saving", "现金价值（保证）", "cash_value"),
        ([UL, PWL | {"product": "DEMO-PANN"}], "pension", "现金价值（保证）", "cash_value"),
    ],
)
def test_each_proposal_is_drawn_by_what_the_need_asks_for(
    proposals: list[dict[str, Any]], need: str, drawn: str, column: str
) -> None:
    """The amount for the need where all have it; the lines are those of the tables, each as long as its own."""
    found = numbers.compare(proposals, need, TODAY)
    assert found.drawn == drawn
    for values, line in zip(proposals, found.lines, strict=True):
        own = [row[column] for row in illustration(values | {"scenario": "guaranteed"}, TODAY).rows]
        assert list(line) == [*own, *[None] * (len(line) - len(own))]


def test_the_needs_that_proposals_share() -> None:
    """Only for these they can be compared."""
    assert numbers.needs_met(["DEMO-PWL", "DEMO-UL"]) == ["legacy", "saving"]
    assert numbers.needs_met(["DEMO-TERM", "DEMO-MED"]) == []


@pytest.mark.parametrize(
    ("proposals", "need", "words"),
    [([PWL], "saving", "2 至 3"), ([PWL] * 4, "saving", "2 至 3"), ([PWL, TERM], "saving", "不能满足")],
)
def test_what_cannot_be_compared(proposals: list[dict[str, Any]], need: str, words: str) -> None:
    """One or four, or a product for another need."""
    with pytest.raises(ValidationError, match=words):
        numbers.compare(proposals, need, TODAY)


def test_a_bill_is_estimated() -> None:
    """S23: a bill of 80,000, of which social insurance paid 30,000; only where something is reimbursed."""
    found = numbers.claim_estimate("DEMO-MED", Bill(Decimal(80000), Decimal(30000)))
    assert found.payable == Decimal("40000.00")
    with pytest.raises(ValidationError, match="不能估算"):
        numbers.claim_estimate("DEMO-TERM", Bill(Decimal(1)))
