"""How records show at the console: by their declarations, masked until somebody reveals them for a reason."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import BadFile
from insuragent.headoffice import directory
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import staff_of
from insuragent.i18n import N_, _, format_date, format_moment, format_money
from insuragent.models import RECORDS
from insuragent.models.fields import Field, Kind, Search, Sensitivity, choice_words, from_wire
from insuragent.rules.masking import mask
from insuragent.sync import hanging

#: As many people as one looks through in a list.
FEW = 200
_HIDDEN = "******"
_YES, _NO = N_("是"), N_("否")
#: Of these kinds nothing shows unless it is revealed: people write whatever they like.
_WORDS = (Kind.LONG_TEXT, Kind.ITEMS)


@dataclass(frozen=True)
class Fact:
    """One field as a page shows it."""

    label: str
    text: str
    masked: bool


def facts(kind: str, body: Mapping[str, Any], names: Mapping[str, str], *, revealed: bool) -> Iterator[Fact]:
    """The fields of a record (wire form) that hold something; ``names`` are those of the staff, by id."""
    for name, field in hanging.declared(kind).items():
        text = _text(field, body.get(name), names)
        if text:
            hidden = not revealed and is_personal(field)
            yield Fact(field.label, _masked(field, text) if hidden else text, hidden)


def headline(kind: str, body: Mapping[str, Any]) -> str:
    """What a record is called by, masked where its name is a person's."""
    for name, field in hanging.declared(kind).items():
        if field.search in (Search.NAME, Search.CODE) and body.get(name):
            text = str(body[name])
            return _masked(field, text) if is_personal(field) else text
    return ""


def is_personal(field: Field) -> bool:
    """Whether a field shows in full only when it is revealed."""
    return field.mask is not None or field.sensitivity is not Sensitivity.PLAIN or field.kind in _WORDS


def kind_label(kind: str) -> str:
    """What a kind of record is called; one that this program does not know, by its own word."""
    return RECORDS[kind].label if kind in RECORDS else kind


def staff_names(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """The names of those of the ids that are staff: a page asks for whom it shows, however large the company is."""
    return {row.id: name_of(row) for row in staff_of(database, set(ids))}


def few(database: Database) -> Sequence[sa.Row[Any]]:
    """All members of staff where a list of them is short enough to choose from; else none, and one types who it is."""
    ids = directory.found(database, most=FEW + 1)
    return staff_of(database, ids) if len(ids) <= FEW else ()


def name_of(row: sa.Row[Any]) -> str:
    """The name of a member of staff."""
    return str(row.body.get("name") or "")


def number_of(told: str) -> int:
    """A number as an address tells it; 0 for what is none."""
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0


def _masked(field: Field, text: str) -> str:
    return mask(text, field.mask) if field.mask else _HIDDEN


def _text(field: Field, value: Any, names: Mapping[str, str]) -> str:
    try:
        value = from_wire(field, value)
    except (ValueError, TypeError) as error:
        raise BadFile(N_("资料的内容不是预期的格式")) from error
    match field.kind:
        case _ if value is None or value in ("", [], {}):
            return ""
        case Kind.CHOICE if field.choices is not None:
            return choice_words(field.choices, value)
        case Kind.DAY:
            return format_date(value)
        case Kind.MOMENT:
            return format_moment(value)
        case Kind.YES_NO:
            return _(_YES if value else _NO)
        case Kind.MONEY:
            return format_money(value)
        case Kind.LINK:
            return names.get(str(value), str(value))
        case Kind.ITEMS:
            return "\n".join(_lines(value))
    return str(value)


def _lines(value: Any) -> Iterator[str]:
    for one in value.items() if isinstance(value, dict) else value:
        yield " ".join(map(str, one.values() if isinstance(one, dict) else one if isinstance(one, tuple) else [one]))
