"""The items that must be explained before a signature, ticked one by one with the moment of each."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from insuragent.i18n import SHANGHAI, _, format_moment
from insuragent.services.sheet_content import PROMPT_TITLES
from insuragent.ui.layout import column
from insuragent.ui.splits import Columns


class ExplainedItems(QWidget):
    """A box for each of the 18 items (金监总局令2023年第2号 art. 25; requirement R3.1b). ``ticked`` is a change."""

    ticked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._at: dict[str, str] = {}
        self.boxes = {code: QCheckBox() for code in PROMPT_TITLES}
        for code, box in self.boxes.items():
            box.clicked.connect(lambda on, code=code: self._on_clicked(code, on=on))
        self.setLayout(column(Columns(*self.boxes.values(), spacing=6)))
        self.show_told(())

    @property
    def told(self) -> list[dict[str, str]]:
        """What is ticked, each item with the moment of its tick: {"code", "at"}."""
        return [{"code": code, "at": self._at[code]} for code in self.boxes if code in self._at]

    def show_told(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Tick these items, with their moments."""
        self._at = {str(item.get("code")): str(item.get("at")) for item in told}
        for code in self.boxes:
            self._paint(code)

    def _on_clicked(self, code: str, *, on: bool) -> None:
        if on:
            self._at[code] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        else:
            self._at.pop(code, None)
        self._paint(code)
        self.ticked.emit()

    def _paint(self, code: str) -> None:
        box, at = self.boxes[code], self._at.get(code)
        box.setChecked(at is not None)
        title = f"{code} {_(PROMPT_TITLES[code])}"
        box.setText(f"{title}  {_clock(at)}" if at else title)
        box.setToolTip(_("讲解于 {moment}").format(moment=format_moment(dt.datetime.fromisoformat(at))) if at else "")


def _clock(at: str) -> str:
    return f"{dt.datetime.fromisoformat(at).astimezone(SHANGHAI):%H:%M}"
