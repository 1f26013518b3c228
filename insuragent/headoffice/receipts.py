"""Receipts: head office's signed word on what it took of a device and holds of its agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.headoffice import audit, oversight, tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.routes import Device, Route
from insuragent.headoffice.signing import ServerKey
from insuragent.headoffice.statements import prepared
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.sync.protocol import REFUSED, Receipt, ReceiptAsked, receipt_words
from insuragent.sync.protocol.files import OPEN, REFUSED_FILE, STORED

_e = tables.entry.c
_TAKEN = prepared(
    sa.select(
        _e.kind,
        sa.func.count(sa.distinct(_e.record_id)).filter(_e.feed_number.is_not(None)).label("taken"),
        sa.func.count().filter(_e.result == REFUSED).label("refused"),
    )
    .where(_e.device == sa.bindparam("device"), _e.number >= sa.bindparam("first"))
    .group_by(_e.kind),
    tables.entry,
)
#: How many files there are by their states, and what else a receipt tells.
_STATES = (OPEN, STORED, REFUSED_FILE)
_QUESTIONS: dict[str, sa.ColumnElement[Any]] = {
    **{state: sa.func.count().filter(tables.file.c.state == state) for state in _STATES},
    "number": audit.NEWEST_NUMBER,
    "chain": audit.NEWEST_CHAIN,
    "lease": oversight.asked(oversight.LEASE_DAYS),
}
_BESIDE = prepared(sa.select(*(one.label(name) for name, one in _QUESTIONS.items())), tables.file)


@dataclass(frozen=True)
class Standing:
    """How a device and its agent's feed stand: the newest entry taken and the journal's hash at it, the feed's number,
    how many records there are by kind where that is known, and whether the device is to be wiped after this."""

    last: int
    chain: str
    number: int
    held: Mapping[str, int] | None
    leaves: bool


class Receipts:
    """Gives receipts and keeps a copy of each."""

    #: Whose rows it reads beside the agent's: head office's journal, and what is set for all.
    OTHERS = (tables.OFFICE, tables.CATALOGUE)

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key

    def routes(self) -> list[Route[Any]]:
        """What a device may ask of receipts."""
        return [Route("receipt", ReceiptAsked, self.give)]

    def give(self, device: Device, asked: ReceiptAsked) -> Receipt:
        """A receipt over the device's entries from ``asked.first`` to the newest one taken."""
        with self._database.begin(device.agent, *self.OTHERS) as rows:
            device.admit(rows)
            feed = rows.get(tables.feed, lock=True)
            known = rows.get(tables.device, device=device.device)
            assert feed is not None, "a device has a feed"
            assert known is not None, "the device was recognised by its row"
            stands = Standing(known.last, known.chain, feed.number, feed.held, leaves=oversight.is_leaving(known))
            receipt = self.made(rows, device, stands, asked.first)
            rows.put(tables.feed, {"held": receipt.held})
            keep(rows, receipt)
            return receipt

    def made(self, rows: Rows, device: Device, stands: "Standing", first: int) -> Receipt:
        """A receipt, in a transaction that may reach for the rows of ``OTHERS``."""
        (beside,) = rows.run(_BESIDE)
        office = audit.head_of(beside.number, beside.chain)
        taken = rows.run(_TAKEN, device=device.device, first=first)
        plain = Receipt(
            device=device.device,
            first=first,
            last=stands.last,
            chain=stands.chain,
            head=stands.number,
            taken={row.kind: row.taken for row in taken if row.taken},
            held=rows.count(tables.record.c.kind) if stands.held is None else dict(stands.held),
            refused=sum(row.refused for row in taken),
            now=utc_now().isoformat(),
            office_number=office.number,
            office_chain=office.chain,
            lease_days=oversight.value_of(oversight.LEASE_DAYS, beside.lease),
            leave=stands.leaves,
            files={state: number for state in _STATES if (number := getattr(beside, state))},
        )
        return msgspec.structs.replace(plain, signature=self._key.sign(receipt_words(plain)))


def keep(rows: Rows, receipt: Receipt) -> None:
    """Keep a copy of a receipt."""
    told = {"at": Moment.plain(utc_now()), "body": msgspec.json.encode(receipt).decode()}
    rows.upsert_many(tables.receipt, [{"device": receipt.device, "last": receipt.last, **told}])
