"""A day at the window: a customer made and found, a visit moved by keys, a complaint taken, a sheet signed."""

import datetime as dt
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.demo import people
from insuragent.i18n import SHANGHAI
from insuragent.models import Complaint, Customer, Deed, Entry, Sheet, Staff, Visit
from insuragent.models.consent import ConsentMethod, Purpose
from insuragent.services import agenda, catalogue, complaints, customers, needs, sheets
from insuragent.services import desk as desks
from insuragent.ui import dialogs
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts import print_dialog as printing_of_pages
from tests.factories import make
from tests.journeys.hands import CHEAP, all_words, newest, print_dialog, wait

CARE = ["不推介产品", "不赠送超出规定的礼品", "问问对服务的意见"]


@pytest.fixture
def window(root: Root, qtbot: QtBot) -> MainWindow:
    """The open window of an agent who is enrolled."""
    desk, _code = desks.create(root.profile, "晨光照在小河上 2026", CHEAP)
    with desk.begin() as work, work.taking_over():
        staff = work.add(
            Staff(
                name="林晓静", licence_no="00000244030000002026000123", licence_valid_to=dt.date(2099, 1, 1),
                company="示例人寿", branch="上海分公司", level="L3",
            )
        )  # fmt: skip
    desk.sign_in(staff, "ab12cd34ef56")
    return root.open_window(desk)


def type_chinese(widget: QWidget, text: str) -> None:
    """What an input method does at the end of a word."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def a_customer(root: Root, **values: Any) -> Customer:
    """A customer who is there already."""
    assert root.desk is not None
    with root.desk.begin() as work:
        return customers.create(work, {"name": "王𬭎", "mobile": "13800138000"} | values)


def test_a_customer_is_made_found_and_corrected(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Typed through an input method; a wrong ID is marked at its field with the digit that it should be."""
    page: Any = window.go("customers")
    page.new_customer()
    form = page.file.form
    type_chinese(form.editors["name"].widget, "王𬭎")
    form.take({"doc_no": "110101199003070021"})
    page.file.save()
    wait(qtbot, lambda: "校验码应为 X" in form.problems["doc_no"].text())
    assert newest(root, Customer) is None
    form.take({"doc_no": "11010119900307002x"})
    page.file.save()
    wait(qtbot, lambda: newest(root, Customer))
    saved = newest(root, Customer)
    assert (saved.name, saved.doc_no, saved.birth_date) == ("王𬭎", "11010119900307002X", dt.date(1990, 3, 7))
    page.search.setText("wang")
    wait(qtbot, lambda: page.model.rowCount() == 1 and page.model.index(0, 0).data() == "王𬭎")
    page.search.setText("zhang")
    wait(qtbot, lambda: page.model.rowCount() == 0)


