"""The printed recovery code: forgiving of how it is typed, and certain about typing errors."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.errors import ValidationError
from insuragent.security.recovery import ALPHABET, LENGTH, new_code, read_code

codes = st.builds(new_code)


def reason(typed: str) -> str:
    """Why a code is not taken."""
    with pytest.raises(ValidationError) as caught:
        read_code(typed)
    return caught.value.problems["recovery_code"]


def test_shape() -> None:
    """Six groups of five, without letters that look like digits, and 130 random bits in it."""
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5}", new_code())
    assert len({new_code() for _ in range(200)}) == 200


@given(code=codes, separator=st.sampled_from(["", " ", "-", " — ", "\n", "\u3000", "－", "\u200b", "_"]))
@settings(deadline=None)
def test_however_it_is_typed(code: str, separator: str) -> None:
    """Separators, lower case, full-width letters, O for 0 and I or L for 1 make no difference."""
    symbols = code.replace("-", "")
    wide = {ord(c): ord(c) + 0xFEE0 for c in ALPHABET}
    typed = separator.join(code.split("-"))
    for variant in (typed, typed.lower(), typed.translate(wide), typed.replace("0", "o").replace("1", "l")):
        assert read_code(variant) == symbols
    assert read_code(f" {typed.replace('1', 'I')} ") == symbols


@given(code=codes, place=st.integers(0, LENGTH - 1), shift=st.integers(1, 31))
@settings(deadline=None)
def test_one_wrong_symbol_is_located(code: str, place: int, shift: int) -> None:
    """A single slip is noticed for certain, and the group that holds it is named."""
    symbols = list(read_code(code))
    symbols[place] = ALPHABET[(ALPHABET.index(symbols[place]) + shift) % 32]
    assert f"第 {place // 5 + 1} 组" in reason("".join(symbols))


@given(code=codes, slips=st.dictionaries(st.integers(0, LENGTH - 1), st.integers(1, 31), min_size=1, max_size=4))
@settings(deadline=None, max_examples=300)
def test_up_to_four_wrong_symbols_are_noticed(code: str, slips: dict[int, int]) -> None:
    """No combination of one to four slips makes another code."""
    symbols = list(read_code(code))
    for place, shift in slips.items():
        symbols[place] = ALPHABET[(ALPHABET.index(symbols[place]) + shift) % 32]
    assert "错误" in reason("".join(symbols))


@given(code=codes, place=st.integers(0, LENGTH - 2))
@settings(deadline=None)
def test_swapped_neighbours_are_noticed(code: str, place: int) -> None:
    """Two symbols in the wrong order are the commonest slip of all."""
    symbols = list(read_code(code))
    if symbols[place] != symbols[place + 1]:
        symbols[place], symbols[place + 1] = symbols[place + 1], symbols[place]
        assert "错误" in reason("".join(symbols))


def test_a_missing_symbol_and_a_strange_one_are_told() -> None:
    """The count says what is missing; a character that no code holds is told by its group, and not repeated."""
    code = new_code()
    assert "29" in reason(code[:-1])
    assert "0 个" in reason("")
    told = reason(f"{code[:6]}码{code[7:]}")
    assert "第 2 组" in told
    assert "码有" not in told


@given(typed=st.text(max_size=60))
@settings(deadline=None)
def test_anything_typed_ends_in_words(typed: str) -> None:
    """Whatever is typed, there is a reason or a code, never another error."""
    try:
        told = read_code(typed)
    except ValidationError as error:
        told = error.problems["recovery_code"]
    assert told
