"""What was saved since the window was opened, and the way back: as long as head office has not got it."""

import uuid
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models import RECORDS, Record
from insuragent.services import records, wording
from insuragent.ui.tasks import Tasks
from insuragent.ui.toast import Toaster

Edit = tuple[str, uuid.UUID]


class SavedEdits(QObject):
    """Saved edits, the newest last; each is told in a note that offers to take it back."""

    def __init__(self, tasks: Tasks[Any], toaster: Toaster, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._toaster = tasks, toaster
        self._made: list[Edit] = []

    def tell(self, record: Record, words: str = "") -> None:
        """Say that a record was saved, and offer the way back."""
        edit = (record.kind(), record.id)
        self._made.append(edit)
        self._toaster.show(words or _("已保存"), "ok", _("撤销"), partial(self.undo, edit))
        self.tell_wording(record)

    def tell_wording(self, record: Record) -> None:
        """Say what to weigh again in what was written into a record last (requirement R7.2a)."""
        task = self._tasks.run(self, wording.warnings, record)
        task.then(lambda found: self._toaster.show("\n".join(found), "info") if found else None)

    def undo(self, edit: Edit | None = None) -> None:
        """Take back the newest edit of a record; of the one saved last when none is named."""
        if edit is None and not self._made:
            self._toaster.show(_("没有可以撤销的修改"), "info")
            return
        wanted = edit or self._made[-1]
        if wanted in self._made:
            self._made.reverse()
            self._made.remove(wanted)
            self._made.reverse()
        self._tasks.run(self, _take_back, *wanted).then(self._on_undone).failed(self._on_refused)

    def restore(self, edit: Edit) -> None:
        """Bring an archived record back."""
        kind, record_id = edit
        task = self._tasks.run(self, records.restore, RECORDS[kind], record_id)
        task.then(lambda record: self.tell(record, _("已恢复"))).failed(self._on_refused)

    def _on_undone(self, record: Record) -> None:
        if record.archived_at is None:
            self._toaster.show(_("已撤销：{what}").format(what=record.title()))
        else:
            edit = (record.kind(), record.id)
            words = _("已归档：{what}").format(what=record.title())
            self._toaster.show(words, "ok", _("恢复"), lambda: self.restore(edit))

    def _on_refused(self, error: InsuragentError) -> None:
        self._toaster.complain(error)


def _take_back(work: Any, kind: str, record_id: uuid.UUID) -> Record:
    records.undo(work, kind, record_id)
    return records.get(work, RECORDS[kind], record_id)
