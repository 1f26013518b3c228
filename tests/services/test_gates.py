"""Gates before a sheet: the licence, the product's state and its age, and the words that an agent may not use."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from insuragent.documents.fonts import MissingGlyph
from insuragent.errors import NotPermitted, ValidationError
from insuragent.services import catalogue, gates, loose_sheets
from insuragent.services.gates import Case

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
PLAIN: dict[str, Any] = {
    "product": "DEMO-PWL",
    "sex": "M",
    "age": 40,
    "pay_years": 5,
    "premium": "50000",
    "date": "2026-11-23",
    "customer": {"name": "王𬭎", "birth_date": "1986-03-01"},
    "agent": {"name": "林晓静", "licence_no": "00000244030000002026000123", "licence_valid_to": "2027-12-31"},
}


def case(**changes: Any) -> Case:
    """A case in which every gate is open, but for ``changes``."""
    return replace(Case(catalogue.package("DEMO-PWL"), TODAY, TODAY, identified=True), **changes)


def shut(**changes: Any) -> dict[str, str]:
    """The gates that are shut, by name."""
    return {gate.name: gate.text for gate in gates.gates(case(**changes), catalogue.policy()) if not gate.open}


def test_nothing_stands_in_the_way_of_an_ordinary_sale() -> None:
    """All gates are open."""
    assert shut() == {}


def test_an_expired_licence_names_its_day() -> None:
    """Story S17; the last day itself still counts."""
    assert shut(licence_valid_to=dt.date(2026, 11, 22)) == {"licence": "执业登记已于 2026-11-22 到期"}
    assert shut(licence_valid_to=TODAY) == {}


def test_a_state_of_five_days_ago_is_shown_and_one_of_eight_days_ago_refused() -> None:
    """Story S12: seven days are the limit."""
    shown = gates.gates(case(status_as_of=dt.date(2026, 11, 18)), catalogue.policy())
    status = next(gate for gate in shown if gate.name == "status")
    assert status.open
    assert status.text == "产品状态截至 2026-11-18，已过 5 天"
    assert shut(status_as_of=dt.date(2026, 11, 16)) == {}
    assert set(shut(status_as_of=dt.date(2026, 11, 15))) == {"status"}


def test_a_withdrawn_product_is_not_offered() -> None:
    """From the day on; before it, it is still on sale."""
    assert shut(withdrawn_from=dt.date(2026, 11, 20)) == {"on_sale": "产品已自 2026-11-20 起停售"}
    assert shut(withdrawn_from=dt.date(2026, 11, 24)) == {}
    assert set(shut(withdrawn=True)) == {"on_sale"}


def test_words_of_a_pending_withdrawal_need_its_notice() -> None:
    """Story S12: 即将停售 is pressure before the notice, information after it."""
    words = ("这款产品即将停售",)
    assert "即将停售" in shut(texts=words)["phrases"]
    announced = replace(catalogue.package("DEMO-PWL"), notice_id="N-77", status="notice_withdraw")
    assert shut(texts=words, package=announced) == {}


def test_a_missing_analysis_warns() -> None:
    """It is told, and does not stop the sheet by itself."""
    found = gates.gates(case(analysed=False), catalogue.policy())
    gates.require(found)
    assert [gate.name for gate in found if not gate.open] == ["needs"]


def test_all_reasons_are_told_at_once() -> None:
    """Whoever is refused hears everything that is to be done."""
    found = gates.gates(case(licence_valid_to=dt.date(2026, 1, 1), withdrawn=True), catalogue.policy())
    with pytest.raises(NotPermitted) as refused:
        gates.require(found)
    assert "执业登记已于 2026-01-01 到期" in str(refused.value)
    assert "产品已停售" in str(refused.value)


def test_a_sheet_without_a_store() -> None:
    """The same PDF that the window prints."""
    assert loose_sheets.render(PLAIN, NOW).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"illustrated_rate": "0.036"}, ValidationError, "超过演示上限 3.50%"),
        ({"agent": PLAIN["agent"] | {"licence_valid_to": "2026-11-22"}}, NotPermitted, "执业登记已于 2026-11-22 到期"),
        ({"reasons": ["收益率最高，保本"]}, NotPermitted, "保本"),
        ({"status_as_of": "2026-11-01"}, NotPermitted, "请先同步"),
        ({"customer": {"name": "王\U000f0000"}}, ValidationError, "U\\+F0000"),
        ({"customer": {"name": "王\u0378明"}}, ValidationError, "U\\+0378"),
        ({"customer": {"name": "𱍊明"}}, MissingGlyph, "缺字: 𱍊 \\(U\\+3134A\\)"),
        ({"customer": None}, ValidationError, "customer"),
        ({"agent": {}}, ValidationError, "执业登记编号"),
        ({"product": "NONE"}, Exception, "NONE"),
    ],
)
def test_a_sheet_is_refused_as_the_window_would(change: dict[str, Any], error: type[Exception], words: str) -> None:
    """Rates, licence, wording, age of the state, characters without a glyph, and what is missing."""
    with pytest.raises(error, match=words):
        loose_sheets.render(PLAIN | change, NOW)
