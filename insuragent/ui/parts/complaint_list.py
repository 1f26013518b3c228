"""The list of complaints: open ones by urgency, ended ones by date, found while one types."""

import datetime as dt

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from insuragent.i18n import SHANGHAI, _, format_date
from insuragent.models.complaint import Category, ComplaintState, Severity
from insuragent.models.fields import choice_words
from insuragent.services import complaints
from insuragent.services.complaints import Listed, Open
from insuragent.ui.areas import scrolled
from insuragent.ui.flow import Flow
from insuragent.ui.layout import column, host, row
from insuragent.ui.lines import SearchField
from insuragent.ui.parts.lists import refill, remaining
from insuragent.ui.shell import Context
from insuragent.ui.widgets import EmptyState, Segments, button, chip, label

OPEN, ENDED, ALL = "open", "ended", "all"
_GRADES = {"S1": "bad", "S2": "bad", "S3": "warn", "S4": "neutral"}


class ComplaintList(QWidget):
    """``opened`` tells the complaint that was chosen, ``counted`` how many are open, whatever is shown."""

    opened = Signal(object)
    counted = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.search = SearchField(_("搜索投诉人、拼音、编号、联系方式、保单号（Ctrl+F）"))
        self.search.searched.connect(lambda _text: self.refresh())
        choices = ((OPEN, _("办理中")), (ENDED, _("已结束")), (ALL, _("全部")))
        self.which = Segments(_("显示哪些投诉"), choices, OPEN)
        self.which.chosen.connect(lambda _which: self.refresh())
        self.rows: QVBoxLayout = column(spacing=8)
        self.setLayout(column(self.search, row(self.which, None), (scrolled(self.rows), 1), spacing=8))

    def refresh(self) -> None:
        """Read again; a newer question replaces one that is still being answered."""
        asked = (self.search.text(), self.which.value)
        ended = {OPEN: False, ENDED: True}.get(asked[1])
        task = self.context.tasks.run(self, complaints.listed, asked[0], ended=ended)
        task.then(lambda found: self._show(asked, found))

    def _show(self, asked: tuple[str, str], found: Listed) -> None:
        if asked != (self.search.text(), self.which.value):
            return
        self.counted.emit(found.open)
        now = dt.datetime.now(SHANGHAI)
        rows = [self._row(one, now) for one in found.shown]
        if found.more:
            rows.append(label(_("还有 {n} 件，请用搜索缩小范围").format(n=f"{found.more:,}"), "cap", wrap=True))
        refill(self.rows, rows or [self._nothing(*asked)], lines=bool(rows))

    def _nothing(self, question: str, which: str) -> QWidget:
        if question.strip():
            return EmptyState("search", _("没有找到投诉，请换一个条件"))
        words = {OPEN: _("没有办理中的投诉"), ENDED: _("没有已结束的投诉")}
        return EmptyState("circle-check", words.get(which, _("还没有投诉")))

    def _row(self, one: Open, now: dt.datetime) -> QWidget:
        opened = button(_("打开"), lambda: self.opened.emit(one.id), kind="link")
        opened.setAccessibleName(_("打开投诉 {number}").format(number=one.number))
        grade = chip(choice_words(Severity, one.severity), _GRADES.get(one.severity, "neutral"))
        category = choice_words(Category, one.category)
        clocks = Flow(self._clock(one, now), spacing=10)
        if not one.ended:
            clocks.addWidget(label(_fifteenth(one), "cap"))
        lines = column(
            row(label(one.name, wrap=True), grade, None, opened),
            label(f"{one.number} · {category}", "cap", wrap=True),
            host(clocks),
            spacing=4,
        )
        return host(lines)

    def _clock(self, one: Open, now: dt.datetime) -> QWidget:
        if one.ended or one.first_response_at:
            return chip(choice_words(ComplaintState, one.state), "neutral" if one.ended else "ok")
        return chip(*remaining(one.first_response_due, now))


def _fifteenth(one: Open) -> str:
    if one.due15_is_workday:
        return _("15日 {day}").format(day=format_date(one.due15))
    return _("15日 {day}（非工作日，内部 {internal}）").format(
        day=format_date(one.due15), internal=format_date(one.internal_due)
    )
