"""The complaint's states: the whole machine, every guard, and what a desk may do by itself."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from insuragent.errors import NotPermitted
from insuragent.rules import complaint
from insuragent.rules.complaint import Actor, Circumstances, Facts, require_step, severity

NOW = dt.datetime(2026, 11, 23, 15, 50, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
COMPLETE = Facts(
    now=NOW,
    received_at=NOW,
    captured_at=NOW,
    way="phone",
    person="agent-1",
    at=NOW,
    evidence=True,
    reason="新的事实",
    institution="示例银行",
    complainant_told=True,
    handler="handler-1",
    respondent="agent-1",
    respondents_line=frozenset({"boss-1"}),
    due15=NOW + DAY,
    due30=NOW + DAY,
    result="upheld",
    basis="录音",
    both_agree=True,
    remedies_told=True,
    root_cause="讲解不清",
    survey_offered=True,
    replied_at=NOW - DAY,
    closed_at=NOW - DAY,
)
WHO = {
    "agent": Actor.AGENT,
    "supervisor": Actor.SUPERVISOR,
    "complainant": Actor.COMPLAINANT,
    "head office": Actor.HEAD_OFFICE,
    "handler": Actor.HANDLER,
    "approver": Actor.APPROVER,
    "approver(higher)": Actor.HIGHER_APPROVER,
    "upper level": Actor.UPPER_LEVEL,
}


def machine() -> list[dict[str, str]]:
    with (Path(__file__).parents[1] / "data/rules/complaint_steps.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_machine_is_complete() -> None:
    """Exactly the steps of the trade's description, nineteen states."""
    assert {(s.start, s.to) for s in complaint.STEPS} == {(row["start"], row["to"]) for row in machine()}
    assert len(complaint.STATES) == 19


@pytest.mark.parametrize("row", machine(), ids=lambda row: f"{row['start']}-{row['to']}")
def test_each_step_has_its_actors(row: dict[str, str]) -> None:
    """Who is named may take the step when all is known; somebody else may not."""
    for name in row["who"].replace(" via ", "|").split("|"):
        assert require_step(row["start"], row["to"], [WHO[name]], COMPLETE, device=False).to == row["to"]
    step = next(s for s in complaint.STEPS if (s.start, s.to) == (row["start"], row["to"]))
    with pytest.raises(NotPermitted):
        require_step(row["start"], row["to"], set(Actor) - step.who, COMPLETE, device=False)


def test_an_offline_desk_takes_four_steps() -> None:
    """Everything else arrives by sync, and the refusal says so."""
    everybody = list(Actor)
    steps = {(s.start, s.to) for state in complaint.STATES for s in complaint.steps_from(state, everybody, device=True)}
    assert steps == {
        ("draft", "captured"),
        ("captured", "acknowledged"),
        ("captured", "withdrawn"),
        ("acknowledged", "escalated"),
    }
    with pytest.raises(NotPermitted) as refusal:
        require_step("acknowledged", "accepted", everybody, COMPLETE, device=True)
    assert "总公司" in refusal.value.advice
    with pytest.raises(NotPermitted):
        require_step("closed", "draft", everybody, COMPLETE, device=False)


@pytest.mark.parametrize(
    ("start", "to", "lacking", "told"),
    [
        ("draft", "captured", {"missing_fields": ("facts",)}, "必填项"),
        ("draft", "captured", {"received_at": None}, "收到时间"),
        ("draft", "captured", {"received_at": NOW + DAY}, "不能晚于"),
        ("draft", "captured", {"received_at": NOW - DAY}, "说明原因"),
        ("captured", "acknowledged", {"way": ""}, "首次响应"),
        ("captured", "withdrawn", {"evidence": False}, "撤回记录"),
        ("acknowledged", "escalated", {"reason": " "}, "原因"),
        ("acknowledged", "not_accepted", {"complainant_told": False}, "告知"),
        ("acknowledged", "transferred", {"institution": ""}, "机构"),
        ("accepted", "investigating", {"handler": ""}, "指定处理人"),
        ("accepted", "investigating", {"handler": "agent-1"}, "回避"),
        ("accepted", "investigating", {"handler": "boss-1"}, "回避"),
        ("investigating", "ext30_requested", {"due15": NOW - DAY}, "期限已过"),
        ("ext30", "ext60_requested", {"due30": None}, "期限已过"),
        ("investigating", "decided", {"basis": ""}, "依据"),
        ("investigating", "mediation", {"both_agree": False}, "同意"),
        ("decided", "replied", {"remedies_told": False}, "救济"),
        ("replied", "closed", {"replied_at": None}, "没有答复记录"),
        ("replied", "closed", {"root_cause": ""}, "溯源"),
        ("replied", "closed", {"survey_offered": False}, "满意度"),
        ("replied", "review_requested", {"replied_at": NOW - 31 * DAY}, "期限"),
        ("replied", "review_requested", {"replied_at": None}, "期限"),
        ("closed", "investigating", {"closed_at": NOW - 16 * DAY}, "期限"),
        ("closed", "investigating", {"reason": ""}, "新的事实"),
    ],
)
def test_guards(start: str, to: str, lacking: dict[str, object], told: str) -> None:
    """Each guard refuses alone and names what is missing."""
    facts = replace(COMPLETE, **lacking)  # type: ignore[arg-type]
    with pytest.raises(NotPermitted, match=told):
        require_step(start, to, list(Actor), facts, device=False)


def test_a_backdated_receipt_needs_its_reason_and_rejected_ones_no_cause() -> None:
    """An earlier receipt passes with a reason; a complaint not upheld closes without a root cause."""
    early = replace(COMPLETE, received_at=NOW - DAY, backdate_reason="昨天口头提出")
    assert require_step("draft", "captured", [Actor.AGENT], early, device=True).device
    rejected = replace(COMPLETE, result="rejected", root_cause="")
    assert require_step("replied", "closed", [Actor.HANDLER], rejected, device=False)


@pytest.mark.parametrize(
    ("circumstances", "grade"),
    [
        (Circumstances(people=5), "S1"),
        (Circumstances(channel="media"), "S1"),
        (Circumstances(category="fraud"), "S1"),
        (Circumstances(safety=True), "S1"),
        (Circumstances(channel="regulator"), "S2"),
        (Circumstances(category="privacy"), "S2"),
        (Circumstances(category="sale_mislead", elderly=True), "S2"),
        (Circumstances(category="sale_mislead"), "S3"),
        (Circumstances(people=4), "S3"),
    ],
)
def test_severity(circumstances: Circumstances, grade: str) -> None:
    """S18: grave circumstances raise what was chosen and never lower it."""
    assert severity("S3", circumstances) == grade
    assert severity("S1", circumstances) == "S1"


def test_numbers_escalation_stamps_and_representatives() -> None:
    """The number is made offline; S1, S2 and lateness escalate; stamps never go back; five may speak for many."""
    assert complaint.complaint_no(dt.date(2026, 11, 23), "ab12cd", 1) == "TS-20261123-AB12-001"
    assert complaint.must_escalate("S2", NOW, NOW, NOW)
    assert complaint.must_escalate("S3", NOW, None, NOW + DAY)
    assert not complaint.must_escalate("S3", NOW, NOW - DAY, NOW + DAY)
    assert complaint.check_stamps([NOW, NOW, NOW + DAY]) == ""
    assert complaint.check_stamps([NOW, NOW - DAY])
    assert (complaint.representatives(6), complaint.representatives(2)) == (5, 2)
