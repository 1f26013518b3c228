"""Who is asking: a device's request is signed by its key (RFC 9421), fresh, and taken once."""

import dataclasses
import datetime as dt
import functools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from insuragent.errors import Refused
from insuragent.headoffice import tables
from insuragent.headoffice.database import BadDatabase, Database, Rows
from insuragent.headoffice.routes import Device
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.sync.protocol import COMPONENTS, TAG, signing
from insuragent.sync.protocol.devices import revocation_words

#: How old a signature may be, or how far in the future by a wrong clock.
FRESH = dt.timedelta(minutes=5)
#: A device may sync; may sync and is then wiped; is to be wiped at once; has confirmed that it was.
ACTIVE, LEAVING, REVOKED, WIPED = STATES = ("active", "leaving", "revoked", "wiped")
_LONGEST_NONCE = 64
#: Once in so many requests the nonces that are old enough are forgotten.
_SWEEP = 32

_NOT_RECOGNISED = N_("总公司没有认出本设备")
_STALE = N_("请求的时间与总公司相差过大")
_REVOKED = N_("总公司已停用本设备")


@dataclass(frozen=True)
class Request:
    """What a signature covers of a request. ``authority`` is one of head office's own, never one that was told; of the
    headers ``fields`` has those that stand once each, or none where one stands twice."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    fields: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it was sent to."""
        return f"http://{self.authority}{self.path}{self.query if self.query != '?' else ''}"


class Revoked(Refused):
    """The device was withdrawn; ``signature`` is head office's proof, so that nobody else can order a wipe."""

    def __init__(self, signature: bytes) -> None:
        self.signature = signature
        super().__init__("revoked", _REVOKED)


class Doorkeeper:
    """Recognises devices by their signed requests."""

    def __init__(self, database: Database, key: ServerKey) -> None:
        self._database, self._key = database, key
        #: The public keys of devices by their names, as they were; each use looks whether they still are.
        self._keys: dict[str, bytes] = {}

    def identify(self, request: Request, *, withdrawn: bool = False) -> tuple[Device, "Admission"]:
        """The device that signed a request, and what must be called in the transaction that does what it asks.

        Raises Refused "bad_signature".
        """
        resolver = _Devices(self._database, self._keys)
        nonce, created = _proved(request, resolver) or _read(request, resolver)
        device = resolver.device
        if device is None or not isinstance(nonce, str) or len(nonce) > _LONGEST_NONCE:
            raise Refused("bad_signature", _NOT_RECOGNISED)
        admission = Admission(self, device, nonce, created, withdrawn)
        return dataclasses.replace(device, admission=admission), admission

    def check(self, rows: Rows, device: Device, nonce: str, *, withdrawn: bool, lock: bool) -> Any:
        """The row of a device that still has the key that it signed with, and may speak. Raises Refused, Revoked."""
        row = rows.get(tables.device, lock=lock, device=device.device)
        if row is None or row.public_key != self._keys.get(device.key_id):
            self._keys.pop(device.key_id, None)
            raise Refused("bad_signature", _NOT_RECOGNISED)
        if row.state not in (ACTIVE, LEAVING) and not withdrawn:
            raise Revoked(self._key.sign(revocation_words(device.key_id, nonce)))
        return row


@dataclass
class Admission:
    """Lets one signed request in, within the transaction that does what it asks: when that is undone, so is this.

    ``withdrawn`` lets in also a device that was withdrawn, where it only has to confirm that.
    """

    keeper: Doorkeeper
    device: Device
    nonce: str
    created: object
    withdrawn: bool
    #: Whether it has been looked at.
    done: bool = False

    def __call__(self, rows: Rows, lock: bool) -> Any:
        """The device's row. Raises Refused "bad_signature", "stale_signature" or "replayed", and Revoked."""
        if self.done:
            return None
        row = self.keeper.check(rows, self.device, self.nonce, withdrawn=self.withdrawn, lock=lock)
        if not isinstance(self.created, int) or abs(utc_now().timestamp() - self.created) > FRESH.total_seconds():
            raise Refused("stale_signature", _STALE)
        try:
            _use(rows, self.device, self.nonce)
        except sa.exc.IntegrityError as error:
            raise Refused("replayed", _NOT_RECOGNISED) from error
        self.done = True
        return row


def _proved(request: Request, resolver: "_Devices") -> tuple[object, object] | None:
    """Nonce and time of a signature in the form that our desks write, where its device made it over this request."""
    r = request
    signed = signing.read(r.method, r.authority, r.path, r.query, r.fields, r.body)
    if signed is None:
        return None
    try:
        key = resolver.resolve_public_key(signed.key_id)
        if key is None:
            return None
        key.verify(signed.signature, signed.words)
    except (InvalidSignature, ValueError):  # head office's own row has no key
        return None
    return signed.nonce, signed.created


def _read(request: Request, resolver: "_Devices") -> tuple[object, object]:
    """The same of any signature that the standard knows. Raises Refused "bad_signature"."""
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
    verifier.max_clock_skew = dt.timedelta(days=36500)  # we look at the age ourselves, to be able to say so
    try:
        found = verifier.verify(request, max_age=None, expect_tag=TAG, require_components=COMPONENTS, body=request.body)
    except (HTTPMessageSignaturesException, ValueError) as error:
        if resolver.trouble is not None:
            raise resolver.trouble from None  # nobody is refused because we could not look
        raise Refused("bad_signature", _NOT_RECOGNISED) from error
    if len(found) != 1:
        raise Refused("bad_signature", _NOT_RECOGNISED)
    return found[0].parameters.get("nonce"), found[0].parameters.get("created")


def _use(rows: Rows, device: Device, nonce: str) -> None:
    """Take a nonce for the first and last time; a signature is refused for its age before we forget it."""
    if secrets.randbelow(_SWEEP) == 0:
        rows.delete(tables.nonce, tables.nonce.c.seen_at < utc_now() - 3 * FRESH)
    now = Moment.plain(utc_now())
    rows.enter(tables.nonce, {"nonce": [nonce]}, device=device.device, seen_at=now)


class _Devices(HTTPSignatureKeyResolver):
    """Finds the public key that a signature names, and remembers whose it was."""

    def __init__(self, database: Database, keys: dict[str, bytes]) -> None:
        self._database, self._keys = database, keys
        self.device: Device | None = None
        #: Why nobody could be looked for; the library would take it for a bad signature.
        self.trouble: sa.exc.SQLAlchemyError | BadDatabase | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """The key of "agent/device"; None when there is no such device."""
        agent, _slash, name = key_id.partition("/")
        if key_id not in self._keys:
            try:
                with self._database.read(agent) as rows:
                    row = rows.find(tables.device, tables.device.c.device == name)
            except (sa.exc.SQLAlchemyError, BadDatabase) as trouble:
                self.trouble = trouble
                raise
            if row is None:
                return None
            self._keys[key_id] = row.public_key
        self.device = Device(agent, name)
        return _key_of(self._keys[key_id])


@functools.lru_cache(maxsize=4096)
def _key_of(public_bytes: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_bytes)
