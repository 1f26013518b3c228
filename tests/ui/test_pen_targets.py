"""What a pen or a finger presses at the table is high enough to be hit: 44 pixels, more in large print."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from insuragent.ui import dialogs
from insuragent.ui.layout import column
from insuragent.ui.parts.sign_dialog import SignDialog
from insuragent.ui.theme import Theme
from insuragent.ui.widgets import button

LEAST = 44


def sign(parent: QWidget) -> dialogs.Question:
    """The pad with its buttons."""
    made = SignDialog(parent, "自愿投保确认", "请在下面签名", lambda _png, _strokes: None)
    made.open()
    return made


ASKED: dict[str, Callable[[QWidget], dialogs.Question]] = {
    "signing": sign,
    "a question": lambda parent: dialogs.ask(parent, "删除", "无法恢复", lambda: None, danger=True),
    "an error": lambda parent: dialogs.show_error(parent, ValueError()),
}


@pytest.mark.parametrize("scale", [100, 200])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_buttons_of_dialogs_are_hit_by_a_pen(theme: Theme, qtbot: QtBot, scale: int, asked: object) -> None:
    """Those that answer, and those of the pad, with the focus and without."""
    theme.apply("light", scale)
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    shown = asked(parent)  # type: ignore[operator]
    heights = {one.text(): one.height() for one in shown.findChildren(QPushButton) if one.isVisible()}
    assert heights
    assert min(heights.values()) >= LEAST * scale // 100, heights
    shown.close()


def test_the_focus_leaves_the_height_as_it_is(theme: Theme, qtbot: QtBot) -> None:
    """A button does not jump under the pen; an ordinary one is lower."""
    window = QWidget()
    qtbot.addWidget(window)
    pen, mouse = button("客户签署", kind="primary", pen=True), button("打印")
    window.setLayout(column(pen, mouse))
    window.show()
    window.activateWindow()
    mouse.setFocus()
    qtbot.waitUntil(mouse.hasFocus)
    before = pen.height()
    pen.setFocus()
    qtbot.waitUntil(pen.hasFocus)
    assert pen.height() == before >= LEAST
    assert mouse.height() < LEAST
