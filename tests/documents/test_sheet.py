"""The explanation sheet: what it says, in which order, and that it says it the same way every time."""

import dataclasses
import io
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from insuragent.documents import fonts
from insuragent.documents.fonts import MissingGlyph
from insuragent.documents.sheet import render_sheet
from tests.documents import sample_sheet

PRODUCTS = pytest.mark.parametrize("product", ["DEMO-PWL", "DEMO-TERM"])


@cache
def pages(product: str = "DEMO-PWL", *, signed: bool = False) -> list[str]:
    """The text of each page."""
    content = sample_sheet.signed(product) if signed else sample_sheet.content(product)
    return [page.extract_text() for page in PdfReader(io.BytesIO(render_sheet(content))).pages]


def words(product: str = "DEMO-PWL") -> str:
    """The text of the whole sheet without blanks and line ends."""
    return re.sub(r"\s", "", "".join(pages(product)))


@PRODUCTS
def test_rare_names_are_extracted_as_they_are(product: str) -> None:
    """Ext A, B and E characters come out of the file as they went in (story S01)."""
    assert sample_sheet.POLICYHOLDER in words(product)
    assert sample_sheet.INSURED in words(product)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is installed by make test")
def test_another_reader_extracts_the_same_name(tmp_path: Path) -> None:
    """Poppler reads the rare name too."""
    (tmp_path / "sheet.pdf").write_bytes(render_sheet(sample_sheet.content()))
    done = subprocess.run(["pdftotext", str(tmp_path / "sheet.pdf"), "-"], capture_output=True, text=True, check=True)
    assert sample_sheet.POLICYHOLDER in done.stdout


def test_a_character_without_a_glyph_stops_the_print() -> None:
    """Named with its code point, before anything is drawn (story S01)."""
    content = dataclasses.replace(sample_sheet.content(), policyholder="王\U0003134f")
    with pytest.raises(MissingGlyph, match=r"缺字: .*U\+3134F"):
        render_sheet(content)


def test_the_numbers_of_the_story() -> None:
    """Story S14: sum assured, first-year loss, dividends and cash values, half-up."""
    text = words()
    for number in ("209,498.23", "17,304.03", "32,696", "429", "23,889", "249,516", "291,778"):
        assert number in text, number


def test_risks_come_before_benefits() -> None:
    """Requirement R3.4a: the risk box stands before the coverage, exclusions before the example."""
    text = words()
    order = ["重要风险提示", "给付金额", "下列情形", "第一个保单年度末退保", "退保总利益", "服务承诺", "投保人签名"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


@PRODUCTS
def test_nothing_speaks_of_yield(product: str) -> None:
    """Requirement R3.4b: two scenarios in yuan, no rate of return, no compounding, no comparison with deposits."""
    assert not re.search(r"收益率|IRR|复利|年化|回报率|\d%", words(product))


def test_all_eighteen_items_are_printed() -> None:
    """Regulation G01 article 25."""
    text = words()
    assert all(re.search(f"{number:02d}.{{2,8}}　?", text) for number in range(1, 19))
    assert len(sample_sheet.content().prompts) == 18


def printed_in(pdf: bytes, words: str) -> tuple[str, float]:
    """The font and the size in which a file shows ``words``."""
    found: list[tuple[str, float]] = []

    def note(text: str, cm: list[float], tm: list[float], font: dict[str, str] | None, size: float) -> None:
        if words in text and font:
            found.append((font["/BaseFont"], size))

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=note)
    (only,) = found
    return only


@pytest.mark.parametrize("age", [40, 60])
def test_exclusions_stand_out(age: int) -> None:
    """On the page: bold and at least 1.2 times the body, also in large print (requirement R3.4a)."""
    pdf = render_sheet(sample_sheet.content(age=age))
    font, size = printed_in(pdf, "核爆炸")
    assert font.endswith(fonts.BOLD)
    assert size >= 1.2 * printed_in(pdf, "服务人员变动时")[1]


def test_the_first_year_loss_is_bold() -> None:
    """Story S14: in yuan and in bold."""
    assert printed_in(render_sheet(sample_sheet.content()), "17,304.03")[0].endswith(fonts.BOLD)


