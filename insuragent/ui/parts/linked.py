"""What hangs on one customer, a tab a record type: a list, and where it is made."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models import Record
from insuragent.services import records
from insuragent.services.drafts import Kept
from insuragent.ui.areas import scrolled
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, host, row
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts import lists
from insuragent.ui.parts.lists import refill
from insuragent.ui.saving import Later
from insuragent.ui.shell import Context
from insuragent.ui.widgets import EmptyState, button


class CustomerTab(QWidget):
    """A tab of a customer's file that ``read``s what it ``show``s; the answer for one shown before is let go."""

    def __init__(self, context: Context, read: Callable[[Any, uuid.UUID], Any], show: Callable[[Any], object]) -> None:
        super().__init__()
        self.context = context
        self.customer_id: uuid.UUID | None = None
        self._read, self._show = read, show

    def show_customer(self, customer_id: uuid.UUID) -> None:
        """Read what hangs on a customer."""
        self.customer_id = customer_id
        self.refresh()

    def refresh(self) -> None:
        """Read again."""
        if self.customer_id is not None:
            asked = self.customer_id
            self.context.tasks.run(self, self._read, asked).then(lambda found: self._on_read(asked, found))

    def _on_read(self, asked: uuid.UUID, found: Any) -> None:
        if asked == self.customer_id:
            self._show(found)


class LinkedTab(CustomerTab):
    """The records of a type that hang on the customer shown; ``counted`` tells how many.

    ``line`` makes a record's row; ``add`` is called by the button ``add_text`` with the customer's id.
    """

    counted = Signal(int)

    def __init__(
        self,
        context: Context,
        record_type: type[Record],
        *,
        line: Callable[[Any], QWidget],
        icon: str,
        empty: str,
        add_text: str,
        add: Callable[[uuid.UUID], object],
    ) -> None:
        super().__init__(context, self._found, self._show_found)
        self.record_type = record_type
        self._line, self._add = line, add
        self._rows = column(spacing=8)
        self._empty = EmptyState(icon, empty, add_text, self.add)
        self._new = button(add_text, self.add, icon="plus")
        self._list = QStackedWidget()
        self._list.addWidget(host(column(row(None, self._new), (scrolled(self._rows), 1), spacing=8, margins=16)))
        self._list.addWidget(self._empty)
        self.setLayout(column(self._list))

    def _found(self, work: Any, customer_id: uuid.UUID) -> tuple[Sequence[Any], Sequence[Any]]:
        """What the list shows, and what was archived; runs beside the window."""
        found = records.hanging_on(work, self.record_type, customer_id)
        return found, records.hanging_on(work, self.record_type, customer_id, archived=True)

    def add(self) -> None:
        """Make one more."""
        if self.customer_id is not None:
            self._add(self.customer_id)

    def _show_found(self, found: tuple[Sequence[Any], Sequence[Any]]) -> None:
        there, archived = found
        rows = [*map(self._line, there), *map(self._archived_line, archived)]
        refill(self._rows, rows, lines=True)
        self._list.setCurrentIndex(0 if rows else 1)
        self.counted.emit(len(there))

    def _archived_line(self, record: Record) -> QWidget:
        """One that was archived, with the way back."""
        edit = (record.kind(), record.id)
        back = button(_("恢复"), lambda: self.context.edits.restore(edit), kind="link")
        return lists.line(record.title(), _("已归档"), back)


