"""What must be so in the figures of a product package: rates, charges, and tables for every case that may be sold.

Sources: regulations.csv G06, G09; 保监发〔2015〕19号 for universal products; limits are dated policy data.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from insuragent.errors import BadFile
from insuragent.i18n import _
from insuragent.models.product import DesignType
from insuragent.products.package import GREATEST_AGE, Case, Package
from insuragent.products.package_look import TABLES, Check, Look, empty, out_of_range, values_of
from insuragent.products.plans import PLANS
from insuragent.products.pricing import percent

_AMOUNTS = re.compile(r"\d+(\.\d+)?( \d+(\.\d+)?)*")
#: Of one kind of fault in a table so many are told by name, the rest by number.
_TOLD = 3


def _rates(look: Look) -> Iterator[str]:
    """The rate that was filed is the one that is computed with, and not above the ceiling of its day (G06)."""
    package, basis = look.package, look.package.basis
    if basis.interest != package.pricing_rate:
        yield _("basis.interest {interest} 与预定利率 {rate} 不一致").format(
            interest=percent(basis.interest), rate=percent(package.pricing_rate)
        )
    ceiling = look.limit(f"pricing_rate_ceiling.{package.design_type}")
    rate = max(package.pricing_rate, basis.interest)
    if ceiling is not None and package.status != "legacy" and rate > ceiling:
        yield _("预定利率 {rate} 超过备案日上限 {ceiling}").format(rate=percent(rate), ceiling=percent(ceiling))
    unknown = ceiling is None and package.status != "legacy" and basis.design != "medical"
    if unknown and package.design_type in values_of(DesignType):
        yield _("规则数据中没有备案日 {day} 的预定利率上限").format(day=package.filed_on.isoformat())
    share = look.limit("min_dividend_share")
    if package.design_type == "participating" and share is not None and basis.dividend_share < share:
        yield _("可分配盈余的分配比例低于 {share}").format(share=percent(share))
    if package.fulfilment and package.design_type != "participating":
        yield _("只有分红型产品有红利实现率")


def _basis(look: Look) -> Iterator[str]:
    basis = look.package.basis
    shares = [
        "interest", "surrender_least", "growth", "first_year_cover_share", "first_year_premium_share",
        "dividend_share", "accumulation_rate", "illustrated_rate", "single_fee",
    ]  # fmt: skip
    for name in shares:
        if not 0 <= getattr(basis, name) <= 1:
            yield out_of_range(f"basis.{name}")
    for name in ("expenses", "surrender_charges"):
        if not all(0 <= share < 1 for share in getattr(basis, name)):
            yield out_of_range(f"basis.{name}")
    if basis.design in (*PLANS, "universal") and not basis.expenses:
        yield empty("basis.expenses")
    ages = [age for age, _share in basis.death_multiples]
    if ages != sorted(set(ages)) or not all(0 <= share <= 10 for _age, share in basis.death_multiples):
        yield out_of_range("basis.death_multiples")
    if basis.design in ("increasing", "universal") and (not ages or ages[0] > look.package.entry.age_min):
        yield out_of_range("basis.death_multiples")
    if not look.package.entry.age_max < basis.last_age <= GREATEST_AGE or basis.surrender_years < 1:
        yield out_of_range("basis.last_age")
    first, starts = basis.annuity_from, basis.design == "annuity"
    if (first != 0) != starts or (starts and not look.package.entry.age_max < first < basis.last_age):
        yield out_of_range("basis.annuity_from")


def _universal_fees(look: Look) -> Iterator[str]:
    """A universal product tells all its charges, and none is above what is allowed (保监发〔2015〕19号)."""
    package, basis = look.package, look.package.basis
    if package.design_type != "universal":
        return
    for name in ("surrender_charges", "illustrated_years", "single_fee"):
        if not getattr(basis, name):
            yield empty(f"basis.{name}")
    if package.guarantee_years < 1:
        yield empty("guarantee_years")
    cap = look.limit("universal_illustration_cap")
    if basis.illustrated_rate < basis.interest or (cap is not None and basis.illustrated_rate > cap):
        yield out_of_range("basis.illustrated_rate")
    with contextlib.suppress(BadFile):
        most = [Decimal(n) / 100 for n in look.policy.counts("universal_initial_fee_percents", package.filed_on)]
        yield from _above("basis.expenses", basis.expenses, most)
        most = [Decimal(n) / 100 for n in look.policy.counts("universal_surrender_percents", package.filed_on)]
        yield from _above("basis.surrender_charges", basis.surrender_charges, most)
    most_single = look.limit("universal_single_fee_most")
    if most_single is not None and basis.single_fee > most_single:
        yield _("{name} 超过上限 {limit}").format(name="basis.single_fee", limit=percent(most_single))


def _above(name: str, charges: Sequence[Decimal], most: Sequence[Decimal]) -> Iterator[str]:
    """The years of which a charge is above the cap; the last entry of each holds for all years after it."""
    for year in range(max(len(charges), len(most)) if charges else 0):
        charge, limit = charges[min(year, len(charges) - 1)], most[min(year, len(most) - 1)]
        if charge > limit:
            yield _("{name} 第 {year} 年超过上限 {limit}").format(name=name, year=year + 1, limit=percent(limit))


def _medical(look: Look) -> Iterator[str]:
    terms = look.package.medical
    if terms is None:
        return
    for name in ("rate_with_social", "rate_without_social"):
        if not 0 < getattr(terms, name) <= 1:
            yield out_of_range(f"medical.{name}")
    if terms.deductible < 0 or terms.annual_limit <= 0:
        yield out_of_range("medical.annual_limit")
    bands, entry = look.package.tables.bands, look.package.entry
    if not bands:
        return
    starts, ends = [band[0] for band in bands], [band[1] for band in bands]
    gaps = any(start != end + 1 for start, end in zip(starts[1:], ends, strict=False))
    if (
        gaps
        or starts[0] > entry.age_min
        or ends[-1] < entry.age_max
        or any(a > b for a, b in zip(starts, ends, strict=True))
    ):
        yield _("{table} 没有连续地覆盖投保年龄").format(table="bands.csv")
    if any(premium <= 0 for band in bands for premium in band[2:]):
        yield _("{table} 中有不合理的数字").format(table="bands.csv")


def _tables(look: Look) -> Iterator[str]:
    """The tables that the design needs are there, and no others."""
    needed = TABLES.get(look.package.basis.design)
    if needed is None:
        return
    for name in ("decrements", "rates", "cash_values", "bands"):
        there = f"{name}.csv" in look.files
        if name in needed and not there:
            yield _("缺少文件 {name}").format(name=f"{name}.csv")
        if there and name not in needed:
            yield _("没有提到的文件 {name}").format(name=f"{name}.csv")


def _decrements(look: Look) -> Iterator[str]:
    package, tables = look.package, look.package.tables.decrements
    if "decrements.csv" not in look.files:
        if package.basis.design in (*PLANS, "universal"):
            yield _("缺少男女发生率表")
        return
    ages = set(range(package.entry.age_min, package.basis.last_age))
    for column in tables.values():
        if not ages <= column.keys():
            yield _("{table} 没有连续地覆盖投保年龄").format(table="decrements.csv")
        if not all(0 <= rate <= 1 for rate in column.values()):
            yield _("{table} 中有不合理的数字").format(table="decrements.csv")


def _cases(look: Look) -> Iterator[str]:
    """Every case that may be sold has its price and its cash values, and nothing stands there that may not."""
    package, tables = look.package, look.package.tables
    if package.basis.design not in PLANS:
        return
    cases = set(sold_cases(package))
    for name, table in (("rates.csv", tables.rates), ("cash_values.csv", tables.cash_values)):
        if table:
            yield from _some(_("{table} 缺少 {cases}"), name, cases - table.keys())
            yield from _some(_("{table} 多出 {cases}"), name, table.keys() - cases)
    yield from _some(
        _("{table} 中 {cases} 的数字不合理"), "rates.csv", {c for c, rate in tables.rates.items() if not rate > 0}
    )
    odd = {case for case, row in tables.cash_values.items() if not _AMOUNTS.fullmatch(row)}
    short = {case for case, row in tables.cash_values.items() if row.count(" ") + 1 != case[2] - case[1]}
    yield from _some(_("{table} 中 {cases} 的数字不合理"), "cash_values.csv", odd)
    yield from _some(_("{table} 中 {cases} 的年数不对"), "cash_values.csv", short - odd)


def sold_cases(package: Package) -> Iterator[Case]:
    """Every case that the rules of entry allow."""
    entry = package.entry
    for to_age in entry.to_ages or (None,):
        for pay_years in entry.pay_years:
            for sex in ("M", "F"):
                oldest = min(package.age_most(sex, pay_years, to_age), package.paid_up_by(to_age) - pay_years)
                for age in range(max(entry.age_min, 0), min(oldest, GREATEST_AGE) + 1):
                    yield package.case(sex, age, pay_years, to_age)


def _some(words: str, table: str, cases: set[Case]) -> Iterator[str]:
    if not cases:
        return
    told = "、".join(
        _("{sex} {age} 岁保至 {to_age} 岁 {pay} 年交").format(sex=s, age=a, to_age=t, pay=p)
        for s, a, t, p in sorted(cases)[:_TOLD]
    )
    if len(cases) > _TOLD:
        told = _("{some} 等 {count} 种情形").format(some=told, count=len(cases))
    yield words.format(table=table, cases=told)


CHECKS: tuple[Check, ...] = (_rates, _basis, _universal_fees, _medical, _tables, _decrements, _cases)
