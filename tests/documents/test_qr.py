"""The code on a sheet: square by square what reportlab's own encoder makes of the same text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

from insuragent.documents.qr import modules


def by_reportlab(text: str) -> list[bytes]:
    """The same code by reportlab alone."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(text))
    code.version = code.calculate_version()
    code.makeImpl(False, 0)
    return [bytes(b"01"[dark] for dark in row) for row in code.modules]


@pytest.mark.parametrize("length", [0, 1, 13, 14, 15, 62, 63, 107, 122, 152, 180, 181, 199, 200])
def test_each_length_makes_the_same_code(length: int) -> None:
    """Every version and every number of blocks that a sheet's text may need."""
    text = ("insuragent verify 0f1e2d3c " * 8)[:length]
    assert modules(text) == by_reportlab(text)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=50))
def test_any_text_makes_the_same_code(text: str) -> None:
    """Chinese too."""
    assert modules(text) == by_reportlab(text)
