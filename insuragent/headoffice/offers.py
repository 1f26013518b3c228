"""Pushes that come in stretches: what of each is there, and its entries once it is whole.

Of each device the newest one is kept, its bytes sealed in the store of files (:mod:`filestore`). When its entries were
taken the bytes are let go, as nothing of what is erased later may be left; by its hash the push is known again. What
is not sent to its end goes after a day, with the next push that any device offers.
"""

import datetime as dt
import secrets
from typing import Any

import sqlalchemy as sa

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.files import PUSH, WAY_LIFE, Files
from insuragent.headoffice.ledger import Ledger
from insuragent.headoffice.routes import Device, Route
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.sync.protocol import LARGEST_MESSAGE, Push, PushAnswer, unpack
from insuragent.sync.protocol.offers import TAKEN, PushOffer, PushSent, PushWay

_TAKEN = N_("这些内容总公司已经收到")
_NOT_WHOLE = N_("总公司没有收全要发送的内容，本机的资料没有改变，请再同步一次")


class Offers:
    """The pushes that devices offered."""

    def __init__(self, database: Database, files: Files, ledger: Ledger) -> None:
        self._database, self._files, self._ledger = database, files, ledger

    def routes(self) -> list[Route[Any]]:
        """What a device may ask about them."""
        return [Route("offer", PushOffer, self.offer), Route("take", PushSent, self.take)]

    def offer(self, device: Device, offered: PushOffer) -> PushWay:
        """The way by which a push comes in stretches, and how much of it is there. Another one takes its place.

        Raises Refused "push_taken" for the one that was taken last.
        """
        with self._database.begin(device.agent) as rows:
            device.admit(rows, lock=True)
            row = rows.get(tables.offer, device=device.device)
            is_known = row is not None and (row.sha256, row.size) == (offered.sha256, offered.size)
            if is_known:
                place = _still(row)
                rows.put(tables.offer, {"at": utc_now()}, device=device.device)
            else:
                _let_go(rows, row)
                place = secrets.token_hex(16)
                told = {"sha256": offered.sha256, "size": offered.size, "at": Moment.plain(utc_now())}
                rows.upsert_many(tables.offer, [{"device": device.device, "place": place, **told}])
        if not is_known:
            self.sweep()
        path = self._files.path(device.agent, offered.sha256, offered.size, PUSH, device.device)
        return PushWay(path, self._files.arrived(place))

    def take(self, device: Device, sent: PushSent) -> PushAnswer:
        """Take the entries of a push that is whole, as one that came in one piece.

        Raises Refused "push_not_whole" and "push_taken", and what a push does.
        """
        with self._database.begin(device.agent) as rows:
            device.admit(rows)
            row = rows.get(tables.offer, device=device.device)
        if row is None or row.sha256 != sent.sha256:
            raise Refused("push_not_whole", _NOT_WHOLE)
        body = self._files.whole(_still(row), row.size, row.sha256)
        if body is None:
            raise Refused("push_not_whole", _NOT_WHOLE)
        answer = self._ledger.push(device, unpack(body, Push, LARGEST_MESSAGE))
        with self._database.begin(device.agent) as rows:
            _let_go(rows, row)
            rows.put(tables.offer, {"place": ""}, device=device.device, sha256=sent.sha256)
        self._files.sweep()
        return answer

    def sweep(self) -> None:
        """Let go of what devices offered long ago and never sent to its end, and of all that nobody needs."""
        o = tables.offer.c
        old = utc_now() - dt.timedelta(seconds=WAY_LIFE)
        left = (o.place != "", o.at < old)
        for row in self._database.everywhere(sa.select(o.agent, o.device, o.place).where(*left)):
            with self._database.begin(row.agent) as rows:
                if rows.delete(tables.offer, o.device == row.device, o.place == row.place, *left):
                    _let_go(rows, row)
        self._files.sweep()


def _still(row: Any) -> str:
    """The place of an offered push, while it was not taken. Raises Refused "push_taken"."""
    if not row.place:
        raise Refused(TAKEN, _TAKEN)
    return str(row.place)


def _let_go(rows: Rows, row: Any) -> None:
    """Nobody needs the bytes of an offered push any more."""
    if row is not None and row.place:
        rows.insert_missing(tables.unneeded, [{"place": row.place}])
