"""Parts find their place: beside one another as far as they fit, then below, and no word is left alone or cut."""

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from insuragent.ui.areas import scrolled
from insuragent.ui.flow import Flow, Phrases, Wrapping
from insuragent.ui.layout import column, form, form_row
from insuragent.ui.lines import HintedLine, fitting, put_inside
from insuragent.ui.paragraphs import ClickableWords, Notice, Paragraph
from insuragent.ui.theme import Theme
from insuragent.ui.widgets import EmptyState

GAP = 8


class Part(QWidget):
    """One that wishes to be so wide and 20 high."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self._wide = wide
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._wide, 20)


def places(qtbot: QtBot, width: int, *parts: QWidget, **how: object) -> list[tuple[int, ...]]:
    """Where the parts stand in a flow of this width: left, top, width and height."""
    flow = Flow(*parts, spacing=GAP, **how)  # type: ignore[arg-type]
    holder = Wrapping(flow)
    qtbot.addWidget(holder)
    holder.resize(width, 20)
    holder.show()
    assert holder.height() == flow.heightForWidth(width), "it is as high as its lines"
    return [part.geometry().getRect() for part in parts]


# --- flow ------------------------------------------------------------------------------------------------------------


def test_parts_flow_onto_a_further_line_where_the_width_ends(theme: Theme, qtbot: QtBot) -> None:
    """What just fits stays; one pixel less sends the last part down, at the left."""
    assert places(qtbot, 316, *map(Part, (100, 100, 100))) == [(0, 0, 100, 20), (108, 0, 100, 20), (216, 0, 100, 20)]
    assert places(qtbot, 315, *map(Part, (100, 100, 100)))[2] == (0, 28, 100, 20)


def test_a_part_wider_than_the_line_gets_all_of_it(theme: Theme, qtbot: QtBot) -> None:
    """Nothing stands outside."""
    assert places(qtbot, 200, Part(120), Part(500)) == [(0, 0, 120, 20), (0, 28, 200, 20)]


def test_what_grows_takes_the_rest_of_its_line(theme: Theme, qtbot: QtBot) -> None:
    """A search field fills the line beside its filters, and gives way before they go down."""
    search, others = Part(400), (Part(100), Part(100))
    assert places(qtbot, 500, search, *others, grows=search) == [(0, 0, 284, 20), (292, 0, 100, 20), (400, 0, 100, 20)]
    search, others = Part(400), (Part(100), Part(100))
    assert places(qtbot, 360, search, *others, grows=search) == [(0, 0, 252, 20), (260, 0, 100, 20), (0, 28, 100, 20)]


def test_lines_may_stand_closer_than_parts(theme: Theme, qtbot: QtBot) -> None:
    """Figures wrapped onto a second line read as one text."""
    assert places(qtbot, 150, Part(100), Part(100), between=2)[1] == (0, 22, 100, 20)


def test_a_hidden_part_leaves_no_gap(theme: Theme, qtbot: QtBot) -> None:
    """What is not offered takes no room."""
    hidden = Part(100)
    hidden.hide()
    assert places(qtbot, 400, hidden, Part(100))[1] == (0, 0, 100, 20)


def test_phrases_are_told_anew(theme: Theme, qtbot: QtBot) -> None:
    """Fewer words leave none of the former behind."""
    phrases = Phrases()
    qtbot.addWidget(phrases)
    phrases.show()
    phrases.tell("每期保费 50,000.00 元", "基本保额 212,232.14 元")
    assert phrases.text() == "每期保费 50,000.00 元　基本保额 212,232.14 元"
    phrases.tell("每期保费 1.00 元")
    assert phrases.text() == "每期保费 1.00 元"


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [100, 200])
def test_labels_stand_above_all_fields_or_above_none(theme: Theme, qtbot: QtBot, scale: int) -> None:
    """In a narrow half no field is left with a few letters, and the labels do not jump from side to top."""
    theme.apply("light", scale)
    holder, rows, fields = QWidget(), form(), [QLineEdit(), QLineEdit()]
    qtbot.addWidget(holder)
    for name, field in zip(("姓名", "复制敏感内容后清空剪贴板"), fields, strict=True):
        form_row(rows, name, field)
    holder.setLayout(rows)
    least = holder.minimumSizeHint().width()
    for width in range(least, least * 3, 10):
        rows.setGeometry(QRect(0, 0, width, 400))
        above = [rows.labelForField(field).geometry().bottom() < field.geometry().top() for field in fields]
        assert len(set(above)) == 1, f"at {width}"
        assert min(field.width() for field in fields) >= 168 * scale // 100, f"at {width}"
    assert rows.rowWrapPolicy() is QFormLayout.RowWrapPolicy.DontWrapRows


# --- lines -----------------------------------------------------------------------------------------------------------


def test_an_icon_inside_a_line_is_pressed_by_alt_and_down(theme: Theme, qtbot: QtBot) -> None:
    """Without a mouse the calendar of a date opens; Down alone and what is typed do not press it."""
    line = QLineEdit()
    qtbot.addWidget(line)
    pressed: list[str] = []
    put_inside(line, "calendar-days", "打开日历").triggered.connect(lambda: pressed.append("opened"))
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClicks(line, "2026")
    assert pressed == []
    qtbot.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert (pressed, line.text()) == (["opened"], "2026")


def test_a_sign_at_the_start_of_a_line_is_not_pressed(theme: Theme, qtbot: QtBot) -> None:
    """A magnifying glass only shows what the line is for."""
    line = QLineEdit()
    qtbot.addWidget(line)
    pressed: list[str] = []
    put_inside(line, "search", "搜索", leading=True).triggered.connect(lambda: pressed.append("pressed"))
    qtbot.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert pressed == []


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (40, "搜索姓名、拼音、手机号、证件尾号、地址（Ctrl+F）"),
        (22, "搜索姓名、拼音、手机号、证件尾号、地址"),
        (12, "搜索姓名、拼音、手机号"),
        (7, "搜索姓名、拼音"),
        (1, "搜索姓名"),
    ],
)
def test_a_hint_loses_whole_items(room: int, said: str) -> None:
    """First the key, then the last item: a word is never cut in the middle."""
    hint = "搜索姓名、拼音、手机号、证件尾号、地址（Ctrl+F）"
    assert fitting(hint, lambda words: len(words) <= room) == said


def test_a_hint_follows_the_width_of_its_line(theme: Theme, qtbot: QtBot) -> None:
    """Wider again, it says all again; the tool tip always does."""
    hint = "搜索姓名、拼音、手机号、证件尾号、地址（Ctrl+F）"
    line = HintedLine(hint)
    qtbot.addWidget(line)
    line.resize(150, 34)
    line.show()
    assert line.placeholderText() == "搜索姓名、拼音"
    line.resize(600, 34)
    assert (line.placeholderText(), line.toolTip()) == (hint, hint)


# --- words -----------------------------------------------------------------------------------------------------------


def test_no_character_stands_alone_on_the_last_line(theme: Theme, qtbot: QtBot) -> None:
    """However wide the paragraph is, three characters at least end it; its text stays as it was told."""
    words = "口令用来加密本机的全部资料，任何人都不能替您看到它。"
    told = Paragraph(words)
    qtbot.addWidget(told)
    told.show()
    assert told.text() == words
    one = told.fontMetrics().horizontalAdvance("字")
    assert [at for at in range(6, 26) if written(told, at * one + 2) < 2 * one] == []


def written(paragraph: Paragraph, width: int) -> int:
    """How far ink reaches on the last line of a paragraph that is so wide."""
    paragraph.resize(width, paragraph.heightForWidth(width))
    picture = paragraph.grab().toImage()
    line = range(picture.height() - paragraph.fontMetrics().lineSpacing() + 2, picture.height())
    dark = [x for x in range(picture.width()) if any(picture.pixelColor(x, y).lightness() < 128 for y in line)]
    return max(dark, default=0)


def test_a_notice_takes_no_room_while_it_says_nothing(theme: Theme, qtbot: QtBot) -> None:
    """No gap stands where an error might."""
    holder, notice = QWidget(), Notice()
    qtbot.addWidget(holder)
    holder.setLayout(column(Part(100), notice))
    holder.show()
    bare = holder.sizeHint().height()
    notice.setText("口令不正确")
    assert holder.sizeHint().height() > bare
    notice.clear()
    assert holder.sizeHint().height() == bare


def test_words_beside_a_box_are_pressed_like_it(theme: Theme, qtbot: QtBot) -> None:
    """A pen hits the sentence rather than the small box."""
    pressed: list[str] = []
    words = ClickableWords("我已打印恢复码", lambda: pressed.append("ticked"))
    qtbot.addWidget(words)
    qtbot.mouseClick(words, Qt.MouseButton.LeftButton)
    assert pressed == ["ticked"]


@pytest.mark.parametrize(("height", "pictured"), [(400, True), (90, False)])
def test_an_empty_state_rather_says_it_than_shows_it(theme: Theme, qtbot: QtBot, height: int, pictured: bool) -> None:
    """In a low area the words stand without the icon, and nothing needs to be scrolled."""
    state = EmptyState("file-text", "同步完成后，这里显示总公司签发的回执和两边的数目")
    area = scrolled(column(state))
    qtbot.addWidget(area)
    area.resize(300, height)
    area.show()
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    assert state._picture.isVisible() is pictured
    assert state._sentence.isVisible()
