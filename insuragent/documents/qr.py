"""A QR code as one path, on a white ground of its own."""

import re

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
    code = QrCodeWidget(text, barLevel="M", barBorder=0).qr
    code.version = code.calculate_version()
    # What the code says is a digest, as even as chance: trying all eight masks costs more than the text of a page.
    code.makeImpl(False, 0)
    count = code.getModuleCount()
    unit, squares = side / count, Path()
    for row in range(count):
        dark = "".join("1" if code.isDark(row, column) else "0" for column in range(count))
        for run in re.finditer("1+", dark):
            left, broad = run.start() * unit, (run.end() - run.start()) * unit
            squares.rectangle(x + left, y + side - (row + 1) * unit, broad, unit)
    with figure(canvas, _("二维码：扫码核对本文件"), x, y, side, side):
        squares.fill(canvas, INK)
