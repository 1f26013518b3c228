"""Forms made of a record type's declarations: sections, masks, problems at their fields, drafts."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from insuragent.errors import ValidationError
from insuragent.i18n import _
from insuragent.models import Record
from insuragent.models.base import shown_fields
from insuragent.models.fields import Field, Kind
from insuragent.services import drafts, records
from insuragent.ui import dialogs
from insuragent.ui.fields import Editor, editor_for
from insuragent.ui.layout import column, form, form_row, host, row
from insuragent.ui.shell import Context
from insuragent.ui.widgets import label, set_property, tool_button

DRAFT_EVERY = 10_000


class RecordForm(QWidget):
    """The fields of a record type that a person fills in, or those in ``names``.

    ``edited`` tells the first change after the form was filled. Masked fields are shown masked; whoever reveals one
    gives a reason, which enters the journal.
    """

    edited = Signal()

    def __init__(self, context: Context, record_type: type[Record], names: Iterable[str] = (), draft: str = "") -> None:
        """``draft`` names the form among the drafts that are kept every ten seconds; "" keeps none."""
        super().__init__()
        self.context, self.record_type, self.draft = context, record_type, draft
        declared = shown_fields(record_type)
        self.fields: dict[str, Field] = {name: declared[name] for name in names} if names else declared
        self.editors: dict[str, Editor] = {}
        self._problems: dict[str, Any] = {}
        self._masked: dict[str, QLineEdit] = {}
        self._before: dict[str, Any] = {}
        self.record_id: uuid.UUID | None = None
        self.dirty = False
        lines = column(spacing=14)
        self._make_sections(lines)
        self.setLayout(lines)
        self._timer = QTimer(self, interval=DRAFT_EVERY)
        self._timer.timeout.connect(self.save_draft)

    # --- what it holds -------------------------------------------------------------------------------------------

    def fill(self, values: Mapping[str, Any], record_id: uuid.UUID | None = None) -> None:
        """Show a record's values, or the start of a new one."""
        self.record_id = record_id
        self.show_problems({})
        for name, editor in self.editors.items():
            field = self.fields[name]
            value = values.get(
                name, None if record_id else field.default() if callable(field.default) else field.default
            )
            editor.show_value(value)
            self._mask(name, value)
        self._before = self._read()
        self.dirty = False
        self._timer.stop()

    def changes(self) -> dict[str, Any]:
        """What was changed since the form was filled; for a new record everything that was told."""
        now = self._read()
        if self.record_id is None:
            return {name: value for name, value in now.items() if value not in (None, "", [])}
        return {name: value for name, value in now.items() if value != self._before[name]}

    def take(self, values: Mapping[str, Any]) -> None:
        """Type these values as a person would: of a draft, or a suggestion."""
        for name, value in values.items():
            if name in self.editors:
                self._unmask(name, value)
        self._on_edit()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the fields in question, each with its reason, and go to the first."""
        for name, editor in self.editors.items():
            words = problems.get(name, "")
            self._problems[name].setText(words)
            self._problems[name].setVisible(bool(words))
            set_property(editor.widget, "invalid", "true" if words else "false")
            editor.widget.setAccessibleDescription(words)
        first = next((name for name in self.editors if name in problems), None)
        if first:
            self.editors[first].widget.setFocus()

    def refused(self, error: Exception) -> bool:
        """Show the problems of a refused save; False when it was something else."""
        if isinstance(error, ValidationError):
            self.show_problems(error.problems)
            return bool(set(error.problems) & set(self.editors))
        return False

    # --- drafts --------------------------------------------------------------------------------------------------

    def save_draft(self) -> None:
        """Keep what is typed; called every ten seconds while there is something unsaved, and before locking."""
        if self.draft and self.dirty:
            arguments = (self.draft, self.record_type.kind(), self.record_id, self.changes())
            self.context.tasks.run(self, drafts.keep, *arguments)

    def saved(self) -> None:
        """What was typed is saved: let go of the draft."""
        self._before = self._read()
        self.dirty = False
        self._timer.stop()
        if self.draft:
            self.context.tasks.run(self, drafts.discard, self.draft)

    # --- making --------------------------------------------------------------------------------------------------

    def _make_sections(self, lines: QVBoxLayout) -> None:
        groups: dict[str, list[str]] = {}
        for name, field in self.fields.items():
            groups.setdefault(field.group, []).append(name)
        for group, names in groups.items():
            if group:
                lines.addWidget(label(_(group), "h3"))
            rows = form()
            for name in names:
                self._add_row(rows, name, self.fields[name])
            lines.addLayout(rows)

    def _add_row(self, rows: QFormLayout, name: str, field: Field) -> None:
        editor = self.editors[name] = editor_for(field)
        needed = not field.optional and field.default is None and field.kind is not Kind.ITEMS
        shown: QWidget = editor.widget
        if field.mask and field.mask != "name" and isinstance(editor.widget, QLineEdit):
            shown = self._maskable(name, editor.widget)
        form_row(rows, _(field.label) + (" *" if needed else ""), shown, hint=_(field.hint))
        editor.widget.setAccessibleName(_(field.label))
        if field.hint:
            rows.addRow("", label(_(field.hint), "cap", wrap=True))
        self._problems[name] = label("", "error", wrap=True)
        self._problems[name].hide()
        rows.addRow("", self._problems[name])
        editor.on_edit(self._on_edit)

    def _maskable(self, name: str, line: QLineEdit) -> QWidget:
        masked = self._masked[name] = QLineEdit()
        masked.setReadOnly(True)
        masked.setAccessibleName(_(self.fields[name].label))
        eye = tool_button("eye", _("查看明文"), lambda: self._ask_reveal(name))
        return host(row((masked, 1), (line, 1), eye, spacing=2))

    # --- masks ---------------------------------------------------------------------------------------------------

    def _mask(self, name: str, value: Any) -> None:
        masked = self._masked.get(name)
        if masked is not None:
            hidden = bool(value) and self.record_id is not None
            masked.setText(records.shown(self.fields[name], value))
            masked.setVisible(hidden)
            self.editors[name].widget.setVisible(not hidden)

    def _unmask(self, name: str, value: Any) -> None:
        self.editors[name].show_value(value)
        if name in self._masked:
            self._masked[name].hide()
            self.editors[name].widget.show()

    def _ask_reveal(self, name: str) -> None:
        if self.record_id is None or self._masked[name].isHidden():
            return
        title = _("查看{label}").format(label=_(self.fields[name].label))
        dialogs.ask_reason(self, title, _("查看敏感信息会记入操作留痕。"), lambda reason: self._reveal(name, reason))

    def _reveal(self, name: str, reason: str) -> None:
        if self.record_id is not None:
            task = self.context.tasks.run(self, records.reveal, self.record_type, self.record_id, name, reason)
            task.then(lambda value: self._unmask(name, value))

    def _on_edit(self) -> None:
        if not self.dirty:
            self.dirty = True
            self._timer.start()
            self.edited.emit()

    def _read(self) -> dict[str, Any]:
        return {name: editor.value() for name, editor in self.editors.items()}
