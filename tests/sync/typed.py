"""Nothing that somebody typed is lost: where every value of a desk's journal can be seen in the end."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from insuragent.models import Entry, Received, State

#: Fields of a customer whose clash is asked about, and the one whose lines are joined.
ASKED, JOINED = ("mobile", "occupation_text"), "remark"
Seen = tuple[uuid.UUID, str, Any]


def lost(journal: Sequence[Entry], came: Sequence[Received]) -> Iterator[Seen]:
    """What was merged away on this desk and is told nowhere: in no later entry, no conflict, and nothing that came.

    A line of a joined text counts by itself.
    """
    arrived = {seen for one in came for pair in (0, 1) for seen in _told(one.record_id, one.changes, pair)}
    later: set[Seen] = set()
    for entry in reversed(journal):
        told = entry.changes or {}
        if entry.kind == "conflict" and "mine" in told and "record_id" in told:
            later.add((uuid.UUID(told["record_id"][1]), told["field_name"][1], told["mine"][1]["value"]))
        if entry.kind != "customer" or entry.record_id is None:
            continue
        if entry.state == State.STALE:
            yield from set(_told(entry.record_id, told, 1)) - arrived - later
        later |= {*_told(entry.record_id, told, 0), *_told(entry.record_id, told, 1)}


def _told(record_id: uuid.UUID, changes: Mapping[str, Any] | None, side: int) -> Iterator[Seen]:
    """The values before (0) or after (1) a change."""
    for name, pair in (changes or {}).items():
        if name in ASKED and pair[side] is not None:
            yield record_id, name, pair[side]
        if name == JOINED:
            yield from ((record_id, name, line) for line in (pair[side] or "").split("\n") if line)
