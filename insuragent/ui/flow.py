"""A layout that writes its parts like words: one after another, and onto a further line where the width ends."""

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QWidget

from insuragent.ui.layout import set_margins
from insuragent.ui.tokens import px
from insuragent.ui.widgets import label


@dataclass
class _Line:
    """What stands on one line: (item, its width), and how high the line is."""

    items: list[tuple[QLayoutItem, int]] = field(default_factory=list)
    height: int = 0


class Flow(QLayout):
    """Parts side by side as far as they fit, each as wide as it wishes; one that is told to grows over the rest."""

    def __init__(
        self,
        *widgets: QWidget,
        spacing: int = 8,
        between: int | None = None,
        grows: QWidget | None = None,
        least: int = 150,
    ) -> None:
        """``spacing`` between parts, and ``between`` lines if that is another, in pixels.

        What ``grows`` keeps ``least`` pixels (at 100 %) of its width before the next part goes to a further line.
        """
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._grows, self._least = grows, least
        self._between = spacing if between is None else between
        self.setSpacing(spacing)
        set_margins(self, 0)
        for widget in widgets:
            self.addWidget(widget)

    # --- Qt's own questions --------------------------------------------------------------------------------------

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = self._lines(width)
        return sum(line.height for line in lines) + self._between * max(0, len(lines) - 1)

    def sizeHint(self) -> QSize:
        """All on one line."""
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        wide = sum(size.width() for size in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(wide, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        """Each on a line of its own; how high that is depends on the width."""
        least = [item.minimumSize() for item in self._items if not item.isEmpty()]
        wide, high = (max((side(size) for size in least), default=0) for side in (QSize.width, QSize.height))
        return QSize(wide, high)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        lines = self._lines(rect.width())
        top = rect.top()
        for line in lines:
            left, high = rect.left(), max(line.height, rect.height()) if len(lines) == 1 else line.height
            for item, width in line.items:
                item.setGeometry(QRect(QPoint(left, top), QSize(width, high)))
                left += width + self.spacing()
            top += line.height + self._between

    # --- the lines -----------------------------------------------------------------------------------------------

    def _lines(self, width: int) -> list[_Line]:
        lines: list[_Line] = []
        room = -1
        for item in self._items:
            if item.isEmpty():
                continue
            wanted = min(self._width(item), width)
            if wanted > room:
                lines.append(_Line())
                room = width
            lines[-1].items.append((item, wanted))
            room -= wanted + self.spacing()
        for line in lines:
            self._fill(line, width)
            line.height = max(_height(item, wide) for item, wide in line.items)
        return lines

    def _width(self, item: QLayoutItem) -> int:
        wanted = item.sizeHint().width()
        return min(wanted, px(self._least)) if item.widget() is self._grows else wanted

    def _fill(self, line: _Line, width: int) -> None:
        """Give the rest of a line to the one that grows."""
        rest = width - sum(wide for _item, wide in line.items) - self.spacing() * (len(line.items) - 1)
        line.items = [(item, wide + rest if item.widget() is self._grows else wide) for item, wide in line.items]


class Wrapping(QWidget):
    """Holds a :class:`Flow` where height does not follow from width: it is always as high as its lines need."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow
        self.setLayout(flow)

    def hasHeightForWidth(self) -> bool:
        """No: Qt would take what a page would like to be high for what it must be, and scroll it in any window."""
        return False

    def event(self, event: QEvent) -> bool:
        taken = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            high = self._flow.heightForWidth(self.width())
            if high != self.minimumHeight():
                self.setFixedHeight(high)
        return taken


class Phrases(Wrapping):
    """Short texts one after another, none broken within."""

    def __init__(self, role: str = "") -> None:
        super().__init__(Flow(spacing=16, between=4))
        self._role = role

    def tell(self, *texts: str) -> None:
        """Say these, and nothing else."""
        labels = self._labels()
        for spare in labels[len(texts) :]:
            spare.hide()
        for _missing in texts[len(labels) :]:
            self._flow.addWidget(label("", self._role))
        for one, text in zip(self._labels(), texts, strict=False):
            one.setText(text)
            one.show()
        self._flow.invalidate()

    def text(self) -> str:
        """All that is said."""
        return "　".join(one.text() for one in self._labels() if not one.isHidden())

    def _labels(self) -> list[QLabel]:
        return self.findChildren(QLabel)


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
