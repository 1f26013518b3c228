"""Masks: what still shows, counted in code points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.rules.masking import mask


@pytest.mark.parametrize(
    ("value", "how", "shown"),
    [
        ("11010119900307002X", "id", "110***********002X"),
        ("A123456", "id", "A******"),
        ("13800138000", "mobile", "138****8000"),
        ("010-12345678", "phone", "010-******78"),
        ("+85291234567", "mobile", "+852******67"),
        ("400-123-4567", "phone", "**********67"),
        ("wei@example.com", "phone", "w***@example.com"),
        ("wei@example.com", "email", "w***@example.com"),
        ("6222020000000000018", "bank_card", "***************0018"),
        ("0018", "bank_card", "****0018"),
        ("王𬭎", "name", "王*"),
        ("𬭎王", "name", "𬭎*"),
        ("欧阳娜娜", "name", "欧阳*"),
        ("福建省福州市鼓楼区五四路1号", "address", "福建省福州市鼓楼区***"),
        ("北京市朝阳区建国路88号", "address", "北京市朝阳区***"),
        ("五四路1号某小区3栋", "address", "***"),
        ("高血压", "hidden", "******"),
        ("", "id", ""),
        (None, "hidden", ""),
    ],
)
def test_masks(value: str | None, how: str, shown: str) -> None:
    """Each mask as the domain describes it."""
    assert mask(value, how) == shown


def test_an_unknown_mask_is_a_mistake_of_ours() -> None:
    """No value slips through under a mask that does not exist."""
    with pytest.raises(KeyError):
        mask("x", "none")


@given(st.text(alphabet="0123456789X", min_size=8, max_size=30))
@settings(deadline=None)
def test_id_mask_keeps_length_and_hides_the_middle(number: str) -> None:
    """Never more than the first three and the last four signs."""
    shown = mask(number, "id")
    assert len(shown) == len(number)
    assert set(shown[3:-4]) == {"*"}
