"""Signed requests made by hand, so that a test can bend them."""

import datetime as dt
import secrets
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from uuid_utils.compat import uuid7

from insuragent.models.journal import GENESIS
from insuragent.sync import client
from insuragent.sync.protocol import (
    COMPONENTS,
    HEADER,
    MEDIA_TYPE,
    TAG,
    VERSION,
    ErrorBody,
    Hello,
    PushEntry,
    SealedEntry,
    pack,
    unpack,
)
from insuragent.sync.protocol.devices import Enrol, enrolment_words
from tests.offices import HeadOffice

HELLO = Hello(0, 0, "2026-11-24T00:00:00+00:00")


class Signer:
    """A device without a desk."""

    def __init__(self, office: HeadOffice, staff_id: UUID) -> None:
        self.office, self.staff_id = office, staff_id
        self.key = Ed25519PrivateKey.generate()
        code, public = office.code(staff_id), self.key.public_key().public_bytes_raw()
        proof = self.key.sign(enrolment_words(code, public))
        self.enrolled = client.enrol(office.address, Enrol(code, public, proof, 0, GENESIS.hex()))

    def request(
        self,
        route: str = "hello",
        message: msgspec.Struct | bytes = HELLO,
        *,
        address: str = "",
        created: dt.datetime | None = None,
        covered: tuple[str, ...] = COMPONENTS,
        tag: str = TAG,
        key_id: str = "",
        version: str = str(VERSION),
    ) -> httpx2.Request:
        """A request signed as the desk signs it, but for what is said otherwise."""
        body = message if isinstance(message, bytes) else pack(message)
        headers = {"content-type": MEDIA_TYPE, HEADER: version}
        url = f"{address or self.office.address}/v1/{route}"
        request = httpx2.Request("POST", url, content=body, headers=headers)
        resolver = OneKey(self.key)
        HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver).sign(
            request,
            key_id=key_id or self.enrolled.key_id,
            created=created or dt.datetime.now(dt.UTC),
            nonce=secrets.token_hex(12),
            label="device",
            tag=tag,
            covered_component_ids=covered,
            body=body,
        )
        return request

    def ask(self, *args: Any, **how: Any) -> httpx2.Response:
        """Send a request made by :meth:`request`."""
        return send(self.request(*args, **how))


def pushed(number: int, deed: str, kind: str, record_id: UUID, base: int = 0, **now: Any) -> PushEntry:
    """An entry as a desk would seal it, that sets fields of a record."""
    changes = {name: [None, value] for name, value in now.items()}
    entry = SealedEntry(number, uuid7(), HELLO.now, deed, kind, record_id, changes, "", None, "device", "1.0")
    return PushEntry(base, msgspec.Raw(msgspec.json.encode(entry)))


class OneKey(HTTPSignatureKeyResolver):
    """Gives a signer the one key that there is."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        """The one key."""
        return self._key

    def resolve_public_key(self, key_id: str) -> None:
        """Not asked for."""


def send(request: httpx2.Request) -> httpx2.Response:
    """Send a request as it is."""
    with httpx2.Client(trust_env=False) as line:
        return line.send(request)


def code_of(answer: httpx2.Response) -> str:
    """The stable code of a refusal."""
    return unpack(answer.content, ErrorBody).code
