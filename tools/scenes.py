"""What there is to see in the window of a lively desk: each scene by its name, and how to bring it about."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from insuragent.demo import seeding
from insuragent.i18n import _
from insuragent.models import Complaint, Sheet, Visit
from insuragent.models.attachment import AttachmentUse
from insuragent.models.complaint import ComplaintResult, ComplaintState
from insuragent.models.sheet import SheetState
from insuragent.models.visit import VisitStatus
from insuragent.services import scans
from insuragent.services.complaints import Opened
from insuragent.services.desk import Desk
from insuragent.services.office import Part, Step
from insuragent.settings import resource
from insuragent.ui import dialogs
from insuragent.ui.areas import area_of
from insuragent.ui.main_window import MainWindow
from insuragent.ui.pages import PAGES
from insuragent.ui.pages.sheets import CHECKS_TAB
from insuragent.ui.parts.comparison import ComparisonDialog
from insuragent.ui.parts.pass_progress import PassWatch

#: A picture has settled when it stays the same for so long, in seconds; and how long that may take.
STILL, LONGEST = 0.25, 60.0
#: Each round takes a new size one step from a part towards the page around it, and of the steps none may be seen.
ROUNDS = 8
Scene = Callable[[MainWindow, Desk], QWidget]


def still(application: QApplication, widget: QWidget) -> QImage:
    """A picture of a widget, once the store has answered and everything is painted."""
    begin = since = time.monotonic()
    seen = QImage()
    while time.monotonic() - since < STILL and time.monotonic() - begin < LONGEST:
        for _round in range(ROUNDS):
            application.processEvents()
        time.sleep(0.02)  # lets the store's thread run: Qt's own waiting keeps Python's lock
        waits = _waits(widget)
        now = seen if waits else widget.grab().toImage()
        if waits or now != seen:
            seen, since = now, time.monotonic()
    return widget.grab().toImage()


def _waits(widget: QWidget) -> bool:
    """Whether the window of a widget still waits for something that it asked for."""
    while (parent := widget.parentWidget()) is not None:
        widget = parent
    return isinstance(widget, MainWindow) and not widget.context.tasks.idle


def clean(window: MainWindow) -> None:
    """Nothing left of the scene before: no card, note, dialog or page that was worked with."""
    window.palette_card.close_card()
    window.help.close_card()
    window.keys.close_card()
    window.toaster.clear()
    for dialog in window.findChildren(QDialog):
        dialog.close()
    for page in PAGES:
        window.close_page(page.name)


def _page(name: str) -> Scene:
    def shown(window: MainWindow, _desk: Desk) -> QWidget:
        window.go(name)
        return window

    return shown


def _received(window: MainWindow, _desk: Desk) -> QWidget:
    """Sync after a pass: head office's receipt beside our own counts."""
    page: Any = window.go("syncing")
    _until(lambda: page._waiting.count() > 1)  # the page's own facts come first
    counts = {"customer": 267, "visit": 75, "sheet": 6, "complaint": 2}
    page._show_receipt({"held": counts}, counts)
    return window


def _syncing(window: MainWindow, _desk: Desk) -> QWidget:
    """Sync in the middle of a pass."""
    page: Any = window.go("syncing")
    page.progress = PassWatch(page)
    parts = (Part("customer", done=96, total=308, size=61_000), Part("visit", done=24, total=77, size=18_000))
    page.bar.show_step(Step(_("正在发送"), 120, 409, 79_000, 0, 14, parts))
    page.bar.show()
    page._show_ways()
    return window


def _fault(window: MainWindow, _desk: Desk) -> QWidget:
    """The dialog of an error that is our fault."""
    return dialogs.show_error(window, ValueError())


def _complaint(window: MainWindow, desk: Desk) -> QWidget:
    """One complaint with its steps."""
    with desk.read() as work:
        found = seeding.newest(work, Complaint)
    window.go("complaints", found.id)
    return window


def _handled(window: MainWindow, desk: Desk) -> QWidget:
    """One complaint that head office has answered; shown, not kept."""
    with desk.read() as work:
        found = seeding.newest(work, Complaint)
    page: Any = window.go("complaints", found.id)
    _until(lambda: page.view._lines.count() > 1)
    found.state, found.result, found.remedy_told = ComplaintState.REPLIED, ComplaintResult.UPHELD, True
    found.received_by_server = found.replied_at = found.received_at
    found.decision = "合同寄出后没有跟踪签收，投诉属实；依据公司保单送达规定第三条，责任在公司。"
    found.reply = "已补寄合同，今后寄出后三日内电话确认签收。"
    notes = ("总公司已受理", "已指定处理人：周明理", "已作决定：全部支持", "已答复（信函），凭证：EMS 1001")
    found.progress = [{"at": found.received_at.isoformat(), "text": words, "by": "zhou"} for words in notes]
    page.view.show_complaint(Opened(found, "周明理"))
    return window


def _visit(window: MainWindow, desk: Desk) -> QWidget:
    """A visit beside the calendar."""
    with desk.read() as work:
        found = seeding.newest(work, Visit)
    window.go("calendar", found.id)
    return window


