"""One field that two hands changed: what it was, both values side by side, and a choice."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from insuragent.i18n import _, format_moment
from insuragent.models import RECORDS, Conflict
from insuragent.models.fields import fields_of, from_wire
from insuragent.services.syncing import Contested, Side
from insuragent.ui import dialogs
from insuragent.ui.fields import editor_for
from insuragent.ui.layout import column, row
from insuragent.ui.widgets import button, card, chip, label


class ConflictCard(QWidget):
    """Three columns and three ways out; ``chosen`` tells "mine" or "theirs", ``rewriting`` that neither is right."""

    chosen = Signal(object, str)
    rewriting = Signal(object)

    def __init__(self, one: Contested) -> None:
        super().__init__()
        self.one = one
        sides = row(
            (self._column(_("原来"), Side(one.base, None), "neutral"), 1),
            (self._column(_("本机"), one.mine, "accent"), 1),
            (self._column(_("对方"), one.theirs, "violet"), 1),
            spacing=10,
        )
        buttons = row(
            self._choice(_("用本机的"), lambda: self.chosen.emit(one.id, "mine")),
            self._choice(_("用对方的"), lambda: self.chosen.emit(one.id, "theirs")),
            self._choice(_("改写…"), lambda: self.rewriting.emit(one.id)),
            None,
            spacing=8,
        )
        head = row(label(one.title, "h2"), chip(one.label, "warn"), None, spacing=10)
        self.setAccessibleName(f"{one.title} {one.label}")
        self.setLayout(column(head, sides, buttons, spacing=10))

    def _choice(self, words: str, then: Callable[[], object]) -> QWidget:
        made = button(words, then)
        made.setAccessibleName(f"{words} {self.one.title} {self.one.label}")
        return made

    def _column(self, title: str, side: Side, kind: str) -> QFrame:
        who = " · ".join(filter(None, (format_moment(side.at), side.by, side.device[:12])))
        words = label(side.words or "—", wrap=True)
        words.setAccessibleName(f"{title} {side.words}")
        return card(
            column(row(chip(title, kind), None), words, label(who, "cap", wrap=True), None, spacing=6), margins=12
        )


def ask_value(parent: QWidget, conflict: Conflict, then: Callable[[object], object]) -> dialogs.Question:
    """Ask for another value of the contested field, starting from this desk's own."""
    field = fields_of(RECORDS[conflict.record_kind])[conflict.field_name]
    words = _("填写核实后的内容；两边原来的内容都留在留痕中。")
    question = dialogs.Question(parent, _("改写{label}").format(label=_(field.label)), words)
    editor = editor_for(field)
    editor.widget.setAccessibleName(_(field.label))
    editor.show_value(from_wire(field, conflict.mine.get("value")))
    question.add_body(editor.shown)
    question.accepted.connect(lambda: then(editor.value()))
    question.add_button(_("取消"), question.reject)
    question.add_button(_("保存"), question.accept, "primary")
    question.open()
    editor.widget.setFocus()
    return question
