"""Gates of what was said: every item explained, every reason with its grounds, no forbidden word."""

from insuragent.i18n import _
from insuragent.products.package import PROMPT_CODES
from insuragent.rules import phrases
from insuragent.rules.policy import Policy
from insuragent.services.case import SIGN, Case, Gate


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R1.3b, R3.1b and R7.2a."""
    return [gate for gate in (_explained(case), _reasons(case), _wording(case, policy)) if gate is not None]


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
