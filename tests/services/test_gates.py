"""Gates before a sheet: the licence, the product's state and its age, and the words that an agent may not use."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from insuragent.documents.fonts import MissingGlyph
from insuragent.errors import NotPermitted, ValidationError
from insuragent.products.inputs import parse_inputs
from insuragent.rules import suitability
from insuragent.services import catalogue, gates, loose_sheets, validity
from insuragent.services.gates import Case, Gate

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


#: An ordinary sale by an agent who may, to a man of 40 whose needs, risk and identity are known.
IN_ORDER: dict[str, Any] = {
    "identified": True, "id_checked": True, "promises_told": True, "analysed": True, "age": 40,
    "licence_valid_to": dt.date(2027, 12, 31), "agent_level": "L3", "agent_name": "林晓静",
    "risk_level": "C3", "risk_assessed_on": TODAY, "reimbursement_policies": 0,
}  # fmt: skip
WILLING = {"stop_advised": True, "own_will": "我了解并坚持投保", "own_will_signed": True}


def case(**changes: Any) -> Case:
    """A case in which every gate is open, but for ``changes``."""
    return replace(Case(catalogue.package("DEMO-PWL"), TODAY, TODAY, **IN_ORDER), **{"now": NOW} | changes)


def judged(**changes: Any) -> list[Gate]:
    """Every gate of such a case."""
    return gates.gates(case(**changes), catalogue.policy())


def shut(**changes: Any) -> dict[str, str]:
    """The gates that are shut, by name."""
    return {gate.name: gate.text for gate in judged(**changes) if not gate.open}


def test_nothing_stands_in_the_way_of_an_ordinary_sale() -> None:
    """All gates are open."""
    assert shut() == {}


def test_an_expired_licence_names_its_day() -> None:
    """Story S17; the last day itself still counts."""
    assert shut(licence_valid_to=dt.date(2026, 11, 22)) == {"licence": "执业登记已于 2026-11-22 到期"}
    assert shut(licence_valid_to=TODAY) == {}


def test_a_state_of_five_days_ago_is_shown_and_one_of_eight_days_ago_refused() -> None:
    """Story S12: seven days are the limit."""
    status = next(gate for gate in judged(status_as_of=dt.date(2026, 11, 18)) if gate.name == "status")
    assert status.warning
    assert status.text == "产品状态截至 2026-11-18，已过 5 天"
    gates.require(judged(status_as_of=dt.date(2026, 11, 16)), gates.SIGN)
    for day in (15, 24):
        stopping = gates.shut_at(judged(status_as_of=dt.date(2026, 11, day)), gates.PRINT)
        assert [gate.name for gate in stopping] == ["status"]


def test_a_withdrawn_product_is_not_offered() -> None:
    """From the day on; before it, it is still on sale."""
    assert shut(withdrawn_from=dt.date(2026, 11, 20)) == {"on_sale": "产品已自 2026-11-20 起停售"}
    assert shut(withdrawn_from=dt.date(2026, 11, 24)) == {}
    assert set(shut(withdrawn=True)) == {"on_sale"}


def test_words_of_a_pending_withdrawal_need_its_notice() -> None:
    """Story S12: 即将停售 is pressure before the notice, information after it."""
    words = ("这款产品即将停售",)
    assert "即将停售" in shut(texts=words)["phrases"]
    assert shut(texts=words, notice="N-77") == {}


def test_what_nobody_knows_is_not_in_order() -> None:
    """Nothing told, nothing open: licence, level, identity, checks, needs; and the risk before signing."""
    bare = gates.gates(Case(catalogue.package("DEMO-PWL"), TODAY, TODAY), catalogue.policy())
    assert {gate.name for gate in gates.shut_at(bare, gates.PRINT)} == {
        "licence", "authority", "identity", "promises", "needs",
    }  # fmt: skip
    assert "risk" in {gate.name for gate in gates.shut_at(bare, gates.SIGN)}
    medical = catalogue.package("DEMO-MED")
    assert "没有请填 0" in shut(package=medical, reimbursement_policies=None)["double_cover"]


def test_a_refusal_names_what_it_rests_on() -> None:
    """Requirement and law stand in the message itself."""
    found = judged(licence_valid_to=dt.date(2026, 11, 22), goals=["medical"], age=7)
    with pytest.raises(NotPermitted) as refused:
        gates.require(found, gates.SIGN)
    for source in ("R1.2a；金监总局令2023年第2号第三条", "第二十八条", "保监发〔2015〕90号"):
        assert source in str(refused.value)
    assert all(gate.rule and gate.told.endswith("）") for gate in found)


def test_an_illustration_of_another_day_or_past_its_time_is_no_proposal() -> None:
    """S14: the caps of the day on which it is proposed hold, and no longer than the next change."""
    assert set(shut(proposed_on=dt.date(2026, 11, 24))) == {"dated"}
    assert shut(proposed_on=TODAY, valid_until=TODAY) == {}
    assert "2026-11-22" in shut(proposed_on=dt.date(2026, 10, 23), valid_until=dt.date(2026, 11, 22))["valid"]


@pytest.mark.parametrize(
    ("day", "told", "last"),
    [
        (TODAY, {}, dt.date(2026, 12, 23)),
        (TODAY, {"withdrawn_from": dt.date(2026, 12, 1)}, dt.date(2026, 11, 30)),
        (TODAY, {"born": dt.date(1986, 12, 2)}, dt.date(2026, 12, 1)),
        (TODAY, {"born": dt.date(1986, 11, 23)}, dt.date(2026, 12, 23)),
        (dt.date(2026, 6, 20), {}, dt.date(2026, 6, 30)),  # another cap holds from 1 July on
    ],
)
def test_a_sheet_holds_until_its_numbers_change(day: dt.date, told: dict[str, Any], last: dt.date) -> None:
    """Data dictionary: the earliest of 30 days, withdrawal, change of rate, and the insured's next birthday."""
    package = catalogue.package("DEMO-PWL")
    inputs = parse_inputs(PLAIN | {"date": day.isoformat()}, today=day)
    told = {"born": None, "withdrawn_from": None} | told
    assert validity.last_day(package, inputs, catalogue.policy(), **told) == last


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
        gates.require(judged(**change))


