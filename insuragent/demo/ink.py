"""A signature as a hand would write it, for demo days without a hand: strokes, and their picture."""

import io
import itertools
import json
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

#: Points of a stroke: x and y in pixels of the pad, pressure 0 to 1, milliseconds since the first.
Stroke = list[tuple[float, float, float, int]]
_SIZE, _SCALE, _INK = (420, 160), 3, (24, 40, 72, 255)
_STEPS = 40


def strokes(name: str) -> list[Stroke]:
    """One wave for each character of ``name``, the same every time."""
    found: list[Stroke] = []
    clock = 0
    for place, sign in enumerate(name[:4]):
        left, swing = 30 + place * 95, 12 + ord(sign) % 23
        stroke: Stroke = []
        for step in range(_STEPS):
            part = step / (_STEPS - 1)
            x = left + 70 * part + 6 * math.sin(part * 9)
            y = 80 + swing * math.sin(part * (5 + ord(sign) % 5)) - 18 * part
            stroke.append((round(x, 1), round(y, 1), round(0.35 + 0.5 * math.sin(part * math.pi), 3), clock))
            clock += 12
        found.append(stroke)
        clock += 140
    return found


def picture(drawn: Sequence[Stroke]) -> bytes:
    """The strokes as a PNG on a clear ground."""
    image = Image.new("RGBA", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE), (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    for stroke in drawn:
        for start, end in itertools.pairwise(stroke):
            line = [value * _SCALE for value in (*start[:2], *end[:2])]
            pen.line(line, fill=_INK, width=round(_SCALE * (1.2 + 3 * end[2])), joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def as_json(drawn: Sequence[Stroke]) -> str:
    """The strokes as they are kept beside the picture."""
    return json.dumps(drawn)
