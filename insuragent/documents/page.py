"""The page around a document: its head and foot, page x of y in one pass, and a watermark until it is signed."""

import datetime as dt
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
from reportlab.lib.utils import TimeStamp
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.doctemplate import LayoutError
from reportlab.platypus.flowables import Flowable

from insuragent.documents.fonts import REGULAR, face, packed, width
from insuragent.documents.ink import GREY, LINE, TEAL, TooLong, fill, fitting, stroke, write
from insuragent.documents.tags import Tags, close_page, open_page, ornament
from insuragent.i18n import SHANGHAI, _
from insuragent.settings import resource

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
INNER = WIDTH - 2 * MARGIN
#: The height that is left for text on every page but a cover.
ROOM = HEIGHT - 37 * mm
_MARK, _WORDS = "watermark", "watermark-words"
#: The size of the watermark's letters.
_SIZE = 40.0
#: The size of a foot that takes one line.
FOOT, _HEAD = 7.5, 8.0
#: Room for "page x of y" at the right of the foot, and between it and its neighbours.
_NUMBERS, _BETWEEN = 64.0, 10.0
_FOOT_LINE = 10.5 * mm


@dataclass(frozen=True)
class PageFrame:
    """What stands on every page: words above left and right, words below left and in the middle.

    ``draw_cover`` draws on the first page, whose uppermost ``cover_height`` points then hold no head and no text.
    Above ``foot_size`` 7.5 the foot takes two lines: those who read badly read it too.
    ``printed_at`` (aware) is the date that the file bears, so that the same content gives the same bytes.
    """

    printed_at: dt.datetime
    title: str
    head_left: str
    head_right: str
    foot_left: str
    foot_middle: str
    author: str
    watermark: str = ""
    cover_height: float = 0.0
    draw_cover: Callable[[Any], None] | None = None
    foot_size: float = FOOT

    @property
    def foot_line(self) -> float:
        """The base line of the foot's last line."""
        return float(_FOOT_LINE) - (self.foot_size + 1.0 if self.foot_size > FOOT else 0.0)


def build(frame: PageFrame, story: Sequence[Flowable]) -> bytes:
    """Lay ``story`` out on A4 pages within ``frame``, see :func:`lay_out`; pieces are not marked."""
    return lay_out(frame, story, Tags(quiet=1))[0]


def lay_out(frame: PageFrame, story: Sequence[Flowable], tags: Tags | None = None) -> tuple[bytes, Tags]:
    """The pages of ``story`` within ``frame``, and what each piece on them is; the same story gives the same bytes.

    Raises TooLong when a part that cannot be cut is taller than a page, or a line has no room; MissingGlyph.
    """
    tags = tags or Tags()
    face(REGULAR)
    target = io.BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=frame.title,
        author=frame.author,
        subject=frame.head_left,
        creator="insuragent",
        lang="zh-CN",
        displayDocTitle=True,
        initialFontName=REGULAR,
        pageCompression=1,
        invariant=1,
    )
    first = Frame(MARGIN, 18 * mm, INNER, HEIGHT - 18 * mm - max(frame.cover_height, 19 * mm), 0, 0, 0, 0)
    rest = Frame(MARGIN, 18 * mm, INNER, ROOM, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            _template("first", first, frame, cover=True),
            _template("rest", rest, frame, cover=False),
        ]
    )
    try:
        document.build(list(story), canvasmaker=_canvas_for(frame, tags))
    except LayoutError:
        raise TooLong from None  # reportlab's message quotes the text
    return target.getvalue(), tags


def _template(name: str, space: Frame, frame: PageFrame, *, cover: bool) -> PageTemplate:
    def begin(canvas: Any, document: Any) -> None:
        open_page(canvas)
        if frame.watermark:
            canvas.doForm(_MARK)
        if cover and frame.draw_cover is not None:
            frame.draw_cover(canvas)

    def end(canvas: Any, document: Any) -> None:
        with ornament(canvas):
            _write_frame(canvas, frame, head=not (cover and frame.cover_height))
        close_page(canvas)

    return PageTemplate(name, [space], onPage=begin, onPageEnd=end, autoNextPageTemplate="rest")


