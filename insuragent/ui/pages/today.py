"""Today: who is to be visited, what is due, which clocks run, what waits for head office."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from insuragent.i18n import N_, SHANGHAI, _, format_moment, format_weekday
from insuragent.models import RECORDS
from insuragent.models.fields import choice_words
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.services import drafts, handovers, today
from insuragent.services.agenda import ENDED_VISITS, Appointment, Reminder
from insuragent.services.complaints import Open
from insuragent.services.drafts import Kept
from insuragent.services.syncing import Contested
from insuragent.services.today import Day
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.charts import BarChart, Series
from insuragent.ui.layout import column, host, row
from insuragent.ui.pages.base import Page
from insuragent.ui.parts import looks
from insuragent.ui.parts.lists import ListArea, refill, remaining
from insuragent.ui.shell import Context
from insuragent.ui.splits import Columns, split
from insuragent.ui.widgets import EmptyState, KpiCard, ShortLabel, button, card, chip, label

#: A visit that stands so is not to come any more.
_BEGUN = (VisitStatus.STARTED, *ENDED_VISITS)
_LISTED = 8
#: So many rows are made when all is asked for.
_MOST = 300
#: Where a record of a kind is filled in, and by which field a draft is told from another.
_FILLED_IN = {
    "customer": "customers",
    "family_member": "customers",
    "needs_analysis": "customers",
    "visit": "calendar",
    "complaint": "complaints",
}
_NAMES = ("name", "complainant_name", "subject", "summary")


class TodayPage(Page):
    """The first page of the day."""

    kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("工作台"))
        self._whole = False
        self._visits_card = KpiCard(_("今日拜访"), "calendar-days", "accent", clickable=True)
        self._due_card = KpiCard(_("提醒"), "bell", "warn", clickable=True)
        self._complaints_card = KpiCard(_("投诉待处理"), "message-square-warning", "bad", clickable=True)
        self._pending_card = KpiCard(_("待同步"), "refresh-cw", "ok", clickable=True)
        for shown, page in (
            (self._visits_card, "calendar"),
            (self._complaints_card, "complaints"),
            (self._pending_card, "syncing"),
        ):
            shown.clicked.connect(lambda page=page: context.go(page))
        self._due_card.clicked.connect(self.show_reminders)
        cards = (self._visits_card, self._due_card, self._complaints_card, self._pending_card)
        self.body.addWidget(Columns(*cards))
        self._chart = BarChart(_("近两周完成的拜访"), unit=_("次"), empty=_("还没有完成的拜访"))
        self._route = column(spacing=8)
        self._due = column(spacing=8)
        self._due_area = scrolled(self._due, ListArea)
        route_area = scrolled(self._route, ListArea)
        for area, name in ((self._due_area, _("到期与提醒")), (route_area, _("今天的安排"))):
            area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            area.setAccessibleName(name)
        left_side = column((self._titled(_("近两周完成的拜访"), self._chart), 1), spacing=12)
        right_side = column(
            (self._titled(_("今天的安排"), route_area), 1),
            (self._titled(_("到期与提醒"), self._due_area), 1),
            spacing=12,
        )
        self.body.addWidget(split(context.settings, "today", (660, 440), host(left_side), host(right_side)), 1)
        self._minute = QTimer(self, interval=60_000)
        self._minute.timeout.connect(self.refresh)
        self._minute.start()
        self.refresh()

    def refresh(self) -> None:
        self.context.tasks.run(self, today.day).then(self._show)

    def show_target(self, target: object) -> None:
        """Open at the reminders, the one thing here that is asked for by name."""
        self.show_reminders()

    def show_reminders(self) -> None:
        """Go to what is due: every line of it, the first button in focus."""
        self._whole = True
        self.context.tasks.run(self, today.day).then(self._show).then(lambda _facts: self._go_to_due())

    def _go_to_due(self) -> None:
        first = next(iter(self._due_area.findChildren(QPushButton)), None)
        (first or self._due_area).setFocus(Qt.FocusReason.TabFocusReason)

    def _titled(self, title: str, content: QWidget) -> QWidget:
        return card(column(label(title, "h2"), (content, 1), spacing=8))

    def _show(self, facts: Day) -> None:
        now = dt.datetime.now(SHANGHAI)
        self.heading.setText(_greeting(now.hour))
        self.note.setText(f"{facts.today.isoformat()} {format_weekday(facts.today)}")
        self._show_cards(facts, now)
        days = [f"{day.month}-{day.day}" for day, _count in facts.held]
        counts = [float(count) for _day, count in facts.held]
        self._chart.show_data(days if any(counts) else (), [Series(_("完成的拜访"), counts if any(counts) else ())])
        refill(self._route, [self._visit_row(one) for one in facts.visits[:_LISTED]] or [self._no_visits()])
        due: list[Callable[[], QWidget]] = []
        due += [partial(self._handed_over_row, len(facts.handed_over))] if facts.handed_over else []
        due += [partial(self._conflict_row, one) for one in facts.conflicts]
        due += [partial(self._draft_row, one) for one in facts.drafts]
        due += [partial(self._complaint_row, one, now) for one in facts.complaints]
        due += [partial(self._reminder_row, one, facts.today) for one in facts.reminders if one.kind != "complaint"]
        # Only what is shown is made: a desk of many customers has thousands of birthdays and age steps.
        shown = _MOST if self._whole else 2 * _LISTED
        rows = [make() for make in due[:shown]]
        if len(due) > shown:
            words = _("还有 {n} 项").format(n=len(due) - shown)
            rows.append(label(words, "muted") if self._whole else button(words, self.show_reminders, kind="link"))
        refill(self._due, rows or [EmptyState("circle-check", _("没有到期的事项"))])

    def _show_cards(self, facts: Day, now: dt.datetime) -> None:
        coming = [one for one in facts.visits if one.start > now and one.status not in _BEGUN]
        following = _("下一场 {time} {who}").format(
            time=coming[0].start.astimezone(SHANGHAI).strftime("%H:%M"), who=coming[0].customer
        ) if coming else _("今天没有后续安排")  # fmt: skip
        self._visits_card.show_value(str(len(facts.visits)), following)
        overdue = sum(one.due < facts.today for one in facts.reminders)
        self._due_card.show_value(
            str(len(facts.reminders)),
            _("{n} 项已过期").format(n=overdue) if overdue else _("没有过期的"),
            kind="bad" if overdue else "",
        )
        first = facts.complaints[0] if facts.complaints else None
        words, kind = remaining(first.first_response_due, now) if first and not first.first_response_at else ("", "")
        self._complaints_card.show_value(str(len(facts.complaints)), words or _("首次响应都已完成"), kind=kind)
        open_ones = len(facts.conflicts)
        conflicts = _("{n} 处冲突待选择").format(n=open_ones) if open_ones else _("保存在本机，已加密")
        self._pending_card.show_value(str(facts.pending), conflicts, kind="bad" if facts.conflicts else "")

    def _visit_row(self, one: Appointment) -> QWidget:
        times = f"{one.start.astimezone(SHANGHAI):%H:%M}–{one.end.astimezone(SHANGHAI):%H:%M}"
        title = one.customer or one.subject or _("（无客户）")
        words = " · ".join(filter(None, (choice_words(VisitPurpose, one.purpose), one.place)))
        state = chip(choice_words(VisitStatus, one.status), looks.VISIT.get(one.status, "accent"))
        opened = button(_("打开"), lambda: self.context.go("calendar", one.id), kind="link")
        text = _two_lines(title, words)
        return host(row(label(times, "muted"), (text, 1), state, opened))

    def _complaint_row(self, one: Open, now: dt.datetime) -> QWidget:
        answered = one.first_response_at is not None
        clock = [] if answered else [chip(*remaining(one.first_response_due, now))]
        text = _two_lines(one.number, " · ".join(filter(None, (one.name, _("已首次响应") if answered else ""))))
        opened = button(_("打开"), lambda: self.context.go("complaints", one.id), kind="link")
        return host(row(chip(_("投诉"), "bad"), (text, 1), *clock, opened))

    def _handed_over_row(self, count: int) -> QWidget:
        words = label(_("{n} 位客户移交给您").format(n=count), wrap=True)
        return host(row(chip(_("移交"), "violet"), (words, 1), button(_("查看"), self.show_handed_over, kind="link")))

    def show_handed_over(self) -> None:
        """Show the customers who were handed over; they have been looked at then."""
        task = self.context.tasks.run(self, handovers.look)
        task.then(lambda found: self.context.go("customers", tuple(found))).then(lambda _found: self.refresh())

    def _conflict_row(self, one: Contested) -> QWidget:
        text = column(
            label(one.title, wrap=True), label(_("{field} 两边不同").format(field=one.label), "cap"), spacing=0
        )
        opened = button(_("去选择"), lambda: self.context.go("syncing", one.record_id), kind="link")
        return host(row(chip(_("冲突"), "warn"), (text, 1), opened))

    def _draft_row(self, one: Kept) -> QWidget:
        known = RECORDS[one.kind]
        name = next((str(one.values[name]) for name in _NAMES if one.values.get(name)), "")
        words = (
            format_moment(one.at)
            if one.record_id is None
            else _("{moment} 的修改").format(moment=format_moment(one.at))
        )
        text = column(label(" ".join(filter(None, (_(known.label), name))), wrap=True), label(words, "cap"), spacing=0)
        go_on = button(_("继续填写"), lambda: self.context.go(_FILLED_IN[one.kind], one), kind="link")
        return host(
            row(
                chip(_("草稿"), "accent"),
                (text, 1),
                go_on,
                button(_("丢弃"), lambda: self._ask_discard(one), kind="link"),
            )
        )

    def _ask_discard(self, one: Kept) -> None:
        def discard() -> None:
            self.context.tasks.run(self, drafts.discard, one.form).then(lambda _done: self.refresh())

        dialogs.ask(self, _("丢弃草稿"), _("没有保存的内容将被删除。"), discard, yes=_("丢弃"), danger=True)

    def _reminder_row(self, one: Reminder, day: dt.date) -> QWidget:
        kind = "bad" if one.due < day else "warn" if one.due == day else "neutral"
        pages = {"customer": "customers", "visit": "calendar"}
        parts: list[object] = [chip(f"{one.due.month}-{one.due.day:02d}", kind), (label(one.text, wrap=True), 1)]
        if one.kind in pages:
            parts.append(button(_("打开"), lambda: self.context.go(pages[one.kind], one.record_id), kind="link"))
        return host(row(*parts))  # type: ignore[arg-type]

    def _no_visits(self) -> QWidget:
        return EmptyState(
            "calendar-plus",
            _("今天没有安排拜访"),
            _("新建拜访"),
            lambda: self.context.go("calendar", ("customer", None)),
        )


def _two_lines(title: str, words: str) -> QVBoxLayout:
    """What a row is about and a word on it, cut where there is no room."""
    lines = ShortLabel(), ShortLabel("cap")
    for line, text in zip(lines, (title, words), strict=True):
        line.setText(text)
    return column(*lines, spacing=0)


def _greeting(hour: int) -> str:
    words = N_("早上好") if 5 <= hour < 12 else N_("下午好") if 12 <= hour < 18 else N_("晚上好")
    return _(words)
