"""Story S23 at the table: a bill is typed, its estimate follows with every step, labelled as one; nothing is kept."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Entry
from insuragent.ui.main_window import MainWindow
from insuragent.ui.parts.claim import ClaimDialog
from tests.journeys.hands import all_of, wait

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ClaimDialog:
    """The estimate of the medical sample product, opened by its key."""
    page: Any = window.go("sheets")
    page.case.choose_product("DEMO-PWL")
    assert not page.estimate_button.isVisibleTo(page)
    page.case.choose_product("DEMO-MED")
    wait(qtbot, lambda: page.estimate_button.isVisibleTo(page))
    window.activateWindow()
    wait(qtbot, window.isActiveWindow)
    page.case.who.setFocus()
    QTest.keyClick(page.case.who, Qt.Key.Key_M, KEYS)
    wait(qtbot, lambda: page.findChildren(ClaimDialog))
    return page.findChildren(ClaimDialog)[0]


def told(dialog: ClaimDialog) -> list[str]:
    """The words and figures of the steps."""
    return [found.text() for found in dialog._chain.findChildren(QLabel)]


def bill(dialog: ClaimDialog, covered: str, social: str = "", other: str = "") -> list[str]:
    """Type a bill; gives the steps."""
    for name, text in (("covered", covered), ("social_paid", social), ("other_paid", other)):
        dialog.amounts[name].setText(text)
    return told(dialog)


def test_a_bill_is_estimated_step_by_step(dialog: ClaimDialog, root: Root) -> None:
    """85,000 less 32,000 less 10,000 is 43,000.00; without social insurance 75,000 x 60 % is 45,000.00."""
    before = len(all_of(root, Entry))
    shown = bill(dialog, "85,000", "32000")
    assert shown == [
        "+", "保障范围内的费用", "85,000.00", "-", "基本医保已支付", "32,000.00", "-", "其他途径已补偿", "0.00",
        "-", "免赔额余额", "10,000.00", "×", "给付比例", "1", "≤", "年度限额余额", "2,000,000.00",
        "=", "估算，以公司核定为准", "43,000.00",
    ]  # fmt: skip
    dialog.used_social.setChecked(False)
    assert bill(dialog, "85000")[-1] == "45,000.00"
    assert "0.6" in told(dialog)
    assert len(all_of(root, Entry)) == before


def test_the_wait_counts_for_an_illness_only(dialog: ClaimDialog) -> None:
    """Illness on day 30 of a wait of 30 days brings nothing; an accident on day 3 brings 20,000.00."""
    dialog.day.setValue(30)
    shown = bill(dialog, "85000", "32000")
    assert ("等待期 30 日内因疾病就医" in shown, shown[-2:]) == (True, ["估算，以公司核定为准", "0.00"])
    dialog.day.setValue(31)
    assert told(dialog)[-1] == "43,000.00"
    dialog.day.setValue(3)
    dialog.cause.setCurrentIndex(dialog.cause.findData(True))
    assert bill(dialog, "50000", "20000")[-1] == "20,000.00"


@pytest.mark.parametrize("text", ["-1", "八万", "1e999", "nan"])
def test_what_is_no_amount_is_named(dialog: ClaimDialog, text: str) -> None:
    """Below the fields, and no figure is shown beside it."""
    bill(dialog, text)
    assert dialog.problem.text() == "保障范围内的费用：请填写 0 至 100,000,000 的金额"
    assert dialog._chain.isHidden()
