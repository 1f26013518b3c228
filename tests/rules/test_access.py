"""Access: who may do what, what is locked, and a licence that ran out (S17)."""

import datetime as dt

import pytest

from insuragent.errors import NotPermitted
from insuragent.rules.access import Action, Facts, Role, check

TODAY = dt.date(2026, 11, 23)
PLAIN = Facts(today=TODAY)


@pytest.mark.parametrize(
    ("role", "action", "kind", "facts"),
    [
        (Role.AGENT, Action.CHANGE, "customer", PLAIN),
        (Role.AGENT, Action.CREATE, "complaint", PLAIN),
        (Role.AGENT, Action.ARCHIVE, "complaint", Facts(state="draft", today=TODAY)),
        (Role.AGENT, Action.REVEAL, "staff", Facts(office_owned=True)),
        (Role.AGENT, Action.PRINT, "sheet", Facts(signed=True, licence_valid_to=TODAY, today=TODAY)),
        (Role.SUPERVISOR, Action.REASSIGN, "customer", PLAIN),
        (Role.HANDLER, Action.CHANGE, "complaint", Facts(state="investigating")),
        (Role.COMPLIANCE, Action.AUDIT, "customer", PLAIN),
        (Role.ADMINISTRATOR, Action.REASSIGN, "customer", PLAIN),
    ],
)
def test_allowed(role: Role, action: Action, kind: str, facts: Facts) -> None:
    """Ordinary work passes without a word."""
    check(role, action, kind, facts)


@pytest.mark.parametrize(
    ("role", "action", "kind", "facts", "told"),
    [
        (Role.ADMINISTRATOR, Action.REVEAL, "customer", PLAIN, "岗位"),
        (Role.COMPLIANCE, Action.CHANGE, "customer", PLAIN, "岗位"),
        (Role.HANDLER, Action.CHANGE, "customer", PLAIN, "岗位"),
        (Role.AGENT, Action.AUDIT, "customer", PLAIN, "岗位"),
        (Role.AGENT, Action.CHANGE, "product", Facts(office_owned=True), "总公司"),
        (Role.SUPERVISOR, Action.CREATE, "staff", Facts(office_owned=True), "总公司"),
        (Role.AGENT, Action.CHANGE, "survey", Facts(append_only=True), "提交后"),
        (Role.AGENT, Action.CHANGE, "sheet", Facts(signed=True), "签字"),
        (Role.AGENT, Action.ARCHIVE, "complaint", Facts(state="captured"), "不能归档"),
        (Role.AGENT, Action.ERASE, "complaint", Facts(state="closed"), "不能归档"),
    ],
)
def test_refused(role: Role, action: Action, kind: str, facts: Facts, told: str) -> None:
    """Each refusal names its rule."""
    with pytest.raises(NotPermitted, match=told):
        check(role, action, kind, facts)


def test_licence_expired_yesterday() -> None:
    """S17: visits and complaints go on, printing a sheet stops with the date; the last day still counts."""
    facts = Facts(licence_valid_to=dt.date(2026, 11, 22), today=TODAY)
    check(Role.AGENT, Action.CREATE, "visit", facts)
    check(Role.AGENT, Action.CREATE, "complaint", facts)
    with pytest.raises(NotPermitted, match="执业登记已于 2026-11-22 到期") as refusal:
        check(Role.AGENT, Action.PRINT, "sheet", facts)
    assert refusal.value.advice
