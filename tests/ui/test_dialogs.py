"""Questions: answered by a callback, never blocking, and hard to answer wrongly."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from insuragent.errors import DiskFull
from insuragent.ui import dialogs


@pytest.fixture
def window(theme, qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def press(question: dialogs.Question, text: str) -> QPushButton:
    return next(one for one in question.findChildren(QPushButton) if one.text() == text)


def test_yes_calls_back_and_no_does_not(window: QWidget, qtbot) -> None:
    """The call returns at once; only the yes has a consequence."""
    done: list[str] = []
    press(dialogs.ask(window, "归档客户", "可以恢复", lambda: done.append("a"), yes="归档"), "归档").click()
    assert done == ["a"]
    press(dialogs.ask(window, "归档客户", "可以恢复", lambda: done.append("b")), "取消").click()
    qtbot.keyClick(dialogs.ask(window, "归档客户", "可以恢复", lambda: done.append("c")), Qt.Key.Key_Escape)
    assert done == ["a"]


def test_enter_does_not_confirm_what_is_dangerous(window: QWidget, qtbot) -> None:
    """A hand that presses Enter too early erases nothing; an ordinary question it confirms."""
    done: list[str] = []
    question = dialogs.ask(window, "删除", "无法恢复", lambda: done.append("erased"), danger=True)
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert done == []
    qtbot.keyClick(dialogs.ask(window, "保存", "", lambda: done.append("saved")), Qt.Key.Key_Return)
    assert done == ["saved"]


def test_a_reason_needs_two_characters_or_a_preset(window: QWidget, qtbot) -> None:
    """S02: revealing asks why; blanks are no reason, a preset is one click."""
    given: list[str] = []
    question = dialogs.ask_reason(window, "查看明文", "", given.append)
    field, confirm = question.findChild(QLineEdit), press(question, "确定")
    for text, allowed in (("", False), ("   ", False), ("x", False), ("ok", True)):
        field.setText(text)
        assert confirm.isEnabled() is allowed, text
    press(question, "核对客户身份").click()
    confirm.click()
    assert given == ["核对客户身份"]


def test_an_error_says_what_is_safe_and_what_to_do(window: QWidget) -> None:
    """The words of the error tree reach the person."""
    shown = dialogs.show_error(window, DiskFull())
    assert shown.text == "磁盘空间不足，刚才的修改没有保存"
    assert "腾出空间" in shown.advice


def test_long_words_are_not_cut(window: QWidget, qtbot) -> None:
    """The dialog grows with its text instead of clipping it."""
    short = dialogs.inform(window, "提示", "短")
    long = dialogs.inform(window, "提示", "很长的说明。" * 150)
    assert long.height() > short.height() + 150


def test_files_are_chosen_by_callback(window: QWidget, tmp_path: Path) -> None:
    """The path comes back as a path; a saved file gets the ending of the name offered."""
    chosen: list[Path] = []
    opened = dialogs.choose_file(window, "导入", "Excel (*.xlsx)", chosen.append)
    opened.fileSelected.emit(str(tmp_path / "客户.xlsx"))
    assert chosen == [tmp_path / "客户.xlsx"]
    saved = dialogs.save_file(window, "导出", "backup.zip", "Zip (*.zip)", chosen.append)
    assert saved.defaultSuffix() == "zip"
    assert saved.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    for one in (opened, saved):
        one.close()
