"""Makers of PDF as a worker: the same paragraphs and the same table on A4, each drawn with our regular face.

Asked to ``draw`` with a program's name, the texts, the heads and the rows, and the path of the font; told are the
processor seconds of the second of two runs, so that whatever is loaded once is loaded.
"""

import html
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers import serve

Draw = Callable[[list[str], list[str], list[list[str]], str], bytes]
#: Millimetres of the margins, and the sizes of text and table in points, as in the sheet.
MARGIN, SIZE, LEADING, SMALL = 18, 9.5, 15.4, 7.6


def typst(texts: list[str], heads: list[str], rows: list[list[str]], font: str) -> bytes:
    """Typst by its Python binding."""
    import typst as library  # type: ignore[import-not-found,import-untyped,unused-ignore]

    cells = ", ".join(json.dumps(cell, ensure_ascii=False) for row in [heads, *rows] for cell in row)
    source = (
        f'#set page(paper: "a4", margin: {MARGIN}mm)\n#set par(justify: true, leading: {LEADING - SIZE}pt)\n'
        f'#set text(font: "Noto Sans SC", size: {SIZE}pt, lang: "zh", fallback: false)\n'
        + "\n\n".join(f"#par({json.dumps(text, ensure_ascii=False)})" for text in texts)
        + f"\n#set text(size: {SMALL}pt)\n#table(columns: {len(heads)}, {cells})\n"
    )
    return bytes(library.compile(source.encode(), font_paths=[str(Path(font).parent)], ignore_system_fonts=True))


def weasyprint(texts: list[str], heads: list[str], rows: list[list[str]], font: str) -> bytes:
    """WeasyPrint, with the font from its file."""
    from weasyprint import HTML  # type: ignore[import-not-found,import-untyped,unused-ignore]

    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    style = (
        f"@font-face {{font-family: Ours; src: url('{Path(font).as_uri()}')}}"
        f"@page {{size: A4; margin: {MARGIN}mm}} body {{font: {SIZE}pt/{LEADING}pt Ours; text-align: justify}}"
        f"table {{font-size: {SMALL}pt; line-height: 1.4; border-collapse: collapse; width: 100%}}"
        "td, th {border: .4pt solid #C9D6DC; text-align: right} p {margin: 0}"
    )
    paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    table = f"<table><thead><tr>{head}</tr></thead>{body}</table>"
    return bytes(HTML(string=f"<html lang=zh><style>{style}</style>{paragraphs}{table}").write_pdf())


def fpdf2(texts: list[str], heads: list[str], rows: list[list[str]], font: str) -> bytes:
    """fpdf2, whose text is broken at any character."""
    from fpdf import FPDF  # type: ignore[import-not-found,import-untyped,unused-ignore]

    pdf = FPDF(format="A4")
    pdf.set_margin(MARGIN)
    pdf.add_font("Ours", fname=font)
    pdf.set_font("Ours", size=SIZE)
    pdf.add_page()
    for text in texts:
        pdf.multi_cell(0, LEADING * 25.4 / 72, text, wrapmode="CHAR", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Ours", size=SMALL)
    with pdf.table(line_height=SMALL * 1.8 * 25.4 / 72, first_row_as_headings=False, text_align="RIGHT") as table:
        for cells in [heads, *rows]:
            line = table.row()
            for cell in cells:
                line.cell(cell)
    return bytes(pdf.output())


MAKERS: dict[str, Draw] = {"typst": typst, "weasyprint": weasyprint, "fpdf2": fpdf2}


def draw(
    maker: str, texts: list[str], heads: list[str], rows: list[list[str]], font: str, target: str
) -> dict[str, Any]:
    """The processor seconds of one document, which then lies in ``target``."""
    work = MAKERS[maker]
    work(texts, heads, rows, font)
    before = time.process_time()
    data = work(texts, heads, rows, font)
    seconds = time.process_time() - before
    Path(target).write_bytes(data)
    return {"seconds": seconds}


if __name__ == "__main__":
    serve({"draw": draw})
