"""How a device signs its requests (RFC 9421), in the one form that this program writes.

Any other form of the standard is good as well, and a library reads it; ours is known to the byte, so that writing and
reading it cost little more than the signature itself.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from insuragent.sync.protocol import COMPONENTS, TAG

_INPUT, _SIGNATURE, _DIGEST = "signature-input", "signature", "content-digest"
_COVERED = "(" + " ".join(f'"{name}"' for name in COMPONENTS) + ")"
_OURS = re.compile(
    re.escape(f"device={_COVERED}")
    + r';created=(\d{1,12});keyid="([a-z0-9/-]{1,200})";alg="ed25519";nonce="([0-9a-f]{1,64})"'
    + re.escape(f';tag="{TAG}"')
)
_BYTES = re.compile(r"device=:([A-Za-z0-9+/]{86}==):")


@dataclass(frozen=True)
class Signed:
    """A signature as a request carries it: whose key it names, when and with which nonce it was made, and over what."""

    key_id: str
    created: int
    nonce: str
    signature: bytes
    words: bytes


def write(
    key_id: str,
    sign: Callable[[bytes], bytes],
    moment: tuple[int, str],
    place: tuple[str, str],
    fields: Mapping[str, str],
    body: bytes,
) -> dict[str, str]:
    """The headers that sign a ``POST`` of ``body`` with these header ``fields``.

    ``moment`` is when (seconds since 1970) and the nonce, ``place`` the authority and the path.
    """
    told = {_DIGEST: _digest(body)}
    parameters = f'{_COVERED};created={moment[0]};keyid="{key_id}";alg="ed25519";nonce="{moment[1]}";tag="{TAG}"'
    signature = base64.b64encode(sign(_words("POST", *place, "?", {**fields, **told}, parameters))).decode()
    return told | {_INPUT: f"device={parameters}", _SIGNATURE: f"device=:{signature}:"}


def read(method: str, authority: str, path: str, query: str, fields: Mapping[str, str], body: bytes) -> Signed | None:
    """The signature of a request whose header ``fields`` stand once each, if it is of our form and over this body.

    ``query`` begins with its question mark.
    """
    told, signature = _OURS.fullmatch(fields.get(_INPUT, "")), _BYTES.fullmatch(fields.get(_SIGNATURE, ""))
    if not told or not signature or fields.get(_DIGEST) != _digest(body):
        return None
    try:
        words = _words(method, authority, path, query, fields, fields[_INPUT].partition("=")[2])
    except (KeyError, UnicodeEncodeError):
        return None
    return Signed(told[2], int(told[1]), told[3], base64.b64decode(signature[1]), words)


def _words(method: str, authority: str, path: str, query: str, fields: Mapping[str, str], parameters: str) -> bytes:
    """What is signed (RFC 9421, 2.5)."""
    parts = {"@method": method, "@authority": authority, "@path": path, "@query": query}
    lines = [f'"{name}": {parts[name] if name in parts else fields[name]}' for name in COMPONENTS]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
