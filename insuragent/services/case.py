"""What the gates of a sheet look at, and what each of them answers."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from insuragent.products.package import Package

PRINT, SIGN = "print", "sign"


@dataclass(frozen=True)
class Gate:
    """Something that must be so; ``open`` when it is. ``rule`` names where it stands.

    ``stage`` says when it must be: before printing, or only before signing. A ``warning`` is told and stops nothing.
    """

    name: str
    text: str
    open: bool
    rule: str
    warning: bool = False
    stage: str = PRINT


@dataclass(frozen=True)
class Budget:
    """What the household earns and pays already, in fen a year, and for how long it can pay; None is not known."""

    income: int
    premiums: int
    new_premium: int
    pay_years: int = 0
    pay_years_ok: int | None = None


@dataclass(frozen=True)
class Case:
    """What the gates look at. ``licence_valid_to`` is None before enrolment; ``texts`` are ours, not the customer's.

    ``withdrawn_from`` is the day from which head office no longer sells the product, as far as this desk knows;
    ``age`` is the insured's and ``applicant_born`` the applicant's; money is fen.
    """

    package: Package
    today: dt.date
    status_as_of: dt.date
    identified: bool
    licence_valid_to: dt.date | None = None
    withdrawn_from: dt.date | None = None
    withdrawn: bool = False
    analysed: bool = True
    texts: Sequence[str] = ()
    agent_level: str = "L4"
    authorised: Sequence[str] | None = None
    id_checked: bool = True
    promises_told: bool = True
    risk_level: str | None = None
    risk_assessed_on: dt.date | None = None
    age: int = 40
    applicant_born: dt.date | None = None
    applicant: str = "self"
    guardian_consent: bool = True
    death_cover: int = 0
    other_death_cover: int | None = None
    goals: Sequence[str] | None = None
    budget: Budget | None = None
    premium_words: str = ""
    reimbursement_policies: int = 0
    own_will: str = ""
    prompts: Iterable[str] | None = None
    reason_links: Sequence[Mapping[str, Any]] | None = None
    explained_at: dt.datetime | None = None
    second_confirmed_at: dt.datetime | None = None
    recording_ref: str = ""
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
