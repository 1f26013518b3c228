"""Devices: how one is made known by a one-time code, listed, and withdrawn."""

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from insuragent.errors import Refused
from insuragent.headoffice import attempts, audit, blocks, directory, sealers, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.database import Database, Rows
from insuragent.headoffice.identity import ACTIVE, LEAVING, REVOKED, STATES, WIPED
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_
from insuragent.models import Staff
from insuragent.models.base import utc_now
from insuragent.models.journal import GENESIS
from insuragent.sync.protocol.devices import Enrol, EnrolAnswer, enrolment_words, plain_code

#: How long a code may be used, and how often it, or one network address, may be wrong (design of head office).
CODE_LIFE = attempts.MEMORY
MOST_TRIES = 10
#: No letter that is taken for a digit.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_HANDLE, _SECRET = 4, 8
#: A guess must cost more than a hash, and less than a person notices.
_SCRYPT: dict[str, int] = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}

_BAD_CODE = N_("登记码不正确或已失效，请向总公司重新索取")
_TOO_MANY = N_("尝试次数过多，请稍后再试")
_FOREIGN = N_("这台设备上是另一位人员的资料，请在新的资料夹中登记")
_NO_STAFF = N_("没有这位人员：{staff}")
_NO_DEVICE = N_("没有这台设备：{device}")


@dataclass(frozen=True)
class Known:
    """A device as the list shows it. ``skew_seconds``: how far its clock was off when it was seen last, 0 if little;
    ``number``: the act of head office's journal that made it known."""

    device: str
    staff_id: str
    name: str
    state: str
    enrolled_at: dt.datetime
    seen_at: dt.datetime | None
    entries: int
    skew_seconds: int
    ordered_at: dt.datetime | None
    wiped_at: dt.datetime | None
    number: int


#: Where a part of the list is called otherwise in the table.
_COLUMN = {"staff_id": "agent", "entries": "last"}
#: So many of one name are looked at, to find the one that was meant.
_NAMESAKES = 100


class Enrolment:
    """The list of devices, and the one-time codes by which they get on it."""

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key

    def issue(self, staff: str) -> str:
        """A one-time code for a new device of a member of staff, by id or licence number; told once, kept as a hash.

        Raises Refused "unknown_staff".
        """
        staff_id = find_staff(self._database, staff)
        text = "".join(secrets.choice(_ALPHABET) for _ in range(_HANDLE + _SECRET))
        handle, secret = text[:_HANDLE], text[_HANDLE:]
        kept = {"handle": handle, "digest": _digest(handle, secret), "staff": staff_id, "tries": 0}
        with self._database.begin(tables.OFFICE) as rows:
            rows.delete(tables.code, sa.or_(tables.code.c.expires_at < utc_now(), tables.code.c.handle == handle))
            rows.insert(tables.code, kept | {"expires_at": utc_now() + CODE_LIFE})
            audit.tell(rows, Act.CODE, staff_id)
        return "-".join(text[start : start + 4] for start in range(0, len(text), 4))

    def enrol(self, asked: Enrol, address: str) -> EnrolAnswer:
        """Make a device known; asked again with the same key, because the answer was lost, the answer is the same.

        Raises Refused "bad_code", or "too_many_tries" for an address that guesses.
        """
        code, device = plain_code(asked.code), _named(asked.public_key)
        handle, secret = code[:_HANDLE], code[_HANDLE:]
        self._count_try(handle, address)
        digest = _digest(handle, secret)
        with self._database.begin(tables.OFFICE) as rows:
            row = rows.find(tables.code, tables.code.c.handle == handle, lock=True)
            if row is None or not _usable(row, digest, device) or not _proves(asked):
                raise Refused("bad_code", _BAD_CODE)
            rows.update(tables.code, {"device": device}, tables.code.c.handle == handle)
            attempts.forget(rows, address)
        return self.admit(asked, row.staff, device)

    def devices(self, *where: sa.ColumnElement[bool], before: int = 0, most: int | None = None) -> list[Known]:
        """The devices of which the directory tells ``where``, or all, the newest first, as by ``directory.devices``."""
        listed = directory.devices(self._database, *where, before=before, most=most)
        numbers = {(one.whose, one.device): int(one.number) for one in listed}
        theirs = self._database.one_of(tables.device.c.agent, {one.whose for one in listed})
        rows = self._database.everywhere(sa.select(tables.device).where(*known_devices(), theirs))
        found = [(numbers[row.agent, row.device], row) for row in rows if (row.agent, row.device) in numbers]
        return [_known(row, number) for number, row in sorted(found, key=lambda one: one[0], reverse=True)]

    def revoke(self, device: str) -> None:
        """Withdraw a device: it gets no data any more, and a signed order to destroy what it has.

        Raises Refused "unknown_device".
        """
        self._order(device, REVOKED, Act.REVOKE)

    def retire(self, device: str) -> None:
        """Take a device back in peace: it may push what it has, and is wiped after that.

        Raises Refused "unknown_device".
        """
        self._order(device, LEAVING, Act.RETIRE)

    def _order(self, device: str, state: str, act: Act) -> None:
        known = self.devices(directory.member_device.c.device == device)
        if not known:
            raise Refused("unknown_device", _NO_DEVICE, device=device)
        with self._database.begin(known[0].staff_id) as rows:
            now = utc_now()
            ordered = {"state": state, "ordered_at": now}
            rows.update(tables.device, ordered, tables.device.c.device == device, tables.device.c.wiped_at.is_(None))
            told = audit.tell(rows, act, device)
            directory.stands(rows, device, WIPED if known[0].wiped_at else state)
            sealers.withdraw(rows, device, told.number, now)

    def _count_try(self, handle: str, address: str) -> None:
        """Count before looking, and for good: a failed look must not take its count back with it."""
        with self._database.begin(tables.OFFICE) as rows:
            before = attempts.count(rows, address)
            rows.update(tables.code, {"tries": tables.code.c.tries + 1}, tables.code.c.handle == handle)
        if before.count >= MOST_TRIES:
            raise Refused("too_many_tries", _TOO_MANY)

    def admit(self, asked: Enrol, staff_id: str, device: str) -> EnrolAnswer:
        """Put a device on the list whose code was checked.

        What it says of entries that were taken holds when they are there; an older copy of this database has none of
        them, and the desk tells all of them again. Raises Refused "unknown_staff", or "foreign_journal" for a desk
        that is another agent's.
        """
        if asked.staff_id is not None and str(asked.staff_id) != staff_id:
            raise Refused("foreign_journal", _FOREIGN)
        with self._database.begin(staff_id) as rows:
            staff = _staff(rows, staff_id)
            known = asked.settled > 0 and blocks.knows(rows, asked.settled, asked.chain)
            if asked.settled and not known and asked.staff_id is None:
                raise Refused("foreign_journal", _FOREIGN)
            if rows.find(tables.feed, lock=True) is None:
                rows.insert(tables.feed, {"number": 0})
            if not rows.exists(tables.device, tables.device.c.device == device):
                last, chain = (asked.settled, asked.chain) if known else (0, GENESIS.hex())
                made = {"device": device, "name": asked.name, "public_key": asked.public_key, "state": ACTIVE}
                rows.insert(tables.device, {**made, "last": last, "chain": chain, "enrolled_at": utc_now()})
                act = audit.tell(rows, Act.ENROL, device, by=staff_id)
                directory.enrolled(rows, device, ACTIVE, act.number)
        key_id = f"{staff_id}/{device}"
        public = self._key.public_bytes
        return EnrolAnswer(device, key_id, uuid.UUID(staff_id), staff.body, staff.revision, public)


