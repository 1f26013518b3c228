"""The phrase check: every rule finds its phrases, ordinary words pass, and places are exact."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.products.policy_files import load_policy
from insuragent.rules.phrases import Context, PhraseRule, Response, Setting, blocks, check_text, effective
from insuragent.rules.policy import Policy

TODAY = dt.date(2026, 11, 23)
RULES = load_policy().phrase_rules(TODAY)
SHEET = Context(Setting.SHEET)
LITERALS = [(rule.code, part) for rule in RULES for part in rule.patterns if not part.startswith("/")]


@pytest.mark.parametrize(("code", "phrase"), LITERALS)
def test_every_phrase_is_found(code: str, phrase: str) -> None:
    """Each phrase of each rule is found in a sheet's text, where it stands."""
    text = f"𬭎说：{phrase}。"
    found = [finding for finding in check_text(text, RULES, SHEET) if finding.rule == code]
    assert found
    assert any(text[finding.start : finding.end] == phrase for finding in found)
    assert all(finding.text == text[finding.start : finding.end] for finding in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("这款产品保 本，请放心", "GUAR"),
        ("１００％", "ABS"),
        ("保\u200b本", "GUAR"),
        ("irr 很高", "YIELD"),
        ("某某公司快倒了", "COMP"),
        ("比平安人寿好", "COMP"),
    ],
)
def test_disguises_do_not_help(text: str, code: str) -> None:
    """Spaces, width, case, invisible marks and names in between hide nothing."""
    assert code in {finding.rule for finding in check_text(text, RULES, SHEET)}


@pytest.mark.parametrize(
    "text",
    [
        "第一年末的现金价值",
        "演示定期寿险",
        "本产品不保证续保，红利不保证收益",
        "这不是银行存款",
        "了解保单利益的不确定性",
        "stirring",
        "犹豫期最后一天",
        "",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    """Words that contain a phrase, and the warnings that the law asks for, are no findings."""
    assert check_text(text, RULES, SHEET) == ()


def test_settings() -> None:
    """Ranking words only warn in notes; deposits may stand in a customer's quoted words; a quote is free."""
    assert [f.action for f in check_text("最好", RULES, Context(Setting.NOTE))] == [Response.WARN]
    assert check_text("客户说“我还有存款”", RULES, Context(Setting.NOTE)) == ()
    assert [f.rule for f in check_text("客户说“我还有存款”", RULES, SHEET)] == ["DEP"]
    assert blocks(check_text("我还有存款", RULES, Context(Setting.NOTE)))
    assert not blocks(check_text("最好", RULES, Context(Setting.NOTE)))
    assert check_text("保本，比存款好", RULES, Context(Setting.QUOTE)) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_an_account_is_told_and_never_refused(rule: PhraseRule) -> None:
    """Of what is so or was said, such as a complaint, no rule refuses a word."""
    assert rule.responses[Setting.ACCOUNT] is Response.WARN
    assert rule.responses[Setting.QUOTE] is Response.ALLOW


@pytest.mark.parametrize(
    ("text", "fact"),
    [("即将停售", "withdrawal_notice"), ("保证续保", "guaranteed_renewal"), ("这个产品适合您", "reasons_linked")],
)
def test_facts_lift_rules(text: str, fact: str) -> None:
    """A withdrawal that was announced, a renewal that is guaranteed, reasons that are linked (R1.3b)."""
    assert check_text(text, RULES, SHEET)
    assert check_text(text, RULES, Context(Setting.SHEET, frozenset({fact}))) == ()


def test_findings_explain_themselves() -> None:
    """A finding names rule, place, words, reason, legal basis and action, and flags conduct."""
    (finding,) = check_text("给您返现", RULES, SHEET)
    assert finding.conduct_flag
    assert finding.plain() == {
        "rule": "REBATE",
        "start": 2,
        "end": 4,
        "text": "返现",
        "why": "给予合同外利益或经手保费",
        "legal_ref": "保险法第一百一十六条、第一百三十一条；金监总局令2023年第2号第三十二条",
        "action": "block",
    }
    assert [f.text for f in check_text("稳赚不赔", RULES, SHEET)] == ["稳赚不赔"]


def test_rules_are_dated(policy: Policy) -> None:
    """A rule holds from its day; a newer version replaces the older."""
    assert "HYPE" not in {rule.code for rule in policy.phrase_rules(dt.date(2024, 2, 29))}
    block = {Setting.SHEET: Response.BLOCK}
    old = PhraseRule("X", ("旧",), "", "", block, valid_from=dt.date(2020, 1, 1))
    new = PhraseRule("X", ("新",), "", "", block, valid_from=dt.date(2025, 1, 1))
    assert effective([new, old], dt.date(2024, 1, 1)) == (old,)
    assert effective([new, old], dt.date(2026, 1, 1)) == (new,)


@given(st.text(max_size=20), st.sampled_from(["保本", "返现", "国债"]), st.text(max_size=20))
@settings(deadline=None)
def test_places_are_code_points_of_the_given_text(before: str, phrase: str, after: str) -> None:
    """Whatever surrounds a phrase, every finding cuts its own words out of the text."""
    text = before + phrase + after
    for finding in check_text(text, RULES, SHEET):
        assert text[finding.start : finding.end] == finding.text
        assert 0 <= finding.start < finding.end <= len(text)
