"""From a product and its illustration to what an explanation sheet shows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from insuragent.documents.content import Agent, Prompt, SheetContent, Signature
from insuragent.i18n import SHANGHAI, _, format_date
from insuragent.models.fields import choice_words
from insuragent.models.product import ProductStatus
from insuragent.products.illustration import Illustration, guaranteed_of
from insuragent.products.inputs import Inputs
from insuragent.products.package import Package
from insuragent.services import catalogue, sheet_words
from insuragent.services.sheet_tables import example_of

TEMPLATE_VERSION = "1.0"


@dataclass(frozen=True)
class Person:
    """Somebody on the sheet: the name in full, full years and sex ("M" or "F") as far as known, the ID number masked.

    ``relation`` says in words what the policyholder is to the insured, when they are two.
    """

    name: str
    age: int | None = None
    sex: str = ""
    masked_id: str = ""
    relation: str = ""

    def fits(self, inputs: Inputs) -> bool:
        """Whether the numbers for ``inputs`` can be this person's; a birthday may lie between them and the print."""
        right_age = self.age is None or self.age in (inputs.age, inputs.age + 1)
        return right_age and self.sex not in {"M", "F"} - {inputs.sex}


@dataclass(frozen=True)
class Beneficiary:
    """Who receives the death benefit: what he is to the insured in words, his share of his ``order`` in percent."""

    name: str
    relation: str = ""
    share: int | None = None
    order: int = 1


@dataclass(frozen=True)
class Occasion:
    """Who sits at the table and when; ``document_no`` is the sheet's own.

    Without an ``insured`` the policyholder is meant; without ``beneficiaries`` nobody was named. ``status`` is head
    office's word for the product on ``status_as_of`` (by default that of the package), ``suitability`` what is known
    of the customer's means and other cover, in sentences (:func:`~insuragent.services.sheet_facts.suitability_facts`).
    """

    policyholder: Person
    agent: Agent
    document_no: str
    printed_at: dt.datetime
    status_as_of: dt.date
    status: str = ""
    insured: Person | None = None
    beneficiaries: Sequence[Beneficiary] = ()
    suitability: Sequence[str] = ()
    copied_statement: str = ""
    signature: Signature | None = None
    reasons: Sequence[str] = ()


def sheet_content(shown: Illustration, occasion: Occasion) -> SheetContent:
    """What the sheet of one illustration shows on one occasion; amounts half-up to whole yuan in the table.

    Loss and chart come from the guaranteed scenario, which is computed beside an illustrated one.
    """
    package, company = shown.package, shown.package.company
    guaranteed = guaranteed_of(shown, catalogue.policy())
    example, loss = example_of(shown, guaranteed), guaranteed.first_year_loss
    return SheetContent(
        company=company.name,
        product_name=package.name,
        product_code=package.code,
        product_version=package.version,
        filing_no=package.filing_no,
        product_status=_("产品状态截至 {day}：{status}").format(
            day=format_date(occasion.status_as_of),
            status=choice_words(ProductStatus, occasion.status or package.status),
        ),
        document_no=occasion.document_no,
        form_no=f"IA-{package.code}",
        template_version=TEMPLATE_VERSION,
        printed_at=occasion.printed_at,
        agent=occasion.agent,
        subtitle=_("产品说明书　暨　保险利益演示") if package.long_term else _("产品说明书"),
        key_facts=_key_facts(shown, occasion),
        important=sheet_words.important(package),
        risks=package.risk_hints,
        description=sheet_words.description(package),
        coverage=[sheet_words.coverage(benefit, shown) for benefit in package.coverage],
        exclusions=[exclusion.text for exclusion in package.exclusions],
        terms=sheet_words.terms(package),
        surrender_notes=sheet_words.surrender_notes(package),
        first_year_loss="" if loss is None else sheet_words.exact(loss),
        example_title=_("保险利益演示") if package.long_term else _("理赔估算示例"),
        example_note=sheet_words.example_note(shown),
        columns=example.columns,
        rows=example.rows,
        chart=example.chart,
        first_age=int(shown.rows[0]["age"]),
        prompts=_prompts(package),
        promises=package.service_promises,
        clauses=sheet_words.clauses(package),
        company_statement=package.company_statement,
        company_facts=sheet_words.company_facts(package),
        statement=sheet_words.statement(package),
        policyholder=occasion.policyholder.name,
        service=package.complaint_ways,
        result_hash=shown.result_hash,
        package_hash=package.content_hash,
        policy_hash=shown.policy_hash,
        verification=_("{company}\n说明书 {number}\n摘要 {digest}\n核对请拨 {phone}").format(
            company=company.name,
            number=occasion.document_no,
            digest=shown.result_hash[:16],
            phone=company.service_phone,
        ),
        copied_statement=occasion.copied_statement,
        signature=occasion.signature,
        elderly=_is_elderly(occasion),
        reasons=occasion.reasons,
        suitability=occasion.suitability,
    )


