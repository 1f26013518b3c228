"""Tables of any record type: the numbers of all rows, the contents of the few that are seen."""

import json
import uuid
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from insuragent.i18n import _
from insuragent.models import Record
from insuragent.models.fields import Kind, fields_of
from insuragent.services import records
from insuragent.services.records import Query
from insuragent.settings import Settings
from insuragent.ui.tasks import Task, Tasks
from insuragent.ui.tokens import color, font, px

BLOCK, BLOCKS = 128, 24
#: So many columns are shown however narrow the table is.
_ALWAYS = 2
#: A column that is sorted by another field than the one it shows.
SORTED_BY = {"name": "name_pinyin"}
Index = QModelIndex | QPersistentModelIndex
ID_ROLE = int(Qt.ItemDataRole.UserRole)


class RecordModel(QAbstractTableModel):
    """Rows of ``columns`` of a record type; a block of rows is asked for when the first of it is shown."""

    counted = Signal(int)

    def __init__(self, tasks: Tasks[Any], record_type: type[Record], columns: Sequence[str]) -> None:
        super().__init__()
        self._tasks, self.record_type, self.columns = tasks, record_type, list(columns)
        self._fields = fields_of(record_type)
        self.query = Query()
        self._numbers: array[int] = array("q")
        self._blocks: OrderedDict[int, list[tuple[Any, ...] | None]] = OrderedDict()
        self._asked: set[int] = set()
        self._listing: Task[Any] | None = None

    def show(self, query: Query) -> None:
        """List what fits ``query``; a newer question replaces one that is still being answered."""
        self.query = query
        if self._listing is not None:
            self._listing.drop()
        self._listing = self._tasks.run(self, self._read, query).then(self._take)

    def reload(self) -> None:
        """Read again: something changed."""
        self.show(self.query)

    def record_id(self, row: int) -> uuid.UUID | None:
        """The id of the record in a row, once its block is here."""
        values = self._row(row)
        return values[0] if values else None

    def number(self, row: int) -> int:
        """The number of the record in a row."""
        return self._numbers[row]

    def row_of(self, number: int) -> int | None:
        """The row of the record with this number; None when the list has it not."""
        try:
            return self._numbers.index(number)
        except ValueError:
            return None

    def _read(self, work: Any, query: Query) -> "tuple[array[int], list[tuple[Any, ...] | None]]":
        numbers = records.numbers(work, self.record_type, query)
        return numbers, self._read_block(work, numbers[:BLOCK])

    def _read_block(self, work: Any, numbers: "array[int]") -> list[tuple[Any, ...] | None]:
        found = records.block(work, self.record_type, numbers, self.columns)
        return [found.get(number) for number in numbers]

    def _take(self, read: "tuple[array[int], list[tuple[Any, ...] | None]]") -> None:
        self.beginResetModel()
        self._numbers = read[0]
        self._blocks = OrderedDict({0: read[1]})
        self._asked.clear()
        self.endResetModel()
        self.counted.emit(len(self._numbers))

    def _row(self, row: int) -> tuple[Any, ...] | None:
        number = row // BLOCK
        block = self._blocks.get(number)
        if block is not None:
            self._blocks.move_to_end(number)
            return block[row % BLOCK] if row % BLOCK < len(block) else None
        if number not in self._asked:
            self._asked.add(number)
            wanted, whole = self._numbers[number * BLOCK : (number + 1) * BLOCK], self._numbers
            self._tasks.run(self, self._read_block, wanted).then(lambda found: self._keep(number, found, whole))
        return None

    def _keep(self, number: int, block: list[tuple[Any, ...] | None], whole: "array[int]") -> None:
        if whole is not self._numbers:
            return  # of a list that is no longer shown
        self._asked.discard(number)
        self._blocks[number] = block
        while len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)
        last = number * BLOCK + len(block) - 1
        self.dataChanged.emit(self.index(number * BLOCK, 0), self.index(last, len(self.columns) - 1))

    # --- Qt's own questions --------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _(self._fields[self.columns[section]].label)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        values = self._row(index.row())
        if role == ID_ROLE:
            return values[0] if values else None
        name = self.columns[index.column()]
        field = self._fields[name]
        if role == Qt.ItemDataRole.DisplayRole:
            if values is None:
                return "…"
            value = values[index.column() + 1]
            # A name is what one looks for in a list of one's own customers; it is masked in exports only.
            return records.in_words(field, value) if field.mask == "name" else records.shown(field, value)
        if role == Qt.ItemDataRole.TextAlignmentRole and field.kind in (Kind.MONEY, Kind.NUMBER):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column < 0:  # Qt's word for the order that the list had
            return
        name = self.columns[column]
        name = SORTED_BY.get(name, name) if SORTED_BY.get(name) in self._fields else name
        descending = order == Qt.SortOrder.DescendingOrder
        if (self.query.order, self.query.descending) != (name, descending):
            self.show(Query(**(vars(self.query) | {"order": name, "descending": descending})))