def test_a_product_above_what_the_customer_can_bear_is_refused() -> None:
    """S06: there is no override on the device; without an assessment a risky product waits for one."""
    risky = replace(catalogue.package("DEMO-PWL"), p_level="P4")
    assert shut(package=risky, risk_level="C2", **WILLING) == {"risk": "产品等级 P4 高于承受能力 C2"}
    assert [gate.name for gate in gates.stop_advice(judged(package=risky, risk_level="C2"))] == ["risk"]
    assert shut(package=risky, risk_level="C4") == {}
    assert set(shut(risk_level=None)) == {"risk"}
    gates.require(judged(risk_level=None), gates.PRINT)
    assert set(shut(risk_assessed_on=None)) == {"risk"}
    assert set(shut(risk_level="C5", risk_assessed_on=dt.date(2025, 11, 23))) == {"risk"}
    assert shut(risk_level="C5", risk_assessed_on=dt.date(2025, 11, 24)) == {}


def test_a_childs_cover_is_limited() -> None:
    """S04: the message names the three numbers; only parents buy, and only with their consent."""
    child = {"age": 7, "death_cover": 10_000_000, "other_death_cover": 15_000_000, "applicant": "parent"}
    child |= {"guardian_consent": True}
    assert shut(**child) == {"minor": "未成年人身故保额：本次 ¥100,000，其他 ¥150,000，限额 ¥200,000，超过 ¥50,000"}
    assert shut(**child | {"other_death_cover": 10_000_000}) == {}
    assert shut(**child | {"age": 10}) == {}
    assert "投保人只能是父母" in shut(**child | {"applicant": "other"})["minor"]
    assert "监护人" in shut(**child | {"guardian_consent": False})["minor"]
    assert "没有请填 0" in shut(**child | {"other_death_cover": None})["minor"]


def test_who_is_insured_agrees_and_who_sells_receives_nothing() -> None:
    """S04: cover on another's life needs his consent; the agent is no beneficiary."""
    assert set(shut(applicant="spouse")) == {"consent"}
    gates.require(judged(applicant="spouse"), gates.PRINT)
    assert shut(applicant="spouse", insured_consent=True) == {}
    assert shut(applicant="spouse", package=catalogue.package("DEMO-MED"), risk_level="C1") == {}
    assert shut(beneficiary="丈夫 王明 100%") == {}
    assert shut(beneficiary="林晓静 朋友 100%") == {"beneficiary": "受益人不能是销售人员"}


