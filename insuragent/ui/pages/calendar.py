"""The calendar: a week or a day of visits, made, moved and stretched by mouse and keys."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Customer, Visit
from insuragent.models.fields import known_choice
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.services import agenda, catalogue, records, wording
from insuragent.services.agenda import Appointment
from insuragent.ui import dialogs
from insuragent.ui.calendar_grid import CalendarGrid
from insuragent.ui.calendar_layout import CalendarItem, DayMark
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, row
from insuragent.ui.pages.base import Page
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.widgets import SearchField, Segments, button, card, label, scrolled, tool_button

_KINDS = {
    VisitStatus.HELD: "ok",
    VisitStatus.STARTED: "warn",
    VisitStatus.NO_SHOW: "bad",
    VisitStatus.REFUSED: "bad",
    VisitStatus.MISSED: "bad",
}
PLANNED = ("purpose", "subject", "planned_start", "planned_end", "place_text")
HELD = ("outcome", "summary", "customer_words", "next_action", "next_due", "next_note", "late_reason")


class CalendarPage(Page):
    """The grid, and the chosen visit beside it."""

    kinds: ClassVar[frozenset[str]] = frozenset({"visit"})

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("日程"))
        self.grid = CalendarGrid(7)
        self.grid.created.connect(self._on_created)
        self.grid.moved.connect(self._on_moved)
        self.grid.activated.connect(self.open_visit)
        self.grid.cancel_requested.connect(self._on_cancel)
        today = dt.datetime.now(SHANGHAI).date()
        self.first, self.days = today - dt.timedelta(days=today.weekday()), 7
        segments = Segments(_("视图"), (("7", _("周")), ("1", _("日"))), "7")
        segments.chosen.connect(lambda days: self._show_days(int(days)))
        self.side = VisitPanel(context, self)
        self.side.hide()
        self.tools.addWidget(tool_button("chevron-left", _("前一段"), lambda: self._turn(-1)))
        self.tools.addWidget(button(_("今天"), lambda: self._turn(0)))
        self.tools.addWidget(tool_button("chevron-right", _("后一段"), lambda: self._turn(1)))
        self.tools.addWidget(segments)
        self.tools.addWidget(button(_("新建拜访"), self.new_visit, icon="plus", kind="primary"))
        self.body.addLayout(row((card(column(self.grid), margins=1), 3), (self.side, 2), spacing=12), 1)
        action(self, _("新建拜访"), "Ctrl+N", self.new_visit, icon="plus")
        action(self, _("保存"), "Ctrl+S", self.side.save, icon="save")
        self.setFocusProxy(self.grid)
        self._show_days(7)

    def refresh(self) -> None:
        start = dt.datetime.combine(self.first, dt.time(), SHANGHAI)
        task = self.context.tasks.run(self, agenda.appointments, start, start + dt.timedelta(days=self.days))
        task.then(self._show)

    def show_target(self, target: Any) -> None:
        """Open a visit by id."""
        self.open_visit(target)

    def save_draft(self) -> None:
        """Keep what is typed."""
        self.side.form.save_draft()

    def new_visit(self) -> None:
        """A visit at the next full hour."""
        hour = dt.datetime.now(SHANGHAI).replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        self._on_created(hour, hour + dt.timedelta(hours=1))

    def open_visit(self, visit_id: uuid.UUID) -> None:
        """Show a visit beside the grid."""
        self.context.tasks.run(self, records.get, Visit, visit_id).then(self.side.show_visit)

    def _turn(self, steps: int) -> None:
        today = dt.datetime.now(SHANGHAI).date()
        base = today if steps == 0 else self.first + dt.timedelta(days=steps * self.days)
        self.first = base - dt.timedelta(days=base.weekday()) if self.days == 7 else base
        self._show_days(self.days)

    def _show_days(self, days: int) -> None:
        if days == 7:
            self.first -= dt.timedelta(days=self.first.weekday())
        elif self.days == 7:
            today = dt.datetime.now(SHANGHAI).date()
            self.first = today if self.first <= today < self.first + dt.timedelta(days=7) else self.first
        self.days = days
        self.grid.show_days(self.first, days)
        self.grid.show_marks(marks(self.first, days))
        last = self.first + dt.timedelta(days=days - 1)
        self.note.setText(f"{self.first.isoformat()} – {last.isoformat()}" if days > 1 else self.first.isoformat())
        self.refresh()

    def _show(self, found: list[Appointment]) -> None:
        self.grid.show_items([_item(one) for one in found])

    def _on_created(self, start: dt.datetime, end: dt.datetime) -> None:
        self.side.show_new(start, end)

    def _on_moved(self, visit_id: uuid.UUID, start: dt.datetime, end: dt.datetime) -> None:
        task = self.context.tasks.run(self, agenda.move, visit_id, start, end)
        task.then(self._on_planned).failed(self._on_refused)

    def _on_planned(self, visit: Visit) -> None:
        task = self.context.tasks.run(self, agenda.overlaps, visit.planned_start, visit.planned_end, visit.id)
        task.then(self._warn)

    def _warn(self, found: list[Appointment]) -> None:
        if found:
            self.say(_("与 {name} 的安排时间重叠").format(name=found[0].customer or found[0].subject), "info")

    def _on_refused(self, error: InsuragentError) -> None:
        self.complain(error)
        self.refresh()

    def _on_cancel(self, visit_id: uuid.UUID) -> None:
        def cancel() -> None:
            task = self.context.tasks.run(self, agenda.cancel, visit_id)
            task.then(lambda _done: self.say(_("已取消"))).failed(self.complain)

        dialogs.ask(self, _("取消拜访"), _("确定取消这次拜访吗？记录会保留。"), cancel)


class VisitPanel(QWidget):
    """A visit's form: planning, and what came of it."""

    def __init__(self, context: Context, page: CalendarPage) -> None:
        super().__init__()
        self.context, self.page = context, page
        self.visit_id: uuid.UUID | None = None
        self.customer_id: uuid.UUID | None = None
        self._title = label("", "h2")
        self._who = SearchField(_("搜索客户"))
        self._who.searched.connect(self._search)
        self._found = QComboBox()
        self._found.setAccessibleName(_("客户"))
        self.form = RecordForm(context, Visit, PLANNED, draft="visit")
        self.result = RecordForm(context, Visit, HELD, draft="visit-result")
        self._forms = QStackedWidget()
        planning = column(self._who, self._found, self.form, None, spacing=8)
        self._forms.addWidget(scrolled(planning))
        self._forms.addWidget(scrolled(column(self.result, None)))
        self._held = button(_("完成拜访"), self._show_result, icon="check")
        close = tool_button("x", _("关闭"), self.hide)
        save = button(_("保存"), self.save, icon="save", kind="primary")
        lines = column(row(self._title, None, close), (self._forms, 1), row(self._held, None, save), spacing=10)
        self.setLayout(column(card(lines)))

    def show_new(self, start: dt.datetime, end: dt.datetime) -> None:
        """Plan a visit."""
        self.visit_id = self.customer_id = None
        self._title.setText(_("新建拜访"))
        self.form.fill({})
        self.form.take({"planned_start": start, "planned_end": end})
        self._held.hide()
        self._choose([])
        self._forms.setCurrentIndex(0)
        self.show()
        self._who.setFocus()

    def show_visit(self, visit: Visit) -> None:
        """Show a visit that is there."""
        self.visit_id, self.customer_id = visit.id, visit.customer_id
        self._title.setText(_(known_choice(VisitPurpose, str(visit.purpose)).label))  # type: ignore[attr-defined]
        self.form.fill(visit.plain(), visit.id)
        self.result.fill(visit.plain(), visit.id)
        self._held.setVisible(visit.status not in agenda.ENDED_VISITS)
        self._forms.setCurrentIndex(1 if visit.status == VisitStatus.HELD else 0)
        self._choose([])
        if visit.customer_id is not None:
            self.context.tasks.run(self, records.get, Customer, visit.customer_id).then(lambda who: self._choose([who]))
        self.show()

    def save(self) -> None:
        """Save what is shown: the plan, or what came of it."""
        if self.isHidden():
            return
        if self._forms.currentIndex() == 1 and self.visit_id is not None:
            values = self.result.changes()
            task = self.context.tasks.run(self, agenda.hold, self.visit_id, values)
        elif self.visit_id is None:
            values = self.form.changes() | {"customer_id": self._found.currentData()}
            task = self.context.tasks.run(self, agenda.plan, values)
        else:
            values = self.form.changes() | {"customer_id": self._found.currentData()}
            task = self.context.tasks.run(self, records.change, Visit, self.visit_id, values)
        task.then(self._on_saved).failed(self._on_refused)

    def _on_saved(self, visit: Visit) -> None:
        (self.result if self._forms.currentIndex() == 1 else self.form).saved()
        self.page.say(_("已保存"))
        self.page.context.tasks.run(self, wording.warnings, visit).then(self._tell_wording)
        self.page._on_planned(visit)
        self.hide()

    def _tell_wording(self, found: Sequence[str]) -> None:
        """Say what to weigh again in what was saved."""
        if found:
            self.page.say("\n".join(found), "info")

    def _on_refused(self, error: InsuragentError) -> None:
        if not (self.result if self._forms.currentIndex() == 1 else self.form).refused(error):
            self.page.complain(error)

    def _show_result(self) -> None:
        self._forms.setCurrentIndex(1)
        self.result.editors["outcome"].widget.setFocus()

    def _search(self, question: str) -> None:
        self.context.tasks.run(self, records.find, Customer, question, 20).then(self._choose)

    def _choose(self, found: Any) -> None:
        self._found.clear()
        self._found.addItem(_("（无客户）"), None)
        for customer in found:
            self._found.addItem(customer.name, customer.id)
        self._found.setCurrentIndex(1 if found else 0)


def marks(first: dt.date, days: int) -> dict[dt.date, DayMark]:
    """Lunar days, festivals, rest days and make-up workdays for the heads."""
    from lunar_python import Solar  # needed by the calendar alone

    calendar = catalogue.policy().calendar
    found = {}
    for day in (first + dt.timedelta(days=n) for n in range(days)):
        lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        words = lunar.getJieQi() or "".join(lunar.getFestivals()[:1])[:4] or lunar.getDayInChinese()
        rest: bool | None = None
        if calendar.is_workday(day) != (day.weekday() < 5):
            rest = not calendar.is_workday(day)
        found[day] = DayMark(words, rest)
    return found


def _item(one: Appointment) -> CalendarItem:
    status = known_choice(VisitStatus, one.status)
    purpose = _(known_choice(VisitPurpose, one.purpose).label)  # type: ignore[attr-defined]
    done = status == VisitStatus.HELD
    title = one.customer or one.subject or purpose
    words = " · ".join(filter(None, (purpose, one.place)))
    kind = _KINDS.get(status, "accent")  # type: ignore[call-overload]
    return CalendarItem(one.id, one.start, one.end, title, words, kind, done, fixed=status in agenda.ENDED_VISITS)
