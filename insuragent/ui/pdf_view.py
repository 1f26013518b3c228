"""Shows a PDF page by page as it is scrolled to, and sends the same bytes to the printer."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from insuragent.errors import BadFile, UserError
from insuragent.i18n import N_, _
from insuragent.ui import icons
from insuragent.ui.tasks import Task, Tasks
from insuragent.ui.tokens import color, px

#: PDFium is one state for the whole process and knows no threads: one caller at a time.
_pdfium = threading.Lock()

GAP = 12
ZOOMS = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0)
#: Pages kept as pictures beyond those in sight.
KEPT = 6
PRINT_DPI = 300
PRINT_WAIT = 60.0


def page_sizes(data: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points. Raises BadFile when the bytes are no PDF."""
    with _pdfium:
        document = _open(data)
        try:
            return [tuple(document.get_page_size(index)) for index in range(len(document))]
        finally:
            document.close()


def render_page(data: bytes, index: int, width: int) -> QImage:
    """A page as a picture ``width`` pixels wide. Raises BadFile when the bytes are no PDF."""
    with _pdfium:
        document = _open(data)
        try:
            page = document[index]
            bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True, prefer_bgrx=True)
            made = QImage(
                bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888
            ).copy()
            bitmap.close()
            return made
        finally:
            document.close()


def _open(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise BadFile(N_("这个文件不是可以打开的 PDF")) from error


class PdfView(QAbstractScrollArea):
    """The pages of a PDF below one another. Pages are drawn beside the window's thread when they come into sight.

    ``page_shown`` tells (number, count), counted from 1, whenever another page is the main one. Keys: Page Up and
    Down, Home, End, Ctrl+plus, Ctrl+minus, Ctrl+0 for the width of the window.
    """

    page_shown = Signal(int, int)

    def __init__(self, tasks: Tasks[Any]) -> None:
        super().__init__()
        self._tasks = tasks
        self._data = b""
        self._sizes: list[tuple[float, float]] = []
        self._pictures: dict[int, QImage] = {}
        self._pending: dict[int, Task[QImage]] = {}
        self._zoom: float | None = None
        self._message = ""
        self._current = 0
        self.setProperty("role", "sunken")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("PDF 预览"))

    def show_pdf(self, data: bytes) -> None:
        """Show this PDF from its first page."""
        self._data = data
        self._sizes = []
        self._message = _("正在打开…")
        self._forget()
        self._tasks.run_free(self, page_sizes, data).then(self._on_opened).failed(self._on_refused)

    @property
    def page_count(self) -> int:
        """How many pages the PDF has; 0 until it is open."""
        return len(self._sizes)

    @property
    def current_page(self) -> int:
        """The number of the main page in sight, from 1; 0 when there is none."""
        return self._current

    def go_to(self, number: int) -> None:
        """Scroll to page ``number``, from 1; held within the PDF."""
        if self._sizes:
            index = min(len(self._sizes), max(1, number)) - 1
            self.verticalScrollBar().setValue(round(self._rects()[index].top()) - GAP)

    def fit_width(self) -> None:
        """Make pages as wide as the view, also when it changes."""
        self._set_zoom(None)

    def zoom_by(self, steps: int) -> None:
        """Go ``steps`` steps larger (or smaller) among the usual sizes."""
        now = self._scale() / self._hundred()
        larger, smaller = [z for z in ZOOMS if z > now * 1.01], [z for z in reversed(ZOOMS) if z < now * 0.99]
        options = larger if steps > 0 else smaller
        if options:
            self._set_zoom(options[0])

    def print_pdf(self, printer: str = "") -> Task[None]:
        """Print what is shown, see :func:`print_pdf`."""
        return print_pdf(self._tasks, self, self._data, printer)

    def _set_zoom(self, zoom: float | None) -> None:
        place = self.verticalScrollBar().value() / max(1, self.verticalScrollBar().maximum())
        self._zoom = zoom
        self._forget()
        self._fit()
        self.verticalScrollBar().setValue(round(place * self.verticalScrollBar().maximum()))

    def _on_opened(self, sizes: list[tuple[float, float]]) -> None:
        self._sizes, self._message = sizes, ""
        self.setAccessibleDescription(_("共 {count} 页").format(count=len(sizes)))
        self._fit()
        self.verticalScrollBar().setValue(0)
        self._note_page()

    def _on_refused(self, error: Exception) -> None:
        self._message = str(error)
        self._sizes = []
        self._fit()

    def _forget(self) -> None:
        for task in self._pending.values():
            task.drop()
        self._pending.clear()
        self._pictures.clear()
        self.viewport().update()

    # Where pages are

    def _hundred(self) -> float:
        """Pixels for a point at 100 %."""
        return self.logicalDpiX() / 72

    def _scale(self) -> float:
        if self._zoom is not None:
            return self._zoom * self._hundred()
        widest = max((width for width, _height in self._sizes), default=595.0)
        return max(80.0, self.viewport().width() - 2.0 * GAP) / widest

    def _rects(self) -> list[QRectF]:
        scale, top, rects = self._scale(), float(GAP), []
        for width, height in self._sizes:
            rects.append(QRectF(0, top, width * scale, height * scale))
            top += height * scale + GAP
        room = max([self.viewport().width(), *(rect.width() + 2 * GAP for rect in rects)])
        for rect in rects:
            rect.moveLeft((room - rect.width()) / 2)
        return rects

    def _fit(self) -> None:
        rects, view = self._rects(), self.viewport().size()
        height = rects[-1].bottom() + GAP if rects else 0
        width = max((rect.width() for rect in rects), default=0) + 2 * GAP
        self.verticalScrollBar().setPageStep(view.height())
        self.verticalScrollBar().setSingleStep(px(40))
        self.verticalScrollBar().setRange(0, max(0, round(height) - view.height()))
        self.horizontalScrollBar().setPageStep(view.width())
        self.horizontalScrollBar().setRange(0, 0 if self._zoom is None else max(0, round(width) - view.width()))
        self.viewport().update()

    def _note_page(self) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        rects = self._rects()
        best = min(range(len(rects)), key=lambda i: abs(rects[i].center().y() - middle), default=-1) + 1
        if best != self._current:
            self._current = best
            self.page_shown.emit(best, len(rects))

    # Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if not self._sizes:
            painter.setPen(color("text2"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._message)
            return
        shift = QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        sight = QRectF(self.viewport().rect()).translated(shift)
        seen = [(index, rect) for index, rect in enumerate(self._rects()) if rect.intersects(sight)]
        for index, rect in seen:
            place = rect.translated(-shift)
            painter.fillRect(place, color("paper"))
            picture = self._pictures.get(index)
            if picture is None:
                self._ask_for(index, rect.size().toSize())
                icons.paint(
                    painter, "file-text", QRectF(place.center().x() - 16, place.top() + 60, 32, 32), "paper_line"
                )
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, picture)
        self._keep_near([index for index, _rect in seen])

    def _ask_for(self, index: int, size: QSize) -> None:
        if index not in self._pending:
            width = round(size.width() * self.devicePixelRatioF())
            task = self._tasks.run_free(self, render_page, self._data, index, width)
            self._pending[index] = task.then(lambda picture: self._on_rendered(index, picture))

    def _on_rendered(self, index: int, picture: QImage) -> None:
        self._pending.pop(index, None)
        self._pictures[index] = picture
        self.viewport().update()

    def _keep_near(self, seen: Sequence[int]) -> None:
        middle = seen[0] if seen else 0
        far = sorted(self._pictures, key=lambda index: abs(index - middle))[KEPT + len(seen) :]
        for index in far:
            del self._pictures[index]

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._note_page()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._zoom is None and event.oldSize().width() != event.size().width():
            self._forget()
        self._fit()
        self._note_page()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_PageDown: lambda: self.go_to(self._current + 1),
            Qt.Key.Key_PageUp: lambda: self.go_to(self._current - 1),
            Qt.Key.Key_Home: lambda: self.go_to(1),
            Qt.Key.Key_End: lambda: self.go_to(len(self._sizes)),
        }
        if held:
            acts = {
                Qt.Key.Key_Plus: lambda: self.zoom_by(1),
                Qt.Key.Key_Equal: lambda: self.zoom_by(1),
                Qt.Key.Key_Minus: lambda: self.zoom_by(-1),
                Qt.Key.Key_0: self.fit_width,
            }
        act = acts.get(event.key())
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)