def test_the_numbers_are_those_of_the_insured() -> None:
    """An illustration for another age or sex is no sheet for this person."""
    assert set(shut(insured_fits=False)) == {"insured"}
    assert shut(insured_fits=True) == {}


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
    old = judged(applicant_born=dt.date(1966, 11, 23))
    assert [gate.name for gate in gates.shut_at(old, gates.SIGN)] == ["recording"]
    gates.require(old, gates.PRINT)
    before = {gate.name: gate for gate in judged(applicant_born=dt.date(1966, 11, 24))}
    assert before["elderly_soon"].warning
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
    assert set(shut(**old, now=next_day, second_confirmed_at=next_day + dt.timedelta(days=1))) == {"reflection"}
    gates.require(judged(**old), gates.PRINT)
    with pytest.raises(NotPermitted, match="签署"):
        gates.require(judged(**old), gates.SIGN)


def test_a_burden_is_confirmed_in_own_words() -> None:
    """S15: (12,000 + 13,000) / 100,000 = 25 % is above 20 %."""
    heavy = gates.Budget(10_000_000, 1_200_000, 1_300_000)
    assert "25.0 %" in shut(budget=heavy)["premium"]
    assert shut(budget=heavy, premium_words="我能够负担") == {}
    assert shut(budget=replace(heavy, new_premium=800_000)) == {}


def test_without_an_income_or_with_a_great_single_premium_it_is_confirmed_too() -> None:
    """S15 and the association's rule: nothing to compare with, more than four incomes at once, or 60 with its years."""
    assert "没有家庭收入可比" in shut(budget=gates.Budget(0, 0, 100))["premium"]
    once = gates.Budget(10_000_000, 0, 0, pay_years=1, single_premium=40_000_001)
    assert "趸交保费" in shut(budget=once)["premium"]
    assert shut(budget=replace(once, single_premium=40_000_000)) == {}
    long = gates.Budget(10_000_000, 0, 100, pay_years=20)
    born = dt.date(1985, 11, 23)  # 41 and 20 years are 61
    assert "61" in shut(budget=long, applicant_born=born)["premium"]
    assert shut(budget=long, applicant_born=dt.date(1985, 11, 24)) == {}
    assert shut(budget=once, premium_words="我能够负担") == {}


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
    for missing in WILLING:
        assert set(shut(**change, **{**WILLING, missing: ""})) == {name}
    found = judged(**change, **WILLING)
    assert [gate.name for gate in gates.stop_advice(found)] == [name]
    assert "自愿投保" in gates.stop_advice(found)[0].text
    gates.require(found, gates.SIGN)


def test_everything_is_explained_and_every_reason_has_its_grounds() -> None:
    """R3.1b, R1.3b: signing is refused while an item is unticked or a reason has no need and no benefit."""
    assert "02、18" in shut(prompts={f"{n:02d}": NOW for n in range(1, 18) if n != 2})["prompts"]
    grounds = [{"need": "legacy", "benefit": "DEATH"}]
    assert set(shut(goals=["legacy"], reason_links=[{"need": "legacy"}])) == {"reasons"}
    assert set(shut(goals=["protect_life"], reason_links=grounds)) == {"reasons"}
    assert set(shut(goals=["legacy"], reason_links=[{"need": "legacy", "benefit": "MOON"}])) == {"reasons"}
    assert shut(goals=["legacy"], reason_links=grounds) == {}


def test_the_sentence_is_copied_word_by_word() -> None:
    """G04: of a participating product; spaces and the width of punctuation are free; a term life asks for none."""
    words = catalogue.package("DEMO-PWL").statement
    assert "抄录" in shut(statement=" ")["statement"]
    assert "逐字" in shut(statement=words.replace("不确定性", "确定性"))["statement"]
    assert shut(statement=words.replace("，", ", ")) == {}
    assert shut(statement="", package=catalogue.package("DEMO-TERM")) == {}


def test_doubtful_words_wait_for_a_supervisor() -> None:
    """R7.2a: what induces a surrender is read by a supervisor; what was read does not open another phrase."""
    words = ("建议退旧买新",)
    assert "退旧买新" in shut(texts=words)["review"]
    assert "第三十七条" in shut(texts=words)["review"]
    assert shut(texts=words, reviewed=["退旧买新"]) == {}
    assert set(shut(texts=("退保买这款",), reviewed=["退旧买新"])) == {"review"}


