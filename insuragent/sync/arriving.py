"""What a page of a feed tells, read a column at a time where it came in columns: a first pass brings thousands."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from insuragent.errors import Refused
from insuragent.sync import codec
from insuragent.sync.protocol import BAD_MESSAGE, LARGEST_MESSAGE, FeedColumns, FeedItem, PullPage, SealedEntry, decode
from insuragent.sync.protocol.columns import Changes, changes_of
from insuragent.sync.protocol.parts import Instant, Word

_LOST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Arrived(NamedTuple):
    """An entry of another hand: what it says, the revision that it made, and whose it was."""

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

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """[was, now] of each field."""
        return self.told.by_name()


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


def told_by(news: Iterable[Arrived]) -> dict[str, Any]:
    """What the newest of them says of each field."""
    found: dict[str, Any] = {}
    for one in news:
        found.update(zip(one.told.names, one.told.now, strict=True))
    return found


def _arrived(item: FeedItem) -> Arrived:
    e = decode(item.sealed, SealedEntry)
    told = (e.id, _moment(e.at), e.deed, e.kind, e.record_id, _told(e.changes), e.actor_id)
    return Arrived(*told, item.revision, item.actor_name, item.device or e.device_id)


def _told(changes: Mapping[str, Any] | None) -> Changes:
    """Changes as JSON has them; what has not the shape of one changes nothing."""
    pairs = {name: pair for name, pair in (changes or {}).items() if type(pair) in (list, tuple) and len(pair) == 2}
    return Changes(tuple(pairs), *zip(*pairs.values(), strict=True)) if pairs else Changes()


def _columns(items: FeedColumns) -> Iterator[Arrived]:
    _numbers, ids, at, deeds, kinds, records, _reasons, actors, devices, _versions = items.sealed.parts
    parts = msgspec.convert([ids, at, records, actors, list({*deeds, *kinds, *devices})], _Parts)
    changes = changes_of(items.sealed)
    if sum(sum(map(len, one.names)) for one in changes) > LARGEST_MESSAGE:  # a long name may stand once, and often
        raise ValueError("more than a message may become")
    signers = [signer or device for signer, device in zip(items.devices, devices, strict=True)]
    told = (parts.ids, _moments(at), deeds, kinds, parts.records, changes, parts.actors, items.revisions)
    return map(Arrived._make, zip(*told, items.actor_names, signers, strict=True))


def _moments(told: Sequence[str]) -> Sequence[dt.datetime]:
    return codec.moments(told) or list(map(_moment, told))


def _moment(told: str) -> dt.datetime:
    return codec.moment(told) or _LOST
