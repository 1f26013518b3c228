"""Whatever is typed or pasted into a form is kept as it is, or refused with its reason and left where it was typed."""

import unicodedata
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from insuragent.app import Root
from insuragent.models import Customer
from insuragent.services import customers
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


def type_into(widget: Any, text: str) -> str:
    """What a field shows after ``text`` was pasted into it whole; a line takes no second line."""
    if isinstance(widget, QPlainTextEdit):
        widget.setPlainText(text)
        return widget.toPlainText()
    widget.setText(text)
    return str(widget.text())


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_awkward_text_is_kept_or_refused(root: Root, window: MainWindow, qtbot: QtBot, text: str) -> None:
    """In every text field of the customer's form at once, then without those that were refused."""
    assert root.desk is not None
    with root.desk.begin() as work:
        customer = customers.create(work, {"name": "王小明"})
    page: Any = window.go("customers", customer.id)
    form = page.file.form
    wait(qtbot, lambda: form.record_id == customer.id)
    fields = {
        name: editor.widget
        for name, editor in form.editors.items()
        if isinstance(editor.widget, QLineEdit | QPlainTextEdit)
        and editor.widget.isEnabled()
        and not editor.widget.isReadOnly()
        and isinstance(getattr(customer, name), str | None)
        and name not in form.masked
    }
    shown = {name: type_into(widget, text) for name, widget in fields.items()}
    assert len(shown) > 5
    # What is said while one types is not the answer yet.
    form._pause.stop()
    form.show_problems({})
    page.file.save()
    wait(qtbot, lambda: newest(root, Customer).remark or any(form.problems[name].text() for name in fields))
    refused = {name for name in fields if form.problems[name].text()}
    for name in refused:
        left = fields[name]
        assert (left.toPlainText() if isinstance(left, QPlainTextEdit) else left.text()) == shown[name]
        form.editors[name].show_value(form._before[name])
    kept = fields.keys() - refused
    if kept and refused:
        page.file.save()
        wait(qtbot, lambda: newest(root, Customer).remark or any(form.problems[name].text() for name in kept))
    stored = newest(root, Customer)
    assert {name: getattr(stored, name) for name in kept} == {
        name: unicodedata.normalize("NFC", shown[name]) for name in kept
    }
