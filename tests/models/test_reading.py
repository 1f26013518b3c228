"""Text from files is read in the many forms in which people write it, or refused with a reason."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insuragent.errors import ValidationError
from insuragent.models import Customer
from insuragent.models.fields import fields_of
from insuragent.models.reading import parse, parse_day

FIELDS = fields_of(Customer)
BORN = dt.date(1990, 3, 7)


@pytest.mark.parametrize(
    "text",
    [
        "1990-03-07", "1990-3-7", "1990/03/07", "1990.3.7", "1990年3月7日", "1990 03 07", "19900307", "32939",
        "１９９０－０３－０７", "1990-03-07 00:00:00", "1990-03-07T00:00:00",
        "7-Mar-1990", "07 March 1990", " 1990年 3月 7日 ",
    ],
)  # fmt: skip
def test_one_day_in_many_forms(text: str) -> None:
    """Year first, eight digits, English months, and a spreadsheet's serial number."""
    assert parse_day(text) == BORN


@pytest.mark.parametrize(
    "text", ["3/7/1990", "90-03-07", "1990-02-30", "1990-13-01", "1990", "昨天", "00000000", "9" * 40]
)
def test_what_could_be_another_day_is_refused(text: str) -> None:
    """A day that may be misread is worse than none."""
    with pytest.raises(ValidationError):
        parse(FIELDS["birth_date"], text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12000", 1_200_000), ("12,000.50", 1_200_050), ("1.2万", 1_200_000), ("１．２万元", 1_200_000),
        ("¥5000元", 500_000),
        ("3千", 300_000), ("1.5亿", 15_000_000_000), ("12w", 12_000_000), ("0.005", 1),
    ],
)  # fmt: skip
def test_money_in_many_forms(text: str, fen: int) -> None:
    """Amounts become fen, half-up."""
    assert parse(FIELDS["annual_income"], text) == fen


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("gender", "男", "M"), ("gender", "Female", "F"), ("gender", "m", "M"), ("gender", "女士", "F"),
        ("doc_type", "身份证", "resident_id"), ("doc_type", "居民身份证", "resident_id"),
        ("doc_type", "RESIDENT_ID", "resident_id"),
        ("smoker", "是", True), ("smoker", "否", False), ("smoker", "√", True), ("smoker", "0", False),
        ("mobile", "", None), ("wechat", " a_b ", "a_b"),
    ],
)  # fmt: skip
def test_choices_and_answers(name: str, text: str, value: Any) -> None:
    """By value, name, label in either language, and usual words."""
    assert parse(FIELDS[name], text) == value


@given(st.sampled_from(list(FIELDS.values())), st.text(max_size=60))
def test_any_text_is_read_or_refused(field: Any, text: str) -> None:
    """Nothing that stands in a cell is a bug."""
    reasons: dict[str, str] = {}
    try:
        parse(field, text)
    except ValidationError as refused:
        reasons = refused.problems
    assert all(reasons.values())
