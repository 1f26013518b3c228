"""The users' language: choose a catalogue, translate, and show dates, money and numbers.

Msgids are Chinese, so Chinese needs no catalogue and the words of the trade stay exact.
``N_`` marks a msgid where it is declared; ``_`` translates it at the moment of showing.
"""

import datetime as dt
import gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

#: Head office and every desk keep the trade's clocks in this zone (requirement: complaint clocks, S08).
SHANGHAI = ZoneInfo("Asia/Shanghai")
LANGUAGES = {"zh": "简体中文", "en": "English"}


@dataclass(frozen=True)
class Tongue:
    """A language, and the catalogue that translates into it."""

    language: str
    catalogue: gettext.NullTranslations


_tongue = Tongue("zh", gettext.NullTranslations())
#: What one thread or task speaks otherwise: a server answers many people at once.
_spoken: ContextVar[Tongue | None] = ContextVar("spoken", default=None)


def set_language(language: str, folder: Path | None = None) -> None:
    """Show everything from now on in ``language`` ("zh" or "en").

    ``folder`` holds the compiled catalogues (``en.mo``); it is needed for languages other than Chinese.
    """
    global _tongue
    _tongue = tongue(language, folder)


def tongue(language: str, folder: Path | None = None) -> Tongue:
    """A language with its catalogue, as :func:`set_language` takes them, for :func:`speaking`."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    if language == "zh" or folder is None:
        return Tongue(language, gettext.NullTranslations())
    with (folder / f"{language}.mo").open("rb") as file:
        return Tongue(language, gettext.GNUTranslations(file))


@contextmanager
def speaking(other: Tongue) -> Iterator[None]:
    """Within the block this thread or task alone shows everything in another language."""
    before = _spoken.set(other)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """The language in use: "zh" or "en"."""
    return (_spoken.get() or _tongue).language


def _(msgid: str) -> str:
    """``msgid`` in the language in use."""
    return (_spoken.get() or _tongue).catalogue.gettext(msgid) if msgid else ""


def N_(msgid: str) -> str:
    """Mark ``msgid`` for translation where it is declared; returns it unchanged."""
    return msgid


def listed(words: Iterable[str]) -> str:
    """The words one after the other, with what the language puts between them."""
    between = _("{one}、{other}")
    told = ""
    for word in words:
        told = between.format(one=told, other=word) if told else word
    return told


def format_date(day: dt.date | None) -> str:
    """2026-11-23, in both languages; empty for none."""
    return "" if day is None else day.isoformat()


def format_moment(moment: dt.datetime | None) -> str:
    """2026-11-23 23:50 in Shanghai; empty for none. ``moment`` must be aware."""
    return "" if moment is None else f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}".rjust(16, "0")


def format_weekday(day: dt.date) -> str:
    """周一 … 周日, or Mon … Sun."""
    names = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
    english = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return (names if language() == "zh" else english)[day.weekday()]


def format_money(fen: int | None, *, cents: bool = True) -> str:
    """Integer fen as ¥12,345.67, or half-up to whole yuan as ¥12,346 without cents; empty for none."""
    if fen is None:
        return ""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    if not cents:
        return f"{sign}¥{(fen + 50) // 100:,}"
    return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"