def _write_frame(canvas: Any, frame: PageFrame, *, head: bool) -> None:
    if head:
        for text, x, align in ((frame.head_left, MARGIN, "l"), (frame.head_right, WIDTH - MARGIN, "r")):
            size = fitting(text, _HEAD, INNER / 2 - _BETWEEN, least=3)
            write(canvas, x, HEIGHT - 13 * mm, text, size, color=GREY, align=align)
        stroke(canvas, TEAL, 0.8)
        canvas.line(MARGIN, HEIGHT - 15 * mm, WIDTH - MARGIN, HEIGHT - 15 * mm)
    stroke(canvas, LINE)
    canvas.line(MARGIN, 15 * mm, WIDTH - MARGIN, 15 * mm)
    size, end = frame.foot_size, WIDTH - MARGIN - _NUMBERS - _BETWEEN
    if frame.foot_line < _FOOT_LINE:
        left, middle, place = fitting(frame.foot_left, size, INNER, least=3), "l", MARGIN
        size = fitting(frame.foot_middle, size, end - MARGIN, least=3)
    else:
        room = INNER - _NUMBERS - width(frame.foot_middle, size) - 2 * _BETWEEN
        left, middle = fitting(frame.foot_left, size, room, least=3), "c"
        place = (MARGIN + width(frame.foot_left, left) + _BETWEEN + end) / 2
    write(canvas, MARGIN, _FOOT_LINE, frame.foot_left, left, color=GREY)
    write(canvas, place, frame.foot_line, frame.foot_middle, size, color=GREY, align=middle)


def _canvas_for(frame: PageFrame, tags: Tags) -> type[Canvas]:
    class FramedCanvas(Canvas):  # type: ignore[misc]
        """Draws at the end what is known only then: how many pages there are."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            self._code: list[str] = []
            super().__init__(*arguments, **settings)
            self._doc.tags = tags

        def save(self) -> None:
            if self._code:
                self.showPage()
            self._doc._timeStamp = _stamp(frame.printed_at)
            if frame.watermark:
                _define_watermark(self, frame.watermark)
            pages = self._doc.Pages.pages
            for number, page in enumerate(pages, 1):
                self._code = []
                text = _("第 {page} 页 / 共 {pages} 页").format(page=number, pages=len(pages))
                open_page(self)
                with ornament(self):
                    write(self, WIDTH - MARGIN, frame.foot_line, text, frame.foot_size, color=GREY, align="r")
                close_page(self)
                page.Contents = packed("\n".join([page.stream, *self._code]).encode("ascii"))
            self._code = []
            super().save()

    return FramedCanvas


def _stamp(moment: dt.datetime) -> TimeStamp:
    """``moment`` as reportlab keeps the date of a file, on Shanghai's clock."""
    stamp, local = TimeStamp(invariant=1), moment.astimezone(SHANGHAI)
    offset = local.utcoffset() or dt.timedelta()
    stamp.t, stamp.lt = local.timestamp(), local.timetuple()
    stamp.YMDhms = tuple(stamp.lt)[:6]
    stamp.dhh, stamp.dmm = divmod(int(offset.total_seconds()) // 60, 60)
    return stamp


def _define_watermark(canvas: Any, words: str) -> None:
    """The words six times across the page, as outlines: as text they would stand in every extraction."""
    path, length = _watermark(words)
    canvas.beginForm(_WORDS, 0, -_SIZE, length, 2 * _SIZE)
    canvas._code.append(path)
    canvas.endForm()
    canvas.beginForm(_MARK, 0, 0, WIDTH, HEIGHT)
    fill(canvas, "#EFF2F3")
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(38)
    for x, y in ((-170, -260), (-170, -30), (-170, 200), (150, -200), (150, 30), (150, 260)):
        canvas.saveState()
        canvas.translate(x - length / 2, y)
        canvas.doForm(_WORDS)
        canvas.restoreState()
    canvas.endForm()


@cache
def _watermark(words: str) -> tuple[str, float]:
    """The words as one path in the page's own language, and their length; reportlab would format each number anew."""
    outline, length = _outline(words, _SIZE)
    marks = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "close": "h"}
    found = []
    for name, points in outline:
        found += [f"{x:.2f} {y:.2f}" for x, y in points]
        found.append(marks[name])
    return " ".join([*found, "f"]), length


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
