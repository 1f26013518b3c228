"""The example on a sheet: its table and its chart by the kind of product, in whole yuan, half-up.

Columns and rows follow 银保监规〔2022〕24号 (regulations.csv G04): what is guaranteed stands apart from what is
illustrated, each of the first ten years, then every tenth, then the last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from insuragent.documents.content import Column, Series
from insuragent.i18n import N_, _
from insuragent.products.illustration import Illustration, Row
from insuragent.products.inputs import ILLUSTRATED
from insuragent.products.medical import Bill, estimate
from insuragent.products.package import Medical

_PREMIUM, _SURE = N_("保险费（元）"), N_("保证利益（元）")
_OF_YEAR, _ADDED_UP = N_("当年红利（元）"), N_("累积红利（元）")
_SHOWN = N_("演示利益（元，不保证）")
_UNSURE = N_("演示\n（不保证）")
#: What a table can show, in the order of the filing form; an illustration has some of it.
_LIFE: Mapping[str, Column] = {
    "year": Column(N_("保单\n年度"), width=0.4),
    "age": Column(N_("年末\n年龄"), width=0.4),
    "premium": Column(N_("当年"), _PREMIUM),
    "cum_premium": Column(N_("累计"), _PREMIUM),
    "basic_sa": Column(N_("基本保额"), _SURE),
    "eff_sa": Column(N_("有效保额"), _SURE),
    "annuity": Column(N_("当年年金"), _SURE),
    "cum_annuity": Column(N_("累计年金"), _SURE),
    "ci_benefit": Column(N_("重疾\n保险金"), _SURE),
    "death_benefit": Column(N_("身故\n保险金"), _SURE),
    "cash_value": Column(N_("现金价值"), _SURE),
    "dividend_guaranteed": Column(N_("保证"), _OF_YEAR),
    "dividend_illustrated": Column(_UNSURE, _OF_YEAR),
    "acc_dividend_guaranteed": Column(N_("保证"), _ADDED_UP),
    "acc_dividend_illustrated": Column(_UNSURE, _ADDED_UP),
    "total_surrender_illustrated": Column(N_("退保合计\n（演示，\n不保证）")),
}
_ACCOUNT: Mapping[str, Column] = {
    "year": Column(N_("保单\n年度"), width=0.4),
    "age": Column(N_("年末\n年龄"), width=0.4),
    "premium": Column(N_("当年\n保险费"), N_("交费与账户（元）")),
    "initial_fee": Column(N_("初始\n费用"), N_("交费与账户（元）")),
    "into_account": Column(N_("进入\n账户"), N_("交费与账户（元）")),
}
#: What an account is worth in one scenario.
_WORTH: Mapping[str, str] = {
    "risk_charge": N_("风险\n保险费"),
    "account_value": N_("账户\n价值"),
    "cash_value": N_("现金\n价值"),
    "death_benefit": N_("身故\n保险金"),
}
#: Where nothing is due there is a dash, no nought.
_DUE = frozenset({"premium", "initial_fee", "into_account", "annuity", "cum_annuity"})
_Line = dict[str, int | Decimal]


@dataclass(frozen=True)
class Example:
    """Columns, rows of words, and the lines of the chart, of which there are none without yearly values."""

    columns: list[Column]
    rows: list[list[str]]
    chart: list[Series]


def example_of(shown: Illustration, guaranteed: Illustration) -> Example:
    """The example for an illustration and the run of its guaranteed scenario, which may be the same."""
    if shown.package.medical is not None:
        return _claims(shown.package.medical)
    if shown.package.basis.design == "universal":
        return _account(shown, guaranteed)
    lines = [_life_line(shown, row) for row in shown.shown_rows]
    names = [name for name in _LIFE if name in lines[0]]
    return Example(
        [_column(_LIFE[name]) for name in names],
        [[_cell(name, line[name]) for name in names] for line in lines],
        _life_chart(shown),
    )


# --- life ----------------------------------------------------------------------------------------------------------


def _life_line(shown: Illustration, row: Row) -> _Line:
    """A row with what the form shows beside the illustration's own columns."""
    line: _Line = dict(row)
    if "eff_sa" in row and shown.sum_assured is not None:
        line["basic_sa"] = shown.sum_assured
    if "dividend_illustrated" in row:
        line["acc_dividend_guaranteed"] = Decimal(0)
        line["total_surrender_illustrated"] = _with_dividends(row)
    return line


def _with_dividends(row: Row) -> Decimal:
    return Decimal(row["cash_value"]) + Decimal(row["acc_dividend_illustrated"])


