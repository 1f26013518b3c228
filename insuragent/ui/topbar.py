"""The bar above the pages: the palette's box, sync, reminders, theme, lock and the menu of everything."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QSizePolicy, QToolButton

from insuragent.i18n import _
from insuragent.ui import icons, tokens
from insuragent.ui.layout import row
from insuragent.ui.tokens import color, font, px
from insuragent.ui.widgets import button, label, tool_button

MenuGroups = Sequence[tuple[str, Sequence[QAction]]]


class CountedButton(QToolButton):
    """A tool button with a red count at its corner."""

    count = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(9, bold=True))
        words = str(self.count) if self.count < 100 else "99+"
        width = max(px(14), painter.fontMetrics().horizontalAdvance(words) + px(6))
        pill = QRectF(self.width() - width, 0, width, px(14))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("bad"))
        painter.drawRoundedRect(pill, px(7), px(7))
        painter.setPen(color("on_accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)


class TopBar(QFrame):
    """``pressed`` tells "sync", "reminders", "theme" or "lock"; ``groups`` fills the menu whenever it opens."""

    pressed = Signal(str)

    def __init__(self, groups: Callable[[], MenuGroups], open_palette: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "topbar")
        self._groups = groups
        self.search = self._make_search(open_palette)
        self._buttons = {
            "sync": self._counted("refresh-cw", _("立即同步"), "sync"),
            "reminders": self._counted("bell", _("提醒"), "reminders"),
            "theme": self._counted("moon", _("浅色 / 深色"), "theme"),
            "lock": self._counted("lock", _("锁定"), "lock"),
        }
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.menu_button = tool_button("ellipsis", _("全部功能（F10）"), self.open_menu)
        self.menu_button.setShortcut(QKeySequence("F10"))
        self.setLayout(
            row(
                self.search,
                None,
                *self._buttons.values(),
                self.menu_button,
                spacing=4,
                margins=(20, 8, 14, 8),
            )
        )
        self.fit()

    def fit(self) -> None:
        """Take the sizes of the theme in use."""
        self.search.setFixedWidth(min(px(320), max(120, self.width() // 3)))
        self._buttons["theme"].setIcon(icons.icon("sun" if tokens.is_dark() else "moon"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def show_count(self, name: str, count: int) -> None:
        """Write a count on a button; 0 writes nothing."""
        made = self._buttons[name]
        made.count = count
        tip = made.toolTip()
        made.setAccessibleName(_("{name}，{count} 项").format(name=tip, count=count) if count else tip)
        made.update()

    def show_syncing(self, running: bool) -> None:
        """Keep sync from being asked for twice."""
        self._buttons["sync"].setEnabled(not running)

    def open_menu(self) -> None:
        """Open the menu of everything below its button."""
        self._menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _fill_menu(self) -> None:
        self._menu.clear()
        for title, actions in self._groups():
            sub = self._menu.addMenu(title)
            sub.addActions(list(actions))

    def _make_search(self, open_palette: Callable[[], object]) -> QPushButton:
        made = button(_("搜索或执行命令…"), open_palette, icon="search")
        made.setProperty("role", "search")
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        keys = label("Ctrl K", "key")
        keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        made.setLayout(row(None, keys, margins=(0, 0, 7, 0)))
        return made

    def _counted(self, icon: str, tip: str, name: str) -> CountedButton:
        made = CountedButton()
        made.setProperty("role", "tool")
        made.setIcon(icons.icon(icon))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.clicked.connect(lambda: self.pressed.emit(name))
        return made
