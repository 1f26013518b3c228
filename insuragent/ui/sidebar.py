"""The dark bar at the left: the pages, who is signed in, and what waits for sync."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QScrollArea, QSizePolicy, QToolButton

from insuragent.i18n import _
from insuragent.ui import icons
from insuragent.ui.layout import column, host, row
from insuragent.ui.shell import PageSpec
from insuragent.ui.tokens import color, font, px
from insuragent.ui.widgets import IconLabel, label

WIDE, NARROW = 196, 64


class NavButton(QToolButton):
    """A page's entry; its badge counts what waits there."""

    def __init__(self, page: PageSpec, number: int) -> None:
        super().__init__()
        self._title = _(page.title)
        self._keys = f"Ctrl+{number}" if number <= 9 else ""
        self._count = 0
        self.setText(f"  {self._title}")
        self.setIcon(icons.icon(page.icon, "side_text", "side_strong"))
        self.setCheckable(True)
        self.setProperty("role", "nav")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_wide(True)
        self.show_count(0)

    def show_wide(self, wide: bool) -> None:
        """Show icon and title, or the icon alone."""
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly)
        keys = f"（{self._keys}）" if self._keys else ""
        self.setToolTip(keys.strip("（）") if wide else f"{self._title}{keys}")

    def show_count(self, count: int) -> None:
        """Show how many wait there; 0 shows nothing."""
        self._count = count
        self.setAccessibleName(
            _("{title}，{count} 项待处理").format(title=self._title, count=count) if count else self._title
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(40), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(px(40), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._count:
            return
        words = str(self._count) if self._count < 100 else "99+"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, bold=True))
        width = max(px(20), painter.fontMetrics().horizontalAdvance(words) + px(12))
        wide = self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        top = (self.height() - px(20)) / 2 if wide else px(2)
        pill = QRectF(self.width() - width - (px(10) if wide else px(1)), top, width, px(20))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("side_accent"))
        painter.drawRoundedRect(pill, px(10), px(10))
        painter.setPen(color("side"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class Sidebar(QFrame):
    """The navigation; ``page_chosen`` tells a page's name."""

    page_chosen = Signal(str)

    def __init__(self, pages: Sequence[PageSpec]) -> None:
        super().__init__()
        self.setProperty("role", "side")
        self.setAccessibleName(_("导航"))
        self._brand = label(_("保险管家"), "brand")
        self._agent = label("")
        self._state = label("", "cap", wrap=True)
        self._buttons: dict[str, NavButton] = {}
        group = QButtonGroup(self)
        nav = column(spacing=4)
        for number, page in enumerate(pages, 1):
            made = NavButton(page, number)
            made.clicked.connect(lambda _checked=False, name=page.name: self.page_chosen.emit(name))
            group.addButton(made)
            nav.addWidget(made)
            self._buttons[page.name] = made
        nav.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(host(nav, "scrolled"))
        brand = row(5, IconLabel("shield-check", "side_accent", size=24), self._brand, None, spacing=6)
        foot = column(self._agent, self._state, spacing=2)
        self._area = area
        self.setLayout(column(brand, 10, (area, 1), foot, spacing=6, margins=(12, 16, 12, 16)))
        self.wide = True
        self.show_wide(True)

    def show_wide(self, wide: bool) -> None:
        """Show icons with titles, or icons alone."""
        self.wide = wide
        self.setFixedWidth(px(WIDE if wide else NARROW))
        for made in self._buttons.values():
            made.show_wide(wide)
        for part in (self._brand, self._agent, self._state):
            part.setVisible(wide)

    def show_page(self, name: str) -> None:
        """Mark the page that is open."""
        self._buttons[name].setChecked(True)
        self._area.ensureWidgetVisible(self._buttons[name], 0, px(20))

    def show_count(self, name: str, count: int) -> None:
        """Write a number beside a page's name."""
        self._buttons[name].show_count(count)

    def show_agent(self, name: str, branch: str) -> None:
        """Show who is signed in."""
        self._agent.setText(" · ".join(filter(None, (name, branch))))

    def show_state(self, words: str) -> None:
        """Show the state of sync in a few words."""
        self._state.setText(words)
