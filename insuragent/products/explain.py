"""Why a figure stands where it stands: any cell of an illustration as a chain of steps, each with its own figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from insuragent.i18n import N_, _
from insuragent.products.columns import Sold, dividends
from insuragent.products.illustration import Illustration
from insuragent.products.plans import effective_share
from insuragent.products.pricing import UNIT, AccountYear


@dataclass(frozen=True)
class Step:
    """One step: ``sign`` is "+", "-", "×", "·" or "="; ``amount`` is unrounded, in yuan or, after "×", a plain number.

    Taking the steps in order, from nothing, arrives at the amount of each "=" step; where alternatives ("·") stand
    before it, it is the greatest of them.
    """

    sign: str
    label: str
    amount: Decimal


#: What the claims of a design are, in the order of its plan; an early year may lack the last.
_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "increasing": (N_("已交保费 × 给付倍数"), N_("有效保险金额")),
    "annuity": (N_("已交保费减去已领年金"), N_("不少于零")),
}


@dataclass(frozen=True)
class _Cell:
    """What every explanation needs: the sold case, the policy year and its account, all in this case's yuan."""

    sold: Sold
    number: int

    @property
    def year(self) -> AccountYear:
        return self.sold.account.years[self.number - 1]

    def yuan(self, per_1000: Decimal) -> Decimal:
        return per_1000 * self.sold.scale


def explain(result: Illustration, year: int, column: str) -> tuple[Step, ...]:
    """The steps to the figure in ``column`` at the end of policy ``year`` (from 1).

    Raises KeyError for a cell that the illustration does not have. A column that only repeats what was agreed,
    and the accounts of universal and medical products, are explained by the row's own figures.
    """
    row = result.rows[year - 1] if 1 <= year <= len(result.rows) else {}
    told = Decimal(row[column])
    maker = _MAKERS.get(column)
    if result.sold is None:
        return _account_chain(result, year, column) if column in _ACCOUNT_COLUMNS else (Step("=", column, told),)
    return maker(_Cell(result.sold, year)) if maker else (Step("=", column, told),)


def _value(cell: _Cell) -> tuple[Step, ...]:
    """The chain of the account: premium, expense, interest, risk cost, value."""
    year, yuan = cell.year, cell.yuan
    steps = [
        Step("+", _("上年末保单价值"), yuan(year.opening)),
        Step("+", _("本年保费"), yuan(year.premium)),
        Step("-", _("费用"), yuan(year.expense)),
        Step("+", _("按预定利率计息"), yuan(year.interest)),
        Step("-", _("风险成本：发生率 {rate} ×（给付 − 价值）").format(rate=year.decrement), yuan(year.risk_cost)),
    ]
    if year.survival:
        steps.append(Step("-", _("生存给付"), yuan(year.survival)))
    return (*steps, Step("=", _("年末保单价值"), yuan(year.value)))


def _cash_value(cell: _Cell) -> tuple[Step, ...]:
    amount = cell.sold.cash_value(cell.number)
    if cell.year.value <= 0:
        return (
            *_value(cell),
            Step("×", _("保单价值不为正，没有现金价值"), Decimal(0)),
            Step("=", _("现金价值"), amount),
        )
    share = Step("×", _("退保时给付的比例"), cell.year.surrender)
    return (*_value(cell), share, Step("=", _("现金价值"), amount))


def _cum_premium(cell: _Cell) -> tuple[Step, ...]:
    paid = min(cell.number, cell.sold.inputs.pay_years)
    return (
        Step("+", _("每年保费"), cell.sold.premium),
        Step("×", _("已交年数"), Decimal(paid)),
        Step("=", _("累计保费"), cell.sold.premium * paid),
    )


def _effective(cell: _Cell) -> tuple[Step, ...]:
    share = effective_share(cell.sold.package.basis, cell.number)
    return (
        Step("+", _("基本保额"), cell.sold.benefit),
        Step("×", _("逐年递增至第 {year} 年").format(year=cell.number), share),
        Step("=", _("有效保额"), cell.sold.benefit * share),
    )


