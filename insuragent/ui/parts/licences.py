"""The licences of what travels with the program: its fonts and icons, in full, offline."""

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTabWidget, QWidget

from insuragent.i18n import _
from insuragent.settings import resource
from insuragent.ui.layout import column, row
from insuragent.ui.tokens import px
from insuragent.ui.widgets import button, label

TEXTS = {
    "Noto Sans SC": "fonts/NotoSansSC-OFL.txt",
    "HanaMin": "fonts/HanaMinB-LICENSE.txt",
    "Lucide": "icons/LICENSE",
}


def show_licences(parent: QWidget) -> QDialog:
    """Open the texts in a dialog."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(_("许可"))
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    for name, file in TEXTS.items():
        text = QPlainTextEdit(resource(file).read_text(encoding="utf-8"))
        text.setReadOnly(True)
        text.setAccessibleName(_("{name} 的许可").format(name=name))
        tabs.addTab(text, name)
    close = button(_("关闭"), dialog.accept, kind="primary")
    dialog.setLayout(column(label(_("许可"), "h1"), (tabs, 1), row(None, close), spacing=12, margins=20))
    dialog.resize(px(720), px(560))
    dialog.open()
    return dialog
