"""Whatever stands in a field: it is printed literally and whole, or refused with a reason; nothing crashes."""

import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader

from insuragent.documents.content import Agent, Column, Coverage, Prompt, SheetContent
from insuragent.documents.ink import TooLong
from insuragent.documents.sheet import render_sheet
from insuragent.errors import UserError
from tests.documents import sample_sheet

Change = Callable[[str], dict[str, Any]]
#: Ten thousand characters, of which 1111 are found nowhere else.
LONG = "保险合同责任龘除，" * 1111
#: Fields that go on overleaf, and fields with room for one line or one cell.
FLOWING: dict[str, Change] = {
    "exclusions": lambda text: {"exclusions": [text, "其二"]},
    "risks": lambda text: {"risks": [text]},
    "reasons": lambda text: {"reasons": [text]},
    "clauses": lambda text: {"clauses": [("条款", [text])]},
    "statement": lambda text: {"statement": text},
    "coverage": lambda text: {"coverage": [Coverage("身故", text, "终身"), Coverage("红利", "甲", "终身")]},
    "prompts": lambda text: {"prompts": [Prompt("01", "合同", text)]},
    "example_note": lambda text: {"example_note": text},
}
ONE_LINE: dict[str, Change] = {
    "company": lambda text: {"company": text},
    "product_name": lambda text: {"product_name": text},
    "policyholder": lambda text: {"policyholder": text},
    "key_facts": lambda text: {"key_facts": [("投保人", text)]},
    "agent": lambda text: {"agent": Agent(text, "1")},
    "form_no": lambda text: {"form_no": text},
    "clause title": lambda text: {"clauses": [(text, ["甲"])]},
    "rows": lambda text: {"rows": [[text] * 10]},
    "columns": lambda text: {"columns": [Column(text)] * 3, "rows": [["1", "2", "3"]]},
    "verification": lambda text: {"verification": text},
}
HOSTILE = [
    "",
    " ",
    "a" * 10_000,
    "（" * 3000,
    "，" * 3000,
    " " * 10_000,
    "甲\r\n\t乙\n" * 500,
    "<b>&amp;</font>",
    "😀",
    "\0",
]


def rendered(**changes: Any) -> bytes:
    """The sheet with ``changes``."""
    content: SheetContent = dataclasses.replace(sample_sheet.signed(), **changes)
    return render_sheet(content)


def printed(**changes: Any) -> str:
    """The text of the sheet with ``changes``, without blanks."""
    pages = PdfReader(io.BytesIO(rendered(**changes))).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("field", FLOWING)
def test_long_texts_go_on_overleaf(field: str) -> None:
    """Ten thousand characters come out whole: pages break boxes, tables and paragraphs, and lose nothing."""
    assert printed(**FLOWING[field](LONG)).count("龘") == 1111


@pytest.mark.parametrize("field", ONE_LINE)
def test_what_has_no_room_is_refused(field: str) -> None:
    """Never cut, never shrunk to nothing."""
    with pytest.raises(TooLong) as refusal:
        printed(**ONE_LINE[field](LONG))
    assert refusal.value.advice


def outcome(**changes: Any) -> str:
    """Whether the sheet was printed, or by which error of ours it was refused; any other error passes through."""
    try:
        return "printed" if rendered(**changes).startswith(b"%PDF") else "nothing"
    except UserError as refusal:
        return type(refusal).__name__


@pytest.mark.parametrize("field", [*FLOWING, *ONE_LINE])
def test_no_field_crashes(field: str) -> None:
    """Empty, endless, unbreakable, marked up, invisible: printed or refused by an error of ours."""
    outcomes = [outcome(**(FLOWING | ONE_LINE)[field](text)) for text in HOSTILE]
    assert set(outcomes) <= {"printed", "MissingGlyph", "TooLong"}
    assert "printed" in outcomes


@pytest.mark.parametrize("change", [lambda n: {"policyholder": n}, lambda n: {"key_facts": [("投保人", n)]}])
def test_a_name_of_fifty_rare_characters_is_whole(change: Change) -> None:
    """Story S01: a name of 50 code points is not cut, though Qt counts it as a hundred."""
    assert "𬭎" * 50 in printed(**change("𬭎" * 50))


def test_a_sheet_without_lists_is_still_a_sheet() -> None:
    """A product that leaves everything empty gives no empty box and no crash."""
    lists = ("important", "risks", "coverage", "exclusions", "surrender_notes", "rows", "chart", "prompts", "promises")
    empty: dict[str, Any] = dict.fromkeys((*lists, "clauses", "service", "key_facts", "reasons"), ())
    assert "投保人签名" in printed(**empty, statement="", copied_statement="")
