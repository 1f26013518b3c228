"""The numbers of proposals as people ask about them: why a figure stands there, which of three, what a bill brings."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import N_, _
from insuragent.models.needs import Goal
from insuragent.products.explain import Step as Step  # what a chain is made of is part of what is told here
from insuragent.products.explain import explain
from insuragent.products.illustration import Illustration
from insuragent.products.inputs import GUARANTEED
from insuragent.products.medical import ESTIMATE_ONLY, Bill, Estimate, estimate
from insuragent.rules import suitability
from insuragent.services import catalogue
from insuragent.services.sheet_numbers import illustration

#: No bill is larger, in yuan.
_LARGEST_BILL = 100_000_000
#: So many proposals are still seen at one glance.
MOST_PROPOSALS = 3
#: The ends of policy years at which proposals are compared.
YEARS = (1, 5, 10, 20, 30)
#: What is compared at them, and how one of its amounts is called by itself: yuan, and no ratio of any kind
#: (银保监规〔2022〕24号).
_COMPARED: Mapping[str, tuple[str, str]] = {
    "cash_value": (N_("现金价值（保证）"), N_("第 {year} 年末现金价值（保证）")),
    "death_benefit": (N_("身故保险金"), N_("第 {year} 年末身故保险金")),
    "annuity": (N_("养老年金"), N_("第 {year} 年末养老年金")),
    "acc_dividend_illustrated": (N_("累积红利（演示，不保证）"), N_("第 {year} 年末累积红利（演示，不保证）")),
}
#: What is drawn year by year: the first of these that all proposals have, the one for the need before all.
_DRAWN: Mapping[str, str] = {
    "cash_value": N_("现金价值（保证）"),
    "death_benefit": N_("身故保险金"),
    "annual_limit": N_("年度限额"),
    "cum_annuity": N_("累计养老年金"),
    "ci_benefit": N_("重疾保险金"),
}
_DRAWN_FOR: Mapping[str, str] = {
    Goal.PROTECT_LIFE: "death_benefit",
    Goal.LEGACY: "death_benefit",
    Goal.PENSION: "cum_annuity",
    Goal.CRITICAL_ILLNESS: "ci_benefit",
}
Amounts = tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Compared:
    """One amount in yuan, or None, for each proposal. ``label`` says it all, ``short`` within its ``group``."""

    group: str
    short: str
    label: str
    amounts: Amounts


@dataclass(frozen=True)
class Comparison:
    """Proposals for one need side by side, amount by amount, those of one group together.

    ``drawn`` names the amount that ``lines`` tell for each proposal at the end of every policy year, None after its
    last. ``differences`` says in words how far the proposals are apart.
    """

    names: tuple[str, ...]
    rows: tuple[Compared, ...]
    drawn: str
    lines: tuple[Amounts, ...]
    differences: tuple[str, ...]


def explain_cell(values: Mapping[str, Any], year: int, column: str, today: dt.date) -> tuple[Step, ...]:
    """The steps to the figure in ``column`` at the end of policy ``year`` of the illustration of plain ``values``.

    Raises ValidationError for inputs that break a limit, and for a cell that the illustration does not have.
    """
    found = illustration(values, today)
    try:
        return explain(found, year, column)
    except KeyError as error:
        words = _("演示表中没有第 {year} 年的“{column}”")
        raise ValidationError({"explain": words.format(year=year, column=column)}) from error


def compare(proposals: Sequence[Mapping[str, Any]], need: str, today: dt.date) -> Comparison:
    """Two or three proposals for one ``need`` (a goal of the needs analysis), by what is guaranteed, in yuan only.

    Raises ValidationError for more, for a product that cannot fulfil the need, and for inputs that break a limit.
    """
    if not 2 <= len(proposals) <= MOST_PROPOSALS:
        raise ValidationError({"proposals": _("请选择 2 至 {most} 份方案").format(most=MOST_PROPOSALS)})
    found = [illustration({**values, "scenario": GUARANTEED}, today) for values in proposals]
    for one in found:
        if not suitability.meets(one.package.type, [need]):
            words = _("“{name}”不能满足这项需求，不能放在一起比较")
            raise ValidationError({"proposals": words.format(name=one.package.name)})
    names = tuple(map(_name, found))
    rows = [row for row in _compared(found) if any(amount is not None for amount in row.amounts)]
    column = _drawn(found, need)
    years = range(1, max(len(one.rows) for one in found) + 1)
    lines = tuple(tuple(_cell(one, year, column) for year in years) for one in found)
    told = tuple(_difference(row.label, row.amounts) for row in rows)
    return Comparison(names, tuple(rows), _(_DRAWN[column]), lines, told)


def needs_met(products: Sequence[str]) -> list[str]:
    """The goals of a needs analysis that every one of these products can fulfil, in the order of the analysis."""
    types = [catalogue.package(code).type for code in products]
    return [goal.value for goal in Goal if all(suitability.meets(kind, [goal]) for kind in types)]


def proposal_names(proposals: Sequence[Mapping[str, Any]], today: dt.date) -> list[str]:
    """What the proposals are of: product and years of payment. Raises ValidationError."""
    return [_name(illustration(values, today)) for values in proposals]


def heads(count: int) -> list[str]:
    """What so many proposals are called where there is little room: they may be of the same product."""
    return [_("方案 {number}").format(number=number) for number in range(1, count + 1)]


def _name(one: Illustration) -> str:
    words = _("{name}，趸交") if one.inputs.pay_years == 1 else _("{name}，{years} 年交")
    return words.format(name=one.package.name, years=one.inputs.pay_years)


def _drawn(found: Sequence[Illustration], need: str) -> str:
    """The amount of the chart. What every life insurance has is told last, so that one is always found."""
    wanted = dict.fromkeys((_DRAWN_FOR.get(need, "cash_value"), *_DRAWN))
    return next((c for c in wanted if all(c in one.columns for one in found)), "cash_value")


def _difference(label: str, amounts: Amounts) -> str:
    """How far the proposals are apart in one row, without a judgement."""
    known = [(amount, number) for number, amount in enumerate(amounts, 1) if amount is not None]
    (low, first), (high, last) = min(known), max(known)
    if len(known) == len(amounts) and low == high:
        return _("{label}：各方案相同，{amount} 元").format(label=label, amount=f"{low:,.2f}")
    missing = "、".join(str(number) for number, amount in enumerate(amounts, 1) if amount is None)
    words = _("{label}：方案 {last} 比方案 {first} 多 {amount} 元")
    told = words.format(label=label, last=last, first=first, amount=f"{high - low:,.2f}") if low != high else label
    return _("{told}；方案 {missing} 没有这一项").format(told=told, missing=missing) if missing else told


def _compared(found: Sequence[Illustration]) -> Iterator[Compared]:
    whole: tuple[tuple[str, Amounts], ...] = (
        (_("每年保费"), tuple(one.premium for one in found)),
        (_("累计保费"), tuple(Decimal(one.rows[-1]["cum_premium"]) for one in found)),
        (_("基本保额"), tuple(one.sum_assured for one in found)),
        (_("每年年金"), tuple(one.annuity for one in found)),
        (_("首年末退保损失"), tuple(one.first_year_loss for one in found)),
    )
    for label, amounts in whole:
        yield Compared(_("交费与保障"), label, label, amounts)
    for column, (group, words) in _COMPARED.items():
        for year in YEARS:
            amounts = tuple(_cell(one, year, column) for one in found)
            yield Compared(_(group), _("第 {year} 年末").format(year=year), _(words).format(year=year), amounts)


def _cell(one: Illustration, year: int, column: str) -> Decimal | None:
    row = one.rows[year - 1] if year <= len(one.rows) else {}
    return Decimal(row[column]) if column in row else None


def bill(told: Mapping[str, Any]) -> Bill:
    """The bill that was typed: amounts in yuan by the names of :class:`Bill`, empty for none paid.

    Raises ValidationError naming the amounts that are none, or below nothing.
    """
    amounts: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in ("covered", "social_paid", "other_paid"):
        try:
            amounts[name] = Decimal(str(told.get(name) or "0").replace(",", ""))
            if not 0 <= amounts[name] <= _LARGEST_BILL:
                raise InvalidOperation
        except InvalidOperation:
            problems[name] = _("请填写 0 至 {most} 的金额").format(most=f"{_LARGEST_BILL:,}")
    if problems:
        raise ValidationError(problems)
    rest: dict[str, Any] = {name: told[name] for name in ("used_social", "day", "accident") if name in told}
    return Bill(**amounts, **rest)


def claim_steps(found: Estimate) -> tuple[Step, ...]:
    """How an estimate comes about, as :func:`explain_cell` tells it of a figure of a table."""
    if len(found.steps) == 1:
        why, nothing = found.steps[0]
        return Step("·", why, nothing), Step("=", _(ESTIMATE_ONLY), found.payable)
    *amounts, (rate_label, rate), (limit_label, limit) = found.steps
    taken = [Step("-" if number else "+", label, abs(amount)) for number, (label, amount) in enumerate(amounts)]
    cut = [Step("≤", limit_label, limit)]
    return (*taken, Step("×", rate_label, rate), *cut, Step("=", _(ESTIMATE_ONLY), found.payable))


def claim_estimate(product: str, bill: Bill) -> Estimate:
    """What a bill would bring under a reimbursement product, as an estimate only (story S23).

    Raises ValidationError for a product that reimburses nothing.
    """
    terms = catalogue.package(product).medical
    if terms is None:
        raise ValidationError({"product": _("这个产品不是费用补偿型医疗保险，不能估算")})
    return estimate(terms, bill)
