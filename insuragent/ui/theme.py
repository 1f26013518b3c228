"""Dresses the application: fonts, palette and the one style sheet, light or dark, at a text scale."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from insuragent.settings import resource
from insuragent.ui import icons, tokens
from insuragent.ui.tokens import DARK, LIGHT, color

log = logging.getLogger(__name__)

LARGE_PRINT = 150

#: Icons that the style sheet shows, and the token that tints each; Qt wants them as files.
_SHEET_ICONS = {
    "chevron-down": "text2",
    "chevron-up": "text2",
    "chevron-left": "text2",
    "chevron-right": "text2",
    "calendar-days": "text2",
    "check": "on_accent",
    "minus": "on_accent",
}
_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "stripe",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface2",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "bad",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "bg",
    QPalette.ColorRole.PlaceholderText: "text3",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "violet",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Light: "surface",
    QPalette.ColorRole.Midlight: "surface2",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border2",
    QPalette.ColorRole.Shadow: "shadow",
}


def style_sheet(template: str, values: Mapping[str, str], scale: int, icon_folder: str) -> str:
    """The style sheet: ``$token`` filled in, and each length above 2px grown by ``scale`` per cent."""
    filled = Template(template).substitute(values, icons=icon_folder)

    def grown(match: re.Match[str]) -> str:
        size = int(match[1])
        return f"{size if size <= 2 else round(size * scale / 100)}px"

    return re.sub(r"\b(\d+)px", grown, filled)


class Theme(QObject):
    """Applies the look to the application and follows the system when asked to.

    ``changed`` is told after every switch; whatever caches colours renews them then.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._icons = QTemporaryDir()
        self._template = resource("theme.qss").read_text("utf-8")
        self.mode = "system"
        self.scale = 100
        self.large_print = False
        self._tokens = dict(LIGHT)
        app.setStyle("Fusion")
        self._has_bold = False
        _load_font("Regular")
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    def apply(self, mode: str = "system", scale: int = 100, *, large_print: bool = False) -> None:
        """Show ``mode`` ("system", "light" or "dark") with text at ``scale`` per cent (100 to 200).

        Large print shows text at 150 % at least and with the strongest contrast.
        """
        if mode not in ("system", "light", "dark") or not 100 <= scale <= 200:
            raise ValueError(f"no such look: {mode!r}, {scale!r}")
        self.mode, self.scale, self.large_print = mode, scale, large_print
        self._tokens = dict(DARK if self._wants_dark() else LIGHT)
        if large_print:
            self._tokens.update(text2=self._tokens["text"], text3=self._tokens["text"])
        tokens.use(self._tokens, self.text_scale)
        self._show()
        self.changed.emit()

    def load_bold(self) -> None:
        """Read the bold cut, once. It is large: the lock screen is painted before, with a makeshift bold."""
        if not self._has_bold:
            self._has_bold = True
            _load_font("Bold")
            self._app.setStyleSheet(self._app.styleSheet())  # what was measured by the makeshift is measured anew

    @property
    def text_scale(self) -> int:
        """The scale in use, in per cent, large print included."""
        return max(self.scale, LARGE_PRINT) if self.large_print else self.scale

    def _wants_dark(self) -> bool:
        if self.mode == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.mode == "dark"

    def _on_system_scheme_changed(self) -> None:
        if self.mode == "system" and self._wants_dark() != tokens.is_dark():
            self.apply("system", self.scale, large_print=self.large_print)

    def _show(self) -> None:
        self._app.setFont(tokens.font())
        self._app.setPalette(_palette())
        names = {name: f"{name}-{self._tokens[token][1:]}.svg" for name, token in _SHEET_ICONS.items()}
        folder = Path(self._icons.path())
        for name, token in _SHEET_ICONS.items():
            # A file a colour, never overwritten: Qt keeps a style sheet's pictures by file name.
            if not (folder / names[name]).exists():
                (folder / names[name]).write_bytes(icons.svg(name, self._tokens[token], 2.5))
        values = self._tokens | {f"icon_{name.replace('-', '_')}": file for name, file in names.items()}
        self._app.setStyleSheet(style_sheet(self._template, values, self.text_scale, folder.as_posix()))


def _palette() -> QPalette:
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, color(token))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, color("text3"))
    return palette


def _load_font(cut: str) -> None:
    path = resource(f"fonts/NotoSansSC-{cut}.ttf")
    if QFontDatabase.addApplicationFont(str(path)) < 0:
        log.warning("the bundled font %s cannot be read; the system's is used", path.name)
