"""The page around a document: its head and foot, page x of y in one pass, and a watermark until it is signed."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.flowables import Flowable

from insuragent.documents.fonts import REGULAR, face
from insuragent.documents.ink import GREY, LINE, TEAL, fill, stroke, write
from insuragent.i18n import _
from insuragent.settings import resource

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
INNER = WIDTH - 2 * MARGIN
_TOTAL, _MARK = "page-total", "watermark"
_FOOT = 7.5


@dataclass(frozen=True)
class PageFrame:
    """What stands on every page: words above left and right, words below left and in the middle."""

    title: str
    head_left: str
    head_right: str
    foot_left: str
    foot_middle: str
    author: str
    watermark: str = ""
    cover_height: float = 0.0
    draw_cover: Callable[[Any], None] | None = None


def build(frame: PageFrame, story: Sequence[Flowable]) -> bytes:
    """Lay ``story`` out on A4 pages within ``frame``; the same story gives the same bytes."""
    face(REGULAR)
    target = io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=frame.title,
        author=frame.author,
        creator="insuragent",
        lang="zh-CN",
        displayDocTitle=True,
        initialFontName=REGULAR,
        pageCompression=1,
        invariant=1,
    )
    first = Frame(MARGIN, 18 * mm, INNER, HEIGHT - 18 * mm - max(frame.cover_height, 19 * mm), 0, 0, 0, 0)
    rest = Frame(MARGIN, 18 * mm, INNER, HEIGHT - 37 * mm, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            _template("first", first, frame, cover=True),
            _template("rest", rest, frame, cover=False),
        ]
    )
    document.build(list(story), canvasmaker=_canvas_for(frame))
    return target.getvalue()


def _template(name: str, space: Frame, frame: PageFrame, *, cover: bool) -> PageTemplate:
    def begin(canvas: Any, document: Any) -> None:
        if frame.watermark:
            canvas.doForm(_MARK)
        if cover and frame.draw_cover is not None:
            frame.draw_cover(canvas)

    def end(canvas: Any, document: Any) -> None:
        _write_frame(canvas, frame, document.page, head=not (cover and frame.draw_cover))

    return PageTemplate(name, [space], onPage=begin, onPageEnd=end, autoNextPageTemplate="rest")


def _write_frame(canvas: Any, frame: PageFrame, number: int, *, head: bool) -> None:
    if head:
        write(canvas, MARGIN, HEIGHT - 13 * mm, frame.head_left, 8, color=GREY)
        write(canvas, WIDTH - MARGIN, HEIGHT - 13 * mm, frame.head_right, 8, color=GREY, align="r")
        stroke(canvas, TEAL, 0.8)
        canvas.line(MARGIN, HEIGHT - 15 * mm, WIDTH - MARGIN, HEIGHT - 15 * mm)
    stroke(canvas, LINE)
    canvas.line(MARGIN, 15 * mm, WIDTH - MARGIN, 15 * mm)
    y = 10.5 * mm
    write(canvas, MARGIN, y, frame.foot_left, _FOOT, color=GREY)
    write(canvas, WIDTH / 2 + 66, y, frame.foot_middle, _FOOT, color=GREY, align="c")
    here = _("第 {page} 页 / 共").format(page=number) + " "
    write(canvas, WIDTH - MARGIN - 26, y, here, _FOOT, color=GREY, align="r")
    canvas.saveState()
    canvas.translate(WIDTH - MARGIN - 26, y)
    canvas.doForm(_TOTAL)
    canvas.restoreState()


def _canvas_for(frame: PageFrame) -> type[Canvas]:
    class FramedCanvas(Canvas):  # type: ignore[misc]
        """Draws at the end what is known only then: how many pages there are."""

        def save(self) -> None:
            pages = self._pageNumber - (0 if self._code else 1)
            if frame.watermark:
                _define_watermark(self, frame.watermark)
            self.beginForm(_TOTAL, 0, -5, 60, 15)
            write(self, 0, 0, _("{pages} 页").format(pages=pages), _FOOT, color=GREY)
            self.endForm()
            super().save()

    return FramedCanvas


def _define_watermark(canvas: Any, words: str) -> None:
    """The words six times across the page, as outlines: as text they would stand in every extraction."""
    canvas.beginForm(_MARK, 0, 0, WIDTH, HEIGHT)
    fill(canvas, "#EFF2F3")
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(38)
    canvas._code.append(_watermark(words))
    canvas.endForm()


@cache
def _watermark(words: str) -> str:
    """The six outlines as one path in the page's own language; reportlab would format each number anew."""
    outline, length = _outline(words, 40)
    marks = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "close": "h"}
    found = []
    for x, y in ((-170, -260), (-170, -30), (-170, 200), (150, -200), (150, 30), (150, 260)):
        for name, points in outline:
            found += [f"{px + x - length / 2:.2f} {py + y:.2f}" for px, py in points]
            found.append(marks[name])
    return " ".join([*found, "f"])


@cache
def _outline(words: str, size: float) -> tuple[list[tuple[str, list[tuple[float, float]]]], float]:
    """The outline of ``words`` as path operations, and its length in points."""
    found: list[tuple[str, list[tuple[float, float]]]] = []
    scale = size / 1000
    with TTFont(resource(f"fonts/{REGULAR}.ttf"), lazy=True) as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        for place, character in enumerate(words):
            record = DecomposingRecordingPen(glyphs)
            glyphs[names[ord(character)]].draw(Qu2CuPen(record, 1.0, all_cubic=True))
            for name, points in record.value:
                known = "close" if name in ("closePath", "endPath") else name
                found.append((known, [(px * scale + place * size, py * scale) for px, py in points]))
    return found, len(words) * size
