"""Why a figure of the table stands there: its chain of steps on a card, each with its own figure."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from insuragent.i18n import _
from insuragent.services.numbers import Step
from insuragent.ui.layout import column, host, row
from insuragent.ui.overlay import Overlay
from insuragent.ui.widgets import button, label

_WIDTH = 560


class ExplainCard(Overlay):
    """Shown over ``window``; each chain takes the place of the one before."""

    def __init__(self, window: QWidget) -> None:
        self._heading = label("", "h2", wrap=True)
        self._close = button(_("关闭"), self.close_card)
        self._place = column()
        self._chain = QWidget()
        self._place.addWidget(self._chain)
        below = label(_("金额单位为元，演示的部分不保证。"), "muted", wrap=True)
        content = column(self._heading, self._place, below, row(None, self._close), spacing=12, margins=20)
        super().__init__(window, content, width=_WIDTH)

    def show_steps(self, title: str, steps: Sequence[Step]) -> None:
        """Open the card on one figure."""
        self._heading.setText(title)
        made = chain(steps)
        self._place.replaceWidget(self._chain, made)
        made.show()  # what comes into a card that was open before is hidden at first, and would be given no room
        self._chain.hide()  # it is let go of later, and would show through until then
        self._chain.deleteLater()
        self._chain = made
        self.setAccessibleName(title)
        self.open()
        self._close.setFocus()


def figure(step: Step) -> str:
    """A factor as it is, an amount to the cent."""
    return f"{step.amount.normalize():f}" if step.sign == "×" else f"{step.amount:,.2f}"


def chain(steps: Sequence[Step]) -> QWidget:
    """The steps one below the other, each with its sign and its figure."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(1, 1)
    for place, step in enumerate(steps):
        role = "h3" if step.sign == "=" else ""
        amount = label(figure(step), role)
        amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words = label(step.label, role, wrap=True)
        words.setBuddy(amount)
        for at, widget in enumerate((label(step.sign, role), words, amount)):
            grid.addWidget(widget, place, at)
    return host(grid)
