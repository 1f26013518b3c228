"""A page of a feed is read by columns or entry by entry: it says the same, and what is none is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from insuragent.errors import Refused
from insuragent.sync import arriving
from insuragent.sync.protocol import FeedItem, PullPage
from insuragent.sync.protocol.columns import Columns, Shape
from tests.sync.test_columns import again, changes

ID = "01920000-0000-7000-8000-0000000000{:02x}"


def an_entry(number: int, changed: Any) -> Raw:
    """An entry as a desk seals it."""
    at = f"2026-11-27T03:00:00.{number:06d}+00:00"
    told = [number, ID.format(number), at, "change", "customer", ID.format(9), changed, "", None, "a-desk", "1"]
    return Raw(msgspec.json.encode(told, order="sorted"))


def a_page(changed: list[Any]) -> PullPage:
    """A page whose last entry was signed by another device than the one that it names."""
    items = [FeedItem(n, n + 1, "林", an_entry(n, one)) for n, one in enumerate(changed, 1)]
    return PullPage([*items[:-1], replace(items[-1], device="another")], len(items), len(items))


@settings(deadline=None)
@given(st.lists(changes, min_size=1, max_size=6))
def test_a_page_says_the_same_either_way(changed: list[Any]) -> None:
    """Also where some of it goes along as it is, because columns cannot tell of it."""
    page = a_page(changed)
    one_by_one, by_columns = arriving.read(page), arriving.read(again(page.turned()))
    assert one_by_one == by_columns
    assert [msgspec.json.encode(one.changes) for one in one_by_one] == [
        msgspec.json.encode(one.changes) for one in by_columns
    ]
    assert [one.device for one in by_columns] == ["a-desk"] * (len(changed) - 1) + ["another"]


@pytest.mark.parametrize(
    "broken",
    [
        {"order": [0, -1]},  # the second says that it changes nothing, and its changes are there
        {"order": [0, 7]},
        {"order": [0, -2]},
        {"order": [0, 0, 0]},
        {"order": [0]},
        {"shapes": []},
        {"shapes": [Shape(["a"], [[None]], [[1]])]},
        {"shapes": [Shape(["a"], [[None, None]], [[1]])]},
        {"ids": ["x", "y"]},
        {"kinds": ["customer", 7]},
        {"kinds": ["customer", "k" * 65]},
    ],
)
def test_columns_that_hold_no_entries_are_refused(broken: dict[str, Any]) -> None:
    """A desk takes over a whole page or nothing of it."""
    page = a_page([{"a": [None, 1]}, {"a": [1, 2]}]).turned()
    assert page.columns is not None
    sealed: Columns = page.columns.sealed
    parts = list(sealed.parts)
    parts[1], parts[4] = broken.pop("ids", parts[1]), broken.pop("kinds", parts[4])
    columns = replace(page.columns, sealed=replace(sealed, parts=parts, **broken))
    with pytest.raises(Refused, match="无法读取"):
        arriving.read(replace(page, columns=columns))


def test_a_name_that_is_told_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands once in a message must not fill the memory of a desk."""
    page = again(a_page([{"a" * 100: [None, n]} for n in range(20)]).turned())
    assert len(arriving.read(page)) == 20
    monkeypatch.setattr(arriving, "LARGEST_MESSAGE", 1000)
    with pytest.raises(Refused, match="无法读取"):
        arriving.read(page)
