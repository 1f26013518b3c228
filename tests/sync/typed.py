"""Nothing that somebody typed is lost: where every value of a desk's journal can be seen in the end."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from insuragent.models import Entry, Received, State

#: Fields of a customer whose clash is asked about.
ASKED = ("mobile", "score")
Seen = tuple[uuid.UUID, str, Any]


def lost(journal: Sequence[Entry], came: Sequence[Received], remarks: Mapping[uuid.UUID, str]) -> Iterator[str]:
    """What was merged away and is neither told later in the journal, nor in a conflict, nor what came, nor joined.

    ``remarks`` are the joined texts as the desk shows them in the end.
    """
    arrived = {seen for one in came for seen in _seen(one.record_id, one.changes)}
    later: set[Seen] = set()
    for entry in reversed(journal):
        told = entry.changes or {}
        if entry.kind == "conflict" and "mine" in told and "record_id" in told:
            later.add((uuid.UUID(told["record_id"][1]), told["field_name"][1], told["mine"][1]["value"]))
        if entry.kind != "customer" or entry.record_id is None:
            continue
        if entry.state == State.STALE:
            for name in told.keys() & ASKED:
                if (entry.record_id, name, told[name][1]) not in arrived | later:
                    yield f"{told[name][1]!r} of {name}"
            typed = str((told.get("remark") or [None, None])[1] or "")
            yield from sorted(set(filter(None, typed.split("\n"))) - set(remarks[entry.record_id].split("\n")))
        later |= set(_seen(entry.record_id, told))


def _seen(record_id: uuid.UUID, changes: Mapping[str, Any] | None) -> Iterator[Seen]:
    for name in (changes or {}).keys() & ASKED:
        yield from ((record_id, name, value) for value in (changes or {})[name])
