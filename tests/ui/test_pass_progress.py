"""What the bar of a pass says: how far, by type, and how long it will take."""

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from insuragent.sync.progress import Part, Step
from insuragent.ui.parts.pass_progress import PassProgress
from insuragent.ui.theme import Theme


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> PassProgress:
    made = PassProgress(lambda: None)
    qtbot.addWidget(made)
    return made


def said(bar: PassProgress) -> list[str]:
    """All that it says."""
    return [one.text() for one in bar.findChildren(QLabel) if one.text()]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "约剩 1 秒"),
        (14.4, "约剩 14 秒"),
        (59.4, "约剩 59 秒"),
        (59.9, "约剩 1 分钟"),
        (89, "约剩 1 分钟"),
        (151, "约剩 3 分钟"),
        (3600, "约剩 60 分钟"),
    ],
)
def test_the_rest_is_told_in_seconds_then_in_minutes(bar: PassProgress, seconds: float, words: str) -> None:
    """Never 0 seconds, never 60 of them: what is left is a whole second or a whole minute at least."""
    bar.show_step(Step("正在发送", 1, 4, seconds=seconds))
    assert words in said(bar)


def test_no_rest_is_told_before_it_is_known(bar: PassProgress) -> None:
    """A guess of the step before does not stand beside the next one."""
    bar.show_step(Step("正在发送", 1, 4, seconds=90))
    bar.show_step(Step("正在接收"))
    assert not [words for words in said(bar) if "约剩" in words]


def test_bytes_count_where_they_are_known(bar: PassProgress) -> None:
    """One large attachment among small records moves the bar by what it weighs; each type is told with both."""
    parts = (Part("customer", done=96, total=308, size=61_000), Part("visit", done=0, total=0, size=0))
    bar.show_step(Step("正在发送", 96, 308, 25, 100, parts=parts))
    shown = bar.findChild(QProgressBar)
    assert (shown.value(), shown.maximum()) == (25, 100)
    assert "客户 96 / 308（60 kB）" in said(bar)
