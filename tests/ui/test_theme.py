"""The look: readable in both themes, complete, and followed at once."""

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from insuragent.settings import resource
from insuragent.ui import icons, tokens
from insuragent.ui.theme import LARGE_PRINT, Theme, style_sheet
from insuragent.ui.tokens import DARK, KINDS, LIGHT
from insuragent.ui.widgets import button
from tools.tree import ROOT, python_files

#: What is written on what; WCAG 2.2 AA asks 4.5 of text and 3 of the edges of controls.
WRITTEN = [
    *((text, ground) for text in ("text", "text2", "text3") for ground in ("bg", "surface", "surface2")),
    *((kind, f"{kind}_soft") for kind in KINDS),
    *((kind, "surface") for kind in KINDS),
    ("text2", "accent_soft"),
    ("text", "selection"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent", "bad"),
    ("on_accent", "bad_hover"),
    ("side_text", "side"),
    ("side_text", "side_hover"),
    ("side_strong", "side_on"),
    ("side", "side_accent"),
    ("paper_text", "paper"),
    ("ink", "paper"),
]


def contrast(one: str, other: str) -> float:
    def light(name: str) -> float:
        parts = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in QColor(name).getRgbF()[:3]
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_is_readable_on_its_ground(look: dict[str, str]) -> None:
    """AA contrast in both themes, so that no page has to think about it."""
    poor = {pair: round(contrast(look[pair[0]], look[pair[1]]), 2) for pair in WRITTEN}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_and_focus_are_seen(look: dict[str, str]) -> None:
    """A field's border and the focus ring reach 3:1 against the surface."""
    assert contrast(look["border2"], look["surface"]) >= 3
    assert contrast(look["accent"], look["surface"]) >= 3


def test_both_themes_name_the_same_tokens() -> None:
    """A token in one theme alone would fail only when somebody switches."""
    assert LIGHT.keys() == DARK.keys()


def test_lengths_grow_with_the_text_but_hairlines_do_not() -> None:
    """At 200 % paddings double, while lines of one or two pixels stay as sharp as they are."""
    sheet = style_sheet("a { padding: 10px 4px; border: 1px solid $text; outline: 2px; }", LIGHT, 200, "")
    assert sheet == f"a {{ padding: 20px 8px; border: 1px solid {LIGHT['text']}; outline: 2px; }}"


def test_the_style_sheet_holds_no_colour_of_its_own() -> None:
    """Every colour is a token, so that a switch of theme reaches it."""
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", resource("theme.qss").read_text("utf-8")) == []


def test_switching_recolours_what_is_already_shown(theme: Theme, qtbot) -> None:
    """An icon made before the switch is painted in the new theme's colour after it."""
    shown = icons.icon("check", "accent")
    label = QLabel("文")
    qtbot.addWidget(label)

    def colours() -> set[str]:
        image = shown.pixmap(QSize(64, 64)).toImage()
        points = [image.pixelColor(x, y) for x in range(64) for y in range(64)]
        return {point.name().upper() for point in points if point.alpha() == 255}

    assert colours() == {LIGHT["accent"]}
    with qtbot.waitSignal(theme.changed):
        theme.apply("dark")
    assert colours() == {DARK["accent"]}
    assert label.palette().windowText().color().name().upper() == DARK["text"]


def test_icons_are_drawn_at_the_size_asked_for(theme: Theme) -> None:
    """A screen of 200 % gets twice the pixels, not a stretched picture."""
    made = icons.icon("house").pixmap(QSize(20, 20), 2.0)
    assert (made.width(), made.devicePixelRatio()) == (40, 2.0)


def test_text_and_buttons_grow_with_the_scale(theme: Theme, qtbot) -> None:
    """Twice the text makes controls about twice as high, icons included."""
    made = button("保存", icon="save", kind="primary")
    qtbot.addWidget(made)
    made.show()
    before, icon_before = made.sizeHint().height(), made.iconSize().width()
    theme.apply("light", 200)
    assert made.sizeHint().height() > 1.8 * before
    assert made.iconSize().width() == 2 * icon_before
    assert tokens.font().pixelSize() == 28


def test_large_print_is_large_and_of_full_contrast(theme: Theme) -> None:
    """Large print grows small text and drops the greys; leaving it restores both."""
    theme.apply("light", 100, large_print=True)
    assert theme.text_scale == LARGE_PRINT
    assert tokens.color("text3") == tokens.color("text")
    theme.apply("light", 100)
    assert tokens.color("text3") != tokens.color("text")


@pytest.mark.parametrize(("mode", "scale"), [("sepia", 100), ("light", 90), ("dark", 250)])
def test_a_look_that_does_not_exist_is_refused(theme: Theme, mode: str, scale: int) -> None:
    """A wrong setting must not leave half a look."""
    with pytest.raises(ValueError, match="no such look"):
        theme.apply(mode, scale)
    assert not tokens.is_dark()


def test_every_icon_is_shown_somewhere() -> None:
    """The program carries no picture that nothing asks for."""
    sources = [*python_files(ROOT, ("insuragent",)), *resource("console").glob("*.html")]
    named = set(re.findall(r"""["']([a-z0-9-]+)["']""", "\n".join(path.read_text("utf-8") for path in sources)))
    assert [path.stem for path in resource("icons").glob("*.svg") if path.stem not in named] == []


def test_every_icon_is_stroked_in_the_theme_colour() -> None:
    """An icon file with a colour of its own would vanish on one of the grounds."""
    files = sorted(resource("icons").glob("*.svg"))
    assert len(files) >= 60
    assert [f.name for f in files if "currentColor" not in f.read_text("utf-8")] == []
    assert "ISC License" in resource("icons/LICENSE").read_text("utf-8")
