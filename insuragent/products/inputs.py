"""What an illustration is asked for: read from plain values, and held against the product's and the policy's limits."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import _, listed
from insuragent.products.package import Terms
from insuragent.products.pricing import cents, percent
from insuragent.rules.policy import Policy

GUARANTEED, ILLUSTRATED = "guaranteed", "illustrated"
_GREATEST_AMOUNT = Decimal(10) ** 12


@dataclass(frozen=True)
class Inputs:
    """One case: ``premium`` per payment year or ``sum_assured``, both in yuan; ``pay_years`` 1 is a single premium.

    ``date`` decides which caps hold. ``illustrated_rate`` is a share of one; None takes the greatest that is allowed.
    """

    product: str
    sex: str
    age: int
    pay_years: int
    date: dt.date
    premium: Decimal | None = None
    sum_assured: Decimal | None = None
    to_age: int | None = None
    scenario: str = ILLUSTRATED
    illustrated_rate: Decimal | None = None
    social_insurance: bool = True


def parse_inputs(values: Mapping[str, Any], *, today: dt.date) -> Inputs:
    """The inputs in plain ``values`` (the keys that ``insuragent illustrate`` reads); a missing date is ``today``.

    Raises ValidationError naming every field that cannot be read.
    """
    reader = _Reader(values)
    inputs = Inputs(
        product=str(values.get("product") or ""),
        sex=str(values.get("sex") or ""),
        age=reader.whole("age") or 0,
        pay_years=reader.whole("pay_years", default=1) or 0,
        date=reader.date("date", today),
        premium=reader.amount("premium"),
        sum_assured=reader.amount("sum_assured"),
        to_age=reader.whole("to_age", default=None),
        scenario=str(values.get("scenario") or ILLUSTRATED),
        illustrated_rate=reader.rate("illustrated_rate"),
        social_insurance=values.get("social_insurance", True) is not False,
    )
    if inputs.sex not in ("M", "F"):
        reader.problems["sex"] = _("性别应为 M 或 F")
    if inputs.scenario not in (GUARANTEED, ILLUSTRATED):
        reader.problems["scenario"] = _("情景应为 guaranteed 或 illustrated")
    if reader.problems:
        raise ValidationError(reader.problems)
    return inputs


class _Reader:
    """Reads numbers and dates out of plain values and collects what cannot be read."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.problems: dict[str, str] = {}

    def _number(self, name: str, text: str) -> Decimal | None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= _GREATEST_AMOUNT:
            self.problems[name] = _("请填写数字")
            return None
        return number

    def whole(self, name: str, default: int | None = -1) -> int | None:
        """A whole number; ``default`` where nothing is given, and -1 stands for "must be given"."""
        value = self.values.get(name)
        if value is None or value == "":
            if default == -1:
                self.problems[name] = _("请填写整数")
            return default
        number = None if isinstance(value, bool) else self._number(name, str(value))
        if number is None or number != number.to_integral_value():
            self.problems[name] = _("请填写整数")
            return default
        return int(number)

    def amount(self, name: str) -> Decimal | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        number = self._number(name, str(value).replace(",", ""))
        return None if number is None else cents(number)

    def rate(self, name: str) -> Decimal | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        text = str(value).strip()
        number = self._number(name, text.removesuffix("%"))
        if number is None:
            return None
        return number / 100 if text.endswith("%") else number

    def date(self, name: str, today: dt.date) -> dt.date:
        value = self.values.get(name)
        if value is None or value == "":
            return today
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.problems[name] = _("日期应写作 2026-11-23 的形式")
            return today


def completed(package: Terms, inputs: Inputs) -> Inputs:
    """The inputs with the age at the end of cover filled in, where the product leaves no choice of it."""
    only = package.entry.to_ages[0] if len(package.entry.to_ages) == 1 else None
    return replace(inputs, to_age=only) if inputs.to_age is None and only is not None else inputs


