"""Whose keys seal documents: this desk's own, those that head office told it, and those of a list in a file."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from insuragent.errors import BadFile, Refused
from insuragent.i18n import N_
from insuragent.models import Sealer
from insuragent.store.work import UnitOfWork
from insuragent.sync import codec, place
from insuragent.sync import sealers as taken
from insuragent.sync.protocol.sealers import SealerList, SealerTold, sealer_words

#: A list of a hundred thousand devices is smaller.
_LARGEST_LIST = 50 * 1024 * 1024


@dataclass(frozen=True)
class Device:
    """A device that seals, in whose name, and from when until when head office knew it; ``until`` None: in use."""

    device: str
    name: str
    licence_no: str
    since: dt.datetime
    until: dt.datetime | None

    @property
    def whose(self) -> str:
        """The agent's name and licence number."""
        return f"{self.name} {self.licence_no}".strip()

    def standing(self, moment: dt.datetime) -> str:
        """Whether it was in use at the moment of a seal, which tells whole seconds: "before", "yes" or "after"."""
        if moment < self.since.replace(microsecond=0):
            return "before"
        return "yes" if self.until is None or moment < self.until else "after"


@dataclass(frozen=True)
class Sealers:
    """The keys that are known by their fingerprints (SHA-256 of the public key, in hex).

    ``published`` are the devices of each key; None before head office has told any. ``strange`` are keys of which head
    office said that they are nobody's; None where ``published`` is the whole list, so that every other key is.
    ``unproven`` is the public key (hex) of the head office that signed it, where nobody could say whether it is right.
    """

    own: str = ""
    published: Mapping[str, tuple[Device, ...]] | None = None
    unproven: str = ""
    strange: frozenset[str] | None = None

    def knows(self, key: str) -> str:
        """Whether a key is a known device's: "yes", "no", or "unknown" where nobody said so of this one."""
        if key == self.own or (self.published is not None and key in self.published):
            return "yes"
        if self.published is None or (self.strange is not None and key not in self.strange):
            return "unknown"
        return "no"

    def device_of(self, key: str, moment: dt.datetime | None) -> Device | None:
        """The device that a key was of at that moment; else the one that had it last. None for a key unheard of."""
        found = sorted((self.published or {}).get(key, ()), key=lambda one: one.since)
        at = [one for one in found if moment and one.standing(moment) == "yes"]
        return (at or found)[-1] if found else None


def sealers(work: UnitOfWork) -> Sealers:
    """The keys that this desk knows: those that it can meet by its own work, and those that it asked for."""
    own = work.document_key.fingerprint
    if not taken.known(work):
        return Sealers(own)
    rows = work.session.scalars(sa.select(Sealer))
    published = _by_key((r.key, Device(r.device, r.name, r.licence_no, r.since, r.until)) for r in rows)
    return Sealers(own, published, strange=taken.strange(work))


def ask(work: UnitOfWork, key: str) -> None:
    """Have head office asked, with the next sync, whose a key is that this desk does not know."""
    taken.meet(work, key)


def office_key(work: UnitOfWork) -> bytes | None:
    """The public key of the head office at which this desk is enrolled; None before it is."""
    seat = place.seat(work)
    return bytes.fromhex(seat.server_key) if seat else None


def from_file(file: Path, office: bytes | None = None) -> Sealers:
    """The keys of a list that head office wrote to a file; ``office`` is its public key, where that is known.

    Raises BadFile for what is no such list, or only a part of one, and Refused for one that was changed, or that
    another head office signed.
    """
    unreadable = BadFile(N_("文件 {name} 不是总公司发布的设备密钥清单"), name=file.name)
    try:
        with file.open("rb") as opened:
            told = msgspec.json.decode(opened.read(_LARGEST_LIST), type=SealerList)
        Ed25519PublicKey.from_public_bytes(told.office).verify(told.signature, sealer_words(told))
        named = _by_key((one.key, _device(one)) for one in told.sealers)
    except InvalidSignature as error:
        raise Refused("bad_sealers", N_("设备密钥清单被改动过，总公司的签名不符")) from error
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise unreadable from error
    if told.since or told.more:
        raise unreadable
    if office is not None and told.office != office:
        raise Refused("foreign_sealers", N_("设备密钥清单是另一家总公司签署的"))
    return Sealers("", named, "" if office else told.office.hex())


def _device(told: SealerTold) -> Device:
    """Raises ValueError for a moment that is none."""
    since, until = codec.moment(told.since), codec.moment(told.until)
    if since is None or (told.until and until is None):
        raise ValueError(told.since, told.until)
    return Device(told.device, told.name, told.licence_no, since, until)


def _by_key(told: Iterable[tuple[str, Device]]) -> dict[str, tuple[Device, ...]]:
    found: dict[str, tuple[Device, ...]] = {}
    for key, device in told:
        found[key] = (*found.get(key, ()), device)
    return found