class FormTab(LinkedTab):
    """A linked tab whose records are made and corrected in a form in the list's place.

    ``make`` is the use case that takes the customer's id and the form's values; ``change`` the one that takes the
    record's id, its new values and those that were seen, where such a correction has rules of its own.
    """

    def __init__(
        self,
        context: Context,
        record_type: type[Record],
        make: Callable[..., Any],
        *,
        line: Callable[[Any], QWidget],
        icon: str,
        empty: str,
        add_text: str,
        names: Sequence[str] = (),
        change: Callable[..., Any] | None = None,
    ) -> None:
        add = lambda _customer_id: self.show_form()  # noqa: E731
        super().__init__(context, record_type, line=line, icon=icon, empty=empty, add_text=add_text, add=add)
        self._make = make
        self._change = change or (lambda work, *told: records.change(work, record_type, *told))
        self.form = RecordForm(context, record_type, names, draft=record_type.kind())
        self._said = Notice()
        self.above = column(spacing=8)
        back = button(_("返回"), self.show_list, icon="arrow-left")
        save = button(_("保存"), self.save, icon="save", kind="primary")
        self._archive = button(_("归档"), self.archive, icon="archive")
        self.foot: QHBoxLayout = row(back, None, self._archive, save)
        shown = scrolled(column(self.above, self.form, None, spacing=12))
        self._list.addWidget(host(column((shown, 1), self._said, self.foot, spacing=10, margins=16)))

    @property
    def editing(self) -> bool:
        """Whether the form is shown."""
        return self._list.currentIndex() == 2

    def show_form(self, record: Record | None = None) -> None:
        """Show the form for a new record, or for one that is there."""
        self.form.fill(record.plain() if record else {}, record.id if record else None)
        self._said.clear()
        self._archive.setVisible(record is not None)
        self._list.setCurrentIndex(2)
        next(iter(self.form.editors.values())).widget.setFocus()
        self.form.offer_draft()

    def open_record(self, record_id: uuid.UUID) -> None:
        """Show the form for a record by its id; one who is gone is told."""
        task = self.context.tasks.run(self, records.get, self.record_type, record_id)
        task.then(self.show_form).failed(self.context.toaster.complain)

    def go_on(self, kept: Kept) -> None:
        """Take up a draft of a record that hangs on the customer shown; a correction is begun on the record itself."""
        if kept.record_id is None:
            self.show_form()
            self.form.go_on(kept)
        else:
            task = self.context.tasks.run(self, records.get, self.record_type, kept.record_id)
            task.then(self.show_form).then(lambda _record: self.form.go_on(kept))

    def show_list(self) -> None:
        """Leave the form; what was typed is kept as a draft."""
        self.form.save_draft()
        self._list.setCurrentIndex(0)
        self.refresh()

    def show_customer(self, customer_id: uuid.UUID) -> None:
        if customer_id != self.customer_id and self.editing:
            self.form.save_draft()
            self._list.setCurrentIndex(0)
        self.form.hangs_on = {"customer_id": customer_id}
        super().show_customer(customer_id)

    def save(self) -> None:
        """Save the form."""
        if self.customer_id is None or not self.editing or self.form.saving.under_way:
            return
        run = self.context.tasks.run
        if self.form.record_id is None:
            task = run(self, self._make, self.customer_id, self.values())
        else:
            told, seen = self.form.changes(), self.form.before()
            task = run(self, self._change, self.form.record_id, told, seen)
        self.form.saving.follow(task, self._on_saved, self._on_refused)

    def archive(self) -> None:
        """Take the record shown out of sight; the list and the note have the way back."""
        if self.form.record_id is not None:
            task = self.context.tasks.run(self, records.archive, self.record_type, self.form.record_id)
            task.then(self._on_archived).failed(self._on_refused)

    def _on_archived(self, record: Record) -> None:
        self.context.edits.tell(record, _("已归档"))
        self.show_list()

    def values(self) -> dict[str, Any]:
        """What the form tells of a new record."""
        return self.form.changes()

    def _show_found(self, found: tuple[Sequence[Any], Sequence[Any]]) -> None:
        editing = self.editing
        super()._show_found(found)
        if editing:
            self._list.setCurrentIndex(2)

    def _on_saved(self, record: Record, later: Later | None) -> None:
        self.context.edits.tell(record)
        if later:
            self.show_form(record)
        elif later is not None:
            self._list.setCurrentIndex(0)
        self.refresh()

    def _on_refused(self, error: InsuragentError) -> None:
        shown = self.form.refused(error)
        self._said.setText("" if shown else error.with_advice())
