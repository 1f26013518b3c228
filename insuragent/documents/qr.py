"""A QR code as one path, on a white ground of its own."""

import re
from functools import lru_cache

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents.ink import INK, WHITE, Path, TooLong, fill
from insuragent.documents.tags import figure
from insuragent.i18n import _

_QUIET = 6.0
#: More would make squares too small to be read from paper.
_MOST_BYTES = 200


def draw_code(canvas: Canvas, x: float, y: float, text: str, side: float = 66.0) -> None:
    """The code of ``text``, ``side`` points broad, with its lower left corner at (x, y) and a quiet zone around it.

    Raises TooLong beyond 200 bytes.
    """
    if len(text.encode()) > _MOST_BYTES:
        raise TooLong
    fill(canvas, WHITE)
    canvas.roundRect(x - _QUIET, y - _QUIET, side + 2 * _QUIET, side + 2 * _QUIET, 4, stroke=0, fill=1)
    squares = Path()
    for left, down, broad, unit in _squares(text, side):
        squares.rectangle(x + left, y + side - down, broad, unit)
    with figure(canvas, _("二维码：扫码核对本文件"), x, y, side, side):
        squares.fill(canvas, INK)


@lru_cache(maxsize=16)
def _squares(text: str, side: float) -> list[tuple[float, float, float, float]]:
    """The dark stretches of a code: left, down, broad and tall. A sheet is laid out to be seen, printed and signed."""
    code = QrCodeWidget(text, barLevel="M", barBorder=0).qr
    code.version = code.calculate_version()
    # What the code says is mostly a digest, as even as chance: trying all eight masks costs more than a page of text.
    code.makeImpl(False, 0)
    count = code.getModuleCount()
    unit = side / count
    found: list[tuple[float, float, float, float]] = []
    for row in range(count):
        dark = "".join("1" if code.isDark(row, column) else "0" for column in range(count))
        spans = (run.span() for run in re.finditer("1+", dark))
        found += [(start * unit, (row + 1) * unit, (end - start) * unit, unit) for start, end in spans]
    return found
