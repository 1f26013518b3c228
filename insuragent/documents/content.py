"""What the documents show, as plain values: whoever prints fills these in, nothing here knows a record."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table; neighbours with the same ``group`` share a heading above.

    It is as broad as its words need; of the room that is left it takes ``width``, relative to the others. ``align`` is
    "l", "c" or "r", and by itself "c" for the first two columns.
    """

    label: str
    group: str = ""
    width: float = 1.0
    align: str = ""


@dataclass(frozen=True)
class Series:
    """A line of the chart, in yuan a policy year."""

    label: str
    values: Sequence[float]
    role: str = "guaranteed"  # guaranteed, illustrated, premium (paid) or received


@dataclass(frozen=True)
class Coverage:
    """One benefit in plain words: how much, how long, and as far as it is told when, up to what and how often."""

    name: str
    amount: str
    period: str
    condition: str = ""
    limit: str = ""
    times: str = ""


@dataclass(frozen=True)
class Prompt:
    """One of the 18 items that must be explained."""

    number: str
    title: str
    text: str


@dataclass(frozen=True)
class Signature:
    """The customer's stroke picture, when he signed, and the picture's hash."""

    png: bytes
    signed_at: dt.datetime
    sha256: str


@dataclass(frozen=True)
class Agent:
    """Who explains: name, practice number, branch."""

    name: str
    licence_no: str
    branch: str = ""


@dataclass(frozen=True)
class SheetContent:
    """Everything that an explanation sheet shows. Texts are shown literally; amounts are worded by whoever fills.

    ``terms`` and ``clauses`` are titles with their items, before and behind the example; ``first_year_loss`` is empty
    where there is no cash value to lose.
    """

    company: str
    product_name: str
    product_code: str
    product_version: str
    filing_no: str
    product_status: str
    document_no: str
    form_no: str
    template_version: str
    printed_at: dt.datetime
    agent: Agent
    key_facts: Sequence[tuple[str, str]]
    important: Sequence[str]
    risks: Sequence[str]
    coverage: Sequence[Coverage]
    exclusions: Sequence[str]
    surrender_notes: Sequence[str]
    first_year_loss: str
    example_note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    chart: Sequence[Series]
    first_age: int
    prompts: Sequence[Prompt]
    promises: Sequence[str]
    clauses: Sequence[tuple[str, Sequence[str]]]
    statement: str
    policyholder: str
    service: Sequence[str]
    result_hash: str
    package_hash: str
    verification: str
    copied_statement: str = ""
    signature: Signature | None = None
    #: Large print, and what is not covered before what is (story S05).
    elderly: bool = False
    reasons: Sequence[str] = ()
    suitability: Sequence[str] = ()
    subtitle: str = ""
    description: Sequence[str] = ()
    terms: Sequence[tuple[str, Sequence[str]]] = ()
    example_title: str = ""
    company_statement: Sequence[str] = ()
    company_facts: Sequence[tuple[str, str]] = ()
    policy_hash: str = ""


@dataclass(frozen=True)
class LetterContent:
    """A letter or slip: a title, facts below one another, paragraphs, and who gives it.

    ``verification`` is what its QR code says, if it shall have one. ``parts`` are titles with facts of their own.
    ``customer`` is who signs below, ``signature`` what he wrote; nobody signs without a name. ``columns`` and ``rows``
    are a table below the paragraphs, if it has one.
    """

    company: str
    title: str
    number: str
    printed_at: dt.datetime
    facts: Sequence[tuple[str, str]]
    paragraphs: Sequence[str]
    agent: Agent | None = None
    service: Sequence[str] = ()
    verification: str = ""
    parts: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    customer: str = ""
    signature: Signature | None = None
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class SyncCount:
    """How many records of one type this desk sent and head office says it took."""

    label: str
    sent: int
    taken: int


@dataclass(frozen=True)
class SyncReceipt:
    """What head office confirmed at the end of a pass; moments are aware.

    ``entries`` are the first and the last number of the journal that the receipt covers, ``digest`` their hash;
    ``notes`` tell what is unusual, for instance a clock that is off.
    """

    company: str
    number: str
    agent: Agent
    device: str
    server_time: dt.datetime
    printed_at: dt.datetime
    counts: Sequence[SyncCount]
    entries: tuple[int, int]
    digest: str
    notes: Sequence[str] = ()


def texts_of(content: object) -> Iterator[str]:
    """Every text that a document shows, for the check that each character has a glyph: no field can be forgotten."""
    if isinstance(content, str):
        yield content
    elif is_dataclass(content):
        for field in fields(content):
            yield from texts_of(getattr(content, field.name))
    elif isinstance(content, Sequence) and not isinstance(content, bytes):
        for part in content:
            yield from texts_of(part)
