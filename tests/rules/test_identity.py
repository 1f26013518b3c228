"""Validators: the trade's vectors, stories S02 and S21, and what holds for every number."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.products.policy_files import load_policy
from insuragent.rules import contact, identity
from insuragent.rules.validators import ALIASES, KINDS, against_document, validate, validate_rows
from insuragent.rules.verdict import Verdict

TODAY = dt.date(2026, 11, 23)
PATTERN = load_policy().text("licence_pattern", TODAY)
_FILE = Path(__file__).parents[1] / "data/rules/validator_vectors.csv"
VECTORS = list(csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines()))


def check(kind: str, value: str) -> Verdict:
    return validate(kind, value, today=TODAY, licence_pattern=PATTERN)


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['kind']}-{row['note'] or row['value']}")
def test_vectors(row: dict[str, str]) -> None:
    """Every vector of the trade gets its verdict, and a refusal says why."""
    answer = next(validate_rows([row], today=TODAY, licence_pattern=PATTERN))
    assert answer["result"] == row["expected"]
    assert bool(answer["reason"]) == (row["expected"] == "invalid")
    assert bool(answer["normalised"]) == (row["expected"] == "valid")


def test_id_with_x_tells_birth_and_gender() -> None:
    """S02: lower-case x is taken; birth date and gender come from the number; a wrong digit is named."""
    verdict = check("resident_id", "11010119900307002x")
    assert (verdict.normalised, verdict.birth_date, verdict.gender) == (
        "11010119900307002X",
        dt.date(1990, 3, 7),
        "F",
    )
    assert check("resident_id", "110101199003070021").reason == "校验码应为 X"
    assert against_document(verdict, gender="M", birth_date=dt.date(1990, 3, 8)) == {
        "gender": "与证件号码不一致",
        "birth_date": "与证件号码不一致",
    }
    assert against_document(verdict, gender="F", birth_date=dt.date(1990, 3, 7)) == {}
    assert against_document(verdict, gender="U", birth_date=None) == {}


def test_story_21() -> None:
    """S21: a foreigner's card in both layouts, a Hong Kong resident, an enterprise."""
    assert check("foreigner_pr", "911840198001150016").birth_date == dt.date(1980, 1, 15)
    assert check("foreigner_pr", "USA110080011501").birth_date == dt.date(1980, 1, 15)
    assert check("hk_mo_tw_residence", "810000198506120139").birth_date == dt.date(1985, 6, 12)
    assert check("uscc", "91350100M000100Y43").ok
    assert check("uscc", "91350100M000100Y44").reason == "最后一位应为 3"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("resident_id", "11010119900230002X"),
        ("resident_id", "1101011990030700AX"),
        ("resident_id", "①10101199003070021"),
        ("hk_mo_tw_residence", "8100001985061201"),
        ("hk_mo_tw_residence", "840000198506120139"),
        ("foreigner_pr", "999840198001150016"),
        ("foreigner_pr", "811840198001150016"),
        ("foreigner_pr", "USA110080133101"),
        ("hk_macao_pass", "X12345678"),
        ("taiwan_pass", "1234567"),
        ("passport_cn", "EA123456"),
        ("passport", "ABCDEFG"),
        ("birth_cert", "1440123456"),
        ("military", "军字第号"),
        ("household", "12"),
        ("household", "110101199003070021"),
        ("uscc", "91350100I000100Y43"),
        ("uscc", "91350100"),
        ("bank_card", "62220200"),
        ("agent_licence", "ABC"),
        ("birth_date", "2026-11-24"),
        ("birth_date", "1900-01-01"),
        ("birth_date", "23.11.1990"),
        ("nationality", "CN"),
        ("region", "990000"),
        ("policy_no", "12"),
        ("email", "a@b"),
        ("email", "a..b@example.com"),
        ("email", "example.com"),
        ("mobile", "010-12345678"),
        ("phone", "010-1234"),
        ("phone", "+852 1234"),
        ("phone", "12a"),
        ("contact", "x@"),
        ("person_name", "王\u200b伟"),
        ("person_name", "12"),
        ("person_name", "王" * 51),
    ],
)
def test_refused(kind: str, value: str) -> None:
    """What is impossible is refused with a reason."""
    verdict = check(kind, value)
    assert not verdict.ok
    assert verdict.reason


