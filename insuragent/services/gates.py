"""What must be so before an explanation sheet is printed, and before it is signed: one list for every way to it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from insuragent.errors import NotPermitted
from insuragent.i18n import N_, _, format_date, format_moment, format_money
from insuragent.products.package import PROMPT_CODES, Package
from insuragent.rules import clocks, needs, phrases, suitability
from insuragent.rules.policy import Policy

PRINT, SIGN = "print", "sign"
#: Whose birthday changes what is asked for is told so many days ahead (story S05).
_SOON = 30


@dataclass(frozen=True)
class Gate:
    """Something that must be so; ``open`` when it is. ``rule`` names where it stands.

    ``stage`` says when it must be: before printing, or only before signing. A ``warning`` is told and stops nothing.
    """

    name: str
    text: str
    open: bool
    rule: str
    warning: bool = False
    stage: str = PRINT


@dataclass(frozen=True)
class Budget:
    """What the household earns and pays already, in fen a year, and for how long it can pay; None is not known."""

    income: int
    premiums: int
    new_premium: int
    pay_years: int = 0
    pay_years_ok: int | None = None


@dataclass(frozen=True)
class Case:
    """What the gates look at. ``licence_valid_to`` is None before enrolment; ``texts`` are ours, not the customer's.

    ``withdrawn_from`` is the day from which head office no longer sells the product, as far as this desk knows;
    ``age`` is the insured's and ``applicant_born`` the applicant's; money is fen.
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
    agent_level: str = "L4"
    authorised: Sequence[str] | None = None
    id_checked: bool = True
    promises_told: bool = True
    risk_level: str | None = None
    risk_assessed_on: dt.date | None = None
    age: int = 40
    applicant_born: dt.date | None = None
    applicant: str = "self"
    guardian_consent: bool = True
    death_cover: int = 0
    other_death_cover: int | None = None
    goals: Sequence[str] | None = None
    budget: Budget | None = None
    premium_words: str = ""
    reimbursement_policies: int = 0
    own_will: str = ""
    prompts: Iterable[str] | None = None
    reason_links: Sequence[Mapping[str, Any]] | None = None
    explained_at: dt.datetime | None = None
    second_confirmed_at: dt.datetime | None = None
    recording_ref: str = ""
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Every gate that concerns the case, in the order in which it is passed.

    Sources: requirements R1.2a, R1.2b, R1.3b, R3.1b, R3.2a, R3.2b, R7.2a; stories S04-S06, S12, S15, S17.
    """
    found = [
        _licence(case),
        _authority(case),
        _identity(case),
        Gate("on_sale", _sale_text(case), not _off_sale(case), "R1.2b"),
        _status(case, policy),
        _promises(case),
        _analysis(case),
        _risk(case, policy),
        _minor(case, policy),
        _need(case),
        _burden(case, policy),
        _double_cover(case),
        *_elderly(case, policy),
        _explained(case),
        _reasons(case),
        _wording(case, policy),
    ]
    return [gate for gate in found if gate is not None]


def require(found: Sequence[Gate], stage: str = PRINT) -> None:
    """Raise NotPermitted naming every gate that is shut at this stage; a warning does not shut."""
    shut = shut_at(found, stage)
    if shut:
        hint = N_("请先处理后再打印。") if stage == PRINT else N_("请先处理后再签署。")
        raise NotPermitted("{reasons}", reasons="；".join(gate.text for gate in shut), hint=hint)


def shut_at(found: Sequence[Gate], stage: str) -> list[Gate]:
    """The gates that stop a sheet at this stage."""
    return [gate for gate in found if not gate.open and not gate.warning and (gate.stage == PRINT or stage == SIGN)]


def stop_advice(found: Sequence[Gate]) -> list[Gate]:
    """The gates for which one must advise against buying (requirement R3.2b)."""
    return [gate for gate in found if gate.name in ("need", "burden", "double_cover")]


# --- the agent and the product -----------------------------------------------------------------------------------


def _licence(case: Case) -> Gate:
    until = case.licence_valid_to
    if until is None or until >= case.today:
        return Gate("licence", _("执业登记有效"), True, "R1.2a")
    return Gate("licence", _("执业登记已于 {date} 到期").format(date=until.isoformat()), False, "R1.2a")


def _authority(case: Case) -> Gate:
    least = case.package.min_agent_level
    if case.authorised is not None and case.package.code not in case.authorised:
        return Gate("authority", _("您没有销售这个产品的授权"), False, "R1.2a")
    if suitability.below_level(case.agent_level, least):
        told = _("这个产品需要 {least} 及以上销售资质，您是 {level}").format(least=least, level=case.agent_level)
        return Gate("authority", told, False, "R3.2a")
    return Gate("authority", _("产品在您的授权和资质之内"), True, "R1.2a")


def _identity(case: Case) -> Gate:
    if not case.identified:
        return Gate("identity", _("请补全客户姓名和出生日期"), False, "R1.2b")
    text = _("客户身份已核对") if case.id_checked else _("请核对客户身份证件，并勾选“已核对身份证件”")
    return Gate("identity", text, case.id_checked, "R1.2b")


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


def _promises(case: Case) -> Gate:
    done = case.promises_told
    text = _("服务承诺已向客户说明") if done else _("请向客户说明服务承诺，并勾选“已说明服务承诺”")
    return Gate("promises", text, done, "R1.2b")


# --- what suits the customer -------------------------------------------------------------------------------------


def _analysis(case: Case) -> Gate:
    text = _("需求分析在有效期内") if case.analysed else _("请先在客户档案里做需求分析")
    return Gate("needs", text, case.analysed, "R3.2a")


def _risk(case: Case, policy: Policy) -> Gate | None:
    """No override exists on the device (story S06)."""
    product = case.package.p_level
    if case.risk_level is None:
        if case.goals is None or not suitability.is_risky(product):
            return None
        return Gate("risk", _("请填写客户风险承受等级：产品等级 {level}").format(level=product), False, "R3.2a")
    if suitability.too_risky(product, case.risk_level):
        told = _("产品等级 {product} 高于承受能力 {customer}").format(product=product, customer=case.risk_level)
        return Gate("risk", told, False, "S06")
    months = policy.count("risk_valid_months", case.today)
    if case.risk_assessed_on is not None and _months(case.risk_assessed_on, case.today) >= months:
        return Gate("risk", _("风险测评已超过 {months} 个月，请重新测评").format(months=months), False, "R3.2a")
    return Gate("risk", _("产品等级 {product} 在客户承受能力之内").format(product=product), True, "R3.2a")


def _minor(case: Case, policy: Policy) -> Gate | None:
    """A child's death cover is limited, and only its parents may buy it (保监发〔2015〕90号; story S04)."""
    if case.age >= suitability.GROWN_UP:
        return None
    if not case.guardian_consent:
        return Gate("minor", _("被保险人未成年，需要监护人签署“未成年人信息”同意"), False, "S04")
    if case.death_cover and case.applicant != "parent":
        return Gate("minor", _("以死亡为给付条件的未成年人保险，投保人只能是父母"), False, "S04")
    if case.other_death_cover is None:
        return Gate("minor", _("请填写孩子在其他公司的身故保额，没有请填 0"), False, "S04")
    under_ten = case.age < suitability.TEN
    name = "minor_death_limit_under_10" if under_ten else "minor_death_limit_under_18"
    limit = policy.count(name, case.today)
    excess = suitability.excess_cover(case.death_cover, case.other_death_cover, limit)
    told = _("未成年人身故保额：本次 {counted}，其他 {other}，限额 {limit}").format(
        counted=format_money(case.death_cover, cents=False),
        other=format_money(case.other_death_cover, cents=False),
        limit=format_money(limit, cents=False),
    )
    if excess:
        told += _("，超过 {excess}").format(excess=format_money(excess, cents=False))
    return Gate("minor", told, not excess, "S04")


