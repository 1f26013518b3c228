"""Entries in columns: they come back byte for byte, whatever their desk wrote, and nothing else is taken for them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from insuragent.errors import Refused
from insuragent.sync import protocol
from insuragent.sync.protocol import FeedItem, PullPage, Push, PushEntry
from insuragent.sync.protocol.columns import Columns, Shape, gather, join, pick, pick_text, text_of, turn, turn_back

PARTS: list[Any] = [1, "id", "at", "change", "customer", "record", None, "", None, "device", "1"]
MOST = 10**6

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6) | st.text(',"\\')
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))
changes = st.none() | st.dictionaries(st.sampled_from("abcd"), st.tuples(values, values), max_size=3)
odd = st.sampled_from([b"{}", b"[]", b"[1, 2]", b'"x"', b"1.50", b"[" * 200 + b"]" * 200, b"1" * 400])


def an_entry(changed: Any) -> bytes:
    """An entry as a desk seals it."""
    return msgspec.json.encode([*PARTS[:6], changed, *PARTS[7:]], order="sorted")


@settings(deadline=None)
@given(st.lists(changes.map(an_entry) | odd, max_size=12))
def test_what_is_turned_and_turned_back_is_the_same(sealed: list[bytes]) -> None:
    """Also what no desk of ours would write: an entry is hashed, so that not one byte may change."""
    told = msgspec.json.decode(msgspec.json.encode(turn(map(Raw, sealed))), type=Columns)
    assert [bytes(one) for one in turn_back(told, MOST)] == sealed


@settings(deadline=None)
@given(st.lists(changes | st.sampled_from([{"a": [1]}, {"a": 1}, [], {"a": "ab"}]), max_size=6))
def test_what_a_desk_gathers_is_what_it_sealed(changed: list[Any]) -> None:
    """A desk turns what its journal keeps without writing the text of an entry first, also where a change is odd."""
    parts = [[one] * len(changed) for place, one in enumerate(PARTS) if place != PARTS.index(None)]
    texts = [None if one is None else msgspec.json.encode(one).decode() for one in changed]
    told = msgspec.json.decode(msgspec.json.encode(gather(parts, texts)), type=Columns)
    assert [bytes(one) for one in turn_back(told, MOST)] == [an_entry(one) for one in changed]


@pytest.mark.parametrize(
    "text", [b'[1,"id"]', an_entry({"a": [1]}), an_entry({"a": 1}), an_entry({}), b" " + an_entry(None)]
)
def test_an_entry_of_another_form_goes_along_as_it_is(text: bytes) -> None:
    """Head office judges it as it always did."""
    told = turn([Raw(text)])
    assert told.odd == [Raw(text)]
    assert [bytes(one) for one in turn_back(told, MOST)] == [text]


def test_messages_are_the_same_both_ways() -> None:
    """A push with its bases, a page with its heads."""
    sealed = [Raw(an_entry({"a": [None, n]})) for n in range(3)]
    push = Push([PushEntry(base, one) for base, one in zip((0, None, 7), sealed, strict=True)])
    page = PullPage([FeedItem(n, n + 1, "林", one, "d") for n, one in enumerate(sealed, 1)], 3, 9)
    assert again(push.turned()).straight() == push
    assert again(page.turned()).straight() == page
    assert again(PullPage([], 0, 0).turned()).straight() == PullPage([], 0, 0)


def again(message: Any) -> Any:
    """A message after its way over the wire."""
    return protocol.unpack(protocol.pack(message), type(message))


COLUMN: list[list[Any]] = [[part] for part in (*PARTS[:6], *PARTS[7:])]
SHAPE = Shape(["a"], [[1]], [[2]])


@pytest.mark.parametrize(
    "columns",
    [
        Columns(COLUMN, [SHAPE], [0, 0]),
        Columns(COLUMN, [SHAPE], [1]),
        Columns(COLUMN, [SHAPE], [-2]),
        Columns([[]], [SHAPE], [0]),
        Columns([*COLUMN[:-1], []], [SHAPE], [0]),
        Columns(COLUMN, [Shape(["a", "b"], [[1]], [[2]])], [0]),
        Columns(COLUMN, [Shape(["a"], [[1]], [[]])], [0]),
        Columns(
            [[1] * 20, *([part] * 20 for part in PARTS[1:10])], [Shape(["a" * MOST], [[1] * 20], [[2] * 20])], [0] * 20
        ),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(columns: Columns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too short, too long, of another number, and the long name told once of many."""
    monkeypatch.setattr(protocol, "LARGEST_MESSAGE", MOST)
    for message in (Push([], [0] * len(columns.order), columns),):
        with pytest.raises(Refused) as refused:
            message.straight()
        assert refused.value.code == "bad_message"


def test_bases_for_other_entries_are_refused() -> None:
    """One base for two entries, or an item of a feed without its number."""
    turned = Push([PushEntry(0, Raw(an_entry(None)))] * 2).turned()
    with pytest.raises(Refused):
        Push([], [0], turned.columns).straight()
    page = PullPage([FeedItem(1, 1, "林", Raw(an_entry(None)))], 1, 1).turned()
    assert page.columns is not None
    with pytest.raises(Refused):
        msgspec.structs.replace(page, columns=msgspec.structs.replace(page.columns, numbers=[])).straight()


@settings(deadline=None)
@given(st.lists(st.lists(changes.map(an_entry) | odd, max_size=6), min_size=1, max_size=4), st.data())
def test_columns_that_are_picked_and_joined_tell_the_same(groups: list[list[bytes]], data: st.DataObject) -> None:
    """Some entries of each, in their order, without a value of them being read or written anew."""
    picked, wanted = [], []
    for group in groups:
        places = [place for place in range(len(group)) if data.draw(st.booleans())]
        columns = turn(map(Raw, group))
        assert turn_back(pick(columns, places), MOST) == [Raw(group[place]) for place in places]
        picked.append(pick_text(text_of(columns), places))
        wanted += [group[place] for place in places]
    told = msgspec.json.decode(msgspec.json.encode(join(picked)), type=Columns)
    assert [bytes(one) for one in turn_back(told, MOST)] == wanted


def test_columns_longer_than_their_order_are_no_entries() -> None:
    """What nothing tells of would go along unseen."""
    told = turn([Raw(an_entry({"a": [None, 1]})), Raw(b"{}")])
    shape = told.shapes[0]
    for bent in (
        Columns([[*part, part[0]] for part in told.parts], told.shapes, told.order, told.odd),
        Columns(told.parts, [Shape(shape.names, [[None, None]], [[1, 2]])], told.order, told.odd),
        Columns(told.parts, [Shape(shape.names, [[None]], [[1, 2]])], told.order, told.odd),
        Columns(told.parts, [Shape([*shape.names, "b"], shape.was, shape.now)], told.order, told.odd),
        Columns(told.parts, told.shapes, told.order, [*told.odd, Raw(b"{}")]),
    ):
        with pytest.raises(ValueError, match="no entries"):
            turn_back(bent, MOST)
