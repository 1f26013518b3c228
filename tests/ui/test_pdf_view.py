"""The preview: pages drawn when they come into sight, and the same bytes printed."""

import os
import stat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from insuragent.errors import BadFile, UserError
from insuragent.ui.pdf_view import KEPT, PdfView, page_sizes, print_pdf, render_page


def blank_pdf(pages: int) -> bytes:
    """A PDF of A4 pages, each with a black square of 200 points at the lower left."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(pages))
    objects.append(f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>")
    drawing = "0 0 200 200 re f"
    for n in range(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + 2 * n} 0 R >>")
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    body += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    body += f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{body.index('xref')}\n%%EOF\n"
    return body.encode()


@pytest.fixture
def view(theme, tasks, qtbot) -> PdfView:
    made = PdfView(tasks)
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_page_is_rendered_as_it_is_printed() -> None:
    """Black where there is ink, white elsewhere, at the width asked for."""
    picture = render_page(blank_pdf(1), 0, 595)
    assert (picture.width(), picture.height()) == (595, 842)
    assert picture.pixelColor(100, 800).name() == "#000000"
    assert picture.pixelColor(400, 100).name() == "#ffffff"


def test_only_pages_in_sight_are_drawn(view: PdfView, qtbot) -> None:
    """A sheet of 60 pages opens as fast as one of two, and its memory does not grow with its pages."""
    view.show_pdf(blank_pdf(60))
    qtbot.waitUntil(lambda: view.page_count == 60 and bool(view._pictures))
    assert max(view._pictures) <= 2
    for number in range(1, 61, 6):
        view.go_to(number)
        qtbot.waitUntil(lambda number=number: number - 1 in view._pictures)
    assert len(view._pictures) <= KEPT + 3
    assert view.current_page >= 54


def test_keys_turn_pages_and_tell_where_one_is(view: PdfView, qtbot) -> None:
    """Page Down and End do what they say; page x of y follows."""
    told: list[tuple[int, int]] = []
    view.page_shown.connect(lambda page, count: told.append((page, count)))
    view.show_pdf(blank_pdf(5))
    qtbot.waitUntil(lambda: view.current_page == 1)
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.current_page == 2
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert told[-1] == (5, 5)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.current_page == 1


def test_pages_fit_the_width_until_zoomed(view: PdfView, qtbot) -> None:
    """A wider window shows a wider page; Ctrl+plus and Ctrl+0 change and restore."""
    view.show_pdf(blank_pdf(2))
    qtbot.waitUntil(lambda: view.page_count == 2)
    before = view._rects()[0].width()
    view.resize(900, 500)
    assert view._rects()[0].width() > before + 250
    fitted = view._rects()[0].width()
    qtbot.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view._rects()[0].width() > fitted
    assert view.horizontalScrollBar().maximum() > 0
    qtbot.keyClick(view, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert view._rects()[0].width() == pytest.approx(fitted)


def test_what_is_no_pdf_is_said_in_the_view(view: PdfView, qtbot) -> None:
    """A damaged attachment is a sentence, not a fault."""
    with pytest.raises(BadFile):
        page_sizes(b"not a pdf")
    view.show_pdf(b"not a pdf")
    qtbot.waitUntil(lambda: view._message == "这个文件不是可以打开的 PDF")
    assert view.page_count == 0


@pytest.fixture
def printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command named lp that keeps what it gets, and refuses the printer "broken"."""
    command = tmp_path / "lp"
    command.write_text(
        f'#!/bin/sh\n[ "$2" = broken ] && exit 1\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/paper\n'
    )
    command.chmod(command.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_lp_gets_the_very_bytes(printer: Path, tasks, theme, qtbot) -> None:
    """What is printed is what was hashed and shown."""
    owner, done = QWidget(), []
    qtbot.addWidget(owner)
    data = blank_pdf(2)
    print_pdf(tasks, owner, data, "office").then(done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert (printer / "paper").read_bytes() == data
    assert (printer / "words").read_text().split() == ["-d", "office", "-"]


def test_a_printer_that_refuses_is_told_with_a_way_out(printer: Path, tasks, theme, qtbot) -> None:
    """The person learns that nothing was printed and what else can be done."""
    owner, errors = QWidget(), []
    qtbot.addWidget(owner)
    print_pdf(tasks, owner, blank_pdf(1), "broken").failed(errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], UserError)
    assert "PDF" in errors[0].advice
