"""At the window: a customer is compared with his document."""

import datetime as dt
from typing import Any

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI, format_date
from insuragent.models import Entry
from insuragent.services import customers
from insuragent.ui.dialogs import Question
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import all_words, newest, wait


def test_it_is_noted_at_the_table(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """By the page's action; the file tells the day, the journal the way."""
    assert root.desk is not None
    with root.desk.begin() as work:
        customer = customers.create(work, {"name": "王小明", "doc_no": "11010119900307002X"})
    page: Any = window.go("customers", customer.id)
    wait(qtbot, lambda: page.file.customer_id == customer.id and "完整度" in all_words(page))
    page.verify()
    (question,) = page.findChildren(Question)
    next(one for one in question.findChildren(QPushButton) if one.text().strip() == "查验原件").click()
    today = format_date(dt.datetime.now(SHANGHAI).date())
    wait(qtbot, lambda: f"身份已核验 {today}" in all_words(page))
    told = newest(root, Entry)
    assert told.changes["verify_method"] == [None, "original"]
