"""An explanation sheet drawn by us, beside the same words and rows in stock reportlab."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from bench.measure import Row, cpu_seconds, interleaved, row
from insuragent.documents import fonts, page, typography
from insuragent.documents.content import SheetContent
from insuragent.documents.grid import Grid
from insuragent.documents.sheet import render_sheet
from tests.documents import sample_sheet

PEER = "reportlab-stock"
ROUNDS = 5


def texts(content: SheetContent) -> list[str]:
    """Every paragraph of a sheet, the clauses three times over as a real product has more of them."""
    found = [*content.important, *content.risks, *content.exclusions, *content.surrender_notes, *content.promises]
    found += [f"{c.name} {c.amount} {c.period}" for c in content.coverage]
    found += [f"{p.number} {p.title} {p.text}" for p in content.prompts] * 3
    found += [text for title, paragraphs in content.clauses for text in (title, *paragraphs)] * 3
    return [*found, content.statement, content.example_note, *content.service]


def plain(content: SheetContent) -> bytes:
    """The plain document in our own typography: paragraphs, then a table of eighty rows."""
    frame = page.PageFrame("plain", content.company, content.document_no, content.form_no, "", "insuragent")
    table = Grid(content.columns, (list(content.rows) * 6)[:80])
    return page.build(frame, [*(typography.Paragraph(text, 9.5) for text in texts(content)), table])


def stock(content: SheetContent) -> bytes:
    """The same with reportlab's own paragraphs and table."""
    for name in (fonts.REGULAR, fonts.BOLD, fonts.RARE):
        fonts.face(name)
    body = ParagraphStyle("body", fontName=fonts.REGULAR, fontSize=9.5, leading=15.4, wordWrap="CJK")
    table = LongTable([[c.label for c in content.columns], *(list(content.rows) * 6)[:80]], repeatRows=1)
    lines = [("FONT", (0, 0), (-1, -1), fonts.REGULAR, 7.6), ("GRID", (0, 0), (-1, -1), 0.4, "#C9D6DC")]
    table.setStyle(TableStyle([*lines, ("ALIGN", (2, 0), (-1, -1), "RIGHT")]))
    target = io.BytesIO()
    document = SimpleDocTemplate(target, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm)
    document.build([*(Paragraph(text, body) for text in texts(content)), Spacer(0, 8), table])
    return target.getvalue()


def pages(pdf: bytes) -> int:
    """How many pages a file has."""
    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


def rows() -> list[Row]:
    """The figures of sheets.json, processor time: the same plain document in both, and the designed sheet alone."""
    content = sample_sheet.content()
    ours, theirs, designed = plain(content), stock(content), render_sheet(content)
    medians = interleaved(
        {
            "plain": lambda: cpu_seconds(lambda: plain(content)),
            "stock": lambda: cpu_seconds(lambda: stock(content)),
            "sheet": lambda: cpu_seconds(lambda: render_sheet(content)),
        },
        ROUNDS,
    )
    a_page = {
        name: round(medians[name] * 1000 / pages(pdf), 2)
        for name, pdf in (("plain", ours), ("stock", theirs), ("sheet", designed))
    }
    return [
        row("ms_per_page", a_page["plain"], "ms", PEER, a_page["stock"]),
        row("ms_per_page:designed", a_page["sheet"], "ms"),
        row("sheet_kb", round(len(designed) / 1024, 1), "kB", PEER, round(len(theirs) / 1024, 1)),
    ]
