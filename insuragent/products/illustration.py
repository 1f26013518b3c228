"""Benefit illustrations: one row a policy year, exact to the cent and the same on every machine.

Form and scenarios follow 银保监规〔2022〕24号 (regulations.csv G04): a guaranteed and at most one illustrated column,
no ratio figures. Rows carry the names of the trade's own tables.
"""

import datetime as dt
import decimal
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import _
from insuragent.products import columns, medical, universal
from insuragent.products.inputs import GUARANTEED, Inputs, check_inputs, completed, illustration_cap, parse_inputs
from insuragent.products.package import Package
from insuragent.products.plans import PLANS, Person
from insuragent.products.pricing import CENT, CONTEXT, UNIT, NoPrice, cents, solve
from insuragent.rules.policy import Policy

Row = dict[str, int | Decimal]


@dataclass(frozen=True)
class Illustration:
    """The result: prices and ``rows`` in yuan to the cent, in order of policy years.

    ``sold`` holds the account behind the rows; None where the product keeps no such account (universal, medical).
    ``policy_hash`` covers the policy values that were used, ``result_hash`` everything: inputs, package, policy, rows.
    """

    package: Package
    inputs: Inputs
    premium: Decimal
    sum_assured: Decimal | None
    annuity: Decimal | None
    rows: tuple[Row, ...]
    policy_hash: str
    result_hash: str
    sold: columns.Sold | None = None
    cap: Decimal | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(self.rows[0])

    @property
    def first_year_loss(self) -> Decimal | None:
        """What a surrender at the end of the first year costs, in yuan; None where there is no cash value."""
        first = self.rows[0]
        return Decimal(first["cum_premium"]) - Decimal(first["cash_value"]) if "cash_value" in first else None

    @property
    def shown_rows(self) -> tuple[Row, ...]:
        """The rows a sheet shows: each of the first ten years, then every tenth, then the last (G04)."""
        last = len(self.rows)
        return tuple(row for row in self.rows if row["year"] <= 10 or row["year"] % 10 == 0 or row["year"] == last)


def illustrate(package: Package, inputs: Inputs, policy: Policy) -> Illustration:
    """The illustration of one case. Raises ValidationError naming the limit that the inputs break."""
    with decimal.localcontext(CONTEXT):
        inputs = completed(package, inputs)
        check_inputs(package, inputs, policy)
        cap = illustration_cap(package, inputs.date, policy)
        if cap is not None and inputs.illustrated_rate is None:
            inputs = replace(inputs, illustrated_rate=_usual_rate(package, inputs, cap))
        if package.medical is not None:
            result = _medical(package, inputs)
        elif package.basis.design == "universal":
            result = _universal(package, inputs)
        else:
            result = _life(package, inputs)
        return _with_hashes(replace(result, cap=cap), policy)


def guaranteed_of(shown: Illustration, policy: Policy) -> Illustration:
    """The same case in the guaranteed scenario; where every guaranteed figure stands in its rows, ``shown`` itself."""
    if shown.package.basis.design != "universal" or shown.inputs.scenario == GUARANTEED:
        return shown
    return illustrate(shown.package, replace(shown.inputs, scenario=GUARANTEED, illustrated_rate=None), policy)


def _usual_rate(package: Package, inputs: Inputs, cap: Decimal) -> Decimal:
    if inputs.scenario == GUARANTEED and package.design_type == "universal":
        return package.basis.interest
    return min(cap, package.basis.illustrated_rate or cap)


def _life(package: Package, inputs: Inputs) -> Illustration:
    person = Person(inputs.age, package.end_age(inputs.to_age), inputs.pay_years, package.tables.decrements[inputs.sex])
    try:
        account = solve(PLANS[package.basis.design](package.basis, person))
    except NoPrice as error:
        raise ValidationError({"age": _degenerate(package, inputs)}) from error
    case = (inputs.sex, inputs.age, person.to_age, inputs.pay_years)
    by_cover = package.basis.design in ("level", "illness")
    rate = package.tables.rates.get(case, cents(account.unknown) if by_cover else account.unknown)
    sold = columns.Sold(package, inputs, account, case, *_amounts(inputs, rate, by_cover=by_cover))
    return Illustration(
        package=package,
        inputs=inputs,
        premium=cents(sold.premium),
        sum_assured=None if package.basis.design == "annuity" else cents(sold.benefit),
        annuity=cents(sold.benefit) if package.basis.design == "annuity" else None,
        rows=columns.rows(sold),
        policy_hash="",
        result_hash="",
        sold=sold,
    )


