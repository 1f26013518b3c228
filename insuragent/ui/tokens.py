"""The design tokens: colours for light and dark, sizes under the text scale, and the look in use.

Widgets that paint ask :func:`color`, :func:`px` and :func:`font` while they paint, and so follow a switch at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont

FAMILY = "Noto Sans SC"
TEXT_SIZE = 14
#: The look's kinds of meaning; each has a strong token and a soft one (``ok`` and ``ok_soft``).
KINDS = ("accent", "ok", "warn", "bad", "violet", "neutral")

LIGHT: Mapping[str, str] = {
    "bg": "#F4F6FA",
    "surface": "#FFFFFF",
    "surface2": "#F0F3F7",
    "sunken": "#E8ECF2",
    "border": "#DDE3EA",
    "border2": "#7D8B9C",
    "text": "#17212B",
    "text2": "#4A5866",
    "text3": "#596778",
    "accent": "#1559B3",
    "accent_hover": "#114A96",
    "accent_press": "#0D3B79",
    "accent_soft": "#E3EEFB",
    "on_accent": "#FFFFFF",
    "ok": "#157341",
    "ok_soft": "#E2F4EA",
    "warn": "#925200",
    "warn_soft": "#FFF1DC",
    "bad": "#B3261E",
    "bad_soft": "#FCE8E6",
    "bad_hover": "#97201A",
    "violet": "#6B4FBB",
    "violet_soft": "#EEE9FB",
    "neutral": "#4A5866",
    "neutral_soft": "#E8ECF2",
    "side": "#0F2A4A",
    "side_hover": "#1A3B63",
    "side_on": "#24507F",
    "side_text": "#C9D6E6",
    "side_strong": "#FFFFFF",
    "side_accent": "#6FAAF2",
    "selection": "#E3EEFB",
    "stripe": "#FAFBFD",
    "shadow": "#0F2A4A",
    "paper": "#FFFFFF",
    "ink": "#10233F",
    "paper_line": "#B9C3CF",
    "paper_text": "#5B6878",
}
DARK: Mapping[str, str] = {
    "bg": "#12171D",
    "surface": "#1A2129",
    "surface2": "#222B35",
    "sunken": "#0E1318",
    "border": "#2C3743",
    "border2": "#66788C",
    "text": "#E6EBF1",
    "text2": "#B0BCC8",
    "text3": "#95A2B0",
    "accent": "#6FAAF2",
    "accent_hover": "#8ABBF7",
    "accent_press": "#A7CCFA",
    "accent_soft": "#1C3350",
    "on_accent": "#0B1A2B",
    "ok": "#63C794",
    "ok_soft": "#16342A",
    "warn": "#F0B35A",
    "warn_soft": "#3A2C14",
    "bad": "#F28B82",
    "bad_soft": "#401F1D",
    "bad_hover": "#F6A69F",
    "violet": "#B9A5F2",
    "violet_soft": "#2B2447",
    "neutral": "#B0BCC8",
    "neutral_soft": "#2A343F",
    "side": "#0C1219",
    "side_hover": "#18222D",
    "side_on": "#1F3550",
    "side_text": "#A9B8C8",
    "side_strong": "#FFFFFF",
    "side_accent": "#6FAAF2",
    "selection": "#1F3550",
    "stripe": "#1D252E",
    "shadow": "#000000",
    "paper": "#FFFFFF",
    "ink": "#10233F",
    "paper_line": "#B9C3CF",
    "paper_text": "#5B6878",
}


@dataclass
class _Look:
    """What is applied now. One look a process, like the language in i18n."""

    tokens: Mapping[str, str]
    scale: int


_look = _Look(LIGHT, 100)


def color(name: str, alpha: float = 1.0) -> QColor:
    """The colour of a token in the theme in use; ``alpha`` from 0 (clear) to 1. Raises KeyError for no token."""
    found = QColor(_look.tokens[name])
    found.setAlphaF(alpha)
    return found


def px(size: float) -> int:
    """``size``, in pixels at 100 %, at the text scale in use."""
    return round(size * _look.scale / 100)


def is_dark() -> bool:
    """Whether the dark theme is in use."""
    return _look.tokens["bg"] == DARK["bg"]


def font(size: float = TEXT_SIZE, *, bold: bool = False) -> QFont:
    """The program's font at ``size`` pixels (at 100 %), for painting."""
    made = QFont(FAMILY)
    made.setPixelSize(px(size))
    made.setBold(bold)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def use(tokens: Mapping[str, str], scale: int) -> None:
    """Make this the look in use; only :class:`insuragent.ui.theme.Theme` calls it."""
    _look.tokens, _look.scale = tokens, scale
