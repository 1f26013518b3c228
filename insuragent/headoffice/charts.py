"""Charts as SVG, made here: no script draws them, and the style sheet alone colours them."""

from collections.abc import Sequence

from markupsafe import Markup, escape

_WIDTH, _HEIGHT, _HEAD, _FOOT = 640, 220, 26, 26
#: How much of its place a bar fills.
_FILL = 0.62
#: So many labels stand below the bars without touching; of more, every second, third … one.
_LABELS = 8


def bars(rows: Sequence[tuple[str, int]], title: str) -> Markup:
    """A bar for each (label, number), in their order; ``title`` says in words what is drawn."""
    highest = max((number for _label, number in rows), default=0) or 1
    place, room = _WIDTH / max(len(rows), 1), _HEIGHT - _HEAD - _FOOT
    every, drawn = -(-len(rows) // _LABELS), []
    for at, (label, number) in enumerate(rows):
        tall = round(room * number / highest, 1)
        left, middle = at * place + place * (1 - _FILL) / 2, at * place + place / 2
        top = _HEIGHT - _FOOT - tall
        told = "" if (len(rows) - 1 - at) % every else escape(label)
        drawn.append(
            f'<rect class="bar" x="{left:.1f}" y="{top:.1f}" width="{place * _FILL:.1f}" height="{tall}" rx="3"/>'
            f'<text class="value" x="{middle:.1f}" y="{top - 6:.1f}">{number or ""}</text>'
            f'<text class="label" x="{middle:.1f}" y="{_HEIGHT - 6}">{told}</text>'
        )
    line = f'<line class="axis" x1="0" y1="{_HEIGHT - _FOOT}" x2="{_WIDTH}" y2="{_HEIGHT - _FOOT}"/>'
    head = f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}"><title>{escape(title)}</title>'
    return Markup(f"{head}{''.join(drawn)}{line}</svg>")  # noqa: S704 - each word in it was escaped
