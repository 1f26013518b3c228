"""The papers of a customer: what was handed out, what came back signed by pen, and a look at each."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from insuragent.i18n import N_, _, format_moment
from insuragent.models.attachment import AttachmentUse
from insuragent.models.fields import known_choice
from insuragent.services import scans
from insuragent.services.scans import Kept
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.layout import column, host, row
from insuragent.ui.parts.linked import CustomerTab
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.pdf_view import PdfView
from insuragent.ui.shell import Context
from insuragent.ui.tokens import px
from insuragent.ui.widgets import EmptyState, button, chip, label

#: The files that are offered; what they are is judged by their content.
FILES = "PDF, JPEG, PNG (*.pdf *.jpg *.jpeg *.png)"
_REASONS = (N_("核对客户签名"), N_("客户本人要求"), N_("公司核查"), N_("办理保全或理赔"))
_KILO = 1024


class PapersTab(CustomerTab):
    """Every kept paper, the newest first; a signed copy says whose it is by its name."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, scans.kept, self._show_kept)
        self._rows = column(spacing=8)
        words = label(_("客户在纸上签名后，扫描或拍照归档；归档后不能修改，随同步送到总公司。"), "cap", wrap=True)
        self.other = button(_("归档其他签署件"), self.file_other, icon="camera")
        told = scrolled(column(words, (self._rows, 1), spacing=10))
        self.setLayout(column((told, 1), row(self.other, None), spacing=10, margins=16))

    def file_other(self) -> None:
        """File what belongs to the customer and to no paper of this list."""
        if self.customer_id is not None:
            ask_scan(self.context, self, self.refresh, scans.file, "customer", self.customer_id)

    def file_signed(self, letter: uuid.UUID) -> None:
        """File the signed copy of a letter."""
        ask_scan(self.context, self, self.refresh, scans.file, "attachment", letter)

    def _show_kept(self, found: Sequence[Kept]) -> None:
        signed = {one.of for one in found if one.of is not None}
        none = EmptyState("paperclip", _("还没有函件和签署件；打印过的函件、签署的说明书会列在这里"))
        refill(self._rows, [self._line(one, one.id in signed) for one in found] or [none], lines=True)

    def _line(self, one: Kept, signed: bool) -> QWidget:
        size = _("{n} kB").format(n=f"{max(one.size // _KILO, 1):,}")
        words = " · ".join(filter(None, (format_moment(one.at), one.by, size)))
        chips = [chip(_("签署件") if one.scan else _("已归档签署件"), "ok")] if one.scan or signed else []
        chips += [] if one.here else [chip(_("待接收"), "warn")]
        acts = [self._act(_("查看"), one, lambda: look(self.context, self, one))] if one.here else []
        if known_choice(AttachmentUse, one.use) == AttachmentUse.LETTER:
            acts.append(self._act(_("归档签署件"), one, lambda: self.file_signed(one.id)))
        shown = line(one.name.rpartition(".")[0] or one.name, words, *chips)
        return host(column(shown, row(*acts, None, spacing=4), spacing=2)) if acts else shown

    def _act(self, text: str, one: Kept, act: Callable[[], object]) -> QWidget:
        made = button(text, act, kind="link")
        made.setAccessibleName(f"{text} {one.name}")
        return made


def ask_scan(
    context: Context, owner: QWidget, then: Callable[[], object], take: Callable[..., object], *about: object
) -> None:
    """Ask for a scan and have the use case ``take(work, *about, file)`` file it; what it refuses is told in words."""

    def chosen(file: Path) -> None:
        context.tasks.run(owner, take, *about, file).then(filed).failed(context.toaster.complain)

    def filed(_made: object) -> None:
        context.toaster.show(_("签署件已归档，不能再修改"))
        then()

    dialogs.choose_file(owner, _("选择客户签署件的扫描件或照片"), FILES, chosen)


def look(context: Context, owner: QWidget, one: Kept) -> None:
    """Show the pages of a paper; for a scan the reason is asked and enters the journal."""

    def show(reason: str = "") -> None:
        task = context.tasks.run(owner, scans.look, one.id, reason)
        task.then(lambda data: PagesDialog(context, owner, one, data).open()).failed(context.toaster.complain)

    if one.scan:
        dialogs.ask_reason(owner, _("查看签署件"), _("签署件含有客户的个人信息。"), show, presets=_REASONS)
    else:
        show()


class PagesDialog(QDialog):
    """The pages of one paper, with the way to print them."""

    def __init__(self, context: Context, parent: QWidget, one: Kept, data: bytes) -> None:
        super().__init__(parent)
        self.setWindowTitle(one.name)
        self.view = PdfView(context.tasks)
        self.view.show_pdf(data)
        self._window = parent.window()
        way = HandOut(context, self)
        out = button(_("打印"), lambda: way.begin(scans.paper, one.id), icon="printer")
        close = button(_("关闭"), self.reject, kind="primary")
        head = label(one.name, "h2", wrap=True)
        self.setLayout(column(head, (self.view, 1), row(out, None, close), spacing=12, margins=20))

    def showEvent(self, event: QShowEvent) -> None:
        room = self._window.size()
        self.resize(min(px(820), room.width() - px(40)), min(px(760), room.height() - px(40)))
        super().showEvent(event)

    def done(self, result: int) -> None:
        super().done(result)
        self.deleteLater()