def _need(case: Case) -> Gate | None:
    if case.goals is None or suitability.meets(case.package.type, case.goals):
        return None
    return _advice(case, "need", _("产品与客户的需求不符，应当建议终止投保"))


def _burden(case: Case, policy: Policy) -> Gate | None:
    """Above the limit the customer says in own words that it can be borne (story S15)."""
    budget = case.budget
    if budget is None:
        return None
    if budget.pay_years_ok is not None and budget.pay_years > budget.pay_years_ok:
        told = _("交费 {years} 年超过客户能够交费的 {able} 年，应当建议终止投保")
        return _advice(case, "burden", told.format(years=budget.pay_years, able=budget.pay_years_ok))
    limit = policy.rate("affordability_limit", case.today)
    ratio = needs.affordability(budget.premiums + budget.new_premium, budget.income)
    if not needs.needs_confirmation(ratio, limit):
        assert ratio is not None, "without an income it must be confirmed"
        return Gate("premium", _("保费占家庭收入 {share}").format(share=_percent(ratio)), True, "S15")
    share = _("没有收入可比") if ratio is None else _percent(ratio)
    told = _("保费占家庭收入 {share}，超过 {limit}，请客户亲自确认能够负担").format(share=share, limit=_percent(limit))
    return Gate("premium", told, bool(case.premium_words.strip()), "S15", stage=SIGN)