def _death(cell: _Cell) -> tuple[Step, ...]:
    if cell.sold.package.basis.design in ("level", "illness"):
        return (Step("=", _("基本保额"), cell.sold.benefit),)
    promised, claims = cell.sold.account.plan.years[cell.number - 1], cell.sold.claims(cell.number)
    labels = list(_CLAIMS[cell.sold.package.basis.design][: len(promised.benefits)])
    labels += [N_("现金价值")] if promised.pays_cash_value else []
    steps = [Step("·", _(label), claim) for label, claim in zip(labels, claims, strict=True)]
    return (*steps, Step("=", _("各项中的较大者"), max(claims)))


def _dividend(cell: _Cell) -> tuple[Step, ...]:
    basis = cell.sold.package.basis
    spread = (cell.sold.inputs.illustrated_rate or basis.interest) - basis.interest
    return (
        Step("+", _("上年末价值加净保费"), cell.yuan(cell.year.invested)),
        Step("×", _("演示利差"), spread),
        Step("×", _("分配比例"), basis.dividend_share),
        Step("=", _("当年红利（演示，不保证）"), dividends(cell.sold)[cell.number - 1].of_year),
    )


def _accumulated(cell: _Cell) -> tuple[Step, ...]:
    found = dividends(cell.sold)
    before = found[cell.number - 2].accumulated if cell.number > 1 else Decimal(0)
    now = found[cell.number - 1]
    return (
        Step("+", _("上年末累积红利"), before),
        Step("×", _("累积生息"), 1 + cell.sold.package.basis.accumulation_rate),
        Step("+", _("当年红利（演示，不保证）"), now.of_year),
        Step("=", _("累积红利（演示，不保证）"), now.accumulated),
    )


def _total(cell: _Cell) -> tuple[Step, ...]:
    cash, accumulated = cell.sold.cash_value(cell.number), dividends(cell.sold)[cell.number - 1].accumulated
    return (
        Step("+", _("现金价值"), cash),
        Step("+", _("累积红利（演示，不保证）"), accumulated),
        Step("=", _("退保时合计（演示，不保证）"), cash + accumulated),
    )


def _premium(cell: _Cell) -> tuple[Step, ...]:
    if cell.sold.package.basis.design in ("level", "illness") and cell.number <= cell.sold.inputs.pay_years:
        return (
            Step("+", _("基本保额"), cell.sold.benefit),
            Step("×", _("费率（每千元保额）"), cell.sold.rate / UNIT),
            Step("=", _("每年保费"), cell.sold.premium),
        )
    paying = cell.number <= cell.sold.inputs.pay_years
    return (Step("=", _("每年保费"), cell.sold.premium if paying else Decimal(0)),)


_MAKERS: Mapping[str, Callable[[_Cell], tuple[Step, ...]]] = {
    "premium": _premium,
    "cum_premium": _cum_premium,
    "eff_sa": _effective,
    "death_benefit": _death,
    "cash_value": _cash_value,
    "pvr": _value,
    "dividend_illustrated": _dividend,
    "acc_dividend_illustrated": _accumulated,
    "total_surrender_illustrated": _total,
}
_ACCOUNT_COLUMNS = ("account_value", "cash_value")


def _account_chain(result: Illustration, year: int, column: str) -> tuple[Step, ...]:
    """A universal account's year: what was in it, what came, the charges, the interest, and what a surrender pays."""
    row = result.rows[year - 1]
    before = result.rows[year - 2]["account_value"] if year > 1 else 0
    steps = (
        Step("+", _("上年末账户价值"), Decimal(before)),
        Step("+", _("本年保费"), Decimal(row["premium"])),
        Step("-", _("初始费用"), Decimal(row["initial_fee"])),
        Step("-", _("风险保险费"), Decimal(row["risk_charge"])),
        Step("+", _("结算所得"), Decimal(row["interest"])),
        Step("=", _("年末账户价值"), Decimal(row["account_value"])),
    )
    if column == "account_value":
        return steps
    kept = Step("×", _("扣除退保费用后的比例"), 1 - Decimal(row["surrender_charge_rate"]))
    return (*steps, kept, Step("=", _("现金价值"), Decimal(row["cash_value"])))
