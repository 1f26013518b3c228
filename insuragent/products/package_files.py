"""Reading product packages from their folders, with every fault told at once."""

import dataclasses
import hashlib
import typing
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from insuragent.errors import BadFile
from insuragent.i18n import N_, _
from insuragent.products.package import PROMPT_CODES, Case, Package, Tables
from insuragent.products.plain_files import read_table, read_yaml
from insuragent.products.pricing import percent
from insuragent.rules.policy import Policy
from insuragent.settings import resource

_READ_APART = ("tables", "content_hash")
_HEALTH = ("critical_illness", "medical", "care")


def load_catalogue(policy: Policy, folder: Path | None = None) -> dict[str, Package]:
    """Every package in ``folder`` (by default the bundled catalogue), by product code. Raises BadFile."""
    source = folder or resource("catalogue")
    packages = (read_package(file.parent, policy) for file in sorted(source.glob("*/product.yaml")))
    return {package.code: package for package in packages}


def read_package(folder: Path, policy: Policy) -> Package:
    """The package in ``folder``. Raises BadFile that lists all faults, so that they can be mended in one go."""
    told = read_yaml(folder / "product.yaml")
    values, faults = _typed_values(told)
    if not faults:
        package = Package(**values, tables=read_tables(folder), content_hash=content_hash(folder))
        faults = list(_faults(package, folder, policy))
        if not faults:
            return package
    raise BadFile(
        N_("产品包 {name} 不能使用：{faults}"), name=str(told.get("code") or folder.name), faults="；".join(faults)
    )


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a package, in the order of their names, hidden ones left out."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.name.startswith("."):
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _typed_values(told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    types = typing.get_type_hints(Package)
    values, faults = {}, []
    for field in dataclasses.fields(Package):
        if field.name in _READ_APART:
            continue
        if field.name not in told:
            needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            faults += [_("缺少 {name}").format(name=field.name)] if needed else []
            continue
        try:
            values[field.name] = msgspec.convert(told[field.name], types[field.name])
        except msgspec.ValidationError as error:
            faults.append(_("{name} 的内容不能读取（{detail}）").format(name=field.name, detail=error))
    return values, faults


def _faults(package: Package, folder: Path, policy: Policy) -> Iterable[str]:
    """What is wrong with a package that can be read (regulations.csv G01, G06, G09, G16, G17)."""
    if package.sample and "演示" not in package.name:
        yield _("演示产品的名称必须含“演示”")
    for code in PROMPT_CODES:
        if not package.prompt_items.get(code, "").strip():
            yield _("缺少明确提示项 {code}").format(code=code)
    for name in ("coverage", "exclusions", "risk_hints", "service_promises", "complaint_ways", "claim_steps"):
        if not getattr(package, name):
            yield _("{name} 不能为空").format(name=name)
    if package.is_new_type and not package.statement:
        yield _("新型产品缺少抄录语句")
    for document in package.docs:
        if not (folder / document.file).is_file():
            yield _("缺少文件 {name}").format(name=document.file)
    yield from _limit_faults(package, policy)
    if package.medical is None and not {"M", "F"} <= package.tables.decrements.keys():
        yield _("缺少男女发生率表")


def _limit_faults(package: Package, policy: Policy) -> Iterable[str]:
    on = package.filed_on
    longest = policy.count("waiting_days_most", on)
    if package.waiting_days > longest:
        yield _("等待期不能超过 {days} 日").format(days=longest)
    least = policy.count("hesitation_days_least_health", on)
    if package.long_term and package.type in _HEALTH and package.hesitation_days < least:
        yield _("长期健康保险的犹豫期不能少于 {days} 日").format(days=least)
    if package.long_term and package.grace_days != policy.count("grace_days", on):
        yield _("宽限期应为 {days} 日").format(days=policy.count("grace_days", on))
    name = f"pricing_rate_ceiling.{package.design_type}"
    if name in policy.values and package.status != "legacy" and package.pricing_rate > policy.rate(name, on):
        yield _("预定利率 {rate} 超过备案日上限 {ceiling}").format(
            rate=percent(package.pricing_rate), ceiling=percent(policy.rate(name, on))
        )
    if package.design_type == "participating" and package.basis.dividend_share < policy.rate("min_dividend_share", on):
        yield _("可分配盈余的分配比例低于 {share}").format(share=percent(policy.rate("min_dividend_share", on)))


def read_tables(folder: Path) -> Tables:
    """The figures in a package's folder; a table that is not there stays empty. Raises BadFile naming the file."""
    readers = {
        "decrements": ("decrements.csv", _read_decrements),
        "rates": ("rates.csv", _read_rates),
        "cash_values": ("cash_values.csv", _read_cash_values),
        "bands": ("bands.csv", _read_bands),
    }
    found: dict[str, Any] = {}
    for name, (file, reader) in readers.items():
        if (folder / file).exists():
            try:
                found[name] = reader(read_table(folder / file))
            except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=file) from error
    return Tables(**found)


_Rows = list[dict[str, str]]


def _read_decrements(rows: _Rows) -> dict[str, dict[int, Decimal]]:
    return {sex: {int(row["age"]): Decimal(row[sex]) for row in rows} for sex in ("M", "F")}


def _read_rates(rows: _Rows) -> dict[Case, Decimal]:
    return {_case(row): Decimal(row["per_1000"]) for row in rows}


def _read_cash_values(rows: _Rows) -> dict[Case, tuple[str, ...]]:
    # Kept as text: a sheet reads one row of hundreds, and turning all of them into numbers would take longer.
    return {_case(row): tuple(row["by_year"].split()) for row in rows}


def _read_bands(rows: _Rows) -> tuple[tuple[int, int, Decimal, Decimal], ...]:
    return tuple(
        (int(row["age_from"]), int(row["age_to"]), Decimal(row["with_social"]), Decimal(row["without_social"]))
        for row in rows
    )


def _case(row: Mapping[str, str]) -> Case:
    return row["sex"], int(row["age"]), int(row["to_age"]), int(row["pay_years"])
