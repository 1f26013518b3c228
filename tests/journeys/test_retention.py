"""At the window: whose data are due is found in the list of customers; restricting and erasing are done there."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Customer, Entry
from insuragent.services import customers
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages.customers import OVERDUE
from tests.journeys.hands import all_words, wait


def press(parent: QWidget, words: str) -> None:
    """Press the visible button that says this."""
    next(one for one in parent.findChildren(QPushButton) if words == one.text().strip() and not one.isHidden()).click()


def dialog(parent: QWidget) -> QDialog | None:
    """The dialog that is open."""
    return next((one for one in parent.findChildren(QDialog) if one.isVisible()), None)


def asked(qtbot: QtBot, page: Any) -> QDialog:
    """The question about the data of the customer shown."""
    page.file.consents.ask_erasure()
    wait(qtbot, lambda: dialog(page) is not None)
    found = dialog(page)
    assert found is not None
    return found


def test_a_customer_whose_data_are_due_is_restricted_and_erased(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """He is found by the filter; the question says how long and why; the reason is chosen, the name typed."""
    assert root.desk is not None
    with root.desk.begin() as work:
        old = customers.create(work, {"name": "王小明"})
        customers.create(work, {"name": "李建国"})
        old.created_at -= dt.timedelta(days=800)
    page: Any = window.go("customers")
    page.stage.setCurrentIndex(page.stage.findData(OVERDUE))
    page.stage.activated.emit(page.stage.currentIndex())
    wait(qtbot, lambda: page.note.text() == "共 1 位")
    page.open_customer(old.id)
    wait(qtbot, lambda: page.file.consents.customer_id == old.id)
    question = asked(qtbot, page)
    assert "未成交，最后联系后保存，至" in all_words(question)
    press(question, "限制处理")
    wait(qtbot, lambda: dialog(page) is None)
    wait(qtbot, lambda: "限制处理：资料只保存" in all_words(page))
    question = asked(qtbot, page)
    page.file.consents.erasing.typed.setText("王小")
    press(question, "删除")
    wait(qtbot, lambda: "请输入客户的姓名以确认删除" in all_words(window))
    page.file.consents.erasing.typed.setText("王小明")
    press(question, "删除")
    wait(qtbot, lambda: dialog(page) is None)
    with root.desk.read() as work:
        (order,) = work.session.scalars(sa.select(Entry).where(Entry.deed == "erase")).all()
        assert (order.record_id, order.reason) == (old.id, "客户要求")
        assert work.get(Customer, old.id).restricted_at is not None
