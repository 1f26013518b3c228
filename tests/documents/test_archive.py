"""Sheets for the archive: the same bytes, the same text, read out in order, provable."""

import dataclasses
import io
from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader

from insuragent.documents.archive import archive_faults, proof_of
from insuragent.documents.letters import render_letter
from insuragent.documents.sheet import archive_sheet, render_sheet
from insuragent.errors import BadFile
from tests.documents import sample_letters, sample_sheet

PROOF = {"document_no": "IA-1", "inputs": {"name": "王<𬭎>&", "age": 40}, "result_hash": "0f" * 32}


@cache
def sheet(product: str = "DEMO-PWL") -> bytes:
    """A signed sheet in the archive's form."""
    return archive_sheet(sample_sheet.signed(product), PROOF)


def test_the_same_content_gives_the_same_bytes() -> None:
    """So that an archive can be compared."""
    assert archive_sheet(sample_sheet.signed(), PROOF) == sheet()


def test_the_proof_comes_back_as_it_was() -> None:
    """Whatever signs it holds; a plain file has none."""
    assert proof_of(sheet()) == PROOF
    assert proof_of(render_sheet(sample_sheet.signed())) is None


def test_text_is_read_as_in_the_plain_file() -> None:
    """Rare names too; each page by itself."""
    plain, kept = (PdfReader(io.BytesIO(data)) for data in (render_sheet(sample_sheet.signed()), sheet()))
    assert [page.extract_text() for page in kept.pages] == [page.extract_text() for page in plain.pages]
    assert sample_sheet.INSURED in "".join(page.extract_text() for page in kept.pages)


def roles(pdf: pikepdf.Pdf) -> list[str]:
    """The elements right below the document."""
    return [str(element.S)[1:] for element in pdf.Root.StructTreeRoot.K.K]


def test_it_is_read_out_in_order() -> None:
    """One title, headings below it, lists as lists, pictures with words, each table whole though it takes two pages."""
    content = sample_sheet.content()
    longer = dataclasses.replace(content, rows=[*content.rows] * 4)
    with pikepdf.open(io.BytesIO(archive_sheet(longer, {}))) as pdf:
        names = roles(pdf)
        assert names.count("H1") == 1
        assert names.index("H1") < names.index("H2")
        assert names.count("H2") >= 6
        assert set(names) == {"H1", "H2", "P", "L", "Figure", "Table"}
        rows = longer.rows
        tables = [element for element in pdf.Root.StructTreeRoot.K.K if Name.Table == element.S]
        assert len(tables) == 2
        assert len(tables[1].K) == len(rows) + 2  # the head has two lines
        assert [str(cell.S) for cell in tables[1].K[2].K] == ["/TD"] * len(rows[0])
        assert sum(int(cell.A.get("/ColSpan", 1)) for cell in tables[1].K[0].K) == len(rows[0])
        pages = {cell.Pg.objgen for line in tables[1].K for cell in line.K}
        assert len(pages) >= 2


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_pdf_is_told(data: bytes) -> None:
    """By an error of ours."""
    with pytest.raises(BadFile):
        proof_of(data)
    with pytest.raises(BadFile):
        archive_faults(data)


def test_a_file_of_others_has_no_proof() -> None:
    """Metadata without our entry say nothing; a letter has no numbers to prove."""
    assert proof_of(render_letter(sample_letters.COMPLAINT)) is None
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array()))
        with pdf.open_metadata() as told:
            told["dc:title"] = "别人的文件"
        target = io.BytesIO()
        pdf.save(target)
    assert proof_of(target.getvalue()) is None
