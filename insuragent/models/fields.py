"""A column with its label and traits: what forms, tables, search, masking, journal and sync read."""

import datetime as dt
import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, LargeBinary, String, inspect
from sqlalchemy import types as sqltypes
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column

from insuragent.i18n import _
from insuragent.rules.merging import Merge
from insuragent.rules.phrases import Setting

#: Longest text of a one-line field and of a narrative, in code points, unless the field says otherwise.
LINE, NARRATIVE = 200, 4000


class Kind(enum.Enum):
    """How a field is edited, shown and sent."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MONEY = "money"  # integer fen
    NUMBER = "number"
    LINK = "link"
    ITEMS = "items"  # a list or mapping of plain values


class Search(enum.Enum):
    """What kind of question finds a field."""

    NAME = "name"  # Chinese text and pinyin
    TEXT = "text"  # Chinese text
    DIGITS = "digits"  # any four digits in a row, or the tail
    TAIL = "tail"  # the last four characters only
    CODE = "code"  # a number with letters, from its start or its tail


class Sensitivity(enum.Enum):
    """The data dictionary's grades; SENSITIVE needs a reason to be revealed, and every reveal is audited."""

    PLAIN = "-"
    PERSONAL = "P"
    FINANCIAL = "S"
    SENSITIVE = "SS"


class Choice(enum.StrEnum):
    """An enumeration whose members carry the label that people see: ``MALE = "M", N_("男")``."""

    label: str

    def __new__(cls, value: str, label: str) -> "Choice":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


@dataclass(frozen=True)
class Field:
    """The traits of one field. Lengths are in code points, bounds in the field's own unit.

    ``setting`` says where a text stands and whose words it holds, so that the phrase rules judge it as they must;
    every ``prose`` field has one (checked by test). No prose are names, numbers and codes: see :func:`datum`.
    ``content`` says that the field names bytes by their SHA-256 which travel beside the record.
    """

    label: str
    kind: Kind
    optional: bool = False
    mask: str | None = None
    sensitivity: Sensitivity = Sensitivity.PLAIN
    search: Search | None = None
    merge: Merge = Merge.ASK
    choices: type[Choice] | None = None
    link: str | None = None
    #: The field holds the id of the record that this one hangs on: it is handed over and erased with it.
    parent: bool = False
    #: The field names the member of staff who answers for the record, and follows a hand-over.
    owner: bool = False
    max_length: int = LINE
    low: int | None = None
    high: int | None = None
    check: str | None = None
    consent: str | None = None
    content: bool = False
    derived: bool = False
    default: Any = None
    group: str = ""
    hint: str = ""
    setting: Setting | None = None
    prose: bool | None = None


class Id(sqltypes.TypeDecorator[uuid.UUID]):
    """A UUID in 16 bytes."""

    impl = LargeBinary(16)
    cache_ok = True

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.bytes

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> uuid.UUID | None:
        return None if value is None else uuid.UUID(bytes=value)


class Moment(sqltypes.TypeDecorator[dt.datetime]):
    """An aware moment, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True
    EPOCH, TICK = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)

    @classmethod
    def plain(cls, value: dt.datetime) -> int:
        """A moment as it is kept."""
        return (value - cls.EPOCH) // cls.TICK

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else self.plain(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else self.EPOCH + self.TICK * value


class ChoiceValue(sqltypes.TypeDecorator[str]):
    """A choice by its value; a value that a newer head office knows and we do not stays as text."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[Choice]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else known_choice(self.choices, value)


def known_choice(choices: type[Choice], value: str) -> str:
    """The member of ``choices`` with this value, or the value itself where we do not know it."""
    try:
        return choices(value)  # type: ignore[call-arg]
    except ValueError:
        return value


def choice_words(choices: type[Choice], value: str | None) -> str:
    """What people read for a value of ``choices``, nothing for none; one that only a newer head office knows stays."""
    known = known_choice(choices, value or "")
    return _(known.label) if isinstance(known, Choice) else known


def text(label: str, *, optional: bool = False, default: str | None = None, **traits: Any) -> MappedColumn[Any]:
    """One line of prose, up to 200 code points unless ``max_length`` says otherwise; it needs a ``setting``."""
    traits.setdefault("prose", True)
    return _column(String, Field(label, Kind.TEXT, optional, default=default, **traits))


def datum(label: str, **traits: Any) -> MappedColumn[Any]:
    """A name, number, place or code on one line: nobody writes sentences into it, and no phrase rule reads it."""
    return text(label, prose=False, **traits)


def content(label: str, **traits: Any) -> MappedColumn[Any]:
    """The SHA-256, in hex, of bytes that are kept and synced beside the record."""
    return datum(label, max_length=64, content=True, derived=True, **traits)


