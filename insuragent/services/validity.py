"""How long an explanation sheet may be used (data dictionary: valid_until)."""

import datetime as dt

from insuragent.products.illustration import POLICY_VALUES
from insuragent.products.inputs import Inputs
from insuragent.products.package import Package
from insuragent.rules import clocks
from insuragent.rules.policy import Policy

_ONE = dt.timedelta(days=1)


def last_day(
    package: Package, inputs: Inputs, policy: Policy, *, born: dt.date | None, withdrawn_from: dt.date | None
) -> dt.date:
    """The last day on which numbers of the day ``inputs.date`` hold; it may lie before it.

    The earliest of: the policy value sheet_valid_days, the day before the product is withdrawn, before another
    illustration rate holds, and before the insured (``born``) is a year older.
    """
    day = inputs.date
    ends = [day + dt.timedelta(days=policy.count("sheet_valid_days", day))]
    changes = policy.next_change(POLICY_VALUES.get(package.design_type, ()), day)
    older = clocks.next_age_step(born, day) if born is not None else None
    ends += [end - _ONE for end in (withdrawn_from, package.withdraw_from, changes, older) if end is not None]
    return min(ends)