def _amounts(inputs: Inputs, rate: Decimal, *, by_cover: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Premium, benefit and scale. ``rate`` is premium per 1,000 of cover, or benefit per 1,000 of premium."""
    if by_cover:
        cover = inputs.sum_assured if inputs.sum_assured is not None else cents((inputs.premium or 0) * UNIT / rate)
        return cents(cover * rate / UNIT), cover, cover / UNIT
    if inputs.premium is not None:
        return inputs.premium, inputs.premium * rate / UNIT, inputs.premium / UNIT
    benefit = inputs.sum_assured or Decimal(0)
    return cents(benefit * UNIT / rate), benefit, benefit / rate


def _degenerate(package: Package, inputs: Inputs) -> str:
    """Why there is no price: the greatest age at which there still is one for this sex and way of payment."""
    for age in range(inputs.age - 1, package.entry.age_min - 1, -1):
        table = package.tables.decrements[inputs.sex]
        person = Person(age, package.end_age(inputs.to_age), inputs.pay_years, table)
        try:
            solve(PLANS[package.basis.design](package.basis, person))
        except NoPrice:
            continue
        return _("按 {years} 年交费，最高投保年龄为 {age} 周岁").format(years=inputs.pay_years, age=age)
    return _("按 {years} 年交费不能投保").format(years=inputs.pay_years)


def _universal(package: Package, inputs: Inputs) -> Illustration:
    rate = package.basis.interest if inputs.scenario == GUARANTEED else inputs.illustrated_rate or Decimal(0)
    if inputs.premium is None:
        raise ValidationError({"premium": _("请填写每年保费")})
    months = universal.account_years(
        package.basis, package.tables.decrements[inputs.sex], inputs.age, inputs.pay_years, inputs.premium, rate
    )
    return Illustration(package, inputs, inputs.premium, None, None, tuple(months), "", "")


def _medical(package: Package, inputs: Inputs) -> Illustration:
    assert package.medical is not None
    premium = medical.premium(package, inputs.age, social_insurance=inputs.social_insurance)
    limit = package.medical.annual_limit
    row: Row = {"year": 1, "age": inputs.age, "premium": premium, "cum_premium": premium, "annual_limit": limit}
    return Illustration(package, inputs, premium, limit, None, (row,), "", "")


#: The policy values that an illustration of a design uses.
POLICY_VALUES: Mapping[str, tuple[str, ...]] = {
    "participating": ("participating_illustration_limit", "participating_illustration_cap"),
    "universal": ("universal_illustration_cap",),
}


def _with_hashes(result: Illustration, policy: Policy) -> Illustration:
    """``result`` with its hashes: SHA-256 of canonical inputs, package hash, policy values that held, and rows."""
    inputs = result.inputs
    policy_hash = policy.digest(POLICY_VALUES.get(result.package.design_type, ()), inputs.date)
    proof = {
        "inputs": _told(inputs),
        "package": result.package.content_hash,
        "policy": policy_hash,
        "rows": _plain_rows(result.rows),
    }
    text = json.dumps(proof, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return replace(result, policy_hash=policy_hash, result_hash=hashlib.sha256(text.encode()).hexdigest())


def _told(inputs: Inputs) -> dict[str, Any]:
    """The inputs as they are hashed, without those at their default: one that is declared later changes no old hash."""
    told = ((field, getattr(inputs, field.name)) for field in fields(inputs))
    return {field.name: _canonical(value) for field, value in told if value != field.default}


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value.normalize(CONTEXT))
    return value.isoformat() if isinstance(value, dt.date) else value


def _plain_rows(rows: Sequence[Row]) -> list[dict[str, int | str]]:
    return [{name: value if isinstance(value, int) else _text(value) for name, value in row.items()} for row in rows]


def _text(amount: Decimal) -> str:
    return str(amount.quantize(CENT, context=CONTEXT))


def to_json(result: Illustration) -> dict[str, Any]:
    """The illustration as design/commands.md says; amounts as text with two decimals."""
    told: dict[str, Any] = {"product": result.package.code, "premium": _text(result.premium)}
    if result.sum_assured is not None:
        told["sum_assured"] = _text(result.sum_assured)
    if result.annuity is not None:
        told["annuity"] = _text(result.annuity)
    told["rows"] = _plain_rows(result.rows)
    told["package_hash"], told["policy_hash"] = result.package.content_hash, result.policy_hash
    told["result_hash"] = result.result_hash
    return told


def illustrate_plain(
    values: Mapping[str, Any], catalogue: Mapping[str, Package], policy: Policy, *, today: dt.date
) -> dict[str, Any]:
    """Plain values in, plain result out: what the command line and a stored sheet use. Raises ValidationError."""
    inputs = parse_inputs(values, today=today)
    package = catalogue.get(inputs.product)
    if package is None:
        raise ValidationError({"product": _("产品目录中没有 {code}").format(code=inputs.product)})
    return to_json(illustrate(package, inputs, policy))
