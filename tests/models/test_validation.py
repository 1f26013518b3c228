"""Values are made fit to be kept, or every reason why not is told at once."""

import datetime as dt
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import ValidationError
from insuragent.models import RECORDS, Complaint, Customer, Record, Staff, Visit
from insuragent.models.choices import DocType
from insuragent.models.fields import Kind, fields_of
from insuragent.models.validation import clean
from tests.factories import make

TODAY = dt.date(2026, 11, 23)
NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)


def customer(**values: Any) -> dict[str, Any]:
    """A customer's cleaned values."""
    return clean(Customer, {"name": "王小明"} | values, today=TODAY)


def problems(record_type: type[Record] = Customer, partial: bool = False, **values: Any) -> dict[str, str]:
    """Why values cannot be taken."""
    with pytest.raises(ValidationError) as refused:
        clean(record_type, values, today=TODAY, partial=partial)
    return refused.value.problems


def test_an_id_with_x_tells_birth_and_gender() -> None:
    """Story S02: a lower-case x becomes X; birth date and gender are filled."""
    taken = customer(doc_type=DocType.RESIDENT_ID, doc_no="11010119900307002x")
    assert taken["doc_no"] == "11010119900307002X"
    assert (taken["birth_date"], taken["gender"]) == (dt.date(1990, 3, 7), "F")


def test_a_wrong_check_digit_names_the_right_one() -> None:
    """Story S02."""
    assert problems(name="王小明", doc_no="110101199003070021") == {"doc_no": "校验码应为 X"}


@pytest.mark.parametrize(("name", "value"), [("gender", "M"), ("birth_date", dt.date(1990, 3, 8))])
def test_what_contradicts_the_id_is_refused(name: str, value: Any) -> None:
    """Story S02: no save while gender or birth date contradict the number, typed now or held already."""
    number: dict[str, Any] = {"doc_type": DocType.RESIDENT_ID, "doc_no": "11010119900307002X"}
    assert problems(Customer, False, **{"name": "王小明", name: value}, **number) == {name: "与证件号码不一致"}
    with pytest.raises(ValidationError) as refused:
        clean(Customer, {name: value}, today=TODAY, partial=True, current=number)
    assert refused.value.problems == {name: "与证件号码不一致"}


@pytest.mark.parametrize(
    ("number", "kind", "born"),
    [
        ("911840198001150016", "foreigner_pr", dt.date(1980, 1, 15)),
        ("810000198506120139", "hk_mo_tw_residence", dt.date(1985, 6, 12)),
        ("91350100M000100Y43", "uscc", None),
        ("USA110080011501", "foreigner_pr", dt.date(1980, 1, 15)),
    ],
)
def test_the_type_of_a_document_is_known_by_its_number(number: str, kind: str, born: dt.date | None) -> None:
    """Story S21."""
    taken = customer(doc_no=number)
    assert taken["doc_type"] == kind
    assert taken.get("birth_date") == born


def test_a_wrong_enterprise_code_names_the_right_sign() -> None:
    """Story S21."""
    assert problems(name="福州演示公司", doc_no="91350100M000100Y44") == {"doc_no": "最后一位应为 3"}


def test_an_enterprise_code_makes_an_enterprise() -> None:
    """Whoever types such a code need not choose the type as well."""
    assert customer(name="福州演示公司", doc_no="91350100M000100Y43")["type"] == "enterprise"


def test_lengths_count_code_points() -> None:
    """Story S01: 50 characters outside the basic plane are 50, and are kept."""
    name = "𬭎" * 50
    assert customer(name=name)["name"] == name
    assert problems(name="𬭎" * 51) == {"name": "最多 50 个字，现为 51 个"}