def long_text(label: str, *, optional: bool = True, **traits: Any) -> MappedColumn[Any]:
    """A narrative of several lines, with its ``setting``; of two hands both texts are kept unless ``merge`` differs."""
    traits.setdefault("prose", True)
    traits.setdefault("max_length", NARRATIVE)
    traits.setdefault("merge", Merge.JOIN)
    return _column(String, Field(label, Kind.LONG_TEXT, optional, **traits))


def day(label: str, *, optional: bool = True, **traits: Any) -> MappedColumn[Any]:
    """A calendar date."""
    return _column(Date, Field(label, Kind.DAY, optional, **traits))


def moment(label: str, *, optional: bool = True, default: Any = None, **traits: Any) -> MappedColumn[Any]:
    """An aware date and time."""
    return _column(Moment, Field(label, Kind.MOMENT, optional, default=default, **traits))


def choice(
    label: str, choices: type[Choice], *, optional: bool = False, default: Choice | None = None, **traits: Any
) -> MappedColumn[Any]:
    """One of ``choices``."""
    return _column(
        ChoiceValue(choices), Field(label, Kind.CHOICE, optional, choices=choices, default=default, **traits)
    )


def yes_no(label: str, *, optional: bool = True, default: bool | None = None, **traits: Any) -> MappedColumn[Any]:
    """Yes, no, or not told when optional."""
    return _column(Boolean, Field(label, Kind.YES_NO, optional, default=default, **traits))


def money(label: str, *, optional: bool = True, **traits: Any) -> MappedColumn[Any]:
    """An amount in integer fen, never negative unless ``low`` says otherwise."""
    traits.setdefault("low", 0)
    traits.setdefault("high", 10**13)
    traits.setdefault("sensitivity", Sensitivity.FINANCIAL)
    return _column(BigInteger, Field(label, Kind.MONEY, optional, **traits))


def number(label: str, *, optional: bool = True, default: int | None = None, **traits: Any) -> MappedColumn[Any]:
    """An integer."""
    return _column(BigInteger, Field(label, Kind.NUMBER, optional, default=default, **traits))


def items(label: str, *, default: Callable[[], Any] = list, optional: bool = False, **traits: Any) -> MappedColumn[Any]:
    """A list or mapping of plain values, replaced as a whole; never changed in place.

    One that holds ``prose`` says so, with its ``setting``.
    """
    return _column(sqltypes.JSON, Field(label, Kind.ITEMS, optional, default=default, **traits))


def link(to: str, label: str, *, optional: bool = False, index: bool = True, **traits: Any) -> MappedColumn[Any]:
    """The id of a record of kind ``to``. Checked at commit, so that a page of a feed may come in any order."""
    field = Field(label, Kind.LINK, optional, link=to, **traits)
    key = ForeignKey(f"{to}.id", deferrable=True, initially="DEFERRED")
    return mapped_column(Id, key, nullable=optional, index=index, info={"field": field})


def _column(kind: Any, field: Field) -> MappedColumn[Any]:
    return mapped_column(kind, nullable=field.optional, info={"field": field})


def fields_of(record_type: type) -> dict[str, Field]:
    """Every declared field of a record type, by name, in the order of declaration."""
    cached = vars(record_type).get("_fields_cache")
    if cached is None:
        mapper: Mapper[Any] = inspect(record_type)
        cached = {a.key: a.columns[0].info["field"] for a in mapper.column_attrs if "field" in a.columns[0].info}
        record_type._fields_cache = cached  # type: ignore[attr-defined]
    return cached


def to_wire(value: Any) -> Any:
    """A field's value as plain JSON data: what the journal keeps and the wire carries."""
    if isinstance(value, Choice):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def from_wire(field: Field, value: Any) -> Any:
    """The value of ``field`` that :func:`to_wire` made ``value`` of. Raises ValueError when it is of another shape."""
    if value is None:
        return None
    if not _fits(field.kind, value):
        raise ValueError(f"{field.kind.value} expected")
    match field.kind:
        case Kind.LINK:
            return uuid.UUID(value)
        case Kind.DAY:
            return dt.date.fromisoformat(value)
        case Kind.MOMENT:
            return _moment_from_wire(value)
        case Kind.CHOICE if field.choices is not None:
            return known_choice(field.choices, value)
    return value


_PLAIN: dict[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.LONG_TEXT: str,
    Kind.CHOICE: str,
    Kind.LINK: str,
    Kind.DAY: str,
    Kind.MOMENT: str,
    Kind.YES_NO: bool,
    Kind.MONEY: int,
    Kind.NUMBER: int,
    Kind.ITEMS: (list, dict),
}


def _fits(kind: Kind, value: object) -> bool:
    # JSON's true is no number, though Python's is.
    if not isinstance(value, _PLAIN[kind]) or (type(value) is bool) != (kind is Kind.YES_NO):
        return False
    return not isinstance(value, int) or fits_64_bits(value)


def fits_64_bits(number: int) -> bool:
    """Whether a number can be kept by every store that it comes to."""
    return -(2**63) <= number < 2**63


def _moment_from_wire(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")  # each machine would read it by its own
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("a moment beyond the calendar") from error
