"""From a product and its illustration to what an explanation sheet shows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from insuragent.documents.content import Agent, Column, Coverage, Prompt, Series, SheetContent, Signature
from insuragent.i18n import _, format_date
from insuragent.models.fields import fields_of, known_choice
from insuragent.models.product import Product, ProductStatus
from insuragent.products.illustration import Illustration
from insuragent.products.inputs import Inputs
from insuragent.products.package import Coverage as Benefit
from insuragent.products.package import Package
from insuragent.services import records

TEMPLATE_VERSION = "1.0"
#: A customer from this age on gets the large print (story S05; regulations.csv on elderly customers).
LARGE_PRINT_AGE = 60
_GUARANTEED, _NOT_GUARANTEED = "保证利益（元）", "红利利益演示（元，不保证）"
#: The columns of the example table by the names of the illustration, in the order of the filing form (G04).
_COLUMNS: dict[str, Column] = {
    "year": Column("保单\n年度", width=0.55),
    "age": Column("年末\n年龄", width=0.55),
    "premium": Column("当年", "保险费（元）", 0.95),
    "cum_premium": Column("累计", "保险费（元）", 1.0),
    "eff_sa": Column("有效保额", _GUARANTEED),
    "annuity": Column("养老年金", _GUARANTEED),
    "ci_benefit": Column("重疾保险金", _GUARANTEED),
    "death_benefit": Column("身故保险金", _GUARANTEED, 1.1),
    "cash_value": Column("现金价值", _GUARANTEED),
    "account_value": Column("账户价值", "利益演示（元）"),
    "dividend_guaranteed": Column("保证\n红利", _NOT_GUARANTEED, 0.7),
    "dividend_illustrated": Column("当年红利", _NOT_GUARANTEED),
    "acc_dividend_illustrated": Column("累积红利", _NOT_GUARANTEED),
    "total_surrender_illustrated": Column("退保总利益", _NOT_GUARANTEED, 1.1),
}


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
    """What the sheet of one illustration shows on one occasion; amounts half-up to whole yuan in the table."""
    package = shown.package
    columns = [name for name in shown.columns if name in _COLUMNS]
    loss = shown.first_year_loss
    return SheetContent(
        company=package.company.name,
        product_name=package.name,
        product_code=package.code,
        product_version=package.version,
        filing_no=package.filing_no,
        product_status=_("产品状态截至 {day}：{status}").format(
            day=format_date(occasion.status_as_of), status=_status(occasion.status or package.status)
        ),
        document_no=occasion.document_no,
        form_no=f"IA-{package.code}",
        template_version=TEMPLATE_VERSION,
        printed_at=occasion.printed_at,
        agent=occasion.agent,
        key_facts=_key_facts(shown, occasion),
        important=_important(package),
        risks=package.risk_hints,
        coverage=[_coverage(benefit, package) for benefit in package.coverage],
        exclusions=[exclusion.text for exclusion in package.exclusions],
        surrender_notes=[
            _("等待期：{scope}").format(scope=package.waiting_scope),
            _("犹豫期：签收合同次日起 {days} 日，期内解除合同退还已交保费。").format(days=package.hesitation_days),
            _("宽限期：每期保费到期日次日起 {days} 日。").format(days=package.grace_days),
            package.surrender,
        ],
        first_year_loss=_exact(loss) if loss is not None else "0.00",
        example_note=_note(shown, occasion),
        columns=[_COLUMNS[name] for name in columns],
        rows=[[_cell(name, row[name]) for name in columns] for row in shown.shown_rows],
        chart=_chart(shown),
        first_age=int(shown.rows[0]["age"]),
        prompts=_prompts(package),
        promises=package.service_promises,
        clauses=_clauses(package),
        statement=package.statement or _("本人已阅读产品说明书，了解保险责任、责任免除、退保损失和犹豫期的约定。"),
        policyholder=occasion.policyholder.name,
        service=package.complaint_ways,
        result_hash=shown.result_hash,
        package_hash=package.content_hash,
        verification=f"{occasion.document_no}|{shown.result_hash}",
        copied_statement=occasion.copied_statement,
        signature=occasion.signature,
        large_print=(occasion.policyholder.age or 0) >= LARGE_PRINT_AGE,
        reasons=occasion.reasons,
        suitability=occasion.suitability,
    )


def _status(value: str) -> str:
    return records.in_words(fields_of(Product)["status"], known_choice(ProductStatus, value))


def _coverage(benefit: Benefit, package: Package) -> Coverage:
    parts = [benefit.condition, _("给付：{amount}。").format(amount=benefit.amount)]
    if benefit.limit:
        parts.append(_("限额：{limit}。").format(limit=benefit.limit))
    return Coverage(benefit.name, "".join(parts), package.insured_period)


def _key_facts(shown: Illustration, occasion: Occasion) -> list[tuple[str, str]]:
    inputs, package = shown.inputs, shown.package
    pay = _("趸交") if inputs.pay_years == 1 else _("{years} 年交（年交）").format(years=inputs.pay_years)
    facts = [
        *_people(shown, occasion),
        (_("保险期间"), _("至 {age} 周岁").format(age=inputs.to_age) if inputs.to_age else _("终身")),
        (_("交费方式"), pay),
        (_("每期保险费（元）"), _exact(shown.premium)),
    ]
    if shown.sum_assured is not None:
        facts.append((_("基本保险金额（元）"), _exact(shown.sum_assured)))
    if shown.annuity is not None:
        facts.append((_("每年领取（元）"), _exact(shown.annuity)))
    return [
        *facts,
        (_("犹豫期"), _("{days} 日").format(days=package.hesitation_days)),
        (_("产品等级"), package.p_level),
    ]


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


def _important(package: Package) -> list[str]:
    if package.design_type == "participating":
        return [
            _(
                "本产品为分红保险，红利分配是不确定的；红利演示只用于说明计算方法，不代表公司过去的业绩，也不是对将来的承诺。"
            )
        ]
    return [_("本产品为人身保险，请仔细阅读保险条款，特别是加粗的责任免除和退保损失。")]


def _note(shown: Illustration, occasion: Occasion) -> str:
    words = _(
        "示例：{age} 周岁的被保险人，每期交费 {premium} 元，交费 {years} 期。保险费在年初，其余各项在年末；"
        "假设没有保单贷款、部分领取和减保。金额四舍五入到元。"
    ).format(age=shown.inputs.age, premium=_exact(shown.premium), years=shown.inputs.pay_years)
    if shown.package.design_type == "participating":
        words += _("红利利益仅为演示，是不保证的，在某些年度可能为零。")
    return words


def _chart(shown: Illustration) -> list[Series]:
    rows = shown.rows
    found = [Series(_("累计已交保险费"), [float(row["cum_premium"]) for row in rows], "premium")]
    if "cash_value" in shown.columns:
        found.append(Series(_("现金价值（保证）"), [float(row["cash_value"]) for row in rows]))
    if "total_surrender_illustrated" in shown.columns:
        total = [float(row["total_surrender_illustrated"]) for row in rows]
        found.append(Series(_("现金价值＋累积红利（演示，不保证）"), total, "illustrated"))
    return found


def _prompts(package: Package) -> list[Prompt]:
    return [Prompt(code, PROMPT_TITLES[code], text) for code, text in sorted(package.prompt_items.items())]


def _clauses(package: Package) -> list[tuple[str, Sequence[str]]]:
    found: list[tuple[str, Sequence[str]]] = [(_("您的权利"), package.rights), (_("理赔程序"), package.claim_steps)]
    if package.dividend_policy:
        found.append((_("投资策略与红利政策"), [package.investment_strategy, package.dividend_policy]))
    return found


def _exact(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _cell(name: str, value: "Decimal | int") -> str:
    if name in ("year", "age"):
        return str(value)
    return f"{Decimal(value).quantize(Decimal(1), ROUND_HALF_UP):,}"


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
