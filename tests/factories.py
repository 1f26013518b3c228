"""A valid record of any type, from its declarations, and the same as Hypothesis strategies."""

import datetime as dt
from typing import Any, TypeVar

from hypothesis import strategies as st

from insuragent.models import Record
from insuragent.models.fields import Field, Kind, fields_of

R = TypeVar("R", bound=Record)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
_SAMPLES: dict[Kind, Any] = {
    Kind.TEXT: "王𬭎",
    Kind.LONG_TEXT: "客户当面讲述。\n第二行。",
    Kind.DAY: dt.date(2026, 11, 23),
    Kind.MOMENT: NOON,
    Kind.YES_NO: True,
    Kind.MONEY: 1_234_500,
    Kind.NUMBER: 1,
    Kind.ITEMS: ["一", "二"],
}
_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


def sample(field: Field) -> Any:
    """A valid value of one field; None for a link."""
    if field.kind is Kind.LINK:
        return None
    if field.kind is Kind.CHOICE and field.choices is not None:
        return next(iter(field.choices))
    value = _SAMPLES[field.kind]
    return value[: field.max_length] if isinstance(value, str) else value


def make(record_type: type[R], **values: Any) -> R:
    """A record with every field filled, ``values`` in place of the samples."""
    filled = {name: sample(field) for name, field in fields_of(record_type).items() if name not in _KEPT}
    return record_type(**(filled | values))


_KEPT = ("created_at", "archived_at")


def values(field: Field) -> st.SearchStrategy[Any]:
    """Any valid value of one field, none at all included where it is optional."""
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            found: st.SearchStrategy[Any] = _WORDS.map(lambda text: text[: field.max_length])
        case Kind.DAY:
            found = st.dates()
        case Kind.MOMENT:
            seconds = st.floats(-(10**9), 6 * 10**9).map(lambda second: round(second, 6))
            found = seconds.map(lambda second: EPOCH + dt.timedelta(seconds=second))
        case Kind.CHOICE:
            found = st.sampled_from(list(field.choices or ()))
        case Kind.YES_NO:
            found = st.booleans()
        case Kind.MONEY | Kind.NUMBER:
            found = st.integers(field.low or 0, field.high if field.high is not None else 10**12)
        case Kind.LINK:
            found = st.uuids()
        case Kind.ITEMS:
            found = st.lists(_WORDS, max_size=4)
    return st.none() | found if field.optional else found
