"""A QR code as one path, on a white ground of its own."""

import re
from functools import lru_cache
from itertools import chain, cycle, islice, zip_longest

from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel, QRRSBlock
from reportlab.pdfgen.canvas import Canvas

from insuragent.documents.ink import INK, WHITE, Path, TooLong, fill
from insuragent.documents.tags import figure
from insuragent.i18n import _

_QUIET = 6.0
#: More would make squares too small to be read from paper.
_MOST_BYTES = 200
#: An eighth of the code may be covered and it is still read. What it says is mostly a digest, as even as chance:
#: to try all eight masks costs more than a page of text.
_LEVEL, _MASK = QRErrorCorrectLevel.M, 0
#: The mode for bytes and the bytes that fill up (ISO/IEC 18004, 7.4), and the polynomial of its field of 256 (7.5.2).
_BYTES, _FILLING, _FIELD = 4, (0xEC, 0x11), 0x11D
_DARK, _LIGHT = b"10"


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
    rows = modules(text)
    unit = side / len(rows)
    found: list[tuple[float, float, float, float]] = []
    for row, line in enumerate(rows):
        spans = (run.span() for run in re.finditer(b"1+", line))
        found += [(start * unit, (row + 1) * unit, (end - start) * unit, unit) for start, end in spans]
    return found


def modules(text: str) -> list[bytes]:
    """The rows of the code of ``text``: a "1" for each dark square, a "0" for each light one.

    Reportlab knows where everything stands in a code; it takes a fifth of a sheet's time to compute what stands there.
    """
    data = text.encode()
    plain = QRCode(None, _LEVEL)
    plain.addData(QR8bitByte(data))
    version = plain.calculate_version()
    empty, places = _empty(version)
    rows = [bytearray(row) for row in empty]
    words = _words(data, version)
    bits = f"{int.from_bytes(words, 'big'):0{8 * len(words)}b}"
    for (column, row), bit in zip(places, bits, strict=False):
        if bit == "1":
            rows[row][column] ^= _DARK ^ _LIGHT
    return [bytes(row) for row in rows]


@lru_cache(maxsize=16)
def _empty(version: int) -> tuple[list[bytes], list[tuple[int, int]]]:
    """The code of a version that says nothing but noughts, and where (column, row) its bits stand in order."""
    code = QRCode(version, _LEVEL)
    code.dataCache = []
    code.makeImpl(False, _MASK)
    rows = [bytes(_DARK if dark else _LIGHT for dark in row) for row in code.modules]
    return rows, list(code.dataPosIterator())


def _words(data: bytes, version: int) -> bytes:
    """The code words of ``data``: blocks of it and of what corrects them, each kind interleaved."""
    blocks = QRRSBlock.getRSBlocks(version, _LEVEL)
    room, digits = sum(block.dataCount for block in blocks), 8 if version < 10 else 16
    said = _BYTES << digits | len(data)
    # Half a byte for the mode and half a one for the end: what lies between them is whole bytes.
    head = (said << 8 * len(data) | int.from_bytes(data, "big")) << 4
    whole = head.to_bytes(1 + digits // 8 + len(data), "big")
    filled = bytes(islice(chain(whole, cycle(_FILLING)), room))
    parts, start = [], 0
    for block in blocks:
        parts.append(filled[start : start + block.dataCount])
        start += block.dataCount
    corrections = [_correction(part, blocks[0].totalCount - blocks[0].dataCount) for part in parts]
    words = chain(zip_longest(*parts), zip_longest(*corrections))
    return bytes(word for column in words for word in column if word is not None)


def _correction(data: bytes, count: int) -> bytes:
    """The ``count`` words by which a block is corrected: what remains when it is divided by their polynomial."""
    rows, rest, top = _multiples(count), 0, 8 * (count - 1)
    within = (1 << 8 * count) - 1
    for word in data:
        rest = (rest << 8 & within) ^ rows[word ^ rest >> top]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=16)
def _multiples(count: int) -> list[int]:
    """The polynomial of ``count`` correcting words, less its first coefficient, times each number of the field."""
    polynomial, root = [1], 1
    for _word in range(count):
        shifted = [*polynomial, 0]
        polynomial = [one ^ _times(root, other) for one, other in zip(shifted, [0, *polynomial], strict=True)]
        root = _times(root, 2)
    return [int.from_bytes(bytes(_times(factor, one) for one in polynomial[1:]), "big") for factor in range(256)]


def _times(one: int, other: int) -> int:
    """A product in the field of 256."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = one << 1 ^ (_FIELD if one & 0x80 else 0)
        other >>= 1
    return product
