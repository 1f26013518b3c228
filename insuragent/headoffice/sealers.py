"""Whose keys seal documents: heard from each device, published with when it was made known and withdrawn.

The list lies with the agent ``CATALOGUE``. Each change bears the number of the act in head office's own journal that
brought it: acts are numbered under one lock, so that a desk that knows a number has missed nothing before it. A desk
is told the keys that it can meet (:func:`directory.near`), and any other that it names; the whole goes to a file.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.headoffice import audit, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.routes import Device, Route
from insuragent.headoffice.signing import ServerKey
from insuragent.headoffice.statements import prepared
from insuragent.models.base import utc_now
from insuragent.sync.protocol.sealers import MOST_SEALERS, SealerList, SealersAsked, SealerTold, sealer_words

_s = tables.sealer.c
_NEWEST = prepared(sa.select(tables.sealer).order_by(_s.number.desc()).limit(1), tables.sealer)


def hear(rows: Rows, known: sa.Row[Any], key: str) -> None:
    """A device tells by which key it seals; the first word counts, so that nobody slips in another one later."""
    if not key or known.seal_key is not None:
        return
    staff = rows.find(tables.record, tables.record.c.id == rows.agent)
    body = staff.body if staff else {}
    rows.update(tables.device, {"seal_key": key}, tables.device.c.device == known.device)
    act = audit.tell(rows, Act.SEAL_KEY, known.device, by=rows.agent)
    told = {
        "key": key,
        "device": known.device,
        "number": act.number,
        "name": str(body.get("name") or ""),
        "licence_no": str(body.get("licence_no") or ""),
        "since": known.enrolled_at,
        "until": known.ordered_at,
    }
    rows.of(tables.CATALOGUE).insert(tables.sealer, told)
    directory.seals(rows, known.device, key)
    directory.renew(rows, act.number)


def withdraw(rows: Rows, device: str, number: int, moment: dt.datetime) -> None:
    """A device is withdrawn from ``moment`` on, by the act with that number; its key stays, for what it sealed."""
    rows.of(tables.CATALOGUE).update(
        tables.sealer, {"number": number, "until": moment}, _s.device == device, _s.until.is_(None)
    )
    directory.renew(rows, number)


def newest(rows: Rows, *, near: bool) -> int:
    """The number of the newest change that a desk of the agent of ``rows`` is told: of the keys ``near`` it, or for an
    older desk of all; 0 before the first."""
    if near:
        return directory.newest_near(rows)
    found = rows.of(tables.CATALOGUE).first(_NEWEST)
    return int(found.number) if found else 0


class Sealers:
    """Gives the list, signed."""

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key

    def routes(self) -> list[Route[Any]]:
        """What a device may ask of the list."""
        return [Route("sealers", SealersAsked, self.changed)]

    def changed(self, device: Device, asked: SealersAsked) -> SealerList:
        """What a desk asks for: the keys near it that changed after a number, and those that it names; or, for an older
        desk, as much of the whole as one message holds."""
        with self._database.begin(device.agent, tables.CATALOGUE) as rows:
            device.admit(rows)
            if asked.near:
                return self.near(rows, asked)
        return self.listed(asked.since, MOST_SEALERS)

    def near(self, rows: Rows, asked: SealersAsked, most: int | None = MOST_SEALERS) -> SealerList:
        """The same of the keys near the agent of ``rows``, in a transaction that may reach for those of ``CATALOGUE``;
        of about so many people at the ``most``.

        Where his own part changed, his branch perhaps, all begins anew. Whose key he names is near him from now on.
        """
        known = directory.near(rows)
        since = 0 if known.get(rows.agent, 0) > asked.since and not asked.goes_on else asked.since
        fresh = sorted((number, one) for one, number in known.items() if number > since)
        last = fresh[:most][-1][0] if fresh else since
        # Several may have changed by one act: those go together.
        whose = [one for number, one in fresh if number <= last]
        book, d = rows.of(tables.CATALOGUE), directory.member_device.c
        named = {row.device for row in book.among(_s.key, asked.keys)}
        held = [*book.among(d.whose, whose), *book.among(d.device, named)]
        directory.acquaint(rows, {row.whose for row in held} - known.keys(), 0)
        found = book.among(_s.key, {row.seal_key for row in held if row.seal_key})
        told = sorted(found, key=lambda row: int(row.number))
        return self._signed(since, last, told, more=len(whose) < len(fresh))

    def listed(self, since: int = 0, limit: int | None = None) -> SealerList:
        """The whole list, or what changed in it after a number."""
        with self._database.read(tables.CATALOGUE) as rows:
            wanted = rows.select(tables.sealer, _s.number > since).order_by(_s.number)
            found = rows.all(wanted.limit(None if limit is None else limit + 1))
        page = found[:limit]
        return self._signed(since, int(page[-1].number) if page else since, page, more=len(found) > len(page))

    def _signed(self, since: int, number: int, found: Sequence[sa.Row[Any]], *, more: bool) -> SealerList:
        told = [
            SealerTold(
                r.key, r.device, r.name, r.licence_no, r.since.isoformat(), r.until.isoformat() if r.until else ""
            )
            for r in found
        ]
        plain = SealerList(self._key.public_bytes, utc_now().isoformat(), since, number, told, more)
        return msgspec.structs.replace(plain, signature=self._key.sign(sealer_words(plain)))
