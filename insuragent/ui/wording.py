"""What the phrase rules say of the fields of a form, below each field, while it is filled in (requirement R7.2a)."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QLabel, QWidget

from insuragent.models import Record
from insuragent.models.fields import Field
from insuragent.rules.phrases import Setting
from insuragent.services import wording
from insuragent.services.wording import Advice
from insuragent.ui.shell import Context
from insuragent.ui.widgets import label


class WordingHints:
    """The hints of one form. ``refuse`` marks a field whose words cannot be saved, ``now`` tells what it holds."""

    def __init__(
        self,
        context: Context,
        owner: QWidget,
        record_type: type[Record],
        refuse: Callable[[str, str], object],
        now: Callable[[str], object],
    ) -> None:
        self._context, self._owner, self._record_type = context, owner, record_type
        self._refuse, self._now = refuse, now
        self.labels: dict[str, QLabel] = {}

    def make(self, name: str, field: Field) -> QLabel | None:
        """The hint below a field, hidden as long as there is nothing to say; None where no rule reads it."""
        if field.setting in (None, Setting.QUOTE):
            return None
        made = self.labels[name] = label("", "cap", kind="warn", wrap=True)
        made.hide()
        return made

    def clear(self, name: str) -> None:
        """Say nothing of a field."""
        if name in self.labels:
            self.labels[name].hide()

    def read(self, name: str) -> None:
        """Have the rules read what a field holds, and say what they say."""
        value = self._now(name)
        if name in self.labels and isinstance(value, str):
            task = self._context.tasks.run(self._owner, wording.advice, self._record_type, {name: value})
            task.then(partial(self._show, name, value))

    def _show(self, name: str, value: str, found: Mapping[str, Advice]) -> None:
        if self._now(name) != value or name not in found:
            return  # typed on meanwhile, or nothing to say
        if found[name].refused:
            self._refuse(name, found[name].words)
        else:
            self.labels[name].setText(found[name].words)
            self.labels[name].show()
