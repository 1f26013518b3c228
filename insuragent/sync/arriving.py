"""What a page of a feed tells, read a column at a time where it came in columns: a first pass brings thousands."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from insuragent.errors import Refused
from insuragent.models import Received
from insuragent.sync import codec
from insuragent.sync.protocol import BAD_MESSAGE, LARGEST_MESSAGE, FeedColumns, FeedItem, PullPage, SealedEntry, decode
from insuragent.sync.protocol.columns import Changes, changes_of
from insuragent.sync.protocol.parts import Instant, Word

_LOST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: About so many bytes of an entry are not its changes.
_BESIDE = 260
_encode = msgspec.json.Encoder().encode


class Arrived(NamedTuple):
    """An entry of another hand: what it says, the revision that it made, and whose it was; ``text`` are its changes
    as JSON."""

    id: uuid.UUID
    at: dt.datetime
    deed: str
    kind: str
    record_id: uuid.UUID | None
    told: Changes
    actor_id: uuid.UUID | None
    revision: int
    by: str
    device: str
    text: Raw | None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """[was, now] of each field."""
        return self.told.by_name()

    @property
    def size(self) -> int:
        """How many bytes the entry has, about."""
        return _BESIDE + (memoryview(self.text).nbytes if self.text else 0)


class _Parts(msgspec.Struct, array_like=True):
    """What the columns of entries must be."""

    ids: list[uuid.UUID]
    at: list[Instant]
    records: list[uuid.UUID | None]
    actors: list[uuid.UUID | None]
    words: list[Word]


def read(page: PullPage) -> list[Arrived]:
    """The entries of a page. Raises Refused "bad_message"."""
    if page.columns is None or page.columns.sealed.odd:
        return [_arrived(item) for item in page.straight().items]
    try:
        return list(_columns(page.columns))
    except (ValueError, TypeError) as error:  # msgspec's errors among them
        raise Refused("bad_message", BAD_MESSAGE) from error


def told_before(one: Received) -> Arrived:
    """An entry that came before, as it was kept."""
    told = (one.id, one.at, one.deed, one.kind, one.record_id, _told(one.changes), one.actor_id)
    return Arrived(*told, one.revision, one.actor_name, one.device_id, None)


def _arrived(item: FeedItem) -> Arrived:
    e = decode(item.sealed, SealedEntry)
    changes = _told(e.changes)
    told = (e.id, _moment(e.at), e.deed, e.kind, e.record_id, changes, e.actor_id)
    (text,) = _texts([changes])
    return Arrived(*told, item.revision, item.actor_name, item.device or e.device_id, text)


def _told(changes: Mapping[str, Any] | None) -> Changes:
    """Changes as JSON has them; what has not the shape of one changes nothing."""
    pairs = {name: pair for name, pair in (changes or {}).items() if type(pair) in (list, tuple) and len(pair) == 2}
    return Changes(tuple(pairs), *zip(*pairs.values(), strict=True)) if pairs else Changes()


def _columns(items: FeedColumns) -> Iterator[Arrived]:
    _numbers, ids, at, deeds, kinds, records, _reasons, actors, devices, _versions = items.sealed.parts
    parts = msgspec.convert([ids, at, records, actors, list({*deeds, *kinds, *devices})], _Parts)
    changes = changes_of(items.sealed)
    signers = [signer or device for signer, device in zip(items.devices, devices, strict=True)]
    told = (parts.ids, _moments(at), deeds, kinds, parts.records, changes, parts.actors, items.revisions)
    return map(Arrived._make, zip(*told, items.actor_names, signers, _texts(changes), strict=True))


def _texts(changes: Iterable[Changes]) -> Iterator[Raw | None]:
    """Changes as JSON. Raises ValueError when a long name that stands once in a message is told too often."""
    left = LARGEST_MESSAGE
    for one in changes:
        text = _encode(one.by_name()) if one.names else None
        left -= len(text or b"")
        if left < 0:
            raise ValueError("more than a message may become")
        yield None if text is None else Raw(text)


def _moments(told: Sequence[str]) -> Sequence[dt.datetime]:
    return codec.moments(told) or list(map(_moment, told))


def _moment(told: str) -> dt.datetime:
    return codec.moment(told) or _LOST
