"""Whether a product suits whoever buys it: risk, need, burden, double cover, and the young and the old.

Money is integer fen. Limits are policy values passed in. Sources: 金监总局令2025年第7号; 保险产品适当性管理自律规范;
保监发〔2015〕90号; 保监发〔2017〕54号; requirements R1.3b, R3.2a, R3.2b; stories S04, S05, S06, S15.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from insuragent.rules import clocks

#: From this product level on the customer's own risk assessment decides, and 65-year-olds get time to think.
RISKY_FROM = "P3"
#: The wishes that a kind of product can fulfil.
MEETS: Mapping[str, frozenset[str]] = {
    "term_life": frozenset({"protect_life"}),
    "whole_life": frozenset({"protect_life", "legacy"}),
    "increasing_wl": frozenset({"protect_life", "legacy", "saving", "education"}),
    "endowment": frozenset({"protect_life", "saving", "education"}),
    "annuity": frozenset({"pension", "education", "saving"}),
    "universal": frozenset({"pension", "saving", "legacy"}),
    "investment_linked": frozenset({"saving"}),
    "critical_illness": frozenset({"ci"}),
    "medical": frozenset({"medical"}),
    "accident": frozenset({"protect_life"}),
    "care": frozenset({"ci", "pension"}),
}
#: Ten-year-olds may be insured for more than younger children; at eighteen the limit ends.
TEN, GROWN_UP = 10, 18


def is_elderly(born: dt.date | None, on: dt.date, elderly_age: int) -> bool:
    """Whether somebody is treated as elderly on the day of a proposal, from ``elderly_age`` on (story S05)."""
    return born is not None and clocks.age_on(born, on) >= elderly_age


def is_risky(p_level: str) -> bool:
    """Whether the customer's risk assessment must be known."""
    return p_level >= RISKY_FROM


def too_risky(p_level: str, c_level: str) -> bool:
    """Whether a product of ``p_level`` (P1 to P5) is above what a customer of ``c_level`` (C1 to C5) can bear (S06)."""
    return int(p_level[1:]) > int(c_level[1:])


def below_level(level: str, least: str) -> bool:
    """Whether an agent of ``level`` (L1 to L4) may not sell what needs ``least``."""
    return level < least


def meets(product_type: str, goals: Iterable[str]) -> bool:
    """Whether a product can fulfil any of the customer's wishes (R3.2b: otherwise one advises against it)."""
    return bool(MEETS.get(product_type, frozenset()) & set(goals))


def counted_death_cover(rows: Iterable[Mapping[str, Any]]) -> int:
    """The death cover of an illustration that counts towards a child's limit, in fen, at its highest before 18.

    What is paid back of the premiums, or the cash value, is no cover (保监发〔2015〕90号 art. 1; story S04).
    """
    counted = 0
    for row in rows:
        if row["age"] <= GROWN_UP and "death_benefit" in row:
            own = max(row.get("cum_premium", 0), row.get("cash_value", 0))
            counted = max(counted, int((row["death_benefit"] - own) * 100))
    return counted


def excess_cover(counted: int, elsewhere: int, limit: int) -> int:
    """By how much both covers together exceed a child's limit, in fen, at least 0."""
    return max(counted + elsewhere - limit, 0)
