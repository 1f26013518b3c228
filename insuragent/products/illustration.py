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
from insuragent.products.package import Package, Terms
from insuragent.products.plans import PLANS, Person
from insuragent.products.pricing import CENT, CONTEXT, UNIT, NoPrice, cents, solve
from insuragent.rules.policy import Policy

Row = dict[str, int | Decimal]


#: The way of computing that this program knows; a file tells which one its numbers come from.
ENGINE = 1


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What comes out: prices and ``rows`` in yuan to the cent, in order of policy years.

    ``sold`` holds the account behind the rows; None where the product keeps no such account (universal, medical).
    ``policy_hash`` covers the policy values that were used, ``result_hash`` everything: inputs, package, policy, rows.
    """

    inputs: Inputs
    premium: Decimal
    sum_assured: Decimal | None = None
    annuity: Decimal | None = None
    rows: tuple[Row, ...]
    policy_hash: str = ""
    result_hash: str = ""
    sold: columns.Sold | None = None
    cap: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Illustration(Numbers):
    """The numbers together with the package that they belong to."""

    package: Package

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
    found = compute(package, inputs, policy)
    return Illustration(package=package, **{field.name: getattr(found, field.name) for field in fields(found)})


def compute(terms: Terms, inputs: Inputs, policy: Policy) -> Numbers:
    """The numbers of one case from a product's ``terms`` alone. Raises as :func:`illustrate`."""
    with decimal.localcontext(CONTEXT):
        inputs = completed(terms, inputs)
        check_inputs(terms, inputs, policy)
        cap = illustration_cap(terms, inputs.date, policy)
        if cap is not None and inputs.illustrated_rate is None:
            inputs = replace(inputs, illustrated_rate=_usual_rate(terms, inputs, cap))
        if terms.medical is not None:
            found = _medical(terms, inputs)
        elif terms.basis.design == "universal":
            found = _universal(terms, inputs)
        else:
            found = _life(terms, inputs)
        return _with_hashes(replace(found, cap=cap), terms, policy)


def with_guaranteed(terms: Terms, inputs: Inputs, policy: Policy) -> tuple[Numbers, Numbers]:
    """The numbers of one case and of its guaranteed scenario: the same where every guaranteed figure is in them."""
    found = compute(terms, inputs, policy)
    asked = _guaranteed(terms, found.inputs)
    return found, found if asked == found.inputs else compute(terms, asked, policy)


def guaranteed_of(shown: Illustration, policy: Policy) -> Illustration:
    """The same case in the guaranteed scenario; where every guaranteed figure stands in its rows, ``shown`` itself."""
    asked = _guaranteed(shown.package, shown.inputs)
    return shown if asked == shown.inputs else illustrate(shown.package, asked, policy)


def _guaranteed(terms: Terms, inputs: Inputs) -> Inputs:
    if terms.basis.design != "universal" or inputs.scenario == GUARANTEED:
        return inputs
    return replace(inputs, scenario=GUARANTEED, illustrated_rate=None)


def _usual_rate(terms: Terms, inputs: Inputs, cap: Decimal) -> Decimal:
    if inputs.scenario == GUARANTEED and terms.design_type == "universal":
        return terms.basis.interest
    return min(cap, terms.basis.illustrated_rate or cap)


def _life(terms: Terms, inputs: Inputs) -> Numbers:
    """The tables tell price and cash values; the account gives what they do not: benefits and what earns dividends."""
    person = Person(inputs.age, terms.end_age(inputs.to_age), inputs.pay_years, terms.tables.decrements[inputs.sex])
    case = terms.case(inputs.sex, inputs.age, inputs.pay_years, inputs.to_age)
    rate, cash_values = terms.tables.rates.get(case), terms.tables.cash_values_of(case)
    if rate is None or len(cash_values) != len(person.years):
        raise ValidationError({"age": _("费率表和现金价值表中没有这一种情形")})
    try:
        account = solve(PLANS[terms.basis.design](terms.basis, person))
    except NoPrice as error:
        raise ValidationError({"age": str(error)}) from error
    by_cover = terms.basis.design in ("level", "illness")
    sold = columns.Sold(terms, inputs, account, rate, cash_values, *_amounts(inputs, rate, by_cover=by_cover))
    return Numbers(
        inputs=inputs,
        premium=cents(sold.premium),
        sum_assured=None if terms.basis.design == "annuity" else cents(sold.benefit),
        annuity=cents(sold.benefit) if terms.basis.design == "annuity" else None,
        rows=columns.rows(sold),
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


def _universal(terms: Terms, inputs: Inputs) -> Numbers:
    rate = terms.basis.interest if inputs.scenario == GUARANTEED else inputs.illustrated_rate or Decimal(0)
    if inputs.premium is None:
        raise ValidationError({"premium": _("请填写每年保费")})
    years = universal.account_years(
        terms.basis, terms.tables.decrements[inputs.sex], inputs.age, inputs.pay_years, inputs.premium, rate
    )
    return Numbers(inputs=inputs, premium=inputs.premium, rows=tuple(years))


def _medical(terms: Terms, inputs: Inputs) -> Numbers:
    assert terms.medical is not None
    premium = medical.premium(terms, inputs.age, social_insurance=inputs.social_insurance)
    limit = terms.medical.annual_limit
    row: Row = {"year": 1, "age": inputs.age, "premium": premium, "cum_premium": premium, "annual_limit": limit}
    return Numbers(inputs=inputs, premium=premium, sum_assured=limit, rows=(row,))


#: The policy values on which the numbers of a kind of product rest.
POLICY_VALUES: Mapping[str, tuple[str, ...]] = {
    "participating": ("participating_illustration_limit", "participating_illustration_cap"),
    "universal": ("universal_illustration_cap",),
}


def _with_hashes(found: Numbers, terms: Terms, policy: Policy) -> Numbers:
    """``found`` with its hashes: SHA-256 of canonical inputs, package hash, policy values that held, and rows."""
    policy_hash = policy.digest(POLICY_VALUES.get(terms.design_type, ()), found.inputs.date)
    proof = {
        "inputs": _told(found.inputs),
        "package": terms.content_hash,
        "policy": policy_hash,
        "rows": _plain_rows(found.rows),
    }
    text = json.dumps(proof, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return replace(found, policy_hash=policy_hash, result_hash=hashlib.sha256(text.encode()).hexdigest())


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
    """The illustration as ``insuragent illustrate`` prints it; amounts as text with two decimals."""
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
