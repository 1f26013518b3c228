"""Lines of Chinese: punctuation where it belongs, words and numbers whole, nothing lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.documents.ink import Run
from insuragent.documents.typography import NO_END, NO_START, lay_out

TEXT = (
    "本产品为分红保险，红利分配是不确定的；（演示）金额为1,234,567.89元，“请仔细阅读”条款第3.2款《责任免除》！"
    "客户服务电话400-000-0000，网址www.example.com/complaints。"
)
_SIGNS = st.sampled_from("中文，。；：！？（）《》“”、…—ABC123.,%￥ ")


def shown(text: str, width: float, size: float = 10.0) -> list[str]:
    """The lines that ``text`` is broken into."""
    lines = lay_out([Run(text)], size, width)
    return ["".join(run.text for atom in line.atoms for run in atom.runs) for line in lines]


@pytest.mark.parametrize("width", range(60, 400, 7))
def test_no_sign_stands_where_it_must_not(width: int) -> None:
    """At any width: no line begins with closing punctuation or ends with an opening one (GB/T 15834)."""
    for line in shown(TEXT, width):
        assert line[0] not in NO_START
        assert line[-1] not in NO_END


@pytest.mark.parametrize("width", range(90, 400, 7))
def test_numbers_and_words_stay_whole(width: int) -> None:
    """An amount that is cut in two is misread."""
    lines = shown(TEXT, width)
    for whole in ("1,234,567.89", "400-000-0000"):
        assert any(whole in line for line in lines)


@settings(deadline=None, max_examples=150)
@given(st.text(_SIGNS, min_size=1, max_size=120), st.integers(40, 300))
def test_nothing_is_lost(text: str, width: int) -> None:
    """The lines together are the text, but for blanks at a break."""
    assert "".join(shown(text, width)).replace(" ", "") == text.replace(" ", "")


@settings(deadline=None, max_examples=100)
@given(st.text(_SIGNS, min_size=1, max_size=120), st.integers(60, 300))
def test_no_line_is_wider_than_the_paragraph(text: str, width: int) -> None:
    """Clinging punctuation may not push a line over the margin, unless the clinging piece alone is wider."""
    for line in lay_out([Run(text)], 10.0, width):
        assert line.width <= width + 1e-6 or len(line.atoms) == 1


def test_an_endless_word_is_cut() -> None:
    """An address of a page that is wider than the line is cut rather than drawn over the margin."""
    assert max(len(line) for line in shown("http://" + "x" * 300, 200)) < 60