def _held_visit(window: MainWindow, desk: Desk) -> QWidget:
    """The newest visit that was held, with the checklist that it was gone through by."""
    with desk.read() as work:
        found = work.scalars(sa.select(Visit).where(Visit.status == VisitStatus.HELD))[-1]
    page: Any = window.go("calendar", found.id)
    _until(lambda: page.side.visit_id == found.id)
    last = list(page.side.checklist.boxes.values())[-1]
    _until(last.isVisible)
    still(cast(QApplication, QApplication.instance()), window)
    area = area_of(last)
    while area is not None:
        area.ensureWidgetVisible(last)
        area = area_of(area)
    return window


def _help(window: MainWindow, _desk: Desk) -> QWidget:
    """The help of a page."""
    window.go("customers")
    window.help.open_at("customers")
    return window


def _customer(window: MainWindow, desk: Desk) -> QWidget:
    """The file of the customer with whom most was done."""
    with desk.read() as work:
        found = seeding.adults(work)[0]
    window.go("customers", found.id)
    return window


def _papers(window: MainWindow, desk: Desk) -> QWidget:
    """The papers of a customer who signed one on the screen and one by pen; shown, not kept."""
    with desk.read() as work:
        found = work.scalars(sa.select(Sheet).where(Sheet.signed_at.is_not(None)))[-1]
        kept = scans.kept(work, found.customer_id)
    page: Any = window.go("customers", found.customer_id)
    _until(lambda: page.file.form.record_id == found.customer_id)
    page.file._tabs.setCurrentWidget(page.file.papers)
    _until(lambda: page.file.papers._rows.count() > 1)  # its own list comes first
    letter = replace(kept[0], id=found.id, name="服务人员变更通知 2026-11-26.pdf", use=AttachmentUse.LETTER)
    scan = replace(letter, id=found.customer_id, name="服务人员变更通知 2026-11-26（客户签署件）.jpg")
    scan = replace(scan, use=AttachmentUse.EVIDENCE, scan=True, of=letter.id)
    page.file.papers._show([scan, letter, *kept])
    return window


def _conflict(window: MainWindow, desk: Desk) -> QWidget:
    """The file of a customer about whom two hands differ."""
    with desk.read() as work:
        found = seeding.adults(work)[2]
    window.go("customers", found.id)
    return window


def _signed(window: MainWindow, desk: Desk) -> QWidget:
    """A sheet that was signed, leafed open."""
    with desk.read() as work:
        found = seeding.newest(work, Sheet)
    page: Any = window.go("sheets", ("sheet", found.id))
    page.tabs.setCurrentIndex(0)
    return window


def _checks(window: MainWindow, desk: Desk) -> QWidget:
    """A drafted sheet, and what is checked at the table before it is printed and signed."""
    with desk.read() as work:
        found = work.scalars(sa.select(Sheet).where(Sheet.state == SheetState.DRAFTED))[-1]
    page: Any = window.go("sheets", ("sheet", found.id))
    page.tabs.setCurrentIndex(CHECKS_TAB)
    return window


def _comparison(window: MainWindow, desk: Desk) -> QWidget:
    """Two products and two ways of paying, side by side."""
    with desk.read() as work:
        found = seeding.adults(work)[0]
    page: Any = window.go("sheets")
    page.case.choose([found])
    for code, years in (("DEMO-PWL", 5), ("DEMO-IWL", 5), ("DEMO-IWL", 10)):
        page.case.choose_product(code)
        page.case.pay_years.setCurrentIndex(page.case.pay_years.findData(years))
        page.proposals.append(page.case.inputs())
    page._compared_for = found.id
    page.proposals.pop()
    page.compare()
    return _opened(page, ComparisonDialog)


def _opened(page: QWidget, kind: type[QDialog]) -> QDialog:
    """A dialog of a page, once the store has answered and it is there."""
    _until(lambda: page.findChildren(kind))
    return page.findChildren(kind)[-1]


def _until(ready: Callable[[], object]) -> None:
    """Wait until the store has answered and the window shows it."""
    end = time.monotonic() + LONGEST
    while not ready() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.02)


def _importing(window: MainWindow, _desk: Desk) -> QWidget:
    """The import of a list, before it is taken."""
    page: Any = window.go("customers")
    wizard: QWidget = page.import_file()
    wizard.read(resource("demo/customers.xlsx"))  # type: ignore[attr-defined]
    return wizard


def _palette(window: MainWindow, _desk: Desk) -> QWidget:
    """The palette, asked in pinyin."""
    window.go("today")
    window.palette_card.open()
    window.palette_card.field.setText("wang")
    return window


def _from_clean(scene: Scene) -> Scene:
    def shown(window: MainWindow, desk: Desk) -> QWidget:
        clean(window)
        return scene(window, desk)

    return shown


#: As they are brought about in a window in which others may have been.
BARE: dict[str, Scene] = {
    **{page.name: _page(page.name) for page in PAGES},
    "customer": _customer,
    "papers": _papers,
    "conflict": _conflict,
    "sheet-signed": _signed,
    "sheet-checks": _checks,
    "comparison": _comparison,
    "import": _importing,
    "palette": _palette,
    "sync-receipt": _received,
    "sync-progress": _syncing,
    "error": _fault,
    "complaint": _complaint,
    "complaint-handled": _handled,
    "visit": _visit,
    "visit-held": _held_visit,
    "help": _help,
}
#: Each begins with a clean window: none shows what another did.
SCENES: dict[str, Scene] = {name: _from_clean(scene) for name, scene in BARE.items()}
#: What a fresh desk shows: empty states that say what to do.
EMPTY: dict[str, Scene] = {f"empty-{page.name}": _from_clean(_page(page.name)) for page in PAGES[:-1]}
