"""The ledger: takes what devices push, numbers it, and tells each feed what is new."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import feeds, late, sealers, tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.intake import Incoming, Intake, answer_of, incoming
from insuragent.headoffice.judging import Verdict
from insuragent.headoffice.oversight import is_leaving
from insuragent.headoffice.receipts import Receipts, Standing, keep
from insuragent.headoffice.routes import LARGE, Device, Route
from insuragent.headoffice.statements import prepared, together
from insuragent.i18n import N_
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.sync import codec
from insuragent.sync.protocol import (
    CATALOGUE,
    CLOCK_TOLERANCE,
    GLANCE_BYTES,
    GLANCE_ENTRIES,
    OWN,
    RENUMBERED,
    Answer,
    Hello,
    HelloAnswer,
    Pull,
    PullPage,
    Push,
    PushAnswer,
    Receipt,
)

log = logging.getLogger(__name__)

_BEHIND = N_("总公司缺少本设备已上传的内容，请联系管理员")
_GAP = N_("上传的内容不连续")


_e = tables.entry.c
_NUMBERED = prepared(
    sa.select(tables.entry).where(
        _e.device == sa.bindparam("device"), _e.number.between(sa.bindparam("first"), sa.bindparam("last"))
    ),
    tables.entry,
)


#: How far an agent's feed is and everybody's, and whether something must be told in his first.
_STANDS = together(newest=feeds.NEWEST, everybodys=feeds.NEWEST_OF_ALL, is_due=late.IS_DUE)


class Gap(Refused):
    """Entries are missing on our side; ``expected`` is the number that must come next, or the last that we have."""

    def __init__(self, expected: int, code: str = "gap", words: str = _GAP) -> None:
        self.expected = expected
        super().__init__(code, words)


class Ledger:
    """Head office's side of the protocol. Lock order everywhere: feed, device, rows."""

    def __init__(
        self,
        database: Database,
        after_erasure: Callable[[], object] = lambda: None,
        receipts: Receipts | None = None,
        tell_results: Callable[[Iterable[str]], object] = lambda _results: None,
    ) -> None:
        """``after_erasure`` is called when something was erased for good, outside the transaction; ``receipts`` gives
        those that are asked for with a push; ``tell_results`` hears what became of the new entries of each."""
        self.database, self._after_erasure, self._receipts = database, after_erasure, receipts
        self._tell_results = tell_results

    def routes(self) -> list[Route[Any]]:
        """What a device may ask the ledger."""
        return [
            Route("hello", Hello, self.hello),
            Route("pull", Pull, self.pull, pulls=True),
            Route("push", Push, self.push, LARGE),
        ]

    def hello(self, device: Device, hello: Hello) -> HelloAnswer:
        """Open a pass: what was taken of this device, the answers that it missed, and how far each feed is.

        Raises Refused "renumbered" when its journal is an older copy, Gap "behind" when ours is.
        """
        with self.database.begin(device.agent, tables.CATALOGUE) as rows:
            row = _admitted(rows, device)
            (stands,) = rows.run(_STANDS)
            if not stands.is_due:
                return _greet(rows, row, device, hello, stands)
        if late.deliver(self.database, device.agent):
            self._after_erasure()
        with self.database.begin(device.agent, tables.CATALOGUE) as rows:
            row = _admitted(rows, device)
            return _greet(rows, row, device, hello, *rows.run(_STANDS))

    def pull(self, device: Device, asked: Pull) -> PullPage:
        """A page of a feed after a cursor, up to the head that the first page told. Raises Refused "unknown_feed"."""
        if asked.feed not in (OWN, CATALOGUE):
            raise Refused("unknown_feed")
        others = [] if asked.feed == OWN else [tables.CATALOGUE]
        with self.database.begin(device.agent, *others) as mine:
            device.admit(mine)
            rows = mine.of(*others) if others else mine
            return feeds.page(rows, asked)

    def push(self, device: Device, push: Push) -> PushAnswer:
        """Take entries, all of them or (on an exception) none. Repeating a push changes nothing.

        Raises Gap, and Refused "renumbered" when a number that was taken comes with another id.
        """
        coming = incoming(push)
        receipts = self._receipts if push.receipt else None
        with self.database.begin(device.agent, *(receipts.OTHERS if receipts else ())) as rows:
            feed = rows.get(tables.feed, lock=True)
            before = feed.number if feed else 0
            row = _admitted(rows, device)
            known = _known(rows, device, coming, row.last)
            fresh = _after(coming, row.last, known)
            intake = Intake(rows, device.device, before, bytes.fromhex(row.chain))
            taken = intake.take(fresh, known, push.columns if len(fresh) == len(coming) else None)
            last = fresh[-1].entry.number if fresh else row.last
            held = intake.held(feed.held if feed else None)
            stands = Standing(last, intake.chain.hex(), intake.number, held, leaves=is_leaving(row))
            receipt = receipts.made(rows, device, stands, push.receipt) if receipts else None
            _settle(rows, device, stands, receipt)
        self.database.grow(len(fresh))
        if any(one.entry.deed == Deed.ERASE for one in fresh):
            self._after_erasure()
        self._tell_results(answer.result for answer in taken)
        log.info("device %s pushed %d entries, %d of them new", device.device, len(coming), len(taken))
        clean = len(taken) == len(coming)
        answers = taken if clean else _in_order(coming, taken, known)
        return PushAnswer(answers, before, intake.number, clean, receipt)


