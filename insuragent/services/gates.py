"""What must be so before an explanation sheet is final: one list for the window and for the command line."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from insuragent.errors import NotPermitted
from insuragent.i18n import N_, _, format_date
from insuragent.products.package import Package
from insuragent.rules import phrases
from insuragent.rules.policy import Policy


@dataclass(frozen=True)
class Gate:
    """Something that must be so before a sheet is final; ``open`` when it is. ``rule`` names where it stands."""

    name: str
    text: str
    open: bool
    rule: str
    warning: bool = False


@dataclass(frozen=True)
class Case:
    """What the gates look at. ``licence_valid_to`` is None before enrolment; ``texts`` are ours, not the customer's.

    ``withdrawn_from`` is the day from which head office no longer sells the product, as far as this desk knows.
    """

    package: Package
    today: dt.date
    status_as_of: dt.date
    identified: bool
    licence_valid_to: dt.date | None = None
    withdrawn_from: dt.date | None = None
    withdrawn: bool = False
    analysed: bool = True
    texts: Sequence[str] = ()


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Every gate in the order in which it is passed (requirements R1.2a, R1.2b, R3.2a, R7.2a; story S12)."""
    return [
        _licence(case),
        Gate("identity", _("客户姓名和出生日期已填写"), case.identified, "R1.2b"),
        Gate("on_sale", _sale_text(case), not _off_sale(case), "R1.2b"),
        _status(case, policy),
        Gate("needs", _("需求分析在有效期内"), case.analysed, "R3.2a", warning=True),
        _wording(case, policy),
    ]


def require(found: Sequence[Gate]) -> None:
    """Raise NotPermitted naming every gate that is shut; a warning does not shut."""
    shut = [gate for gate in found if not gate.open and not gate.warning]
    if shut:
        raise NotPermitted("{reasons}", reasons="；".join(gate.text for gate in shut), hint=N_("请先处理后再打印。"))


def _licence(case: Case) -> Gate:
    until = case.licence_valid_to
    if until is None or until >= case.today:
        return Gate("licence", _("执业登记有效"), True, "R1.2a")
    return Gate("licence", _("执业登记已于 {date} 到期").format(date=until.isoformat()), False, "R1.2a")


def _off_sale(case: Case) -> bool:
    ended = case.withdrawn_from is not None and case.withdrawn_from <= case.today
    return ended or case.withdrawn or case.package.status not in ("on_sale", "notice_withdraw")


def _sale_text(case: Case) -> str:
    if not _off_sale(case):
        return _("产品在售")
    if case.withdrawn_from is not None:
        return _("产品已自 {date} 起停售").format(date=format_date(case.withdrawn_from))
    return _("产品已停售")


def _status(case: Case, policy: Policy) -> Gate:
    age = (case.today - case.status_as_of).days
    most = policy.count("product_status_days_most", case.today)
    told = _("产品状态截至 {day}，已过 {days} 天").format(day=format_date(case.status_as_of), days=age)
    if age > most:
        told += _("，超过 {most} 天，请先同步").format(most=most)
    return Gate("status", told, age <= most, "S12")


def _wording(case: Case, policy: Policy) -> Gate:
    # Once head office has announced a withdrawal, telling of it is information, no pressure (story S12).
    facts = frozenset({"withdrawal_notice"} if case.package.notice_id else ())
    context = phrases.Context(facts=facts)
    rules = policy.phrase_rules(case.today)
    found = [finding for text in case.texts for finding in phrases.check_text(text, rules, context)]
    blocking = [finding for finding in found if finding.action is phrases.Response.BLOCK]
    if not blocking:
        return Gate("phrases", _("文字没有违规用语"), True, "R7.2a")
    words = "、".join(dict.fromkeys(f"{finding.text}（{_(finding.why)}）" for finding in blocking))
    return Gate("phrases", _("违规用语：{words}").format(words=words), False, "R7.2a")
