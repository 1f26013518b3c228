"""Noting that a customer was compared with his document, and how."""

import uuid
from functools import partial

from PySide6.QtWidgets import QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models import Customer
from insuragent.models.customer import VerifyMethod
from insuragent.services import customers
from insuragent.ui import dialogs
from insuragent.ui.shell import Context


def ask(context: Context, parent: QWidget, customer_id: uuid.UUID) -> dialogs.Question:
    """Ask how the customer's identity was verified, and note it."""
    text = _("请本人出示有效证件，核对姓名、证件号码和照片与本人一致。")
    advice = _("核验的人、时间和方式会记入留痕；姓名或证件改动后需重新核验。")
    question = dialogs.Question(parent, _("核验身份"), text, advice)

    def note(method: VerifyMethod) -> None:
        question.accept()
        context.tasks.run(parent, customers.verify, customer_id, method).then(told).failed(complain)

    def told(customer: Customer) -> None:
        context.edits.tell(customer, _("身份已核验"))

    def complain(error: InsuragentError) -> None:
        context.toaster.show(error.reason, "bad")

    question.add_button(_("取消"), question.reject)
    for method in customers.VERIFIED_HERE:
        kind = "primary" if method is VerifyMethod.ORIGINAL else ""
        question.add_button(_(method.label), partial(note, method), kind)
    question.open()
    return question
