"""What a sheet says in words about a product and a case: by its kind, and nothing that does not concern it."""

from collections.abc import Sequence
from decimal import Decimal

from insuragent.documents.content import Coverage
from insuragent.i18n import _
from insuragent.products.illustration import Illustration
from insuragent.products.medical import ESTIMATE_ONLY
from insuragent.products.package import Coverage as Benefit
from insuragent.products.package import Package
from insuragent.services.sheet_tables import plain

Section = tuple[str, Sequence[str]]


def exact(amount: Decimal) -> str:
    """Yuan to the cent: 1,234.50."""
    return f"{amount:,.2f}"


def period(shown: Illustration) -> str:
    """How long this case is covered."""
    package = shown.package
    if not package.long_term:
        return _("一年")
    if package.basis.design == "annuity":
        return _("至 {age} 周岁").format(age=package.basis.last_age)
    return _("至 {age} 周岁").format(age=shown.inputs.to_age) if shown.inputs.to_age else _("终身")


def important(package: Package) -> list[str]:
    """The first words of the sheet, bold: what is not guaranteed (银保监规〔2022〕24号; regulations.csv G04)."""
    if package.design_type == "participating":
        told = _(
            "本产品为分红保险，红利分配是不确定的；红利演示只用于说明计算方法，不代表公司过去的业绩，也不是对将来的承诺。"
        )
    elif package.design_type == "universal":
        told = _(
            "本产品为万能保险，结算高于保证下限的部分是不确定的；演示只用于说明计算方法，不代表公司过去的业绩，也不是对将来的承诺。"
        )
    elif package.medical is not None:
        told = _(
            "本产品为一年期费用补偿型医疗保险，不保证续保；给付不超过实际支出，请仔细阅读免赔额、等待期和责任免除。"
        )
    else:
        told = _("本产品为人身保险，请仔细阅读保险条款，特别是加粗的责任免除和退保损失。")
    return [told]


def description(package: Package) -> list[str]:
    """What the product is, for whom, and who can buy it."""
    entry = package.entry
    ages = _("投保年龄 {low} 至 {high} 周岁").format(low=entry.age_min, high=entry.age_max)
    if entry.age_min == 0:
        ages = _("投保年龄：出生满 {days} 日至 {high} 周岁").format(days=entry.age_min_days, high=entry.age_max)
    level = _("产品等级：{level}").format(level=package.p_level)
    found = [package.summary, _("适合的人：{suits}").format(suits=package.suits), level, ages]
    if entry.occupation_classes:
        found.append(_("职业类别：{classes}").format(classes=entry.occupation_classes))
    return found


def coverage(benefit: Benefit, shown: Illustration) -> Coverage:
    """One benefit: when, how much, up to what and how often."""
    return Coverage(benefit.name, benefit.amount, period(shown), benefit.condition, benefit.limit, benefit.times)


def terms(package: Package) -> list[Section]:
    """What costs, what can be done with the cash value, and how the company invests and shares, in G04's order."""
    found: list[Section] = [(_("费用"), package.fees), (_("保单贷款与减额交清"), package.loan)]
    if package.design_type == "participating":
        found.append((_("投资策略与红利政策"), [package.investment_strategy, package.dividend_policy]))
        found.append((_("红利实现情况"), _fulfilment(package)))
    elif package.investment_strategy:
        found.append((_("投资策略与账户结算"), [package.investment_strategy]))
    return [(title, [text for text in texts if text]) for title, texts in found if any(texts)]


def _fulfilment(package: Package) -> list[str]:
    """How much of each 100 yuan illustrated was paid; no ratio (G04)."""
    if not package.fulfilment:
        return [_("本产品还没有公布过红利实现情况；公司每年在网站公布。")]
    found = []
    for one in sorted(package.fulfilment, key=lambda one: -one.year):
        told = _("{year} 年：演示红利每 100 元，实际分配 {cash} 元。")
        if one.increment is not None:
            told = _("{year} 年：演示红利每 100 元，实际分配 {cash} 元；演示增额每 100 元，实际增额 {increment} 元。")
        increment = plain((one.increment or Decimal(0)) * 100)
        found.append(told.format(year=one.year, cash=plain(one.cash * 100), increment=increment))
    return found


def surrender_notes(package: Package) -> list[str]:
    """The periods that the product has, and what a surrender brings."""
    found = []
    if package.waiting_days:
        found.append(_("等待期：{scope}。").format(scope=package.waiting_scope))
    if package.hesitation_days:
        told = _("犹豫期：签收合同次日起 {days} 日，期内解除合同退还已交保费。")
        found.append(told.format(days=package.hesitation_days))
    if package.grace_days:
        found.append(_("宽限期：每期保费到期日次日起 {days} 日。").format(days=package.grace_days))
    return [*found, package.surrender]


def example_note(shown: Illustration) -> str:
    """What the example assumes and what in it is not guaranteed."""
    package, inputs = shown.package, shown.inputs
    if package.medical is not None:
        told = _(
            "估算方法：（保障范围内的费用－基本医保已支付－其他途径已补偿－免赔额余额）×给付比例，以年度限额余额为限。{estimate}。"
        )
        return told.format(estimate=_(ESTIMATE_ONLY))
    sex = _("男性") if inputs.sex == "M" else _("女性")
    if inputs.pay_years == 1:
        told = _("示例：{age} 周岁{sex}被保险人，一次交清 {premium} 元。")
    else:
        told = _("示例：{age} 周岁{sex}被保险人，每年交费 {premium} 元，交 {years} 年。")
    found = [told.format(age=inputs.age, sex=sex, premium=exact(shown.premium), years=inputs.pay_years)]
    found.append(_("保险费在年初，其余各项在年末；假设没有保单贷款、部分领取和减保。金额四舍五入到元。"))
    if package.design_type == "participating":
        found.append(_("红利利益仅为演示，是不保证的，在某些年度可能为零。"))
    if package.design_type == "universal":
        found.append(_("保证利益按保证期内的结算下限计算，保证期满后下限可以调整；演示利益是不保证的。"))
    return "\n".join(found)


def clauses(package: Package) -> list[Section]:
    """What the customer must answer, may do, and has to do for a claim."""
    found: list[Section] = [
        (_("如实告知：公司会询问下列事项"), package.health_questions),
        (_("您的权利"), package.rights),
        (_("理赔程序"), package.claim_steps),
    ]
    return [(title, texts) for title, texts in found if texts]


def statement(package: Package) -> str:
    """What the customer signs for; a new-type product has words of its own (银保监规〔2022〕24号 art. 4)."""
    if package.statement:
        return package.statement
    if package.medical is not None:
        return _("本人已阅读产品说明书，了解保险责任、责任免除、免赔额、等待期和不保证续保的约定。")
    return _("本人已阅读产品说明书，了解保险责任、责任免除、退保损失和犹豫期的约定。")


def company_facts(package: Package) -> list[tuple[str, str]]:
    """Who stands behind the product, and how to reach it."""
    company = package.company
    return [
        (_("承保公司"), company.name),
        (_("经营许可"), company.licence),
        (_("地址"), company.address),
        (_("服务电话"), company.service_phone),
        (_("网站"), company.website),
    ]
