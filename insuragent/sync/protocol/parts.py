"""What the parts of messages may be, and whether whole columns of them are."""

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

Number = Annotated[int, Meta(ge=0, le=2**53)]
Positive = Annotated[int, Meta(ge=1, le=2**53)]
Word = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00]*\Z")]
Instant = Annotated[str, Meta(max_length=40)]
Reason = Annotated[str, Meta(max_length=8000)]
Hash = Annotated[str, Meta(max_length=64, pattern="^[0-9a-f]*$")]
Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]

_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDS = re.compile(f"{_ID}(?: {_ID})*")


def fit(parts: list[list[Any]]) -> bool:
    """Whether each column holds what a ``SealedEntry`` declares, so that none has to be looked at by itself.

    Ids stay the texts that they are. What does not fit is told by reading the entry.
    """
    numbers, ids, moments, deeds, kinds, records, reasons, actors, devices, versions = parts
    try:
        told = " ".join([*ids, *filter(None, records), *filter(None, set(actors))])
        once = {*deeds, *kinds, *devices, *versions}
        msgspec.convert([numbers, list(set(moments)), list(once), list(set(reasons))], _Fit)
    except (msgspec.ValidationError, TypeError):
        return False
    return _IDS.fullmatch(told) is not None


class _Fit(msgspec.Struct, array_like=True):
    """What the columns of entries must be."""

    numbers: list[Positive]
    moments: list[Instant]
    words: list[Word]
    reasons: list[Reason]
