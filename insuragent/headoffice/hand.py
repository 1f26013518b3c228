"""Head office's own hand in a feed: it writes under the feed's lock, as the device ``office`` of that agent."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from insuragent import __version__
from insuragent.headoffice import tables
from insuragent.headoffice.database import Rows
from insuragent.headoffice.intake import Incoming, Intake
from insuragent.headoffice.judging import Verdict
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS
from insuragent.sync.protocol import ACCEPTED, Answer, SealedEntry

#: The name of head office among the devices of a feed.
DEVICE = "office"


class Hand:
    """What head office writes into one feed within a transaction; :meth:`rest` must end it."""

    def __init__(self, rows: Rows) -> None:
        """Takes the feed's lock; makes the feed where there is none."""
        self.rows = rows
        feed = rows.get(tables.feed, lock=True)
        if feed is None:
            rows.insert(tables.feed, {"number": 0})
        device = _own(rows)
        self._last = int(device.last)
        self._intake = Intake(rows, DEVICE, feed.number if feed else 0, bytes.fromhex(device.chain), office=True)

    def change(self, kind: str, record_id: str, changes: Mapping[str, Any], base: int, **whose: Any) -> Answer:
        """Enter a change as any desk would: judged, applied and numbered. ``base`` is 0 for a new record."""
        deed = Deed.CHANGE if base else Deed.CREATE
        (answer,) = self._intake.take([self._incoming(deed, kind, record_id, changes, base, **whose)])
        return answer

    def tell(
        self, deed: Deed, kind: str, record_id: str, changes: Mapping[str, Any], revision: int, **whose: Any
    ) -> None:
        """Number what is done already, so that the agent's desks learn it."""
        entry = self._incoming(deed, kind, record_id, changes, None, **whose)
        self._intake.note(entry, Verdict(ACCEPTED, revision, numbered=True))

    def rest(self) -> None:
        """Keep how far feed and chain have come."""
        self.rows.put(tables.feed, {"number": self._intake.number, "held": None})
        here = {"last": self._last, "chain": self._intake.chain.hex()}
        self.rows.update(tables.device, here, tables.device.c.device == DEVICE)

    def _incoming(
        self, deed: Deed, kind: str, record_id: str, changes: Mapping[str, Any], base: int | None, **whose: Any
    ) -> Incoming:
        self._last += 1
        plain = SealedEntry(
            number=self._last,
            id=uuid7(),
            at=utc_now().isoformat(),
            deed=deed,
            kind=kind,
            record_id=uuid.UUID(record_id),
            changes=dict(changes),
            reason="",
            actor_id=None,
            device_id=DEVICE,
            version=__version__,
        )
        entry = msgspec.structs.replace(plain, **whose)
        return Incoming.of(msgspec.json.encode(entry), entry, base)


def _own(rows: Rows) -> Any:
    """Head office's own row among the devices of this feed; nobody can sign as it, because its key is empty."""
    mine = tables.device.c.device == DEVICE
    if rows.find(tables.device, mine) is None:
        chain = {"last": 0, "chain": GENESIS.hex(), "enrolled_at": utc_now()}
        rows.insert(tables.device, {"device": DEVICE, "name": "", "public_key": b"", "state": DEVICE, **chain})
    return rows.find(tables.device, mine)
