"""Whose keys seal documents: this desk's own, and those of all devices that head office has published."""

from collections.abc import Iterable
from dataclasses import dataclass

from insuragent.store.work import UnitOfWork

#: The desk's note of the fingerprints that head office published; there is none before it has.
_NOTE = "document_keys"


@dataclass(frozen=True)
class Sealers:
    """Fingerprints (SHA-256 of the public key, in hex); ``published`` is None before head office has told any."""

    own: str = ""
    published: frozenset[str] | None = None

    def knows(self, key: str) -> str:
        """Whether a key is a known device's: "yes", "no", or "unknown" where nobody said which there are."""
        if key == self.own or (self.published is not None and key in self.published):
            return "yes"
        return "unknown" if self.published is None else "no"


def sealers(work: UnitOfWork) -> Sealers:
    """The keys that this desk knows."""
    told = work.note(_NOTE)
    return Sealers(work.document_key.fingerprint, None if told is None else frozenset(told))


def take_published(work: UnitOfWork, fingerprints: Iterable[str]) -> None:
    """Keep which keys head office knows, as it told them last; a withdrawn device stays among them, for what it sealed.

    Called by whoever brings them from head office.
    """
    work.set_note(_NOTE, sorted(set(fingerprints)))
