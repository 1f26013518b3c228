"""A customer's consents: one line a purpose, given and withdrawn one by one (PIPL art. 14, 15, 29)."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from insuragent.i18n import _
from insuragent.models.consent import ConsentMethod, ConsentState, Purpose
from insuragent.models.fields import known_choice
from insuragent.services import customers, data_copy, letters
from insuragent.services.papers import Paper
from insuragent.ui import dialogs
from insuragent.ui.layout import column, form, form_row, row
from insuragent.ui.parts.erasing import Erasing
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, chip, label, scrolled

_KINDS = {ConsentState.GRANTED: "ok", ConsentState.REFUSED: "bad", ConsentState.WITHDRAWN: "warn"}


class ConsentsTab(QWidget):
    """Every purpose with its state; ``granted`` tells the purposes to which the customer agrees now."""

    granted = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.customer_id: uuid.UUID | None = None
        self.name = ""
        self._rows = column(spacing=8)
        words = label(_("每个目的单独征求，不捆绑；撤回与同意一样方便，撤回后相应资料随即删除。"), "cap", wrap=True)
        change = button(_("服务人员变更通知"), lambda: self._hand_out(letters.agent_change), icon="printer")
        copy = button(_("个人信息副本"), lambda: self._hand_out(data_copy.data_copy), icon="file-text")
        self.erasing = Erasing(context, self, self.refresh)
        erase = button(_("限制或删除…"), self.ask_erasure, icon="eraser")
        self.setLayout(column(words, (scrolled(self._rows), 1), row(change, copy, erase, None), spacing=10, margins=16))

    def show_customer(self, customer_id: uuid.UUID, name: str = "") -> None:
        """Read a customer's consents; ``name`` is offered as the signer."""
        self.customer_id, self.name = customer_id, name or self.name
        self.refresh()

    def ask_erasure(self) -> None:
        """Ask what shall become of the customer's data."""
        if self.customer_id is not None:
            self.erasing.ask(self.customer_id)

    def refresh(self) -> None:
        """Read again."""
        if self.customer_id is not None:
            self.context.tasks.run(self, customers.consents, self.customer_id).then(self._show)

    def _show(self, states: Mapping[str, str]) -> None:
        refill(self._rows, [self._line(purpose, states.get(purpose)) for purpose in Purpose], lines=True)
        self.granted.emit({purpose for purpose, state in states.items() if state == ConsentState.GRANTED})

    def _line(self, purpose: Purpose, state: str | None) -> QWidget:
        known = known_choice(ConsentState, state) if state else None
        shown = chip(_(getattr(known, "label", "")) or _("未征求"), _KINDS.get(known, "neutral"))  # type: ignore[call-overload]
        if known == ConsentState.GRANTED:
            act = button(_("撤回"), lambda: self.ask_withdrawal(purpose), kind="link")
        else:
            act = button(_("登记同意"), lambda: self.ask_grant(purpose), kind="link")
        act.setAccessibleName(f"{act.text()} {_(purpose.label)}")
        notice = button(_("告知书"), lambda: self.print_notice(purpose), kind="link")
        notice.setAccessibleName(_("打印告知书 {purpose}").format(purpose=_(purpose.label)))
        return line(_(purpose.label), "", shown, notice, act)

    def print_notice(self, purpose: Purpose) -> None:
        """Print what the customer reads before he consents."""
        self._hand_out(letters.consent_notice, purpose)

    def _hand_out(self, use_case: Callable[..., Paper], *arguments: Any) -> None:
        if self.customer_id is not None:
            HandOut(self.context, self).begin(use_case, self.customer_id, *arguments)

    def ask_grant(self, purpose: Purpose) -> None:
        """Ask who signed and how, and record the consent."""
        words = _("请先向客户说明处理目的、方式和保存期限，再登记同意。")
        question = dialogs.Question(self, _("登记同意：{purpose}").format(purpose=_(purpose.label)), words)
        signer, method = QLineEdit(self.name), QComboBox()
        for way in ConsentMethod:
            method.addItem(_(way.label), way)
        rows = form()
        form_row(rows, _("签署人"), signer)
        form_row(rows, _("方式"), method)
        question.add_body(rows)
        question.accepted.connect(lambda: self.grant(purpose, signer.text().strip(), method.currentData()))
        question.add_button(_("取消"), question.reject)
        question.add_button(_("客户已同意"), question.accept, "primary")
        question.open()

    def grant(self, purpose: Purpose, signer: str, method: ConsentMethod) -> None:
        """Record a consent."""
        if self.customer_id is not None:
            task = self.context.tasks.run(self, customers.grant, self.customer_id, purpose, signer, method)
            task.then(lambda _made: self.refresh())

    def ask_withdrawal(self, purpose: Purpose) -> None:
        """Make sure, for what hangs on the consent goes with it."""
        title = _("撤回同意：{purpose}").format(purpose=_(purpose.label))
        words = _("依同意收集的资料将随即删除。")
        dialogs.ask(self, title, words, lambda: self.withdraw(purpose), yes=_("撤回同意"), danger=True)

    def withdraw(self, purpose: Purpose) -> None:
        """Withdraw a consent."""
        if self.customer_id is not None:
            task = self.context.tasks.run(self, customers.withdraw, self.customer_id, purpose)
            task.then(lambda _gone: self.refresh())
