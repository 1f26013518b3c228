"""Reading product packages from their files, with every fault told at once."""

import contextlib
import dataclasses
import datetime as dt
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from insuragent.errors import BadFile
from insuragent.i18n import N_, _
from insuragent.products.package import Case, Package, Tables
from insuragent.products.package_archive import Files, open_files, unpack
from insuragent.products.package_checks import faults_of, notes_on
from insuragent.products.package_look import Draft
from insuragent.products.package_seal import DEMO_KEY, SealKey, content_hash, seal_faults
from insuragent.products.plain_files import parse_table, parse_yaml
from insuragent.rules.policy import Policy
from insuragent.settings import resource

PRODUCT = "product.yaml"
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_READ_APART = ("tables", "content_hash")
_LARGEST_WORDS = 1024**2


def load_catalogue(policy: Policy, folder: Path | None = None) -> dict[str, Package]:
    """Every package in ``folder`` (by default the bundled catalogue), by product code. Raises BadFile."""
    source = folder or resource("catalogue")
    packages = (read_package(file.parent, policy) for file in sorted(source.glob(f"*/{PRODUCT}")))
    return {package.code: package for package in packages}


def read_package(
    path: Path, policy: Policy, keys: Sequence[SealKey] = (DEMO_KEY,), today: dt.date | None = None
) -> Package:
    """The package in the folder or zip at ``path``, signed by one of ``keys`` and without fault.

    ``today`` is given where a package is taken in, to refuse one that is filed in the future. Raises BadFile that
    lists all faults, so that they can be mended in one go.
    """
    return _package(path.name, open_files(path), policy, keys, today)


def read_zip(data: bytes, policy: Policy, keys: Sequence[SealKey], today: dt.date | None = None) -> Package:
    """The same from the bytes of a zip."""
    return _package("zip", unpack(data, "zip"), policy, keys, today)


def restore_package(data: bytes) -> Package:
    """The package in the bytes of a zip that was without fault when it was taken in. Raises BadFile."""
    files = unpack(data, "zip")
    told = parse_yaml(PRODUCT, files[PRODUCT])
    return _made(Draft(told, _typed_values(told)[0], _read_tables(files, []), files))


@dataclass(frozen=True)
class Judgement:
    """What was found out about a package: every fault, and what is no fault but worth a look."""

    code: str
    version: str
    content_hash: str
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def judge(files: Files, policy: Policy, keys: Sequence[SealKey] | None, today: dt.date | None) -> Judgement:
    """Look at a package's files without using them; without ``keys``, as before sealing, the seal is passed over."""
    draft, faults = _judged(files, policy, keys, today)
    code, version = str(draft.told.get("code", "")), str(draft.told.get("version", ""))
    notes = () if faults else notes_on(_made(draft), policy)
    return Judgement(code, version, content_hash(files), tuple(faults), tuple(notes))


def _package(name: str, files: Files, policy: Policy, keys: Sequence[SealKey], today: dt.date | None) -> Package:
    draft, faults = _judged(files, policy, keys, today)
    if faults:
        told = str(draft.told.get("code") or name)
        raise BadFile(N_("产品包 {name} 不能使用：{faults}"), name=told, faults="；".join(faults))
    return _made(draft)


def _made(draft: Draft) -> Package:
    return Package(**draft.values, tables=draft.tables, content_hash=content_hash(draft.files))


def _judged(
    files: Files, policy: Policy, keys: Sequence[SealKey] | None, today: dt.date | None
) -> tuple[Draft, list[str]]:
    faults: list[str] = []
    told: Mapping[str, Any] = {}
    if PRODUCT not in files:
        faults.append(_("缺少文件 {name}").format(name=PRODUCT))
    elif len(files[PRODUCT]) > _LARGEST_WORDS:
        faults.append(_("文件过大，超过 {limit} MB").format(limit=1))
    else:
        with _told(faults):
            told = parse_yaml(PRODUCT, files[PRODUCT])
    if keys is not None:
        faults += seal_faults(files, told, keys)
    values, unreadable = _typed_values(told) if told else ({}, [])
    draft = Draft(told, values, _read_tables(files, faults), files)
    return draft, [*faults, *unreadable, *(faults_of(draft, policy, today) if told else ())]


@contextlib.contextmanager
def _told(faults: list[str]) -> Iterator[None]:
    try:
        yield
    except BadFile as error:
        faults.append(str(error))


def _typed_values(told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that can be read, and what is wrong with the others: missing, of a wrong type, or unknown."""
    types = typing.get_type_hints(Package)
    values, faults = {}, [_("不认识的字段 {name}").format(name=name) for name in _unknown(told, Package, "")]
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


def _unknown(told: Any, kind: Any, place: str) -> Iterator[str]:
    """The keys of plain values that the declared ``kind`` does not have, by their whole path."""
    if dataclasses.is_dataclass(kind) and isinstance(told, Mapping):
        types = typing.get_type_hints(kind)
        known = types.keys() - set(_READ_APART) if kind is Package else types.keys()
        for name, value in told.items():
            if name in known:
                yield from _unknown(value, types[name], f"{place}{name}.")
            else:
                yield f"{place}{name}"
    elif isinstance(told, list):
        for part in typing.get_args(kind):
            if dataclasses.is_dataclass(part):
                yield from (found for one in told for found in _unknown(one, part, place))
    elif isinstance(told, Mapping):
        for part in typing.get_args(kind):
            yield from _unknown(told, part, place) if dataclasses.is_dataclass(part) else ()


def _read_tables(files: Files, faults: list[str]) -> Tables:
    """The figures among a package's files; a table that is not there or cannot be read stays empty."""
    readers: Mapping[str, Callable[[_Rows], Any]] = {
        "decrements": _read_decrements,
        "rates": _read_rates,
        "cash_values": _read_cash_values,
        "bands": _read_bands,
    }
    found: dict[str, Any] = {}
    for name, reader in readers.items():
        file = f"{name}.csv"
        if file in files:
            with _told(faults):
                try:
                    found[name] = reader(parse_table(file, files[file]))
                except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                    raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=file) from error
    return Tables(**found)


_Rows = list[dict[str, str]]


def _read_decrements(rows: _Rows) -> dict[str, dict[int, Decimal]]:
    return {sex: _once((int(row["age"]), Decimal(row[sex])) for row in rows) for sex in ("M", "F")}


def _read_rates(rows: _Rows) -> dict[Case, Decimal]:
    return _once((_case(row), Decimal(row["per_1000"])) for row in rows)


def _read_cash_values(rows: _Rows) -> dict[Case, str]:
    return _once((_case(row), row["by_year"]) for row in rows)


def _read_bands(rows: _Rows) -> tuple[tuple[int, int, Decimal, Decimal], ...]:
    return tuple(
        (int(row["age_from"]), int(row["age_to"]), Decimal(row["with_social"]), Decimal(row["without_social"]))
        for row in rows
    )


def _case(row: Mapping[str, str]) -> Case:
    return row["sex"], int(row["age"]), int(row["to_age"]), int(row["pay_years"])


def _once(pairs: Iterator[tuple[_Key, _Value]]) -> dict[_Key, _Value]:
    """The pairs as a table. Raises ValueError when a row is there twice: which one would hold?"""
    found: dict[_Key, _Value] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError
        found[key] = value
    return found
