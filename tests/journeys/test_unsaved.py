"""What is typed is never lost: kept before every change of what is shown, offered again, and taken back when saved."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from insuragent.models import Complaint, Customer, FamilyMember, Visit
from insuragent.models.visit import VisitStatus
from insuragent.services import agenda, complaints, customers, drafts
from insuragent.services import desk as desks
from insuragent.services.drafts import Kept
from insuragent.ui.dialogs import Question
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import PASSPHRASE, all_of, all_words, press_in_note, wait

Ctrl = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def customer(root: Root, window: MainWindow) -> Customer:
    """A customer of seventy."""
    assert root.desk is not None
    with root.desk.begin() as work:
        return customers.create(work, {"name": "王𬭎", "mobile": "13800138000", "birth_date": dt.date(1956, 5, 1)})


def kept(root: Root) -> list[Kept]:
    """Every draft."""
    assert root.desk is not None
    with root.desk.read() as work:
        return drafts.all_kept(work)


def planned(root: Root, customer: Customer | None, hour: int) -> Visit:
    """A visit of today."""
    assert root.desk is not None
    start = dt.datetime.now(SHANGHAI).replace(hour=hour, minute=0, second=0, microsecond=0)
    values = {"customer_id": customer and customer.id, "purpose": "care", "planned_start": start}
    with root.desk.begin() as work:
        return agenda.plan(work, values | {"planned_end": start + dt.timedelta(hours=1)})


# --- from the customer's file ----------------------------------------------------------------------------------------


def test_a_visit_is_planned_from_the_customers_file(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """The form opens with the customer in it; saved, the visit hangs on him."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    page.file.visits.show_customer(customer.id)
    page.file.visits.add()
    calendar: Any = window.made("calendar")
    assert window.page == "calendar"
    who = calendar.side.form.editors["customer_id"]
    wait(qtbot, lambda: who.line.text() == "王𬭎")
    calendar.side.form.take({"purpose": "care"})
    calendar.side.save()
    wait(qtbot, lambda: all_of(root, Visit))
    assert all_of(root, Visit)[0].customer_id == customer.id


