"""The answer of a validator: taken or refused, the value as it is kept, and what follows from it."""

import datetime as dt
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """``ok`` with the ``normalised`` value, or refused with a ``reason`` in the user's language.

    ``warnings`` never refuse. ``birth_date`` and ``gender`` ("M" or "F") are what a document number itself tells.
    """

    ok: bool
    normalised: str
    reason: str = ""
    warnings: tuple[str, ...] = ()
    birth_date: dt.date | None = None
    gender: str | None = None


def refused(value: str, reason: str) -> Verdict:
    """A refusal that keeps what was typed."""
    return Verdict(False, value, reason)


def accepted(value: str, *warnings: str) -> Verdict:
    """An accepted value that tells nothing about a person."""
    return Verdict(True, value, warnings=warnings)


def plain(value: str) -> str:
    """How numbers are compared and kept: full-width signs made ordinary, spaces and invisible marks gone, upper."""
    signs = (unicodedata.normalize("NFKC", s) if unicodedata.east_asian_width(s) == "F" else s for s in value)
    # Numbers pasted from address books often carry invisible direction marks (category Cf).
    return "".join(s for s in signs if not s.isspace() and unicodedata.category(s) != "Cf").upper()
