"""What a sheet says of the customer's means, risk and other cover, so that both sides sign what was known (S15)."""

from insuragent.i18n import _, format_money
from insuragent.models.fields import choice_words
from insuragent.models.sheet import RiskLevel
from insuragent.rules import needs
from insuragent.services.gates import Case


def suitability_facts(case: Case) -> list[str]:
    """The facts of a case in sentences: premiums beside income, risk levels, double cover, and the customer's words."""
    return [*_burden(case), *_risk(case), *_double_cover(case)]


def _burden(case: Case) -> list[str]:
    budget = case.budget
    if budget is None:
        return []
    total = budget.premiums + budget.new_premium
    share = needs.affordability(total, budget.income)
    if share is None:
        told = _("没有家庭年收入的资料；每年保费合计 {total}（含本次 {new}）。")
    else:
        told = _("家庭年收入 {income}，每年保费合计 {total}（含本次 {new}），占收入的 {share}。")
    told = told.format(
        income=format_money(budget.income),
        total=format_money(total),
        new=format_money(budget.new_premium),
        share="" if share is None else f"{share * 100:.1f}%",
    )
    return [told, *_in_own_words(_("客户确认能够负担：{words}"), case.premium_words)]


def _risk(case: Case) -> list[str]:
    if case.risk_level is None:
        return []
    told = _("产品等级 {product}，客户风险承受等级 {customer}。")
    return [told.format(product=case.package.p_level, customer=choice_words(RiskLevel, case.risk_level))]


def _double_cover(case: Case) -> list[str]:
    willing = _in_own_words(_("客户确认自愿投保：{words}"), case.own_will)
    if case.package.type != "medical" or not case.reimbursement_policies:
        return willing
    told = _("客户已有 {n} 份费用补偿型医疗险。各份合计的给付不超过实际支出，重复投保不会多得，本公司已建议终止投保。")
    return [told.format(n=case.reimbursement_policies), *willing]


def _in_own_words(told: str, words: str) -> list[str]:
    return [told.format(words=words.strip())] if words.strip() else []
