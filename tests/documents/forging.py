"""What somebody with a key of his own makes of a file of ours: its seal taken off, and another one set."""

import datetime as dt
import io

import pikepdf

from insuragent.documents.sealing import Pen, fill, reserve


def unsealed(pdf: pikepdf.Pdf) -> None:
    """Take the seal of an open file away, its field and all."""
    for name in ("/AcroForm", "/Perms"):
        if name in pdf.Root:
            del pdf.Root[name]
    for page in pdf.pages:
        if "/Annots" in page:
            del page.Annots


def sealed_by(pen: Pen, data: bytes) -> bytes:
    """The file with a seal of ``pen`` in place of whichever it had."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        unsealed(pdf)
        reserve(pdf, pen.reason, dt.datetime(2026, 11, 23, 2, 24, tzinfo=dt.UTC))
        pdf.save(target)
    return fill(target.getvalue(), pen)
