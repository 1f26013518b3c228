"""Golden pages: every scene of the window as it was last approved, on a day that stands still.

``INSURAGENT_RENEW=1`` renews them in tests/golden/pages; look at the pictures before you commit them.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from PIL import Image, ImageQt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from insuragent.app import Root
from insuragent.i18n import SHANGHAI
from tests.looks import SHARE, differing, renewing, where
from tests.ui.conftest import lively_window
from tools.scenes import SCENES, still

GOLDEN = Path(__file__).parent.parent / "golden" / "pages"
SIZE = (1280, 800)
#: A Thursday without a holiday near it, after the day's second visit.
NOW = dt.datetime(2026, 11, 26, 11, 30, tzinfo=SHANGHAI)
#: What is looked at in the dark too.
DARK = ("today", "customer", "sheet-checks")
CASES = [(name, "light") for name in SCENES] + [(name, "dark") for name in DARK]


@pytest.fixture(scope="module")
def root(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """The demo's desk in its window."""
    blink = qapp.cursorFlashTime()
    qapp.setCursorFlashTime(0)
    with (
        time_machine.travel(NOW, tick=False),
        lively_window(qapp, tmp_path_factory.mktemp("golden")) as root,
    ):
        assert root.window is not None
        root.window.resize(*SIZE)
        yield root
    qapp.setCursorFlashTime(blink)


def grey(picture: QImage) -> Image.Image:
    """A picture as it is compared."""
    return ImageQt.fromqimage(picture).convert("L")


def test_the_window_is_as_approved(root: Root, qapp: QApplication) -> None:
    """A change of look or words is a decision, not an accident; the scenes follow one another in one window."""
    assert [told for name, theme in CASES if (told := unlike(root, qapp, name, theme))] == []


def unlike(root: Root, qapp: QApplication, name: str, theme: str) -> str:
    """Where a scene does not look as it did, "" where it does; with renewing() it is approved as it is."""
    assert root.window is not None
    assert root.desk is not None
    root.settings.theme = theme
    shown = SCENES[name](root.window, root.desk)
    for told in root.window.findChildren(QLabel):
        if str(root.desk.profile.folder) in told.text():
            told.setText("/")  # of this machine
    found = grey(still(qapp, shown))
    if shown is not root.window:
        shown.close()
    file = GOLDEN / f"{name}-{theme}.png"
    if renewing():
        GOLDEN.mkdir(parents=True, exist_ok=True)
        found.quantize(32).save(file, optimize=True)
    with Image.open(file) as picture:
        wanted = picture.convert("L")
    return "" if differing(found, wanted) <= SHARE else f"{file.stem}: {where(found, wanted)}"
