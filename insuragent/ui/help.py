"""Help inside, offline: a short page for each page of the window and a few of its own, in the language in use."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QListWidget, QTextBrowser, QWidget

from insuragent.i18n import _, language
from insuragent.settings import resource
from insuragent.ui.layout import column, row
from insuragent.ui.overlay import Overlay
from insuragent.ui.palette import PaletteEntry
from insuragent.ui.tokens import font, px
from insuragent.ui.widgets import button, label, tool_button

#: In the order of the list; the first seven are pages of the window by their names.
TOPICS = (
    "today",
    "customers",
    "calendar",
    "sheets",
    "complaints",
    "syncing",
    "settings",
    "keys",
    "locking",
    "keeping",
)
#: The sizes of headings by level, and the room above a heading and below each block, in pixels at 100 %.
_SIZES, _SMALLEST = {1: 19, 2: 15}, 14
_ABOVE, _BELOW = 14, 5
#: Room for the scroll bar beside the list, in pixels at 100 %.
_BAR = 16
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Topic:
    """One page of help: ``sections`` are its headings below the title."""

    name: str
    title: str
    sections: tuple[str, ...]
    text: str


def topics() -> list[Topic]:
    """Every page of help in the language in use, in order."""
    return [_read(name) for name in TOPICS]


def _read(name: str) -> Topic:
    text = resource(f"help/{language()}/{name}.md").read_text(encoding="utf-8")
    title, *sections = (found[2] for found in _HEADING.finditer(text))
    return Topic(name, title, tuple(sections), text)


class HelpPanel(Overlay):
    """The pages of help over the window: a list on the left, the page on the right. F1 opens it at the page shown."""

    def __init__(self, window: QWidget, show_keys: Callable[[], object]) -> None:
        self._topics: list[Topic] = []
        self.list = QListWidget()
        self.list.setAccessibleName(_("帮助目录"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.currentRowChanged.connect(self._show)
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("帮助"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        keys = button(_("全部快捷键"), lambda: self._go(show_keys), icon="keyboard")
        close = tool_button("x", _("关闭"), self.close_card)
        head = row(label(_("帮助"), "h1"), None, keys, close)
        content = column(head, (row(self.list, (self.text, 1), spacing=12), 1), spacing=10, margins=20)
        super().__init__(window, content, width=860, top=60)

    def open_at(self, name: str, section: str = "") -> None:
        """Show a page of help by its name, at a section; an unknown name shows the first."""
        self._topics = topics()
        self.list.clear()
        self.list.addItems([topic.title for topic in self._topics])
        self.list.setCurrentRow(TOPICS.index(name) if name in TOPICS else 0)
        self.list.setFixedWidth(max(px(150), self.list.sizeHintForColumn(0) + px(_BAR)))
        self.list.setMinimumHeight(min(px(560), self._window.height() - px(170)))
        super().open()
        self.text.setFocus()
        if section:
            self._go_to(section)

    def entries(self) -> list[PaletteEntry]:
        """Every page and section of help for the palette."""

        def entry(topic: Topic, section: str = "") -> PaletteEntry:
            title = section or topic.title
            detail = _("帮助 · {page}").format(page=topic.title) if section else _("帮助")
            then = lambda: self.open_at(topic.name, section)  # noqa: E731
            return PaletteEntry(("help", topic.name, section), title, then, "circle-help", detail, is_behind=True)

        found = topics()
        return [entry(topic, section) for topic in found for section in ("", *topic.sections)]

    def _show(self, place: int) -> None:
        if 0 <= place < len(self._topics):
            self.text.setMarkdown(self._topics[place].text)
            _dress(self.text.document())

    def _go_to(self, section: str) -> None:
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if self.text.find(section):
            cursor = self.text.textCursor()
            cursor.clearSelection()
            self.text.setTextCursor(cursor)

    def _go(self, then: Callable[[], object]) -> None:
        self.close_card()
        then()


def _dress(document: QTextDocument) -> None:
    """Give headings our sizes and room above them: Qt's own are far larger than the words of the page."""
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        cursor = QTextCursor(block)
        spaced = QTextBlockFormat()
        spaced.setTopMargin(px(_ABOVE) if level > 1 else 0)
        spaced.setBottomMargin(px(_BELOW))
        cursor.mergeBlockFormat(spaced)
        if level:
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            sized = QTextCharFormat()
            sized.setFont(font(_SIZES.get(level, _SMALLEST), bold=True))
            cursor.setCharFormat(sized)
        block = block.next()
