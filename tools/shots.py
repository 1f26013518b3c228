"""Pictures of every scene, light and dark, zh and en, at 100 % and 200 %, and of every sheet page, in out/shots/."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pypdfium2
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from insuragent import demo
from insuragent.app import Door, Root
from insuragent.security.keys import KdfCost
from insuragent.services import desk as desks
from insuragent.services import sheets
from insuragent.settings import Profile
from tools.scenes import SCENES, still
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


def pictures(root: Root, application: QApplication) -> Iterator[Path]:
    """Every scene in every look."""
    assert root.desk is not None
    for language in ("zh", "en"):
        root.settings.language = language
        for theme in ("light", "dark"):
            for scale in SCALES:
                root.settings.theme, root.settings.text_scale = theme, scale
                assert root.window is not None
                root.window.resize(*SIZE)
                for name, scene in SCENES.items():
                    shown = scene(root.window, root.desk)
                    yield keep(still(application, shown), f"{name}-{theme}-{language}-{scale}")
                    if shown is not root.window:
                        shown.close()


def doors(root: Root, application: QApplication) -> Iterator[Path]:
    """The first run and the lock screen."""
    for theme in ("light", "dark"):
        root.theme.apply(theme)
        for name, screen in (("first-run", root._first_run()), ("unlock", root._unlock_screen())):
            door = Door(screen)
            door.resize(1280, 800)
            door.show()
            yield keep(still(application, door), f"{name}-{theme}-zh-100")
            door.close()


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


def main() -> int:
    """Make them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile(Path(folder) / "demo")
        root = Root(profile, application)
        count = sum(1 for _ in doors(root, application))
        desk, _code = desks.create(profile, SAMPLE, CHEAP)
        demo.seed(desk)
        count += sum(1 for _ in sheet_pages(desk))
        root.open_window(desk)
        count += sum(1 for _ in pictures(root, application))
        root.close()
    print(f"{count} pictures in {OUT.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
