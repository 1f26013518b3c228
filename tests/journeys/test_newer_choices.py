"""Choices that only a newer head office knows: every page that tells them shows them as they came."""

import datetime as dt
from typing import Any

from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from insuragent.models import Complaint, Customer, Visit
from insuragent.services import agenda, complaints, printing
from insuragent.ui.main_window import MainWindow
from insuragent.ui.shell import Opened
from tests.journeys.hands import all_words, wait


def bring(root: Root) -> tuple[Customer, Visit, Complaint]:
    """A customer with a visit today and an open complaint, each with words of its own."""
    assert root.desk is not None
    noon = dt.datetime.combine(dt.datetime.now(SHANGHAI).date(), dt.time(12), SHANGHAI)
    with root.desk.begin() as work:
        who = work.add(Customer(name="王建国"))
        visit = work.add(
            Visit(
                customer_id=who.id,
                planned_start=noon,
                planned_end=noon + dt.timedelta(hours=1),
                purpose="house_warming",
                status="in_orbit",
                next_due=noon.date(),
                next_action="send_flowers",
            )
        )
        told = {"complainant_name": "王建国", "contact": "13800000001", "channel": "phone", "category": "other"}
        taken = complaints.receive(work, told | {"customer_id": who.id, "facts": "没有说清"})
        taken.category, taken.severity, taken.state = "weather", "S0", "paused"
        taken.first_response_at = work.now
    return who, visit, taken


def test_pages_show_what_they_do_not_know(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Today, the calendar's panel, the complaints and the customer's file: no page fails, and none is silent."""
    who, visit, complaint = bring(root)
    today: Any = window.go("today")
    today.refresh()
    wait(qtbot, lambda: {"in_orbit", "house_warming"} <= set(all_words(today).split()))
    assert "send_flowers" in all_words(today)
    calendar: Any = window.go("calendar", visit.id)
    wait(qtbot, lambda: "house_warming" in all_words(calendar))
    listed: Any = window.go("complaints")
    wait(qtbot, lambda: all(word in all_words(listed) for word in ("weather", "S0", "paused")))
    file: Any = window.go("customers", Opened("visit", visit.id, who.id))
    wait(qtbot, lambda: "in_orbit" in all_words(file))
    window.go("customers", Opened("complaint", complaint.id, who.id))
    wait(qtbot, lambda: all(word in all_words(file) for word in ("weather", "paused")))


def test_papers_print_what_they_do_not_know(root: Root, window: MainWindow) -> None:
    """The plan of a day and a customer's file are made all the same."""
    who, visit, _complaint = bring(root)
    assert root.desk is not None
    with root.desk.begin() as work:
        day = visit.planned_start.astimezone(SHANGHAI).date()
        assert "王建国：send_flowers" in [one.text for one in agenda.reminders(work, day)]
        assert printing.day_plan(work, day).data.startswith(b"%PDF")
        assert printing.customer_file(work, who.id).data.startswith(b"%PDF")
