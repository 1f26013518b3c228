"""Whose keys seal documents: heard from each device, published to all desks with when it was made known and withdrawn.

The list lies with the agent ``CATALOGUE``. Each change bears the number of the act in head office's own journal that
brought it: acts are numbered under one lock, so that a desk that knows a number has missed nothing before it.
"""

import datetime as dt
from typing import Any

import msgspec
import sqlalchemy as sa

from insuragent.headoffice import audit, tables
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


def withdraw(rows: Rows, device: str, number: int, moment: dt.datetime) -> None:
    """A device is withdrawn from ``moment`` on, by the act with that number; its key stays, for what it sealed."""
    rows.of(tables.CATALOGUE).update(
        tables.sealer, {"number": number, "until": moment}, _s.device == device, _s.until.is_(None)
    )


def newest(rows: Rows) -> int:
    """The number of the newest change, in the rows of ``CATALOGUE``; 0 before the first."""
    found = rows.run(_NEWEST).first()
    return int(found.number) if found else 0


class Sealers:
    """Gives the list, signed."""

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key

    def routes(self) -> list[Route[Any]]:
        """What a device may ask of the list."""
        return [Route("sealers", SealersAsked, self.changed)]

    def changed(self, device: Device, asked: SealersAsked) -> SealerList:
        """What changed after a number, as much of it as one message holds."""
        with self._database.begin(device.agent) as rows:
            device.admit(rows)
        return self.listed(asked.since, MOST_SEALERS)

    def listed(self, since: int = 0, limit: int | None = None) -> SealerList:
        """The list itself, or what changed in it after a number."""
        with self._database.read(tables.CATALOGUE) as rows:
            wanted = rows.select(tables.sealer, _s.number > since).order_by(_s.number)
            found = rows.all(wanted.limit(None if limit is None else limit + 1))
        page = found[:limit]
        told = [
            SealerTold(
                r.key, r.device, r.name, r.licence_no, r.since.isoformat(), r.until.isoformat() if r.until else ""
            )
            for r in page
        ]
        number = int(page[-1].number) if page else since
        plain = SealerList(
            self._key.public_bytes, utc_now().isoformat(), since, number, told, len(found) > len(page)
        )  # fmt: skip
        return msgspec.structs.replace(plain, signature=self._key.sign(sealer_words(plain)))
