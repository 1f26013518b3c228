"""Ctrl+K: one box that goes to pages, runs commands and finds customers, by Chinese or by pinyin initials."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from insuragent.i18n import _
from insuragent.ui import icons
from insuragent.ui.layout import column
from insuragent.ui.lines import add_search_icon
from insuragent.ui.overlay import Overlay
from insuragent.ui.tokens import color, font, px
from insuragent.ui.widgets import label

ROW = 44
MOST_ROWS, FEWEST_ROWS = 8, 2
#: What the list leaves of the window to the field, the hint and the room around the card, in pixels at 100 %.
_BESIDE = 200
RECENT = 6


@dataclass(frozen=True)
class PaletteEntry:
    """Something to choose, told from others by ``key`` and found by ``title``."""

    key: Hashable
    title: str
    then: Callable[[], object]
    icon: str = "arrow-right"
    detail: str = ""
    shortcut: str = ""
    #: Whether it stands behind the records that are found, as help does.
    is_behind: bool = False

    def score(self, typed: str) -> int:
        """How well it answers what was typed, see :func:`score`."""
        return score(self.title, typed)


#: Gives the entries at once; it is asked when the palette opens.
Provider = Callable[[], Iterable[PaletteEntry]]
#: Looks for a text and hands the entries found to the callback, now or later.
Finder = Callable[[str, Callable[[Sequence[PaletteEntry]], None]], None]


@lru_cache(4096)
def readings(title: str) -> tuple[str, str]:
    """The pinyin initials and the full pinyin of a title: ("xjkh", "xinjiankehu")."""
    from pypinyin import Style, lazy_pinyin

    return (
        "".join(lazy_pinyin(title, style=Style.FIRST_LETTER)).lower(),
        "".join(lazy_pinyin(title, style=Style.NORMAL)).lower(),
    )


def score(title: str, typed: str) -> int:
    """How well a title answers what was typed: 0 not at all, more is better."""
    wanted, plain = "".join(typed.lower().split()), "".join(title.lower().split())
    if not wanted:
        return 1
    for points, text in ((6, plain), (4, readings(title)[0]), (2, readings(title)[1])):
        if text.startswith(wanted):
            return points + 1
        if wanted in text:
            return points
    return 0


class Palette(Overlay):
    """The command palette over ``window``."""

    def __init__(self, window: QWidget) -> None:
        self._providers: list[Provider] = []
        self._finders: list[Finder] = []
        self._entries: list[PaletteEntry] = []
        self._recent: list[Hashable] = []
        self._asked = 0
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("输入命令、页面、客户姓名或拼音首字母"))
        self.field.setAccessibleName(_("搜索或执行命令"))
        add_search_icon(self.field)
        self.list = QListWidget()
        self.list.setAccessibleName(_("结果"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(lambda _item: self.run_current())
        self._nothing = label(_("没有找到。可以试试拼音首字母，如“kh”"), "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint = label(_("↑↓ 选择　Enter 打开　Esc 关闭"), "cap")
        content = column(self.field, self.list, self._nothing, hint, spacing=8, margins=12)
        super().__init__(window, content, width=600)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)

    def add_provider(self, provider: Provider) -> None:
        """Offer the entries of ``provider`` from the next opening on."""
        self._providers.append(provider)

    def add_finder(self, finder: Finder) -> None:
        """Have ``finder`` look for what is typed, such as customers."""
        self._finders.append(finder)

    def open(self) -> None:
        """Show the palette, empty, what was used last on top."""
        self._entries = [entry for provider in self._providers for entry in provider()]
        self.field.clear()
        self._on_text_changed("")
        super().open()
        self.field.setFocus()

    @property
    def titles(self) -> list[str]:
        """What is offered now, in order."""
        return [self.list.item(index).text() for index in range(self.list.count())]

    def run_current(self) -> None:
        """Close, and do what is chosen."""
        if self.list.currentRow() < 0:
            return
        entry: PaletteEntry = self.list.currentItem().data(Qt.ItemDataRole.UserRole)
        self._recent = [entry.key, *(key for key in self._recent if key != entry.key)][:RECENT]
        self.close_card()
        entry.then()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow((self.list.currentRow() + step) % max(1, self.list.count()))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.run_current()
                return True
        return super().eventFilter(watched, event)

    def _on_text_changed(self, typed: str) -> None:
        self._asked += 1
        scored = [(entry.score(typed), entry) for entry in self._entries]
        found = [(points, entry) for points, entry in scored if points]
        found.sort(key=lambda pair: (-pair[0], self._age(pair[1].key)))
        self._show([entry for _points, entry in found])
        if typed.strip():
            for finder in self._finders:
                finder(typed.strip(), partial(self._on_found, self._asked))

    def _age(self, key: Hashable) -> int:
        return self._recent.index(key) if key in self._recent else RECENT

    def _on_found(self, asked: int, entries: Sequence[PaletteEntry]) -> None:
        if asked == self._asked and entries:
            shown = [self.list.item(index).data(Qt.ItemDataRole.UserRole) for index in range(self.list.count())]
            self._show(sorted([*shown, *entries], key=lambda entry: entry.is_behind))

    def _show(self, entries: Sequence[PaletteEntry]) -> None:
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title} {entry.detail} {entry.shortcut}".strip())
        self.list.setCurrentRow(0)
        # As many rows as fit beside the field and the hint: in large print fewer.
        room = (self._window.height() - px(_BESIDE)) // px(ROW)
        self.list.setFixedHeight(px(ROW) * min(MOST_ROWS, len(entries), max(room, FEWEST_ROWS)) + 2)
        self.list.setVisible(bool(entries))
        self._nothing.setVisible(not entries)
        self.arrange()


class _Row(QStyledItemDelegate):
    """Icon, title, detail and shortcut on one line."""

    def __init__(self, shown_in: QListWidget) -> None:
        super().__init__(shown_in)
        self._list = shown_in

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(px(200), px(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: PaletteEntry = index.data(Qt.ItemDataRole.UserRole)
        box: QRect = option.rect
        chosen = index.row() == self._list.currentRow()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("selection"))
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), px(7), px(7))
        middle = box.center().y()
        icons.paint(
            painter,
            entry.icon,
            QRectF(box.left() + px(12), middle - px(9), px(18), px(18)),
            "accent" if chosen else "text2",
        )
        line = box.adjusted(px(42), 0, -px(12), 0)
        line.setRight(line.right() - self._write_shortcut(painter, line, entry.shortcut))
        left = self._write(painter, line, entry.title, 14, "text")
        line.setLeft(left + px(12))
        self._write(painter, line, entry.detail, 12, "text3")
        painter.restore()

    def _write(self, painter: QPainter, line: QRect, words: str, size: int, tint: str) -> int:
        painter.setFont(font(size))
        painter.setPen(color(tint))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        return line.left() + metrics.horizontalAdvance(shown)

    def _write_shortcut(self, painter: QPainter, line: QRect, words: str) -> int:
        if not words:
            return 0
        painter.setFont(font(12))
        width = QFontMetrics(painter.font()).horizontalAdvance(words) + px(14)
        key = QRectF(line.right() - width, line.center().y() - px(10), width, px(21))
        painter.setPen(color("border"))
        painter.setBrush(color("surface2"))
        painter.drawRoundedRect(key, px(5), px(5))
        painter.setPen(color("text3"))
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, words)
        return width + px(10)
