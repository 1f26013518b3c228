"""Gates of what suits the customer: needs, risk, children, burden, cover held already, and age."""

import datetime as dt
from decimal import Decimal

from insuragent.i18n import _, format_date, format_moment, format_money
from insuragent.rules import clocks, needs, suitability
from insuragent.rules.policy import Policy
from insuragent.services.case import SIGN, Case, Gate

#: Whose birthday changes what is asked for is told so many days ahead (story S05).
_SOON = 30


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R3.2a and R3.2b; stories S04, S05, S06 and S15."""
    found = [
        _analysis(case),
        _risk(case, policy),
        _minor(case, policy),
        _need(case),
        _burden(case, policy),
        _double_cover(case),
        *_elderly(case, policy),
    ]
    return [gate for gate in found if gate is not None]


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


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f} %"


def _birthday(born: dt.date, year: int) -> dt.date:
    leap = (born.month, born.day) == (2, 29)
    return dt.date(year, 3, 1) if leap and year % 4 else born.replace(year=year)


def _months(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
