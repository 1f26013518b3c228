"""What head office refused is opened where it is corrected, whatever it is."""

from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import (
    RECORDS,
    Complaint,
    Consent,
    Customer,
    Entry,
    FamilyMember,
    NeedsAnalysis,
    Record,
    Sheet,
    State,
    Visit,
)
from insuragent.models.fields import Kind, fields_of
from insuragent.services import customers
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages import PAGES
from tests.factories import sample
from tests.journeys.hands import all_words, wait

OPENED = [kind for page in PAGES for kind in page.opens]


def refused(root: Root, kind: str) -> Record:
    """A record of a kind, whose creation head office refused."""
    assert root.desk is not None
    with root.desk.begin() as work:
        customer = customers.create(work, {"name": "王小明"})
        work.flush()
        record: Any = customer
        if kind != Customer.kind():
            record = work.add(RECORDS[kind](customer_id=customer.id, **least(RECORDS[kind])))
        work.flush()
        entry = work.session.query(Entry).filter_by(record_id=record.id, deed="create").one()
        entry.state, entry.answer = State.REFUSED, "总公司没有这条记录"
    return record  # type: ignore[no-any-return]


def least(record_type: type[Record]) -> dict[str, Any]:
    """What a record must say at least."""
    unsaid = (Kind.ITEMS, Kind.LINK)
    needed = {name: field for name, field in fields_of(record_type).items() if not field.optional}
    return {name: sample(field) for name, field in needed.items() if field.kind not in unsaid}


def shown_record(page: Any, record: Record) -> bool:
    """Whether the form of a record is what a page shows."""
    match record:
        case Customer():
            return page.file.form.record_id == record.id
        case FamilyMember():
            return page.file.family.editing and page.file.family.form.record_id == record.id
        case NeedsAnalysis():
            return page.file.needs.editing and page.file.needs.form.record_id == record.id
        case Consent():
            tab = page.file.consents
            return page.file._tabs.currentWidget() is tab and tab.customer_id == record.customer_id
        case Visit():
            return page.side.visit_id == record.id
        case Complaint():
            return page._chosen == record.id
        case Sheet():
            return page.sheet_id == record.id
    return False


@pytest.mark.parametrize("kind", OPENED)
def test_what_was_refused_is_opened_where_its_form_is(root: Root, window: MainWindow, qtbot: QtBot, kind: str) -> None:
    """A page of its own, or the tab of the customer's file."""
    record = refused(root, kind)
    page: Any = window.go("syncing")
    wait(qtbot, lambda: "总公司没有这条记录" in all_words(page))
    press(page, "打开更正")
    there: Any = window.made(window.page)
    assert window.page == window.context.opens[kind]
    wait(qtbot, lambda: shown_record(there, record))


def press(parent: QWidget, words: str) -> None:
    """Press the visible button that says this."""
    next(one for one in parent.findChildren(QPushButton) if words in one.text() and not one.isHidden()).click()
