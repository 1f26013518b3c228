"""Passphrases: any script, any length that a person types, and a fair judgement of their strength."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import ValidationError
from insuragent.security.passphrase import ENOUGH, LONGEST, require_strong, strength, to_bytes


@pytest.mark.parametrize(
    "typed",
    [
        "河边的石头会唱歌",
        "🐼🐉👩‍👩‍👧‍👦🥟",
        "مرحبا بالعالم",
        "שלום עולם",
        " leading and trailing ",
        "a\tb\nc",
        "\u202eabc\u202c",
        "x" * LONGEST,
    ],
)
def test_any_characters(typed: str) -> None:
    """Han, emoji, right-to-left, control characters and 10,000 of them are all taken."""
    assert to_bytes(typed)


@pytest.mark.parametrize(
    ("typed", "word"),
    [("", "请输入"), ("a\0b", "NUL"), ("x" * (LONGEST + 1), "10000"), ("half \ud83d", "不完整")],
)
def test_refusals_give_the_reason(typed: str, word: str) -> None:
    """What cannot be a passphrase is refused with the reason, and without what was typed."""
    with pytest.raises(ValidationError) as caught:
        to_bytes(typed)
    assert word in caught.value.problems["passphrase"]


@given(typed=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=50))
@settings(deadline=None)
def test_the_same_text_is_the_same_passphrase(typed: str) -> None:
    """However a keyboard composes its characters, the bytes are equal."""
    forms = {to_bytes(unicodedata.normalize(form, typed)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {to_bytes(typed)}


def test_the_input_method_does_not_matter() -> None:
    """In full-width mode an input method sends other letters, digits and spaces; behind dots nobody sees that."""
    assert to_bytes("ａｂｃ\u3000１２３！") == to_bytes("abc 123!")
    assert to_bytes("abc") != to_bytes("ABC")


@pytest.mark.parametrize(
    "weak",
    [
        "123456",
        "password",
        "qwertyuiop",
        "ａｂｃ１２３",
        "床前明月光",
        "好好学习天天向上",
        "啊啊啊啊啊啊啊啊啊啊啊啊",
        "中国平安2024",
        "两个黄鹂鸣翠柳",
        "一二三四五六七八九十",
        "19900101",
    ],
)
def test_weak_ones_are_told_what_would_help(weak: str) -> None:
    """Famous words, verses, runs, repeats and dates are not enough, in either script."""
    judged = strength(weak)
    assert judged.score < ENOUGH
    assert judged.advice
    with pytest.raises(ValidationError):
        require_strong(weak)


@pytest.mark.parametrize(
    "strong",
    [
        "河边的石头会唱歌",
        "三只橙色刺猬在雨里跳舞",
        "correct horse battery staple",
        "猫爱西红柿 violet trombone",
        "🐼🐉🎋🥟🏮🧧🀄🎎",
    ],
)
def test_strong_ones_are_taken(strong: str) -> None:
    """A sentence of one's own passes, Chinese as well as Latin."""
    assert strength(strong).enough
    assert require_strong(strong) == to_bytes(strong)
    assert strength(strong).advice == ""


def test_what_others_know_is_worth_nothing() -> None:
    """The owner's name and number add nothing, in Han or Latin."""
    known = ["司马相如", "13800138000", "Sima Xiangru"]
    assert strength("司马相如13800138000", known).score == 0
    assert strength("司马相如的绿色雨伞", known).score < strength("司马相如的绿色雨伞").score


@given(han=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
@settings(deadline=None)
def test_more_is_never_weaker(han: str) -> None:
    """A further unrelated word never lowers the score."""
    assert strength(han + "犀牛").score >= strength(han).score


def test_judging_is_quick_for_the_longest() -> None:
    """Each key pressed asks for a judgement, so the longest text of mixed scripts must not hold up the field."""
    began = time.process_time()
    strength("中a1🐼" * (LONGEST // 4))
    assert time.process_time() - began < 1
