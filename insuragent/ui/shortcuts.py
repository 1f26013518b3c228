"""Actions with their shortcut, and the card (Ctrl+/) that lists them all."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QScrollArea, QWidget

from insuragent.i18n import _
from insuragent.ui import icons
from insuragent.ui.layout import column, host, plain, row
from insuragent.ui.overlay import Overlay
from insuragent.ui.tokens import px
from insuragent.ui.widgets import label, tool_button

#: Shortcuts of a window reach all of it; those of a page only while the focus is on the page.
PAGE = Qt.ShortcutContext.WidgetWithChildrenShortcut
WINDOW = Qt.ShortcutContext.WindowShortcut


def action(
    owner: QWidget,
    text: str,
    shortcut: str,
    then: Callable[[], object],
    *,
    icon: str = "",
    context: Qt.ShortcutContext = PAGE,
) -> QAction:
    """An action of ``owner``: in the menu, in the help and by its ``shortcut`` ("Ctrl+N", or "" for none)."""
    made = QAction(text, owner)
    made.setShortcut(QKeySequence(shortcut))
    made.setProperty("listed", True)
    made.setShortcutContext(context)
    if icon:
        made.setIcon(icons.icon(icon))
        made.setProperty("icon_name", icon)
    made.triggered.connect(lambda _checked=False: then())
    owner.addAction(made)
    return made


def offered(page: QWidget) -> list[QAction]:
    """What a page and those of its parts that are seen offer; of several that offer the same, the one in focus.

    Actions of Qt's own parts, such as the icon in a search field, are none of them.
    """
    parts = [page, *(part for part in page.findChildren(QWidget) if part.isVisibleTo(page))]
    focused = [part for part in parts if part.isAncestorOf(QApplication.focusWidget() or page)]
    found: dict[tuple[str, str], QAction] = {}
    for part in [*focused, *parts]:
        for one in part.actions():
            if one.property("listed") and one.isVisible():
                found.setdefault((one.text(), one.shortcut().toString()), one)
    own = page.actions()
    return sorted(found.values(), key=lambda one: own.index(one) if one in own else len(own))


def shown(sequence: QKeySequence) -> str:
    """A shortcut as people read it: Ctrl K."""
    return sequence.toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")


class ShortcutHelp(Overlay):
    """All actions by group, each with its keys; filled anew when it opens."""

    def __init__(self, window: QWidget, groups: Callable[[], Sequence[tuple[str, Sequence[QAction]]]]) -> None:
        self._groups = groups
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(_("快捷键"))
        self._close = tool_button("x", _("关闭"), self.close_card)
        content = column(row(label(_("快捷键"), "h1"), None, self._close), self._area, spacing=10, margins=20)
        super().__init__(window, content, width=720, top=60)

    def open(self) -> None:
        """List what can be done now."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(18)
        for index, (title, actions) in enumerate(group for group in self._groups() if group[1]):
            lines = [label(title, "h2")]
            box = column(*lines, spacing=6)
            for one in actions:
                if one.text() and not one.isSeparator():
                    keys = shown(one.shortcut())
                    box.addLayout(row(label(plain(one.text())), None, *([label(keys, "key")] if keys else [])))
            box.addStretch(1)
            grid.addLayout(box, index // 2, index % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._area.setWidget(host(grid, "scrolled"))
        self._area.setMinimumHeight(min(px(520), grid.sizeHint().height() + px(8)))
        super().open()
        self._close.setFocus()