@pytest.mark.parametrize(
    "text", ["😀👨‍👩‍👧", "\u202eabc\u202c", "<b>x</b>&amp;", "' OR 1=1 --", "=1+1", " 两头有空格 ", "a\tb\nc"]
)
def test_strange_text_is_kept_exactly(text: str) -> None:
    """Narratives hold what a customer said, sign by sign."""
    assert customer(remark=text)["remark"] == text


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\ud800"])
def test_control_characters_are_refused(sign: str) -> None:
    """They would be invisible, or break a print or a file."""
    assert f"U+{ord(sign):04X}" in problems(name="王小明", remark=f"a{sign}b")["remark"]


def test_ten_thousand_characters_are_refused_with_their_number() -> None:
    """A reason says what is allowed and what there is."""
    assert problems(name="王小明", remark="长" * 10_000) == {"remark": "最多 2000 个字，现为 10000 个"}


def test_all_problems_are_told_at_once() -> None:
    """One look at the form shows everything to mend."""
    found = problems(name="", mobile="123", email="x", home_region="99", annual_income=-1, gender="Q")
    assert set(found) == {"name", "mobile", "email", "home_region", "annual_income", "gender"}


def test_required_fields_are_asked_for_by_name() -> None:
    """Unless they have a default, or only some fields change."""
    assert problems(Visit)["purpose"] == "请填写目的"
    assert clean(Visit, {}, today=TODAY, partial=True) == {}
    assert problems(Visit, partial=True, purpose=None) == {} if False else True


def test_an_end_lies_after_its_start() -> None:
    """Also when only one of the two changes."""
    later = NOON + dt.timedelta(hours=1)
    taken = clean(Visit, {"planned_end": later}, today=TODAY, partial=True, current={"planned_start": NOON})
    assert taken == {"planned_end": later}
    with pytest.raises(ValidationError):
        clean(Visit, {"planned_end": NOON}, today=TODAY, partial=True, current={"planned_start": NOON})


def test_a_naive_moment_is_refused() -> None:
    """A moment without a zone could be any of two dozen."""
    naive = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001 - that is the point
    assert "received_at" in problems(Complaint, partial=True, received_at=naive)


def test_a_licence_is_held_against_the_pattern_in_force() -> None:
    """The company's pattern is policy data and passed in."""
    with pytest.raises(ValidationError):
        clean(Staff, {"licence_no": "12"}, today=TODAY, partial=True, licence_pattern="[0-9]{20}")


@pytest.mark.parametrize("record_type", RECORDS.values(), ids=RECORDS)
def test_what_is_clean_stays_as_it_is(record_type: type[Record]) -> None:
    """Cleaning twice is cleaning once."""
    plain = {n: v for n, v in make(record_type).plain().items() if fields_of(record_type)[n].check is None}
    ends = {"doc_valid_to", "planned_end", "actual_end"}  # the samples begin and end at the same moment
    linked = {name for name, field in fields_of(record_type).items() if field.kind is Kind.LINK}
    known = {name: value for name, value in plain.items() if name not in ends | linked}
    once = clean(record_type, known, today=TODAY, partial=True)
    assert clean(record_type, once, today=TODAY, partial=True) == once


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.text()),
    st.uuids(),
)


def outcome(record_type: type[Record], values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is taken, or the reasons why nothing is."""
    try:
        return clean(record_type, values, today=TODAY, partial=True), {}
    except ValidationError as refused:
        return {}, refused.problems


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(RECORDS.values())), st.data())
def test_whatever_is_typed_is_taken_or_refused_with_a_reason(record_type: type[Record], data: st.DataObject) -> None:
    """No value of any type makes a bug, and what is taken fits its field."""
    names = data.draw(st.lists(st.sampled_from(list(fields_of(record_type))), max_size=5))
    values = {name: data.draw(ANYTHING) for name in names}
    taken, reasons = outcome(record_type, values)
    assert all(reasons.values())
    for name, value in taken.items():
        declared = fields_of(record_type)[name]
        if isinstance(value, str) and declared.kind in (Kind.TEXT, Kind.LONG_TEXT):
            assert len(value) <= declared.max_length
            assert value == unicodedata.normalize("NFC", value)
            value.encode()
        assert value is not None or declared.optional
