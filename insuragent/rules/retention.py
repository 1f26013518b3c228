"""How long a customer's data are kept, and when a wish to be erased ends in restriction instead.

Insurance Act art. 87, AML law 2024 (identity data), PIPL art. 47: while a law asks for the data they are stored and
used for nothing else ("restricted"); after that, and for a prospect who was never insured at once on request, they
are erased.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from insuragent.i18n import N_
from insuragent.rules.policy import Policy

#: On what it rests that restricted data are stored and used for nothing else.
RESTRICTED_BY = N_("个人信息保护法第四十七条")


@dataclass(frozen=True)
class Terms:
    """The periods, as dated policy data gives them: in years, those of a prospect in months."""

    contract: int
    identity: int
    complaint: int
    consent: int
    prospect_months: int


def terms(policy: Policy, today: dt.date) -> Terms:
    """The periods of a day, by the dated policy data."""
    return Terms(
        contract=policy.count("retention_years_long", today),
        identity=policy.count("retention_years_identity", today),
        complaint=policy.count("retention_years_complaint", today),
        consent=policy.count("retention_years_consent", today),
        prospect_months=policy.count("prospect_months", today),
    )


@dataclass(frozen=True)
class Traces:
    """What hangs on a customer, as far as it counts here: the days of contacts and of signatures, the complaints with
    the day on which each ended (None: it has not), and whether there is evidence of a consent."""

    contacts: Iterable[dt.date]
    sold: Iterable[dt.date] = ()
    complaints: Iterable[dt.date | None] = ()
    consented: bool = False


@dataclass(frozen=True)
class Held:
    """What is known of a customer. ``ended_on`` is None while we serve him; ``consented``: there is evidence."""

    last_contact: dt.date
    insured: bool = False
    ended_on: dt.date | None = None
    sold_on: dt.date | None = None
    complaint_open: bool = False
    complaint_ended_on: dt.date | None = None
    consented: bool = False
    legal_hold: bool = False


@dataclass(frozen=True)
class Keeping:
    """Until when data are kept (the last day; None: without an end now), why, and whether a law asks for it."""

    until: dt.date | None
    reason: str
    by_law: bool

    def is_over(self, today: dt.date) -> bool:
        """Whether nothing asks for the data any more."""
        return self.until is not None and self.until < today


def held(traces: Traces, *, insured: bool, dormant: bool, legal_hold: bool) -> Held:
    """What is known of a customer; a relationship ended when nobody served him any more (ADR 0024)."""
    last = max(traces.contacts)
    ends = list(traces.complaints)
    return Held(
        last_contact=last,
        insured=insured,
        ended_on=last if dormant else None,
        sold_on=max(traces.sold, default=None),
        complaint_open=None in ends,
        complaint_ended_on=max(filter(None, ends), default=None),
        consented=traces.consented,
        legal_hold=legal_hold,
    )


def keeping(held: Held, terms: Terms) -> Keeping:
    """The longest that applies; a legal hold overrides all (domain: Retention)."""
    found = list(_by_law(held, terms))
    endless = next((one for one in found if one.until is None), None)
    if endless is not None:
        return endless
    prospect = Keeping(
        _later(held.last_contact, months=terms.prospect_months), N_("未成交，最后联系后保存"), by_law=False
    )
    return max(found or [prospect], key=lambda one: one.until or dt.date.max)


def _by_law(held: Held, terms: Terms) -> Iterator[Keeping]:
    if held.legal_hold:
        yield Keeping(None, N_("法律保全"), by_law=True)
    if held.complaint_open:
        yield Keeping(None, N_("投诉尚未办结"), by_law=True)
    if held.insured and held.ended_on is None:
        yield Keeping(None, N_("保险关系存续"), by_law=True)
    if held.complaint_ended_on is not None:
        yield Keeping(_later(held.complaint_ended_on, years=terms.complaint), N_("投诉办结后保存"), by_law=True)
    # Evidence of a consent is kept as long as the data that it covers, and so many years longer.
    extra = terms.consent if held.consented else 0
    if held.sold_on is not None:
        yield Keeping(_later(held.sold_on, years=terms.contract + extra), N_("销售资料保存"), by_law=True)
    if held.insured and held.ended_on is not None:
        years = max(terms.contract, terms.identity) + extra
        yield Keeping(_later(held.ended_on, years=years), N_("保险关系结束后保存"), by_law=True)


def _later(day: dt.date, years: int = 0, months: int = 0) -> dt.date:
    """The same day so much later; the last of its month where there is none."""
    count = day.year * 12 + day.month - 1 + years * 12 + months
    first = dt.date(count // 12, count % 12 + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return first.replace(day=min(day.day, last.day))
