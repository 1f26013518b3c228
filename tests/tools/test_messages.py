"""Every text for people is gathered, and each kind of incomplete English is told."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.messages import Text, faults, gather, read_catalogue, update

ERRORS = 'class OwnError(Exception):\n    message = "有错"\n    hint = "请重试"\n'


def program(root: Path, code: str, name: str = "page.py") -> list[Text]:
    """The texts of a small program with this module."""
    folder = root / "insuragent" / "ui"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "insuragent" / "errors.py").write_text(ERRORS)
    (folder / name).write_text(code)
    return [text for text in gather(root) if text.path.endswith(name)]


def test_marked_texts_and_words_of_errors_are_gathered(tmp_path: Path) -> None:
    """Marks, error classes and raised errors; a docstring is no text for people."""
    code = '"""文档"""\na = _("客户")\nb = N_("拜" "访")\nraise OwnError("不行 {n}", hint="再试", n=_("一"))\n'
    assert {text.msgid for text in program(tmp_path, code)} == {"客户", "拜访", "不行 {n}", "再试", "一"}
    assert {text.msgid for text in gather(tmp_path)} >= {"有错", "请重试"}


@pytest.mark.parametrize(
    ("code", "flaw"),
    [
        ('_(f"客户{n}")\n', "put together"),
        ('_("客户" + name)\n', "put together"),
        ('label.setText("客户")\n', "without _()"),
    ],
)
def test_texts_that_cannot_be_translated_are_told(tmp_path: Path, code: str, flaw: str) -> None:
    """A text put together at run time or never marked stays Chinese for ever."""
    assert [flaw in text.flaw for text in program(tmp_path, code)] == [True]


def test_the_console_is_gathered_too(tmp_path: Path) -> None:
    """Its templates are no code, and their texts are marked just the same."""
    page = (
        """<h1>{{ _("客户") }}</h1>{% if name %}<p title="{{ _('拜访') }}">投诉{{ name }}</p>{% endif %}{{ "保单" }}"""
    )
    (tmp_path / "resources" / "console").mkdir(parents=True)
    (tmp_path / "resources" / "console" / "page.html").write_text(page, encoding="utf-8")
    told = [text for text in program(tmp_path, "") or gather(tmp_path) if text.path.endswith("page.html")]
    assert {text.msgid for text in told if not text.flaw} == {"客户", "拜访"}
    assert [text.flaw for text in told if text.flaw] == ["Chinese without _()"] * 2


@pytest.mark.parametrize(
    ("msgid", "english", "fault"),
    [
        ("客户", "", "no English"),
        ("共 {n} 位", "{m} in all", "different placeholders"),
        ("客户：", "Customer: ", "different spaces"),
    ],
)
def test_each_fault_of_the_english_is_told(msgid: str, english: str, fault: str) -> None:
    """Missing, with another placeholder, with another edge."""
    catalogue = Catalog(locale="en")
    catalogue.add(msgid, english)
    (told,) = faults([Text("a.py", 1, msgid)], catalogue)
    assert fault in told


def test_left_over_english_is_told() -> None:
    """A translation whose text is gone from the code is a fault too."""
    catalogue = Catalog(locale="en")
    catalogue.add("旧的", "old")
    assert list(faults([], catalogue)) == ["en.po: '旧的' stands nowhere in the code"]


def test_updating_keeps_what_was_translated(tmp_path: Path) -> None:
    """Known English stays, new texts come empty, old ones go, and a second update changes nothing."""
    path = tmp_path / "en.po"
    update([Text("a.py", 1, "客户"), Text("a.py", 2, "旧的")], path)
    path.write_text(path.read_text().replace('msgid "客户"\nmsgstr ""', 'msgid "客户"\nmsgstr "Customer"'))
    update([Text("b.py", 1, "客户"), Text("b.py", 2, "新的")], path)
    once = path.read_bytes()
    update([Text("b.py", 1, "客户"), Text("b.py", 2, "新的")], path)
    assert path.read_bytes() == once
    assert {message.id: message.string for message in read_catalogue(path) if message.id} == {
        "客户": "Customer",
        "新的": "",
    }