def test_facts_make_words_true() -> None:
    """FIT needs linked grounds (seed 1.3), RENEW a guaranteed renewal in the product itself (G18)."""
    grounds = {"goals": ["legacy"], "reason_links": [{"need": "legacy", "benefit": "DEATH"}]}
    assert "最适合您" in shut(texts=("最适合您",))["phrases"]
    assert shut(texts=("最适合您",), **grounds) == {}
    medical = catalogue.package("DEMO-MED")
    assert "保证续保" in shut(texts=("保证续保",), package=replace(medical, guaranteed_renewal_years=0))["phrases"]
    assert shut(texts=("保证续保",), package=replace(medical, guaranteed_renewal_years=6)) == {}


def test_all_reasons_are_told_at_once() -> None:
    """Whoever is refused hears everything that is to be done."""
    found = judged(licence_valid_to=dt.date(2026, 1, 1), withdrawn=True)
    with pytest.raises(NotPermitted) as refused:
        gates.require(found)
    assert "执业登记已于 2026-01-01 到期" in str(refused.value)
    assert "产品已停售" in str(refused.value)


#: A mother of 30 and her son of seven (story S04).
CHILD: dict[str, Any] = {
    "product": "DEMO-IWL", "age": 7, "premium": "10000",
    "customer": {"name": "陈母", "birth_date": "1996-03-01", "gender": "F"},
    "insured": {"name": "陈子", "birth_date": "2019-05-20", "gender": "M", "relation": "son"},
}  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"date": "2026-11-01"},
        {"agent": PLAIN["agent"] | {"level": "L2", "authorised_products": ["DEMO-PWL"]}},
        {"product": "DEMO-MED", "premium": "", "pay_years": 1},
        {"checks": {"risk_level": "C3", "beneficiary_note": "配偶"}},
        CHILD | {"checks": {"other_death_cover": "0"}},
    ],
)
def test_a_sheet_without_a_store(told: dict[str, Any]) -> None:
    """The same PDF that the window prints, from plain demo data; what only a signature needs is not asked for."""
    assert loose_sheets.render(PLAIN | told, NOW).startswith(b"%PDF-")


def test_a_childs_sheet_names_three_numbers_and_the_child() -> None:
    """S04 on the command line: the mother buys, the son is insured."""
    with pytest.raises(NotPermitted, match="本次 ¥0，其他 ¥250,000，限额 ¥200,000，超过 ¥50,000"):
        loose_sheets.render(PLAIN | CHILD | {"checks": {"other_death_cover": "250000"}}, NOW)
    with pytest.raises(NotPermitted, match="只能是父母"):
        aunt = CHILD["insured"] | {"relation": "other"}
        loose_sheets.render(PLAIN | CHILD | {"insured": aunt, "checks": {"other_death_cover": "0"}}, NOW)


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
        ({"date": "2026-11-24"}, NotPermitted, "还没有到"),
        ({"date": "2023-12-01", "illustrated_rate": "0.045"}, NotPermitted, "失效"),
        ({"status_as_of": "2026-11-24"}, NotPermitted, "还没有到"),
        ({"agent": PLAIN["agent"] | {"level": "L1"}}, NotPermitted, "L2 及以上"),
        ({"agent": PLAIN["agent"] | {"authorised_products": ["DEMO-TERM"]}}, NotPermitted, "授权"),
        ({"agent": {"name": "林晓静", "licence_no": "123"}}, ValidationError, "有效期"),
        ({"checks": {"risk_level": "C2"}}, NotPermitted, "产品等级 P3 高于承受能力 C2"),
        ({"checks": {"id_checked": "否"}}, NotPermitted, "身份证件"),
        ({"checks": {"beneficiary_note": "林晓静"}}, NotPermitted, "受益人"),
        ({"reasons": ["建议退旧买新"]}, NotPermitted, "主管复核"),
        ({"insured": {"name": "王小", "birth_date": "1990-01-01", "relation": "spouse"}}, NotPermitted, "不符"),
        ({"agent": {}}, ValidationError, "执业登记编号"),
        ({"product": "NONE"}, Exception, "NONE"),
    ],
)
def test_a_sheet_is_refused_as_the_window_would(change: dict[str, Any], error: type[Exception], words: str) -> None:
    """Rates, licence, wording, age of the state, characters without a glyph, and what is missing."""
    with pytest.raises(error, match=words):
        loose_sheets.render(PLAIN | change, NOW)
