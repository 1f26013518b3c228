"""What every page has: a heading row, a body, and a refresh when its kinds of records change."""

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.ui.layout import column, row
from insuragent.ui.pdf_view import print_pdf
from insuragent.ui.shell import Context
from insuragent.ui.widgets import ShortLabel, label


class Page(QWidget):
    """A page: :meth:`refresh` reads what it shows; it is called at first and after changes of ``kinds``."""

    #: The kinds of records that this page shows.
    kinds: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, context: Context, title: str) -> None:
        super().__init__()
        self.context = context
        self.heading: QLabel = label(title, "h1")
        self.note = ShortLabel("muted")
        self.tools = row(spacing=8)
        self.body: QVBoxLayout = column(spacing=12)
        head = row(self.heading, (self.note, 1), self.tools, spacing=10)
        self.setLayout(column(head, (self.body, 1), spacing=14, margins=(20, 16, 20, 16)))
        context.tasks.records_changed.connect(self._on_records_changed)

    def refresh(self) -> None:
        """Read again what the page shows."""

    def _on_records_changed(self, changed: set[tuple[str, uuid.UUID]]) -> None:
        if not self.kinds or {kind for kind, _ in changed} & self.kinds:
            self.refresh()

    def say(self, text: str, kind: str = "ok", action: str = "", then: Callable[[], object] | None = None) -> None:
        """Show a toast; ``kind`` is ok, bad or info."""
        self.context.toaster.show(text, kind, action, then)

    def print_pages(self, use_case: Callable[..., bytes], *arguments: Any) -> None:
        """Print the pages that a use case makes."""
        task = self.context.tasks.run(self, use_case, *arguments)
        task.then(lambda data: self._send(data)).failed(self.complain)

    def _send(self, data: bytes) -> None:
        task = print_pdf(self.context.tasks, self, data, self.context.settings.printer)
        task.then(lambda _done: self.say(_("已交给打印机"))).failed(self.complain)

    def complain(self, error: InsuragentError) -> None:
        """Show an error of ours where the page is, with what to do."""
        self.context.toaster.complain(error)