def known_devices() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that a row is a device of the company's."""
    return tables.device.c.tenant == tables.TENANT, tables.device.c.state.in_(STATES)


def members() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that a row is the record of a member of staff; not the card of his in somebody else's feed."""
    r = tables.record.c
    return r.tenant == tables.TENANT, r.kind == Staff.kind(), r.agent == r.id


def staff_of(database: Database, ids: Collection[str]) -> Sequence[sa.Row[Any]]:
    """The members of staff with these ids, as records, in the order of ids."""
    r = tables.record.c
    # Each lies with himself: so it is looked for in so many agents' rows, not in everybody's.
    wanted = sa.select(tables.record).where(*members(), database.one_of(r.agent, ids), database.one_of(r.id, ids))
    return database.everywhere(wanted.order_by(r.id))


def find_staff(database: Database, named: object) -> str:
    """The id of a member of staff by id, licence number or name. Raises Refused "unknown_staff"."""
    for row in staff_of(database, directory.found(database, str(named), whole=True, most=_NAMESAKES)):
        if named in (row.id, row.body.get("licence_no"), row.body.get("name")):
            return str(row.id)
    raise Refused("unknown_staff", _NO_STAFF, staff=named)


def _known(row: sa.Row[Any], number: int) -> Known:
    told = {
        part.name: getattr(row, _COLUMN.get(part.name, part.name)) for part in fields(Known) if part.name != "number"
    }
    return Known(**told, number=number)


def _staff(rows: Rows, staff_id: str) -> sa.Row[Any]:
    row = rows.find(tables.record, tables.record.c.id == staff_id)
    if row is None:
        raise Refused("unknown_staff", _NO_STAFF, staff=staff_id)
    return row


def _digest(handle: str, secret: str) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=b"insuragent " + handle.encode(), **_SCRYPT)


def _named(public_key: bytes) -> str:
    """The name of the device that holds the private half: a code that was used by it is known by it again."""
    return hashlib.sha256(b"insuragent device\0" + public_key).hexdigest()[:12]


def _usable(row: sa.Row[Any], digest: bytes, device: str) -> bool:
    fresh = row.device in (None, device) and row.expires_at > utc_now() and row.tries <= MOST_TRIES
    return hmac.compare_digest(row.digest, digest) and fresh


def _proves(asked: Enrol) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(asked.public_key)
        key.verify(asked.proof, enrolment_words(asked.code, asked.public_key))
    except (InvalidSignature, ValueError):
        return False
    return True
