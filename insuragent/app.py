"""The composition root of the desk: unlock, open, wire, show; lock again.

Imports of weight come late: the lock screen is painted before the store, the services and the pages are loaded.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from logging.handlers import RotatingFileHandler
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLibraryInfo, QObject, QTimer, QTranslator, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from insuragent.errors import InsuragentError, StoreError, UserError
from insuragent.i18n import N_, _, set_language
from insuragent.settings import Profile, Settings, resource, write_error
from insuragent.ui.tasks import Tasks
from insuragent.ui.theme import Theme

if TYPE_CHECKING:
    from insuragent.services.desk import Desk
    from insuragent.services.today import Frame
    from insuragent.ui.first_run import FirstRunScreen
    from insuragent.ui.main_window import MainWindow
    from insuragent.ui.office_watch import OfficeWatch
    from insuragent.ui.unlock import UnlockScreen

log = logging.getLogger(__name__)

#: What the benches ask for: print a line when the lock screen ("lock") is painted, and quit.
MEASURE = os.environ.get("INSURAGENT_MEASURE", "")
#: How often the frame's facts (what waits, warnings) are looked at again, in milliseconds.
LOOK_AGAIN = 60_000
#: When head office is looked for the first time after the window was opened, in milliseconds.
LOOK_FIRST = 3_000


def main(profile: Profile) -> int:
    """Open the window on a profile; returns the exit code."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("insuragent")
    trouble = prepare(profile)
    root = Root(profile, application)
    root.start(trouble)
    try:
        return application.exec()
    finally:
        root.close()


