"""A visit beside the calendar: its plan, what came of it, and the checklist that it is gone through by."""

import datetime as dt
import uuid

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.models import Visit
from insuragent.models.fields import choice_words
from insuragent.models.visit import VisitPurpose, VisitStatus
from insuragent.services import agenda, letters, records
from insuragent.services.drafts import Kept
from insuragent.ui.areas import area_of, scrolled
from insuragent.ui.fields import ChoiceEditor
from insuragent.ui.forms import RecordForm
from insuragent.ui.layout import column, row
from insuragent.ui.parts.checklist import VisitChecklist
from insuragent.ui.parts.print_dialog import HandOut
from insuragent.ui.saving import Later
from insuragent.ui.shell import Context
from insuragent.ui.widgets import button, card, label, tool_button

PLANNED = (
    "customer_id",
    "purpose",
    "subject",
    "planned_start",
    "planned_end",
    "place_text",
    "place_region",
    "participants",
)
HELD = ("outcome", "summary", "customer_words", "next_action", "next_due", "next_note", "late_reason")


class VisitPanel(QWidget):
    """A visit's two forms. ``saved`` tells the visit; whatever is shown next, what was typed is kept as a draft."""

    saved = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.visit_id: uuid.UUID | None = None
        self._title = label("", "h2", wrap=True)
        self.form = RecordForm(context, Visit, PLANNED, draft="visit")
        self.result = RecordForm(context, Visit, HELD, draft="visit-result")
        self.checklist = VisitChecklist(context)
        purpose = self.form.editors["purpose"]
        assert isinstance(purpose, ChoiceEditor)
        purpose.combo.currentIndexChanged.connect(self._on_purpose)
        forms = scrolled(column(self.form, self.result, self.checklist, None, spacing=16))
        self._held = button(_("完成拜访"), self.show_result, icon="check")
        self._report = tool_button("printer", _("打印拜访报告"), self.print_report)
        close = tool_button("x", _("关闭"), self.leave)
        save = button(_("保存"), self.save, icon="save", kind="primary")
        lines = column(row((self._title, 1), self._report, close), (forms, 1), row(self._held, None, save), spacing=10)
        self.setLayout(column(card(lines)))

    @property
    def dirty(self) -> bool:
        """Whether something typed is not saved."""
        return self.form.dirty or self.result.dirty

    def show_new(self, start: dt.datetime, end: dt.datetime, customer_id: uuid.UUID | None = None) -> None:
        """Plan a visit; a draft of an earlier one is offered."""
        self.visit_id = self.checklist.visit = None
        self._title.setText(_("新建拜访"))
        self.form.fill({"planned_start": start, "planned_end": end, "customer_id": customer_id})
        self.result.fill({})
        self._held.hide()
        self._report.hide()
        self._show_form(self.form)
        self._appear()
        self.form.editors["purpose" if customer_id else "customer_id"].widget.setFocus()
        self.form.offer_draft()

    def show_visit(self, visit: Visit) -> None:
        """Show a visit that is there, and offer what was typed about it and never saved."""
        self.visit_id, self.checklist.visit = visit.id, visit
        self._title.setText(choice_words(VisitPurpose, visit.purpose))
        for form in (self.form, self.result):
            form.fill(visit.plain(), visit.id)
            form.offer_draft()
        self._held.setVisible(visit.status not in agenda.ENDED_VISITS)
        self._report.setVisible(visit.status == VisitStatus.HELD)
        self._on_purpose()
        self._show_form(self.result if visit.status == VisitStatus.HELD else self.form)
        self._appear()

    def _appear(self) -> None:
        """In a narrow window the panel stands below the calendar: the page scrolls to it as soon as it can."""
        if self.isHidden() and (area := area_of(self)):
            once = Qt.ConnectionType.SingleShotConnection
            area.verticalScrollBar().rangeChanged.connect(self._come_into_sight, once)
        self.show()

    def _come_into_sight(self) -> None:
        if self.isVisible() and (area := area_of(self)):
            top = self.mapToGlobal(QPoint()).y() - area.viewport().mapToGlobal(QPoint()).y()
            area.verticalScrollBar().setValue(area.verticalScrollBar().value() + top)

    def print_report(self) -> None:
        """Print what came of the visit that is shown."""
        if self.visit_id is not None:
            HandOut(self.context, self).begin(letters.visit_report, self.visit_id)

    def show_result(self) -> None:
        """Show the form of what came of the visit."""
        self._show_form(self.result)
        self.result.editors["outcome"].widget.setFocus()

    def go_on(self, kept: Kept) -> None:
        """Take a draft up again; the visit that it is about is shown."""
        if kept.form.startswith(f"{self.result.draft}:"):
            self.show_result()
            self.result.go_on(kept)
        else:
            self._show_form(self.form)
            self.form.go_on(kept)

    def save_draft(self) -> None:
        """Keep what is typed in either form."""
        self.form.save_draft()
        self.result.save_draft()

    def leave(self) -> None:
        """Close; what is typed and not saved is kept as a draft."""
        self.save_draft()
        self.hide()

    def save(self) -> None:
        """Save what is shown: the plan, or what came of it."""
        shown = self._shown
        if self.isHidden() or shown.saving.under_way:
            return
        run = self.context.tasks.run
        if shown is self.result and self.visit_id is not None:
            task = run(self, agenda.hold, self.visit_id, self.result.changes())
        elif self.visit_id is None:
            task = run(self, agenda.plan, self.form.changes())
        else:
            task = run(self, records.change, Visit, self.visit_id, self.form.changes(), self.form.before())
        shown.saving.follow(task, self._on_saved, self._on_refused)

    @property
    def _shown(self) -> RecordForm:
        return self.form if self.result.isHidden() else self.result

    def _show_form(self, wanted: RecordForm) -> None:
        for form in (self.form, self.result):
            form.setVisible(form is wanted)

    def _on_purpose(self) -> None:
        """What the visit is gone through by follows its purpose, as it is chosen."""
        purpose, start = (self.form.editors[name].value() for name in ("purpose", "planned_start"))
        known = start if isinstance(start, dt.datetime) else dt.datetime.now(dt.UTC)
        self.checklist.show_planned(purpose, known)

    def _on_saved(self, visit: Visit, later: Later | None) -> None:
        if later:
            self.show_visit(visit)
        elif later is not None:
            self.leave()
        self.saved.emit(visit)

    def _on_refused(self, error: InsuragentError) -> None:
        if not self._shown.refused(error):
            self.context.toaster.complain(error)
