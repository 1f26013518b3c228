"""What must be so in a product package before anyone sells from it: each fault in words, all of them at once.

Sources: regulations.csv G01, G04, G06, G09, G16, G17; data dictionary ``product``; limits are dated policy data.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from insuragent.i18n import _
from insuragent.models.product import DesignType, ProductStatus, ProductType
from insuragent.models.staff import AgentLevel
from insuragent.products import package_figures
from insuragent.products.package import GREATEST_AGE, PROMPT_CODES, Package
from insuragent.products.package_look import TABLES, Check, Draft, Look, empty, not_among, out_of_range, values_of
from insuragent.products.package_seal import MANIFEST, SIGNATURE
from insuragent.products.plans import PLANS
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
_CODE, _VERSION = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}"), re.compile(r"\d{1,4}(\.\d{1,4}){0,3}")


def faults_of(draft: Draft, policy: Policy, today: dt.date | None) -> list[str]:
    """Every fault of the content; what needs a field that could not be read is left out, as that was told already."""
    package = object.__new__(Package)
    defaults = {field.name: field.default_factory() for field in fields(Package) if callable(field.default_factory)}
    vars(package).update(defaults | dict(draft.values), tables=draft.tables)
    found: list[str] = []
    for check in _CHECKS:
        with contextlib.suppress(AttributeError) if len(draft.values) < len(draft.told) else contextlib.nullcontext():
            found.extend(check(Look(package, draft.files, policy, today)))
    return found


def notes_on(package: Package, policy: Policy) -> list[str]:
    """What is allowed and yet unusual."""
    usual = Look(package, {}, policy, None).limit("hesitation_days_usual")
    if package.long_term and usual is not None and package.hesitation_days < usual:
        return [_("犹豫期 {days} 日，少于通行的 {usual} 日").format(days=package.hesitation_days, usual=usual)]
    return []


def _kinds(look: Look) -> Iterator[str]:
    """Only what is declared may be chosen; the design must be one that can be computed."""
    package = look.package
    choices: Mapping[str, Sequence[str]] = {
        "type": values_of(ProductType),
        "design_type": values_of(DesignType),
        "status": values_of(ProductStatus),
        "p_level": P_LEVELS,
        "min_agent_level": values_of(AgentLevel),
    }
    for name, known in choices.items():
        if getattr(package, name) not in known:
            yield not_among(name, known)
    designs = DESIGNS.get(package.design_type, ())
    if package.basis.design not in designs:
        yield not_among("basis.design", designs)
    if (package.medical is not None) != (package.basis.design == "medical"):
        yield _("medical 与 basis.design 不一致")


def _names(look: Look) -> Iterator[str]:
    package = look.package
    if not _CODE.fullmatch(package.code):
        yield _("{name} 的格式不正确").format(name="code")
    if not _VERSION.fullmatch(package.version):
        yield _("{name} 的格式不正确").format(name="version")
    if package.sample and "演示" not in package.name:
        yield _("演示产品的名称必须含“演示”")
    for name in ("name", "filing_no", "insured_period", "waiting_scope", "summary", "suits", "surrender"):
        if not getattr(package, name).strip():
            yield empty(name)
    for field in fields(package.company):
        if not getattr(package.company, field.name).strip():
            yield empty(f"company.{field.name}")


def _words(look: Look) -> Iterator[str]:
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
            yield empty(name)
    if package.is_new_type and not package.statement:
        yield _("新型产品缺少抄录语句")


def _benefits(look: Look) -> Iterator[str]:
    package = look.package
    benefits, exclusions = package.coverage, package.exclusions
    if not benefits or not all(one.code and one.name and one.amount and one.condition for one in benefits):
        yield empty("coverage")
    if len({one.code for one in benefits}) < len(benefits):
        yield _("{name} 中有重复的编号").format(name="coverage")
    if not exclusions or not all(one.text.strip() for one in exclusions):
        yield empty("exclusions")
    if [one.number for one in exclusions] != list(range(1, len(exclusions) + 1)):
        yield _("责任免除应从 1 起逐条编号")


def _documents(look: Look) -> Iterator[str]:
    """Documents lie inside the package; a file that nothing speaks of has no place in it."""
    named = {document.file for document in look.package.docs}
    if not named:
        yield empty("docs")
    yield from (_("缺少文件 {name}").format(name=name) for name in sorted(named - look.files.keys()))
    tables = {f"{name}.csv" for names in TABLES.values() for name in names}
    known = named | tables | {"product.yaml", MANIFEST, SIGNATURE}
    yield from (_("没有提到的文件 {name}").format(name=name) for name in sorted(look.files.keys() - known))


def _status(look: Look) -> Iterator[str]:
    package = look.package
    if package.status in ("notice_withdraw", "withdrawn") and package.withdraw_from is None:
        yield _("停售的产品缺少 withdraw_from")
    if look.today is not None and package.filed_on > look.today:
        yield _("备案日 {day} 在将来").format(day=package.filed_on.isoformat())


def _entry(look: Look) -> Iterator[str]:
    entry, basis = look.package.entry, look.package.basis
    if not 0 <= entry.age_min <= entry.age_max <= GREATEST_AGE:
        yield _("投保年龄 {low} 至 {high} 不合理").format(low=entry.age_min, high=entry.age_max)
    if not 0 <= entry.age_min_days <= 365:
        yield out_of_range("entry.age_min_days")
    if not entry.pay_years or min(entry.pay_years) < 1 or len(set(entry.pay_years)) < len(entry.pay_years):
        yield out_of_range("entry.pay_years")
    if any(not entry.age_min < age <= basis.last_age for age in entry.to_ages):
        yield out_of_range("entry.to_ages")
    if any(limit.age_max > entry.age_max or limit.sex not in ("M", "F") for limit in entry.age_limits):
        yield out_of_range("entry.age_limits")
    for name in ("premium", "sum_assured"):
        low, high = getattr(entry, f"{name}_min"), getattr(entry, f"{name}_max")
        if (low is not None and low <= 0) or (high is not None and high < (low or 0)):
            yield out_of_range(f"entry.{name}")
    if look.package.pay_modes.get("annual") != 1 or not all(
        0 < share <= 1 for share in look.package.pay_modes.values()
    ):
        yield out_of_range("pay_modes")


def _periods(look: Look) -> Iterator[str]:
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


_CHECKS: tuple[Check, ...] = (
    _kinds, _names, _words, _benefits, _documents, _status, _entry, _periods, *package_figures.CHECKS,
)  # fmt: skip
