"""The needs analysis of a customer: figures in, gaps at once, kept for as long as they hold."""

import datetime as dt
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from insuragent.i18n import SHANGHAI, _, format_date, format_money, listed
from insuragent.models import NeedsAnalysis
from insuragent.models.base import shown_fields
from insuragent.models.fields import choice_words, fields_of
from insuragent.models.needs import Goal
from insuragent.services import needs
from insuragent.ui.flow import Flow, Wrapping
from insuragent.ui.layout import column, host
from insuragent.ui.parts.linked import FormTab
from insuragent.ui.parts.lists import line
from insuragent.ui.shell import Context
from insuragent.ui.widgets import card, chip, label, set_property

#: What a form leaves out: the day is today's, and goals are ticked.
_OWN = ("made_on", "goals")


class NeedsTab(FormTab):
    """Analyses of a customer; while figures are typed the gaps follow."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            NeedsAnalysis,
            needs.analyse,
            line=self._needs_line,
            icon="scale",
            empty=_("还没有需求分析。填写家庭收支和保障，缺口会自动算出。"),
            add_text=_("新的需求分析"),
            names=[name for name in shown_fields(NeedsAnalysis) if name not in _OWN],
        )
        self.gaps = GapCard()
        self.above.addWidget(self.gaps)
        self.above.addWidget(label(_("目标（按重要程度依次勾选）"), "h3"))
        self.above.addWidget(self._make_goals())
        self._soon = QTimer(self, interval=80, singleShot=True)
        self._soon.timeout.connect(self._calculate)
        for editor in self.form.editors.values():
            editor.on_edit(self._soon.start)

    def show_form(self, record: Any = None) -> None:
        self.goals: list[str] = []
        for tick in self._ticks.values():
            tick.setChecked(False)
        super().show_form(record)
        self.gaps.show_gaps({})

    def values(self) -> dict[str, Any]:
        return self.form.changes() | {"goals": self.goals}

    def _make_goals(self) -> QWidget:
        self._ticks = {goal.value: QCheckBox(_(goal.label)) for goal in Goal}
        for goal, tick in self._ticks.items():
            tick.toggled.connect(lambda on, goal=goal: self._on_goal(goal, on))
        return Wrapping(Flow(*self._ticks.values(), spacing=16, between=4))

    def _on_goal(self, goal: str, on: bool) -> None:
        self.goals = [kept for kept in self.goals if kept != goal] + ([goal] if on else [])

    def _calculate(self) -> None:
        told = {name: value for name, value in self.form.values().items() if isinstance(value, int)}
        self.context.tasks.run(self, needs.gaps, told).then(self.gaps.show_gaps)

    def _needs_line(self, one: NeedsAnalysis) -> QWidget:
        labels = fields_of(NeedsAnalysis)
        told = [
            f"{_(labels[name].label)} {format_money(getattr(one, name), cents=False)}"
            for name in ("gap_life", "gap_ci", "gap_pension")
            if getattr(one, name)
        ]
        goals = listed(choice_words(Goal, goal) for goal in one.goals)
        words = " · ".join(filter(None, (*told, goals))) or _("没有缺口")
        state = (
            chip(_("客户已确认"), "ok") if one.signed_at else chip(_("保费收入比 {share}").format(share=_share(one)))
        )
        return line(format_date(one.made_on), words, state)


class GapCard(QWidget):
    """The three gaps and the share of income that premiums take."""

    def __init__(self) -> None:
        super().__init__()
        labels = fields_of(NeedsAnalysis)
        self._shown = {name: label("–", "h2") for name in ("gap_life", "gap_ci", "gap_pension", "affordability_bp")}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        for place, (name, shown) in enumerate(self._shown.items()):
            title = _("保费收入比") if name == "affordability_bp" else _(labels[name].label)
            shown.setAccessibleName(title)
            grid.addWidget(host(column(label(title, "cap"), shown, spacing=1)), place // 2, place % 2)
        self.setLayout(column(card(column(grid), margins=12)))

    def show_gaps(self, found: dict[str, int | None]) -> None:
        """Show what follows from the figures; nothing before the first."""
        for name, shown in self._shown.items():
            value = found.get(name)
            if name == "affordability_bp":
                shown.setText("–" if value is None else f"{value / 100:.1f} %")
                burden = value is not None and needs.is_burden(value, dt.datetime.now(SHANGHAI).date())
                set_property(shown, "kind", "bad" if burden else "")  # shown, never refused
            else:
                shown.setText(format_money(value, cents=False) if value else "–")


def _share(one: NeedsAnalysis) -> str:
    return "–" if one.affordability_bp is None else f"{one.affordability_bp / 100:.1f} %"
