"""What the gates of a sheet look at, and what each of them answers."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from insuragent.i18n import _
from insuragent.products.package import Package

PRINT, SIGN = "print", "sign"


@dataclass(frozen=True)
class Gate:
    """Something that must be so; ``open`` when it is. ``rule`` names the requirement and the law behind it (a msgid).

    ``stage`` says when it must be: before printing, or only before signing. A ``warning`` is told and stops nothing.
    With ``advice`` one must advise the customer not to buy (requirement R3.2b), also when the gate is open; ``reason``
    says why, as the customer reads it.
    """

    name: str
    text: str
    open: bool
    rule: str
    warning: bool = False
    stage: str = PRINT
    advice: bool = False
    reason: str = ""

    @property
    def told(self) -> str:
        """What it says, and on what it rests."""
        return _("{text}（依据：{rule}）").format(text=self.text, rule=_(self.rule))


@dataclass(frozen=True)
class Budget:
    """What the household earns (0: not known) and pays already, in fen a year, and for how long it can pay.

    ``single_premium`` is paid once, ``new_premium`` every year; ``pay_years_ok`` None is not known.
    """

    income: int
    premiums: int
    new_premium: int
    pay_years: int = 0
    pay_years_ok: int | None = None
    single_premium: int = 0


@dataclass(frozen=True)
class Case:
    """What the gates look at; by default nothing was done and nothing is known. Money is fen.

    ``withdrawn_from`` is the day from which head office no longer sells the product, ``notice`` its announcement, as
    far as this desk knows. ``age`` is the insured's in full years, ``insured_fits`` whether the illustration is for
    somebody of that age and sex (None: nothing to compare), ``applicant`` what the policyholder is to the insured.
    ``texts`` are ours, not the customer's; ``reviewed`` are the phrases that a supervisor let pass. ``prompts``
    (what was explained, and when), ``reason_links`` and ``statement`` are None before there is a sheet to note them on.
    """

    package: Package
    today: dt.date
    status_as_of: dt.date
    identified: bool = False
    restricted: bool = False
    newest_package: str = ""
    licence_valid_to: dt.date | None = None
    withdrawn_from: dt.date | None = None
    withdrawn: bool = False
    notice: str = ""
    proposed_on: dt.date | None = None
    valid_until: dt.date | None = None
    analysed: bool = False
    texts: Sequence[str] = ()
    reviewed: Collection[str] = ()
    agent_name: str = ""
    agent_level: str | None = None
    authorised: Sequence[str] | None = None
    id_checked: bool = False
    promises_told: bool = False
    risk_level: str | None = None
    risk_assessed_on: dt.date | None = None
    age: int | None = None
    insured_fits: bool | None = None
    insured_consent: bool = False
    beneficiary: str = ""
    applicant_born: dt.date | None = None
    applicant: str = "self"
    guardian_consent: bool = False
    death_cover: int = 0
    other_death_cover: int | None = None
    goals: Sequence[str] | None = None
    budget: Budget | None = None
    premium_words: str = ""
    reimbursement_policies: int | None = None
    stop_advised: bool = False
    own_will: str = ""
    own_will_signed: bool = False
    prompts: Mapping[str, dt.datetime] | None = None
    reason_links: Sequence[Mapping[str, Any]] | None = None
    statement: str | None = None
    explained_at: dt.datetime | None = None
    second_confirmed_at: dt.datetime | None = None
    recording_ref: str = ""
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def off_sale(self) -> bool:
        """Whether head office, or the package itself, has taken the product from the shelf."""
        ended = self.withdrawn_from is not None and self.withdrawn_from <= self.today
        return ended or self.withdrawn or self.package.status not in ("on_sale", "notice_withdraw")

    @property
    def covers_death(self) -> bool:
        """Whether something is paid because somebody dies (保险法 art. 33, 34)."""
        return any(benefit.code == "DEATH" for benefit in self.package.coverage)
