"""The arithmetic of a chart: round axis steps, and which labels fit without touching."""

import math
from collections.abc import Sequence


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Evenly spaced round values (1, 2, 2.5 or 5 times a power of ten) that enclose ``low`` to ``high``.

    At most ``most`` + 1 of them; the range always includes more than one value.
    """
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = _round_up((high - low) / max(1, most - 1))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, last + 1)]


def _round_up(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= raw * (1 - 1e-9))


def label_step(widths: Sequence[float], room: float, gap: float = 10) -> int:
    """Every how many of evenly spaced labels can be written so that none touches the next.

    ``widths`` of the labels and ``room`` between two places, in pixels; at least 1. Steps read well: 1, 2, 5, 10 …
    """
    if not widths or room <= 0:
        return 1
    needed = (max(widths) + gap) / room
    step = 1
    while step < needed:
        step = _next_step(step)
    return step


def _next_step(step: int) -> int:
    leading = int(str(step)[0])
    return step * 5 // 2 if leading == 2 else step * 2
