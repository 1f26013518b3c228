"""Golden pages: the words and the look of each page as it was last approved.

``INSURAGENT_RENEW=1`` renews them in tests/golden/sheets; look at the pictures before you commit them.
"""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from insuragent.documents.content import SheetContent
from insuragent.documents.letters import render_letter, render_receipt, render_recovery
from insuragent.documents.sheet import render_sheet
from tests.documents import sample_letters, sample_sheet
from tests.looks import SHARE, differing, renewing

GOLDEN = Path(__file__).parent.parent / "golden" / "sheets"


def unnumbered(content: SheetContent) -> SheetContent:
    """The content with fixed digests: they change with each signing of the sample products."""
    return dataclasses.replace(
        content, result_hash="0f" * 32, package_hash="1e" * 32, policy_hash="2d" * 32, verification="golden"
    )


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "term-signed": lambda: render_sheet(unnumbered(sample_sheet.signed("DEMO-TERM"))),
    "increasing": lambda: render_sheet(unnumbered(sample_sheet.content("DEMO-IWL"))),
    "participating": lambda: render_sheet(unnumbered(sample_sheet.content())),
    "participating-large": lambda: render_sheet(unnumbered(sample_sheet.content(age=60))),
    "annuity": lambda: render_sheet(unnumbered(sample_sheet.content("DEMO-PANN"))),
    "universal": lambda: render_sheet(unnumbered(sample_sheet.content("DEMO-UL"))),
    "illness": lambda: render_sheet(unnumbered(sample_sheet.content("DEMO-CI"))),
    "medical": lambda: render_sheet(unnumbered(sample_sheet.content("DEMO-MED"))),
    "complaint": lambda: render_letter(sample_letters.COMPLAINT),
    "comparison": lambda: render_letter(sample_letters.comparison()),
    "receipt": lambda: render_receipt(sample_letters.RECEIPT),
    "recovery": lambda: render_recovery("7K4QM-93XRA-BD5TW-H2N6P-Z8CVE-41FGJ", sample_letters.PRINTED),
}


def pictures(pdf: bytes) -> list[Image.Image]:
    """Each page at 54 dots an inch, in grey."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=0.75, grayscale=True).to_pil().convert("L") for page in document]


def text(pdf: bytes) -> str:
    """The words of the document, a form feed between pages."""
    return "\f\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages) + "\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_pages_are_as_approved(name: str) -> None:
    """A change of words or look is a decision, not an accident."""
    pdf = DOCUMENTS[name]()
    found = pictures(pdf)
    if renewing():
        renew(name, text(pdf), found)
    assert text(pdf) == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert len(found) == len(list(GOLDEN.glob(f"{name}-[0-9]*.png")))
    for number, picture in enumerate(found, 1):
        with Image.open(GOLDEN / f"{name}-{number}.png") as approved:
            assert differing(picture, approved.convert("L")) <= SHARE, f"page {number} of {name}"


def renew(name: str, words: str, found: list[Image.Image]) -> None:
    """Write what is approved from now on."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for old in GOLDEN.glob(f"{name}-[0-9]*.png"):
        old.unlink()
    (GOLDEN / f"{name}.txt").write_text(words, "utf-8")
    for number, picture in enumerate(found, 1):
        # Sixteen greys tell a moved line as well as 256, and take half the room.
        picture.quantize(16, dither=Image.Dither.NONE).save(GOLDEN / f"{name}-{number}.png", optimize=True)


def test_a_moved_line_is_noticed() -> None:
    """The tolerance lets smoothing pass, not a shift by a point."""
    page = pictures(DOCUMENTS["complaint"]())[0]
    assert differing(page, page) == 0
    assert differing(page, ImageChops.offset(page, 0, 1)) > SHARE
