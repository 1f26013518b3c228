"""A bar for work under way."""

from collections.abc import Callable

from PySide6.QtWidgets import QProgressBar, QWidget

from insuragent.i18n import _
from insuragent.ui.layout import column, row
from insuragent.ui.widgets import button, label


class ProgressRow(QWidget):
    """A bar with what is being done, how far it is, and a way to stop it."""

    def __init__(self, cancel: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._text = label("", "cap")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        head = row(self._text, None)
        if cancel is not None:
            head.addWidget(button(_("取消"), cancel, kind="link"))
        self.setLayout(column(head, self._bar, spacing=2))

    def show_progress(self, count: int, total: int, text: str = "") -> None:
        """Show ``count`` of ``total``; a total of 0 shows work of unknown length."""
        self._bar.setRange(0, total)
        self._bar.setValue(count)
        share = _("{percent}%（{count:,} / {total:,}）").format(
            percent=100 * count // total if total else 0, count=count, total=total
        )
        words = f"{text} {share}" if total else text
        self._text.setText(words.strip())
        self._bar.setAccessibleName(words.strip())
