"""Receipts: head office's signed word on what it took of a device and holds of its agent."""

from typing import Any

import msgspec

from insuragent.headoffice import audit, oversight, tables
from insuragent.headoffice.database import Database
from insuragent.headoffice.routes import Device, Route
from insuragent.headoffice.signing import ServerKey
from insuragent.models.base import utc_now
from insuragent.sync.protocol import REFUSED, Receipt, ReceiptAsked, receipt_words


class Receipts:
    """Gives receipts and keeps a copy of each."""

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key

    def routes(self) -> list[Route[Any]]:
        """What a device may ask of receipts."""
        return [Route("receipt", ReceiptAsked, self.give)]

    def give(self, device: Device, asked: ReceiptAsked) -> Receipt:
        """A receipt over the device's entries from ``asked.first`` to the newest one taken."""
        e, now = tables.entry.c, utc_now()
        with self._database.begin(device.agent) as rows:
            feed = rows.find(tables.feed, lock=True)
            known = rows.find(tables.device, tables.device.c.device == device.device)
            assert feed is not None, "a device has a feed"
            assert known is not None, "the device was recognised by its row"
            office = audit.head(rows.of(tables.OFFICE))
            mine = (e.device == device.device, e.number >= asked.first)
            plain = Receipt(
                device=device.device,
                first=asked.first,
                last=known.last,
                chain=known.chain,
                head=feed.number,
                taken=rows.count(e.kind, *mine, e.feed_number.is_not(None), of=e.record_id),
                held=rows.count(tables.record.c.kind),
                refused=rows.count(e.result, *mine, e.result == REFUSED).get(REFUSED, 0),
                now=now.isoformat(),
                office_number=office.number,
                office_chain=office.chain,
                lease_days=oversight.get(rows, oversight.LEASE_DAYS),
                leave=oversight.is_leaving(known),
                files=rows.count(tables.file.c.state),
            )
            receipt = msgspec.structs.replace(plain, signature=self._key.sign(receipt_words(plain)))
            kept = {"device": device.device, "last": known.last, "at": now}
            rows.delete(tables.receipt, tables.receipt.c.device == device.device, tables.receipt.c.last == known.last)
            rows.insert(tables.receipt, kept | {"body": msgspec.json.encode(receipt).decode()})
        return receipt
