"""Our form of a signature is the standard's: a library reads what we write, and we read what it writes."""

import datetime as dt
from typing import Any

import httpx2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms

from insuragent.sync.protocol import COMPONENTS, HEADER, MEDIA_TYPE, TAG, signing

KEY = Ed25519PrivateKey.generate()
NAME, NONCE, BODY = "0192b7a0-0000-7000-8000-000000000001/0123456789ab", "00ff" * 6, b"a body"
PLACE, FIELDS = ("office.example:8040", "/v1/push"), {"content-type": MEDIA_TYPE, HEADER: "3"}
NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


class _Key(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        """The one key."""
        return KEY

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        """Its other half."""
        return KEY.public_key()


def ours() -> dict[str, str]:
    """The headers of a request that we signed."""
    return FIELDS | signing.write(NAME, KEY.sign, (int(NOW.timestamp()), NONCE), PLACE, FIELDS, BODY)


def theirs(**how: Any) -> dict[str, str]:
    """The same, signed by the library."""
    request = httpx2.Request("POST", f"http://{PLACE[0]}{PLACE[1]}", content=BODY, headers=FIELDS)
    told = {"key_id": NAME, "created": NOW, "nonce": NONCE, "label": "device", "tag": TAG, "body": BODY}
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Key())
    signer.sign(request, covered_component_ids=COMPONENTS, **(told | how))
    return dict(request.headers)


def read(fields: dict[str, str], **other: Any) -> signing.Signed | None:
    """What we read of a request with these headers."""
    parts = {"method": "POST", "authority": PLACE[0], "path": PLACE[1], "query": "?", "body": BODY}
    return signing.read(fields=fields, **(parts | other))


def test_both_write_the_same() -> None:
    """Every header that a signature needs, to the byte: Ed25519 has one signature of one text."""
    library = theirs()
    assert {name: value for name, value in library.items() if name in ours()} == ours()


def test_a_library_reads_what_we_write() -> None:
    """And finds it good."""
    request = httpx2.Request("POST", f"http://{PLACE[0]}{PLACE[1]}", content=BODY, headers=ours())
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Key())
    (found,) = verifier.verify(
        request, max_age=dt.timedelta(days=36500), expect_tag=TAG, require_components=COMPONENTS, body=BODY
    )
    assert found.parameters["nonce"] == NONCE


def test_we_read_what_we_write() -> None:
    """Whose, when and with which nonce; and it verifies."""
    signed = read(ours())
    assert signed is not None
    assert (signed.key_id, signed.created, signed.nonce) == (NAME, int(NOW.timestamp()), NONCE)
    KEY.public_key().verify(signed.signature, signed.words)


@pytest.mark.parametrize("other", [{"body": b"b"}, {"fields": {}}, {"fields": theirs(label="other")}])
def test_another_form_or_body_is_left_to_the_library(other: dict[str, Any]) -> None:
    """Nothing is believed of it here."""
    assert read(**({"fields": ours()} | other)) is None


@pytest.mark.parametrize(
    "other", [{"method": "PUT"}, {"authority": "other:1"}, {"path": "/v1/pull"}, {"query": "?all=1"}]
)
def test_another_request_under_the_signature_does_not_verify(other: dict[str, str]) -> None:
    """Each part that is signed counts."""
    signed = read(ours(), **other)
    assert signed is not None
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signed.signature, signed.words)


@pytest.mark.parametrize("name", ["content-type", HEADER, "signature-input"])
def test_another_header_under_the_signature_does_not_verify(name: str) -> None:
    """Nor one that was left out."""
    fields = ours()
    bent = fields | {name: fields[name].replace("3", "4").replace("zstd", "json").replace("ff", "fe")}
    signed = read(bent)
    assert signed is not None
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signed.signature, signed.words)
    assert read({key: value for key, value in fields.items() if key != name}) is None
