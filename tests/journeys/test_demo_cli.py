"""The field day without a window, as a process: what is reported, what is printed, and what it leaves behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from insuragent.settings import resource

EXPECTED = json.loads(resource("demo/expected.json").read_text())


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a field day was worked."""
    out = tmp_path_factory.mktemp("field") / "day"
    _work(out)
    return out


def _work(out: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "insuragent", "run-demo", "--out", str(out)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)


def report(day: Path) -> dict[str, object]:
    """What the day reports."""
    told: dict[str, object] = json.loads((day / "report.json").read_text(encoding="utf-8"))
    return told


def test_the_report_counts_the_day(day: Path) -> None:
    """As documented: rows taken and refused, visits, sheets, the complaint."""
    told = report(day)
    assert (told["imported"], told["refused"]) == (EXPECTED["taken"], EXPECTED["refused"])
    assert (told["visits"], told["sheets"], told["complaints"]) == (6, 2, 1)


def test_the_sheets_are_signed_and_say_no_rate(day: Path) -> None:
    """Both PDFs open; their text holds the numbers of the case and no ratio figure."""
    names = report(day)["pdfs"]
    assert isinstance(names, list)
    assert len(names) == 2
    for name in names:
        text = "".join(page.extract_text() for page in PdfReader(day / str(name)).pages)
        assert "林晓静" in text
        assert "尚未签署" not in text
        assert not any(word in text for word in ("IRR", "复利", "收益率"))


def test_the_day_can_be_worked_again(day: Path) -> None:
    """The same folder is made anew."""
    before = report(day)["pdfs"]
    _work(day)
    assert report(day)["pdfs"] != before


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """Whatever stands in it."""
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError) as ended:
        _work(tmp_path)
    assert ended.value.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
