"""What must be so in a product package before anyone sells from it: each fault in words, all of them at once.

Sources: regulations.csv G01, G04, G06, G09, G16, G17; data dictionary ``product``; limits are dated policy data.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple

from insuragent.errors import BadFile
from insuragent.i18n import _
from insuragent.models.fields import Choice
from insuragent.models.product import DesignType, ProductStatus, ProductType
from insuragent.models.staff import AgentLevel
from insuragent.products.package import PROMPT_CODES, Case, Package, Tables
from insuragent.products.package_archive import Files
from insuragent.products.package_seal import MANIFEST, SIGNATURE
from insuragent.products.plans import PLANS
from insuragent.products.pricing import percent
from insuragent.rules.policy import Policy

P_LEVELS = ("P1", "P2", "P3", "P4", "P5")
#: The designs that can be computed for each way of sharing results; what is linked to funds cannot be.
DESIGNS: Mapping[str, tuple[str, ...]] = {
    "ordinary": (*PLANS, "medical"),
    "participating": tuple(PLANS),
    "universal": ("universal",),
    "linked": (),
}
_HEALTH = ("critical_illness", "medical", "care")
_GREATEST_AGE = 105
_CODE, _VERSION = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}"), re.compile(r"\d{1,4}(\.\d{1,4}){0,3}")
_AMOUNTS = re.compile(r"\d+(\.\d+)?( \d+(\.\d+)?)*")
#: Of one kind of fault in a table so many are told by name, the rest by number.
_TOLD = 3
_TABLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(PLANS, ("decrements", "rates", "cash_values")),
    "universal": ("decrements",),
    "medical": ("bands",),
}


class Draft(NamedTuple):
    """A package that is being judged: product.yaml as ``told``, the fields that could be read, tables and files."""

    told: Mapping[str, Any]
    values: Mapping[str, Any]
    tables: Tables
    files: Files


def faults_of(draft: Draft, policy: Policy, today: dt.date | None) -> list[str]:
    """Every fault of the content; what needs a field that could not be read is left out, as that was told already."""
    package = object.__new__(Package)
    defaults = {field.name: field.default_factory() for field in fields(Package) if callable(field.default_factory)}
    vars(package).update(defaults | dict(draft.values), tables=draft.tables)
    found: list[str] = []
    for check in _CHECKS:
        with contextlib.suppress(AttributeError) if len(draft.values) < len(draft.told) else contextlib.nullcontext():
            found.extend(check(_Look(package, draft.files, policy, today)))
    return found


@dataclass(frozen=True)
class _Look:
    """What a check looks at."""

    package: Package
    files: Files
    policy: Policy
    today: dt.date | None

    def limit(self, name: str) -> Decimal | None:
        """A policy value as it held on the filing date; None before the first one."""
        with contextlib.suppress(BadFile):
            return self.policy.rate(name, self.package.filed_on)
        return None


_Check = Callable[[_Look], Iterator[str]]


def _kinds(look: _Look) -> Iterator[str]:
    """Only what is declared may be chosen; the design must be one that can be computed."""
    package = look.package
    choices: Mapping[str, Sequence[str]] = {
        "type": _values(ProductType),
        "design_type": _values(DesignType),
        "status": _values(ProductStatus),
        "p_level": P_LEVELS,
        "min_agent_level": _values(AgentLevel),
    }
    for name, known in choices.items():
        if getattr(package, name) not in known:
            yield _not_among(name, known)
    designs = DESIGNS.get(package.design_type, ())
    if package.basis.design not in designs:
        yield _not_among("basis.design", designs)
    if (package.medical is not None) != (package.basis.design == "medical"):
        yield _("medical 与 basis.design 不一致")


def _names(look: _Look) -> Iterator[str]:
    package = look.package
    if not _CODE.fullmatch(package.code):
        yield _("{name} 的格式不正确").format(name="code")
    if not _VERSION.fullmatch(package.version):
        yield _("{name} 的格式不正确").format(name="version")
    if package.sample and "演示" not in package.name:
        yield _("演示产品的名称必须含“演示”")
    for name in ("name", "filing_no", "insured_period", "waiting_scope", "summary", "suits", "surrender"):
        if not getattr(package, name).strip():
            yield _empty(name)
    for field in fields(package.company):
        if not getattr(package.company, field.name).strip():
            yield _empty(f"company.{field.name}")


def _words(look: _Look) -> Iterator[str]:
    """What must be told to the customer is there, and none of it is blank (R3.1a)."""
    package = look.package
    for code in PROMPT_CODES:
        if not package.prompt_items.get(code, "").strip():
            yield _("缺少明确提示项 {code}").format(code=code)
    for code in sorted(package.prompt_items.keys() - set(PROMPT_CODES)):
        yield _("没有明确提示项 {code}").format(code=code)
    needed = ["fees", "rights", "risk_hints", "service_promises", "complaint_ways", "claim_steps"]
    for name in needed + ["health_questions"] * (package.type in _HEALTH):
        texts = getattr(package, name)
        if not texts or not all(text.strip() for text in texts):
            yield _empty(name)
    if package.is_new_type and not package.statement:
        yield _("新型产品缺少抄录语句")


def _benefits(look: _Look) -> Iterator[str]:
    package = look.package
    benefits, exclusions = package.coverage, package.exclusions
    if not benefits or not all(one.code and one.name and one.amount and one.condition for one in benefits):
        yield _empty("coverage")
    if len({one.code for one in benefits}) < len(benefits):
        yield _("{name} 中有重复的编号").format(name="coverage")
    if not exclusions or not all(one.text.strip() for one in exclusions):
        yield _empty("exclusions")
    if [one.number for one in exclusions] != list(range(1, len(exclusions) + 1)):
        yield _("责任免除应从 1 起逐条编号")


def _documents(look: _Look) -> Iterator[str]:
    """Documents lie inside the package; a file that nothing speaks of has no place in it."""
    named = {document.file for document in look.package.docs}
    if not named:
        yield _empty("docs")
    yield from (_("缺少文件 {name}").format(name=name) for name in sorted(named - look.files.keys()))
    tables = {f"{name}.csv" for names in _TABLES.values() for name in names}
    known = named | tables | {"product.yaml", MANIFEST, SIGNATURE}
    yield from (_("没有提到的文件 {name}").format(name=name) for name in sorted(look.files.keys() - known))


def _status(look: _Look) -> Iterator[str]:
    package = look.package
    if package.status in ("notice_withdraw", "withdrawn") and package.withdraw_from is None:
        yield _("停售的产品缺少 withdraw_from")
    if look.today is not None and package.filed_on > look.today:
        yield _("备案日 {day} 在将来").format(day=package.filed_on.isoformat())


def _entry(look: _Look) -> Iterator[str]:
    entry, basis = look.package.entry, look.package.basis
    if not 0 <= entry.age_min <= entry.age_max <= _GREATEST_AGE:
        yield _("投保年龄 {low} 至 {high} 不合理").format(low=entry.age_min, high=entry.age_max)
    if not 0 <= entry.age_min_days <= 365:
        yield _out_of_range("entry.age_min_days")
    if not entry.pay_years or min(entry.pay_years) < 1 or len(set(entry.pay_years)) < len(entry.pay_years):
        yield _out_of_range("entry.pay_years")
    if any(not entry.age_min < age <= basis.last_age for age in entry.to_ages):
        yield _out_of_range("entry.to_ages")
    if any(limit.age_max > entry.age_max or limit.sex not in ("M", "F") for limit in entry.age_limits):
        yield _out_of_range("entry.age_limits")
    for name in ("premium", "sum_assured"):
        low, high = getattr(entry, f"{name}_min"), getattr(entry, f"{name}_max")
        if (low is not None and low <= 0) or (high is not None and high < (low or 0)):
            yield _out_of_range(f"entry.{name}")
    if look.package.pay_modes.get("annual") != 1 or not all(
        0 < share <= 1 for share in look.package.pay_modes.values()
    ):
        yield _out_of_range("pay_modes")


def _periods(look: _Look) -> Iterator[str]:
    """Waiting, thinking over, grace and revival, by the law of the filing date (G01, G16; 保险法 36, 37)."""
    package, most = look.package, look.limit("waiting_days_most")
    medical = package.medical.waiting_days if package.medical else 0
    waits = (package.waiting_days, medical, *(one.waiting_days for one in package.coverage))
    if min(waits) < 0 or (most is not None and max(waits) > most):
        yield _("等待期不能超过 {days} 日").format(days=most)
    if not package.long_term:
        return
    health = package.type in _HEALTH
    least = look.limit("hesitation_days_least_health" if health else "hesitation_days_least")
    if least is not None and package.hesitation_days < least:
        words = _("长期健康保险的犹豫期不能少于 {days} 日") if health else _("犹豫期不能少于 {days} 日")
        yield words.format(days=least)
    grace, revival = look.limit("grace_days"), look.limit("revival_years")
    if grace is not None and package.grace_days != grace:
        yield _("宽限期应为 {days} 日").format(days=grace)
    if revival is not None and package.revival_years < revival:
        yield _("复效期不能少于 {years} 年").format(years=revival)


def _rates(look: _Look) -> Iterator[str]:
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
    if ceiling is None and package.design_type in _values(DesignType) and basis.design != "medical":
        yield _("规则数据中没有备案日 {day} 的预定利率上限").format(day=package.filed_on.isoformat())
    share = look.limit("min_dividend_share")
    if package.design_type == "participating" and share is not None and basis.dividend_share < share:
        yield _("可分配盈余的分配比例低于 {share}").format(share=percent(share))
    if package.fulfilment and package.design_type != "participating":
        yield _("只有分红型产品有红利实现率")


def _basis(look: _Look) -> Iterator[str]:
    basis = look.package.basis
    shares = [
        "interest", "surrender_least", "growth", "first_year_cover_share", "first_year_premium_share",
        "dividend_share", "accumulation_rate", "illustrated_rate", "single_fee",
    ]  # fmt: skip
    for name in shares:
        if not 0 <= getattr(basis, name) <= 1:
            yield _out_of_range(f"basis.{name}")
    for name in ("expenses", "surrender_charges"):
        if not all(0 <= share < 1 for share in getattr(basis, name)):
            yield _out_of_range(f"basis.{name}")
    if basis.design in (*PLANS, "universal") and not basis.expenses:
        yield _empty("basis.expenses")
    ages = [age for age, _share in basis.death_multiples]
    if ages != sorted(set(ages)) or not all(0 <= share <= 10 for _age, share in basis.death_multiples):
        yield _out_of_range("basis.death_multiples")
    if basis.design in ("increasing", "universal") and (not ages or ages[0] > look.package.entry.age_min):
        yield _out_of_range("basis.death_multiples")
    if not look.package.entry.age_max < basis.last_age <= _GREATEST_AGE or basis.surrender_years < 1:
        yield _out_of_range("basis.last_age")
    first, starts = basis.annuity_from, basis.design == "annuity"
    if (first != 0) != starts or (starts and not look.package.entry.age_max < first < basis.last_age):
        yield _out_of_range("basis.annuity_from")


def _universal_fees(look: _Look) -> Iterator[str]:
    """A universal product tells all its charges, and none is above what is allowed (保监发〔2015〕19号)."""
    package, basis = look.package, look.package.basis
    if package.design_type != "universal":
        return
    for name in ("surrender_charges", "illustrated_years", "single_fee"):
        if not getattr(basis, name):
            yield _empty(f"basis.{name}")
    if package.guarantee_years < 1:
        yield _empty("guarantee_years")
    cap = look.limit("universal_illustration_cap")
    if basis.illustrated_rate < basis.interest or (cap is not None and basis.illustrated_rate > cap):
        yield _out_of_range("basis.illustrated_rate")
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


def _medical(look: _Look) -> Iterator[str]:
    terms = look.package.medical
    if terms is None:
        return
    for name in ("rate_with_social", "rate_without_social"):
        if not 0 < getattr(terms, name) <= 1:
            yield _out_of_range(f"medical.{name}")
    if terms.deductible < 0 or terms.annual_limit <= 0:
        yield _out_of_range("medical.annual_limit")
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


def _tables(look: _Look) -> Iterator[str]:
    """The tables that the design needs are there, and no others."""
    needed = _TABLES.get(look.package.basis.design)
    if needed is None:
        return
    for name in ("decrements", "rates", "cash_values", "bands"):
        there = f"{name}.csv" in look.files
        if name in needed and not there:
            yield _("缺少文件 {name}").format(name=f"{name}.csv")
        if there and name not in needed:
            yield _("没有提到的文件 {name}").format(name=f"{name}.csv")


def _decrements(look: _Look) -> Iterator[str]:
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


def _cases(look: _Look) -> Iterator[str]:
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
                for age in range(max(entry.age_min, 0), min(oldest, _GREATEST_AGE) + 1):
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


def _values(choices: type[Choice]) -> tuple[str, ...]:
    return tuple(choice.value for choice in choices)


def _not_among(name: str, known: Sequence[str]) -> str:
    return _("{name} 应为 {choices} 之一").format(name=name, choices="、".join(known) or "–")


def _empty(name: str) -> str:
    return _("{name} 不能为空").format(name=name)


def _out_of_range(name: str) -> str:
    return _("{name} 超出范围").format(name=name)


_CHECKS: tuple[_Check, ...] = (
    _kinds, _names, _words, _benefits, _documents, _status, _entry, _periods, _rates, _basis, _universal_fees,
    _medical, _tables, _decrements, _cases,
)  # fmt: skip