def _is_elderly(occasion: Occasion) -> bool:
    """Whether the policyholder gets the large print with the exclusions first (story S05; regulations.csv G41)."""
    day = occasion.printed_at.astimezone(SHANGHAI).date()
    return (occasion.policyholder.age or 0) >= catalogue.policy().count("elderly_age", day)


def _key_facts(shown: Illustration, occasion: Occasion) -> list[tuple[str, str]]:
    inputs, package = shown.inputs, shown.package
    single = inputs.pay_years == 1
    facts = [
        *_people(shown, occasion),
        (_("保险期间"), sheet_words.period(shown)),
        (_("交费方式"), _("一次交清") if single else _("{years} 年交（年交）").format(years=inputs.pay_years)),
        (_("保险费（元）") if single else _("每年保险费（元）"), sheet_words.exact(shown.premium)),
        *_amounts(shown),
    ]
    if package.hesitation_days:
        facts.append((_("犹豫期"), _("{days} 日").format(days=package.hesitation_days)))
    return facts


def _amounts(shown: Illustration) -> list[tuple[str, str]]:
    """What the case brings at most, or for sure."""
    terms = shown.package.medical
    if terms is not None:
        return [
            (_("年度限额（元）"), sheet_words.exact(terms.annual_limit)),
            (_("年度免赔额（元）"), sheet_words.exact(terms.deductible)),
            (_("基本医保"), _("有") if shown.inputs.social_insurance else _("没有")),
        ]
    found = [(_("基本保险金额（元）"), shown.sum_assured), (_("每年领取（元）"), shown.annuity)]
    return [(name, sheet_words.exact(amount)) for name, amount in found if amount is not None]


def _people(shown: Illustration, occasion: Occasion) -> list[tuple[str, str]]:
    """Who buys, whose life it is about and who receives. Age and sex are those that the numbers hold for."""
    inputs, holder = shown.inputs, occasion.policyholder
    insured = occasion.insured or (holder if holder.fits(inputs) else None)
    sex = _("男") if inputs.sex == "M" else _("女")
    words = _("{name}　{age}周岁　{sex}") if insured else _("{age}周岁　{sex}")
    found = [
        (_("投保人"), "\n".join(filter(None, (holder.name, holder.masked_id)))),
        (_("被保险人"), words.format(name=insured.name if insured else "", age=inputs.age, sex=sex)),
    ]
    if insured and insured.relation:
        found.append((_("投保人是被保险人的"), insured.relation))
    if any(benefit.code == "DEATH" for benefit in shown.package.coverage):
        found.append((_("身故受益人"), _receivers(occasion.beneficiaries)))
    return found


def _receivers(beneficiaries: Sequence[Beneficiary]) -> str:
    if not beneficiaries:
        return _("未指定")
    several = len({one.order for one in beneficiaries}) > 1
    lines = []
    for one in sorted(beneficiaries, key=lambda one: one.order):
        parts = [one.name, one.relation, "" if one.share is None else f"{one.share}%"]
        order = _("第 {n} 顺序").format(n=one.order) if several else ""
        lines.append("　".join(filter(None, (order, *parts))))
    return "\n".join(lines)


def _prompts(package: Package) -> list[Prompt]:
    return [Prompt(code, PROMPT_TITLES[code], text) for code, text in sorted(package.prompt_items.items())]


#: The 18 items that must be told expressly, by their code (regulations.csv G01 art. 25).
PROMPT_TITLES: dict[str, str] = {
    "01": "订立保险合同",
    "02": "产品名称",
    "03": "主要条款",
    "04": "保险责任",
    "05": "保险期间",
    "06": "保费与交费",
    "07": "赔偿限额",
    "08": "责任免除",
    "09": "理赔程序",
    "10": "退保与费用",
    "11": "现金价值",
    "12": "犹豫期",
    "13": "宽限期",
    "14": "等待期",
    "15": "中止与复效",
    "16": "如实告知",
    "17": "服务电话",
    "18": "咨询投诉",
}
