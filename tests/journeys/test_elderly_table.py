"""Story S05 at the window: for a customer of 60 what is not covered is explained first, and the boxes say so."""

import datetime as dt
from typing import Any

from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.demo import people
from insuragent.i18n import SHANGHAI
from insuragent.models import Customer, Sheet
from insuragent.services import customers, needs, sheets
from insuragent.services.gates_people import COVER, EXCLUSIONS
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import all_words, newest, wait
from tests.journeys.test_field_day import a_customer
from tests.journeys.test_field_day import window as window  # the window of an agent who is enrolled


def opened(root: Root, window: MainWindow, qtbot: QtBot, age: int) -> Any:
    """The page of sheets with a drafted whole life of a customer of this age; nothing is explained yet."""
    today = dt.datetime.now(SHANGHAI).date()
    born = today.replace(year=today.year - age, day=1)
    who: Customer = a_customer(root, name="王甲", birth_date=born, gender="M")
    assert root.desk is not None
    with root.desk.begin() as work:
        needs.analyse(work, who.id, people.household(goals=["legacy"]))
        told = {"product": "DEMO-IWL", "sex": "M", "age": customers.age(who, today), "pay_years": 5, "premium": "20000"}
        made = sheets.draft(work, who.id, told)
    page: Any = window.go("sheets", ("sheet", made.id))
    wait(qtbot, lambda: "还有 18 项没有讲解" in all_words(page.checks))
    return page


def order(page: Any) -> list[str]:
    """The items in the order in which they stand, line by line."""
    boxes, grid = page.checks.explained.boxes, page.checks.explained._grid.layout()
    return sorted(boxes, key=lambda code: grid.getItemPosition(grid.indexOf(boxes[code]))[:2])


def test_what_is_not_covered_comes_first_and_opens_the_rest(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """The first box is that of the exclusions; that of the cover is shut until it is ticked; both moments are kept."""
    page = opened(root, window, qtbot, 60)
    boxes = page.checks.explained.boxes
    assert order(page)[:3] == [EXCLUSIONS, "01", "02"]
    assert not boxes[COVER].isEnabled()
    assert "请先讲解责任免除" in boxes[COVER].toolTip()
    assert "请先讲解“08 责任免除”" in all_words(page.checks)
    boxes[EXCLUSIONS].click()
    assert boxes[COVER].isEnabled()
    boxes[COVER].click()
    wait(qtbot, lambda: len(newest(root, Sheet).explained) == 2)
    wait(qtbot, lambda: "责任免除已先于保险责任讲解" in all_words(page.checks))
    boxes[EXCLUSIONS].click()
    assert boxes[COVER].isEnabled(), "what was ticked can be taken back"


def test_nobody_younger_is_asked(root: Root, window: MainWindow, qtbot: QtBot) -> None:
    """The items stand in the order of their numbers, each open."""
    page = opened(root, window, qtbot, 59)
    assert order(page) == sorted(page.checks.explained.boxes)
    assert page.checks.explained.boxes[COVER].isEnabled()
