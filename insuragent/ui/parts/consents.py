"""A customer's consents: one line a purpose, given and withdrawn one by one (PIPL art. 14, 15, 29)."""

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from insuragent.i18n import _
from insuragent.models.consent import ConsentMethod, ConsentState, Purpose
from insuragent.models.fields import choice_words
from insuragent.services import customers, data_copy, letters
from insuragent.services.papers import Paper
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.flow import Flow, Wrapping
from insuragent.ui.layout import column, form, form_row
from insuragent.ui.parts.erasing import Erasing
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.parts.papers import FILES
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, chip, label

_KINDS: dict[str, str] = {ConsentState.GRANTED: "ok", ConsentState.REFUSED: "bad", ConsentState.WITHDRAWN: "warn"}


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
        told = scrolled(column(words, (self._rows, 1), spacing=10))
        self.setLayout(column((told, 1), Wrapping(Flow(change, copy, erase)), spacing=10, margins=16))

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
        words = choice_words(ConsentState, state) if state else _("未征求")
        shown = chip(words, _KINDS.get(state or "", "neutral"))
        if state == ConsentState.GRANTED:
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

    def ask_grant(self, purpose: Purpose) -> "GrantDialog":
        """Ask who signed and how, and record the consent."""
        asked = GrantDialog(self, purpose, self.name)
        asked.accepted.connect(lambda: self.grant(purpose, *asked.told))
        asked.open()
        return asked

    def grant(self, purpose: Purpose, signer: str, method: ConsentMethod, scan: Path | None = None) -> None:
        """Record a consent."""
        if self.customer_id is not None:
            task = self.context.tasks.run(self, customers.grant, self.customer_id, purpose, signer, method, scan)
            task.then(lambda _made: self.refresh()).failed(self.context.toaster.complain)

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


class GrantDialog(dialogs.Question):
    """Who consented and how; for a consent on paper also the scan of the signed notice, without which it is none."""

    def __init__(self, parent: QWidget, purpose: Purpose, name: str) -> None:
        words = _("请先向客户说明处理目的、方式和保存期限，再登记同意。")
        super().__init__(parent, _("登记同意：{purpose}").format(purpose=_(purpose.label)), words)
        self.signer, self.method = QLineEdit(name), QComboBox()
        self.scan: Path | None = None
        for way in ConsentMethod:
            self.method.addItem(_(way.label), way)
        self.choose = button(_("选择签署件…"), self._ask_scan, icon="camera")
        rows = form()
        form_row(rows, _("签署人"), self.signer)
        form_row(rows, _("方式"), self.method)
        self.add_body(rows)
        self.add_body(self.choose)
        self.add_button(_("取消"), self.reject)
        self.confirm = self.add_button(_("客户已同意"), self.accept, "primary")
        self.method.currentIndexChanged.connect(lambda _place: self._follow())
        self._follow()

    @property
    def told(self) -> tuple[str, ConsentMethod, Path | None]:
        """The signer, the method, and the scan of a notice that was signed on paper."""
        method = self.method.currentData()
        return self.signer.text().strip(), method, self.scan if method == ConsentMethod.PAPER_PHOTO else None

    def _ask_scan(self) -> None:
        dialogs.choose_file(self, _("选择客户签署件的扫描件或照片"), FILES, self._on_chosen)

    def _on_chosen(self, file: Path) -> None:
        self.scan = file
        self.choose.setText(_("签署件：{name}").format(name=file.name))
        self._follow()

    def _follow(self) -> None:
        on_paper = self.method.currentData() == ConsentMethod.PAPER_PHOTO
        self.choose.setEnabled(on_paper)
        self.confirm.setEnabled(not on_paper or self.scan is not None)