def check_inputs(package: Terms, inputs: Inputs, policy: Policy) -> None:
    """Raise ValidationError naming each limit of the product or the policy that ``inputs`` break (story S14)."""
    problems = _entry_problems(package, inputs) | _amount_problems(package, inputs)
    if inputs.illustrated_rate is not None:
        problems |= _rate_problems(package, inputs.illustrated_rate, illustration_cap(package, inputs.date, policy))
    if problems:
        raise ValidationError(problems)


def illustration_cap(package: Terms, on: dt.date, policy: Policy) -> Decimal | None:
    """The greatest rate that an illustration of ``package`` may use ``on`` that date; None for a fixed product."""
    if package.design_type == "participating":
        return policy.participating_cap(on)
    if package.design_type == "universal":
        return policy.rate("universal_illustration_cap", on)
    return None


def _entry_problems(package: Terms, inputs: Inputs) -> dict[str, str]:
    entry, problems = package.entry, {}
    if not entry.age_min <= inputs.age <= entry.age_max:
        problems["age"] = _("投保年龄应在 {low} 至 {high} 周岁之间").format(low=entry.age_min, high=entry.age_max)
    if inputs.pay_years not in entry.pay_years:
        problems["pay_years"] = _("交费年数应为 {choices}").format(choices=_either(entry.pay_years))
    if entry.to_ages and inputs.to_age not in entry.to_ages:
        problems["to_age"] = _("保至年龄应为 {choices}").format(choices=_either(entry.to_ages))
    elif not entry.to_ages and inputs.to_age is not None:
        problems["to_age"] = _("本产品不能选择保至年龄")
    return problems or _payment_problems(package, inputs)


def _payment_problems(package: Terms, inputs: Inputs) -> dict[str, str]:
    """Whether this age, sex and way of payment go together; each by itself may be chosen."""
    last = package.paid_up_by(inputs.to_age)
    if inputs.age + inputs.pay_years > last:
        words = _("{age} 周岁投保，交费期满时不能超过 {last} 周岁")
        return {"pay_years": words.format(age=inputs.age, last=last)}
    oldest = package.age_most(inputs.sex, inputs.pay_years, inputs.to_age)
    if inputs.age <= oldest:
        return {}
    if oldest < package.entry.age_min:
        return {"age": _("按 {years} 年交费不能投保").format(years=inputs.pay_years)}
    return {"age": _("按 {years} 年交费，最高投保年龄为 {age} 周岁").format(years=inputs.pay_years, age=oldest)}


def _either(choices: Sequence[int]) -> str:
    *others, last = map(str, choices)
    return _("{others} 或 {last}").format(others=listed(others), last=last) if others else last


def _amount_problems(package: Terms, inputs: Inputs) -> dict[str, str]:
    if package.medical is not None:
        return {}
    if (inputs.premium is None) == (inputs.sum_assured is None):
        return {"premium": _("请填写每年保费或保额，二者选一")}
    entry = package.entry
    if inputs.premium is not None:
        return _outside("premium", inputs.premium, entry.premium_min, entry.premium_max)
    assert inputs.sum_assured is not None
    return _outside("sum_assured", inputs.sum_assured, entry.sum_assured_min, entry.sum_assured_max)


def _outside(name: str, amount: Decimal, low: Decimal | None, high: Decimal | None) -> dict[str, str]:
    if amount <= 0:
        return {name: _("金额应大于零")}
    if low is not None and amount < low:
        return {name: _("金额不能低于 {limit} 元").format(limit=f"{low:,.2f}")}
    if high is not None and amount > high:
        return {name: _("金额不能高于 {limit} 元").format(limit=f"{high:,.2f}")}
    return {}


def _rate_problems(package: Terms, rate: Decimal, cap: Decimal | None) -> dict[str, str]:
    if cap is None:
        return {"illustrated_rate": _("本产品的利益是确定的，没有演示利率")}
    if rate > cap:
        return {"illustrated_rate": _("超过演示上限 {cap}").format(cap=percent(cap))}
    if rate < package.basis.interest:
        floor = percent(package.basis.interest)
        return {"illustrated_rate": _("演示利率不能低于 {floor}").format(floor=floor)}
    return {}
