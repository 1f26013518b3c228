"""Tables as files for a spreadsheet, in which no cell can become a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

#: What a spreadsheet takes for the beginning of a formula or a command, also in full width (OWASP ASVS 1.2.10).
_BEGINNINGS = "=+-@|%\t\r\n＝＋－＠｜％"
#: What stands before it unseen: blanks of every width, and marks without any.
_UNSEEN = " \u00a0\u3000\u200b\u200c\u200d\u2060\ufeff\x00"


def safe_cell(value: object) -> str:
    """A cell as text that is shown as it is written, whatever it begins with."""
    text = "" if value is None else str(value).replace("\0", "")
    bare = text.lstrip(_UNSEEN)
    return f"'{text}" if bare[:1] and bare[0] in _BEGINNINGS else text


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV, which spreadsheets open as UTF-8; each cell is safe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(map(safe_cell, head))
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
