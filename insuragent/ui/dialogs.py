"""Every modal question, in one place: each opens, returns at once, and calls back with the answer."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QLayout, QLineEdit, QPushButton, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import N_, _
from insuragent.ui.layout import column, row
from insuragent.ui.tokens import px
from insuragent.ui.widgets import IconLabel, button, label

SHORTEST_REASON = 2
REVEAL_REASONS = (N_("核对客户身份"), N_("填写投保资料"), N_("客户本人要求"), N_("办理保全或理赔"))
ICONS = {
    "accent": "info",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
    "question": "circle-help",
}


class Question(QDialog):
    """A modal card with an icon, what it is about, room for a field, and buttons."""

    def __init__(self, parent: QWidget, title: str, text: str, advice: str = "", kind: str = "question") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title, self.text, self.advice = title, text, advice
        tint = "accent" if kind == "question" else kind
        words = column(label(title, "h2", wrap=True), label(text, wrap=True), spacing=6)
        if advice:
            words.addWidget(label(advice, "muted", wrap=True))
        picture = column(IconLabel(ICONS[kind], tint, size=22, tile=40), None)
        self._body = column(spacing=10)
        self._buttons = row(None, spacing=10)
        self._all = column(row(picture, (words, 1), spacing=16), self._body, 6, self._buttons, spacing=12, margins=22)
        self.setLayout(self._all)

    def showEvent(self, event: QShowEvent) -> None:
        self.fit()
        super().showEvent(event)

    def fit(self) -> None:
        """Be as tall as what stands in it needs."""
        width = px(460)
        self.setFixedSize(width, self._all.totalHeightForWidth(width))

    def add_body(self, content: QWidget | QLayout) -> None:
        """Put a field below the words."""
        if isinstance(content, QWidget):
            self._body.addWidget(content)
        else:
            self._body.addLayout(content)

    def add_button(self, text: str, then: Callable[[], object], kind: str = "") -> QPushButton:
        """Add a button at the right; the main one is pressed by Enter."""
        made = button(text, then, kind=kind, pen=True)
        made.setDefault(kind == "primary")
        self._buttons.addWidget(made)
        return made


def ask(
    parent: QWidget,
    title: str,
    text: str,
    then: Callable[[], object],
    *,
    yes: str = "",
    advice: str = "",
    danger: bool = False,
) -> Question:
    """Ask for a yes; ``then`` is called on it. A dangerous yes is red and not what Enter presses."""
    question = Question(parent, title, text, advice, "warn" if danger else "question")
    _answer_by(question, then)
    no = question.add_button(_("取消"), question.reject)
    question.add_button(yes or _("确定"), question.accept, "danger" if danger else "primary")
    if danger:
        no.setDefault(True)
        no.setFocus()
    question.open()
    return question


def inform(
    parent: QWidget,
    title: str,
    text: str,
    *,
    advice: str = "",
    kind: str = "accent",
    then: Callable[[], object] | None = None,
) -> Question:
    """Tell something that must be read; ``then`` is called when it was."""
    question = Question(parent, title, text, advice, kind)
    if then is not None:
        question.finished.connect(lambda _result: then())
    question.add_button(_("知道了"), question.accept, "primary")
    question.open()
    return question


def show_error(parent: QWidget, error: BaseException) -> Question:
    """Say what happened, what is safe and what to do next; anything but an error of ours is called our fault."""
    if isinstance(error, InsuragentError):
        return inform(parent, _("没有完成"), str(error), advice=error.advice, kind="warn")
    return inform(
        parent,
        _("程序出错了"),
        _("这是程序的问题，不是您的操作造成的。刚才这一步没有保存，其余资料完好。"),
        advice=_("可以重试；如再次出现，请在“设置 › 诊断”中导出日志交给技术支持。日志不含客户资料。"),
        kind="bad",
    )


def ask_reason(
    parent: QWidget,
    title: str,
    text: str,
    then: Callable[[str], object],
    *,
    presets: Sequence[str] = REVEAL_REASONS,
    yes: str = "",
) -> Question:
    """Ask for a reason of two characters or more, typed or chosen from ``presets`` (msgids)."""
    question = Question(parent, title, text)
    field = QLineEdit()
    field.setAccessibleName(_("原因"))
    field.setPlaceholderText(_("请填写原因，将记入操作留痕"))
    field.setMaxLength(200)
    _answer_by(question, lambda: then(field.text().strip()))
    choices = [button(_(preset), partial(field.setText, _(preset))) for preset in presets]
    for start in range(0, len(choices), 2):
        question.add_body(row(*((choice, 1) for choice in choices[start : start + 2])))
    question.add_body(field)
    question.add_button(_("取消"), question.reject)
    confirm = question.add_button(yes or _("确定"), question.accept, "primary")
    confirm.setEnabled(False)
    field.textChanged.connect(lambda words: confirm.setEnabled(len(words.strip()) >= SHORTEST_REASON))
    question.open()
    field.setFocus()
    return question


def choose_file(parent: QWidget, title: str, filters: str, then: Callable[[Path], object]) -> QFileDialog:
    """Choose a file to open; ``filters`` as Qt writes them, e.g. "Excel (*.xlsx *.csv)"."""
    return _file_dialog(parent, title, filters, then, QFileDialog.FileMode.ExistingFile)


def save_file(parent: QWidget, title: str, name: str, filters: str, then: Callable[[Path], object]) -> QFileDialog:
    """Choose where to save; ``name`` is offered, its ending added when it is left out."""
    dialog = _file_dialog(parent, title, filters, then, QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix[1:])
    dialog.selectFile(name)
    return dialog


def choose_folder(parent: QWidget, title: str, then: Callable[[Path], object]) -> QFileDialog:
    """Choose a folder, such as a USB stick."""
    return _file_dialog(parent, title, "", then, QFileDialog.FileMode.Directory)


def _file_dialog(
    parent: QWidget, title: str, filters: str, then: Callable[[Path], object], mode: QFileDialog.FileMode
) -> QFileDialog:
    dialog = QFileDialog(parent, title, str(Path.home()), filters)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog


def _answer_by(question: Question, then: Callable[[], object]) -> None:
    question.accepted.connect(lambda: then())
