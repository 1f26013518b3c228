"""Gates before a sheet: the licence, the product's state and its age, and the words that an agent may not use."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from insuragent.documents.fonts import MissingGlyph
from insuragent.errors import NotPermitted, ValidationError
from insuragent.rules import suitability
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


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"analysed": False}, "needs"),
        ({"id_checked": False}, "identity"),
        ({"promises_told": False}, "promises"),
        ({"authorised": ["DEMO-TERM"]}, "authority"),
        ({"agent_level": "L1"}, "authority"),
    ],
)
def test_what_was_not_done_stops_the_sheet(change: dict[str, Any], name: str) -> None:
    """Needs, the three checks before a sale (三查), and what the agent may sell (R1.2a, R1.2b, R3.2a)."""
    assert set(shut(**change)) == {name}
    with pytest.raises(NotPermitted):
        gates.require(gates.gates(case(**change), catalogue.policy()))


def test_a_product_above_what_the_customer_can_bear_is_refused() -> None:
    """S06: there is no override on the device; without an assessment a risky product waits for one."""
    risky = replace(catalogue.package("DEMO-PWL"), p_level="P4")
    assert shut(package=risky, risk_level="C2", own_will="我坚持") == {"risk": "产品等级 P4 高于承受能力 C2"}
    assert shut(package=risky, risk_level="C4") == {}
    assert set(shut(goals=["legacy"])) == {"risk"}
    assert set(shut(risk_level="C5", risk_assessed_on=dt.date(2025, 11, 23))) == {"risk"}
    assert shut(risk_level="C5", risk_assessed_on=dt.date(2025, 11, 24)) == {}


def test_a_childs_cover_is_limited() -> None:
    """S04: the message names the three numbers; only parents buy, and only with their consent."""
    child = {"age": 7, "death_cover": 10_000_000, "other_death_cover": 15_000_000, "applicant": "parent"}
    assert shut(**child) == {"minor": "未成年人身故保额：本次 ¥100,000，其他 ¥150,000，限额 ¥200,000，超过 ¥50,000"}
    assert shut(**child | {"other_death_cover": 10_000_000}) == {}
    assert shut(**child | {"age": 10}) == {}
    assert "投保人只能是父母" in shut(**child | {"applicant": "other"})["minor"]
    assert "监护人" in shut(**child | {"guardian_consent": False})["minor"]
    assert "没有请填 0" in shut(**child | {"other_death_cover": None})["minor"]


def test_what_is_paid_back_of_the_premiums_is_no_cover() -> None:
    """S04: the part equal to premiums paid or cash value does not count, nor do years after the eighteenth birthday."""
    rows = [
        {"age": 8, "death_benefit": 160, "cum_premium": 100, "cash_value": 30},
        {"age": 9, "death_benefit": 330, "cum_premium": 200, "cash_value": 250},
        {"age": 40, "death_benefit": 9_999, "cum_premium": 300, "cash_value": 0},
    ]
    assert suitability.counted_death_cover(rows) == 80_00


def test_the_sixtieth_birthday_changes_the_rule() -> None:
    """S05: 60 on the day of the proposal needs a recording; on the day before, the change is told."""
    found = {g.name: g for g in gates.gates(case(applicant_born=dt.date(1966, 11, 23)), catalogue.policy())}
    assert not found["recording"].open
    assert found["recording"].warning
    before = {g.name: g for g in gates.gates(case(applicant_born=dt.date(1966, 11, 24)), catalogue.policy())}
    assert "2026-11-24" in before["elderly_soon"].text
    assert "recording" not in before
    assert "elderly_soon" not in shut(applicant_born=dt.date(1967, 1, 1))
    assert shut(applicant_born=dt.date(1966, 11, 23), recording_ref="SL-1") == {}


def test_from_sixty_five_on_there_is_time_to_think() -> None:
    """S06: a second confirmation, 24 hours after the explanation at the earliest; the sheet may be printed."""
    born, explained = dt.date(1959, 4, 16), NOW
    old = {"applicant_born": born, "explained_at": explained, "risk_level": "C3", "recording_ref": "SL-1"}
    next_day = explained + dt.timedelta(hours=24)
    assert set(shut(**old, now=next_day - dt.timedelta(minutes=1))) == {"reflection"}
    assert set(shut(**old, now=next_day)) == {"reflection"}
    assert shut(**old, now=next_day, second_confirmed_at=next_day) == {}
    gates.require(gates.gates(case(**old), catalogue.policy()), gates.PRINT)
    with pytest.raises(NotPermitted, match="签署"):
        gates.require(gates.gates(case(**old, now=explained), catalogue.policy()), gates.SIGN)


def test_a_burden_is_confirmed_in_own_words() -> None:
    """S15: (12,000 + 13,000) / 100,000 = 25 % is above 20 %."""
    heavy = gates.Budget(10_000_000, 1_200_000, 1_300_000)
    assert "25.0 %" in shut(budget=heavy)["premium"]
    assert shut(budget=heavy, premium_words="我能够负担") == {}
    assert shut(budget=replace(heavy, new_premium=800_000)) == {}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"goals": ["medical"], "risk_level": "C3"}, "need"),
        ({"budget": gates.Budget(10_000_000, 0, 100, pay_years=20, pay_years_ok=10)}, "burden"),
        ({"package": catalogue.package("DEMO-MED"), "reimbursement_policies": 1}, "double_cover"),
    ],
)
def test_one_advises_to_stop_and_the_customer_may_insist(change: dict[str, Any], name: str) -> None:
    """R3.2b: the three triggers; only the customer's own will, in writing, opens them, and the advice is still told."""
    assert set(shut(**change)) == {name}
    found = gates.gates(case(**change, own_will="我了解并坚持投保"), catalogue.policy())
    assert [gate.name for gate in gates.stop_advice(found)] == [name]
    assert "自愿投保" in gates.stop_advice(found)[0].text
    gates.require(found, gates.SIGN)


def test_everything_is_explained_and_every_reason_has_its_grounds() -> None:
    """R3.1b, R1.3b: signing is refused while an item is unticked or a reason has no need and no benefit."""
    assert "02、18" in shut(prompts=[f"{n:02d}" for n in range(1, 18) if n != 2])["prompts"]
    assert set(shut(reason_links=[{"need": "legacy"}])) == {"reasons"}
    assert shut(reason_links=[{"need": "legacy", "benefit": "DEATH"}]) == {}


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
