"""How a paper leaves the desk: what a printer took is counted, what it refused is not; a copy opens with its code."""

import datetime as dt
import io
import os
import stat
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.demo import people
from insuragent.i18n import SHANGHAI
from insuragent.models import Attachment, Customer, Deed, Entry, Sheet
from insuragent.services import customers, needs, sheets
from insuragent.services.letters import agent_change
from insuragent.services.papers import Paper
from insuragent.ui import dialogs
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts import print_dialog
from insuragent.ui.parts.print_dialog import HandOut, PrintDialog
from tests.journeys.hands import all_of, newest, wait
from tests.journeys.hands import print_dialog as asked_how
from tests.journeys.test_field_day import a_customer, draw


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command named lp that writes down how it was asked, and does not know the printer "gone"."""
    command = tmp_path / "lp"
    command.write_text(f'#!/bin/sh\n[ "$2" = gone ] && exit 1\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/paper\n')
    command.chmod(command.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(print_dialog, "printers", lambda: ["gone", "office"])
    return tmp_path


def asked(root: Root, window: MainWindow, qtbot: QtBot) -> tuple[PrintDialog, Any]:
    """The dialog for a letter to a new customer, and the page that it stands on."""
    assert root.desk is not None
    with root.desk.begin() as work:
        who = customers.create(work, {"name": "王𬭎"})
    page: Any = window.go("customers")
    HandOut(page.context, page).begin(agent_change, who.id)
    wait(qtbot, lambda: page.findChild(PrintDialog))
    return page.findChild(PrintDialog), page


def told(root: Root, deed: Deed) -> list[dict[str, Any]]:
    """What the journal tells of a deed."""
    return [{k: v[1] for k, v in (e.changes or {}).items()} for e in all_of(root, Entry) if e.deed == deed]


def test_a_printer_that_vanished_counts_nothing(root: Root, window: MainWindow, lp: Path, qtbot: QtBot) -> None:
    """No entry, no letter kept; the person is told so, and what else can be done."""
    root.settings.printer = "gone"
    dialog, _page = asked(root, window, qtbot)
    dialog.print_out()
    shown = window.toaster._toasts
    wait(qtbot, lambda: any("没有打印机" in toast.text for toast in shown))
    assert not told(root, Deed.PRINT)
    assert not all_of(root, Attachment)


def test_what_a_printer_took_is_told_with_copies_and_pages(
    root: Root, window: MainWindow, lp: Path, qtbot: QtBot
) -> None:
    """The very bytes go to the printer that was chosen; printer and copies are those of the next time."""
    root.settings.printer = "was here last year"
    dialog, _page = asked(root, window, qtbot)
    assert any("last year" in label.text() for label in dialog.findChildren(QLabel))
    dialog.printer.setCurrentText("office")
    dialog.copies.setValue(3)
    dialog.print_out()
    wait(qtbot, lambda: told(root, Deed.PRINT))
    letter = all_of(root, Attachment)[0]
    assert (lp / "words").read_text().split() == ["-d", "office", "-n", "3", "-"]
    assert (lp / "paper").stat().st_size == letter.size
    assert told(root, Deed.PRINT)[0] | {"sha256": letter.sha256} == told(root, Deed.PRINT)[0]
    assert told(root, Deed.PRINT)[0]["copies"] == 3
    assert (root.settings.printer, root.settings.print_copies) == ("office", 3)


def test_some_pages_alone_are_printed_and_told(root: Root, window: MainWindow, lp: Path, qtbot: QtBot) -> None:
    """The second and third of four: the printer is told, and so is the journal."""
    data = io.BytesIO()
    with pikepdf.new() as made:
        for _number in range(4):
            made.add_blank_page()
        made.save(data)
    page: Any = window.go("customers")
    HandOut(page.context, page).begin(lambda _work: Paper("file", "四页", data.getvalue()))
    dialog = asked_how(page, qtbot)
    dialog.last.setValue(3)
    dialog.first.setValue(2)
    dialog.print_out()
    wait(qtbot, lambda: told(root, Deed.PRINT))
    assert (lp / "words").read_text().split() == ["-P", "2-3", "-"]
    entry = told(root, Deed.PRINT)[0]
    assert (entry["pages"], entry["copies"]) == ("2-3", 1)


def test_a_copy_is_saved_and_its_code_is_shown_once(
    root: Root, window: MainWindow, lp: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code stands on the screen, and nowhere else."""
    file = lp / "copy.pdf"
    monkeypatch.setattr(dialogs, "save_file", lambda _parent, _title, _name, _kinds, then: then(file))
    dialog, page = asked(root, window, qtbot)
    dialog.ask_file()
    wait(qtbot, lambda: page.findChild(QLabel, "code"))
    code = page.findChild(QLabel, "code").text()
    with pikepdf.open(file, password=code) as copy:
        assert len(copy.pages) == 1
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file)
    assert [entry["what"] for entry in told(root, Deed.EXPORT)] == ["agent_change"]
    assert code not in root.profile.settings_file.read_text() if root.profile.settings_file.exists() else True
    assert all_of(root, Customer)[0].name == "王𬭎"


def test_whoever_insists_is_advised_and_signs(root: Root, window: MainWindow, lp: Path, qtbot: QtBot) -> None:
    """R3.2b at the table: the letter where a check advises against it; after it the customer's own hand."""
    who = a_customer(root, birth_date=dt.date(1986, 5, 1), gender="M")
    assert root.desk is not None
    with root.desk.begin() as work:
        needs.analyse(work, who.id, people.household(goals=["medical"]))
        age = customers.age(who, dt.datetime.now(SHANGHAI).date())
        made = sheets.draft(work, who.id, {"product": "DEMO-MED", "sex": "M", "age": age, "pay_years": 1})
        work.flush()
        sheets.confirm(work, made.id, {"reimbursement_policies": 1, "own_will": "我了解，仍要投保"})
    page: Any = window.go("sheets", ("sheet", made.id))
    wait(qtbot, lambda: page.steps.advised.isVisibleTo(page))
    assert not page.steps.insists.isVisibleTo(page)
    page.steps.advised.click()
    asked_how(page, qtbot).print_out()
    wait(qtbot, lambda: page.steps.insists.isVisibleTo(page))
    assert newest(root, Sheet).stop_advice_id is not None
    dialog = page.steps.ask_own_will()
    assert not dialog.confirm.isEnabled()
    draw(dialog.pad)
    dialog.confirm.click()
    wait(qtbot, lambda: newest(root, Sheet).own_will_signature_id is not None)
    wait(qtbot, lambda: not page.steps.insists.isVisibleTo(page))


@pytest.mark.qt_log_ignore(r"QPainter::begin\(\): Returned false")  # how Qt itself tells of it
def test_an_office_without_lp_and_without_a_printer_is_told(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pages are drawn, a printer that is not there counts nothing either."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(print_dialog, "printers", list)
    dialog, _page = asked(root, window, qtbot)
    dialog.print_out()
    wait(qtbot, lambda: any("没有打印机" in toast.text for toast in window.toaster._toasts))
    assert not told(root, Deed.PRINT)
