"""Tabs of which those without room stand in a menu at their end."""

from itertools import accumulate

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QTabBar, QTabWidget, QToolButton, QWidget

from insuragent.i18n import _
from insuragent.ui.widgets import tool_button


class Tabs(QTabWidget):
    """Parts of a page behind titles; a title that has no room is chosen from the menu at the end.

    Chosen there, it takes the place of the last ones, so that the title of what is shown is always seen.
    """

    def __init__(self, name: str) -> None:
        """``name`` is what the tabs are of, for screen readers."""
        super().__init__()
        self._bar = _Bar()
        self.setTabBar(self._bar)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setAccessibleName(name)
        self._bar.setAccessibleName(name)
        self._closed: set[int] = set()
        self.more = tool_button("chevron-down", _("其余标签"))
        self.more.setText(_("更多"))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self._menu)
        self.setCornerWidget(self.more)
        self.currentChanged.connect(lambda _place: self._fit())

    def name(self, place: int, title: str) -> None:
        """Give the tab at ``place`` another title."""
        if self.tabText(place) != title:
            self.setTabText(place, title)
            self._fit()

    def offer(self, place: int, *, there: bool) -> None:
        """Have the tab at ``place`` among those that can be chosen, or not."""
        (self._closed.discard if there else self._closed.add)(place)
        self._fit()

    def setCurrentIndex(self, place: int) -> None:
        """Bring a part to the front, one whose title has no room too: Qt passes over those."""
        if place not in self._closed:
            self.setTabVisible(place, True)
        super().setCurrentIndex(place)

    def setCurrentWidget(self, part: QWidget) -> None:
        self.setCurrentIndex(self.indexOf(part))

    @property
    def left_over(self) -> list[int]:
        """The places of the tabs that are in the menu."""
        return [place for place in self._offered() if not self.isTabVisible(place)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def _offered(self) -> list[int]:
        return [place for place in range(self.count()) if place not in self._closed]

    def _fit(self) -> None:
        """Show as many titles as there is room for, that of the part in front among them."""
        places, room = self._offered(), self.width()
        wide = {place: self._bar.tabSizeHint(place).width() for place in places}
        if sum(wide.values()) > room:
            room -= self.more.sizeHint().width()
            front = self.currentIndex()
            # The front one first, then the others in order until the room is used up.
            order = sorted(places, key=lambda place: (place != front, place))
            used = accumulate(wide[place] for place in order)
            places = [place for place, so_far in zip(order, used, strict=True) if so_far <= room] or order[:1]
        for place in range(self.count()):
            self.setTabVisible(place, place in places)
        self.more.setVisible(bool(self.left_over))
        self._bar.straighten()

    def _fill(self) -> None:
        self._menu.clear()
        for place in self.left_over:
            choice = QAction(self.tabText(place), self._menu)
            choice.triggered.connect(lambda _checked=False, place=place: self.setCurrentIndex(place))
            self._menu.addAction(choice)


class _Bar(QTabBar):
    """Needs no room of its own: titles without room go."""

    def straighten(self) -> None:
        """Start at the first title again: Qt moves titles aside for the one in front, and leaves them there."""
        self.resizeEvent(QResizeEvent(self.size(), self.size()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())
