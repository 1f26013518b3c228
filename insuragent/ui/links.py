"""The editor of a link: another record, found by any kind of question while one types, and chosen from a list."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QStringListModel
from PySide6.QtWidgets import QCompleter, QListView, QWidget

from insuragent.i18n import _
from insuragent.models import RECORDS, Record
from insuragent.models.fields import Field, fields_of
from insuragent.services import records
from insuragent.ui.lines import SearchField
from insuragent.ui.tasks import Tasks

MOST = 12


class LinkEditor:
    """One line: what is typed is looked for, what is chosen is shown by its title. Emptied, it links to nothing.

    What was typed and never chosen stays text, so that the check can name it.
    """

    widget: QWidget
    shown: QWidget

    def __init__(self, tasks: Tasks[Any], field: Field) -> None:
        self._tasks = tasks
        self.record_type: type[Record] = RECORDS[field.link or ""]
        self.line = SearchField(_("输入姓名、拼音或号码查找"))
        self.widget = self.shown = self.line
        self.found: Sequence[Record] = ()
        self._chosen: uuid.UUID | None = None
        self._showing = False
        self._edited: list[Callable[[], object]] = []
        self._words = QStringListModel()
        self._list = QCompleter(self._words, self.line)
        self._list.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._list.setWidget(self.line)
        self._shown = QListView()
        self._shown.setAccessibleName(_("找到的记录"))
        self._list.setPopup(self._shown)
        self._list.activated[QModelIndex].connect(lambda index: self.choose(index.row()))  # type: ignore[index]
        self.line.textChanged.connect(self._on_text_changed)
        self.line.searched.connect(self._search)
        self.line.editingFinished.connect(self._on_left)

    def value(self) -> Any:
        return self._chosen or self.line.text().strip() or None

    def show_value(self, value: Any) -> None:
        self._chosen = value if isinstance(value, uuid.UUID) else None
        self._show("" if value is None or self._chosen else str(value))
        if self._chosen is not None:
            asked = self._chosen
            task = self._tasks.run(self.line, records.get, self.record_type, asked)
            task.then(lambda record: self._show_title(asked, record.title()))
            task.failed(lambda _error: self._show_title(asked, _("（记录已不在本机）")))

    def on_edit(self, then: Callable[[], object]) -> None:
        self._edited.append(then)

    def choose(self, place: int) -> None:
        """Choose one of those that were found."""
        record = self.found[place]
        self._chosen = record.id
        self._show(record.title())
        self._tell()

    def _show(self, words: str) -> None:
        self._showing = True
        self.line.setText(words)
        self.line.setCursorPosition(0)
        self._showing = False

    def _show_title(self, asked: uuid.UUID, words: str) -> None:
        if self._chosen == asked:
            self._show(words)

    def _tell(self) -> None:
        for then in self._edited:
            then()

    def _on_text_changed(self) -> None:
        if not self._showing:
            self._chosen, self.found = None, ()
            self._tell()

    def _search(self, typed: str) -> None:
        if self._chosen is None and typed.strip():
            task = self._tasks.run(self.line, records.find, self.record_type, typed, MOST)
            task.then(lambda found: self._on_found(typed, found))

    def _on_found(self, typed: str, found: Sequence[Record]) -> None:
        if self._chosen is not None or self.line.text() != typed:
            return  # chosen, or typed on, meanwhile
        self.found = found
        self._words.setStringList([_told(record) for record in found] or [_("没有找到")])
        if self.line.hasFocus():
            self._list.complete()
            self._shown.setCurrentIndex(self._list.completionModel().index(0, 0))

    def _on_left(self) -> None:
        """A name that was typed in full and fits one record alone needs no choosing."""
        if self._chosen is None and [record.title() for record in self.found] == [self.line.text().strip()]:
            self.choose(0)


def _told(record: Record) -> str:
    """A record's title, and what tells it from one of the same name: its numbers, masked."""
    fields = fields_of(type(record))
    numbers = [name for name, field in fields.items() if field.search and field.mask not in (None, "name")]
    shown = (records.shown(fields[name], getattr(record, name)) for name in numbers[:2])
    return "  ".join(filter(None, (record.title(), *shown)))
