"""Today makes the lines that it shows and no others, however many customers there are."""

import datetime as dt
from typing import Any

from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from insuragent.models import Customer
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages.today import _LISTED, _MOST
from tests.journeys.hands import wait


def test_only_what_is_shown_is_made(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """Hundreds of birthdays are a few lines and a count; all are listed when they are asked for, up to a bound."""
    assert root.desk is not None
    tomorrow = dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=1)
    born = dt.date(1988, tomorrow.month, tomorrow.day)
    with root.desk.begin() as work:
        for number in range(_MOST + 50):
            work.add(Customer(name=f"客户{number}", birth_date=born))
    page: Any = window.go("today")
    page.refresh()
    lines = page._due.count
    wait(qtbot, lambda: lines() == 2 * _LISTED + 2)  # and the one that asks for the rest, and the stretch
    page.show_reminders()
    wait(qtbot, lambda: lines() == _MOST + 2)