def test_the_body_is_set_for_older_eyes() -> None:
    """14 points from 60 on (story S05)."""
    assert printed_in(render_sheet(sample_sheet.content(age=60)), "服务人员变动时")[1] == 14


def test_the_outline_names_every_part() -> None:
    """A reader finds exclusions and signature without turning pages."""
    outline = PdfReader(io.BytesIO(render_sheet(sample_sheet.content()))).outline
    titles = [entry.title for entry in outline if not isinstance(entry, list)]
    assert [t for t in titles if t in ("责任免除", "保险利益演示", "投保人声明与签署")] == [
        "责任免除",
        "保险利益演示",
        "投保人声明与签署",
    ]


def test_the_file_bears_the_moment_of_print() -> None:
    """Not the moment at which it was rendered again."""
    metadata = PdfReader(io.BytesIO(render_sheet(sample_sheet.content()))).metadata
    assert metadata is not None
    assert metadata["/CreationDate"] == "D:20261123102400+08'00'"


@PRODUCTS
def test_each_page_is_numbered(product: str) -> None:
    """Page x of y on every page, counted right."""
    found = pages(product)
    for number, text in enumerate(found, 1):
        assert f"第{number}页/共{len(found)}页" in re.sub(r"\s", "", text)


def test_the_table_head_is_repeated() -> None:
    """Whoever turns the page still knows what a column means."""
    with_rows = [text for text in pages() if re.search(r"\n?3,?500\b|50,000", text) and "退保总利益" in text]
    assert len(with_rows) >= 2


def test_a_watermark_until_it_is_signed() -> None:
    """Unsigned sheets are marked as such; the mark is drawn, so that it does not spoil the text."""
    unsigned = render_sheet(sample_sheet.content())
    signed = render_sheet(sample_sheet.signed())
    assert (marks(unsigned), marks(signed)) == (True, False)
    assert words().count("未签署") == words().count("尚未签署") == 1


def marks(pdf: bytes) -> bool:
    """Whether the first page draws the watermark."""
    resources = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]
    return any("watermark" in name for name in resources["/XObject"])


def test_the_same_content_gives_the_same_bytes() -> None:
    """A sheet can be told from a changed one by its hash."""
    assert render_sheet(sample_sheet.content()) == render_sheet(sample_sheet.content())


def test_older_customers_get_larger_letters() -> None:
    """From 60 on the body is 14 pt (story S05)."""
    content = sample_sheet.content(age=60)
    assert content.large_print
    assert len(PdfReader(io.BytesIO(render_sheet(content))).pages) > len(pages())


@pytest.mark.parametrize("text", ["<b>粗</b>&amp;", "a" * 10_000, "＝1+1", "（" * 400, "1" * 3000])
def test_free_text_is_taken_literally(text: str) -> None:
    """Markup is no markup, and no length or row of brackets breaks the page."""
    content = dataclasses.replace(sample_sheet.content(), reasons=(text,))
    found = "".join(p.extract_text() for p in PdfReader(io.BytesIO(render_sheet(content))).pages)
    assert text[:30] in re.sub(r"\s", "", found)


@pytest.mark.parametrize("text", ["笑😀", "a\x00b", "\u202e反"])
def test_what_cannot_be_drawn_is_refused(text: str) -> None:
    """Emoji, NUL and direction marks have no glyph: refused by name, never an empty box."""
    with pytest.raises(MissingGlyph, match=r"U\+"):
        render_sheet(dataclasses.replace(sample_sheet.content(), reasons=(text,)))


@PRODUCTS
def test_no_ink_outside_the_margins(product: str) -> None:
    """Nothing is clipped: the margins of every page after the cover are empty but for the watermark's grey."""
    document = pypdfium2.PdfDocument(render_sheet(sample_sheet.signed(product)))
    for page in list(document)[1:]:
        picture = page.render(scale=1, grayscale=True).to_pil()
        for box in ((0, 0, 48, picture.height), (picture.width - 48, 0, picture.width, picture.height)):
            darkest, _ = picture.crop(box).getextrema()
            assert darkest > 200
    document.close()
