"""Lines of Chinese: punctuation where it belongs, words and numbers whole, nothing lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.documents import fonts
from insuragent.documents.ink import Run
from insuragent.documents.typography import NO_END, NO_START, Paragraph, lay_out

TEXT = (
    "本产品为分红保险，红利分配是不确定的；（演示）金额为1,234,567.89元，“请仔细阅读”条款第3.2款《责任免除》！"
    "客户服务电话400-000-0000，网址www.example.com/complaints。"
)
_SIGNS = st.sampled_from("中文，。；：！？（）《》“”、…—ABC123.,%￥ ")


def shown(text: str, width: float, size: float = 10.0) -> list[str]:
    """The lines that ``text`` is broken into."""
    lines = lay_out([Run(text)], size, width)
    return ["".join(line.pieces) for line in lines]


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
        assert line.width <= width + 1e-6 or len(line.pieces) == 1


def test_an_endless_word_is_cut() -> None:
    """An address of a page that is wider than the line is cut rather than drawn over the margin."""
    assert max(len(line) for line in shown("http://" + "x" * 300, 200)) < 60


_NUMBERS = ("1,234,567.89", "400-000-0000", "3.5%", "￥50,000.00")
_TOKENS = (*(f"{number}元" for number in _NUMBERS), "保险责任", "（含附加险）", "《条款》", "“请阅读”", "，", "。")


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(_TOKENS), min_size=1, max_size=25), st.integers(140, 480), st.floats(7, 14))
def test_any_sentence_breaks_well(tokens: list[str], width: int, size: float) -> None:
    """Whatever a product says, at any width and size: punctuation where it belongs, every number in one piece."""
    tokens = ["甲", *tokens]
    lines = shown("".join(tokens), width, size)
    for line in lines:
        assert line[-1] not in NO_END
    for line in lines[1:]:
        # A row of closing signs wider than the line has nowhere else to go.
        assert line[0] not in NO_START or all(sign in NO_START for sign in line)
    for number in _NUMBERS:
        assert sum(line.count(number) for line in lines) == "".join(tokens).count(number)


@settings(deadline=None, max_examples=60)
@given(st.integers(60, 300), st.floats(7, 20), st.sampled_from("jlcr"))
def test_a_line_that_is_stretched_reaches_the_margin_and_no_further(width: int, size: float, align: str) -> None:
    """Gaps grow by what is left over, and by no more than a seventh of the size."""
    paragraph = Paragraph(TEXT, size, align=align)
    paragraph.wrap(width, 1000)
    ink = Recorded()
    paragraph.paint(ink, 0, 500)  # type: ignore[arg-type]
    for x, runs, gap in ink.lines:
        used = sum(run_width(run) for run in runs) * size + gap * (len(runs) - 1)
        assert x + used <= max(width, used) + 0.01
        assert 0 <= gap <= size * 0.14 + 1e-9
        assert align == "j" or gap == 0


def run_width(run: Run) -> float:
    """The width of a run at size 1."""
    return fonts.width(run.text, 1.0, run.bold)


class Recorded:
    """Keeps what a paragraph writes."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, list[Run], float]] = []

    def line(self, x: float, y: float, runs: list[Run], size: float, gap: float = 0.0) -> None:
        self.lines.append((x, runs, gap))

    def spaced(self, x: float, y: float, run: Run, size: float, gap: float) -> None:
        """One run whose signs are spaced each."""
        self.lines.append((x, [Run(sign, run.bold, run.color) for sign in run.text], gap))

    def mark(self, role: str, cell: object = None) -> None:
        """What a piece is for those who hear it is no matter of lines."""


def test_a_paragraph_is_cut_without_losing_a_line() -> None:
    """Both halves have at least two lines, and together they are the whole."""
    paragraph = Paragraph(TEXT * 3, 10, indent=20)
    paragraph.wrap(200, 1000)
    first, rest = paragraph.split(200, paragraph.leading * 4.5)
    assert [*first.lines, *rest.lines] == paragraph.lines
    assert min(len(first.lines), len(rest.lines)) >= 2
    assert paragraph.split(200, paragraph.leading * 1.5) == []