def printers() -> list[str]:
    """The names of the printers that the system knows now."""
    from PySide6.QtPrintSupport import QPrinterInfo

    return list(QPrinterInfo.availablePrinterNames())


def print_pdf(
    tasks: Tasks[Any], owner: QWidget, data: bytes, printer: str = "", copies: int = 1, pages: str = ""
) -> Task[None]:
    """Print these bytes beside the window's thread; ``printer`` is its name, or "" for the system's own choice.

    ``pages`` is a range such as "2-3", or "" for all. ``lp`` takes the PDF itself, so that text stays sharp; elsewhere
    the pages are drawn at 300 dpi. The task fails with UserError when no printer takes it.
    """
    return tasks.run_free(owner, _print_by_lp if shutil.which("lp") else _print_pages, data, printer, copies, pages)


def _print_by_lp(data: bytes, printer: str, copies: int, pages: str) -> None:
    command = ["lp", *(["-d", printer] if printer else []), *(["-n", str(copies)] if copies > 1 else [])]
    command += [*(["-P", pages] if pages else []), "-"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PRINT_WAIT, check=False)  # noqa: S603  # our own words
    except (subprocess.TimeoutExpired, OSError) as error:
        raise _no_printer() from error
    if done.returncode:
        raise _no_printer()


def _print_pages(data: bytes, name: str, copies: int, pages: str) -> None:
    from PySide6.QtGui import QPageSize
    from PySide6.QtPrintSupport import QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if name:
        printer.setPrinterName(name)
    if not printer.isValid():
        raise _no_printer()
    printer.setResolution(PRINT_DPI)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setFullPage(True)
    printer.setCopyCount(copies)
    painter = QPainter(printer)
    if not painter.isActive():
        raise _no_printer()
    sizes = page_sizes(data)
    first, last = map(int, pages.split("-")) if pages else (1, len(sizes))
    for index in range(first - 1, min(last, len(sizes))):
        width, height = sizes[index]
        if index >= first and not printer.newPage():
            raise _no_printer()
        paper = printer.pageRect(QPrinter.Unit.DevicePixel)
        scale = min(paper.width() / width, paper.height() / height)
        painter.drawImage(QRectF(0, 0, width * scale, height * scale), render_page(data, index, round(width * scale)))
    painter.end()


def _no_printer() -> UserError:
    return UserError(
        N_("没有打印机接受这份文件"),
        hint=N_("请检查打印机是否已连接并开机，或另存 PDF 副本。没有计入打印份数，文件内容没有受到影响。"),
    )
