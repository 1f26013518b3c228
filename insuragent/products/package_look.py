"""What the checks of a package look at, and the words that several of them use."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from insuragent.errors import BadFile
from insuragent.i18n import _
from insuragent.models.fields import Choice
from insuragent.products.package import Package, Tables
from insuragent.products.package_archive import Files
from insuragent.products.plans import PLANS
from insuragent.rules.policy import Policy

#: The tables that each design needs.
TABLES: Mapping[str, tuple[str, ...]] = {
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


@dataclass(frozen=True)
class Look:
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


Check = Callable[[Look], Iterator[str]]


def values_of(choices: type[Choice]) -> tuple[str, ...]:
    return tuple(choice.value for choice in choices)


def not_among(name: str, known: Sequence[str]) -> str:
    return _("{name} 应为 {choices} 之一").format(name=name, choices="、".join(known) or "–")


def empty(name: str) -> str:
    return _("{name} 不能为空").format(name=name)


def out_of_range(name: str) -> str:
    return _("{name} 超出范围").format(name=name)
