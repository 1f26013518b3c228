"""A complaint's states: who may take it from one to the next, what must be true then, and what the desk may do itself.

The order follows 银保监会令2020年第3号 (regulations.csv G10) and requirements R1.5a-e;
only head office refuses or decides.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from insuragent.errors import NotPermitted
from insuragent.i18n import N_, _

REQUIRED = ("complainant_name", "contact", "received_at", "channel", "category", "facts")
GROUP_SIZE, MOST_REPRESENTATIVES = 5, 5


class Actor(StrEnum):
    """Who takes a step; a person may act as several."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    COMPLAINANT = "complainant"
    HEAD_OFFICE = "head_office"
    HANDLER = "handler"
    APPROVER = "approver"
    HIGHER_APPROVER = "higher_approver"
    UPPER_LEVEL = "upper_level"


@dataclass(frozen=True)
class Facts:
    """What is known when a step is to be taken; a guard looks only at what it needs. Moments are aware."""

    now: dt.datetime
    missing_fields: Sequence[str] = ()
    received_at: dt.datetime | None = None
    captured_at: dt.datetime | None = None
    backdate_reason: str = ""
    way: str = ""
    person: str = ""
    at: dt.datetime | None = None
    evidence: bool = False
    reason: str = ""
    institution: str = ""
    complainant_told: bool = False
    handler: str = ""
    respondent: str = ""
    respondents_line: frozenset[str] = frozenset()
    due15: dt.datetime | None = None
    due30: dt.datetime | None = None
    result: str = ""
    basis: str = ""
    both_agree: bool = False
    remedies_told: bool = False
    root_cause: str = ""
    survey_offered: bool = False
    replied_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    review_days: int = 30
    reopen_days: int = 15


@dataclass(frozen=True)
class Step:
    """One way from a state to the next; ``device`` marks what an offline desk may do."""

    start: str
    to: str
    who: frozenset[Actor]
    needs: tuple[str, ...] = ()
    device: bool = False


def _step(start: str, to: str, who: Iterable[Actor], *needs: str, device: bool = False) -> Step:
    return Step(start, to, frozenset(who), needs, device)


_A, _H, _X = Actor, (Actor.HEAD_OFFICE,), (Actor.HANDLER,)
STEPS: tuple[Step, ...] = (
    _step("draft", "captured", [_A.AGENT], "fields", "received", device=True),
    _step("captured", "acknowledged", [_A.AGENT, _A.SUPERVISOR], "response", device=True),
    _step("captured", "withdrawn", [_A.COMPLAINANT, _A.AGENT], "withdrawal", device=True),
    _step("acknowledged", "escalated", [_A.AGENT, _A.SUPERVISOR], "reason", device=True),
    _step("acknowledged", "accepted", _H),
    _step("acknowledged", "not_accepted", _H, "reason", "told"),
    _step("acknowledged", "transferred", _H, "institution", "told"),
    _step("escalated", "accepted", _H),
    _step("accepted", "investigating", _H, "recusal"),
    _step("investigating", "ext30_requested", _X, "before15"),
    _step("ext30_requested", "ext30", [_A.APPROVER], "reason", "told"),
    _step("ext30_requested", "investigating", [_A.APPROVER]),
    _step("ext30", "ext60_requested", _X, "before30"),
    _step("ext60_requested", "ext60", [_A.HIGHER_APPROVER], "reason", "told"),
    _step("ext60_requested", "ext30", [_A.APPROVER, _A.HIGHER_APPROVER]),
    _step("investigating", "decided", _X, "decision"),
    _step("ext30", "decided", _X, "decision"),
    _step("ext60", "decided", _X, "decision"),
    _step("investigating", "mediation", _X, "agreement"),
    _step("mediation", "decided", _X, "decision"),
    _step("decided", "replied", [_A.HANDLER, _A.AGENT], "reply"),
    _step("replied", "closed", _X, "reply_known", "root_cause", "survey"),
    _step("replied", "review_requested", [_A.COMPLAINANT], "review_window"),
    _step("review_requested", "review_decided", [_A.UPPER_LEVEL], "decision"),
    _step("review_decided", "closed", [_A.UPPER_LEVEL], "reply_known", "root_cause"),
    _step("accepted", "withdrawn", [_A.COMPLAINANT], "withdrawal"),
    _step("investigating", "withdrawn", [_A.COMPLAINANT], "withdrawal"),
    _step("closed", "investigating", _H, "reopen", "recusal"),
)
STATES = frozenset({step.start for step in STEPS} | {step.to for step in STEPS})
#: States that stop every clock.
ENDED = frozenset({"closed", "withdrawn", "not_accepted", "transferred"})


def _fields(facts: Facts) -> str:
    return "" if not facts.missing_fields else N_("还有必填项没有填写")


def _received(facts: Facts) -> str:
    if facts.received_at is None:
        return N_("请填写收到时间")
    captured = facts.captured_at or facts.now
    if facts.received_at > captured:
        return N_("收到时间不能晚于记录时间")
    backdated = captured - facts.received_at > dt.timedelta(minutes=1)
    return N_("收到时间早于现在，请说明原因") if backdated and not facts.backdate_reason.strip() else ""


def _response(facts: Facts) -> str:
    return "" if facts.way and facts.person and facts.at else N_("请记录首次响应的方式、人员和时间")


