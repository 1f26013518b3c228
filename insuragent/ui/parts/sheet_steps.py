"""What else may be done with a sheet than print and sign it: handed over, refused, void, reviewed, called back."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from insuragent.i18n import N_, _
from insuragent.models import Sheet
from insuragent.models.sheet import SheetState
from insuragent.services import letters, scans, sheet_states
from insuragent.services.papers import Paper
from insuragent.ui import dialogs
from insuragent.ui.flow import Flow, Wrapping
from insuragent.ui.layout import column
from insuragent.ui.parts.papers import ask_scan
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.parts.sign_dialog import SignDialog
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button

_REFUSALS = (N_("需要再考虑"), N_("与家人商量"), N_("保费超出预算"), N_("不需要这项保障"))
_VOIDS = (N_("内容有误"), N_("客户不再需要"), N_("重复制作"))
_REVIEWERS = ("supervisor", "compliance")


class SheetSteps(QWidget):
    """A row of the steps open to the sheet shown. ``taken`` tells the sheet after one, ``failed`` the error."""

    taken = Signal(object)
    failed = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.sheet: Sheet | None = None
        self.delivered = button(_("已交付"), lambda: self._take(sheet_states.deliver), icon="circle-check", pen=True)
        self.refused = button(_("客户拒签"), self._ask_refusal, pen=True)
        self.reviewed = button(_("主管复核通过"), lambda: self._take(sheet_states.review), pen=True)
        self.called = button(_("已完成次日回访"), lambda: self._take(sheet_states.called_back), pen=True)
        self.voided = button(_("作废"), self._ask_void, pen=True)
        self.advised = button(_("终止投保建议书"), self.print_advice, icon="printer", pen=True)
        self.insists = button(_("自愿投保确认"), self.ask_own_will, icon="signature", pen=True)
        self.filed = button(_("归档签署件"), lambda: self._file(scans.file, Sheet.kind()), icon="camera", pen=True)
        self.on_paper = button(_("打印确认书"), lambda: self._hand_out(letters.own_will), icon="printer", pen=True)
        self.will_filed = button(_("归档确认书"), lambda: self._file(letters.file_own_will), icon="camera", pen=True)
        steps = Wrapping(Flow(self.delivered, self.reviewed, self.called, self.filed, self.refused, self.voided))
        self._against = Wrapping(Flow(self.advised, self.insists, self.on_paper, self.will_filed))
        self.setLayout(column(steps, self._against))
        self.show_sheet(None)

    def show_sheet(self, sheet: Sheet | None) -> None:
        """Offer what may be done with this sheet; nothing for None."""
        self.sheet = sheet
        state = sheet.state if sheet is not None else None
        role = self.context.desk.actor.role if self.context.desk is not None else ""
        due = sheet is not None and sheet.callback_due is not None and sheet.called_back_at is None
        self.delivered.setVisible(state == SheetState.PRINTED)
        self.refused.setVisible(state in sheet_states.IN_HAND)
        self.reviewed.setVisible(role in _REVIEWERS and state in sheet_states.OPEN)
        self.called.setVisible(due and state == SheetState.ACKNOWLEDGED)
        self.voided.setVisible(state not in (None, SheetState.VOID))
        given = sheet is not None and sheet.stop_advice_id is not None and sheet.own_will_signature_id is None
        for step in (self.insists, self.on_paper, self.will_filed):
            step.setVisible(given)
        self.filed.setVisible(state in (*sheet_states.IN_HAND, SheetState.ACKNOWLEDGED))
        self._against.hide()

    def offer_advice(self, against: bool) -> None:
        """Offer the advice not to buy, and the way of whoever insists, while a gate advises against it."""
        self._against.setVisible(against and self.sheet is not None and self.sheet.state in sheet_states.OPEN)

    def print_advice(self) -> None:
        """Print the advice not to buy; the sheet holds that it was handed out."""
        self._hand_out(letters.stop_advice)

    def ask_own_will(self) -> SignDialog:
        """Have the customer sign that he insists, in the words that were noted among the checks."""
        words = _("客户已收到终止投保建议书，仍自愿投保：请客户阅读自己的确认，在下面亲笔签名。")
        dialog = SignDialog(
            self, _("自愿投保确认"), words, lambda png, strokes: self._take(letters.sign_own_will, png, strokes)
        )
        dialog.open()
        return dialog

    def _ask_refusal(self) -> None:
        words = _("客户不签这份说明书，原因会一并保存；之后要签需重新制作。")
        then = self._with_reason(sheet_states.refuse)
        dialogs.ask_reason(self, _("客户拒签"), words, then, presets=_REFUSALS)

    def _ask_void(self) -> None:
        words = _("作废后不能再打印或签署；已签署的文件仍会保存。")
        then = self._with_reason(sheet_states.void)
        dialogs.ask_reason(self, _("作废"), words, then, presets=_VOIDS)

    def _with_reason(self, step: Callable[..., Sheet]) -> Callable[[str], object]:
        return lambda reason: self._take(step, reason)

    def _hand_out(self, letter: Callable[..., Paper]) -> None:
        if self.sheet is not None:
            shown = self.sheet
            way = HandOut(self.context, self, then=lambda: self.taken.emit(shown), failed=self.failed.emit)
            way.begin(letter, shown.id)

    def _file(self, take: Callable[..., object], *kind: str) -> None:
        """Have what was signed by pen filed with the sheet shown."""
        if self.sheet is not None:
            shown = self.sheet
            ask_scan(self.context, self, lambda: self.taken.emit(shown), take, *kind, shown.id)

    def _take(self, step: Callable[..., Sheet], *told: Any) -> None:
        if self.sheet is not None:
            task = self.context.tasks.run(self, step, self.sheet.id, *told)
            task.then(self.taken.emit).failed(self.failed.emit)
