"""The calendar's page: the grid shows the days of what is opened."""

import datetime as dt
from typing import Any

from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from insuragent.models import Visit
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import wait


def test_a_visit_is_shown_among_its_days(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """A visit of another week, opened from a list, stands in the grid beside its form, by the week and by the day."""
    assert root.desk is not None
    noon = dt.datetime.combine(dt.datetime.now(SHANGHAI).date(), dt.time(12), SHANGHAI) + dt.timedelta(days=17)
    with root.desk.begin() as work:
        end = noon + dt.timedelta(hours=1)
        visit = work.add(Visit(subject="社区讲座", purpose="care", planned_start=noon, planned_end=end))
    page: Any = window.go("calendar", visit.id)
    wait(qtbot, lambda: page.first == noon.date() - dt.timedelta(days=noon.weekday()))
    wait(qtbot, lambda: [item.id for item in page.grid._items] == [visit.id])
    assert page.side.visit_id == visit.id
    page._show_days(1)
    page._turn(0)
    page.open_visit(visit.id)
    wait(qtbot, lambda: page.first == noon.date())
    assert page.days == 1
