"""The calendar: a week or a day of visits, made, moved and stretched by mouse and keys."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from insuragent.errors import InsuragentError
from insuragent.i18n import SHANGHAI, _, format_date, format_weekday, language
from insuragent.models import Visit
from insuragent.models.fields import choice_words
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.services import agenda, catalogue, printing, records
from insuragent.services.agenda import Appointment
from insuragent.services.drafts import Kept
from insuragent.ui import dialogs
from insuragent.ui.calendar_grid import CalendarGrid
from insuragent.ui.calendar_layout import CalendarItem, DayMark
from insuragent.ui.layout import column
from insuragent.ui.pages.base import Page
from insuragent.ui.parts import looks
from insuragent.ui.parts.visit_panel import VisitPanel
from insuragent.ui.shell import Context, Opened
from insuragent.ui.shortcuts import action
from insuragent.ui.splits import split
from insuragent.ui.widgets import Segments, button, card, tool_button


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
        self.side = VisitPanel(context)
        self.side.saved.connect(self._on_saved)
        self.side.hide()
        self._halves = split(context.settings, "calendar", (680, 440), card(column(self.grid), margins=1), self.side)
        self.body.addWidget(self._halves, 1)
        # After the grid, from which Tab goes on: what stood before it would be passed over.
        self.tools.addWidget(tool_button("chevron-left", _("前一段"), lambda: self._turn(-1)))
        self.tools.addWidget(button(_("今天"), lambda: self._turn(0)))
        self.tools.addWidget(tool_button("chevron-right", _("后一段"), lambda: self._turn(1)))
        self.tools.addWidget(segments)
        self.tools.addWidget(tool_button("printer", _("打印当天安排"), self.print_day))
        self.tools.addWidget(button(_("新建拜访"), self.new_visit, icon="plus", kind="primary"))
        action(self, _("新建拜访"), "Ctrl+N", self.new_visit, icon="plus")
        action(self, _("保存"), "Ctrl+S", self.side.save, icon="save")
        action(self, _("打印当天安排"), "Ctrl+P", self.print_day, icon="printer")
        self.setFocusProxy(self.grid)
        self._show_days(7)

    def refresh(self) -> None:
        start = dt.datetime.combine(self.first, dt.time(), SHANGHAI)
        task = self.context.tasks.run(self, agenda.appointments, start, start + dt.timedelta(days=self.days))
        task.then(self._show)

    def show_target(self, target: Any) -> None:
        """Open a visit by id, a new one for ("customer", id or None), or one that was left unsaved by its draft."""
        match target:
            case uuid.UUID() | Opened():
                self.open_visit(target.record_id if isinstance(target, Opened) else target)
            case ("customer", customer_id):
                self.new_visit(customer_id)
            case Kept(record_id=None):
                self.new_visit()
                self.side.go_on(target)
            case Kept(record_id=visit_id) if visit_id is not None:
                task = self.context.tasks.run(self, records.get, Visit, visit_id)
                task.then(self._show_visit).then(lambda _shown: self.side.go_on(target)).failed(self.complain)

    def save_draft(self) -> None:
        """Keep what is typed."""
        self.side.save_draft()

    def new_visit(self, customer_id: uuid.UUID | None = None) -> None:
        """A visit at the next full hour."""
        hour = dt.datetime.now(SHANGHAI).replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
        self.side.show_new(hour, hour + dt.timedelta(hours=1), customer_id)

    def open_visit(self, visit_id: uuid.UUID) -> None:
        """Show a visit beside the grid; one that is being typed about stays as it is."""
        if visit_id == self.side.visit_id and self.side.dirty:
            self.side.show()
            return
        self.context.tasks.run(self, records.get, Visit, visit_id).then(self._show_visit).failed(self.complain)

    def _show_visit(self, visit: Visit) -> None:
        """Show a visit, and in the grid the days that it lies in."""
        day = visit.planned_start.astimezone(SHANGHAI).date()
        if not self.first <= day < self.first + dt.timedelta(days=self.days):
            self.first = day
            self._show_days(self.days)
        self.side.show_visit(visit)

    def print_day(self) -> None:
        """Print the plan of the day shown; of a week, that of today or of its first day."""
        today = dt.datetime.now(SHANGHAI).date()
        shown = self.first <= today < self.first + dt.timedelta(days=self.days)
        self.print_pages(printing.day_plan, today if shown else self.first)

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
        self.note.setText(_span(self.first, days))
        self.refresh()

    def _show(self, found: list[Appointment]) -> None:
        self.grid.show_items([_item(one) for one in found])

    def _on_created(self, start: dt.datetime, end: dt.datetime) -> None:
        self.side.show_new(start, end)

    def _on_saved(self, visit: Visit) -> None:
        self.context.edits.tell(visit)
        self._look_for_overlaps(visit)

    def _on_moved(self, visit_id: uuid.UUID, start: dt.datetime, end: dt.datetime) -> None:
        task = self.context.tasks.run(self, agenda.move, visit_id, start, end)
        task.then(self._on_rescheduled).failed(self._on_refused)

    def _on_rescheduled(self, visit: Visit) -> None:
        self.context.edits.tell(visit, _("已改期"))
        self._look_for_overlaps(visit)

    def _look_for_overlaps(self, visit: Visit) -> None:
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
            task.then(lambda visit: self.context.edits.tell(visit, _("已取消"))).failed(self.complain)

        dialogs.ask(self, _("取消拜访"), _("确定取消这次拜访吗？记录会保留。"), cancel)


def _span(first: dt.date, days: int) -> str:
    """The day shown with its weekday, or the first and the last and the number of the week."""
    if days == 1:
        return f"{format_date(first)} {format_weekday(first)}"
    last = first + dt.timedelta(days=days - 1)
    week = _("第 {n} 周").format(n=first.isocalendar().week)
    until = format_date(last) if last.year != first.year else f"{last:%m-%d}"
    return f"{format_date(first)} – {until} · {week}"


def marks(first: dt.date, days: int) -> dict[dt.date, DayMark]:
    """Lunar days, festivals, rest days and make-up workdays for the heads."""
    from lunar_python import Solar  # needed by the calendar alone

    calendar = catalogue.policy().calendar
    found = {}
    for day in (first + dt.timedelta(days=n) for n in range(days)):
        lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        told = lunar.getJieQi() or "".join(lunar.getFestivals()[:1])[:4] or lunar.getDayInChinese()
        # The lunar calendar has Chinese words alone.
        words = told if language() == "zh" else ""
        rest: bool | None = None
        if calendar.is_workday(day) != (day.weekday() < 5):
            rest = not calendar.is_workday(day)
        found[day] = DayMark(words, rest)
    return found


def _item(one: Appointment) -> CalendarItem:
    status, purpose = one.status, choice_words(VisitPurpose, one.purpose)
    done = status == VisitStatus.HELD
    title = one.customer or one.subject or purpose
    words = " · ".join(filter(None, (purpose, one.place)))
    kind = looks.VISIT.get(status, "accent")
    return CalendarItem(one.id, one.start, one.end, title, words, kind, done, fixed=status in agenda.ENDED_VISITS)
