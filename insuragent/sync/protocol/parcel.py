"""The day package: the messages of a pass in a file, for a desk that has no network at all.

What a desk writes is sealed to head office's key and signed by the device; what head office answers is sealed to the
device's key and signed by head office. Both keys are known since the enrolment: each Ed25519 key has a twin on the
X25519 curve, to which is sealed as HPKE does (RFC 9180: a key for this one file, HKDF, an authenticated cipher).
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta

from insuragent.errors import Refused
from insuragent.i18n import N_
from insuragent.sync.protocol import Answer, Hello, PullPage, PushEntry, Receipt, pack, unpack
from insuragent.sync.protocol.files import FileOffer, FileWay
from insuragent.sync.protocol.parts import Hash, Instant, Number
from insuragent.sync.protocol.sealers import SealerList, SealersAsked

#: Which way a package goes: a desk's day, head office's answer or its order to wipe, and a desk's last word after that.
DAY, ANSWER, ORDER, WIPED = WAYS = ("day", "answer", "order", "wiped")
#: A package, and the entries in it, are no larger: what is left goes with the next one.
LARGEST_PARCEL, MOST_ENTRIES, MOST_BYTES, MOST_FILE_BYTES = 256 * 1024**2, 20_000, 32 * 1024**2, 128 * 1024**2
_HEAD = re.compile(
    rb"insuragent-parcel 1 (" + "|".join(WAYS).encode() + rb") ([0-9a-f-]{36}/[0-9a-z]{1,64}) ([0-9a-f]{64})\n"
)
_KEY, _SIGNATURE, _LENGTH = 32, 64, 8
#: Of the field in which both curves live.
_PRIME = 2**255 - 19
#: Each key seals one file only, so that its nonce need not differ.
_NONCE = bytes(12)

_BAD = N_("这不是数据包，或文件已损坏")
_ALTERED = N_("数据包被改动过，没有采用")
_OTHER_OFFICE = N_("这个数据包属于另一家总公司")


class Parcel(msgspec.Struct, frozen=True):
    """A desk's day: it greets, sends its entries and files, and asks what follows its ``cursors``; ``keys`` asks whose
    keys seal documents."""

    hello: Hello
    entries: Annotated[list[PushEntry], Meta(max_length=MOST_ENTRIES)]
    cursors: dict[str, Number]
    files: list[FileOffer] = []
    wanted: list[Hash] = []
    keys: SealersAsked | None = None


class ParcelAnswer(msgspec.Struct, frozen=True):
    """Head office's word: what became of the entries and files, and the feeds' pages after the desk's cursors.

    ``sealers`` is what it has to say of the keys that the desk asked for in ``keys``.
    """

    now: Instant
    answers: list[Answer]
    pages: dict[str, list[PullPage]]
    starts: dict[str, Number]
    receipt: Receipt
    ways: list[FileWay] = []
    files: list[FileOffer] = []
    keys: SealersAsked | None = None
    sealers: SealerList | None = None


class Order(msgspec.Struct, frozen=True):
    """Head office withdrew the device that the package is sealed to: it is to destroy its keys."""

    now: Instant


@dataclass(frozen=True)
class Envelope:
    """A package as it came: which way it goes, whose device's and which head office's it is; still sealed."""

    way: str
    key_id: str
    office: bytes
    data: bytes

    @property
    def digest(self) -> str:
        """What tells this package from every other."""
        return hashlib.sha256(self.data).hexdigest()

    def check(self, key: bytes) -> None:
        """Raises Refused "altered" unless whoever has the private half of ``key`` signed all of it."""
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(self.data[-_SIGNATURE:], self.data[:-_SIGNATURE])
        except (InvalidSignature, ValueError) as error:
            raise Refused("altered", _ALTERED) from error

    def open(self, key: Ed25519PrivateKey) -> bytes:
        """What is within. Raises Refused "altered"."""
        head = self.data.index(b"\n") + 1
        own = _twin(key)
        once = self.data[head : head + _KEY]
        try:
            shared = own.exchange(X25519PublicKey.from_public_bytes(once))
            cipher = _cipher(shared, once, own.public_key())
            return cipher.decrypt(_NONCE, self.data[head + _KEY : -_SIGNATURE], self.data[:head])
        except (InvalidTag, ValueError) as error:
            raise Refused("altered", _ALTERED) from error


def read(data: bytes, ways: Collection[str], office: bytes) -> Envelope:
    """The envelope of a package that must go one of these ``ways`` and be of this head office (its public key).

    Raises Refused "bad_parcel" or "other_office".
    """
    found = _HEAD.match(data)
    if (
        found is None
        or found[1].decode() not in ways
        or not found.end() + _KEY + _SIGNATURE < len(data) <= LARGEST_PARCEL
    ):
        raise Refused("bad_parcel", _BAD)
    if bytes.fromhex(found[3].decode()) != office:
        raise Refused("other_office", _OTHER_OFFICE)
    return Envelope(found[1].decode(), found[2].decode(), office, data)


def write(way: str, key_id: str, office: bytes, inner: bytes, key: Ed25519PrivateKey, receiver: bytes) -> bytes:
    """``inner`` as a package: sealed to ``receiver`` (an Ed25519 public key) and signed by ``key``."""
    head = f"insuragent-parcel 1 {way} {key_id} {office.hex()}\n".encode()
    once, to = X25519PrivateKey.generate(), _public_twin(receiver)
    told = once.public_key().public_bytes_raw()
    data = head + told + _cipher(once.exchange(to), told, to).encrypt(_NONCE, inner, head)
    return data + key.sign(data)


def join(message: Parcel | ParcelAnswer, files: list[bytes]) -> bytes:
    """What is sealed: a message, and behind it the bytes of the files that it names, in their order."""
    packed = pack(message)
    return len(packed).to_bytes(_LENGTH, "big") + packed + b"".join(files)


def split(inner: bytes, kind: type[Parcel] | type[ParcelAnswer]) -> tuple[Parcel | ParcelAnswer, dict[str, bytes]]:
    """The message, and the bytes of its files by their SHA-256. Raises Refused "bad_message"."""
    end = _LENGTH + int.from_bytes(inner[:_LENGTH], "big")
    message: Parcel | ParcelAnswer = unpack(inner[_LENGTH:end], kind)
    files = {}
    for offer in message.files:
        files[offer.sha256] = data = inner[end : end + offer.size]
        end += offer.size
        if hashlib.sha256(data).hexdigest() != offer.sha256:
            raise Refused("bad_message", _BAD)
    return message, files


def _cipher(shared: bytes, once: bytes, to: X25519PublicKey) -> AESGCM:
    told = b"insuragent parcel\0" + once + to.public_bytes_raw()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=told).derive(shared))


def _twin(key: Ed25519PrivateKey) -> X25519PrivateKey:
    """The X25519 key of an Ed25519 key: its secret scalar is the same (RFC 8032, 5.1.5)."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha512(key.private_bytes_raw()).digest()[:32])


def _public_twin(key: bytes) -> X25519PublicKey:
    """The public half of the twin: u = (1 + y) / (1 - y), the map between the curves (RFC 7748, 4.1)."""
    y = int.from_bytes(key, "little") % 2**255
    return X25519PublicKey.from_public_bytes(((1 + y) * pow(1 - y, -1, _PRIME) % _PRIME).to_bytes(32, "little"))
