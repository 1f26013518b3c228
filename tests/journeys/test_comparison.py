"""Up to three proposals side by side at the table: added, read, removed and printed, without a mouse."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.demo import people
from insuragent.services import needs
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts.comparison import ComparisonDialog
from tests.journeys.hands import print_dialog, wait
from tests.journeys.test_field_day import a_customer
from tests.journeys.test_field_day import window as window  # the window of an agent who is enrolled

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def compare(window: MainWindow, root: Root, qtbot: QtBot) -> Callable[[str, int], ComparisonDialog]:
    """Choose a product and years on the page of sheets, and press Ctrl+M; gives what opens."""
    who = a_customer(root)
    assert root.desk is not None
    with root.desk.begin() as work:
        needs.analyse(work, who.id, people.household(goals=["saving", "legacy"]))
    page: Any = window.go("sheets", ("customer", who.id))
    wait(qtbot, lambda: page.case.customer is not None)

    def pressed(code: str, years: int) -> ComparisonDialog:
        page.case.choose_product(code)
        page.case.pay_years.setCurrentIndex(page.case.pay_years.findData(years))
        window.activateWindow()  # off-screen nobody gives it back after a dialog
        wait(qtbot, window.isActiveWindow)
        page.case.who.setFocus()
        QTest.keyClick(page.case.who, Qt.Key.Key_M, CONTROL)
        wait(qtbot, lambda: any(dialog.isVisible() for dialog in page.findChildren(ComparisonDialog)))
        return next(dialog for dialog in page.findChildren(ComparisonDialog) if dialog.isVisible())

    return pressed


def shown(dialog: ComparisonDialog) -> dict[str, list[str]]:
    """The rows of the table by their first cell."""
    table = dialog.table
    cells = [[table.item(row, place).text() for place in range(table.columnCount())] for row in range(table.rowCount())]
    return {first: rest for first, *rest in cells}


def away(dialog: ComparisonDialog, qtbot: QtBot) -> None:
    """Esc closes it."""
    with qtbot.waitSignal(dialog.destroyed):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_proposals_are_added_compared_and_removed(compare: Any, window: MainWindow, qtbot: QtBot) -> None:
    """Ctrl+M adds the case as it stands; the need is the customer's own foremost wish; the fourth has no room."""
    first = compare("DEMO-PWL", 5)
    assert not first.print_button.isEnabled()
    assert first.table.rowCount() == 0
    away(first, qtbot)
    away(compare("DEMO-IWL", 5), qtbot)
    third = compare("DEMO-IWL", 10)
    assert shown(third)["累计保费"] == ["250,000.00", "250,000.00", "500,000.00"]
    assert shown(third)["每年保费"] == ["50,000.00"] * 3
    assert [third.need.itemText(place) for place in range(third.need.count())][:2] == ["长期储备", "财富传承"]
    assert "累计保费：方案 3 比方案 1 多 250,000.00 元" in third.differences.text()
    assert "方案 3" in third.chart.accessibleDescription()
    assert not third.more.isEnabled()
    away(third, qtbot)
    full = compare("DEMO-UL", 5)
    assert full.table.columnCount() == 4
    assert "示例人寿演示终身寿险（万能型）" not in "".join(found.text() for found in full.findChildren(QLabel))
    remove = next(b for b in full.findChildren(QToolButton) if b.accessibleName() == "移除方案 3")
    QTest.keyClick(remove, Qt.Key.Key_Space)
    assert shown(full)["累计保费"] == ["250,000.00", "250,000.00"]
    away(full, qtbot)
    other = compare("DEMO-MED", 1)
    assert "没有共同的需求" in other.problem.text()
    assert not other.print_button.isEnabled()


def test_a_comparison_is_printed_for_its_customer(compare: Any, window: MainWindow, qtbot: QtBot) -> None:
    """Ctrl+P in the dialog asks how the page shall leave; another customer begins with none."""
    away(compare("DEMO-PWL", 5), qtbot)
    dialog = compare("DEMO-IWL", 5)
    dialog.need.setCurrentIndex(dialog.need.findData("legacy"))
    dialog.need.activated.emit(dialog.need.currentIndex())
    assert dialog.need.currentText() == "财富传承"
    QTest.keyClick(dialog.table, Qt.Key.Key_P, CONTROL)
    asked = print_dialog(dialog, qtbot)
    assert "方案比较" in asked.text
    asked.reject()
    away(dialog, qtbot)
    page: Any = window.go("sheets")
    page.case.choose([])
    page.compare()
    wait(qtbot, lambda: page.findChildren(ComparisonDialog))
    assert len(page.proposals) == 1


def test_a_clicked_figure_is_explained(window: MainWindow, qtbot: QtBot) -> None:
    """On the page of sheets itself: a click on a cell of the table opens the chain of its figure."""
    page: Any = window.go("sheets")
    page.case.choose_product("DEMO-PWL")
    page.tabs.setCurrentWidget(page.numbers.table)
    table, rows = page.numbers.table, page.numbers.rows
    column = next(place for place in range(rows.columnCount()) if rows.cell(rows.index(2, place))[1] == "cash_value")
    table.scrollTo(rows.index(2, column))
    spot = table.visualRect(rows.index(2, column)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    card = page._why
    assert card is not None
    assert card.isVisible()
    told = [found.text() for found in card.card.findChildren(QLabel)]
    assert "第 3 年末：现金价值" in told
    assert any(text.startswith("本年保费") for text in told)


def test_the_page_of_sheets_keeps_its_order(window: MainWindow, root: Root, qtbot: QtBot) -> None:
    """The column that was chosen is that of the next time."""
    page: Any = window.go("sheets")
    page.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    page.refresh()
    assert page.model.query.order == "sheet_no"
    window.close_page("sheets")
    assert "sheet_no" in root.settings.sorting
    again: Any = window.go("sheets")
    assert again is not page
    assert again.model.query.order == "sheet_no"
