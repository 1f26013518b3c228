"""Syncing: what waits for head office, the pass itself, its receipt, and where a person must choose."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from insuragent.errors import DeviceRevoked, HeadOfficeError, InsuragentError
from insuragent.i18n import _, format_moment
from insuragent.models import RECORDS
from insuragent.services import office, printing, syncing
from insuragent.services.office import Outcome, Step
from insuragent.services.syncing import Contested, Refused, Status
from insuragent.ui import dialogs
from insuragent.ui.areas import scrolled
from insuragent.ui.layout import column, form, form_row, host, row, set_margins
from insuragent.ui.pages.base import Page
from insuragent.ui.paragraphs import Notice
from insuragent.ui.parts.conflict_list import ConflictList
from insuragent.ui.parts.lists import line, refill
from insuragent.ui.parts.pass_progress import PassProgress, PassWatch
from insuragent.ui.shell import Context, Opened
from insuragent.ui.shortcuts import action
from insuragent.ui.splits import split
from insuragent.ui.widgets import EmptyState, button, card, chip, label, tool_button

_PARCELS = "*.parcel"
#: Where the name of a type and its two counts stand in their columns.
_SIDES = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignRight)
_CERTIFICATES = "PEM (*.pem *.crt *.cer)"


class SyncingPage(Page):
    """What goes, what came back, and what needs a choice; the pass itself runs beside the window."""

    kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, context: Context) -> None:
        super().__init__(context, _("同步"))
        self.progress: PassWatch | None = None
        self.enrolled = False
        self.problem = Notice()
        self.bar = PassProgress(self.cancel)
        self.bar.hide()
        self._print_button = button(_("打印回执"), self.print_receipt, icon="printer", kind="link")
        self._print_button.hide()
        self._waiting, self._receipt = column(spacing=6), column(spacing=8)
        self._refused, self.conflicts = column(spacing=8), ConflictList(context)
        left = column(
            (self._titled(_("待发送"), self._waiting), 2),
            (self._titled(_("最近一次回执"), self._receipt, self._print_button), 1),
            spacing=12,
        )
        self._refused_card = self._titled(_("总公司没有接受"), self._refused)
        right = column((self._titled(_("需要您选择"), column(self.conflicts)), 3), (self._refused_card, 1), spacing=12)
        self.retry_button = button(_("重试"), self.sync_now, icon="rotate-ccw")
        self._trouble = host(row((self.problem, 1), self.retry_button, spacing=12))
        self.body.addWidget(self._trouble)
        self.body.addWidget(self.bar)
        self._trouble.hide()
        self.body.addWidget(split(context.settings, "syncing", (440, 660), host(left), host(right)), 1)
        self.enrol_button = button(_("登记设备"), self.ask_enrolment, icon="plug")
        self.sync_button = button(_("立即同步"), self.sync_now, icon="refresh-cw", kind="primary")
        self.skew = chip("", "warn")
        self.skew.hide()
        self.tools.addWidget(self.skew)
        self.tools.addWidget(tool_button("usb", _("导出数据包"), self.ask_export))
        self.tools.addWidget(tool_button("inbox", _("导入回执文件"), self.ask_import))
        self.tools.addWidget(self.enrol_button)
        self.tools.addWidget(self.sync_button)
        action(self, _("立即同步"), "Ctrl+Return", self.sync_now, icon="refresh-cw")
        action(self, _("导出数据包"), "Ctrl+E", self.ask_export, icon="usb")
        action(self, _("导入回执文件"), "Ctrl+I", self.ask_import, icon="inbox")
        action(self, _("打印回执"), "Ctrl+P", self.print_receipt, icon="printer")
        self.conflicts.offer_keys(self)
        self._show_ways()
        self.refresh()

    def refresh(self) -> None:
        self.context.tasks.run(self, _facts).then(lambda facts: self._show(*facts))

    def show_target(self, target: object) -> None:
        """Go to the conflicts of a record by its id, or start a pass: what the top bar and Ctrl+Shift+S ask for."""
        if isinstance(target, uuid.UUID):
            self.conflicts.wanted = target
            self.refresh()
        else:
            self.context.tasks.run(self, syncing.is_enrolled).then(self._on_asked)

    def _on_asked(self, enrolled: bool) -> None:
        self.enrolled = enrolled
        self.sync_now()

    # --- the pass ------------------------------------------------------------------------------------------------

    def sync_now(self) -> None:
        """Run a pass; what was sent before it was stopped stays sent."""
        if self.progress is not None:
            return
        if not self.enrolled:
            self.ask_enrolment()
            return
        watch = self.progress = PassWatch(self)
        watch.stepped.connect(self.bar.show_step)
        self.bar.show_step(Step(_("正在连接总公司")))
        self.bar.show()
        self._tell("")
        self._show_ways()
        task = self.context.tasks.run_free(self, office.sync_now, self.context.desk, watch)
        task.then(self._on_synced).failed(partial(self._on_pass_failed, watch)).ended(self._on_ended)

    def sync_by_itself(self) -> None:
        """Run a pass because head office came into reach; what hinders it is shown here, and disturbs nobody."""
        if self.progress is None:
            self.context.tasks.run(self, syncing.is_enrolled).then(self._on_reach)

    def _on_reach(self, enrolled: bool) -> None:
        self.enrolled = enrolled
        if enrolled:
            self.sync_now()

    def ask_export(self) -> None:
        """Ask where the day package for head office is written."""
        dialogs.save_file(self, _("导出数据包"), "insuragent-day.parcel", _PARCELS, self.export)

    def export(self, file: Path) -> None:
        """Write everything that waits as a package for head office."""
        words = _("数据包已写好，共 {n} 条；请交给总公司，再导入回执文件")
        task = self.context.tasks.run_free(self, office.export_parcel, self.context.desk, file)
        task.then(lambda count: self.say(words.format(n=count))).failed(self._on_failed)

    def ask_import(self) -> None:
        """Ask for the answer file of head office."""
        dialogs.choose_file(self, _("导入回执文件"), _PARCELS, self.import_answer)

    def import_answer(self, file: Path) -> None:
        """Take head office's answer to a package in."""
        task = self.context.tasks.run_free(self, office.import_parcel, self.context.desk, file)
        task.then(self._on_imported).failed(self._on_failed)

    def _on_imported(self, outcome: Outcome | None) -> None:
        self._tell("")
        if outcome is None:
            self.say(_("这份回执已经导入过，没有改变"), "info")
        else:
            self._on_synced(outcome)

    def print_receipt(self) -> None:
        """Print the receipt of the last pass."""
        self.print_pages(printing.sync_receipt)

    def cancel(self) -> None:
        """Stop the pass now: what was sent stays sent."""
        if self.progress is not None:
            self.progress.cancel()

    def _on_pass_failed(self, watch: PassWatch, error: InsuragentError) -> None:
        if not watch.cancelled:  # a line that was cut by the person's own wish has not failed
            self._on_failed(error)
            self.retry_button.setVisible(isinstance(error, HeadOfficeError))

    def _on_synced(self, outcome: Outcome) -> None:
        self.say(_("同步完成：发送 {sent} 项，接收 {received} 项").format(sent=outcome.sent, received=outcome.received))
        self.context.tasks.records_changed.emit(outcome.changed)

    def _on_failed(self, error: InsuragentError) -> None:
        if isinstance(error, DeviceRevoked):
            # Nothing is left here to show: the keys were destroyed by head office's signed order.
            self.context.revoked(error)
            return
        self._tell(error.with_advice())

    def _on_ended(self) -> None:
        if self.progress is not None and self.progress.cancelled:
            self.say(_("同步已停止，已发送的内容不会丢失"), "info")
        self.progress = None
        self.bar.hide()
        self._show_ways()
        self.refresh()

    def _tell(self, words: str) -> None:
        self.problem.setText(words)
        self._trouble.setVisible(bool(words))
        self.retry_button.hide()

    def _show_ways(self) -> None:
        self.sync_button.setEnabled(self.progress is None)
        self.enrol_button.setVisible(self.progress is None)

    def ask_enrolment(self) -> None:
        """Ask for head office's address and the code that it gave."""
        words = _("请填写总公司给您的地址和登记码。登记码只能使用一次。")
        question = dialogs.Question(self, _("登记设备"), words)
        address, code = QLineEdit(self.context.settings.office_address), QLineEdit()
        rows = form()
        form_row(rows, _("总公司地址"), address)
        form_row(rows, _("登记码"), code)
        ca = QLineEdit()
        ca.setPlaceholderText(_("公司使用自己的证书时才需要"))
        form_row(rows, _("公司证书"), ca)
        rows.addRow("", button(_("选择文件…"), lambda: self._choose_certificate(ca)))
        question.add_body(rows)
        question.accepted.connect(lambda: self.enrol(address.text().strip(), code.text().strip(), ca.text().strip()))
        question.add_button(_("取消"), question.reject)
        question.add_button(_("登记"), question.accept, "primary")
        question.open()
        address.setFocus()

    def _choose_certificate(self, field: QLineEdit) -> None:
        dialogs.choose_file(self, _("公司证书"), _CERTIFICATES, lambda file: field.setText(str(file)))

    def enrol(self, address: str, code: str, ca: str = "") -> None:
        """Make this device known to head office; ``ca`` is the file of the company's own certificate, if it has one."""
        file = Path(ca) if ca else None
        task = self.context.tasks.run_free(self, office.enrol, self.context.desk, address, code, file)
        task.then(lambda _done: self._on_enrolled(address)).failed(self._on_failed)

    def _on_enrolled(self, address: str) -> None:
        self.context.settings.office_address = address
        self.say(_("设备已登记"))
        self._show_ways()
        self.refresh()

    # --- what is shown -------------------------------------------------------------------------------------------

    def _titled(self, title: str, box: Any, *tools: QWidget) -> QWidget:
        return card(column(row(label(title, "h2"), None, *tools), (scrolled(box), 1), spacing=10))

    def _show(self, status: Status, contested: Sequence[Contested], own: Mapping[str, int]) -> None:
        last = _("上次同步 {moment}").format(moment=format_moment(status.last_sync)) if status.last_sync else ""
        self.enrolled = bool(status.address)
        if status.office_fault:
            self._tell(_(status.office_fault))
        self.note.setText(last or _("还没有同步过；资料保存在本机，已加密"))
        self._show_skew(status.skew)
        self._show_waiting(status)
        self._show_receipt(status.receipt, own)
        self.conflicts.show_all(contested)
        files = [line(_("附件的内容"), reason) for reason in status.files.refused]
        refill(self._refused, [*(self._refusal(one) for one in status.refused), *files], lines=True)
        self._refused_card.setVisible(bool(status.refused or files))

    def _show_skew(self, skew: int) -> None:
        minutes = round(abs(skew) / 60)
        ahead, behind = _("本机时钟快 {n} 分钟，请校准"), _("本机时钟慢 {n} 分钟，请校准")
        self.skew.setText((ahead if skew > 0 else behind).format(n=minutes))
        self.skew.setVisible(bool(skew))

    def _show_waiting(self, status: Status) -> None:
        rows = [line(one.label, "", chip(_("{n} 项").format(n=f"{one.count:,}"), "accent")) for one in status.waiting]
        if status.files.waiting:
            told = _("{n} 个，{size} MB").format(n=status.files.waiting, size=f"{status.files.size / 1024**2:.1f}")
            rows.append(line(_("附件的内容"), "", chip(told, "accent")))
        if rows:
            rows.append(line(_("合计"), "", label(_("{n} 项").format(n=f"{status.pending:,}"), "h2")))
        refill(self._waiting, rows or [EmptyState("circle-check", _("没有待发送的内容"))], lines=bool(rows))

    def _show_receipt(self, receipt: Mapping[str, Any], own: Mapping[str, int]) -> None:
        counts: Mapping[str, int] = receipt.get("held") or {}
        self._print_button.setVisible(bool(counts))
        if not counts:
            refill(self._receipt, [EmptyState("file-text", _("同步完成后，这里显示总公司签发的回执和两边的数目"))])
            return
        grid = QGridLayout()
        set_margins(grid, 0)
        grid.setHorizontalSpacing(16)
        for place, title in enumerate((_("类型"), _("本机"), _("总公司"), "")):
            grid.addWidget(label(title, "cap"), 0, place, _SIDES[min(place, 2)])
        for at, kind in enumerate(dict.fromkeys([*counts, *own]), 1):
            count = counts.get(kind, 0)
            same = own.get(kind, 0) == count
            name = _(RECORDS[kind].label) if kind in RECORDS else kind
            state = chip(_("一致"), "ok") if same else chip(_("不一致"), "bad")
            for place, words in enumerate((name, f"{own.get(kind, 0):,}", f"{count:,}")):
                grid.addWidget(label(words), at, place, _SIDES[place])
            grid.addWidget(state, at, 3)
        grid.setColumnStretch(0, 1)
        refill(self._receipt, [host(grid)])

    def _refusal(self, one: Refused) -> QWidget:
        kind = RECORDS.get(one.kind)
        reason = " · ".join(filter(None, (_(one.reason), format_moment(one.at))))
        title = one.title or _("（记录已不在本机）")
        shown: list[QWidget] = [chip(_(kind.label) if kind else one.kind, "bad")]
        if one.is_here:
            shown.append(button(_("重新提交"), lambda: self.resubmit(one.number), kind="link"))
            if one.kind in self.context.opens:
                shown.append(button(_("打开更正"), lambda: self.open_refused(one), kind="link"))
        shown.append(button(_("不再提交"), lambda: self.ask_let_go(one), kind="link"))
        return line(title, "\n".join(filter(None, ("；".join(one.told), reason))), *shown)

    def resubmit(self, number: int) -> None:
        """Send what was not accepted once more."""
        task = self.context.tasks.run(self, syncing.resubmit, number)
        task.then(lambda _done: self.refresh()).failed(self.complain)

    def open_refused(self, one: Refused) -> None:
        """Open the record of what was not accepted where its form is."""
        assert one.record_id is not None, "an entry without a record is never refused"
        self.context.go(self.context.opens[one.kind], Opened(one.kind, one.record_id, one.customer_id))

    def ask_let_go(self, one: Refused) -> None:
        """Ask no more about what was not accepted, if the person is sure."""

        def let_go() -> None:
            task = self.context.tasks.run(self, syncing.let_go, one.number)
            task.then(lambda _done: self.refresh()).failed(self.complain)

        words = _("总公司的隔离区和本机日志仍会保留这条内容，只是不再列在这里。")
        dialogs.ask(self, _("不再提交"), words, let_go, yes=_("不再提交"))


def _facts(work: Any) -> tuple[Status, list[Contested], dict[str, int]]:
    status = syncing.status(work)
    return status, syncing.contested(work), syncing.held(work)
