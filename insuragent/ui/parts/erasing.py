"""Restricting and erasing a customer's data: how long they are kept, and what a wish of his may come to."""

import uuid
from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models.choices import Why
from insuragent.services import retention
from insuragent.services.retention import Standing
from insuragent.ui import dialogs
from insuragent.ui.layout import form, form_row
from insuragent.ui.shell import Context


class Erasing:
    """Asks what shall become of one customer's data, and does it; ``then`` follows what was done."""

    def __init__(self, context: Context, parent: QWidget, then: Callable[[], object]) -> None:
        self._context, self._parent, self._then = context, parent, then

    def ask(self, customer_id: uuid.UUID) -> None:
        """Show how it stands, and the ways."""
        task = self._context.tasks.run(self._parent, retention.standing, customer_id)
        task.then(self._show).failed(self._context.toaster.complain)

    def _show(self, found: Standing) -> None:
        advice = _("限制处理：资料只保存，不再用于其他目的。删除：下次同步时从总公司和每台设备上清除，不能恢复。")
        title = _("限制或删除资料：{name}").format(name=found.name)
        question = dialogs.Question(self._parent, title, found.words, advice, "warn")
        self.reason, self.typed = QComboBox(), QLineEdit()
        for why in Why:
            self.reason.addItem(_(why.label))
        rows = form()
        form_row(rows, _("原因"), self.reason)
        if found.may_erase:
            form_row(rows, _("输入姓名确认删除"), self.typed)
        question.add_body(rows)
        question.add_button(_("取消"), question.reject)
        if found.restricted_at is None:
            question.add_button(_("限制处理"), lambda: self._restrict(question, found))
        else:
            question.add_button(_("解除限制"), lambda: self._lift(question, found))
        if found.may_erase:
            question.add_button(_("删除"), lambda: self._erase(question, found), "danger")
        question.open()

    def _why(self) -> Why:
        return list(Why)[self.reason.currentIndex()]

    def _restrict(self, question: dialogs.Question, found: Standing) -> None:
        task = self._context.tasks.run(self._parent, retention.restrict, found.customer_id, self._why())
        task.then(lambda _done: self._on_done(question, _("已限制处理"))).failed(self._on_refused)

    def _lift(self, question: dialogs.Question, found: Standing) -> None:
        task = self._context.tasks.run(self._parent, retention.lift, found.customer_id)
        task.then(lambda _done: self._on_done(question, _("已解除限制"))).failed(self._on_refused)

    def _erase(self, question: dialogs.Question, found: Standing) -> None:
        why, typed = self._why(), self.typed.text()
        task = self._context.tasks.run(self._parent, retention.erase, found.customer_id, why, typed)
        words = _("已下令删除，下次同步时执行")
        task.then(lambda _done: self._on_done(question, words)).failed(self._on_refused)

    def _on_done(self, question: dialogs.Question, words: str) -> None:
        question.accept()
        self._context.toaster.show(words, "ok")
        self._then()

    def _on_refused(self, error: InsuragentError) -> None:
        self._context.toaster.show(error.reason, "bad")
