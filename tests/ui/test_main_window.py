"""The shell: pages made when opened, everything by keys, locked when nobody is there."""

import datetime as dt

import pytest
import time_machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from insuragent.errors import Unreachable, UserError
from insuragent.i18n import SHANGHAI
from insuragent.settings import Settings
from insuragent.ui import dialogs, tokens
from insuragent.ui.idle import IdleWatch
from insuragent.ui.layout import column
from insuragent.ui.main_window import MainWindow
from insuragent.ui.shell import BannerSpec, Context, PageSpec
from insuragent.ui.shortcuts import action
from insuragent.ui.widgets import Banner, label

Ctrl = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
MANY = 9


class SamplePage(QWidget):
    """A page with an action, a draft and a target."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self.context, self.name = context, name
        self.targets: list[object] = []
        self.drafts = 0
        self.done: list[str] = []
        self.field = QLineEdit()
        self.field.setAccessibleName("备注")
        self.setLayout(column(label(name, "h1"), self.field, None))
        self.setFocusProxy(self.field)
        action(self, f"归档 {name}", "Ctrl+E", lambda: self.done.append("archived"))

    def show_target(self, target: object) -> None:
        self.targets.append(target)

    def save_draft(self) -> None:
        self.drafts += 1


@pytest.fixture
def made() -> list[str]:
    """The names of the pages that were made, in order."""
    return []


@pytest.fixture
def specs(made: list[str]) -> list[PageSpec]:
    def factory(name: str):
        def make(context: Context) -> QWidget:
            made.append(name)
            return SamplePage(context, name)

        return make

    return [PageSpec(f"page{n}", f"页面{n}", "house", factory(f"page{n}")) for n in range(1, MANY + 1)]


@pytest.fixture
def window(specs, tasks, settings, theme, qtbot) -> MainWindow:
    window = MainWindow(specs, tasks, settings, theme, desk="desk")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def test_pages_are_made_when_first_opened(window: MainWindow, made: list[str], qtbot) -> None:
    """The first page alone is made at the start; going back to a page does not make it again."""
    assert made == ["page1"]
    qtbot.keyClick(window, Qt.Key.Key_3, Ctrl)
    qtbot.keyClick(window, Qt.Key.Key_1, Ctrl)
    qtbot.keyClick(window, Qt.Key.Key_3, Ctrl)
    assert made == ["page1", "page3"]
    assert window.page == "page3"


def test_a_page_is_opened_at_a_record(window: MainWindow) -> None:
    """Another page may send the person to one customer; what app.py adds reaches every page."""
    page = window.context.go("page2", "customer 7")
    assert page.targets == ["customer 7"]
    assert page.context.desk == "desk"


def test_the_next_start_opens_where_this_one_ended(window: MainWindow, specs, tasks, settings, theme, qtbot) -> None:
    """Last page and size of the window are kept; a page that is gone is not missed."""
    window.resize(780, 600)
    window.go("page4")
    window.close()
    again = MainWindow(specs, tasks, settings, theme)
    qtbot.addWidget(again)
    assert again.page == "page4"
    assert (again.width(), again.height()) == (780, 600)
    settings.last_page = "gone"
    third = MainWindow(specs, tasks, settings, theme)
    qtbot.addWidget(third)
    assert third.page == "page1"


def test_every_action_has_a_shortcut_of_its_own(window: MainWindow) -> None:
    """Everything can be done by keys, and no key means two things."""
    actions = [one for _title, group in window.action_groups() for one in group]
    keys = [one.shortcut().toString() for one in actions]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_help_lists_all_keys_including_the_pages_own(window: MainWindow, qtbot) -> None:
    """Ctrl+/ shows what can be done here and now."""
    qtbot.keyClick(window, Qt.Key.Key_Slash, Ctrl)
    shown = {one.text() for one in window.keys.findChildren(QLabel)}
    for _title, group in window.action_groups():
        for one in group:
            assert one.text() in shown
    assert "归档 page1" in shown
    assert "Ctrl E" in shown
    qtbot.keyClick(window.keys, Qt.Key.Key_Escape)
    assert not window.keys.isVisible()


def test_a_pages_shortcut_works_on_that_page(window: MainWindow, qtbot) -> None:
    """The same keys do each page's own thing."""
    window.activateWindow()
    page = window.go("page2")
    qtbot.waitUntil(page.field.hasFocus)
    qtbot.keyClick(page.field, Qt.Key.Key_E, Ctrl)
    assert page.done == ["archived"]
    assert window.go("page1").done == []


def test_the_palette_goes_to_pages_and_runs_their_actions(window: MainWindow, qtbot) -> None:
    """Ctrl+K, a few letters, Enter."""
    qtbot.keyClick(window, Qt.Key.Key_K, Ctrl)
    qtbot.keyClicks(window.palette_card.field, "ym5")
    qtbot.keyClick(window.palette_card.field, Qt.Key.Key_Return)
    assert window.page == "page5"
    qtbot.keyClick(window, Qt.Key.Key_K, Ctrl)
    assert "归档 page5" in window.palette_card.titles