@pytest.mark.parametrize(
    ("kind", "value", "normalised"),
    [
        ("resident_id", " １１０１０１１９９００３０７００２ｘ", "11010119900307002X"),
        ("phone", "\u202d138 0013 8000\u202c", "13800138000"),
        ("phone", "86-13800138000", "13800138000"),
        ("phone", "0086 13800138000", "13800138000"),
        ("phone", "（０１０）１２３４５６７８", "010-12345678"),
        ("phone", "07558123456", "0755-8123456"),
        ("phone", "010-65001234-806", "010-65001234-806"),
        ("phone", "4001234567", "400-123-4567"),
        ("phone", "+852-9123 4567", "+85291234567"),
        ("mobile", "00886 0912345678", "+886912345678"),
        ("passport_cn", "e12345678", "E12345678"),
        ("passport_cn", "G12345678", "G12345678"),
        ("passport", "k1234567p", "K1234567P"),
        ("military", "军字第1234567号", "军字第1234567号"),
        ("household", "11010119900307002X", "11010119900307002X"),
        ("household", "A00123456", "A00123456"),
        ("hk_macao_pass", "h1234567801", "H1234567801"),
        ("bank_card", "6222 0200 0000 0000 018", "6222020000000000018"),
        ("email", "Li.Wei@Example.COM", "Li.Wei@example.com"),
        ("contact", "13800138000", "13800138000"),
        ("contact", "a@example.com", "a@example.com"),
        ("birth_date", "2004-02-29", "2004-02-29"),
        ("nationality", "chn", "CHN"),
        ("region", "510104", "510104"),
        ("region", "810000", "810000"),
        ("policy_no", "p2026-0001", "P2026-0001"),
        ("person_name", " 阿依古丽•买买提 ", "阿依古丽·买买提"),
        ("person_name", "John  Smith", "John Smith"),
        ("person_name", "欧阳　 娜 娜", "欧阳娜娜"),
        ("person_name", "𬭎" * 50, "𬭎" * 50),
    ],
)
def test_normalised(kind: str, value: str, normalised: str) -> None:
    """What people really type is taken in one form."""
    verdict = check(kind, value)
    assert (verdict.ok, verdict.normalised) == (True, normalised), verdict.reason


def test_overseas_and_very_old_are_warned_about() -> None:
    """A warning never refuses."""
    assert check("mobile", "+85291234567").warnings
    first_17 = "11010118900307002"
    verdict = check("resident_id", first_17 + identity.check_digit(first_17))
    assert verdict.ok
    assert verdict.warnings


def test_rows_of_unknown_kinds_are_answered() -> None:
    """A row that names no validator is refused, not a crash; a warning stands as the reason of a valid row."""
    rows = [{"kind": "shoe_size", "value": "42"}, {"kind": "phone", "value": "+85291234567"}, {}]
    answers = list(validate_rows(rows, today=TODAY, licence_pattern=PATTERN))
    assert [answer["result"] for answer in answers] == ["invalid", "valid", "invalid"]
    assert all(answer["reason"] for answer in answers)


def test_aliases_lead_somewhere() -> None:
    """Each alias names a validator."""
    assert set(ALIASES.values()) <= KINDS


BIRTHS = st.dates(dt.date(1907, 1, 1), TODAY)


@given(st.sampled_from(sorted(identity.PROVINCES)), st.integers(0, 9999), BIRTHS, st.integers(0, 999))
@settings(deadline=None)
def test_check_digit_catches_every_slip_of_one_sign(province: str, place: int, born: dt.date, serial: int) -> None:
    """A built number is valid and tells its birth and gender; any other last sign is refused with the right one."""
    first_17 = f"{province}{place:04d}{born:%Y%m%d}{serial:03d}"
    last = identity.check_digit(first_17)
    verdict = identity.resident_id(first_17 + last, TODAY)
    assert (verdict.ok, verdict.birth_date, verdict.gender) == (True, born, "M" if serial % 2 else "F")
    for wrong in set("0123456789X") - {last}:
        assert identity.resident_id(first_17 + wrong, TODAY).reason == f"校验码应为 {last}"


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=30))
@settings(deadline=None)
def test_validators_never_break_and_settle_at_once(kind: str, text: str) -> None:
    """Any text gets a verdict, and an accepted value is accepted again unchanged."""
    verdict = check(kind, text)
    if verdict.ok:
        assert check(kind, verdict.normalised).normalised == verdict.normalised
    else:
        assert verdict.reason


@given(st.text(alphabet="0123456789", min_size=11, max_size=18))
@settings(deadline=None)
def test_luhn_takes_exactly_one_last_digit(digits: str) -> None:
    """Of ten last digits one makes the card number valid."""
    assert sum(contact.bank_card(digits + last).ok for last in "0123456789") == 1
