"""One pass: greet, pull, merge, push, until nothing is left on either side; then the receipt."""

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

import stamina
from msgspec.structs import replace

from insuragent.errors import ProtocolTooOld, Refused, Unreachable
from insuragent.i18n import N_, _
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, healing, inbox, merging, outbox, place, sealers, stretches, wiping
from insuragent.sync.attachments import Carrier
from insuragent.sync.busy import Busy
from insuragent.sync.client import Office
from insuragent.sync.progress import Nobody, Part, Step, Tally, Watch
from insuragent.sync.protocol import (
    BATCH_BYTES,
    BATCH_ENTRIES,
    CATALOGUE,
    CLOCK_TOLERANCE,
    MOST_ENTRIES,
    OWN,
    Hello,
    HelloAnswer,
    Pull,
    PullPage,
    Push,
    PushAnswer,
    Receipt,
    ReceiptAsked,
)

#: How often a step is tried over a failing line without any progress, the first step too, and the waits in seconds.
ATTEMPTS, GREETINGS, WAIT, LONGEST_WAIT = 8, 3, 0.1, 2.0
#: The smallest part of a whole batch that is still tried, and how many go in one piece over a line that has not failed
#: yet, or in stretches over one that has.
LEAST_SHARE, MOST_SHARE = 1 / 1024, 8.0
#: How much larger a piece is than the one before: over a line that has not failed, and over one that has (ADR 0018).
GROWTH, CAREFUL_GROWTH = 2.0, 1.5
#: The feeds whose first page is asked for with the greeting.
GLANCED = (CATALOGUE, OWN)
#: How often others may be quicker than we are before a pass ends with something left for the next.
MOST_ROUNDS = 20

_UNSETTLED = N_("总公司的资料正被频繁修改，请稍后再同步")
_DIFFERENT = N_("回执与本机的日志不一致，请联系总公司")

R = TypeVar("R")
Begin = Callable[[], AbstractContextManager[UnitOfWork]]
Overwrite = Callable[[Sequence[str]], object]
#: What was sent, by kind how many entries and bytes, nothing once nothing is left; and whether something was stale.
Sent = tuple[Mapping[str, tuple[int, int]], bool]


class _InStretches(Exception):
    """The line has failed, and head office takes what is sent in stretches."""


@dataclass
class Outcome:
    """What a pass did: entries sent and received, files carried, records changed here, and head office's receipt."""

    sent: int = 0
    received: int = 0
    files: int = 0
    changed: set[tuple[str, uuid.UUID]] = field(default_factory=set)
    receipt: Receipt | None = None
    server_time: dt.datetime | None = None
    #: How far this desk's clock is ahead of head office's, in seconds; 0 for what both sides tolerate.
    skew: int = 0