class Root(QObject):
    """The desk as a whole: a door that is locked, or a window that is open."""

    def __init__(self, profile: Profile, application: QApplication) -> None:
        super().__init__(application)
        self.profile, self.application = profile, application
        self.settings = Settings(profile.settings_file)
        self.theme = Theme(application)
        self.tasks: Tasks[Any] = Tasks(self._begin, self)
        self.desk: Desk | None = None
        self.watch: OfficeWatch | None = None
        self.window: MainWindow | None = None
        self.door: Door | None = None
        self._translator = QTranslator(self)
        sys.excepthook = self._on_fault
        self.settings.listeners.append(self._on_setting_changed)
        self.use_language()
        chosen = self.settings
        self.theme.apply(chosen.theme, chosen.text_scale, large_print=chosen.large_print)

    # --- the door ------------------------------------------------------------------------------------------------

    def start(self, trouble: StoreError | None = None) -> None:
        """Show the lock screen, or the first run where there is nothing yet; ``trouble`` is told on it."""
        # A key file beside an empty database is data loss, never a first run: opening it says so.
        new = not self.profile.key_file.exists() and not self.profile.database.exists()
        screen = self._first_run() if new else self._unlock_screen()
        if trouble is not None:
            _told(screen.refuse)(trouble)
        self.door = Door(screen)
        self.door.resize(1280, 800)
        self.door.painted.connect(self._on_door_painted)
        self.door.show()

    def _on_door_painted(self) -> None:
        if MEASURE == "lock":
            sys.stdout.write("painted\n")
            sys.stdout.flush()
            self.application.quit()
        else:
            self.theme.load_bold()
            self.tasks.run_free(self, warm_up)  # while the passphrase is typed

    def _unlock_screen(self) -> "UnlockScreen":
        from insuragent.ui.unlock import UnlockScreen

        screen = UnlockScreen(_judge, quick=self.settings.quick_unlock)
        screen.unlock_asked.connect(
            lambda typed: self._open(screen.refuse, lambda: _desk().unlock(self.profile, typed))
        )
        screen.quick_unlock_asked.connect(lambda: self._open(screen.refuse, self._quick_unlock))
        screen.recover_asked.connect(
            lambda code, new: self._open(screen.refuse, lambda: _desk().recover(self.profile, code, new))
        )
        return screen

    def _quick_unlock(self) -> "Desk":
        found = _desk().quick_unlock(self.profile)
        if found is None:
            raise UserError(N_("系统钥匙串里没有可用的密钥"), hint=N_("请输入口令。"))
        return found  # type: ignore[no-any-return]

    def _first_run(self) -> "FirstRunScreen":
        from insuragent.ui.first_run import FirstRunScreen

        screen = FirstRunScreen(_judge, print_code=self._print_code)

        def made(result: "tuple[Desk, str]") -> None:
            screen.show_recovery_code(result[1])
            screen.finished.connect(lambda: self.open_window(result[0]))

        def choose(passphrase: str) -> None:
            task = self.tasks.run_free(screen, lambda: _desk().create(self.profile, passphrase))
            task.then(made).failed(_told(screen.refuse))

        screen.passphrase_chosen.connect(choose)
        return screen

    def _open(self, refuse: Callable[[str, str], object], way: "Callable[[], Desk]") -> None:
        self.tasks.run_free(self, lambda: _admitted(way())).then(self.open_window).failed(_told(refuse))

    def _print_code(self, code: str) -> None:
        from insuragent.ui.pdf_view import print_pdf

        if self.door is not None:
            print_pdf(self.tasks, self.door, _desk().recovery_page(code), self.settings.printer)

    # --- the window ----------------------------------------------------------------------------------------------

    def open_window(self, desk: "Desk") -> "MainWindow":
        """Show the window of an open desk in place of the door."""
        from insuragent.ui.finder import RecordFinder
        from insuragent.ui.main_window import MainWindow
        from insuragent.ui.pages import PAGES

        self.desk = desk
        self.theme.load_bold()
        window = self.window = MainWindow(PAGES, self.tasks, self.settings, self.theme, desk)
        window.palette_card.add_finder(RecordFinder(window.context))
        window.lock_requested.connect(self.lock)
        window.revoked.connect(self._on_revoked)
        window.sync_requested.connect(lambda: window.go("syncing", "now"))
        window.reminders_requested.connect(lambda: window.go("today", "reminders"))
        self.tasks.records_changed.connect(self._look)
        timer = QTimer(window, interval=LOOK_AGAIN)
        timer.timeout.connect(self._look)
        timer.start()
        self._look()
        self._watch(window)
        if self.door is not None:
            self.door.close()
            self.door.deleteLater()
            self.door = None
            self._offer_drafts(window)
        window.show()
        return window

    def _offer_drafts(self, window: "MainWindow") -> None:
        """After the door: tell what was being typed when the desk was locked, or the power went."""
        from insuragent.services import drafts

        def offer(kept: "list[drafts.Kept]") -> None:
            if kept:
                words = _("有 {n} 份没有保存的草稿").format(n=len(kept))
                window.toaster.show(words, "info", _("查看"), lambda: window.go("today", "reminders"))

        self.tasks.run(window, drafts.all_kept).then(offer)

    def _watch(self, window: "MainWindow") -> None:
        from insuragent.ui.backup_watch import BackupWatch
        from insuragent.ui.office_watch import OfficeWatch

        BackupWatch(window.context, window)
        self.watch = OfficeWatch(window.context, window)
        self.watch.looked.connect(self._look)
        self.watch.came.connect(lambda: window.made("syncing").sync_by_itself())  # type: ignore[attr-defined]
        QTimer.singleShot(LOOK_FIRST, self.watch, self.watch.look)

    def lock(self, why: str = "asked") -> None:
        """Close the store and show the lock screen; nothing of the records stays in the window."""
        if self.desk is None or self.window is None:
            return
        window, desk = self.window, self.desk
        self.tasks.records_changed.disconnect(self._look)
        # Drafts that the pages still hand over run first: the store's thread takes one thing after the other.
        last = self.tasks.run(self, lambda work: None)
        last.failed(lambda error: log.info("locked with %s", type(error).__name__)).ended(
            lambda: self._locked(desk, why)
        )
        self.window = None
        window.hide()
        window.deleteLater()
        self.start()

    def _locked(self, desk: "Desk", why: str) -> None:
        self.desk = None
        desk.lock(why)

    def _on_revoked(self, error: InsuragentError) -> None:
        """Head office withdrew this device and its data are destroyed: what is left is to say so, and start anew."""
        from insuragent.ui import dialogs

        self.lock("revoked")
        if self.door is not None:
            dialogs.show_error(self.door, error)

    def close(self) -> None:
        """End: finish what was asked for and let go of the store."""
        self.tasks.close()
        if self.desk is not None:
            self.desk.close()
            self.desk = None

    def _begin(self) -> AbstractContextManager[Any]:
        if self.desk is None:
            raise UserError(N_("资料已锁定"))
        return self.desk.begin()

    # --- what holds for the whole --------------------------------------------------------------------------------

    def _look(self, changed: object = None) -> None:
        if self.desk is not None and self.window is not None:
            from insuragent.services import today

            self.tasks.run(self.window, today.frame).then(self._show_frame)

    def _show_frame(self, facts: "Frame") -> None:
        from insuragent.ui.shell import BannerSpec

        if self.window is None or self.desk is None:
            return
        self.window.show_agent(facts.agent, facts.branch)
        self.window.show_sync(facts.last_sync, facts.pending, online=self.watch is not None and self.watch.in_reach)
        self.window.show_reminders(facts.reminders)
        self.window.context.badge("complaints", facts.complaints)
        alarms = [BannerSpec(f"{alarm}。{alarm.advice}", "bad") for alarm in self.desk.alarms]
        self.window.show_banners([*alarms, *(BannerSpec(text, kind) for text, kind in facts.banners)])

    def _on_setting_changed(self, name: str) -> None:
        if name == "language" and self.desk is not None and self.window is not None:
            self.use_language()
            old, desk = self.window, self.desk
            self.tasks.records_changed.disconnect(self._look)
            self.open_window(desk)
            old.hide()
            old.deleteLater()

    def use_language(self) -> None:
        """Show everything from now on in the language of the settings, Qt's own buttons too."""
        set_language(self.settings.language, resource("i18n"))
        self.application.removeTranslator(self._translator)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self.settings.language == "zh" and self._translator.load("qtbase_zh_CN", folder):
            self.application.installTranslator(self._translator)

    def _on_fault(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        self.tasks.report(fault)


class Door(QWidget):
    """The window before the desk is open; ``painted`` is told once, when the person sees it."""

    painted = Signal()

    def __init__(self, screen: QWidget) -> None:
        from insuragent.ui.areas import scrolling

        super().__init__()
        self.setWindowTitle(_("保险管家"))
        space = QVBoxLayout(self)
        space.setContentsMargins(0, 0, 0, 0)
        space.addWidget(scrolling(screen))
        self.screen_shown = screen
        self._seen = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell the first time."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self.painted.emit)


def warm_up() -> None:
    """Load what the window will need, so that it opens at once when the passphrase is right."""
    import insuragent.services.desk
    import insuragent.services.today
    import insuragent.ui.main_window
    import insuragent.ui.pages  # noqa: F401
    from insuragent import memory

    memory.settle()


def _desk() -> Any:
    import insuragent.services.desk

    return insuragent.services.desk


def _admitted(desk: "Desk") -> "Desk":
    """The desk, unless it needs contact with head office first; what contact needs is loaded only then."""
    from insuragent.services import lease

    def contact(desk: "Desk") -> object:
        from insuragent.services import office

        return office.sync_now(desk)

    return lease.admitted(desk, contact)


def _judge(passphrase: str) -> tuple[int, str]:
    judged: tuple[int, str] = _desk().judge(passphrase)
    return judged


def _told(refuse: Callable[[str, str], object]) -> Callable[[InsuragentError], object]:
    return lambda error: refuse(str(error), error.advice)


def prepare(profile: Profile) -> StoreError | None:
    """Make the profile's folder and begin its log; the error where it cannot be written: the door tells it."""
    try:
        profile.prepare()
        start_log(profile)
    except StoreError as error:
        return error
    except OSError as error:
        return write_error(error)
    return None


def start_log(profile: Profile) -> None:
    """Log to the profile's folder; records are named by kind and id, never by what they hold."""
    profile.log_file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(profile.log_file, maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
