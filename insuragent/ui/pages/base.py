"""What every page has: a heading row, a body, and a refresh when its kinds of records change."""

import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from insuragent.errors import InsuragentError
from insuragent.services.papers import Paper
from insuragent.ui.flow import Flow, Wrapping
from insuragent.ui.layout import column, host
from insuragent.ui.parts.print_dialog import HandOut
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
        self.tools = Flow()
        self.body: QVBoxLayout = column(spacing=12)
        parts = (self.heading, self.note, host(self.tools))
        head = Wrapping(Flow(*parts, spacing=10, between=6, grows=self.note, least=190))
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

    def print_pages(self, use_case: Callable[..., Paper], *arguments: Any) -> None:
        """Have the paper that a use case makes printed, or saved as an encrypted copy."""
        HandOut(self.context, self).begin(use_case, *arguments)

    def complain(self, error: InsuragentError) -> None:
        """Show an error of ours where the page is, with what to do."""
        self.context.toaster.complain(error)