def test_a_complaint_is_begun_from_the_customers_file(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """Customer and name are there; misleading somebody of sixty or more is graver (story S18)."""
    page: Any = window.go("complaints", ("customer", customer.id))
    wait(qtbot, lambda: page.form.editors["complainant_name"].value() == "王𬭎")
    assert not page.form.dirty
    page.form.take({"contact": "13800138000", "category": "sale_mislead", "facts": "说是存款"})
    page.save()
    wait(qtbot, lambda: all_of(root, Complaint))
    taken = all_of(root, Complaint)[0]
    assert (taken.customer_id, str(taken.severity)) == (customer.id, "S2")


@pytest.mark.parametrize("told", [False, True])
def test_a_long_story_is_received_when_it_is_taken_down(
    root: Root, window: MainWindow, qtbot: QtBot, told: bool
) -> None:
    """Whoever listens and types for minutes is not asked why; whoever tells an earlier time is (requirement R1.5b)."""
    begun = dt.datetime.now(dt.UTC).replace(second=30, microsecond=0)
    page: Any = window.go("complaints")
    values = {"complainant_name": "赵丽", "contact": "13800138000", "channel": "face", "category": "premium"}
    values |= {"facts": "扣费时间不对"}
    with time_machine.travel(begun):
        page.new_complaint()
        page.form.take(values | ({"received_at": begun - dt.timedelta(hours=1)} if told else {}))
    with time_machine.travel(begun + dt.timedelta(minutes=8)):
        page.save()
        if not told:
            wait(qtbot, lambda: all_of(root, Complaint))
    assert bool(page.findChildren(Question)) == told
    received = [one.received_at for one in all_of(root, Complaint)]
    assert received == ([] if told else [begun.replace(second=0) + dt.timedelta(minutes=8)])


def test_a_customer_is_picked_by_pinyin(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """As typed, those who fit are offered; the one chosen gives his name, and his link to the record."""
    page: Any = window.go("complaints")
    who = page.form.editors["customer_id"]
    who.line.setText("wang")
    wait(qtbot, lambda: who.found)
    assert "王𬭎  138****8000" in who._words.stringList()
    assert who.value() == "wang"
    page.save()
    wait(qtbot, lambda: "请从找到的记录中选择" in page.form.problems["customer_id"].text())
    who.choose(0)
    assert who.value() == customer.id
    wait(qtbot, lambda: page.form.editors["complainant_name"].value() == "王𬭎")


# --- the list of complaints ------------------------------------------------------------------------------------------


def test_complaints_are_listed_and_found(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """Open, ended or all; found by pinyin while one types."""
    told = {"contact": "13800000001", "channel": "face", "category": "premium", "facts": "扣费时间不对"}
    assert root.desk is not None
    with root.desk.begin() as work:
        complaints.receive(work, told | {"complainant_name": "赵丽"})
        ended = complaints.receive(work, told | {"complainant_name": "钱明"})
    with root.desk.begin() as work:
        complaints.withdraw(work, ended.id, "签字记录 7")
    page: Any = window.go("complaints")
    wait(qtbot, lambda: "赵丽" in all_words(page.list))
    assert "钱明" not in all_words(page.list)
    for which, (there, absent) in {"ended": ("钱明", "赵丽"), "all": ("赵丽", "—")}.items():
        page.list.which._buttons[which].click()
        wait(qtbot, lambda there=there: there in all_words(page.list))
        wait(qtbot, lambda absent=absent: absent not in all_words(page.list))
    assert page.note.text().startswith("1 ")
    page.list.search.setText("qian")
    wait(qtbot, lambda: "赵丽" not in all_words(page.list) and "钱明" in all_words(page.list))


def test_a_late_answer_does_not_cover_a_new_form(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Whoever begins a new complaint while another is being read keeps the form."""
    told = {"contact": "13800000001", "channel": "face", "category": "premium", "facts": "扣费时间不对"}
    assert root.desk is not None
    with root.desk.begin() as work:
        made = complaints.receive(work, told | {"complainant_name": "赵丽"})
    page: Any = window.go("complaints")
    page.open_complaint(made.id)
    page.new_complaint()
    wait(qtbot, lambda: "赵丽" in all_words(page.list))
    assert page._right.currentIndex() == 0


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_two_complaints_begun_are_two_drafts(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """A new form never takes the place of what was typed; each can be gone on with, and goes when it is saved."""
    page: Any = window.go("complaints")
    for name in ("赵丽", "钱明"):
        page.form.take({"complainant_name": name})
        page.new_complaint()
    wait(qtbot, lambda: len(kept(root)) == 2)
    assert [one.values["complainant_name"] for one in kept(root)] == ["钱明", "赵丽"]
    press_in_note(window, "草稿", "继续填写", qtbot)
    told = {"contact": "13800000001", "category": "premium", "facts": "扣费时间不对"}
    page.form.take(told)
    page.save()
    wait(qtbot, lambda: all_of(root, Complaint))
    wait(qtbot, lambda: len(kept(root)) == 1)


def test_a_summary_outlives_the_look_at_another_visit(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """What came of a visit is kept when another is opened, and offered when one comes back."""
    first, second = planned(root, customer, 9), planned(root, None, 14)
    page: Any = window.go("calendar", first.id)
    wait(qtbot, lambda: page.side.visit_id == first.id)
    page.side.show_result()
    page.side.result.take({"summary": "谈了养老"})
    page.open_visit(second.id)
    wait(qtbot, lambda: page.side.visit_id == second.id)
    assert page.side.result.values()["summary"] is None
    page.open_visit(first.id)
    press_in_note(window, "草稿", "继续填写", qtbot)
    assert page.side.result.values()["summary"] == "谈了养老"


def test_half_a_date_in_a_draft_comes_back_as_typed(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """What cannot be read yet is kept as text: a draft that broke when it is offered would be worse than none."""
    page: Any = window.go("customers")
    page.new_customer()
    page.file.form.take({"name": "赵丽", "birth_date": "1990-0"})
    page.file.save_draft()
    page.file.new_customer()
    press_in_note(window, "草稿", "继续填写", qtbot)
    assert page.file.form.values()["birth_date"] == "1990-0"


def test_drafts_are_told_after_unlocking_and_gone_on_with(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """A note after the door; each on Today with its way back to where it was typed, of family too."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    page.file._tabs.setCurrentWidget(page.file.family)
    page.file.family.add()
    page.file.family.form.take({"name": "李梅", "relation": "spouse"})
    window.lock()
    wait(qtbot, lambda: root.desk is None)
    assert root.door is not None
    opened = root.open_window(desks.unlock(root.profile, PASSPHRASE))
    press_in_note(opened, "1 份没有保存的草稿", "查看", qtbot)
    today: Any = opened.made("today")
    wait(qtbot, lambda: "李梅" in all_words(today))
    next(b for b in today.findChildren(QPushButton) if b.text() == "继续填写").click()
    again: Any = opened.made("customers")
    wait(qtbot, lambda: again.file.family.form.values().get("name") == "李梅")
    again.file.save()
    wait(qtbot, lambda: all_of(root, FamilyMember))
    wait(qtbot, lambda: not kept(root))


# --- undo ------------------------------------------------------------------------------------------------------------


def test_a_visit_that_was_moved_goes_back(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """By the note, and by Ctrl+Z; what was planned by mistake is archived, and comes back."""
    visit = planned(root, customer, 10)
    page: Any = window.go("calendar")
    later = visit.planned_start + dt.timedelta(hours=3)
    page.grid.moved.emit(visit.id, later, later + dt.timedelta(hours=2))
    press_in_note(window, "已改期", "撤销", qtbot)
    wait(qtbot, lambda: all_of(root, Visit)[0].planned_start == visit.planned_start)
    page.grid.moved.emit(visit.id, later, later + dt.timedelta(hours=2))
    wait(qtbot, lambda: all_of(root, Visit)[0].planned_start == later)
    wait(qtbot, lambda: len(window.context.edits._made) == 1)
    QTest.keyClick(window, Qt.Key.Key_Z, Ctrl)
    wait(qtbot, lambda: all_of(root, Visit)[0].planned_start == visit.planned_start)
    page.side.show_new(later, later + dt.timedelta(hours=1))
    page.side.form.take({"purpose": "care"})
    page.side.save()
    press_in_note(window, "已保存", "撤销", qtbot)
    wait(qtbot, lambda: all_of(root, Visit)[1].archived_at)
    press_in_note(window, "已归档", "恢复", qtbot)
    wait(qtbot, lambda: not all_of(root, Visit)[1].archived_at)


def test_edits_go_back_one_after_the_other(root: Root, window: MainWindow, customer: Customer, qtbot: QtBot) -> None:
    """Twice changed, twice taken back; then there is nothing more, and that is said."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    for unit in ("东方小学", "西方小学"):
        page.file.form.take({"work_unit": unit})
        page.file.save()
        wait(qtbot, lambda unit=unit: all_of(root, Customer)[0].work_unit == unit)
        wait(qtbot, lambda: not page.file.form.dirty)
    for unit in ("东方小学", None):
        window.undo()
        wait(qtbot, lambda unit=unit: all_of(root, Customer)[0].work_unit == unit)
    window.undo()
    assert "没有可以撤销的修改" in window.toaster.texts


def test_typing_goes_back_before_what_was_saved(
    root: Root, window: MainWindow, customer: Customer, qtbot: QtBot
) -> None:
    """Ctrl+Z in a form takes back its fields first."""
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.form.record_id == customer.id)
    page.file.form.take({"work_unit": "东方小学"})
    window.show()
    window.activateWindow()
    page.file.form.editors["work_unit"].widget.setFocus()
    wait(qtbot, page.file.form.editors["work_unit"].widget.hasFocus)
    QTest.keyClick(page.file.form.editors["work_unit"].widget, Qt.Key.Key_Z, Ctrl)
    wait(qtbot, lambda: page.file.form.values()["work_unit"] is None)
    assert not page.file.form.dirty


def test_a_step_of_a_complaint_goes_back(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """A withdrawal entered on the wrong complaint is open again, until head office has it."""
    told = {"contact": "13800000001", "channel": "face", "category": "premium", "facts": "扣费时间不对"}
    assert root.desk is not None
    with root.desk.begin() as work:
        made = complaints.receive(work, told | {"complainant_name": "赵丽"})
    page: Any = window.go("complaints", made.id)
    page.view._do(complaints.withdraw, made.id, "签字记录 7")
    wait(qtbot, lambda: all_of(root, Complaint)[0].state == "withdrawn")
    press_in_note(window, "已保存", "撤销", qtbot)
    wait(qtbot, lambda: all_of(root, Complaint)[0].state == "captured")
    assert all_of(root, Complaint)[0].progress == []


def test_a_cancelled_visit_comes_back(root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: Any) -> None:
    """Cancelled by Delete and a yes; the note brings it back."""
    visit = planned(root, None, 10)
    page: Any = window.go("calendar")
    monkeypatch.setattr("insuragent.ui.dialogs.ask", lambda parent, title, text, then, **_rest: then())
    page.grid.cancel_requested.emit(visit.id)
    wait(qtbot, lambda: all_of(root, Visit)[0].status == VisitStatus.CANCELLED)
    press_in_note(window, "已取消", "撤销", qtbot)
    wait(qtbot, lambda: all_of(root, Visit)[0].status == VisitStatus.PLANNED)
