"""An explanation sheet drawn by us, beside the same words and rows in stock reportlab, typst, WeasyPrint and fpdf2."""

import dataclasses
import io
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from bench import peers
from bench.measure import ROOT, Row, cpu_seconds, interleaved, row
from insuragent.documents import fonts, page, typography
from insuragent.documents.content import SheetContent
from insuragent.documents.grid import Grid
from insuragent.documents.sheet import archive_sheet, render_sheet
from insuragent.documents.signing import Signer
from insuragent.security.document_key import DocumentKey
from insuragent.settings import resource
from tests.documents import sample_sheet

PEER = "reportlab-stock"
#: Makers of PDF that run in a process of their own.
OTHERS = ("typst", "weasyprint", "fpdf2")
ROUNDS = 9
SIGNER = Signer(DocumentKey(bytes(32)).private_key, "林晓静", "00000244030000002026000123", "0a1b2c3d", "客户签署")


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
    """By how many MB the largest memory of this process grows over ``sheets`` signed ones; None where nobody counts."""
    if sys.platform == "win32":
        return None
    from resource import RUSAGE_SELF, getrusage

    before = getrusage(RUSAGE_SELF).ru_maxrss
    for _ in range(sheets):
        sign_and_archive(content)
    return round((getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024, 1)


def sign_and_archive(content: SheetContent) -> bytes:
    """The sheet as it is kept: laid out with tags, made PDF/A, and sealed."""
    return archive_sheet(content, {"document_no": content.document_no}, SIGNER)


def others(content: SheetContent) -> dict[str, float | None]:
    """Milliseconds a page of the same plain document by each other maker; None where it cannot be had."""
    python = peers.papers()
    table = [[*row] for row in (list(content.rows) * 6)[:80]]
    told = {"texts": texts(content), "heads": [c.label for c in content.columns], "rows": table}
    told["font"] = str(resource(f"fonts/{fonts.REGULAR}.ttf"))
    found: dict[str, float | None] = dict.fromkeys(OTHERS)
    with tempfile.TemporaryDirectory() as folder:
        for name in OTHERS if python else ():
            target = Path(folder) / f"{name}.pdf"
            command: list[str | Path] = [str(python), "-m", "bench.peers.papers_worker"]
            worker = peers.Worker(command, ROOT, dict(os.environ), Path(folder) / "log")
            try:
                took = [worker.ask(op="draw", maker=name, target=str(target), **told)["seconds"] for _ in range(3)]
                found[name] = round(statistics.median(took) * 1000 / pages(target.read_bytes()), 2)
            except RuntimeError as error:
                print(f"{name}: {error}", file=sys.stderr)  # such as WeasyPrint without Pango
            finally:
                worker.close()
    return found


def recalculated() -> float:
    """Milliseconds of processor time from a changed input to the new chart and table, painted off-screen."""
    command = [sys.executable, "-m", "bench.recalculate"]
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return float(subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def rows() -> list[Row]:
    """The figures of sheets.json, processor time: the same plain document in all, and the designed sheet alone."""
    content = sample_sheet.content()
    large = designed(content)
    ours, theirs, sheet, sheets = plain(content), stock(content), render_sheet(large), numbered(large)
    medians = interleaved(
        {
            "plain": lambda: cpu_seconds(lambda: plain(content)),
            "stock": lambda: cpu_seconds(lambda: stock(content)),
            "sheet": lambda: cpu_seconds(lambda: render_sheet(next(sheets))),
            "signed": lambda: cpu_seconds(lambda: sign_and_archive(next(sheets))),
        },
        ROUNDS,
    )
    a_page = {
        name: round(medians[name] * 1000 / pages(pdf), 2)
        for name, pdf in (("plain", ours), ("stock", theirs), ("sheet", sheet))
    }
    return [
        row("ms_per_page", a_page["plain"], "ms", PEER, a_page["stock"]),
        *(row("ms_per_page", a_page["plain"], "ms", name, value) for name, value in others(content).items()),
        row("ms_per_page:designed", a_page["sheet"], "ms"),
        row("sheet_kb", round(len(ours) / 1024, 1), "kB", PEER, round(len(theirs) / 1024, 1)),
        row("pages:designed", pages(sheet), "pages"),
        row("sheet_kb:designed", round(len(sheet) / 1024, 1), "kB"),
        row("sign_archive_ms", round((medians["signed"] - medians["sheet"]) * 1000, 1), "ms"),
        row("recalculate_ms", recalculated(), "ms"),
        row("rss_growth_100_sheets_mb", growth(content), "MB"),
    ]
