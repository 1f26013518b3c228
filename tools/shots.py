"""Pictures of every scene, light and dark, zh and en, at 100 % and 200 %, and of every sheet page, in out/shots/."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pypdfium2
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from insuragent import demo
from insuragent.app import Door, Root
from insuragent.errors import WrongPassphrase
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.services import sheets
from insuragent.settings import Profile
from insuragent.ui import idle
from tools.scenes import EMPTY, SCENES, Scene, still
from tools.tree import ROOT

OUT = ROOT / "out" / "shots"
SIZE = (1366, 860)
SCALES = (100, 200)
SAMPLE = "chenguang xiaohe 2026"
CHEAP = KdfCost(memory_kib=8192, iterations=1, lanes=1)


def keep(picture: QImage, name: str) -> Path:
    """Keep a picture."""
    path = OUT / f"{name}.png"
    picture.save(str(path))
    return path


def looks(root: Root) -> Iterator[str]:
    """Every look, put on in turn: theme, language and scale."""
    for language in ("zh", "en"):
        root.settings.language = language
        root.use_language()
        for theme in ("light", "dark"):
            for scale in SCALES:
                # What was closed goes only now, without an event loop; a new look would dress it along.
                root.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
                root.settings.theme, root.settings.text_scale = theme, scale
                root.theme.apply(theme, scale)
                yield f"{theme}-{language}-{scale}"


def pictures(root: Root, application: QApplication, scenes: Mapping[str, Scene]) -> Iterator[Path]:
    """Every scene in every look."""
    assert root.desk is not None
    for look in looks(root):
        assert root.window is not None
        root.window.resize(*SIZE)
        for name, scene in scenes.items():
            shown = scene(root.window, root.desk)
            yield keep(still(application, shown), f"{name}-{look}")
            if shown is not root.window:
                shown.close()


def doors(root: Root, application: QApplication, wanted: Callable[[str], bool]) -> Iterator[Path]:
    """The first run with its recovery code, and the lock screen, refused and with the code, in every look."""
    for look in looks(root):
        screens = {
            "first-run": root._first_run(),
            "first-run-code": _coded(root._first_run()),
            "unlock": root._unlock_screen(),
            "unlock-refused": _refused(root._unlock_screen()),
            "unlock-recovery": _recovering(root._unlock_screen()),
        }
        for name, screen in screens.items():
            if wanted(name):
                door = Door(screen)
                door.resize(1280, 800)
                door.show()
                yield keep(still(application, door), f"{name}-{look}")
                door.close()
                door.deleteLater()


def _coded(screen: Any) -> Any:
    screen.show_recovery_code("K7QM2-9XWDR-4HTNB-V6CPL-J3GFS-8YZAE")
    return screen


def _refused(screen: Any) -> Any:
    error = WrongPassphrase()
    screen.refuse(str(error), error.advice)
    return screen


def _recovering(screen: Any) -> Any:
    screen.show_step(screen._recovery)
    return screen


def sheet_pages(desk: desks.Desk) -> Iterator[Path]:
    """Each page of the signed sheet of the demo day."""
    from insuragent.models import Sheet

    with desk.begin() as work:
        found = demo.newest(work, Sheet)
        data = sheets.preview(work, found.id)
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document, 1):
        path = OUT / f"sheet-{number}.png"
        page.render(scale=1.5).to_pil().save(path)
        yield path
    document.close()


def main(*names: str) -> int:
    """Make them all, or the scenes of these names."""

    def wanted(name: str) -> bool:
        return not names or name in names

    def chosen(scenes: Mapping[str, Scene]) -> dict[str, Scene]:
        return {name: scene for name, scene in scenes.items() if wanted(name)}

    OUT.mkdir(parents=True, exist_ok=True)
    # Taking pictures holds the timers up for so long that it looks as if the machine had slept: nobody is to lock.
    idle.JUMP = 3600
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        fresh = _root(Path(folder) / "fresh", application)
        count = sum(1 for _ in doors(fresh, application, wanted))
        fresh.open_window(desks.create(fresh.profile, SAMPLE, CHEAP)[0])
        count += sum(1 for _ in pictures(fresh, application, chosen(EMPTY)))
        _put_away(fresh)
        root = _root(Path(folder) / "demo", application)
        desk, _code = desks.create(root.profile, SAMPLE, CHEAP)
        demo.seed(desk)
        count += sum(1 for _ in sheet_pages(desk)) if not names else 0
        root.open_window(desk)
        count += sum(1 for _ in pictures(root, application, chosen(SCENES)))
        _put_away(root)
    print(f"{count} pictures in {OUT.relative_to(ROOT)}/")
    return 0


def _root(folder: Path, application: QApplication) -> Root:
    profile = Profile(folder)
    profile.prepare()
    return Root(profile, application)


def _put_away(root: Root) -> None:
    if root.window is not None:
        root.window.close()
        root.window.deleteLater()
    root.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
