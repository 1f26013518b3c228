"""The printed recovery code: 130 random bits that can be read aloud, typed back, and told from a typing error.

26 symbols of five bits and 4 check symbols make six groups of five. The check is a Reed-Solomon code over GF(32):
any one to four wrong symbols are noticed for certain, and a single one is located, so that the person is told
which group to look at, before a costly key derivation is tried.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from insuragent.errors import ValidationError
from insuragent.i18n import _

#: Crockford's base 32: no I, L, O, which are read as 1, 1, 0; and no U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILO", "110")
SYMBOLS, CHECKS, GROUP = 26, 4, 5
LENGTH = SYMBOLS + CHECKS
#: What people put between groups: dashes, spaces, line ends, and invisible marks that copying brings along.
_SEPARATORS = {"Pd", "Zs", "Cc", "Cf", "Sm", "Pc"}


def _powers() -> list[int]:
    """The powers of the generator of GF(32), x^5 + x^2 + 1; 31 of them, then they repeat."""
    powers = [1]
    for _step in range(30):
        double = powers[-1] << 1
        powers.append(double ^ 0b100101 if double & 32 else double)
    return powers


_POWER = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}


def new_code() -> str:
    """A fresh code, as it is printed: six groups of five, joined by dashes."""
    symbols = [secrets.randbelow(len(ALPHABET)) for _symbol in range(SYMBOLS)]
    text = "".join(ALPHABET[symbol] for symbol in symbols + _check_symbols(symbols))
    return "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read_code(typed: str) -> str:
    """The 30 symbols of a code as somebody typed it, without separators.

    Spaces, dashes, lower case, full-width letters, O for 0 and I or L for 1 are understood.
    Raises ValidationError for ``recovery_code`` when it has another length, a strange character or a typing error.
    """
    folded = unicodedata.normalize("NFKC", typed[:1000]).upper()
    text = "".join(c for c in folded if unicodedata.category(c) not in _SEPARATORS).translate(_LOOKALIKES)
    for place, character in enumerate(text):
        if character not in ALPHABET:
            raise _mistake(_("第 {group} 组有恢复码中不会出现的字符").format(group=place // GROUP + 1))
    if len(text) != LENGTH:
        raise _mistake(_("恢复码应有 {length} 个字符，现有 {count} 个").format(length=LENGTH, count=len(text)))
    symbols = [ALPHABET.index(character) for character in text]
    syndromes = _syndromes(symbols)
    if any(syndromes):
        wrong = _single_error(syndromes)
        if wrong is None:
            raise _mistake(_("恢复码中有几处输入错误，请逐组核对"))
        raise _mistake(_("恢复码的第 {group} 组有输入错误").format(group=wrong // GROUP + 1))
    return text


def _mistake(reason: str) -> ValidationError:
    return ValidationError({"recovery_code": reason})


def _times(a: int, b: int) -> int:
    return _POWER[(_LOG[a] + _LOG[b]) % 31] if a and b else 0


def _generator() -> list[int]:
    """The product of (x - power i) for i from 1 to the number of check symbols, highest degree first."""
    polynomial = [1]
    for i in range(1, CHECKS + 1):
        shifted = [*polynomial, 0]
        for place, coefficient in enumerate(polynomial):
            shifted[place + 1] ^= _times(coefficient, _POWER[i])
        polynomial = shifted
    return polynomial


_GENERATOR = _generator()


def _check_symbols(symbols: Sequence[int]) -> list[int]:
    """The remainder of the symbols, taken as a polynomial, by the generator."""
    rest = [*symbols, *[0] * CHECKS]
    for place in range(len(symbols)):
        factor = rest[place]
        for offset, coefficient in enumerate(_GENERATOR):
            rest[place + offset] ^= _times(factor, coefficient)
    return rest[-CHECKS:]


def _syndromes(symbols: Sequence[int]) -> list[int]:
    """The word's values at the generator's roots: all 0 for a word without error."""
    values = []
    for i in range(1, CHECKS + 1):
        value = 0
        for symbol in symbols:
            value = _times(value, _POWER[i]) ^ symbol
        values.append(value)
    return values


def _single_error(syndromes: Sequence[int]) -> int | None:
    """The place of the one wrong symbol; None when more than one is wrong."""
    if not all(syndromes):
        return None
    steps = {(_LOG[after] - _LOG[before]) % 31 for before, after in pairwise(syndromes)}
    place = LENGTH - 1 - steps.pop()
    return place if not steps and place >= 0 else None
