"""What is checked and said at the table before a sheet is printed and signed, and what still stands in the way."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models import Sheet
from insuragent.models.fields import fields_of
from insuragent.models.sheet import CHECKS
from insuragent.services import sheets
from insuragent.services.gates import SIGN, Gate
from insuragent.services.sheet_states import OPEN
from insuragent.services.sheets import AtTable, Grounds
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, form, form_row, host
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.explained import ExplainedItems
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.shell import Context
from insuragent.ui.widgets import EmptyState, IconLabel, chip, label

#: How long typing must pause, in milliseconds, before what is checked is saved and judged again.
_SOON = 500
_NAMES = [name for name, field in fields_of(Sheet).items() if field.group == CHECKS]


class SheetChecks(QWidget):
    """The gates of a sheet and what opens them. ``judged`` tells how many are shut after each look, ``advised`` whether
    one of them advises the customer not to buy.

    What is entered is saved by itself, and at once when :meth:`save` is asked to.
    """

    judged = Signal(int)
    advised = Signal(bool)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.sheet: Sheet | None = None
        #: What is told, and stops nothing.
        self.warnings: list[str] = []
        self._soon = QTimer(self, interval=_SOON, singleShot=True)
        self._soon.timeout.connect(self.save)
        self._gates = column(spacing=6)
        self._said = Notice()
        self.form = RecordForm(context, Sheet, _NAMES)
        for editor in self.form.editors.values():
            editor.on_edit(self._soon.start)
        self.explained = ExplainedItems()
        self.explained.ticked.connect(self._soon.start)
        self._noted = host(
            column(
                self._said,
                label(_("推荐理由的依据"), "h3"),
                self._make_grounds(),
                label(_("讲解项目"), "h3"),
                self.explained,
                self.form,
                spacing=10,
            )
        )
        self.setProperty("role", "scrolled")
        self.setLayout(column(host(self._gates), self._noted, None, spacing=12))
        self._noted.hide()
        self.show_gates(())

    def show_sheet(self, opened: AtTable | None) -> None:
        """Show what is noted on a sheet; None before one is drafted. One that is signed, refused or void is closed."""
        sheet = opened.sheet if opened is not None else None
        self.sheet = sheet if sheet is not None and sheet.state in OPEN else None
        self._soon.stop()
        self._noted.setVisible(self.sheet is not None)
        if opened is None or sheet is None or self.sheet is None:
            self.show_gates(())
            return
        self._said.clear()
        self.form.fill(sheet.plain(), sheet.id)
        self._fill_grounds(sheet, opened.grounds)
        self.explained.show_told(sheet.explained)
        self.judge()

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Save what is noted, then look at the gates again and do ``then``."""
        self._soon.stop()
        if self.sheet is None:
            then()
            return
        values = self.form.changes() | {"explained": self.explained.told, "reason_links": self.links}
        task = self.context.tasks.run(self, sheets.confirm, self.sheet.id, values)
        self.form.saving.follow(task, lambda _sheet, _later: self._on_saved(then), self._on_refused)

    def judge(self) -> None:
        """Look at the gates again."""
        if self.sheet is not None:
            self.context.tasks.run(self, sheets.gates_of, self.sheet.id).then(self.show_gates)

    def show_gates(self, found: Sequence[Gate]) -> None:
        """Show these gates, what is shut on top."""
        ordered = sorted(found, key=lambda gate: (gate.open, gate.warning, gate.stage == SIGN))
        empty = EmptyState("clipboard-check", _("选择客户后，这里列出打印和签署前要满足的条件"))
        refill(self._gates, [_gate_line(gate) for gate in ordered] or [empty], lines=True)
        self.explained.put_exclusions_first(on=any(gate.name == "exclusions_first" for gate in found))
        self.advised.emit(any(gate.advice for gate in found))
        self.warnings = [gate.text for gate in found if gate.warning and not gate.open]
        self.judged.emit(sum(not gate.open and not gate.warning for gate in found))

    @property
    def links(self) -> list[dict[str, str]]:
        """The need and the benefit on which the recommendation rests; empty while one is missing."""
        need, benefit = self.need.currentData(), self.benefit.currentData()
        return [{"need": need, "benefit": benefit}] if need and benefit else []

    # --- making --------------------------------------------------------------------------------------------------

    def _make_grounds(self) -> QWidget:
        self.need, self.benefit = QComboBox(), QComboBox()
        rows = form()
        for words, combo in ((_("客户的需求"), self.need), (_("产品的保障"), self.benefit)):
            combo.activated.connect(lambda _place: self._soon.start())
            combo.setAccessibleName(words)
            keep_wheel_away(combo)
            form_row(rows, words, combo)
        return host(rows)

    def _fill_grounds(self, sheet: Sheet, grounds: Grounds) -> None:
        chosen = sheet.reason_links[0] if sheet.reason_links else {}
        for combo, choices, name in (
            (self.need, grounds.needs, "need"),
            (self.benefit, grounds.benefits, "benefit"),
        ):
            combo.clear()
            combo.addItem(_("请选择"), "")
            for value, words in choices.items():
                combo.addItem(words, value)
            combo.setCurrentIndex(max(combo.findData(chosen.get(name, "")), 0))

    def _on_saved(self, then: Callable[[], object]) -> None:
        self._said.clear()
        self.judge()
        then()

    def _on_refused(self, error: InsuragentError) -> None:
        shown = self.form.refused(error)
        self._said.setText("" if shown else error.with_advice())


def _gate_line(gate: Gate) -> QWidget:
    if gate.open:
        icon, kind, words = "circle-check", "ok", _("满足")
    elif gate.warning:
        icon, kind, words = "triangle-alert", "warn", _("提醒")
    else:
        icon, kind, words = "triangle-alert", "bad", _("签署前") if gate.stage == SIGN else _("不满足")
    return line(gate.text, _(gate.rule), chip(words, kind), before=[IconLabel(icon, kind)])
