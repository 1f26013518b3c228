"""A product package as head office files it: the words for customers, the rules of sale, and its tables of figures."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

#: The items that must be told expressly before a proposal (金监总局令2023年第2号 art. 25; regulations.csv G01).
PROMPT_CODES = tuple(f"{number:02d}" for number in range(1, 19))
#: The last age of the mortality tables.
GREATEST_AGE = 105
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
class AgeLimit:
    """The greatest entry age for one sex and way of payment where it lies below the product's: above it is no price.

    ``to_age`` None stands for cover for life.
    """

    sex: str
    pay_years: int
    age_max: int
    to_age: int | None = None


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
    age_limits: tuple[AgeLimit, ...] = ()


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

    Prices are per 1,000 yuan of premium or cover, cash values too: one for each policy year, with blanks between, as
    they stand in the file, because a sheet reads one row of thousands.
    """

    decrements: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)
    rates: Mapping[Case, Decimal] = field(default_factory=dict)
    cash_values: Mapping[Case, str] = field(default_factory=dict)
    bands: tuple[tuple[int, int, Decimal, Decimal], ...] = ()

    def cash_values_of(self, case: Case) -> tuple[Decimal, ...]:
        """The cash values per 1,000 at the end of each policy year; none where the table does not hold the case."""
        return tuple(Decimal(value) for value in self.cash_values.get(case, "").split())


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the numbers of a product rest on, without its words; ``content_hash`` covers all files of its package."""

    code: str
    design_type: str
    entry: Entry
    basis: Basis
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

    def case(self, sex: str, age: int, pay_years: int, to_age: int | None) -> Case:
        """The tables' case of these inputs."""
        return sex, age, self.end_age(to_age), pay_years

    def paid_up_by(self, to_age: int | None) -> int:
        """The age by which the last premium's year must be over: the start of the annuity, or the end of cover."""
        return self.basis.annuity_from or self.end_age(to_age)

    def age_most(self, sex: str, pay_years: int, to_age: int | None) -> int:
        """The greatest age at which this sex may enter with this way of payment and end of cover, as the rules say."""
        limits = (
            limit.age_max
            for limit in self.entry.age_limits
            if (limit.sex, limit.pay_years, limit.to_age) == (sex, pay_years, to_age)
        )
        return min((self.entry.age_max, *limits))


@dataclass(frozen=True, kw_only=True)
class Package(Terms):
    """Everything that is known about one version of one product: its terms, and the words for customers."""

    name: str
    filing_no: str
    version: str
    type: str
    p_level: str
    min_agent_level: str
    status: str
    filed_on: dt.date
    pricing_rate: Decimal
    company: Company
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
    sample: bool = False
    long_term: bool = True
    withdraw_from: dt.date | None = None
    notice_id: str = ""
    guaranteed_renewal_years: int = 0
    guarantee_years: int = 0
    health_questions: tuple[str, ...] = ()
    dividend_policy: str = ""
    investment_strategy: str = ""
    fulfilment: tuple[Fulfilment, ...] = ()
    loan: tuple[str, ...] = ()
    company_statement: tuple[str, ...] = ()
    statement: str = ""
