"""Forms made of a record type's declarations: sections, masks, problems at their fields, undo, drafts."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _, format_moment
from insuragent.models import Record
from insuragent.models.base import shown_fields
from insuragent.models.consent import Purpose
from insuragent.models.fields import Field, Kind, Sensitivity, choice_words, fields_of
from insuragent.models.validation import clean
from insuragent.services import drafts, records
from insuragent.ui import dialogs
from insuragent.ui.fields import Editor, asks_undo, can_undo, editor_for, is_readable, is_too_long
from insuragent.ui.layout import column, form, form_row, host, row
from insuragent.ui.links import LinkEditor
from insuragent.ui.saving import Saving
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.widgets import label, set_property, tool_button
from insuragent.ui.wording import WordingHints

DRAFT_EVERY = 10_000
#: How long typing must pause, in milliseconds, before a field that was marked is looked at again.
_RECHECK = 250


class RecordForm(QWidget):
    """The fields of a record type that a person fills in, or those in ``names``.

    ``edited`` tells the first change after the form was filled. Masked fields are shown masked; whoever reveals one
    gives a reason, which enters the journal. Ctrl+Z takes back one field after the other until it is saved.
    """

    edited = Signal()

    def __init__(
        self,
        context: Context,
        record_type: type[Record],
        names: Iterable[str] = (),
        draft: str = "",
        required: Collection[str] = (),
    ) -> None:
        """``draft`` names the form among the drafts that are kept every ten seconds; "" keeps none.

        ``required`` are fields that this form needs although the record could do without.
        """
        super().__init__()
        self.context, self.record_type, self.draft = context, record_type, draft
        declared = fields_of(record_type)
        self.fields: dict[str, Field] = {name: declared[name] for name in names} or shown_fields(record_type)
        #: What a new record hangs on, such as its customer: kept with its draft, and no other's draft is offered.
        self.hangs_on: dict[str, Any] = {}
        self.editors: dict[str, Editor] = {}
        self.problems: dict[str, QLabel] = {}
        self.hints = WordingHints(context, self, record_type, self._mark, lambda name: self.editors[name].value())
        self.masked: dict[str, QLineEdit] = {}
        self._eyes: dict[str, QToolButton] = {}
        self._copies: dict[str, QToolButton] = {}
        self._locks: dict[str, QLabel] = {}
        self._required = set(required)
        self._letters: set[str] = set()
        self._filled: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}
        self._steps: list[tuple[str, Any]] = []
        self._doubtful: set[str] = set()
        self.record_id: uuid.UUID | None = None
        self.draft_name = ""
        self.dirty = False
        self.saving = Saving(self)
        lines = column(spacing=14)
        self._make_sections(lines)
        self.setLayout(lines)
        self._timer = QTimer(self, interval=DRAFT_EVERY)
        self._timer.timeout.connect(self.save_draft)
        self._pause = QTimer(self, interval=_RECHECK, singleShot=True)
        self._pause.timeout.connect(self._recheck)
        action(self, _("放弃修改"), "Esc", self.revert, icon="rotate-ccw")

    # --- what it holds -------------------------------------------------------------------------------------------

    def fill(self, values: Mapping[str, Any], record_id: uuid.UUID | None = None) -> None:
        """Show a record's values, or the start of a new one; what was being typed before is kept as a draft."""
        self.save_draft()
        self.record_id, self._filled = record_id, dict(values)
        # Each new record has a draft of its own: one that is begun never takes the place of one left unfinished.
        self.draft_name = f"{self.draft}:{record_id or uuid.uuid4()}"
        self.show_problems({})
        for name, editor in self.editors.items():
            value = values.get(name, None if record_id else _start(self.fields[name]))
            editor.show_value(value)
            self._mask(name, value)
        self._rest()

    def values(self) -> dict[str, Any]:
        """Everything that the fields hold now, typed."""
        return {name: editor.value() for name, editor in self.editors.items()}

    def changes(self) -> dict[str, Any]:
        """What was changed since the form was filled; for a new record everything that was told."""
        now = self.values()
        if self.record_id is None:
            return {name: value for name, value in now.items() if value not in (None, "", [])}
        return {name: value for name, value in now.items() if value != self._before[name]}

    def before(self) -> dict[str, Any]:
        """What the record held in the changed fields when the form was filled: what its person has seen."""
        return {name: self._filled.get(name) for name in self.changes()}

    def take(self, values: Mapping[str, Any]) -> None:
        """Type these values as a person would: of a draft, or a suggestion."""
        for name, value in values.items():
            if name in self.editors:
                if self.editors[name].value() != value:
                    self._unmask(name, value)
                self._on_edit(name)

    def keep_now(self, name: str) -> None:
        """Let a moment of a new record stand for now, as long as nobody has told another."""
        editor = self.editors[name]
        if self.record_id is None and editor.value() == self._before[name]:
            editor.show_value(None)
            self._before[name] = self._seen[name] = editor.value()

    def undo(self) -> bool:
        """Take back the newest edit of a field; False when there is none."""
        while self._steps:
            name, value = self._steps.pop()
            if self.editors[name].value() != value:
                self.editors[name].show_value(value)
                self._seen[name] = value
                self.editors[name].widget.setFocus()
                self.dirty = self.values() != self._before
                return True
        return False

    def revert(self) -> None:
        """Go back to what was saved; a toast offers to have the edits again."""
        if not self.dirty:
            return
        typed = self.changes()
        for name, value in self._before.items():
            if self.editors[name].value() != value:
                self.editors[name].show_value(value)
        self.show_problems({})
        self._rest()
        self.context.toaster.show(_("已放弃修改"), "info", _("撤销"), lambda: self.take(typed))

    def _rest(self) -> None:
        self._before = self.values()
        self._seen = dict(self._before)
        self._steps.clear()
        self.dirty = False
        self._timer.stop()

    # --- problems ------------------------------------------------------------------------------------------------

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the fields in question, each with its reason, and go to the first."""
        for name in self.editors:
            self._mark(name, problems.get(name, ""))
        first = next((name for name in self.editors if name in problems), None)
        if first:
            self.editors[first].widget.setFocus()

    def refused(self, error: Exception) -> bool:
        """Show the problems of a refused save; False when it was something else."""
        if isinstance(error, ValidationError):
            self.show_problems(error.problems)
            return bool(set(error.problems) & set(self.editors))
        return False

    def check(self, name: str) -> None:
        """Look at one field by itself: mark it or not, and fill in what its value tells of others."""
        value = self.editors[name].value()
        found: dict[str, str] = {}
        cleaned: dict[str, Any] = {}
        beside = {n: v for n, v in self.values().items() if n != name and is_readable(self.fields[n], v)}
        if value is not None:
            try:
                today = dt.datetime.now(SHANGHAI).date()
                cleaned = clean(self.record_type, {name: value}, today=today, partial=True, current=beside)
            except ValidationError as error:
                found = error.problems
        for marked in {name, *found} & set(self.editors):
            self._mark(marked, found.get(marked, ""))
        for told, derived in cleaned.items():
            if told == name and not self.editors[name].widget.hasFocus() and derived != value:
                self.editors[name].show_value(derived)
            elif told != name and told in self.editors and self.editors[told].value() in (None, ""):
                self.take({told: derived})
        if not found:
            self.hints.read(name)

    def _mark(self, name: str, words: str) -> None:
        widget = self.editors[name].widget
        self.hints.clear(name)
        self.problems[name].setText(words)
        self.problems[name].setVisible(bool(words))
        set_property(widget, "invalid", "true" if words else "false")
        widget.setAccessibleDescription(words or _(self.fields[name].hint))

    def _recheck(self) -> None:
        doubtful, self._doubtful = self._doubtful, set()
        for name in doubtful:
            self.check(name)

    # --- drafts --------------------------------------------------------------------------------------------------

    def save_draft(self) -> None:
        """Keep what is typed; called every ten seconds while there is something unsaved, and before it is left."""
        if self.draft and self.dirty:
            values = self.changes() | self.hangs_on
            arguments = (self.draft_name, self.record_type.kind(), self.record_id, values)
            self.context.tasks.run(self, drafts.keep, *arguments)

    def offer_draft(self) -> None:
        """Offer what was typed before and never saved, such as after a power cut."""
        if self.draft:
            name = self.draft_name
            task = self.context.tasks.run(self, drafts.newest, self.draft, self.record_id, self.hangs_on)
            task.then(lambda kept: self._offer(name, kept))

    def _offer(self, name: str, kept: drafts.Kept | None) -> None:
        if kept is not None and kept.values and name == self.draft_name and not self.dirty:
            words = _("有一份 {moment} 没有保存的草稿").format(moment=format_moment(kept.at))
            self.context.toaster.show(words, "info", _("继续填写"), lambda: self.go_on(kept))

    def go_on(self, kept: drafts.Kept) -> None:
        """Take a draft up again where it was left; the form must show the draft's record, or a new one."""
        if kept.record_id == self.record_id and not (self.dirty and self.draft_name == kept.form):
            self.save_draft()
            self.draft_name = kept.form
            self.take(kept.values)

    def saved(self, sent: Mapping[str, Any]) -> None:
        """These values, of all fields, are saved: let go of the draft."""
        self._filled |= {name: value for name, value in sent.items() if value != self._before[name]}
        self._rest()
        self._before |= sent
        self.forget(self.draft_name)

    def forget(self, draft_name: str) -> None:
        """Let go of a draft."""
        if self.draft:
            self.context.tasks.run(self, drafts.discard, draft_name)

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
        editor: Editor = LinkEditor(self.context.tasks, field) if field.kind is Kind.LINK else editor_for(field)
        self.editors[name] = editor
        shown = editor.shown
        if field.mask and field.mask != "name" and field.sensitivity is not Sensitivity.PLAIN:
            shown = self._maskable(name, editor)
        form_row(rows, self._label(name, field), shown).setBuddy(editor.widget)
        editor.widget.setAccessibleName(_(field.label))
        editor.widget.setAccessibleDescription(_(field.hint))
        if field.hint:
            rows.addRow("", label(_(field.hint), "cap", wrap=True))
        if field.consent:
            self._locks[name] = _hidden("cap")
            rows.addRow("", self._locks[name])
        self.problems[name] = _hidden("error")
        for below in (self.problems[name], self.hints.make(name, field)):
            if below is not None:
                rows.addRow("", below)
        editor.on_edit(partial(self._on_edit, name))
        editor.widget.installEventFilter(self)

    def _label(self, name: str, field: Field) -> str:
        words = _(field.label).replace("&", "&&")
        if name in self._required or not (field.optional or field.default is not None or field.kind is Kind.ITEMS):
            words += " *"
        # Keys to the fields that are looked for or needed; letters for all would be noise.
        if field.search is not None or words.endswith("*"):
            letter = next((sign for sign in name.upper() if sign.isalpha() and sign not in self._letters), "")
            self._letters.add(letter)
            words += f"(&{letter})" if letter else ""
        return words

    def _maskable(self, name: str, editor: Editor) -> QWidget:
        masked = self.masked[name] = QLineEdit()
        masked.setReadOnly(True)
        # The menu of Qt copies for good.
        editor.widget.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        masked.setAccessibleName(_(self.fields[name].label))
        eye = self._eyes[name] = tool_button("eye", _("查看明文"), lambda: self.ask_reveal(name))
        copy = self._copies[name] = tool_button("copy", _("复制，稍后从剪贴板清除"), lambda: self.copy(name))
        for hidden in (masked, eye, copy):
            hidden.hide()
        return host(row((masked, 1), (editor.shown, 1), eye, copy, spacing=2))

    def copy(self, name: str) -> None:
        """Copy what was revealed; it leaves the clipboard by itself after the time of the settings."""
        value = self.editors[name].value()
        if value not in (None, "") and name in self.masked and self.masked[name].isHidden():
            self.context.clipboard.copy(records.in_words(self.fields[name], value))
            seconds = self.context.settings.clipboard_seconds
            self.context.toaster.show(_("已复制，{n} 秒后从剪贴板清除").format(n=seconds), "info")

    # --- masks and locks -----------------------------------------------------------------------------------------

    def _mask(self, name: str, value: Any) -> None:
        masked = self.masked.get(name)
        if masked is not None:
            hidden = value not in (None, "") and self.record_id is not None
            masked.setText(records.shown(self.fields[name], value))
            masked.setVisible(hidden)
            self._eyes[name].setVisible(hidden)
            self._copies[name].hide()
            self.editors[name].shown.setVisible(not hidden)

    def _unmask(self, name: str, value: Any) -> None:
        self.editors[name].show_value(value)
        if name in self.masked:
            self.masked[name].hide()
            self._eyes[name].hide()
            self.editors[name].shown.show()

    def ask_reveal(self, name: str) -> None:
        """Ask why a masked field is to be seen, and show it."""
        if self.record_id is None or self.masked[name].isHidden():
            return
        title = _("查看{label}").format(label=_(self.fields[name].label))
        dialogs.ask_reason(self, title, _("查看敏感信息会记入操作留痕。"), lambda reason: self._reveal(name, reason))

    def _reveal(self, name: str, reason: str) -> None:
        if self.record_id is not None:
            task = self.context.tasks.run(self, records.reveal, self.record_type, self.record_id, name, reason)
            task.then(lambda value: self._unmask(name, value)).then(lambda _value: self._copies[name].show())

    def show_consents(self, granted: Collection[str]) -> None:
        """Open the fields whose consent is among ``granted``; the others are shut and say why (PIPL art. 29)."""
        for name, words in self._locks.items():
            purpose = self.fields[name].consent or ""
            shut = purpose not in granted
            self.editors[name].widget.setEnabled(not shut)
            wanted = _("需要客户单独同意（{purpose}）后填写").format(purpose=choice_words(Purpose, purpose))
            words.setText(wanted if shut else "")
            words.setVisible(shut)

    # --- editing -------------------------------------------------------------------------------------------------

    def _on_edit(self, name: str) -> None:
        now = self.editors[name].value()
        if not self._steps or self._steps[-1][0] != name:
            self._steps.append((name, self._seen.get(name)))
        self._seen[name] = now
        if self.problems[name].text() or is_too_long(self.fields[name], now):
            self._doubtful.add(name)
            self._pause.start()
        if not self.dirty:
            self.dirty = True
            self._timer.start()
            self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.dirty:
            name = next((n for n, editor in self.editors.items() if editor.widget is watched), "")
            if name and self._seen.get(name) != self._before.get(name):
                self.check(name)
        elif event.type() == QEvent.Type.ShortcutOverride and asks_undo(event) and not can_undo(watched):
            return True  # a field that has nothing left to take back leaves Ctrl+Z to the window, which asks the form
        elif any(self.editors[name].widget is watched for name in self.masked):
            return self.context.clipboard.copy_from(watched, event)
        return super().eventFilter(watched, event)


def _start(field: Field) -> Any:
    return field.default() if callable(field.default) else field.default


def _hidden(role: str) -> QLabel:
    made = label("", role, wrap=True)
    made.hide()
    return made
