"""A product package as head office files it: the words for customers, the rules of sale, and its tables of figures."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

#: The items that must be told expressly before a proposal (金监总局令2023年第2号 art. 25; regulations.csv G01).
PROMPT_CODES = tuple(f"{number:02d}" for number in range(1, 19))
NEW_TYPES = ("participating", "universal", "linked")


@dataclass(frozen=True)
class Company:
    """The insurer that stands behind the product, and how to reach it."""

    name: str
    licence: str
    address: str
    service_phone: str
    website: str


@dataclass(frozen=True)
class Entry:
    """Who may buy, and how much. Ages are full years; money is yuan; an empty list of ages means for life."""

    age_min: int
    age_max: int
    pay_years: tuple[int, ...]
    to_ages: tuple[int, ...] = ()
    age_min_days: int = 28
    premium_min: Decimal | None = None
    premium_max: Decimal | None = None
    sum_assured_min: Decimal | None = None
    sum_assured_max: Decimal | None = None
    occupation_classes: str = ""


@dataclass(frozen=True)
class Coverage:
    """One benefit in plain words: what is paid, when, how often and up to what."""

    code: str
    name: str
    amount: str
    condition: str
    waiting_days: int = 0
    limit: str = ""
    times: str = ""


@dataclass(frozen=True)
class Exclusion:
    """One case in which nothing is paid, in plain words, with its legal basis where there is one."""

    number: int
    text: str
    law_ref: str = ""


@dataclass(frozen=True)
class Document:
    """A document in the package: its title and its file's name."""

    title: str
    file: str


@dataclass(frozen=True)
class Fulfilment:
    """How much of the illustrated dividend one past year brought, as shares of one."""

    year: int
    cash: Decimal
    increment: Decimal | None = None


@dataclass(frozen=True)
class Basis:
    """The figures behind the account; ``design`` says which formulas use them. Rates are shares of one.

    ``death_multiples`` are (from age, share of premiums paid) pairs, by the age at the start of the year.
    """

    design: str
    interest: Decimal = Decimal(0)
    expenses: tuple[Decimal, ...] = ()
    surrender_least: Decimal = Decimal("0.9")
    surrender_years: int = 20
    growth: Decimal = Decimal(0)
    death_multiples: tuple[tuple[int, Decimal], ...] = ()
    annuity_from: int = 0
    last_age: int = 105
    first_year_cover_share: Decimal = Decimal(1)
    first_year_premium_share: Decimal = Decimal(0)
    dividend_share: Decimal = Decimal(0)
    accumulation_rate: Decimal = Decimal(0)
    illustrated_rate: Decimal = Decimal(0)
    single_fee: Decimal = Decimal(0)
    surrender_charges: tuple[Decimal, ...] = ()
    illustrated_years: int = 0


@dataclass(frozen=True)
class Medical:
    """What a reimbursement product pays. Money is yuan, rates are shares of one."""

    deductible: Decimal
    rate_with_social: Decimal
    rate_without_social: Decimal
    annual_limit: Decimal
    waiting_days: int


#: A case of a table: sex, entry age, age at the end of cover, years of payment.
Case = tuple[str, int, int, int]


@dataclass(frozen=True)
class Tables:
    """The package's figures: yearly decrements by sex and age, prices and cash values by case, premiums by age band.

    Prices are per 1,000 yuan of premium or cover, cash values too, one for each policy year.
    """

    decrements: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)
    rates: Mapping[Case, Decimal] = field(default_factory=dict)
    cash_values: Mapping[Case, tuple[str, ...]] = field(default_factory=dict)
    bands: tuple[tuple[int, int, Decimal, Decimal], ...] = ()

    def cash_value(self, case: Case, year: int) -> Decimal | None:
        """The cash value at the end of ``year`` (from 1) per 1,000, or None where the table does not hold the case."""
        row = self.cash_values.get(case)
        return Decimal(row[year - 1]) if row is not None and year <= len(row) else None


@dataclass(frozen=True)
class Package:
    """Everything that is known about one version of one product; ``content_hash`` covers all its files."""

    code: str
    name: str
    filing_no: str
    version: str
    type: str
    design_type: str
    p_level: str
    min_agent_level: str
    status: str
    filed_on: dt.date
    pricing_rate: Decimal
    company: Company
    entry: Entry
    insured_period: str
    pay_modes: Mapping[str, Decimal]
    waiting_days: int
    waiting_scope: str
    hesitation_days: int
    grace_days: int
    revival_years: int
    summary: str
    suits: str
    coverage: tuple[Coverage, ...]
    exclusions: tuple[Exclusion, ...]
    fees: tuple[str, ...]
    rights: tuple[str, ...]
    surrender: str
    prompt_items: Mapping[str, str]
    risk_hints: tuple[str, ...]
    service_promises: tuple[str, ...]
    claim_steps: tuple[str, ...]
    complaint_ways: tuple[str, ...]
    docs: tuple[Document, ...]
    basis: Basis
    sample: bool = False
    long_term: bool = True
    withdraw_from: dt.date | None = None
    notice_id: str = ""
    guaranteed_renewal_years: int = 0
    health_questions: tuple[str, ...] = ()
    dividend_policy: str = ""
    investment_strategy: str = ""
    fulfilment: tuple[Fulfilment, ...] = ()
    loan: tuple[str, ...] = ()
    company_statement: tuple[str, ...] = ()
    statement: str = ""
    medical: Medical | None = None
    tables: Tables = field(default_factory=Tables)
    content_hash: str = ""

    @property
    def is_new_type(self) -> bool:
        """Whether benefits depend on results that nobody promises: participating, universal, linked (G04)."""
        return self.design_type in NEW_TYPES

    def end_age(self, to_age: int | None) -> int:
        """The age at which cover ends: the chosen one, or the last of the basis."""
        return self.basis.last_age if to_age is None else to_age
