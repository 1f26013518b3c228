"""The checklist of a visit: its items in two groups, ticked one by one."""

import datetime as dt
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import N_, _
from insuragent.models import Visit
from insuragent.services import checklists
from insuragent.services.checklists import Checklist
from insuragent.ui.layout import column, host, row
from insuragent.ui.paragraphs import ClickableWords, Notice
from insuragent.ui.parts.lists import refill
from insuragent.ui.shell import Context
from insuragent.ui.widgets import chip, label, set_property

_BEFORE, _DURING = N_("访前自查"), N_("检查清单")


class VisitChecklist(QWidget):
    """A box for each item (requirements R1.1d, R1.3a). A tick is saved at once, once the visit itself is."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.visit: Visit | None = None
        self.boxes: dict[str, QCheckBox] = {}
        self._counts: list[tuple[QLabel, tuple[str, ...]]] = []
        self._lists = column(spacing=6)
        self._note = Notice("cap")
        self.setLayout(column(self._note, self._lists, spacing=4))

    def show_visit(self, visit: Visit) -> None:
        """Show the items of a visit that is there."""
        self.visit = visit
        found = checklists.of(visit)
        self._show(found, "" if found.open else _("拜访没有进行，不能勾选清单"))

    def show_planned(self, purpose: str | None, start: dt.datetime) -> None:
        """Show what a visit with this purpose will be gone through by, once it is saved; nothing without a purpose."""
        if self.visit is not None and purpose == str(self.visit.purpose):
            self.show_visit(self.visit)
        elif purpose:
            told = checklists.told(self.visit) if self.visit else {}
            self._show(checklists.listed(purpose, start, told), _("保存拜访后可以逐项勾选"))
        else:
            self._show(Checklist({}, {}), "")

    def _show(self, found: Checklist, why_not: str) -> None:
        self.boxes.clear()
        self._counts.clear()
        self._note.setText(why_not if found.told else "")
        groups = ((_BEFORE, found.before), (_DURING, found.during))
        refill(self._lists, [self._group(_(name), items, why_not) for name, items in groups if items])
        self.setVisible(bool(found.told))

    def _group(self, name: str, items: Mapping[str, bool], why_not: str) -> QWidget:
        count = chip("")
        lines = [self._line(item, on=on, why_not=why_not) for item, on in items.items()]
        self._counts.append((count, tuple(items)))
        self._recount()
        return host(column(row(label(name, "h3"), count, None), *lines, spacing=6))

    def _line(self, item: str, *, on: bool, why_not: str) -> QWidget:
        box = self.boxes[item] = QCheckBox()
        box.setAccessibleName(_(item))
        box.setChecked(on)
        box.setEnabled(not why_not)
        box.clicked.connect(lambda on: self._tick(item, done=on))
        words = ClickableWords(_(item), box.click)
        words.setEnabled(not why_not)
        shown = row(box, (words, 1), spacing=0)
        shown.setAlignment(box, Qt.AlignmentFlag.AlignTop)
        return host(shown)

    def _recount(self) -> None:
        for count, items in self._counts:
            done = sum(self.boxes[item].isChecked() for item in items)
            count.setText(f"{done} / {len(items)}")
            set_property(count, "kind", "ok" if done == len(items) else "neutral")

    def _tick(self, item: str, *, done: bool) -> None:
        self._recount()
        if self.visit is not None:
            task = self.context.tasks.run(self, checklists.tick, self.visit.id, item, done=done)
            task.then(self._on_ticked).failed(self._on_refused)

    def _on_ticked(self, visit: Visit) -> None:
        if self.visit is not None and visit.id == self.visit.id:
            self.visit = visit

    def _on_refused(self, error: InsuragentError) -> None:
        if self.visit is not None:
            self.show_visit(self.visit)
        self.context.toaster.complain(error)
