"""Dated policy data: caps, limits, periods, calendar, phrase rules and checklists, each with the day it holds from."""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from insuragent.errors import BadFile
from insuragent.i18n import N_
from insuragent.rules.calendar import Calendar
from insuragent.rules.clocks import Periods
from insuragent.rules.phrases import PhraseRule, Response, Setting, effective

log = logging.getLogger(__name__)

_RATE, _COUNT, _TEXT, _COUNTS = Decimal, int, str, tuple
#: Every value that the program reads, with its type. Rates are shares of one (0.035 is 3.5 %), money is fen.
KNOWN: Mapping[str, type] = {
    "pricing_rate_ceiling.ordinary": _RATE,
    "pricing_rate_ceiling.participating": _RATE,
    "pricing_rate_ceiling.universal": _RATE,
    "participating_illustration_cap": _RATE,
    "participating_illustration_limit": _RATE,
    "universal_illustration_cap": _RATE,
    "universal_initial_fee_percents": _COUNTS,
    "universal_single_fee_most": _RATE,
    "universal_surrender_percents": _COUNTS,
    "min_dividend_share": _RATE,
    "needs_real_rate": _RATE,
    "affordability_limit": _RATE,
    "single_premium_income_multiple": _RATE,
    "age_plus_pay_years_limit": _COUNT,
    "minor_death_limit_under_10": _COUNT,
    "minor_death_limit_under_18": _COUNT,
    "elderly_age": _COUNT,
    "senior_age": _COUNT,
    "reflection_hours": _COUNT,
    "beneficial_owner_share": _RATE,
    "waiting_days_most": _COUNT,
    "hesitation_days_least": _COUNT,
    "hesitation_days_least_health": _COUNT,
    "hesitation_days_usual": _COUNT,
    "grace_days": _COUNT,
    "revival_years": _COUNT,
    "first_response_hours": _COUNT,
    "first_response_alarm_hours": _COUNTS,
    "complaint_days": _COUNTS,
    "complaint_alarm_days": _COUNTS,
    "unsynced_alarm_hours": _COUNT,
    "review_request_days": _COUNT,
    "review_decision_days": _COUNT,
    "reopen_days": _COUNT,
    "personal_request_workdays": _COUNT,
    "needs_valid_days": _COUNT,
    "risk_valid_months": _COUNT,
    "sheet_valid_days": _COUNT,
    "product_status_days_most": _COUNT,
    "handover_notice_days": _COUNT,
    "late_entry_hours": _COUNT,
    "decline_pause_days": _COUNT,
    "old_desk_push_days": _COUNT,
    "class_override_days": _COUNT,
    "detractor_task_hours": _COUNT,
    "retention_years_short": _COUNT,
    "retention_years_long": _COUNT,
    "retention_years_identity": _COUNT,
    "retention_years_complaint": _COUNT,
    "retention_years_consent": _COUNT,
    "retention_years_audit": _COUNT,
    "prospect_months": _COUNT,
    "licence_pattern": _TEXT,
}


@dataclass(frozen=True)
class Dated:
    """A ``value`` that holds from a day until the next one begins; ``source`` says where it was read."""

    valid_from: dt.date
    value: Any
    source: str = ""