def _recusal(facts: Facts) -> str:
    if not facts.handler:
        return N_("请指定处理人")
    if facts.handler == facts.respondent or facts.handler in facts.respondents_line:
        return N_("回避：处理人不能是被投诉人或其直接上级")
    return ""


def _review_window(facts: Facts) -> str:
    replied = facts.replied_at
    if replied is None or facts.now > replied + dt.timedelta(days=facts.review_days):
        return N_("已超过申请核查的期限")
    return ""


def _reopen(facts: Facts) -> str:
    closed = facts.closed_at
    if closed is None or facts.now > closed + dt.timedelta(days=facts.reopen_days):
        return N_("已超过重新处理的期限")
    return "" if facts.reason.strip() else N_("请写明新的事实")


def _reply(facts: Facts) -> str:
    complete = facts.way and facts.at and facts.evidence and facts.remedies_told
    return "" if complete else N_("请记录答复的方式、时间和凭证，并告知救济途径")


def _before(due: dt.datetime | None, now: dt.datetime) -> str:
    return "" if due is not None and now <= due else N_("期限已过，不能再申请延期")


def _cause(facts: Facts) -> str:
    upheld = facts.result in ("upheld", "partly")
    return N_("投诉成立或部分成立，请先写明溯源原因") if upheld and not facts.root_cause.strip() else ""


_GUARDS = {
    "fields": _fields,
    "received": _received,
    "response": _response,
    "withdrawal": lambda facts: "" if facts.evidence else N_("请附签字的撤回记录或录音编号"),
    "reason": lambda facts: "" if facts.reason.strip() else N_("请写明原因"),
    "told": lambda facts: "" if facts.complainant_told else N_("请先告知投诉人"),
    "institution": lambda facts: "" if facts.institution.strip() else N_("请写明转往的机构"),
    "recusal": _recusal,
    "before15": lambda facts: _before(facts.due15, facts.now),
    "before30": lambda facts: _before(facts.due30, facts.now),
    "decision": lambda facts: "" if facts.result and facts.basis.strip() else N_("请写明处理结果和依据"),
    "agreement": lambda facts: "" if facts.both_agree else N_("调解需要双方同意"),
    "reply": _reply,
    "reply_known": lambda facts: "" if facts.replied_at else N_("没有答复记录，不能办结"),
    "root_cause": _cause,
    "survey": lambda facts: "" if facts.survey_offered else N_("请先邀请投诉人填写满意度"),
    "review_window": _review_window,
    "reopen": _reopen,
}


def steps_from(state: str, actors: Iterable[Actor], *, device: bool) -> tuple[Step, ...]:
    """The steps that ``actors`` may take from ``state``; with ``device``, only what an offline desk may do."""
    acting = frozenset(actors)
    return tuple(s for s in STEPS if s.start == state and s.who & acting and (s.device or not device))


def require_step(state: str, to: str, actors: Iterable[Actor], facts: Facts, *, device: bool) -> Step:
    """The step from ``state`` to ``to`` when it may be taken now. Raises NotPermitted with every reason that stands."""
    acting = tuple(actors)
    known = [step for step in STEPS if step.start == state and step.to == to]
    if not known:
        raise NotPermitted(N_("投诉不能从这一状态转到所选状态"))
    allowed = [step for step in steps_from(state, acting, device=device) if step.to == to]
    if not allowed:
        hint = N_("这一步只能由总公司办理，同步后会显示结果") if device else ""
        raise NotPermitted(N_("您不能办理这一步"), hint=hint)
    problems = [problem for need in allowed[0].needs if (problem := _GUARDS[need](facts))]
    if problems:
        raise NotPermitted("{reasons}", reasons="；".join(_(problem) for problem in problems))
    return allowed[0]


@dataclass(frozen=True)
class Circumstances:
    """What decides how grave a complaint is."""

    people: int = 1
    category: str = ""
    channel: str = ""
    safety: bool = False
    #: Of the age from which the policy asks for more care.
    elderly: bool = False


def severity(chosen: str, facts: Circumstances) -> str:
    """The graver of what a person chose and what the circumstances demand, "S1" to "S4" (story S18)."""
    demanded = "S4"
    major = facts.people >= GROUP_SIZE or facts.channel == "media" or facts.category == "fraud" or facts.safety
    misled = facts.category == "sale_mislead"
    if major:
        demanded = "S1"
    elif facts.channel == "regulator" or facts.category == "privacy" or (misled and facts.elderly):
        demanded = "S2"
    return min(chosen, demanded)


def must_escalate(grade: str, response_due: dt.datetime, responded_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether escalation is automatic: S1 or S2, or the first response is overdue."""
    return grade in ("S1", "S2") or (responded_at or now) > response_due


def complaint_no(received: dt.date, device: str, sequence: int) -> str:
    """A number that is unique offline: TS-YYYYMMDD-<first four signs of the device>-NNN."""
    return f"TS-{received:%Y%m%d}-{device[:4].upper()}-{sequence:03d}"


def check_stamps(stamps: Sequence[dt.datetime]) -> str:
    """Why a state history cannot stand, or empty: each stamp is at or after the one before."""
    backward = any(later < earlier for earlier, later in itertools.pairwise(stamps))
    return _("状态时间不能早于前一状态的时间") if backward else ""


def representatives(people: int) -> int:
    """How many representatives a group of ``people`` names: at most five (G10)."""
    return min(people, MOST_REPRESENTATIVES)
