"""Whatever is typed or pasted into a form is kept as it is, or refused with its reason and left where it was typed."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Complaint, Customer, Deed, Entry, FamilyMember, NeedsAnalysis, Record, Visit
from insuragent.models.fields import Kind
from insuragent.services import customers
from insuragent.ui import dialogs
from insuragent.ui.forms import RecordForm
from insuragent.ui.main_window import MainWindow
from tests.journeys.hands import newest, wait

AWKWARD = {
    "long": "长" * 10_000,
    "emoji": "王👨‍👩‍👧明🇨🇳",
    "right to left": "王\u202e明\u202c亮",
    "NUL": "王\0明",
    "markup": "<b>王</b>&lt;<script>明</script>",
    "two forms": "Cafe\u0301 王明",
    "lines": "王\n明",
}
TEXTS = (Kind.TEXT, Kind.LONG_TEXT)


@dataclass(frozen=True)
class Typed:
    """A form that is open: how it is saved, what it needs besides, and what is kept of it."""

    form: RecordForm
    save: Callable[[], object]
    record_type: type[Record]
    needed: Mapping[str, Any] = field(default_factory=dict)


def _customer(window: MainWindow, who: Customer, qtbot: QtBot) -> Typed:
    page: Any = window.go("customers", who.id)
    wait(qtbot, lambda: page.file.form.record_id == who.id)
    return Typed(page.file.form, page.file.save, Customer)


def _tab(window: MainWindow, who: Customer, qtbot: QtBot, name: str) -> Any:
    page: Any = window.go("customers", who.id)
    wait(qtbot, lambda: page.file.form.record_id == who.id)
    tab = getattr(page.file, name)
    page.file._tabs.setCurrentWidget(tab)
    wait(qtbot, lambda: tab.customer_id == who.id)
    tab.show_form()
    return tab


def _family(window: MainWindow, who: Customer, qtbot: QtBot) -> Typed:
    tab = _tab(window, who, qtbot, "family")
    return Typed(tab.form, tab.save, FamilyMember, {"relation": "sibling", "name": "王小亮"})


def _needs(window: MainWindow, who: Customer, qtbot: QtBot) -> Typed:
    tab = _tab(window, who, qtbot, "needs")
    return Typed(tab.form, tab.save, NeedsAnalysis)


def _visit(window: MainWindow, who: Customer, qtbot: QtBot) -> Typed:
    page: Any = window.go("calendar")
    page.new_visit(who.id)
    return Typed(page.side.form, page.side.save, Visit, {"purpose": "care"})


def _complaint(window: MainWindow, who: Customer, qtbot: QtBot) -> Typed:
    page: Any = window.go("complaints")
    page.new_complaint()
    needed = {
        "complainant_name": "赵丽", "contact": "13800000001", "category": "premium", "facts": "说是到期才告知",
        "received_at": dt.datetime.now(dt.UTC),
    }  # fmt: skip
    return Typed(page.form, page.save, Complaint, needed)


FORMS = {
    "customer": _customer,
    "family": _family,
    "needs": _needs,
    "visit": _visit,
    "complaint": _complaint,
}


def type_into(widget: Any, text: str) -> str:
    """What a field shows after ``text`` was pasted into it whole; a line takes no second line."""
    if isinstance(widget, QPlainTextEdit):
        widget.setPlainText(text)
        return widget.toPlainText()
    widget.setText(text)
    return str(widget.text())


def shown_in(widget: Any) -> str:
    """What a field shows."""
    return str(widget.toPlainText() if isinstance(widget, QPlainTextEdit) else widget.text())


@pytest.mark.parametrize("name", FORMS)
def test_awkward_text_is_kept_or_refused(root: Root, window: MainWindow, qtbot: QtBot, name: str) -> None:
    """In every field of a form that is typed into, at once, then without those that were refused."""
    for text in AWKWARD.values():
        type_everywhere(root, window, qtbot, name, text)


def type_everywhere(root: Root, window: MainWindow, qtbot: QtBot, name: str, text: str) -> None:
    """One text in all fields of one form."""
    assert root.desk is not None
    with root.desk.begin() as work:
        who = customers.create(work, {"name": "王小明"})
    typed = FORMS[name](window, who, qtbot)
    form = typed.form
    form.take(typed.needed)
    before = {one: editor.value() for one, editor in form.editors.items()}
    widgets = {
        one: editor.widget
        for one, editor in form.editors.items()
        if isinstance(editor.widget, QLineEdit | QPlainTextEdit)
        and editor.widget.isEnabled()
        and not editor.widget.isReadOnly()
        and form.fields[one].kind is not Kind.LINK
        and one not in form.masked
    }
    shown = {one: type_into(widget, text) for one, widget in widgets.items()}
    assert shown
    made = newest(root, Entry).number
    refused = _saved(root, typed, qtbot, made)
    for one in refused & widgets.keys():
        assert shown_in(widgets[one]) == shown[one]
        form.editors[one].show_value(before[one])
    if refused and form.changes():
        assert _saved(root, typed, qtbot, made) == set()
    kept = {one for one in widgets.keys() - refused if form.fields[one].kind in TEXTS}
    stored = newest(root, typed.record_type)
    assert {one: getattr(stored, one) for one in kept} == {
        one: unicodedata.normalize("NFC", shown[one]) for one in kept
    }
    assert not [one for one in refused & widgets.keys() if not _may_refuse(form.fields[one], shown[one])]


def _saved(root: Root, typed: Typed, qtbot: QtBot, made: int) -> set[str]:
    """Save; the fields that were refused with a reason, none where it was kept."""
    form = typed.form
    # What is said while one types is not the answer yet.
    form._pause.stop()
    form.show_problems({})
    typed.save()
    kept = lambda: newest(root, Entry).number > made and not form.dirty  # noqa: E731
    wait(qtbot, lambda: kept() or any(one.text() for one in form.problems.values()))
    return (
        {one for one, words in form.problems.items() if words.text()} if newest(root, Entry).number == made else set()
    )


def _may_refuse(declared: Any, text: str) -> bool:
    """A plain text is refused only where it is too long or holds what nothing can keep."""
    long = len(text) > declared.max_length
    return bool(declared.kind not in TEXTS or declared.check or long or "\0" in text or "\n" in text)


def test_awkward_questions_and_reasons_harm_nothing(
    root: Root, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked in the palette and the lists nothing is found; as a reason it enters the journal as it was typed."""
    reasons: list[str] = []

    def answer(_parent: Any, _title: str, _words: str, then: Callable[[str], object], **_more: Any) -> None:
        field = QLineEdit()
        field.setMaxLength(200)
        field.setText(text)
        reasons.append(field.text().strip())
        then(reasons[-1])

    monkeypatch.setattr(dialogs, "ask_reason", answer)
    page: Any = window.go("customers")
    assert root.desk is not None
    for text in AWKWARD.values():
        with root.desk.begin() as work:
            who = customers.create(work, {"name": "李建国"})
            who.doc_no = "11010119900307002X"
        window.palette_card.open()
        window.palette_card.field.setText(text)
        page.open_customer(who.id)
        wait(qtbot, lambda who=who: page.file.form.record_id == who.id)
        page.search.setText(text)
        page._list()
        wait(qtbot, lambda: page.note.text() == "共 0 位")
        before = newest(root, Entry).number
        page.file.form.ask_reveal("doc_no")
        wait(qtbot, lambda before=before: newest(root, Entry).number > before)
        told = newest(root, Entry)
        assert (told.deed, told.reason) == (Deed.VIEW_SENSITIVE, reasons[-1])
