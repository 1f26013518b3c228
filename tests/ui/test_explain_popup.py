"""Any figure of the table opens its chain: by a click, by the Enter key, and it goes away again."""

import datetime as dt
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from insuragent.services.numbers import explain_cell
from insuragent.services.sheets import calculate
from insuragent.ui.parts.explain_popup import ExplainCard, figure
from insuragent.ui.parts.illustration import COLUMNS, Numbers

TODAY = dt.date(2026, 11, 23)
PWL = {"product": "DEMO-PWL", "sex": "M", "age": 40, "pay_years": 5, "premium": "50000"}


@pytest.fixture
def window(theme, qtbot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def words(card: ExplainCard) -> list[str]:
    return [found.text() for found in card.card.findChildren(QLabel)]


def test_every_cell_has_its_place(theme) -> None:
    """The table tells the year and the column of what is clicked, and each of them has a chain."""
    numbers, shown = Numbers(), calculate(PWL, TODAY)
    numbers.show(shown)
    for at in range(numbers.rows.columnCount()):
        year, column = numbers.rows.cell(numbers.rows.index(2, at))
        assert (year, column in COLUMNS) == (3, True)
        steps = explain_cell(PWL, year, column, TODAY)
        assert abs(steps[-1].amount - Decimal(shown.rows[2][column])) < Decimal("0.01")


def test_the_card_shows_one_chain_at_a_time(window: QWidget, qtbot) -> None:
    """Each step with its figure; the next chain takes its place; Esc closes."""
    card = ExplainCard(window)
    first, second = explain_cell(PWL, 3, "cash_value", TODAY), explain_cell(PWL, 1, "cum_premium", TODAY)
    card.show_steps("第 3 年末：现金价值", first)
    assert card.isVisible()
    assert {"第 3 年末：现金价值", *(step.label for step in first), *(figure(step) for step in first)} <= set(
        words(card)
    )
    card.show_steps("第 1 年末：累计保费", second)
    qtbot.waitUntil(lambda: first[0].label not in words(card))
    assert all(found.height() >= found.fontMetrics().height() for found in card.card.findChildren(QLabel))
    assert {"累计保费", "50,000.00"} <= set(words(card))
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()