class Syncer:
    """A pass of one desk. ``begin`` opens a unit of work; ``watch`` hears how far it is and may stop it;
    ``overwrite`` destroys the traces of removed rows and these files before the desk confirms that they are gone."""

    def __init__(
        self, begin: Begin, office: Office, watch: Watch | None = None, overwrite: Overwrite = lambda _files: None
    ) -> None:
        self._begin, self._office, self._overwrite = begin, office, overwrite
        self._watch: Watch = watch or Nobody()
        self._break: float | None = None
        self._share = 1.0
        self._outcome, self._newest_sealer = Outcome(), 0
        #: Where a feed's first page begins that came with the greeting, and that page; None for nothing new.
        self._glances: dict[str, tuple[int, PullPage | None]] = {}
        #: From which entry on the receipt is to be, and the one that came with the newest push.
        self._first, self._receipt = 1, cast("Receipt | None", None)

    def run(self) -> Outcome:
        """The whole pass. What was done before an error or a stop stays done; the next pass goes on from there.

        Raises Unreachable, Refused, DeviceRevoked or ProtocolTooOld.
        """
        self._overwrite_traces()
        self._first = self._greet() + 1
        for _round in range(MOST_ROUNDS):
            try:
                self._pull(CATALOGUE)
                self._pull(OWN)
            except ProtocolTooOld:
                self._push()  # what was saved here arrives before the program must be updated
                raise
            self._do(inbox.try_again)
            self._do(merging.merge_leftovers)
            self._do(outbox.renew)
            self._do(wiping.hand_over_conflicts)
            if not self._push() and not self._wipe():
                break
        else:
            raise Refused("unsettled", _UNSETTLED)
        self._carry_files()
        self._take_sealers()
        self._take_receipt()
        return self._outcome

    # --- steps -------------------------------------------------------------------------------------------------------

    def _greet(self) -> int:
        """Learn what became of entries whose answers were lost; returns the last one settled before this pass."""
        self._watch.tell(Step(_("正在连接总公司")))
        first: int | None = None
        while True:
            with self._begin() as work:
                settled, newest = place.settled(work), work.head.number
                key = work.document_key.fingerprint
                cursors = {feed: place.cursor(work, feed) for feed in GLANCED}
            first = settled if first is None else min(first, settled)
            now = utc_now()
            try:
                hello = Hello(newest, settled, now.isoformat(), _most(self._share)[0], key, cursors, near=True)
                found = self._patiently(partial(self._say_hello, hello), GREETINGS)
            except Refused as refused:
                if refused.code != "behind":
                    raise
                self._do(partial(healing.reopen, last=_expected(refused)))
                continue
            self._newest_sealer = found.sealers
            self._outcome.server_time = codec.moment(found.now) or now
            # What it took by another name of this device has no answer here: that is sent once more, and answered.
            missed = [answer for at, answer in enumerate(found.answers, settled + 1) if answer.number == at]
            self._do(partial(outbox.settle, answers=missed))
            if not missed:
                break
        for feed, cursor in cursors.items():
            if feed in found.pages or found.feeds.get(feed) == cursor:
                self._glances[feed] = cursor, found.pages.get(feed)
        self._do(partial(self._compare_feeds, feeds=found.feeds))
        with self._begin() as work:
            off = now - self._outcome.server_time
            if abs(off) > CLOCK_TOLERANCE:
                self._outcome.skew = round(off.total_seconds())
                work.tell(Deed.CLOCK_SKEW, None, seconds=round(off.total_seconds()))
        return first

    def _say_hello(self, hello: Hello) -> HelloAnswer:
        # Over a line that has failed a greeting brings nothing along.
        return self._office.hello(replace(hello, cursors={}) if self._office.has_failed else hello)

    def _compare_feeds(self, work: UnitOfWork, feeds: Mapping[str, int]) -> None:
        """A feed that ends before our cursor is an older copy: what is numbered next would be passed over."""
        if healing.is_due(work) or place.cursor(work, OWN) > feeds.get(OWN, 0):
            healing.reread(work)
        if place.cursor(work, CATALOGUE) > feeds.get(CATALOGUE, 0):
            place.advance(work, CATALOGUE, 0)

    def _pull(self, feed: str) -> None:
        with self._begin() as work:
            start = cursor = place.cursor(work, feed)
            mirror = healing.Mirror() if feed == OWN and healing.is_due(work) else None
        head, tally = 0, None
        begins, glance = self._glances.pop(feed, (-1, None))
        if begins == cursor and glance is None and mirror is None:
            return
        while True:
            page = glance if glance is not None and begins == cursor else None
            page = page or self._patiently(partial(self._ask_page, feed, cursor, head))
            glance = None
            goes_on = page.count or page.cursor != cursor
            taken = self._do(partial(inbox.take_over, feed=feed, page=page)) if goes_on else {}
            self._outcome.received += page.count
            self._receipt = None if page.count else self._receipt
            cursor, head = page.cursor, page.head
            tally = tally or Tally(self._watch, _("正在接收"), {}, head - start)
            for kind, (count, size) in taken.items():
                tally.add(kind, count, size)
            tally.tell()
            if mirror is not None:
                mirror.see(page)
            if not page.more:
                break
        if mirror is not None:
            self._do(mirror.tell_again)

    def _ask_page(self, feed: str, cursor: int, head: int) -> PullPage:
        return self._office.pull(Pull(feed, cursor, head, *_most(self._share)))

    def _push(self) -> bool:
        """Send everything; True when something was stale, so that there is more to pull and to merge."""
        stale = False
        with self._begin() as work:
            waiting = {(kind, False): Part(kind, total=count) for kind, count in outbox.unsent(work).items()}
        tally = Tally(self._watch, _("正在发送"), waiting)
        while True:
            sent, was_stale = self._push_next(tally)
            stale = stale or was_stale
            for kind, (count, size) in sent.items():
                tally.add(kind, count, size)
            tally.tell()
            if not sent:
                return stale

    def _push_next(self, tally: Tally) -> Sent:
        """Send the next entries: in one piece, or in stretches once the line has failed and head office takes them."""
        with suppress(_InStretches):
            return self._patiently(self._push_batch)
        batch, message = self._batch(MOST_SHARE)
        if not batch.bases:
            return {}, False
        size = sum(size for _count, size in batch.by_kind.values())
        answer = stretches.push(self._office, self._patiently, message, lambda gone: tally.tell(round(gone * size)))
        if answer is None:
            self._greet()  # that tells what became of them; the next round goes on
            return {}, True
        return self._settle(batch, answer)

    def _push_batch(self) -> Sent:
        if self._office.has_failed and self._office.takes_stretches:
            raise _InStretches
        batch, message = self._batch(self._share)
        return self._settle(batch, self._office.push(message)) if batch.bases else ({}, False)

    def _batch(self, share: float) -> tuple[outbox.Batch, Push]:
        with self._begin() as work:
            batch = outbox.batch(work, *_most(share))
            is_last = place.settled(work) + len(batch.bases) == work.head.number
        return batch, batch.push(self._first if is_last else 0)

    def _settle(self, batch: outbox.Batch, answer: PushAnswer) -> Sent:
        self._receipt = answer.receipt

        def settle(work: UnitOfWork) -> bool:
            stale = outbox.settle(work, answer.answers)
            if answer.clean and place.cursor(work, OWN) == answer.before:
                place.advance(work, OWN, answer.after)
            return stale

        self._outcome.sent += len(batch.bases)
        return batch.by_kind, self._do(settle)

    def _wipe(self) -> bool:
        """Let go of what is no longer this desk's; True when there is something to send because of it."""
        with self._begin() as work:
            if not wiping.is_due(work):
                return False
        self._carry_files()  # what is wiped is sent before
        goes_on = self._do(wiping.remove)
        self._overwrite_traces()
        return goes_on

    def _carry_files(self) -> None:
        carrier = Carrier(self._begin, self._office, self._patiently, self._watch)
        carrier.run()
        self._outcome.files += carrier.sent + carrier.fetched
        self._receipt = None if carrier.sent else self._receipt

    def _overwrite_traces(self) -> None:
        with self._begin() as work:
            files = wiping.traces(work)
        if files is not None:
            self._overwrite(files)
            self._do(wiping.overwritten)

    def _take_sealers(self) -> None:
        """Learn whose keys seal the documents that this desk can meet: what changed, or all where head office counts
        anew; and whose a strange one is."""
        goes_on = False
        while True:
            with self._begin() as work:
                asked = sealers.asked(work, self._newest_sealer)
            if asked is None:
                break
            told = self._patiently(partial(self._office.sealers, replace(asked, goes_on=goes_on)))
            self._do(partial(sealers.take, told=told, named=asked.keys))
            goes_on = told.more
            if not goes_on:
                break

    def _take_receipt(self) -> None:
        asked = ReceiptAsked(self._first)
        receipt = self._receipt or self._patiently(lambda: self._office.receipt(asked))
        with self._begin() as work:
            if place.chain_at(work, receipt.last).hex() != receipt.chain:
                raise Refused("different_journal", _DIFFERENT)
        self._outcome.receipt = receipt

    # --- tools -------------------------------------------------------------------------------------------------------

    def _do(self, step: Callable[[UnitOfWork], R]) -> R:
        """One step in a transaction of its own."""
        with self._begin() as work:
            result = step(work)
        self._outcome.changed |= work.changed
        return result

    def _patiently(self, step: Callable[[], R], attempts: int = 0) -> R:
        """Try a step again over a failing line, in smaller pieces each time; larger ones once it holds."""
        # The library counts; its own wait would not hear a stop.
        tries = stamina.retry_context(
            on=Unreachable, attempts=attempts or ATTEMPTS, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
        )
        for attempt in tries:
            with attempt:
                if attempt.num > 1:
                    self._watch.wait(self._pause(attempt.num))
                try:
                    result = step()
                except Busy as busy:
                    self._break = busy.after
                    raise
                except Unreachable:
                    # From one whole batch down, however many went before: the attempts must reach a single entry.
                    self._share = max(LEAST_SHARE, min(1.0, self._share) / 2)
                    self._office.has_failed = True
                    raise
                most, growth = (1.0, CAREFUL_GROWTH) if self._office.has_failed else (MOST_SHARE, GROWTH)
                self._share = min(most, self._share * growth)
                return result
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, attempt: int) -> float:
        """Seconds before an attempt, the second or a later one: what head office asked for, or longer each time."""
        asked, self._break = self._break, None
        jitter = random.uniform(0, WAIT)  # noqa: S311 - nobody gains by guessing it
        return min(LONGEST_WAIT, WAIT * 2 ** (attempt - 2)) + jitter if asked is None else asked


def _most(share: float) -> tuple[int, int]:
    """How many entries and bytes are sent or asked for at once."""
    return min(MOST_ENTRIES, max(1, int(BATCH_ENTRIES * share))), max(1, int(BATCH_BYTES * share))


def _expected(refused: Refused) -> int:
    told = refused.values.get("expected")
    return told if isinstance(told, int) else 0
