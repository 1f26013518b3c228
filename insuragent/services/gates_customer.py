"""Gates of what suits the customer: needs, risk, what it costs the household, and cover held already."""

import datetime as dt
from decimal import Decimal

from insuragent.i18n import N_, _
from insuragent.rules import clocks, needs, suitability
from insuragent.rules.policy import Policy
from insuragent.rules.retention import RESTRICTED_BY
from insuragent.services.case import SIGN, Budget, Case, Gate

_NEEDS = N_("R3.2a；金监总局令2023年第2号第二十一条")
_RISK = N_("R3.2a、S06；金监总局令2025年第7号第十二条")
_PREMIUM = N_("S15；保险产品适当性管理自律规范")
_STOP = N_("R3.2b、S15；金监总局令2023年第2号第二十八条")


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R3.2a and R3.2b; stories S06 and S15."""
    found = [
        restricted() if case.restricted else None,
        _analysis(case),
        _risk(case, policy),
        _need(case),
        *_burdens(case, policy),
        _double_cover(case),
    ]
    return [gate for gate in found if gate is not None]


def restricted() -> Gate:
    """The customer's data are stored, and used for nothing else (rules/retention)."""
    return Gate("restricted", _("客户的资料已限制处理：只保存，不打印，不交付"), False, RESTRICTED_BY)


def _analysis(case: Case) -> Gate:
    text = _("需求分析在有效期内") if case.analysed else _("请先在客户档案里做需求分析")
    return Gate("needs", text, case.analysed, _NEEDS)


def _risk(case: Case, policy: Policy) -> Gate | None:
    """No override exists on the device; one may only advise against it (story S06)."""
    product = case.package.p_level
    if case.risk_level is None:
        if not suitability.is_risky(product):
            return None
        told = _("请填写客户风险承受等级：产品等级 {level}").format(level=product)
        return Gate("risk", told, False, _RISK, stage=SIGN)
    if suitability.too_risky(product, case.risk_level):
        told = _("产品等级 {product} 高于承受能力 {customer}").format(product=product, customer=case.risk_level)
        return Gate("risk", told, False, _RISK, advice=True, reason=told)
    return _assessed(case, policy)


def _assessed(case: Case, policy: Policy) -> Gate:
    day, months = case.risk_assessed_on, policy.count("risk_valid_months", case.today)
    if day is not None and day > case.today:
        return Gate("risk", _("风险测评的日期还没有到"), False, _RISK)
    if day is not None and _months(day, case.today) >= months:
        return Gate("risk", _("风险测评已超过 {months} 个月，请重新测评").format(months=months), False, _RISK)
    if day is None and suitability.is_risky(case.package.p_level):
        return Gate("risk", _("请填写风险测评日期"), False, _RISK, stage=SIGN)
    told = _("产品等级 {product} 在客户承受能力之内").format(product=case.package.p_level)
    return Gate("risk", told, True, _RISK)


def _need(case: Case) -> Gate | None:
    if case.goals is None or suitability.meets(case.package.type, case.goals):
        return None
    return _advice(case, "need", _("产品与客户的需求不符"))


def _burdens(case: Case, policy: Policy) -> list[Gate]:
    budget = case.budget
    if budget is None:
        return []
    found = [_premium(case, budget, policy)]
    if budget.pay_years_ok is not None and budget.pay_years > budget.pay_years_ok:
        told = _("交费 {years} 年超过客户能够交费的 {able} 年")
        found.append(_advice(case, "burden", told.format(years=budget.pay_years, able=budget.pay_years_ok)))
    return found


def _premium(case: Case, budget: Budget, policy: Policy) -> Gate:
    """What is heavy, or cannot be compared with any income, the customer confirms in own words (story S15)."""
    ratio = needs.affordability(budget.premiums + budget.new_premium, budget.income)
    heavy = [*_heavy(case, budget, ratio, policy)]
    if not heavy:
        assert ratio is not None, "without an income it must be confirmed"
        return Gate("premium", _("保费占家庭收入 {share}").format(share=_percent(ratio)), True, _PREMIUM)
    told = _("{reasons}：请客户亲自确认能够负担").format(reasons="；".join(heavy))
    return Gate("premium", told, bool(case.premium_words.strip()), _PREMIUM, stage=SIGN)


def _heavy(case: Case, budget: Budget, ratio: Decimal | None, policy: Policy) -> list[str]:
    """Why a premium must be confirmed: its share of the income, a great single premium, or many years at a high age."""
    found, limit = [], policy.rate("affordability_limit", case.today)
    if ratio is None:
        found.append(_("没有家庭收入可比"))
    elif needs.needs_confirmation(ratio, limit):
        told = _("保费占家庭收入 {share}，超过 {limit}")
        found.append(told.format(share=_percent(ratio), limit=_percent(limit)))
    multiple = policy.rate("single_premium_income_multiple", case.today)
    if budget.income and budget.single_premium > multiple * budget.income:
        times = Decimal(budget.single_premium) / budget.income
        told = _("趸交保费是家庭年收入的 {times} 倍，超过 {limit} 倍")
        found.append(told.format(times=f"{times:.1f}", limit=f"{multiple:f}"))
    if case.applicant_born is not None and budget.pay_years > 1:
        years = clocks.age_on(case.applicant_born, case.today) + budget.pay_years
        most = policy.count("age_plus_pay_years_limit", case.today)
        if years > most:
            found.append(_("年龄与交费年数之和为 {years}，超过 {most}").format(years=years, most=most))
    return found


def _double_cover(case: Case) -> Gate | None:
    """Costs are paid back once, however many policies there are (story S15)."""
    if case.package.type != "medical":
        return None
    if case.reimbursement_policies is None:
        told = _("请填写客户已有的费用补偿型医疗险份数，没有请填 0")
        return Gate("double_cover", told, False, _STOP, stage=SIGN)
    if not case.reimbursement_policies:
        return None
    told = _("客户已有 {n} 份费用补偿型医疗险，重复投保不能重复报销")
    return _advice(case, "double_cover", told.format(n=case.reimbursement_policies))


def _advice(case: Case, name: str, reason: str) -> Gate:
    """One advises to stop; only the letter and the customer's own will, signed, open this gate (R3.2b, S15)."""
    willing = case.stop_advised and case.own_will_signed and bool(case.own_will.strip())
    told = _("{reason}，应当建议终止投保；客户坚持的，须有建议书和客户签名的自愿确认")
    if willing:
        told = _("{reason}，应当建议终止投保；已交付建议书，客户书面确认自愿投保")
    return Gate(name, told.format(reason=reason), willing, _STOP, stage=SIGN, advice=True, reason=reason)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f} %"


def _months(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