def _life_chart(shown: Illustration) -> list[Series]:
    rows = shown.rows
    found = [_paid(shown), Series(_("现金价值（保证）"), _values(rows, "cash_value"))]
    if "cum_annuity" in rows[0]:
        found.append(Series(_("累计年金（保证）"), _values(rows, "cum_annuity"), "received"))
    if "dividend_illustrated" in rows[0]:
        total = [float(_with_dividends(row)) for row in rows]
        found.append(Series(_("现金价值＋累积红利（演示，不保证）"), total, "illustrated"))
    return found


def _paid(shown: Illustration) -> Series:
    return Series(_("累计已交保险费"), _values(shown.rows, "cum_premium"), "premium")


def _values(rows: tuple[Row, ...], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


# --- universal accounts --------------------------------------------------------------------------------------------


def _account(shown: Illustration, guaranteed: Illustration) -> Example:
    scenarios = [("", _SURE, guaranteed)]
    if shown.inputs.scenario == ILLUSTRATED:
        scenarios.append(("_illustrated", _SHOWN, shown))
    columns = {
        f"{name}{suffix}": Column(label, group) for suffix, group, _run in scenarios for name, label in _WORTH.items()
    }
    lines: list[_Line] = [{name: row[name] for name in _ACCOUNT} for row in shown.shown_rows]
    for suffix, _group, run in scenarios:
        for line, row in zip(lines, run.shown_rows, strict=True):
            line |= {f"{name}{suffix}": row[name] for name in _WORTH}
    chart = [_paid(shown), Series(_("现金价值（保证）"), _values(guaranteed.rows, "cash_value"))]
    if len(scenarios) > 1:
        chart.append(Series(_("现金价值（演示，不保证）"), _values(shown.rows, "cash_value"), "illustrated"))
    return Example(
        [_column(column) for column in [*_ACCOUNT.values(), *columns.values()]],
        [[_cell(name, value) for name, value in line.items()] for line in lines],
        chart,
    )


# --- reimbursement -------------------------------------------------------------------------------------------------


def _claims(terms: Medical) -> Example:
    """What some bills would bring, by the same rule as a claim's estimate (story S23)."""
    bills = {
        _("住院，已经基本医保结算"): Bill(Decimal(85_000), social_paid=Decimal(32_000)),
        _("住院，没有经基本医保结算"): Bill(Decimal(85_000), used_social=False),
        _("住院，另有其他途径补偿"): Bill(Decimal(85_000), Decimal(32_000), Decimal(6_000)),
        _("费用不多，没有超过免赔额"): Bill(Decimal(12_000), social_paid=Decimal(5_000)),
        _("等待期内因疾病住院"): Bill(Decimal(85_000), social_paid=Decimal(32_000), day=1),
    }
    columns = [
        Column(_("情形"), align="l"),
        Column(_("保障范围内\n的费用"), align="r"),
        Column(_("基本医保\n已支付")),
        Column(_("其他途径\n已补偿")),
        Column(_("免赔额\n余额")),
        Column(_("每百元\n给付")),
        Column(_("年度限额")),
        Column(_("估算给付")),
    ]
    return Example(columns, [_claim(label, bill, terms) for label, bill in bills.items()], [])


def _claim(label: str, bill: Bill, terms: Medical) -> list[str]:
    found = estimate(terms, bill)
    parts = [abs(amount) for _label, amount in found.steps]
    inside_wait = len(parts) == 1
    covered, social, other, deductible, rate, limit = (
        (bill.covered, bill.social_paid, bill.other_paid, *[Decimal(0)] * 3) if inside_wait else parts
    )
    last = ["—"] * 3 if inside_wait else [yuan(deductible), plain(rate * 100), yuan(limit)]
    return [label, yuan(covered), yuan(social), yuan(other), *last, yuan(found.payable)]


# --- cells ---------------------------------------------------------------------------------------------------------


def _column(column: Column) -> Column:
    return Column(_(column.label), _(column.group), column.width, column.align)


def _cell(name: str, value: Decimal | int) -> str:
    if name in ("year", "age"):
        return str(value)
    return "—" if name in _DUE and not value else yuan(value)


def plain(number: Decimal) -> str:
    """A number with no more digits than it needs: 60, 95.5."""
    return f"{number.normalize():f}"


def yuan(amount: Decimal | int) -> str:
    """Whole yuan, half-up: 1,234,567."""
    return f"{Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP):,}"
