"""One field that two hands changed: what it was, both values side by side, and a choice."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from insuragent.i18n import N_, _, format_moment
from insuragent.models import RECORDS
from insuragent.models.fields import fields_of
from insuragent.services.syncing import Contested, Side
from insuragent.ui import dialogs
from insuragent.ui.fields import editor_for
from insuragent.ui.layout import column, row
from insuragent.ui.widgets import button, card, chip, label, set_property

#: What may be chosen, by its key: a side's value, both texts as one, or another value.
WAYS = {
    "1": ("base", N_("用原来的")),
    "2": ("mine", N_("用本机的")),
    "3": ("theirs", N_("用对方的")),
    "4": ("join", N_("合并两边…")),
    "5": ("rewrite", N_("改写…")),
}


class ConflictCard(QFrame):
    """Three columns and the ways out: ``chosen`` tells the card and one of WAYS. Up and Down tell ``left`` (−1 or 1).

    ``entered`` tells that the card has the focus.
    """

    chosen = Signal(object, str)
    entered = Signal(object)
    left = Signal(int)

    def __init__(self, one: Contested) -> None:
        super().__init__()
        self.one = one
        self.setProperty("role", "choice")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{one.title} {one.label}")
        sides = row(
            (self._column(_("原来"), Side(one.base, None), "neutral", "1"), 1),
            (self._column(_("本机"), one.mine, "accent", "2"), 1),
            (self._column(_("对方"), one.theirs, "violet", "3"), 1),
            spacing=10,
        )
        head = row(label(one.title, "h2"), chip(one.label, "warn"), None, spacing=10)
        others = [self._way(key) for key in ("4", "5") if self.offers(WAYS[key][0])]
        self.setLayout(column(head, sides, row(*others, None), spacing=10, margins=12))

    def offers(self, way: str) -> bool:
        """Whether one of WAYS is there: not everything can be joined."""
        return way != "join" or self.one.joined is not None

    def show_current(self, current: bool) -> None:
        """Show whether the keys choose for this card."""
        set_property(self, "current", "true" if current else "false")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if steps:
            self.left.emit(steps)
        else:
            super().keyPressEvent(event)

    def _way(self, key: str) -> QPushButton:
        way, words = WAYS[key]
        made = button(_(words), lambda: self.chosen.emit(self, way))
        made.setAccessibleName(f"{_(words)} {self.one.title} {self.one.label}")
        made.setToolTip(_("{words}（按 {key}）").format(words=_(words), key=key))
        return made

    def _column(self, title: str, side: Side, kind: str, key: str) -> QFrame:
        words = label(side.words or "—", wrap=True)
        words.setAccessibleName(f"{title} {side.words}")
        told = [label(one, "cap", wrap=True) for one in (side.by, format_moment(side.at), _place(side.device)) if one]
        return card(column(row(chip(title, kind), None), words, *told, None, self._way(key), spacing=4), margins=12)


def _place(device: str) -> str:
    """Where a value was written; head office writes as "office"."""
    if device == "office":
        return _("总公司")
    return _("设备 {id}").format(id=device[:12]) if device else ""


def ask_value(parent: QWidget, one: Contested, value: Any, then: Callable[[Any], object]) -> dialogs.Question:
    """Ask for another value of a contested field, starting from ``value``."""
    field = fields_of(RECORDS[one.kind])[one.field_name]
    words = _("填写核实后的内容；两边原来的内容都留在留痕中。")
    question = dialogs.Question(parent, _("改写{label}").format(label=_(field.label)), words)
    editor = editor_for(field)
    editor.widget.setAccessibleName(_(field.label))
    editor.show_value(value)
    question.add_body(editor.shown)
    question.accepted.connect(lambda: then(editor.value()))
    question.add_button(_("取消"), question.reject)
    question.add_button(_("保存"), question.accept, "primary")
    question.open()
    editor.widget.setFocus()
    return question
