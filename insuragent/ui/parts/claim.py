"""Help with a claim: what a bill would bring under a reimbursement product, as an estimate and no more (story S23)."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from insuragent.errors import ValidationError
from insuragent.i18n import N_, _
from insuragent.services import catalogue, numbers
from insuragent.ui import dialogs
from insuragent.ui.fields import keep_wheel_away
from insuragent.ui.layout import column, form, form_row, host
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.explain_popup import chain
from insuragent.ui.widgets import number_field

_AMOUNTS = {
    "covered": N_("保障范围内的费用"),
    "social_paid": N_("基本医保已支付"),
    "other_paid": N_("其他途径已补偿"),
}
#: The days of a year's cover; most bills are of after the wait.
_LONGEST, _USUAL = 366, 100


class ClaimDialog(dialogs.Question):
    """The bill is typed, and its estimate follows with every step; it touches no record."""

    def __init__(self, parent: QWidget, product: str) -> None:
        words = _("{name}：按账单估算给付，不保存任何内容。").format(name=catalogue.package(product).name)
        super().__init__(parent, _("理赔估算"), words)
        self.product = product
        self.amounts = {name: QLineEdit() for name in _AMOUNTS}
        self.used_social = QCheckBox(_("经基本医保结算"))
        self.used_social.setChecked(True)
        self.cause = QComboBox()
        self.cause.addItem(_("疾病"), False)
        self.cause.addItem(_("意外"), True)
        self.day = number_field(1, _LONGEST, value=_USUAL, unit=_("天"))
        self.problem = Notice()
        self._place = column()
        self._chain = QWidget()
        self._place.addWidget(self._chain)
        self.add_body(self._make_form())
        self.add_body(self.problem)
        self.add_body(self._place)
        self.add_button(_("关闭"), self.accept, "primary")
        for field in self.amounts.values():
            field.textChanged.connect(lambda _text: self.calculate())
        self.used_social.toggled.connect(lambda _on: self.calculate())
        self.cause.currentIndexChanged.connect(lambda _place: self.calculate())
        self.day.valueChanged.connect(lambda _day: self.calculate())
        self.calculate()

    def calculate(self) -> None:
        """Show the estimate of what is typed, or what about it cannot be read."""
        told: dict[str, Any] = {name: field.text().strip() for name, field in self.amounts.items()}
        told |= {"used_social": self.used_social.isChecked(), "day": self.day.value()}
        told |= {"accident": self.cause.currentData()}
        self._chain.hide()
        try:
            found = numbers.claim_estimate(self.product, numbers.bill(told))
        except ValidationError as error:
            names = {name: _(words) for name, words in _AMOUNTS.items()}
            self.problem.setText("；".join(f"{names.get(n, n)}：{why}" for n, why in error.problems.items()))
        else:
            self.problem.clear()
            made = chain(numbers.claim_steps(found))
            self._place.replaceWidget(self._chain, made)
            self._chain.deleteLater()
            self._chain = made
            made.show()
        self.fit()

    def _make_form(self) -> QWidget:
        rows = form()
        for name, words in _AMOUNTS.items():
            form_row(rows, _(words), self.amounts[name])
        rows.addRow("", self.used_social)
        form_row(rows, _("原因"), self.cause)
        form_row(rows, _("合同生效后第几天"), self.day)
        keep_wheel_away(self.cause)
        keep_wheel_away(self.day)
        return host(rows)
