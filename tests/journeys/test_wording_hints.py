"""What the phrase rules say stands below the field while it is filled in, and in a note after it was saved (R7.2a)."""

import datetime as dt
from typing import Any

from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Complaint, Customer, Visit
from insuragent.services import agenda
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import newest, wait
from tests.journeys.test_customer_file import customer as customer
from tests.journeys.test_customer_file import file as file
from tests.services.test_stories import CAPTURE

START = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)


def noted(window: MainWindow, words: str) -> bool:
    """Whether a note at the window's edge says so."""
    return any(words in toast.text for toast in window.toaster._toasts)


def test_a_remark_is_kept_with_a_hint(
    root: Root, window: MainWindow, file: Any, customer: Customer, qtbot: QtBot
) -> None:
    """What a customer owns is told below the field, and saved; without the word the hint is gone."""
    form = file.form
    hint = form.hints.labels["remark"]
    form.take({"remark": "有存款五十万"})
    form.check("remark")
    wait(qtbot, lambda: not hint.isHidden())
    assert "存款（与存款等混同或简单对比" in hint.text()
    assert form.problems["remark"].isHidden()
    file.save()
    wait(qtbot, lambda: newest(root, Customer).remark == "有存款五十万")
    wait(qtbot, lambda: noted(window, "照实记录即可"))
    form.take({"remark": "常联系"})
    form.check("remark")
    assert hint.isHidden()


def test_words_of_a_sale_are_refused_where_they_are_typed(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """The field is marked with word, reason and law before anything is saved; a customer's own words are not read."""
    assert root.desk is not None
    with root.desk.begin() as work:
        told = {"purpose": "explain", "planned_start": START, "planned_end": START + dt.timedelta(hours=1)}
        visit = agenda.plan(work, told | {"customer_id": customer.id})
    page: Any = window.go("calendar", visit.id)
    panel = page.side
    wait(qtbot, lambda: panel.visit_id == visit.id)
    panel.show_result()
    form = panel.result
    assert "customer_words" not in form.hints.labels
    form.take({"outcome": "think", "next_action": "none", "late_reason": "补录", "summary": "讲了保本"})
    form.check("summary")
    wait(qtbot, lambda: "违规用语：保本（承诺本金或收益" in form.problems["summary"].text())
    form.take({"summary": "讲了最好的方案"})
    form.check("summary")
    wait(qtbot, lambda: "请斟酌用语：最好" in form.hints.labels["summary"].text())
    assert form.problems["summary"].isHidden()
    panel.save()
    wait(qtbot, lambda: newest(root, Visit).summary == "讲了最好的方案")
    wait(qtbot, lambda: noted(window, "请斟酌用语：最好"))


def test_a_complaint_is_taken_down_in_any_words(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """The hint says to keep them as they fell; the complaint is there."""
    page: Any = window.go("complaints")
    page.form.take(CAPTURE | {"facts": "业务员说保本，还返现"})
    page.form.check("facts")
    wait(qtbot, lambda: "照实记录即可" in page.form.hints.labels["facts"].text())
    page.save()
    wait(qtbot, lambda: newest(root, Complaint))
    assert newest(root, Complaint).facts == "业务员说保本，还返现"
    wait(qtbot, lambda: noted(window, "返现（给予合同外利益"))
