"""A question that is answered by hand: words to sign for, and the pad below them."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from insuragent.i18n import _
from insuragent.ui import dialogs
from insuragent.ui.layout import row
from insuragent.ui.signature import SignaturePad
from insuragent.ui.tokens import px
from insuragent.ui.widgets import button


class SignDialog(dialogs.Question):
    """``then`` gets the picture and the strokes once what was drawn is long enough for a signature."""

    def __init__(self, parent: QWidget, title: str, text: str, then: Callable[[bytes, str], object]) -> None:
        super().__init__(parent, title, text)
        self.pad = SignaturePad()
        self.pad.setMinimumHeight(px(150))
        self.add_body(self.pad)
        undo = button(_("撤销"), self.pad.undo, icon="undo-2", pen=True)
        clear = button(_("清除"), self.pad.clear, icon="eraser", pen=True)
        self.add_body(row(undo, clear, None))
        self.add_button(_("取消"), self.reject)
        self.confirm = self.add_button(_("客户签署"), self.accept, "primary")
        self.confirm.setEnabled(False)
        self.pad.changed.connect(lambda: self.confirm.setEnabled(self.pad.valid()))
        self.accepted.connect(lambda: then(self.pad.png(), self.pad.strokes_json()))