def _in_order(coming: Sequence[Incoming], taken: Sequence[Answer], known: Mapping[str, Answer]) -> list[Answer]:
    """The answers to entries of which some were known."""
    answers = {**known, **{str(answer.id): answer for answer in taken}}
    return [answers[one.id] for one in coming]


def _settle(rows: Rows, device: Device, stands: Standing, receipt: Receipt | None) -> None:
    """Keep how a device and its feed stand after a push, and the receipt that it brought."""
    with rows.together():
        rows.put(tables.feed, {"number": stands.number, "held": receipt.held if receipt else stands.held})
        moved = {"last": stands.last, "chain": stands.chain, "seen_at": utc_now()}
        rows.put(tables.device, moved, device=device.device)
        if receipt:
            keep(rows, receipt)


def _greet(rows: Rows, row: Any, device: Device, hello: Hello, stands: Any) -> HelloAnswer:
    now = utc_now()
    if hello.newest < row.last:
        raise Refused("renumbered", RENUMBERED)
    if hello.settled > row.last:
        raise Gap(row.last, "behind", _BEHIND)
    told = codec.moment(hello.now)
    skew = told - now if told else CLOCK_TOLERANCE - CLOCK_TOLERANCE
    off = round(skew.total_seconds()) if abs(skew) > CLOCK_TOLERANCE else 0
    if off:
        log.warning("clock of device %s is off by %d s", device.device, off)
    rows.put(tables.device, {"seen_at": now, "skew_seconds": off}, device=device.device)
    missed = _answers(rows, device, hello.settled, hello.limit) if hello.settled < row.last else []
    heads = {OWN: stands.newest or 0, CATALOGUE: stands.everybodys or 0}
    pages = _glances(rows, device, hello, heads)
    sealers.hear(rows, row, hello.seal_key)
    return HelloAnswer(now.isoformat(), row.last, heads, missed, sealers.newest(rows, near=hello.near), pages)


def _glances(rows: Rows, device: Device, hello: Hello, heads: Mapping[str, int]) -> dict[str, PullPage]:
    """The first page of each feed that a desk asks for as it greets, where there is something new."""
    pages = {}
    for feed, head in heads.items():
        cursor = hello.cursors.get(feed, head)
        if cursor < head and device.may_pull:
            asked = Pull(feed, cursor, head, GLANCE_ENTRIES, GLANCE_BYTES, columns=True)
            pages[feed] = feeds.page(rows if feed == OWN else rows.of(tables.CATALOGUE), asked)
    return pages


def _admitted(rows: Rows, device: Device) -> Any:
    """The device's row, locked."""
    row = device.admit(rows, lock=True) or rows.get(tables.device, lock=True, device=device.device)
    if row is None:
        raise Refused("unknown_device")
    return row


def _answers(rows: Rows, device: Device, settled: int, limit: int) -> list[Answer]:
    e = tables.entry.c
    missed = rows.select(tables.entry, e.device == device.device, e.number > settled)
    return [_stored(row, row.number) for row in rows.all(missed.order_by(e.number).limit(limit))]


def _stored(row: sa.Row[Any], number: int) -> Answer:
    return answer_of(number, uuid.UUID(row.id), Verdict(row.result, row.revision, row.code))


def _known(rows: Rows, device: Device, coming: Sequence[Incoming], last: int) -> dict[str, Answer]:
    """The stored answers to entries that came before, by id. Raises Refused when a number was another entry's."""
    if not coming:
        return {}
    found = {(row.device, row.number): row for row in rows.among(tables.entry.c.id, [one.id for one in coming])}
    first = coming[0].entry.number
    if first <= last:
        same = rows.run(_NUMBERED, device=device.device, first=first, last=coming[-1].entry.number)
        found |= {(row.device, row.number): row for row in same}
    by_number = {number: row.id for (its, number), row in found.items() if its == device.device}
    if any(by_number.get(one.entry.number, one.id) != one.id for one in coming):
        raise Refused("renumbered", RENUMBERED)
    numbers = {one.id: one.entry.number for one in coming}
    return {row.id: _stored(row, numbers[row.id]) for row in found.values() if row.id in numbers}


def _after(coming: Sequence[Incoming], last: int, known: dict[str, Answer]) -> list[Incoming]:
    """The entries after the last one taken, which must follow it without a gap."""
    numbers = [one.entry.number for one in coming]
    if numbers and (numbers != list(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] > last + 1):
        raise Gap(last + 1)
    if any(one.entry.number <= last and one.id not in known for one in coming):
        raise Refused("renumbered", RENUMBERED)
    return [one for one in coming if one.entry.number > last]
