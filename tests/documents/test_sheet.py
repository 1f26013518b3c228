"""The explanation sheet: what it says, in which order, and that it says it the same way every time."""

import dataclasses
import io
import re
import shutil
import subprocess
from functools import cache

import pypdfium2
import pytest
from pypdf import PdfReader

from insuragent.documents import fonts
from insuragent.documents.fonts import MissingGlyph
from insuragent.documents.sheet import render_sheet
from tests.documents import sample_sheet

PRODUCTS = pytest.mark.parametrize("product", sample_sheet.CASES)
#: What no sheet says (requirement R3.4b): rates of return, compounding, percentages of any kind.
YIELD = re.compile(r"收益率|IRR|复利|年化|回报率|利率|\d%", re.IGNORECASE)


@cache
def pdf(product: str = "DEMO-PWL", *, signed: bool = False) -> bytes:
    """The sheet of a product."""
    return render_sheet(sample_sheet.signed(product) if signed else sample_sheet.content(product))


@cache
def pages(product: str = "DEMO-PWL", *, signed: bool = False) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf(product, signed=signed))).pages]


@cache
def poppler_pages(product: str) -> list[str]:
    """The text of each page as another reader finds it."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf(product), capture_output=True, check=True)
    return done.stdout.decode("utf-8").removesuffix("\f").split("\f")


def bare(pages: list[str]) -> str:
    """The text of all pages without blanks and line ends."""
    return re.sub(r"\s", "", "".join(pages))


def words(product: str = "DEMO-PWL") -> str:
    """The text of the whole sheet without blanks and line ends."""
    return bare(pages(product))


@PRODUCTS
def test_rare_names_are_extracted_as_they_are(product: str) -> None:
    """Ext A, B and E characters come out of the file as they went in, at their place (story S01)."""
    first, last = pages(product)[0], pages(product)[-1]
    assert sample_sheet.POLICYHOLDER in first
    assert sample_sheet.INSURED in first
    assert sample_sheet.POLICYHOLDER in last


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is installed by make test")
@PRODUCTS
def test_another_reader_extracts_the_same(product: str) -> None:
    """Poppler finds the same characters on every page, the rare names among them, and nothing of yields."""
    found = poppler_pages(product)
    assert [sorted(bare([page])) for page in found] == [sorted(bare([page])) for page in pages(product)]
    assert sample_sheet.POLICYHOLDER in found[0]
    assert sample_sheet.POLICYHOLDER in found[-1]
    assert sample_sheet.INSURED in found[0]
    assert not YIELD.search(bare(found))


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


#: The headings of a sheet in their order (G04).
HEADINGS = [
    "产品概要", "保险责任", "责任免除", "费用", "保单贷款与减额交清", "投资策略与红利政策", "红利实现情况",
    "投资策略与账户结算", "各项期间与退保", "保险利益演示", "理赔估算示例", "明确提示与说明（共 18 项）",
    "如实告知：公司会询问下列事项", "您的权利", "理赔程序", "服务承诺", "咨询、报案与投诉", "公司声明",
    "投保人声明与签署",
]  # fmt: skip
PARTICIPATING = {"投资策略与红利政策", "红利实现情况"}
#: What a product has no reason to say.
WITHOUT = {
    "DEMO-TERM": {*PARTICIPATING, "投资策略与账户结算", "理赔估算示例"},
    "DEMO-IWL": {*PARTICIPATING, "投资策略与账户结算", "理赔估算示例"},
    "DEMO-PWL": {"投资策略与账户结算", "理赔估算示例"},
    "DEMO-PANN": {"投资策略与账户结算", "理赔估算示例", "如实告知：公司会询问下列事项"},
    "DEMO-UL": {*PARTICIPATING, "理赔估算示例", "如实告知：公司会询问下列事项"},
    "DEMO-CI": {*PARTICIPATING, "投资策略与账户结算", "理赔估算示例"},
    "DEMO-MED": {*PARTICIPATING, "投资策略与账户结算", "保单贷款与减额交清", "保险利益演示"},
}


@PRODUCTS
def test_the_order_is_that_of_the_filing_form(product: str) -> None:
    """Product, benefits, exclusions, terms, periods and loss, example, company (G04); the outline names every part."""
    outline = PdfReader(io.BytesIO(pdf(product))).outline
    titles = [entry.title for entry in outline if not isinstance(entry, list)]
    assert titles == [title for title in HEADINGS if title not in WITHOUT[product]]


@PRODUCTS
def test_risks_come_before_benefits(product: str) -> None:
    """Requirement R3.4a: the risk box stands before the product, exclusions and loss before the example."""
    text = words(product)
    loss = [] if product == "DEMO-MED" else ["第一个保单年度末退保"]
    example = "估算给付" if product == "DEMO-MED" else "示例：" + str(sample_sheet.CASES[product]["age"])
    order = ["重要风险提示", "产品概要", "何时给付", "下列情形，本公司", *loss, example, "投保人签名", "演示结果摘要"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert ("第一个保单年度末退保" in text) == bool(loss)


@PRODUCTS
def test_who_stands_behind_it(product: str) -> None:
    """Company, licence, address and phone; form, version, product state, all three digests."""
    content, text = sample_sheet.content(product), words(product)
    for _name, told in content.company_facts:
        assert bare([told]) in text
    assert "产品状态截至2026-11-18：在售" in text
    assert f"IA-{product}第{content.template_version}版" in text
    for digest in (content.result_hash, content.package_hash, content.policy_hash):
        assert digest in text


@PRODUCTS
def test_nothing_is_told_that_the_product_does_not_have(product: str) -> None:
    """No period of nought days, no loss of nothing, no title said twice."""
    text = words(product)
    assert not re.search(r"(?<!\d)0日", text)
    assert not re.search(r"(?<![\d,])0\.00元", text)
    for prompt in sample_sheet.content(product).prompts:
        assert not prompt.text.startswith(prompt.title), prompt.number


def test_a_year_of_medical_cover() -> None:
    """Limit, deductible and share stand on the sheet; nothing of cash values or payment by the month."""
    facts, text = dict(sample_sheet.content("DEMO-MED").key_facts), words("DEMO-MED")
    assert (facts["保险期间"], facts["年度限额（元）"], facts["年度免赔额（元）"]) == (
        "一年",
        "2,000,000.00",
        "10,000.00",
    )
    for told in ("理赔估算示例", "43,000", "45,000", "不保证续保", "没有犹豫期"):
        assert told in text
    for nonsense in ("终身", "月交", "退还现金价值", "单位：万元"):
        assert nonsense not in text


def test_the_code_says_what_to_check() -> None:
    """Scanned with a phone, it names company, sheet, digest and whom to call, in at most 200 bytes."""
    content = sample_sheet.content()
    assert content.verification.split("\n") == [
        "示例人寿保险股份有限公司",
        "说明书 IA-20261123-0001",
        f"摘要 {content.result_hash[:16]}",
        "核对请拨 400-000-0000",
    ]
    assert len(content.verification.encode()) <= 200


@PRODUCTS
def test_nothing_speaks_of_yield(product: str) -> None:
    """Requirement R3.4b: two scenarios in yuan, no rate of return, no compounding, no comparison with deposits."""
    assert not YIELD.search(words(product))


def test_all_eighteen_items_are_printed() -> None:
    """Regulation G01 article 25."""
    text = words()
    assert all(re.search(f"{number:02d}.{{2,8}}　?", text) for number in range(1, 19))
    assert len(sample_sheet.content().prompts) == 18


def printed_in(sheet: bytes, words: str) -> tuple[str, float]:
    """The font and the size in which a file shows ``words``."""
    found: list[tuple[str, float]] = []

    def note(text: str, cm: list[float], tm: list[float], font: dict[str, str] | None, size: float) -> None:
        if words in text and font:
            found.append((font["/BaseFont"], size))

    for page in PdfReader(io.BytesIO(sheet)).pages:
        page.extract_text(visitor_text=note)
    (only,) = found
    return only


@pytest.mark.parametrize("age", [40, 60])
def test_exclusions_stand_out(age: int) -> None:
    """On the page: bold and at least 1.2 times the body, also in large print (requirement R3.4a)."""
    sheet = render_sheet(sample_sheet.content(age=age))
    font, size = printed_in(sheet, "核爆炸")
    assert font.endswith(fonts.BOLD)
    assert size >= 1.2 * printed_in(sheet, "服务人员变动时")[1]


def test_the_first_year_loss_is_bold() -> None:
    """Story S14: in yuan and in bold."""
    assert printed_in(render_sheet(sample_sheet.content()), "17,304.03")[0].endswith(fonts.BOLD)


def test_the_body_is_set_for_older_eyes() -> None:
    """14 points from 60 on, and no smaller in the tables, which are laid out anew for it (story S05)."""
    sheet = render_sheet(sample_sheet.content(age=60))
    assert printed_in(sheet, "服务人员变动时")[1] == 14
    assert printed_in(sheet, "1,119,848")[1] == 14


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


def test_the_table_is_whole() -> None:
    """The sixteen rows of the example stand on one page; only a longer table is torn, and then its head is repeated."""
    with_rows = [text for text in pages() if "209,498 " in text]
    assert len(with_rows) == 1
    content = sample_sheet.content()
    longer = dataclasses.replace(content, rows=[*content.rows] * 5)
    found = [page.extract_text() for page in PdfReader(io.BytesIO(render_sheet(longer))).pages]
    assert all("退保合计" in text for text in found if text.count("209,498") > 3)
    assert sum("退保合计" in text for text in found) == 2


@pytest.mark.parametrize("times", range(3, 12))
def test_a_table_of_any_length_goes_on_overleaf(times: int) -> None:
    """Wherever on a page it begins, and however often it is carried overleaf: no row is lost."""
    content = sample_sheet.content()
    longer = dataclasses.replace(content, rows=[*content.rows] * times)
    text = bare([page.extract_text() for page in PdfReader(io.BytesIO(render_sheet(longer))).pages])
    assert text.count("1,119,848") == times


def test_a_watermark_until_it_is_signed() -> None:
    """Unsigned sheets are marked as such; the mark is drawn, so that it does not spoil the text."""
    unsigned = render_sheet(sample_sheet.content())
    signed = render_sheet(sample_sheet.signed())
    assert (marks(unsigned), marks(signed)) == (True, False)
    assert words().count("未签署") == words().count("尚未签署") == 1


def marks(sheet: bytes) -> bool:
    """Whether the first page draws the watermark."""
    resources = PdfReader(io.BytesIO(sheet)).pages[0]["/Resources"]
    return any("watermark" in name for name in resources.get("/XObject", ()))


def test_the_same_content_gives_the_same_bytes() -> None:
    """A sheet can be told from a changed one by its hash."""
    assert render_sheet(sample_sheet.content()) == render_sheet(sample_sheet.content())


def test_older_customers_get_larger_letters() -> None:
    """From 60 on the body is 14 pt (story S05)."""
    content = sample_sheet.content(age=60)
    assert content.elderly
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
