"""How long data are kept: the longest that applies, a legal hold above all, a prospect at once on request."""

import datetime as dt

import pytest

from insuragent.rules.retention import Held, Terms, keeping

TERMS = Terms(contract=10, identity=10, complaint=3, consent=3, prospect_months=24)
MET = dt.date(2024, 2, 29)
D = dt.date


@pytest.mark.parametrize(
    ("held", "until", "by_law"),
    [
        (Held(MET), D(2026, 2, 28), False),
        (Held(D(2024, 10, 31)), D(2026, 10, 31), False),
        (Held(MET, consented=True), D(2026, 2, 28), False),
        (Held(MET, insured=True), None, True),
        (Held(MET, insured=True, ended_on=D(2020, 5, 1)), D(2030, 5, 1), True),
        (Held(MET, insured=True, ended_on=D(2020, 5, 1), consented=True), D(2033, 5, 1), True),
        (Held(MET, sold_on=D(2021, 3, 4)), D(2031, 3, 4), True),
        (Held(MET, complaint_ended_on=D(2025, 1, 2)), D(2028, 1, 2), True),
        (Held(MET, complaint_ended_on=D(2025, 1, 2), sold_on=D(2021, 3, 4)), D(2031, 3, 4), True),
        (Held(MET, complaint_open=True, complaint_ended_on=D(2025, 1, 2)), None, True),
        (Held(MET, legal_hold=True), None, True),
        (Held(MET, legal_hold=True, insured=True, ended_on=D(2000, 1, 1)), None, True),
    ],
)
def test_the_longest_applies(held: Held, until: dt.date | None, by_law: bool) -> None:
    """Each period by itself, together, and without an end."""
    found = keeping(held, TERMS)
    assert (found.until, found.by_law) == (until, by_law)
    assert found.reason


def test_the_last_day_still_counts() -> None:
    """Over is what was due yesterday; what has no end is never over."""
    found = keeping(Held(MET), TERMS)
    assert [found.is_over(day) for day in (D(2026, 2, 28), D(2026, 3, 1))] == [False, True]
    assert not keeping(Held(MET, legal_hold=True), TERMS).is_over(D(9999, 12, 31))


def test_identity_data_outlast_a_short_contract() -> None:
    """The longer of the two laws."""
    terms = Terms(contract=5, identity=10, complaint=3, consent=3, prospect_months=24)
    assert keeping(Held(MET, insured=True, ended_on=D(2020, 5, 1)), terms).until == D(2030, 5, 1)