def _double_cover(case: Case) -> Gate | None:
    """Costs are paid back once, however many policies there are (story S15)."""
    if case.package.type != "medical" or not case.reimbursement_policies:
        return None
    told = _("客户已有 {n} 份费用补偿型医疗险，重复投保不能重复报销，应当建议终止投保")
    return _advice(case, "double_cover", told.format(n=case.reimbursement_policies))


def _advice(case: Case, name: str, told: str) -> Gate:
    """One advises to stop; only the customer's own will, in writing, opens this gate (requirement R3.2b)."""
    willing = bool(case.own_will.strip())
    if willing:
        told += _("；客户已书面确认自愿投保")
    return Gate(name, told, willing, "R3.2b", stage=SIGN)


def _elderly(case: Case, policy: Policy) -> list[Gate]:
    """From 60 on a recording, from 65 on time to think (保监发〔2017〕54号; 金监总局令2025年第7号; S05, S06)."""
    born = case.applicant_born
    if born is None or not case.package.long_term:
        return []
    age, elderly = clocks.age_on(born, case.today), policy.count("elderly_age", case.today)
    if age < elderly:
        turns = _birthday(born, born.year + elderly)
        if (turns - case.today).days > _SOON:
            return []
        told = _("投保人 {day} 满 {age} 周岁，之后签署须按老年人规则办理").format(day=format_date(turns), age=elderly)
        return [Gate("elderly_soon", told, False, "S05", warning=True)]
    recorded = bool(case.recording_ref.strip())
    told = _("双录编号 {ref}").format(ref=case.recording_ref) if recorded else _("投保人满 60 周岁，需要双录")
    found = [Gate("recording", told, recorded, "S05", warning=True)]
    if age >= policy.count("senior_age", case.today) and suitability.is_risky(case.package.p_level):
        found.append(_second_look(case, policy))
    return found


def _second_look(case: Case, policy: Policy) -> Gate:
    hours = policy.count("reflection_hours", case.today)
    if case.explained_at is None:
        return Gate(
            "reflection", _("投保人满 65 周岁：讲解后至少考虑 {n} 小时").format(n=hours), False, "S06", stage=SIGN
        )
    due = case.explained_at + dt.timedelta(hours=hours)
    if case.now < due:
        told = _("投保人满 65 周岁：{moment} 以后才能签署").format(moment=format_moment(due))
        return Gate("reflection", told, False, "S06", stage=SIGN)
    confirmed = case.second_confirmed_at is not None and case.second_confirmed_at >= due
    text = _("客户考虑后已再次确认") if confirmed else _("请客户再次确认，并填写再次确认时间")
    return Gate("reflection", text, confirmed, "S06", stage=SIGN)


# --- what was said -----------------------------------------------------------------------------------------------


def _explained(case: Case) -> Gate | None:
    if case.prompts is None:
        return None
    left = sorted(set(PROMPT_CODES) - set(case.prompts))
    text = _("还有 {n} 项没有讲解：{codes}").format(n=len(left), codes="、".join(left)) if left else _("18 项均已讲解")
    return Gate("prompts", text, not left, "R3.1b", stage=SIGN)


def _reasons(case: Case) -> Gate | None:
    """A reason names a need and a benefit (requirement R1.3b)."""
    if case.reason_links is None:
        return None
    linked = any(link.get("need") and link.get("benefit") for link in case.reason_links)
    text = _("推荐理由有需求和保障作依据") if linked else _("请为推荐选择至少一项需求和一项保障")
    return Gate("reasons", text, linked, "R1.3b", stage=SIGN)


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


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f} %"


def _birthday(born: dt.date, year: int) -> dt.date:
    leap = (born.month, born.day) == (2, 29)
    return dt.date(year, 3, 1) if leap and year % 4 else born.replace(year=year)


def _months(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
