"""Gates of the people of a contract: the insured, children, whoever receives, and the old."""

import datetime as dt

from insuragent.i18n import N_, _, format_date, format_moment, format_money
from insuragent.rules import clocks, suitability
from insuragent.rules.policy import Policy
from insuragent.services.case import SIGN, Case, Gate

#: The items of the explanation (金监总局令2023年第2号 art. 25) whose order is fixed for the elderly.
COVER, EXCLUSIONS = "04", "08"
#: Whose birthday changes what is asked for is told so many days ahead (story S05).
_SOON = 30
_INSURED = N_("R3.4b；银保监规〔2022〕24号")
_CONSENT = N_("S04；保险法第三十一条、第三十四条")
_BENEFICIARY = N_("S04；保险法第三十九条、公司规则")
_MINOR = N_("S04；保险法第三十三条、保监发〔2015〕90号")
_RECORDING = N_("S05；保监发〔2017〕54号")
_EXCLUSIONS_FIRST = N_("S05；保险法第十七条、金监总局令2023年第2号第二十五条")
_REFLECTION = N_("S06；金监总局令2025年第7号")


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Stories S04, S05 and S06."""
    found = [_fits(case), _agrees(case), _beneficiary(case), _minor(case, policy), *_elderly(case, policy)]
    return [gate for gate in found if gate is not None]


def _fits(case: Case) -> Gate | None:
    if case.insured_fits is None or case.insured_fits:
        return None
    return Gate("insured", _("演示的年龄或性别与被保险人不符，请重新制作说明书"), False, _INSURED)


def _agrees(case: Case) -> Gate | None:
    """Whose death is insured agrees to it and to the amount; for their own minor children parents decide."""
    if case.applicant == "self" or not case.covers_death or case.age is None or case.age < suitability.GROWN_UP:
        return None
    words = _("被保险人已同意投保并认可保额") if case.insured_consent else _("为他人投保身故责任，请取得被保险人的同意")
    return Gate("consent", words, case.insured_consent, _CONSENT, stage=SIGN)


def _beneficiary(case: Case) -> Gate | None:
    if not (case.agent_name and case.agent_name in case.beneficiary):
        return None
    return Gate("beneficiary", _("受益人不能是销售人员"), False, _BENEFICIARY)


def _minor(case: Case, policy: Policy) -> Gate | None:
    """A child's death cover is limited, and only its parents may buy it (story S04)."""
    if case.age is None or case.age >= suitability.GROWN_UP:
        return None
    if not case.guardian_consent:
        return Gate("minor", _("被保险人未成年，需要监护人签署“未成年人信息”同意"), False, _MINOR)
    if case.covers_death and case.applicant != "parent":
        return Gate("minor", _("以死亡为给付条件的未成年人保险，投保人只能是父母"), False, _MINOR)
    if case.other_death_cover is None:
        return Gate("minor", _("请填写孩子在其他公司的身故保额，没有请填 0"), False, _MINOR)
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
    return Gate("minor", told, not excess, _MINOR)


def _elderly(case: Case, policy: Policy) -> list[Gate]:
    """From 60 on a recording, from 65 on time to think; both by the age on the day of the proposal (S05, S06)."""
    born = case.applicant_born
    if born is None or not case.package.long_term:
        return []
    age, elderly = clocks.age_on(born, case.today), policy.count("elderly_age", case.today)
    if not suitability.is_elderly(born, case.today, elderly):
        turns = clocks.next_age_step(born, case.today)
        if age + 1 < elderly or (turns - case.today).days > _SOON:
            return []
        told = _("投保人 {day} 满 {age} 周岁，之后签署须按老年人规则办理").format(day=format_date(turns), age=elderly)
        return [Gate("elderly_soon", told, False, _RECORDING, warning=True)]
    recorded = bool(case.recording_ref.strip())
    told = _("双录编号 {ref}").format(ref=case.recording_ref) if recorded else _("投保人满 60 周岁，需要双录并填写编号")
    found = [Gate("recording", told, recorded, _RECORDING, stage=SIGN), *_exclusions_first(case)]
    if age >= policy.count("senior_age", case.today) and suitability.is_risky(case.package.p_level):
        found.append(_second_look(case, policy))
    return found


def _exclusions_first(case: Case) -> list[Gate]:
    """What is not covered is explained before what is, so that nobody decides by half of it (story S05)."""
    if case.prompts is None:
        return []
    limits, cover = case.prompts.get(EXCLUSIONS), case.prompts.get(COVER)
    if limits is not None and (cover is None or limits <= cover):
        return [Gate("exclusions_first", _("责任免除已先于保险责任讲解"), True, _EXCLUSIONS_FIRST, stage=SIGN)]
    told = _("投保人满 60 周岁：请先讲解“{first} 责任免除”，再讲解“{then} 保险责任”").format(
        first=EXCLUSIONS, then=COVER
    )
    if limits is not None:
        told = _("“{then} 保险责任”先于“{first} 责任免除”讲解，请取消后按顺序重新讲解").format(
            first=EXCLUSIONS, then=COVER
        )
    return [Gate("exclusions_first", told, False, _EXCLUSIONS_FIRST, stage=SIGN)]


def _second_look(case: Case, policy: Policy) -> Gate:
    hours = policy.count("reflection_hours", case.today)
    if case.explained_at is None:
        words = _("投保人满 65 周岁：讲解后至少考虑 {n} 小时，再次确认，签署次日回访").format(n=hours)
        return Gate("reflection", words, False, _REFLECTION, stage=SIGN)
    due = case.explained_at + dt.timedelta(hours=hours)
    if case.now < due:
        told = _("投保人满 65 周岁：{moment} 以后才能签署").format(moment=format_moment(due))
        return Gate("reflection", told, False, _REFLECTION, stage=SIGN)
    again = case.second_confirmed_at
    confirmed = again is not None and due <= again <= case.now
    text = _("客户考虑后已再次确认，签署次日回访") if confirmed else _("请客户再次确认，并填写再次确认时间")
    return Gate("reflection", text, confirmed, _REFLECTION, stage=SIGN)
