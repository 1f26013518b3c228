"""An explanation sheet drawn by us, beside the same words and rows in stock reportlab."""

import dataclasses
import io
import itertools
import sys
from collections.abc import Iterator
from functools import cache

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from bench.measure import Row, cpu_seconds, interleaved, row
from insuragent.documents import fonts, page, typography
from insuragent.documents.content import SheetContent
from insuragent.documents.grid import Grid
from insuragent.documents.sheet import render_sheet
from insuragent.settings import resource
from tests.documents import sample_sheet

PEER = "reportlab-stock"
ROUNDS = 9


def texts(content: SheetContent) -> list[str]:
    """Every paragraph of a sheet, the clauses three times over as a real product has more of them."""
    found = [*content.important, *content.risks, *content.exclusions, *content.surrender_notes, *content.promises]
    found += [f"{c.name} {c.amount} {c.period}" for c in content.coverage]
    found += [f"{p.number} {p.title} {p.text}" for p in content.prompts] * 3
    found += [text for title, paragraphs in content.clauses for text in (title, *paragraphs)] * 3
    return [*found, content.statement, content.example_note, *content.service]


def plain(content: SheetContent) -> bytes:
    """The plain document in our own typography: paragraphs, then a table of eighty rows."""
    frame = page.PageFrame(
        content.printed_at, "plain", content.company, content.document_no, content.form_no, "", "insuragent"
    )
    table = Grid(content.columns, (list(content.rows) * 6)[:80])
    return page.build(frame, [*(typography.Paragraph(text, 9.5) for text in texts(content)), table])


@cache
def stock_font() -> str:
    """Our regular face as reportlab itself handles it, read once a process like ours."""
    font = ttfonts.TTFont("Stock", str(resource(f"fonts/{fonts.REGULAR}.ttf")))
    font.face.name = b"Stock"  # else reportlab takes it for the face that we registered
    pdfmetrics.registerFont(font)
    return "Stock"


def stock(content: SheetContent) -> bytes:
    """The same with reportlab's own paragraphs and table."""
    body = ParagraphStyle("body", fontName=stock_font(), fontSize=9.5, leading=15.4, wordWrap="CJK")
    table = LongTable([[c.label for c in content.columns], *(list(content.rows) * 6)[:80]], repeatRows=1)
    lines = [("FONT", (0, 0), (-1, -1), stock_font(), 7.6), ("GRID", (0, 0), (-1, -1), 0.4, "#C9D6DC")]
    table.setStyle(TableStyle([*lines, ("ALIGN", (2, 0), (-1, -1), "RIGHT")]))
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, initialFontName=stock_font()
    )
    document.build([*(Paragraph(text, body) for text in texts(content)), Spacer(0, 8), table])
    return target.getvalue()


def designed(content: SheetContent) -> SheetContent:
    """A sheet of eight pages: eighty rows, and the clauses of a real product, which are longer than the sample's."""
    return dataclasses.replace(content, rows=(list(content.rows) * 5)[:80], clauses=list(content.clauses) * 4)


def numbered(content: SheetContent) -> Iterator[SheetContent]:
    """The same sheet with another number each time, so that no code is drawn from memory."""
    for number in itertools.count():
        yield dataclasses.replace(content, verification=f"{content.verification} {number}")


def pages(pdf: bytes) -> int:
    """How many pages a file has."""
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


def growth(content: SheetContent, sheets: int = 100) -> float | None:
    """By how many MB the largest memory of this process grows over ``sheets`` more; None where nobody counts it."""
    if sys.platform == "win32":
        return None
    from resource import RUSAGE_SELF, getrusage

    before = getrusage(RUSAGE_SELF).ru_maxrss
    for _ in range(sheets):
        render_sheet(content)
    return round((getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024, 1)


def rows() -> list[Row]:
    """The figures of sheets.json, processor time: the same plain document in both, and the designed sheet alone."""
    content = sample_sheet.content()
    large = designed(content)
    ours, theirs, sheet, sheets = plain(content), stock(content), render_sheet(large), numbered(large)
    medians = interleaved(
        {
            "plain": lambda: cpu_seconds(lambda: plain(content)),
            "stock": lambda: cpu_seconds(lambda: stock(content)),
            "sheet": lambda: cpu_seconds(lambda: render_sheet(next(sheets))),
        },
        ROUNDS,
    )
    a_page = {
        name: round(medians[name] * 1000 / pages(pdf), 2)
        for name, pdf in (("plain", ours), ("stock", theirs), ("sheet", sheet))
    }
    return [
        row("ms_per_page", a_page["plain"], "ms", PEER, a_page["stock"]),
        row("ms_per_page:designed", a_page["sheet"], "ms"),
        row("sheet_kb", round(len(ours) / 1024, 1), "kB", PEER, round(len(theirs) / 1024, 1)),
        row("pages:designed", pages(sheet), "pages"),
        row("sheet_kb:designed", round(len(sheet) / 1024, 1), "kB"),
        row("rss_growth_100_sheets_mb", growth(content), "MB"),
    ]
