"""Gates of what was said: items explained, reasons with their grounds, the sentence copied, no forbidden word."""

import unicodedata

from insuragent.i18n import N_, _, listed
from insuragent.products.package import PROMPT_CODES
from insuragent.rules import phrases
from insuragent.rules.phrases import Finding, Response
from insuragent.rules.policy import Policy
from insuragent.services.case import SIGN, Case, Gate
from insuragent.services.wording import in_words

_EXPLAINED = N_("R3.1b；金监总局令2023年第2号第二十五条")
_REASONS = N_("R1.3b；服务行为规范")
_STATEMENT = N_("S14；银保监规〔2022〕24号第四条")
_PHRASES = N_("R7.2a；金监总局令2023年第2号第十七条")


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R1.3b, R3.1b and R7.2a."""
    return [
        *(gate for gate in (_explained(case), _reasons(case), _statement(case)) if gate is not None),
        *_wording(case, policy),
    ]


def _explained(case: Case) -> Gate | None:
    if case.prompts is None:
        return None
    left = sorted(set(PROMPT_CODES) - set(case.prompts))
    text = _("还有 {n} 项没有讲解：{codes}").format(n=len(left), codes=listed(left)) if left else _("18 项均已讲解")
    return Gate("prompts", text, not left, _EXPLAINED, stage=SIGN)


def _is_linked(case: Case) -> bool:
    """Whether a need of this customer and a benefit of this product carry the recommendation (requirement R1.3b)."""
    benefits = {benefit.code for benefit in case.package.coverage}
    return any(
        link.get("need") in (case.goals or ()) and link.get("benefit") in benefits for link in case.reason_links or ()
    )


def _reasons(case: Case) -> Gate | None:
    if case.reason_links is None:
        return None
    linked = _is_linked(case)
    text = _("推荐理由有需求和保障作依据") if linked else _("请为推荐选择需求分析中的一项需求和产品的一项保障")
    return Gate("reasons", text, linked, _REASONS, stage=SIGN)


def _statement(case: Case) -> Gate | None:
    """Of a new type of product the customer copies the sentence himself; only spaces and punctuation may differ."""
    wanted = case.package.statement
    if case.statement is None or not wanted or not case.package.is_new_type:
        return None
    if not case.statement.strip():
        return Gate("statement", _("请客户抄录“抄录语句”"), False, _STATEMENT, stage=SIGN)
    copied = _core(case.statement) == _core(wanted)
    text = _("客户已抄录语句") if copied else _("抄录的语句与原文不一致，请逐字抄录")
    return Gate("statement", text, copied, _STATEMENT, stage=SIGN)


def _core(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())


def _wording(case: Case, policy: Policy) -> list[Gate]:
    """What blocks must be rewritten, what is doubtful a supervisor must have read, the rest is a warning."""
    found = _findings(case, policy)
    blocking = [finding for finding in found if finding.action is Response.BLOCK]
    unread = [finding for finding in doubtful(case, policy) if finding.text not in case.reviewed]
    warned = [finding for finding in found if finding.action is Response.WARN]
    gates = []
    if blocking:
        gates.append(Gate("phrases", _("违规用语：{words}").format(words=in_words(blocking)), False, _PHRASES))
    if unread:
        gates.append(Gate("review", _("须经主管复核的用语：{words}").format(words=in_words(unread)), False, _PHRASES))
    if warned:
        told = _("请斟酌用语：{words}").format(words=in_words(warned))
        gates.append(Gate("wording", told, False, _PHRASES, warning=True))
    return gates or [Gate("phrases", _("文字没有违规用语"), True, _PHRASES)]


def doubtful(case: Case, policy: Policy) -> list[Finding]:
    """The phrases that a supervisor must have read, whether he has or not (requirement R7.2a)."""
    return [finding for finding in _findings(case, policy) if finding.action is Response.REVIEW]


def _findings(case: Case, policy: Policy) -> list[Finding]:
    rules, context = policy.phrase_rules(case.today), phrases.Context(facts=_facts(case))
    return [finding for text in case.texts for finding in phrases.check_text(text, rules, context)]


def _facts(case: Case) -> frozenset[str]:
    """What makes some words the plain truth: once a withdrawal is announced, telling of it is no pressure (S12)."""
    facts = {
        "withdrawal_notice": bool(case.notice),
        "guaranteed_renewal": case.package.guaranteed_renewal_years > 0,
        "reasons_linked": _is_linked(case),
    }
    return frozenset(name for name, holds in facts.items() if holds)