class ChipDelegate(QStyledItemDelegate):
    """Shows a choice as a chip in the colour that ``kinds`` gives its value."""

    def __init__(self, parent: QTableView, kinds: dict[str, str]) -> None:
        super().__init__(parent)
        self._kinds = kinds

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        words = option.text
        option.text = ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        if not words:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(12))
        rect = option.rect
        wide = painter.fontMetrics().horizontalAdvance(words) + px(18)
        tall = px(21)
        chip = rect.adjusted(px(11), (rect.height() - tall) // 2, 0, 0)
        chip.setSize(chip.size().boundedTo(chip.size().__class__(wide, tall)))
        kind = self._kinds.get(words, "neutral")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(f"{kind}_soft"))
        painter.drawRoundedRect(chip, tall / 2, tall / 2)
        painter.setPen(color(kind))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


class RecordTable(QTableView):
    """A table of records: ``opened`` tells the record that was chosen, ``entered_row`` that Enter was pressed on it.

    What is chosen and how far it is scrolled survive a reload; the widths of the columns are kept in the settings.
    """

    opened = Signal(object)
    entered_row = Signal()

    def __init__(
        self,
        model: RecordModel,
        name: str,
        widths: Sequence[int] = (),
        settings: Settings | None = None,
        *,
        keep_order: bool = False,
    ) -> None:
        """``widths`` at first, then those that were left; with ``keep_order`` the order is kept too."""
        super().__init__()
        self._model, self._settings = model, settings
        self._chosen: int | None = None
        self._scale = px(100)
        self._scrolled = 0
        self._query = model.query
        self.setModel(model)
        model.setParent(self)  # what it still waits for goes with the table
        self.setAccessibleName(name)
        self._make_look()
        for column, wide in enumerate(self._kept_widths() or widths):
            self.setColumnWidth(column, px(wide))
        self._wide = [self.columnWidth(column) for column in range(len(model.columns))]
        self._fitting = False
        self._soon = QTimer(self, interval=400, singleShot=True)
        self._soon.timeout.connect(self._keep_widths)
        self.horizontalHeader().sectionResized.connect(self._on_resized)
        if keep_order:
            self._order_again()
            self.horizontalHeader().sortIndicatorChanged.connect(self._keep_order)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        # A row that was jumped to may be chosen before its block is here.
        model.dataChanged.connect(lambda *_range: self._on_row(self.currentIndex(), QModelIndex()))
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._choose_again)

    def choose_first(self) -> None:
        """Choose the first row, such as of what was searched."""
        if self._model.rowCount():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.selectRow(self.currentIndex().row())
            self._on_row(self.currentIndex(), QModelIndex())
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)

    def _make_look(self) -> None:
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(px(40))
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setStretchLastSection(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _on_row(self, now: QModelIndex, _before: QModelIndex) -> None:
        """Tell the row that is chosen; one that Tab merely came to is not, and nobody else's file opens by itself."""
        chosen = now.data(ID_ROLE) if self.selectionModel().isSelected(now) else None
        if chosen is not None and self._model.number(now.row()) != self._chosen:
            self._chosen = self._model.number(now.row())
            self.opened.emit(chosen)

    def clearSelection(self) -> None:
        self._chosen = None
        self.setCurrentIndex(QModelIndex())
        super().clearSelection()

    def _remember(self) -> None:
        self._scrolled = self.verticalScrollBar().value()

    def _choose_again(self) -> None:
        row = self._model.row_of(self._chosen) if self._chosen is not None else None
        if row is not None:
            self.selectRow(row)
        same = self._model.query == self._query
        self._query = self._model.query
        self.verticalScrollBar().setValue(self._scrolled if same else 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and px(100) != self._scale:
            factor, self._scale = px(100) / self._scale, px(100)
            self.verticalHeader().setDefaultSectionSize(px(40))
            self._wide = [round(wide * factor) for wide in self._wide]
            self._fit_columns()
            self.updateGeometry()

    # --- order ---------------------------------------------------------------------------------------------------

    def _order_again(self) -> None:
        kept = _kept(self._settings, "sorting").get(self._model.record_type.kind())
        if isinstance(kept, list) and len(kept) == 2 and kept[0] in self._model.columns:
            order = Qt.SortOrder.DescendingOrder if kept[1] else Qt.SortOrder.AscendingOrder
            self.sortByColumn(self._model.columns.index(kept[0]), order)

    def _keep_order(self, column: int, order: Qt.SortOrder) -> None:
        if self._settings is not None and 0 <= column < len(self._model.columns):
            chosen = [self._model.columns[column], order == Qt.SortOrder.DescendingOrder]
            kept = _kept(self._settings, "sorting") | {self._model.record_type.kind(): chosen}
            self._settings.sorting = json.dumps(kept)

    # --- widths --------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(sum(self._wide[:_ALWAYS]) + bar, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Show as many columns as there is room for: nobody scrolls sideways, and a row opens the whole record."""
        room, self._fitting = self.viewport().width(), True
        least = self.horizontalHeader().minimumSectionSize()
        for column, wide in enumerate(self._wide):
            room -= max(wide, least)
            self.setColumnHidden(column, column >= _ALWAYS and room < 0)
            if not self.isColumnHidden(column):
                self.setColumnWidth(column, wide)
        self._fitting = False

    def _on_resized(self, column: int, _before: int, now: int) -> None:
        """Take the width that a hand gave a column; the last one shown takes what is left."""
        if not self._fitting and any(not self.isColumnHidden(after) for after in range(column + 1, len(self._wide))):
            self._wide[column] = now
            self._soon.start()

    def _kept_widths(self) -> list[int]:
        kept = _widths(self._settings).get(self._model.record_type.kind(), [])
        return kept if len(kept) == len(self._model.columns) else []

    def _keep_widths(self) -> None:
        if self._settings is not None:
            one = px(100)
            widths = [wide * 100 // one for wide in self._wide]
            kept = _widths(self._settings) | {self._model.record_type.kind(): widths}
            self._settings.columns = json.dumps(kept)


def _kept(settings: Settings | None, name: str) -> dict[str, Any]:
    """What a setting keeps by kind of record; nothing where it cannot be read."""
    told = getattr(settings, name, "")
    try:
        kept = json.loads(told) if told else {}
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _widths(settings: Settings | None) -> dict[str, list[int]]:
    """The widths of columns by kind of record, in pixels at 100 %."""
    return {
        kind: widths
        for kind, widths in _kept(settings, "columns").items()
        if isinstance(widths, list) and all(isinstance(wide, int) and wide > 0 for wide in widths)
    }
