"""The window of the unlocked desk: navigation, top bar, pages, status, and what holds for all of them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QStackedWidget, QWidget

from insuragent.errors import Unreachable
from insuragent.i18n import N_, _, format_moment
from insuragent.settings import Settings
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolling
from insuragent.ui.clipboard import SecretClipboard
from insuragent.ui.edits import SavedEdits
from insuragent.ui.forms import RecordForm
from insuragent.ui.help import HelpPanel
from insuragent.ui.idle import IdleWatch
from insuragent.ui.layout import column, empty, host, plain, row
from insuragent.ui.palette import Palette, PaletteEntry, readings
from insuragent.ui.shell import BannerSpec, Context, PageSpec
from insuragent.ui.shortcuts import WINDOW, ShortcutHelp, action, offered, shown
from insuragent.ui.sidebar import Sidebar
from insuragent.ui.tasks import Tasks
from insuragent.ui.theme import Theme
from insuragent.ui.toast import Toaster
from insuragent.ui.tokens import is_dark, px
from insuragent.ui.topbar import TopBar
from insuragent.ui.widgets import Banner, IconLabel, label

#: Below this width, in pixels at 100 %, the sidebar shows icons alone.
WIDE_FROM = 1100
SCALES = (100, 110, 125, 150, 175, 200)
GROUPS = (N_("前往"), N_("工具"), N_("外观"), N_("本页"))
#: When pinyin is loaded after the window was shown, in milliseconds.
PINYIN_LATER = 1500


class MainWindow(QMainWindow):
    """The shell around the pages.

    It tells ``lock_requested`` with the reason ("asked", "idle" or "sleep"), ``sync_requested`` and
    ``reminders_requested``; whoever listens does it and answers through the ``show_…`` methods.
    """

    lock_requested = Signal(str)
    sync_requested = Signal()
    revoked = Signal(object)
    reminders_requested = Signal()
    page_opened = Signal(str)

    def __init__(
        self, pages: Sequence[PageSpec], tasks: Tasks[Any], settings: Settings, theme: Theme, desk: object = None
    ) -> None:
        super().__init__()
        self._specs = {page.name: page for page in pages}
        self._pages: dict[str, QWidget] = {}
        self._areas: dict[str, QScrollArea] = {}
        self.page = ""
        self._settings, self._theme, self._tasks = settings, theme, tasks
        self._wanted_wide: bool | None = None
        self._error: dialogs.Question | None = None
        self.setWindowTitle(_("保险管家"))
        self.setMinimumSize(760, 520)
        self.sidebar = Sidebar(pages)
        self._stack = QStackedWidget()
        self._banners = column(spacing=8, margins=(20, 0, 20, 0))
        self.palette_card = Palette(self)
        self.toaster = Toaster(self)
        clipboard = SecretClipboard(self, settings.clipboard_seconds)
        self.context = Context(
            tasks,
            settings,
            theme,
            self.toaster,
            self.palette_card,
            clipboard,
            self.go,
            self.sidebar.show_count,
            SavedEdits(tasks, self.toaster, self),
            desk,
            {kind: page.name for page in pages for kind in page.opens},
            self.revoked.emit,
        )
        self._actions = self._make_actions(pages)
        self.keys = ShortcutHelp(self, self.action_groups)
        self.help = HelpPanel(self, self.keys.open)
        self.topbar = TopBar(self._menu_actions, self.palette_card.open)
        self.topbar.pressed.connect(self._on_pressed)
        self._make_body()
        self._make_status_bar()
        self.palette_card.add_provider(self._entries)
        self.palette_card.add_provider(self.help.entries)
        self.sidebar.page_chosen.connect(self.go)
        tasks.error_raised.connect(self.show_error)
        theme.changed.connect(self._on_theme_changed)
        self._idle = IdleWatch(self, settings.idle_minutes)
        self._idle.left.connect(self.lock)
        settings.listeners.append(self._on_setting_changed)
        self._restore()

    # Pages

    def go(self, name: str, target: object = None) -> QWidget:
        """Open a page, made now if it was not yet, at ``target`` if one is given; returns it. Raises KeyError."""
        self.palette_card.close_card()
        self.help.close_card()
        self.keys.close_card()
        page, self.page = self.made(name), name
        self._stack.setCurrentWidget(self._areas[name])
        self.sidebar.show_page(name)
        self._settings.last_page = name
        page.setFocus()  # at a target too: else the focus would fall to the first entry of the navigation
        if target is not None:
            page.show_target(target)  # type: ignore[attr-defined]  # see PageSpec
        self.page_opened.emit(name)
        return page

    def made(self, name: str) -> QWidget:
        """A page, made now if it was not yet; it need not be the one that is shown. Raises KeyError."""
        if name not in self._pages:
            self._pages[name] = self._specs[name].factory(self.context)
            # Each page scrolls by itself where the window is too small for it, as on a small screen in large print.
            self._areas[name] = scrolling(self._pages[name], QScrollArea)
            self._stack.addWidget(self._areas[name])
        return self._pages[name]

    def close_page(self, name: str) -> None:
        """Keep a page's drafts and let go of it; it is made anew when it is next opened."""
        page, area = self._pages.pop(name, None), self._areas.pop(name, None)
        if page is not None and area is not None:
            if hasattr(page, "save_draft"):
                page.save_draft()
            self._stack.removeWidget(area)
            area.hide()
            area.deleteLater()

    # What is shown

    def show_agent(self, name: str, branch: str = "") -> None:
        """Show who is signed in."""
        self.sidebar.show_agent(name, branch)

    def show_sync(self, last: dt.datetime | None, pending: int, *, online: bool, running: bool = False) -> None:
        """Show when head office was last reached (aware), how much waits, and whether it can be reached now."""
        words = _("已联机") if online else _("离线可用")
        idle = _("全部已同步") if last else _("没有待同步的内容")
        waits = _("{count} 项待同步").format(count=pending) if pending else idle
        self.sidebar.show_state(f"{words} · {waits}")
        when = _("上次同步 {moment}").format(moment=format_moment(last)) if last else _("尚未同步")
        self._sync_words.setText(_("正在同步…") if running else when)
        self._online_icon.show_icon("wifi" if online else "wifi-off", "ok" if online else "text3")
        self._online_words.setText(words)
        self.topbar.show_syncing(running)
        self.topbar.show_count("sync", pending)

    def show_reminders(self, count: int) -> None:
        """Show how many reminders are due."""
        self.topbar.show_count("reminders", count)

    def show_banners(self, banners: Iterable[BannerSpec]) -> None:
        """Show these above every page, instead of those before."""
        empty(self._banners)
        for spec in banners:
            self._banners.addWidget(Banner(spec.text, spec.kind, spec.action, spec.then))
        self._banners.setContentsMargins(20, 12 if self._banners.count() else 0, 20, 0)

    def show_error(self, error: BaseException) -> None:
        """Show an error that nobody took; no network is a state, and a second error waits for the first to be read."""
        if isinstance(error, Unreachable):
            self._online_icon.show_icon("wifi-off", "text3")
            self._online_words.setText(_("离线可用"))
        elif self._error is None:
            self._error = dialogs.show_error(self, error)
            self._error.finished.connect(self._on_error_read)

    def _on_error_read(self) -> None:
        self._error = None

    # Locking and closing

    def lock(self, why: str = "asked") -> None:
        """Keep drafts, clear the clipboard and ask to be locked."""
        self._put_away()
        self.lock_requested.emit(why)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._put_away()
        super().closeEvent(event)

    def _put_away(self) -> None:
        for page in self._pages.values():
            save = getattr(page, "save_draft", None)
            if save is not None:
                save()
        self.context.clipboard.clear()
        self._settings.window_geometry = bytes(self.saveGeometry().toBase64().data()).decode()

    # Actions

    def action_groups(self) -> list[tuple[str, list[QAction]]]:
        """All that can be done now, by group; the last is what the open page offers."""
        page = self._pages.get(self.page)
        own = [] if page is None else offered(page)
        return [(_(group), own if group == GROUPS[-1] else self._actions[group]) for group in GROUPS]

    def undo(self) -> None:
        """Take back the newest edit of the form that has the focus; where there is none, what was saved last."""
        widget = QApplication.focusWidget()
        while widget is not None and not (isinstance(widget, RecordForm) and widget.undo()):
            widget = widget.parentWidget()
        if widget is None:
            self.context.edits.undo()

    def _make_actions(self, pages: Sequence[PageSpec]) -> dict[str, list[QAction]]:
        def make(text: str, keys: str, then: Any, icon: str) -> QAction:
            return action(self, text, keys, then, icon=icon, context=WINDOW)

        def go(page: PageSpec) -> Any:
            return lambda: self.go(page.name)

        palette = self.palette_card
        return {
            GROUPS[0]: [
                make(_(page.title), f"Ctrl+{number}" if number <= 9 else "", go(page), page.icon)
                for number, page in enumerate(pages, 1)
            ],
            GROUPS[1]: [
                make(_("搜索或执行命令"), "Ctrl+K", palette.open, "search"),
                make(_("撤销"), "Ctrl+Z", self.undo, "undo-2"),
                make(_("立即同步"), "Ctrl+Shift+S", self.sync_requested.emit, "refresh-cw"),
                make(_("提醒"), "Ctrl+Shift+R", self.reminders_requested.emit, "bell"),
                make(_("锁定"), "Ctrl+L", self.lock, "lock"),
                make(_("本页帮助"), "F1", lambda: self.help.open_at(self.page), "circle-help"),
                make(_("快捷键"), "Ctrl+/", lambda: self.keys.open(), "keyboard"),
                make(_("退出"), "Ctrl+Q", self.close, "log-out"),
            ],
            GROUPS[2]: [
                make(_("浅色 / 深色"), "Ctrl+Shift+D", self._toggle_theme, "moon"),
                make(_("放大文字"), "Ctrl+Shift+=", lambda: self._rescale(1), "zoom-in"),
                make(_("缩小文字"), "Ctrl+Shift+-", lambda: self._rescale(-1), "zoom-out"),
                make(_("大字模式"), "Ctrl+Shift+L", self._toggle_large_print, "eye"),
                make(_("展开或收起导航"), "Ctrl+B", self._toggle_sidebar, "panel-left"),
                make(_("全屏"), "F11", self._toggle_full_screen, "maximize"),
            ],
        }

    def _menu_actions(self) -> list[tuple[str, list[QAction]]]:
        return [(title, actions) for title, actions in self.action_groups() if actions]

    def _entries(self) -> list[PaletteEntry]:
        return [
            PaletteEntry(
                key=(group, one.text()),
                title=plain(one.text()),
                then=one.trigger,
                icon=self._icon_of(one),
                detail=group if group == _(GROUPS[0]) else "",
                shortcut=shown(one.shortcut()),
            )
            for group, actions in self.action_groups()
            for one in actions
            if one.isEnabled() and one.text()
        ]

    def _icon_of(self, one: QAction) -> str:
        return str(one.property("icon_name") or "arrow-right")

    def _on_pressed(self, what: str) -> None:
        acts = {
            "sync": self.sync_requested.emit,
            "reminders": self.reminders_requested.emit,
            "theme": self._toggle_theme,
            "lock": self.lock,
        }
        acts[what]()

    # Look

    def _toggle_theme(self) -> None:
        self._settings.theme = "light" if is_dark() else "dark"

    def _toggle_large_print(self) -> None:
        self._settings.large_print = not self._settings.large_print

    def _rescale(self, steps: int) -> None:
        now = self._theme.scale
        options = [s for s in SCALES if s > now] if steps > 0 else [s for s in reversed(SCALES) if s < now]
        if options:
            self._settings.text_scale = options[0]

    def _toggle_full_screen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _toggle_sidebar(self) -> None:
        self._wanted_wide = not self.sidebar.wide
        self.sidebar.show_wide(self._wanted_wide)

    def _fit_sidebar(self) -> None:
        roomy = self.width() >= px(WIDE_FROM)
        # A choice by hand holds while there is room; a narrow window always gets the room back.
        self.sidebar.show_wide(roomy and self._wanted_wide is not False)

    def _on_theme_changed(self) -> None:
        self._fit_sidebar()
        self.topbar.fit()

    def _on_setting_changed(self, name: str) -> None:
        if name in ("theme", "text_scale", "large_print"):
            chosen = self._settings
            self._theme.apply(chosen.theme, chosen.text_scale, large_print=chosen.large_print)
        elif name == "idle_minutes":
            self._idle.minutes = self._settings.idle_minutes
        elif name == "clipboard_seconds":
            self.context.clipboard.seconds = self._settings.clipboard_seconds

    # Making and restoring

    def _make_body(self) -> None:
        right = column(self.topbar, self._banners, (self._stack, 1), spacing=0)
        self.setCentralWidget(host(row(self.sidebar, (right, 1), spacing=0), "page"))

    def _make_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self._sync_words = label(_("尚未同步"))
        self._online_icon = IconLabel("wifi-off", "text3", size=14)
        self._online_words = label(_("离线可用"))
        secured = row(10, IconLabel("lock", "ok", size=14), label(_("资料已加密")), spacing=6)
        bar.addWidget(host(secured))
        bar.addWidget(host(row(12, self._sync_words)))
        bar.addPermanentWidget(host(row(self._online_icon, self._online_words, 10, spacing=6)))

    def _restore(self) -> None:
        kept = QByteArray.fromBase64(self._settings.window_geometry.encode())
        if kept.isEmpty() or not self.restoreGeometry(kept):
            self.resize(1366, 860)
        last = self._settings.last_page
        self.go(last if last in self._specs else next(iter(self._specs)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._idle.watch(self.windowHandle())
        # Pinyin takes a moment to load: before the palette needs it, yet not while the first page is being read.
        QTimer.singleShot(PINYIN_LATER, self, lambda: self._tasks.run_free(self, readings, self.windowTitle()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sidebar()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DeferredDelete and self._on_setting_changed in self._settings.listeners:
            self._settings.listeners.remove(self._on_setting_changed)
        return super().event(event)
