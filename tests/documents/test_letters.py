"""Letters, slips and receipts: short documents that say what they must and nothing of the machine."""

import dataclasses
import datetime as dt
import io
import re

import pytest
from pypdf import PdfReader

from insuragent.documents.content import Column, SyncCount
from insuragent.documents.fonts import MissingGlyph
from insuragent.documents.letters import render_letter, render_receipt, render_recovery
from tests.documents import sample_letters


def words(pdf: bytes) -> str:
    """The text of a document without blanks."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_a_complaint_receipt_tells_number_deadline_and_hotline() -> None:
    """The customer leaves with what he needs to ask again (regulation G10)."""
    text = words(render_letter(sample_letters.COMPLAINT))
    for word in ("客户投诉受理回执", "TS-20261123-0091", "王𬭎", "2026-12-08", "12378", "第1页/共1页"):
        assert word in text


def test_a_letter_of_many_facts_goes_on_overleaf() -> None:
    """A long story is told whole."""
    facts = [(f"事项{n}", "客户陈述" * 40) for n in range(40)]
    pdf = render_letter(dataclasses.replace(sample_letters.COMPLAINT, facts=facts))
    assert words(pdf).count("客户陈述") == 1600
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 2


def test_a_heading_within_a_table_stays_with_its_rows() -> None:
    """No page ends with a heading, wherever the page ends."""
    for more in range(12):
        rows = [[f"事项{n}", "1.00", "2.00"] for n in range(20 + more)]
        rows += [
            row for group in "甲乙丙" for row in ([f"{group}组"], *([f"{group}{n}", "1.00", "2.00"] for n in range(8)))
        ]
        heads = [Column("金额（元）", align="l"), Column("方案 1", align="r"), Column("方案 2", align="r")]
        content = dataclasses.replace(sample_letters.COMPLAINT, columns=heads, rows=rows)
        pages = [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(render_letter(content))).pages]
        table = [[line.strip() for line in page if re.match(r"(事项|[甲乙丙])", line.strip())] for page in pages]
        assert not [page[-1] for page in table if page and page[-1].endswith("组")]
        assert sum(map(len, table)) == len(rows)


def test_a_letter_with_a_missing_character_is_refused() -> None:
    """As a sheet is."""
    with pytest.raises(MissingGlyph, match=r"U\+3134F"):
        render_letter(dataclasses.replace(sample_letters.COMPLAINT, facts=[("投诉人", "\U0003134f")]))


def test_a_sync_receipt_compares_what_was_sent_with_what_was_taken() -> None:
    """Requirement R8.4b: a difference is named in words beside the counts."""
    receipt = sample_letters.RECEIPT
    assert "不一致" not in words(render_receipt(receipt))
    text = words(render_receipt(dataclasses.replace(receipt, counts=[*receipt.counts, SyncCount("投诉", 2, 1)])))
    assert text.count("不一致") == 1
    assert "第4711条至第4790条" in text
    assert receipt.digest in text


def test_the_recovery_code_is_large_and_whole() -> None:
    """Every group can be read across a desk, and the page says where to keep it."""
    groups = "7K4QM-93XRA-BD5TW-H2N6P-Z8CVE-41FGJ"
    pdf = render_recovery(groups, sample_letters.PRINTED)
    assert all(group in words(pdf) for group in groups.split("-"))
    sizes: list[float] = []
    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(
        visitor_text=lambda text, cm, tm, font, size: sizes.append(size) if "7K4QM" in text else None
    )
    assert min(sizes) >= 20
    assert "分开存放" in words(pdf)


@pytest.mark.parametrize("zone", [dt.UTC, dt.timezone(dt.timedelta(hours=-5))])
def test_the_same_moment_gives_the_same_bytes(zone: dt.tzinfo) -> None:
    """A file bears the moment of print on Shanghai's clock, wherever the machine thinks it is."""
    moved = dataclasses.replace(sample_letters.COMPLAINT, printed_at=sample_letters.PRINTED.astimezone(zone))
    pdf = render_letter(moved)
    assert pdf == render_letter(sample_letters.COMPLAINT)
    assert PdfReader(io.BytesIO(pdf)).metadata["/CreationDate"] == "D:20261123102400+08'00'"
