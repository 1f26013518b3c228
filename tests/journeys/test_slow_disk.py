"""On a slow disk: what is saved is saved once; what is typed before the store answers is neither lost nor covered."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Complaint, Customer, FamilyMember, Sheet, Visit
from insuragent.services import customers
from insuragent.ui.forms import RecordForm
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import all_of, wait
from tests.journeys.test_field_day import a_customer
from tests.journeys.test_unsaved import kept

COMPLAINT = {"complainant_name": "赵丽", "contact": "13800000001", "category": "premium", "facts": "扣费时间不对"}

Place = tuple[RecordForm, Callable[[], object], dict[str, Any]]


@contextmanager
def stalled(window: MainWindow, qtbot: QtBot) -> Iterator[None]:
    """The store answers nothing within the block, and everything after it."""
    tasks, gate = window.context.tasks, threading.Event()
    tasks.run(window, lambda _work: gate.wait(20))
    try:
        yield
    finally:
        gate.set()
    wait(qtbot, lambda: tasks.idle)


def place(root: Root, window: MainWindow, qtbot: QtBot, kind: type[Any]) -> Place:
    """The form for a new record of a kind, its saving, and what may be typed into it."""
    page: Any
    match kind.kind():
        case "customer":
            page = window.go("customers")
            page.new_customer()
            return page.file.form, page.file.save, {"name": "李雷"}
        case "visit":
            page = window.go("calendar")
            page.new_visit()
            return page.side.form, page.side.save, {"purpose": "care", "subject": "家访"}
        case "complaint":
            page = window.go("complaints")
            page.new_complaint()
            return page.form, page.save, COMPLAINT
        case _:
            assert root.desk is not None
            with root.desk.begin() as work:
                customer = customers.create(work, {"name": "王𬭎"})
            page = window.go("customers", customer.id)
            wait(qtbot, lambda: page.file.form.record_id == customer.id)
            tab = page.file.family
            page.file._tabs.setCurrentWidget(tab)
            wait(qtbot, lambda: tab.customer_id == customer.id)
            tab.add()
            return tab.form, tab.save, {"relation": "spouse", "name": "李雷"}


@pytest.mark.parametrize("kind", [Customer, Visit, Complaint, FamilyMember])
def test_a_second_click_makes_no_second_record(root: Root, window: MainWindow, qtbot: QtBot, kind: type[Any]) -> None:
    """Whoever clicks twice because nothing seems to happen has one record; afterwards saving works as before."""
    form, save, told = place(root, window, qtbot, kind)
    before = len(all_of(root, kind))
    with stalled(window, qtbot):
        form.take(told)
        save()
        save()
    assert len(all_of(root, kind)) == before + 1
    assert not form.saving.under_way
    assert kept(root) == []


def test_a_second_click_makes_no_second_sheet(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Each sheet has a number of its own, which would be spent for nothing; the next sheet is made as before."""
    who = a_customer(root, birth_date=dt.date(1986, 5, 1), gender="M")
    page: Any = window.go("sheets", ("customer", who.id))
    wait(qtbot, lambda: page.case.customer is not None)
    page.case.choose_product("DEMO-PWL")
    with stalled(window, qtbot):
        page.make()
        page.make()
    assert len(all_of(root, Sheet)) == 1
    page.make()
    wait(qtbot, lambda: len(all_of(root, Sheet)) == 2)
    wait(qtbot, lambda: window.context.tasks.idle)


@pytest.mark.parametrize(("kind", "name"), [(Customer, "remark"), (Visit, "place_text"), (FamilyMember, "name")])
def test_what_is_typed_meanwhile_is_still_to_be_saved(
    root: Root, window: MainWindow, qtbot: QtBot, kind: type[Any], name: str
) -> None:
    """It stands in the form of the record that was made, unsaved, and the next save takes it."""
    form, save, told = place(root, window, qtbot, kind)
    before = len(all_of(root, kind))
    with stalled(window, qtbot):
        form.take(told)
        save()
        form.take({name: "爱喝茶"})
    made = all_of(root, kind)[-1]
    assert (form.record_id, form.changes(), form.dirty) == (made.id, {name: "爱喝茶"}, True)
    save()
    wait(qtbot, lambda: getattr(all_of(root, kind)[-1], name) == "爱喝茶")
    wait(qtbot, lambda: window.context.tasks.idle)
    assert len(all_of(root, kind)) == before + 1
    assert (form.dirty, kept(root)) == (False, [])


@pytest.mark.parametrize("kind", [Customer, Visit, Complaint])
def test_an_answer_does_not_cover_what_was_opened_meanwhile(
    root: Root, window: MainWindow, qtbot: QtBot, kind: type[Any]
) -> None:
    """A new form that is begun right after a save stays as it was typed; no draft of the saved one is left."""
    form, save, told = place(root, window, qtbot, kind)
    with stalled(window, qtbot):
        form.take(told)
        save()
        place(root, window, qtbot, kind)
        form.take(told)
    assert len(all_of(root, kind)) == 1
    assert form.isVisibleTo(window)
    assert (form.record_id, form.dirty) == (None, True)
    assert {name: form.changes()[name] for name in told} == told
    assert kept(root) == []
