"""After a day at the window nothing of a customer can be read on the disk, in the profile or beside it (MASVS)."""

import csv
import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Complaint, Customer
from insuragent.services import backups
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import newest, wait

#: What nobody but the program's own files could hold, each typed or brought in another way.
NAME, REMARK, NUMBER, IMPORTED, DRAFTED, TOLD, ASKED = (
    "金丝雀慧敏",
    "金丝雀喜欢在清晨歌唱",
    "11010119900307002X",
    "金丝雀建国",
    "金丝雀的草稿",
    "金丝雀说没有告知",
    "金丝雀查询",
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go while the window is open."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    tempfile.tempdir = None


def test_no_canary_is_found(temporary: Path, root: Root, window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """Typed, imported, drafted, complained of, asked for, revealed, copied and backed up: every byte is looked at."""
    page: Any = window.go("customers")
    page.new_customer()
    page.file.form.take({"name": NAME, "remark": REMARK, "doc_no": NUMBER, "mobile": "13800138000"})
    page.file.save()
    wait(qtbot, lambda: newest(root, Customer))
    _import(page, tmp_path / "list.csv", qtbot)
    page.search.setText(ASKED)
    page._list()
    page.open_customer(newest(root, Customer).id)
    wait(qtbot, lambda: page.file.form.record_id == newest(root, Customer).id)
    page.file.form.take({"remark": DRAFTED})
    complaints: Any = window.go("complaints")
    told = {"complainant_name": NAME, "contact": "13800138000", "category": "premium", "facts": TOLD}
    complaints.form.take(told | {"received_at": dt.datetime.now(dt.UTC)})
    complaints.save()
    wait(qtbot, lambda: newest(root, Complaint))
    assert root.desk is not None
    backups.make(root.desk)
    window.lock("asked")
    wait(qtbot, lambda: root.desk is None)
    (tmp_path / "list.csv").unlink()
    looked = 0
    for file in tmp_path.rglob("*"):
        if file.is_file():
            looked += 1
            data = file.read_bytes()
            for canary in (NAME, REMARK, NUMBER, IMPORTED, DRAFTED, TOLD, ASKED, "13800138000"):
                for encoding in ("utf-8", "utf-16-le", "gb18030"):
                    assert canary.encode(encoding) not in data, (file.name, canary)
    assert looked > 5


def _import(page: Any, path: Path, qtbot: QtBot) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["姓名", "手机"], [IMPORTED, "13900139000"]])
    wizard = page.import_file()
    wizard.read(path)
    wait(qtbot, lambda: wizard.take_button.isEnabled())
    wizard.take()
    wait(qtbot, lambda: page.model.rowCount() >= 2)
