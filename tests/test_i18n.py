"""Dates, money and languages as people read them."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insuragent import i18n
from insuragent.settings import resource


@pytest.mark.parametrize(
    ("fen", "shown", "whole"),
    [
        (0, "¥0.00", "¥0"),
        (5, "¥0.05", "¥0"),
        (50, "¥0.50", "¥1"),
        (123_456_789, "¥1,234,567.89", "¥1,234,568"),
        (-150, "-¥1.50", "-¥2"),
        (None, "", ""),
    ],
)
def test_money(fen: int | None, shown: str, whole: str) -> None:
    """Integer fen as yuan, half-up where whole yuan are shown."""
    assert (i18n.format_money(fen), i18n.format_money(fen, cents=False)) == (shown, whole)


@given(st.integers(-(10**15), 10**15))
def test_no_fen_is_lost(fen: int) -> None:
    """The shown amount is the amount."""
    shown = i18n.format_money(fen).replace("¥", "").replace(",", "").replace(".", "")
    assert int(shown) == fen


def test_moments_are_shown_in_shanghai() -> None:
    """15:50 UTC is 23:50 at the client's table."""
    assert i18n.format_moment(dt.datetime(2026, 11, 23, 15, 50, tzinfo=dt.UTC)) == "2026-11-23 23:50"
    assert (i18n.format_moment(None), i18n.format_date(None)) == ("", "")


def test_an_unknown_language_is_a_fault() -> None:
    """Languages are those of the list."""
    with pytest.raises(ValueError, match="klingon"):
        i18n.set_language("klingon")


def test_weekdays_follow_the_language() -> None:
    """Monday in both."""
    monday = dt.date(2026, 11, 23)
    assert i18n.format_weekday(monday) == "周一"


def test_one_thread_may_speak_otherwise() -> None:
    """A server answers in each visitor's language, and nobody else notices."""
    english = i18n.tongue("en", resource("i18n"))
    with ThreadPoolExecutor(1) as pool, i18n.speaking(english):
        assert (i18n._("客户"), i18n.language()) == ("Customer", "en")
        assert pool.submit(i18n._, "客户").result() == "客户"
    assert (i18n._("客户"), i18n.language()) == ("客户", "zh")
