"""Work beside the window: in order, announced, and never told to who is gone."""

import logging
import threading
import uuid
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from insuragent.errors import UserError
from insuragent.ui.tasks import Progress, Tasks

RECORD = ("customer", uuid.UUID(int=7))


def change(work, result: str = "saved") -> str:
    work.changed.add(RECORD)
    return result


def fail_of_ours(work) -> None:
    work.changed.add(RECORD)
    raise UserError("证件号码不正确")


def fault(work, secret: str) -> None:
    raise ValueError(secret)


def test_the_result_comes_to_the_windows_thread_after_the_commit(tasks: Tasks, works, qtbot) -> None:
    """The slot may touch widgets, and what it reads again is already stored."""
    told: list[tuple[str, bool, bool]] = []
    owner = QObject()

    def slot(result: str) -> None:
        told.append((result, threading.current_thread() is threading.main_thread(), works[0].committed))

    tasks.run(owner, change, "done").then(slot)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [("done", True, True)]


def test_changed_records_are_announced_before_the_slot(tasks: Tasks, qtbot) -> None:
    """Lists refresh from the announcement; the page that saved comes after."""
    order: list[object] = []
    owner = QObject()
    tasks.records_changed.connect(order.append)
    tasks.run(owner, change).then(order.append)
    qtbot.waitUntil(lambda: len(order) == 2)
    assert order == [{RECORD}, "saved"]


def test_a_failed_use_case_announces_nothing_and_tells_why(tasks: Tasks, works, qtbot) -> None:
    """A rollback leaves the lists alone; the page gets the error to show where it arose."""
    owner, errors, ended, announced = QObject(), [], [], []
    tasks.records_changed.connect(announced.append)
    tasks.run(owner, fail_of_ours).then(lambda _result: ended.append("then")).failed(errors.append).ended(
        lambda: ended.append("ended")
    )
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "证件号码不正确"
    assert (ended, announced, works[0].committed) == (["ended"], [], False)


def test_an_error_that_nobody_took_is_raised_to_the_window(tasks: Tasks, qtbot) -> None:
    """Without a failed slot the window shows the error in a dialog."""
    owner = QObject()
    with qtbot.waitSignal(tasks.error_raised) as raised:
        tasks.run(owner, fail_of_ours)
    assert isinstance(raised.args[0], UserError)


def test_a_fault_is_shown_as_ours_and_logged_without_its_words(tasks: Tasks, qtbot, caplog) -> None:
    """A fault reaches the window even past a failed slot; the log names the place and no personal data."""
    owner, taken = QObject(), []
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(tasks.error_raised) as raised:
        tasks.run(owner, fault, "11010119900307002X").failed(taken.append)
    assert isinstance(raised.args[0], ValueError)
    assert taken == []
    assert "ValueError" in caplog.text
    assert "fault" in caplog.text
    assert "11010119900307002X" not in caplog.text


def test_the_result_of_a_deleted_owner_is_dropped(tasks: Tasks, qtbot) -> None:
    """A page closed while it loads is not touched again; what it changed is still announced."""
    owner, told, announced = QObject(), [], []
    gate = threading.Event()
    tasks.records_changed.connect(announced.append)

    def slow(work) -> None:
        gate.wait(5)
        work.changed.add(RECORD)

    tasks.run(owner, slow).then(told.append).ended(lambda: told.append("ended"))
    delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: bool(announced))
    assert told == []


def test_use_cases_run_one_after_another_and_free_work_beside_them(tasks: Tasks, qtbot) -> None:
    """The store has one thread, in the order asked; a slow network does not hold it up."""
    owner, order, gate = QObject(), [], threading.Event()
    names: set[str] = set()

    def use_case(work, number: int) -> int:
        names.add(threading.current_thread().name)
        return number

    tasks.run_free(owner, gate.wait, 5).then(lambda _done: order.append("free"))
    for number in range(5):
        tasks.run(owner, use_case, number).then(order.append)
    qtbot.waitUntil(lambda: len(order) == 5)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 6)
    assert order == [0, 1, 2, 3, 4, "free"]
    assert len(names) == 1


def test_a_dropped_search_does_not_come_late(tasks: Tasks, qtbot) -> None:
    """The answer to what was typed before must not replace the newer one."""
    owner, told = QObject(), []
    tasks.run_free(owner, lambda: "old").then(told.append).drop()
    tasks.run_free(owner, lambda: "new").then(told.append)
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(20)
    assert told == ["new"]


def test_progress_arrives_and_cancel_stops_the_work_quietly(tasks: Tasks, works, qtbot) -> None:
    """Cancel ends the work at its next report: nothing is committed, nothing is shown as an error."""
    owner, progress, ended, seen = QObject(), Progress(), [], []
    shown: list[object] = []
    tasks.error_raised.connect(shown.append)
    progress.changed.connect(lambda count, total, text: seen.append((count, total, text)))
    started = threading.Event()

    def long(work, progress: Progress) -> None:
        for count in range(10_000):
            progress.report(count, 10_000, "导入")
            started.set()
            threading.Event().wait(0.002)

    tasks.run(owner, long, progress).then(lambda _none: ended.append("then")).ended(lambda: ended.append("ended"))
    started.wait(5)
    qtbot.waitUntil(lambda: bool(seen))
    progress.cancel()
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == ["ended"]
    assert shown == []
    assert seen[0][1:] == (10_000, "导入")
    assert not works[0].committed


def test_closing_finishes_what_was_asked_for(begin: Callable, works, qapp) -> None:
    """Leaving the program right after Save still saves."""
    tasks = Tasks(begin)
    owner = QObject()
    for number in range(20):
        tasks.run(owner, change, str(number))
    tasks.close()
    assert [work.committed for work in works] == [True] * 20


@pytest.mark.parametrize("kind", ["ours", "theirs"])
def test_report_takes_errors_from_outside_tasks(tasks: Tasks, qtbot, kind: str) -> None:
    """app.py hands uncaught exceptions of slots to the same place."""
    error = ValueError("x") if kind == "ours" else RuntimeError("y")
    with qtbot.waitSignal(tasks.error_raised) as raised:
        tasks.report(error)
    assert raised.args == [error]