@dataclass(frozen=True)
class Policy:
    """All policy data of one installation, as head office delivered it."""

    values: Mapping[str, tuple[Dated, ...]]
    calendar: Calendar = field(default_factory=Calendar)
    phrases: tuple[PhraseRule, ...] = ()
    #: What is gone through at a visit, by its purpose and "before" any.
    checklists: Mapping[str, tuple[Dated, ...]] = field(default_factory=dict)

    def dated(self, name: str, on: dt.date) -> Dated:
        """What holds for ``name`` ``on`` that date. Raises BadFile when the data does not reach back so far."""
        holding = [dated for dated in self.values.get(name, ()) if dated.valid_from <= on]
        if not holding:
            raise BadFile(N_("规则数据中没有 {date} 有效的“{name}”"), name=name, date=on.isoformat())
        return holding[-1]

    def next_change(self, names: Iterable[str], after: dt.date) -> dt.date | None:
        """The first day after ``after`` on which any of ``names`` gets another value; None when none is announced."""
        days = (dated.valid_from for name in names for dated in self.values.get(name, ()) if dated.valid_from > after)
        return min(days, default=None)

    def rate(self, name: str, on: dt.date) -> Decimal:
        """A rate or ratio as a share of one."""
        return Decimal(self.dated(name, on).value)

    def count(self, name: str, on: dt.date) -> int:
        """A number of days, hours, years or people, or an amount in fen."""
        return int(self.dated(name, on).value)

    def counts(self, name: str, on: dt.date) -> tuple[int, ...]:
        """A row of numbers."""
        return tuple(self.dated(name, on).value)

    def text(self, name: str, on: dt.date) -> str:
        """A text, such as a pattern."""
        return str(self.dated(name, on).value)

    def phrase_rules(self, on: dt.date) -> tuple[PhraseRule, ...]:
        """The phrase rules that hold ``on`` that date."""
        return effective(self.phrases, on)

    def checklist(self, name: str, on: dt.date) -> tuple[str, ...]:
        """The items of a checklist ``on`` that date; none where head office has none, or has turned it off."""
        holding = [dated.value for dated in self.checklists.get(name, ()) if dated.valid_from <= on]
        return holding[-1] if holding else ()

    def periods(self, on: dt.date) -> Periods:
        """The lengths of a complaint's clocks for one that was received ``on`` that date."""
        first, second, third = self.counts("complaint_days", on)
        return Periods(
            first_response_hours=self.count("first_response_hours", on),
            days=(first, second, third),
            response_alarm_hours=self.counts("first_response_alarm_hours", on),
            alarm_days=self.counts("complaint_alarm_days", on),
            unsynced_alarm_hours=self.count("unsynced_alarm_hours", on),
        )

    def participating_cap(self, on: dt.date) -> Decimal:
        """The greatest total rate that a participating illustration may use (regulations.csv G04, G05)."""
        return min(self.rate("participating_illustration_limit", on), self.rate("participating_illustration_cap", on))

    def digest(self, names: Iterable[str], on: dt.date) -> str:
        """SHA-256 of the values of ``names`` that held ``on`` that date: later additions do not change it."""
        held = {name: str(self.dated(name, on).value) for name in sorted(names)}
        return hashlib.sha256(json.dumps(held, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def read_policy(documents: Iterable[Mapping[str, Any]]) -> Policy:
    """The policy in plain ``documents``, each with any of the sections values, calendar, phrases and checklists.

    Dates are datetime.date, rates Decimal. Unknown names are skipped with a line in the log (requirement R5.1a).
    Raises BadFile naming the value that cannot be used.
    """
    values: dict[str, tuple[Dated, ...]] = {}
    off: dict[dt.date, str] = {}
    work: dict[dt.date, str] = {}
    years: set[int] = set()
    phrases: list[PhraseRule] = []
    checklists: dict[str, tuple[Dated, ...]] = {}
    for document in documents:
        for name, rows in document.get("values", {}).items():
            if name in KNOWN:
                values[name] = _dated_rows(name, rows, _typed)
            else:
                log.info("unknown policy value %s skipped", name)
        for year, kinds in document.get("calendar", {}).items():
            years.add(year)
            off |= {day: name for name, days in kinds["rest"].items() for day in days}
            work |= {day: name for name, days in kinds["make_up"].items() for day in days}
        phrases += [_phrase_rule(row) for row in document.get("phrases", ())]
        for name, rows in document.get("checklists", {}).items():
            checklists[name] = _dated_rows(name, rows, _items, "items")
    return Policy(values, Calendar(off, work, frozenset(years)), tuple(phrases), checklists)


def _dated_rows(
    name: str, rows: Iterable[Mapping[str, Any]], read: Callable[[str, Any], Any], told: str = "value"
) -> tuple[Dated, ...]:
    dated = [Dated(row["from"], read(name, row[told]), str(row.get("source", ""))) for row in rows]
    return tuple(sorted(dated, key=lambda entry: entry.valid_from))


def _typed(name: str, value: Any) -> Any:
    kind = KNOWN[name]
    if kind is tuple and isinstance(value, list) and all(isinstance(part, int) for part in value):
        return tuple(value)
    if kind is Decimal and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise BadFile(N_("规则数据“{name}”的值不能使用"), name=name)


def _items(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise BadFile(N_("规则数据“{name}”的值不能使用"), name=name)


def _phrase_rule(row: Mapping[str, Any]) -> PhraseRule:
    return PhraseRule(
        code=row["rule"],
        patterns=tuple(row["patterns"]),
        why=row["why"],
        legal_ref=row["source"],
        responses={Setting(setting): Response(response) for setting, response in row["action"].items()},
        exceptions=tuple(row.get("except", ())),
        unless=row.get("unless", ""),
        quoted_allowed=bool(row.get("quoted_allowed", False)),
        conduct_flag=bool(row.get("conduct_flag", False)),
        valid_from=row["from"],
    )
