"""Merging: story S11, each policy, and that nobody's typing is lost or doubled."""

from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.rules.merging import Merge, merge

NAMES = st.sampled_from(["address", "mobile", "remark", "score"])
LINES = st.lists(st.sampled_from(["甲", "乙", "丙", "丁"]), max_size=4, unique=True).map("\n".join)
VALUES = st.one_of(st.none(), LINES, st.integers(0, 3), st.booleans())
RECORDS = st.dictionaries(NAMES, VALUES)
POLICIES = st.dictionaries(NAMES, st.sampled_from(list(Merge)))


def test_two_devices_edit_one_customer() -> None:
    """S11: the address merges by itself, the mobile number is asked about and shows theirs until then."""
    base = {"address": "旧址", "mobile": "13800138000"}
    theirs = {"address": "新址", "mobile": "13911112222"}
    merged = merge(base, {**base, "mobile": "13933334444"}, theirs, {})
    assert merged.values == {"address": "新址", "mobile": "13911112222"}
    assert (merged.conflicts, merged.joined) == (("mobile",), ())
    assert merge(base, {**base, "mobile": "13911112222"}, theirs, {}).conflicts == ()


def test_policies() -> None:
    """THEIRS takes head office's, JOIN keeps both texts once, lists too; what cannot be joined is asked about."""
    base = {"state": "a", "note": "一", "log": [1], "count": 1}
    mine = {"state": "b", "note": "一\n二", "log": [1, 2], "count": 2}
    theirs = {"state": "c", "note": "一\n三", "log": [1, 3], "count": 3}
    policies = {"state": Merge.THEIRS, "note": Merge.JOIN, "log": Merge.JOIN, "count": Merge.JOIN}
    merged = merge(base, mine, theirs, policies)
    assert merged.values == {"state": "c", "note": "一\n三\n二", "log": [1, 3, 2], "count": 3}
    assert (merged.joined, merged.conflicts) == (("note", "log"), ("count",))


def test_join_with_nothing() -> None:
    """A text that one side cleared keeps what the other wrote; a list grown from nothing joins too."""
    policies = {"note": Merge.JOIN, "log": Merge.JOIN}
    merged = merge({"note": "一"}, {"note": "一\n二", "log": [1]}, {"note": None, "log": [2]}, policies)
    assert merged.values == {"note": "二", "log": [2, 1]}


def test_two_hands_tick_one_list() -> None:
    """Of a mapping each item stands that either side changed or added; of one that both added, theirs."""
    base = {"list": {"一": False, "二": False}}
    mine, theirs = {"list": {"一": True, "二": False}}, {"list": {"一": False, "二": True, "三": True}}
    merged = merge(base, mine, theirs, {"list": Merge.JOIN})
    assert merged.values == {"list": {"一": True, "二": True, "三": True}}
    assert merged.joined == ("list",)
    assert merge({}, mine, theirs, {"list": Merge.JOIN}).values == theirs


def test_true_is_not_one() -> None:
    """A tick and a count differ although Python calls them equal."""
    assert merge({"x": 0}, {"x": 1}, {"x": True}, {}).conflicts == ("x",)


@given(RECORDS, RECORDS, RECORDS, POLICIES)
@settings(deadline=None)
def test_nothing_is_lost(
    base: dict[str, object], mine: dict[str, object], theirs: dict[str, object], policies: dict[str, Merge]
) -> None:
    """Each field is mine, theirs or both; only real clashes are conflicts; joining again adds nothing."""
    merged = merge(base, mine, theirs, policies)
    assert set(merged.values) == {*base, *mine, *theirs}
    for name, value in merged.values.items():
        if name in merged.joined:
            assert policies[name] is Merge.JOIN
            for side in (mine, theirs):
                told = side.get(name)
                typed = set(told.split("\n") if isinstance(told, str) else []) - set(str(base.get(name)).split("\n"))
                typed -= {""}  # a blank line is nothing that anybody typed
                assert typed <= set(str(value).split("\n"))
        else:
            assert any(value is side[name] or value == side[name] for side in (base, mine, theirs) if name in side)
    again = merge(merged.values, merged.values, merged.values, policies)
    assert (again.values, again.conflicts) == (merged.values, ())


@given(RECORDS, RECORDS, POLICIES)
@settings(deadline=None)
def test_one_hand_never_clashes(base: dict[str, object], mine: dict[str, object], policies: dict[str, Merge]) -> None:
    """Where one side did nothing, the other's values stand; where both did the same, too."""
    for one, other in ((base, mine), (mine, base), (mine, mine)):
        merged = merge(base, one, other, policies)
        assert merged.conflicts == ()
        assert merged.joined == ()
        assert merged.values == {**base, **mine}
