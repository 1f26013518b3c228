"""The users' language: choose a catalogue, translate, and show dates, money and numbers.

Msgids are Chinese, so Chinese needs no catalogue and the words of the trade stay exact.
``N_`` marks a msgid where it is declared; ``_`` translates it at the moment of showing.
"""

import datetime as dt
import gettext
from pathlib import Path
from zoneinfo import ZoneInfo

#: Head office and every desk keep the trade's clocks in this zone (requirement: complaint clocks, S08).
SHANGHAI = ZoneInfo("Asia/Shanghai")
LANGUAGES = {"zh": "简体中文", "en": "English"}

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "zh"


def set_language(language: str, folder: Path | None = None) -> None:
    """Show everything from now on in ``language`` ("zh" or "en").

    ``folder`` holds the compiled catalogues (``en.mo``); it is needed for languages other than Chinese.
    """
    global _catalogue, _language
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    _language = language
    _catalogue = gettext.NullTranslations()
    if language != "zh" and folder is not None:
        with (folder / f"{language}.mo").open("rb") as file:
            _catalogue = gettext.GNUTranslations(file)


def language() -> str:
    """The language in use: "zh" or "en"."""
    return _language


def _(msgid: str) -> str:
    """``msgid`` in the language in use."""
    return _catalogue.gettext(msgid) if msgid else ""


def N_(msgid: str) -> str:
    """Mark ``msgid`` for translation where it is declared; returns it unchanged."""
    return msgid


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
    return (names if _language == "zh" else english)[day.weekday()]


def format_money(fen: int | None, *, cents: bool = True) -> str:
    """Integer fen as ¥12,345.67, or half-up to whole yuan as ¥12,346 without cents; empty for none."""
    if fen is None:
        return ""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    if not cents:
        return f"{sign}¥{(fen + 50) // 100:,}"
    return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"
