"""Cut a TrueType font down to the glyphs that a document shows, with the tables that PDF asks for and no others."""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

#: Flags of a part of a composed glyph (OpenType, table glyf): which numbers follow, and whether another part does.
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x01, 0x08, 0x20, 0x40, 0x80
_CHECKSUM = 0xB1B0AFBA


def cut(face: Any, glyphs: Sequence[int]) -> tuple[bytes, dict[int, int]]:
    """The font file with ``glyphs`` of reportlab's ``face``, the first of them for none, and each one's new number."""
    start = face.get_table_pos("glyf")[0]
    order, places = list(dict.fromkeys(glyphs)), {glyph: place for place, glyph in enumerate(dict.fromkeys(glyphs))}
    outlines, offsets = [], [0]
    for glyph in order:  # grows while composed glyphs name their parts
        data = face._ttf_data[start + face.glyphPos[glyph] : start + face.glyphPos[glyph + 1]]
        if data[:1] >= b"\x80":  # a negative number of contours: composed of other glyphs
            data = _with_parts(data, order, places)
        outlines.append(data + bytes(-len(data) % 4))
        offsets.append(offsets[-1] + len(outlines[-1]))
    count = len(order)
    metrics = [number for glyph in order for number in face.hmetrics[glyph]]  # bearings too are read unsigned
    head, hhea, maxp = (bytearray(face.get_table(tag)) for tag in ("head", "hhea", "maxp"))
    struct.pack_into(">L", head, 8, 0)
    struct.pack_into(">h", head, 50, 1)  # offsets in loca are four bytes
    struct.pack_into(">H", hhea, 34, count)
    struct.pack_into(">H", maxp, 4, count)
    tables = {
        "glyf": b"".join(outlines),
        "head": bytes(head),
        "hhea": bytes(hhea),
        "hmtx": struct.pack(f">{2 * count}H", *metrics),
        "loca": struct.pack(f">{count + 1}L", *offsets),
        "maxp": bytes(maxp),
    }
    return _file(tables), places


def _with_parts(data: bytes, order: list[int], places: dict[int, int]) -> bytes:
    """A composed glyph with the new numbers of its parts; parts that were not asked for join ``order``."""
    changed = bytearray(data)
    for position in _parts(data):
        (glyph,) = struct.unpack_from(">H", data, position)
        if glyph not in places:
            places[glyph] = len(order)
            order.append(glyph)
        struct.pack_into(">H", changed, position, places[glyph])
    return bytes(changed)


def _parts(data: bytes) -> Iterator[int]:
    """Where a composed glyph names its parts."""
    position, flags = 10, _MORE
    while flags & _MORE:
        (flags,) = struct.unpack_from(">H", data, position)
        yield position + 2
        position += 8 if flags & _WORDS else 6
        position += 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0


def _file(tables: dict[str, bytes]) -> bytes:
    """A font file of ``tables``, which stand in the order of their names."""
    power = len(tables).bit_length() - 1
    directory = [struct.pack(">LHHHH", 0x10000, len(tables), 16 << power, power, 16 * len(tables) - (16 << power))]
    body, sums, position, head = [], [], 12 + 16 * len(tables), 0
    for tag, data in tables.items():
        if tag == "head":
            head = position
        sums.append(_sum(data))
        directory.append(struct.pack(">4sLLL", tag.encode(), sums[-1], position, len(data)))
        body.append(data + bytes(-len(data) % 4))
        position += len(body[-1])
    start = b"".join(directory)
    # Every table fills whole words, so the sum of the file is that of its parts.
    whole = bytearray(b"".join([start, *body]))
    struct.pack_into(">L", whole, head + 8, (_CHECKSUM - _sum(start) - sum(sums)) & 0xFFFFFFFF)
    return bytes(whole)


def _sum(data: bytes | bytearray) -> int:
    words = array("I", bytes(data) + bytes(-len(data) % 4))
    if sys.byteorder == "little":
        words.byteswap()
    return sum(words) & 0xFFFFFFFF