def test_a_masked_number_is_revealed_for_a_reason(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list and the form show the mask; the reveal enters the journal with its reason."""
    who = a_customer(root, doc_no="11010119900307002X")
    page: Any = window.go("customers")
    page.open_customer(who.id)
    form = page.file.form
    wait(qtbot, lambda: form.masked["doc_no"].text() == "110***********002X")
    assert form.editors["doc_no"].widget.isHidden()
    monkeypatch.setattr(dialogs, "ask_reason", lambda parent, title, text, then, **_rest: then("核对保单"))
    form.ask_reveal("doc_no")
    wait(qtbot, lambda: not form.editors["doc_no"].widget.isHidden())
    assert form.editors["doc_no"].widget.text() == "11010119900307002X"
    assert root.desk is not None
    with root.desk.read() as work:
        told = work.session.query(Entry).filter(Entry.deed == Deed.VIEW_SENSITIVE).one()
    assert (told.reason, told.record_id) == ("核对保单", who.id)


def test_an_unchanged_form_changes_nothing(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Opening a customer and saving leaves no entry: no field is altered by being shown."""
    who = a_customer(root, annual_income=12_345_600, remark="第一行\n第二行", birth_date=dt.date(1988, 2, 29))
    page: Any = window.go("customers")
    page.open_customer(who.id)
    wait(qtbot, lambda: page.file.form.record_id == who.id)
    assert page.file.form.changes() == {}


def test_a_visit_is_gone_through_by_its_checklist(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """R1.1d, R1.3a: a new visit shows the list of its purpose; saved, each tick stands at once, by mouse or keys."""
    page: Any = window.go("calendar")
    page.new_visit(a_customer(root).id)
    page.side.form.take({"purpose": "care"})
    assert list(page.side.checklist.boxes) == ["着装整洁得体", "证件和资料带齐", "预留路程，准时到达", *CARE]
    page.side.form.take({"purpose": "explain"})
    boxes = page.side.checklist.boxes
    assert (len(boxes), any(box.isEnabled() for box in boxes.values())) == (3 + 9, False)
    page.side.save()
    wait(qtbot, lambda: newest(root, Visit) and page.side.isHidden())
    page.open_visit(newest(root, Visit).id)
    wait(qtbot, lambda: page.side.visit_id and boxes["先讲风险和责任免除"].isEnabled())
    qtbot.mouseClick(boxes["先讲风险和责任免除"], Qt.MouseButton.LeftButton)
    boxes["着装整洁得体"].setFocus()
    QTest.keyClick(boxes["着装整洁得体"], Qt.Key.Key_Space)
    ticked = {"着装整洁得体", "先讲风险和责任免除"}
    wait(qtbot, lambda: {item for item, done in newest(root, Visit).checklist.items() if done} == ticked)
    assert all(words in all_words(page.side.checklist) for words in ("访前自查", "1 / 3", "1 / 9"))
    page.side.show_result()
    page.side.result.take({"outcome": "interested", "next_action": "none", "late_reason": "回来补录"})
    assert not page.side.checklist.isHidden()


def test_what_head_office_did_with_a_complaint_is_read(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Who handles it, when it arrived, what was decided and answered, and that the remedies were told (R1.5d)."""
    assert root.desk is not None
    told = {"contact": "13800000001", "channel": "face", "category": "premium", "facts": "扣费时间不对"}
    with root.desk.begin() as work:
        made = complaints.receive(work, told | {"complainant_name": "赵丽"})
    page: Any = window.go("complaints", made.id)
    wait(qtbot, lambda: "赵丽" in all_words(page.view))
    assert "总公司办理" not in all_words(page.view)
    with root.desk.begin() as work, work.taking_over():
        handler = work.add(make(Staff, name="郑明理"))
        held = work.get(Complaint, made.id)
        held.handler_id, held.received_by_server = handler.id, held.received_at
        held.decision, held.reply, held.remedy_told = "退还多扣的保费", "已退还", True
    page.open_complaint(made.id)
    wanted = ("总公司办理", "郑明理", "总公司收到时间", "退还多扣的保费", "已退还", "已告知救济途径")
    wait(qtbot, lambda: all(words in all_words(page.view) for words in wanted))


def test_a_visit_is_moved_by_keys(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Alt+Down moves it a quarter of an hour; the journal has the change."""
    start = dt.datetime.now(SHANGHAI).replace(hour=10, minute=0, second=0, microsecond=0)
    who = a_customer(root)
    assert root.desk is not None
    with root.desk.begin() as work:
        values = {"customer_id": who.id, "purpose": "care", "planned_start": start}
        planned = agenda.plan(work, values | {"planned_end": start + dt.timedelta(hours=1)})
    page: Any = window.go("calendar")
    wait(qtbot, lambda: page.grid._items)
    page.grid.setFocus()
    QTest.keyClick(page.grid, Qt.Key.Key_Right)
    QTest.keyClick(page.grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    wait(qtbot, lambda: newest(root, Visit).planned_start == start + dt.timedelta(minutes=15))
    assert newest(root, Visit).id == planned.id


def test_a_complaint_is_taken_down_offline(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Six fields; then its number, its clock, and a row in the list."""
    page: Any = window.go("complaints")
    page.save()
    wait(qtbot, lambda: page.form.problems["facts"].text())
    assert newest(root, Complaint) is None
    page.form.take(
        {
            "complainant_name": "赵丽",
            "contact": "13800000001",
            "category": "sale_mislead",
            "facts": "把现金价值说成存款",
            "received_at": dt.datetime.now(dt.UTC),
        }
    )
    page.save()
    wait(qtbot, lambda: newest(root, Complaint))
    taken = newest(root, Complaint)
    assert taken.first_response_due - taken.received_at == dt.timedelta(hours=24)
    wait(qtbot, lambda: page.note.text().startswith("1 "))
    assert page._chosen == taken.id


def test_a_sheet_from_choice_to_signature(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live numbers, pages, what is checked, print, hand over, the copied sentence, strokes on the pad; then locked."""
    who = a_customer(root, birth_date=dt.date(1986, 5, 1), gender="M")
    assert root.desk is not None
    with root.desk.begin() as work:
        needs.analyse(work, who.id, people.household())
    page: Any = window.go("sheets", ("customer", who.id))
    wait(qtbot, lambda: page.case.customer is not None)
    page.case.choose_product("DEMO-PWL")
    page.case.age.setValue(40)
    page.case.amount.setText("50000")
    page.case.calculate()
    assert "209,498.23" in page.case.summary.text()
    assert "17,304.03" in page.case.summary.text()
    page.make()
    wait(qtbot, lambda: page.pdf.page_count >= 4)
    printed: list[tuple[object, ...]] = []
    monkeypatch.setattr(printing_of_pages, "print_pdf", lambda tasks, owner, _data, *how: tasks.run_free(
        owner, printed.append, how
    ))  # fmt: skip  # a printer is not in every office
    page.print_out()
    wait(qtbot, lambda: page.tabs.currentWidget().isAncestorOf(page.checks))
    assert newest(root, Sheet).state == "drafted"
    answer_checks(page.checks)
    page.print_out()
    dialog = print_dialog(page, qtbot)
    dialog.copies.setValue(2)
    dialog.print_out()
    wait(qtbot, lambda: page.steps.delivered.isVisibleTo(page) and printed)
    assert (printed, newest(root, Sheet).print_count) == ([("", 2, "")], 2)
    assert root.settings.print_copies == 2
    page.steps.delivered.click()
    wait(qtbot, lambda: newest(root, Sheet).state == "delivered")
    wait(qtbot, lambda: page.steps.delivered.isHidden())
    draw(page.pad)
    page.sign()
    wait(qtbot, lambda: "抄录" in page.signed_note.text())
    page.statement.setText(catalogue.package("DEMO-PWL").statement)
    page.sign()
    wait(qtbot, lambda: newest(root, Sheet).signed_at is not None)
    signed = newest(root, Sheet)
    assert (signed.id_checked, signed.risk_level, len(signed.explained)) == (True, "C3", 18)
    assert (signed.state, len(signed.pdf_hash)) == ("acknowledged", 64)
    wait(qtbot, lambda: not page.sign_button.isEnabled())


def test_a_print_tells_how_old_the_state_of_the_product_is(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S12: the dialog names five days; whoever goes on prints."""
    who = a_customer(root, birth_date=dt.date(1986, 5, 1), gender="M")
    today = dt.datetime.now(SHANGHAI).date()
    assert root.desk is not None
    with root.desk.begin() as work:
        needs.analyse(work, who.id, people.household())
        work.set_note(catalogue.STATUS_NOTE, (today - dt.timedelta(days=5)).isoformat())
        inputs = {"product": "DEMO-PWL", "sex": "M", "age": customers.age(who, today), "pay_years": 5}
        made = sheets.draft(work, who.id, inputs | {"premium": "50000"})
        work.flush()
        sheets.confirm(work, made.id, people.checked())
    page: Any = window.go("sheets", ("sheet", made.id))
    wait(qtbot, lambda: page.checks.warnings)
    asked: list[str] = []
    printed: list[bytes] = []
    monkeypatch.setattr(printing_of_pages, "print_pdf", lambda tasks, owner, data, *_how: tasks.run_free(
        owner, printed.append, data
    ))  # fmt: skip
    monkeypatch.setattr(dialogs, "ask", lambda _parent, _title, text, then, **_rest: (asked.append(text), then()))
    page.print_out()
    print_dialog(page, qtbot).print_out()
    wait(qtbot, lambda: printed)
    assert "已过 5 天" in asked[0]
    wait(qtbot, lambda: newest(root, Sheet).state == "printed")


def test_a_child_is_insured_and_a_sheet_is_opened_with_its_own_case(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S04: the insured comes from the family; a sheet opened later brings its own product and numbers along."""
    mother = a_customer(root, name="陈母", birth_date=dt.date(1990, 1, 1), gender="F")
    born = dt.datetime.now(SHANGHAI).date().replace(day=1) - dt.timedelta(days=7 * 366)
    assert root.desk is not None
    with root.desk.begin() as work:
        customers.grant(work, mother.id, Purpose.MINOR, mother.name, ConsentMethod.SIGN_ON_SCREEN)
        told = {"relation": "son", "name": "陈子", "gender": "M", "birth_date": born}
        son = customers.add_family(work, mother.id, told)
    page: Any = window.go("sheets", ("customer", mother.id))
    wait(qtbot, lambda: page.case.insured.count() == 2)
    page.case.insured.setCurrentIndex(1)
    page.case.insured.activated.emit(1)
    assert (page.case.age.value(), page.case.sex.currentData(), page.case.insured_id) == (7, "M", son.id)
    page.case.choose_product("DEMO-IWL")
    page.make()
    wait(qtbot, lambda: newest(root, Sheet) and page.steps.voided.isVisibleTo(page))
    made = newest(root, Sheet)
    assert (made.insured_name, made.applicant, made.insured_id) == ("陈子", "parent", son.id)
    page.case.choose_product("DEMO-TERM")
    page.case.insured.setCurrentIndex(0)
    page.open_sheet(made.id)
    wait(qtbot, lambda: page.case.product.currentData() == "DEMO-IWL")
    assert (page.case.insured_id, page.case.age.value()) == (son.id, 7)
    monkeypatch.setattr(dialogs, "ask_reason", lambda parent, title, text, then, **_rest: then("内容有误"))
    page.steps.voided.click()
    wait(qtbot, lambda: "内容有误" in page.signed_note.text())
    assert newest(root, Sheet).state == "void"


def answer_checks(checks: Any) -> None:
    """Note at the table that all is in order, as a person does before a signature."""
    told = people.checked()
    noted = ("id_checked", "promises_told", "risk_level", "risk_assessed_on", "premium_words")
    checks.form.take({name: told[name] for name in noted})
    for box in checks.explained.boxes.values():
        box.click()
    for combo, value in zip((checks.need, checks.benefit), told["reason_links"][0].values(), strict=True):
        combo.setCurrentIndex(combo.findData(value))


def draw(pad: QWidget) -> None:
    """Three strokes, sent as a mouse sends them: with the button held while it moves."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def send(kind: QEvent.Type, x: float, y: float, held: Qt.MouseButton) -> None:
        at = QPointF(x, y)
        QApplication.sendEvent(pad, QMouseEvent(kind, at, pad.mapToGlobal(at), left, held, none))

    for stroke in range(3):
        top = 40.0 + stroke * 25
        send(QEvent.Type.MouseButtonPress, 60, top, left)
        for step in range(1, 25):
            send(QEvent.Type.MouseMove, 60 + step * 8, top + (step * 7) % 20, left)
        send(QEvent.Type.MouseButtonRelease, 260, top, Qt.MouseButton.NoButton)