def test_locking_keeps_drafts_and_clears_secrets(window: MainWindow, qtbot) -> None:
    """Ctrl+L: every open page keeps its draft first, and the clipboard holds nothing of ours."""
    page = window.go("page2")
    window.context.clipboard.copy("11010119900307002X")
    with qtbot.waitSignal(window.lock_requested) as locked:
        qtbot.keyClick(window, Qt.Key.Key_L, Ctrl)
    assert locked.args == ["asked"]
    assert page.drafts == 1
    assert window.go("page1").drafts == 1
    assert QGuiApplication.clipboard().text() == ""


def test_nobody_there_locks_after_the_minutes_set(qapp, qtbot, window: MainWindow) -> None:
    """Ten minutes without a key lock; a key in between starts the count anew."""
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI), tick=False) as clock:
        watch = IdleWatch(window, 10)
        watch.watch(window.windowHandle())
        left: list[str] = []
        watch.left.connect(left.append)

        def pass_seconds(seconds: int) -> None:
            for _look in range(seconds // 5):
                clock.shift(5)
                watch.look()

        pass_seconds(590)
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
        pass_seconds(590)
        assert left == []
        pass_seconds(15)
        assert left == ["idle"]


def test_a_machine_that_slept_is_locked_and_a_clock_set_back_is_not_a_way_in(window: MainWindow) -> None:
    """A jump forward is a sleep; a clock three hours back does not keep the desk open for three hours more."""
    with time_machine.travel(dt.datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI), tick=False) as clock:
        watch = IdleWatch(window, 10)
        left: list[str] = []
        watch.left.connect(left.append)
        clock.shift(120)
        watch.look()
        assert left == ["sleep"]
        clock.shift(-3 * 3600)
        watch.look()
        for _look in range(121):
            clock.shift(5)
            watch.look()
        assert left == ["sleep", "idle"]


def test_errors_are_shown_once_and_no_network_is_a_state(window: MainWindow, tasks, qtbot) -> None:
    """A dialog for what needs reading, never two on top of each other; offline is written in the status bar."""
    tasks.error_raised.emit(Unreachable())
    assert window.findChildren(dialogs.Question) == []
    tasks.error_raised.emit(UserError("证件号码不正确"))
    tasks.error_raised.emit(ValueError("x"))
    shown = window.findChildren(dialogs.Question)
    assert [one.text for one in shown] == ["证件号码不正确"]
    shown[0].accept()
    tasks.error_raised.emit(ValueError("secret"))
    fault = [one for one in window.findChildren(dialogs.Question) if one.isVisible()]
    assert fault[0].title == "程序出错了"
    assert "secret" not in fault[0].text


def test_banners_stand_above_every_page_until_replaced(window: MainWindow, qtbot) -> None:
    """A licence that expired is seen wherever one goes, and goes without a restart."""
    acted: list[str] = []
    window.show_banners([BannerSpec("执业登记已到期", "bad", "查看", lambda: acted.append("seen"))])
    window.go("page3")
    banner = window.findChild(Banner)
    qtbot.waitUntil(banner.isVisible)
    qtbot.mouseClick(banner.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert acted == ["seen"]
    window.show_banners([])
    qtbot.waitUntil(lambda: window.findChild(Banner) is None)


@pytest.mark.parametrize(("width", "scale", "wide"), [(1366, 100, True), (1024, 100, False), (1366, 200, False)])
def test_the_sidebar_gives_way_in_small_windows(window: MainWindow, theme, width: int, scale: int, wide: bool) -> None:
    """On 1024 pixels, or with text at 200 %, icons alone leave the room to the page."""
    theme.apply("light", scale)
    window.resize(width, 700)
    assert window.sidebar.wide is wide
    assert window.width() == width


def test_theme_and_text_size_follow_the_keys_and_are_kept(window: MainWindow, settings: Settings, theme, qtbot) -> None:
    """Dark and larger by keys, at once and for the next start."""
    qtbot.keyClick(window, Qt.Key.Key_D, Ctrl | Shift)
    assert settings.theme == "dark"
    assert tokens.is_dark()
    next(one for one in window.findChildren(QAction) if one.text() == "放大文字").trigger()
    assert settings.text_scale == 110
    assert theme.scale == 110


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    """An icon without words is silent to whoever cannot see it."""
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox)
    silent = [
        one.metaObject().className()
        for kind in kinds
        for one in window.findChildren(kind)
        if not (one.accessibleName() or getattr(one, "text", str)()) and not one.objectName().startswith("qt_")
    ]
    assert silent == []


def test_what_waits_is_counted_where_it_is_seen(window: MainWindow) -> None:
    """Pending entries, reminders and a page's own count are written and spoken."""
    window.show_sync(dt.datetime(2026, 11, 23, 9, 12, tzinfo=SHANGHAI), 12, online=False)
    window.show_reminders(3)
    window.context.badge("page5", 2)
    names = {one.accessibleName() for one in window.findChildren(QAbstractButton)}
    assert {"立即同步，12 项", "提醒，3 项", "页面5，2 项待处理"} <= names
    texts = {one.text() for one in window.findChildren(QLabel)}
    assert {"上次同步 2026-11-23 09:12", "离线可用 · 12 项待同步"} <= texts
    window.show_sync(None, 0, online=False)
    texts = {one.text() for one in window.findChildren(QLabel)}
    assert {"尚未同步", "离线可用 · 没有待同步的内容"} <= texts, "nothing was ever synced: not all of it was"
