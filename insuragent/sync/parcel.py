"""The desk's end of the day package: a pass whose messages go by a stick instead of a line."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from insuragent.errors import DeviceRevoked, Refused
from insuragent.i18n import N_
from insuragent.models import Deed
from insuragent.models.base import utc_now
from insuragent.store.work import UnitOfWork
from insuragent.sync import attachments, codec, inbox, merging, outbox, place, sealers, wiping
from insuragent.sync.place import Seat
from insuragent.sync.protocol import CATALOGUE, CLOCK_TOLERANCE, OWN, Hello, PullPage, pack
from insuragent.sync.protocol import parcel as parcels
from insuragent.sync.protocol.devices import Wiped
from insuragent.sync.protocol.files import STORED, FileOffer, FileWay
from insuragent.sync.protocol.parcel import (
    ANSWER,
    DAY,
    MOST_BYTES,
    MOST_ENTRIES,
    MOST_FILE_BYTES,
    ORDER,
    WIPED,
    Parcel,
    ParcelAnswer,
)
from insuragent.sync.protocol.sealers import SealerList, SealersAsked
from insuragent.sync.syncer import Outcome

#: Note of the desk: the answer that was taken in last.
TAKEN_NOTE = "parcel_taken"

_OTHER_DEVICE = N_("这份回执属于另一台设备")
_OLDER = N_("这份回执早于本机已有的内容，没有采用；本机资料没有改变")
_DIFFERENT = N_("回执与本机的日志不一致，请联系总公司")

Begin = Callable[[], AbstractContextManager[UnitOfWork]]


def export(work: UnitOfWork, seat: Seat, key: Ed25519PrivateKey) -> tuple[bytes, int]:
    """Everything that waits, as a package for head office; and how many entries are in it.

    Nothing counts as sent by it: a package that is lost costs nothing. What is too much for one goes with the next.
    """
    work.tell(Deed.EXPORT, None, parcel=seat.key_id)
    work.flush()
    key_told = work.document_key.fingerprint
    hello = Hello(work.head.number, place.settled(work), utc_now().isoformat(), seal_key=key_told)
    entries = outbox.batch(work, MOST_ENTRIES, MOST_BYTES).push().straight().entries
    offers: list[FileOffer] = []
    size = 0
    for offer in attachments.unsent(work):
        size += offer.size
        if offers and size > MOST_FILE_BYTES:
            break
        offers.append(offer)
    cursors = {feed: place.cursor(work, feed) for feed in (OWN, CATALOGUE)}
    message = Parcel(hello, entries, cursors, offers, attachments.missing(work), sealers.asked(work))
    inner = parcels.join(message, [work.blobs.get(offer.sha256) for offer in offers])
    office = bytes.fromhex(seat.server_key)
    return parcels.write(DAY, seat.key_id, office, inner, key, office), len(entries)


def take(
    begin: Begin, seat: Seat, key: Ed25519PrivateKey, data: bytes, overwrite: Callable[[Sequence[str]], object]
) -> Outcome | None:
    """Take head office's answer in; None when this very answer was taken in before: then nothing changes.

    Raises Refused "bad_parcel", "other_office", "other_device", "altered", or "older_parcel" for an answer to less
    than this desk knows by now, and DeviceRevoked for head office's signed order; then nothing has changed.
    """
    office = bytes.fromhex(seat.server_key)
    envelope = parcels.read(data, (ANSWER, ORDER), office)
    if envelope.key_id != seat.key_id:
        raise Refused("other_device", _OTHER_DEVICE)
    envelope.check(office)
    inner = envelope.open(key)
    if envelope.way == ORDER:
        raise DeviceRevoked
    found, files = parcels.split(inner, ParcelAnswer)
    answer = cast(ParcelAnswer, found)
    with begin() as work:
        if work.note(TAKEN_NOTE) == envelope.digest:
            return None
        outcome = _apply(work, answer, files)
        work.set_note(TAKEN_NOTE, envelope.digest)
    outcome.changed = set(work.changed)
    with begin() as work:
        traces = wiping.traces(work)
    if traces is not None:
        overwrite(traces)
        with begin() as work:
            wiping.overwritten(work)
    return outcome


def confirmation(seat: Seat, key: Ed25519PrivateKey) -> bytes:
    """The last word of a device that was wiped, for a stick where no line leads to head office."""
    office = bytes.fromhex(seat.server_key)
    return parcels.write(WIPED, seat.key_id, office, pack(Wiped(utc_now().isoformat())), key, office)


def _apply(work: UnitOfWork, answer: ParcelAnswer, files: dict[str, bytes]) -> Outcome:
    now = utc_now()
    outcome = Outcome(receipt=answer.receipt, server_time=codec.moment(answer.now) or now)
    fresh = [one for one in answer.answers if one.number > place.settled(work)]
    pages = {feed: list(_news(work, answer, feed)) for feed in (OWN, CATALOGUE)}
    if not fresh and not any(pages.values()):
        raise Refused("older_parcel", _OLDER)
    if place.chain_at(work, answer.receipt.last).hex() != answer.receipt.chain:
        raise Refused("different_journal", _DIFFERENT)
    outbox.settle(work, fresh)
    outcome.sent = len(fresh)
    for feed in (CATALOGUE, OWN):
        for page in pages[feed]:
            inbox.take_over(work, feed, page)
            outcome.received += page.count
    inbox.try_again(work)
    merging.merge_leftovers(work)
    outbox.renew(work)
    wiping.hand_over_conflicts(work)
    for way in answer.ways:
        attachments.settle(work, way)
        outcome.files += 1
    for digest, content in files.items():
        work.blobs.put(content)
        attachments.settle(work, FileWay(digest, STORED))
        outcome.files += 1
    if answer.sealers and answer.keys:
        _take_sealers(work, answer.sealers, answer.keys)
    if wiping.is_due(work):
        wiping.remove(work)
    behind = (outcome.server_time or now) - now
    if behind > CLOCK_TOLERANCE:  # an old answer has lain on its stick: that says nothing of this clock
        outcome.skew = -round(behind.total_seconds())
        work.tell(Deed.CLOCK_SKEW, None, seconds=outcome.skew)
    return outcome


def _take_sealers(work: UnitOfWork, told: SealerList, asked: SealersAsked) -> None:
    """Whose keys seal documents, unless the desk knows more by now than when it asked."""
    if sealers.known(work) == asked.since:
        sealers.take(work, told, asked.keys)


def _news(work: UnitOfWork, answer: ParcelAnswer, feed: str) -> Iterator[PullPage]:
    """The pages of a feed that lead further than this desk has read. Raises Refused "older_parcel" over a gap."""
    cursor = place.cursor(work, feed)
    if answer.starts.get(feed, 0) > cursor:
        raise Refused("older_parcel", _OLDER)
    for page in answer.pages.get(feed, []):
        if page.cursor > cursor:
            yield page
