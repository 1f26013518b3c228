"""Policy data: complete, dated, exact, and forgiving towards names it does not know."""

import datetime as dt
import logging
from decimal import Decimal
from pathlib import Path

import pytest

from insuragent.errors import BadFile
from insuragent.products.policy_files import load_policy
from insuragent.rules.policy import KNOWN, Policy, read_policy

DAY = dt.date(2020, 1, 1)


def test_everything_the_program_reads_is_there(policy: Policy, today: dt.date) -> None:
    """Each known value holds today and says where it comes from."""
    for name in KNOWN:
        assert policy.dated(name, today).source, name


@pytest.mark.parametrize(
    ("day", "ordinary", "cap"),
    [("2024-08-31", "0.030", "0.039"), ("2024-09-01", "0.025", "0.039"), ("2026-11-23", "0.020", "0.035")],
)
def test_values_hold_from_their_day(policy: Policy, day: str, ordinary: str, cap: str) -> None:
    """Ceilings and caps change on their dates."""
    on = dt.date.fromisoformat(day)
    assert policy.rate("pricing_rate_ceiling.ordinary", on) == Decimal(ordinary)
    assert policy.participating_cap(on) == Decimal(cap)


def test_before_the_first_value(policy: Policy) -> None:
    """A date before the data is refused by name, not answered with a guess."""
    with pytest.raises(BadFile, match="participating_illustration_cap"):
        policy.rate("participating_illustration_cap", dt.date(2019, 1, 1))
    with pytest.raises(BadFile):
        policy.count("no_such_value", DAY)


def test_unknown_names_are_skipped_with_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """R5.1a: a newer head office may send more than we know."""
    with caplog.at_level(logging.INFO):
        policy = read_policy([{"values": {"new_rule": [{"from": DAY, "value": 1}]}}])
    assert policy.values == {}
    assert "new_rule" in caplog.text


@pytest.mark.parametrize("value", ["many", True, [1, "x"], None])
def test_values_of_a_wrong_kind_are_refused(value: object) -> None:
    """The refusal names the value."""
    with pytest.raises(BadFile, match="grace_days"):
        read_policy([{"values": {"grace_days": [{"from": DAY, "value": value}]}}])


@pytest.mark.parametrize(
    "text",
    [
        "checklists: {care: [{from: 2020-01-01, items: 一}]}",
        "checklists: {care: [{from: 2020-01-01, items: ['']}]}",
        "- a list",
        "values: {grace_days: 60}",
        "calendar: {2026: {off: {}}}",
        "phrases: [{rule: X}]",
        "a: [",
        "a: 1.e",
    ],
)
def test_broken_files_are_told(tmp_path: Path, text: str) -> None:
    """A file that cannot be used is a BadFile, never a traceback."""
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    if text == "a: 1.e":
        assert load_policy(tmp_path).values == {}
    else:
        with pytest.raises(BadFile):
            load_policy(tmp_path)


def test_digest_covers_what_held_and_not_what_comes_later(policy: Policy, today: dt.date) -> None:
    """A later value does not change an old digest; another effective value does."""
    name = "grace_days"
    now = read_policy([{"values": {name: [{"from": DAY, "value": 60}]}}])
    later = read_policy([{"values": {name: [{"from": DAY, "value": 60}, {"from": dt.date(2030, 1, 1), "value": 30}]}}])
    assert now.digest([name], today) == later.digest([name], today)
    assert now.digest([name], today) != later.digest([name], dt.date(2031, 1, 1))
