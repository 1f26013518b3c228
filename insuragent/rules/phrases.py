"""The phrase check: words that sales texts must not use, found by dated rules and explained with their legal basis.

Sources: regulations.csv G01 art. 17 and 19, G04, G12, G18, G32, G34; requirement R7.2a. Nothing is guessed: every
finding names its rule.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from insuragent.i18n import _


class Setting(StrEnum):
    """Where a text stands, and whose words it holds.

    SHEET is what a customer gets to read, NOTE what we say of a sale, ACCOUNT our account of what is so or was said (a
    complaint, a customer's means), QUOTE a customer's own words.
    """

    SHEET = "sheet"
    NOTE = "note"
    ACCOUNT = "account"
    QUOTE = "quote"


class Response(StrEnum):
    """What a finding demands."""

    BLOCK = "block"
    WARN = "warn"
    REVIEW = "review"
    ALLOW = "allow"


@dataclass(frozen=True)
class PhraseRule:
    """One rule as dated policy data gives it.

    ``patterns`` are literal unless written as /expression/; a match inside one of the ``exceptions`` is none.
    ``unless`` names a fact that lifts the rule; ``quoted_allowed`` lets pass what stands in quotation marks in a note.
    """

    code: str
    patterns: tuple[str, ...]
    why: str
    legal_ref: str
    responses: Mapping[Setting, Response]
    exceptions: tuple[str, ...] = ()
    unless: str = ""
    quoted_allowed: bool = False
    conduct_flag: bool = False
    valid_from: dt.date = dt.date.min


@dataclass(frozen=True)
class Context:
    """Where the text stands and which ``facts`` hold: withdrawal_notice, guaranteed_renewal, reasons_linked."""

    setting: Setting = Setting.SHEET
    facts: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Finding:
    """One forbidden phrase: ``text[start:end]`` in code points of the text that was given."""

    rule: str
    start: int
    end: int
    text: str
    why: str
    legal_ref: str
    action: Response
    conduct_flag: bool = False

    def plain(self) -> dict[str, Any]:
        """The finding as the command line prints it."""
        return {
            "rule": self.rule,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "why": _(self.why),
            "legal_ref": self.legal_ref,
            "action": self.action.value,
        }


def check_text(text: str, rules: Iterable[PhraseRule], context: Context) -> tuple[Finding, ...]:
    """Every finding in ``text``, in order. Width, case and spaces between Chinese characters hide nothing."""
    folded, places = _fold(text)
    quoted = _quoted(folded)
    findings = []
    for rule in rules:
        response = rule.responses.get(context.setting, Response.BLOCK)
        if response is Response.ALLOW or (rule.unless and rule.unless in context.facts):
            continue
        excepted = [match.span() for match in _expression(rule.exceptions).finditer(folded)] if rule.exceptions else []
        if rule.quoted_allowed and context.setting is Setting.NOTE:
            excepted += quoted
        for match in _expression(rule.patterns).finditer(folded):
            if not any(low <= match.start() and match.end() <= high for low, high in excepted):
                start, end = places[match.start()], places[match.end() - 1] + 1
                told = (text[start:end], rule.why, rule.legal_ref, response, rule.conduct_flag)
                findings.append(Finding(rule.code, start, end, *told))
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end, finding.rule)))


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether a text with these findings may not be finalised."""
    return any(finding.action is Response.BLOCK for finding in findings)


def effective(rules: Sequence[PhraseRule], on: dt.date) -> tuple[PhraseRule, ...]:
    """The newest version of each rule that holds ``on`` that date."""
    newest: dict[str, PhraseRule] = {}
    for rule in sorted(rules, key=lambda rule: rule.valid_from):
        if rule.valid_from <= on:
            newest[rule.code] = rule
    return tuple(newest.values())


def _fold(text: str) -> tuple[str, list[int]]:
    """``text`` in one width and case, without spaces and invisible marks beside Chinese characters.

    Each folded character comes with the place of the character it stems from.
    """
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if unicodedata.category(sign) == "Cf" or (sign.isspace() and _beside_han(text, place)):
            continue
        folded = unicodedata.normalize("NFKC", sign).casefold()
        signs.append(folded)
        places.extend([place] * len(folded))
    return "".join(signs), places


def _beside_han(text: str, place: int) -> bool:
    before, after = text[:place].rstrip()[-1:], text[place:].lstrip()[:1]
    return bool(before and after) and (before > "\u2e7f" or after > "\u2e7f")


def _quoted(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"]*\"", text)]


@lru_cache(maxsize=256)
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all patterns, the longest first, so that 稳赚不赔 is found as a whole."""
    parts = sorted(patterns, key=len, reverse=True)
    return re.compile("|".join(_part(part) for part in parts))


def _part(pattern: str) -> str:
    if pattern.startswith("/") and pattern.endswith("/"):
        return f"(?:{pattern[1:-1]})"
    literal = re.escape(_fold(pattern)[0])
    # A Latin abbreviation must stand alone: IRR is none in "stirring".
    return rf"(?<![a-z]){literal}(?![a-z])" if pattern.isascii() and pattern.isalpha() else literal
