"""The items that must be explained before a signature, ticked one by one with the moment of each."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from insuragent.i18n import SHANGHAI, _, format_moment
from insuragent.services.gates_people import COVER, EXCLUSIONS
from insuragent.services.sheet_content import PROMPT_TITLES
from insuragent.ui.layout import column
from insuragent.ui.splits import Columns


class ExplainedItems(QWidget):
    """A box for each of the 18 items (金监总局令2023年第2号 art. 25; requirement R3.1b). ``ticked`` is a change.

    For an elderly customer what is not covered comes first, and what is covered opens after it (story S05).
    """

    ticked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._at: dict[str, str] = {}
        self.boxes = {code: QCheckBox() for code in PROMPT_TITLES}
        self._exclusions_first = False
        self._grid = Columns(*self.boxes.values(), spacing=6)
        self.setLayout(column(self._grid))
        for code, box in self.boxes.items():
            box.clicked.connect(lambda on, code=code: self._on_clicked(code, on=on))
        self._arrange()
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

    def put_exclusions_first(self, *, on: bool) -> None:
        """Have what is not covered explained first, or the items in the order of their numbers."""
        if on != self._exclusions_first:
            self._exclusions_first = on
            self._arrange()
            self._paint(COVER)

    def _arrange(self) -> None:
        """Lay the boxes out in the order of explaining, which is that of the keys too."""
        codes = sorted(self.boxes, key=lambda code: (self._exclusions_first and code != EXCLUSIONS, code))
        self._grid.reorder(*(self.boxes[code] for code in codes))

    def _on_clicked(self, code: str, *, on: bool) -> None:
        if on:
            self._at[code] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        else:
            self._at.pop(code, None)
        self._paint(code)
        self._paint(COVER)
        self.ticked.emit()

    def _paint(self, code: str) -> None:
        box, at = self.boxes[code], self._at.get(code)
        box.setChecked(at is not None)
        waits = code == COVER and self._exclusions_first and at is None and EXCLUSIONS not in self._at
        box.setEnabled(not waits)
        title = f"{code} {_(PROMPT_TITLES[code])}"
        box.setText(f"{title}  {_clock(at)}" if at else title)
        tip = _("讲解于 {moment}").format(moment=format_moment(dt.datetime.fromisoformat(at))) if at else ""
        box.setToolTip(_("投保人满 60 周岁：请先讲解责任免除") if waits else tip)


def _clock(at: str) -> str:
    return f"{dt.datetime.fromisoformat(at).astimezone(SHANGHAI):%H:%M}"
