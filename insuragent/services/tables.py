"""Read a table out of a spreadsheet or CSV file that somebody gave us: plain cells with their row numbers."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from insuragent.errors import BadFile, NoAccess
from insuragent.i18n import N_
from insuragent.services.cells import read

#: Larger files are no customer list.
LARGEST_FILE, MOST_ROWS = 50 * 1024 * 1024, 200_000
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
#: A CSV's separator is the one that stands most often in this many lines.
_SNIFFED = 10
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Row:
    """One row as the file's own program numbers it, from 1."""

    number: int
    cells: tuple[str, ...]


def read_rows(path: Path) -> list[Row]:
    """The rows of the first sheet, or of a CSV in UTF-8, UTF-16 or GB18030; empty ones are left out.

    Raises BadFile when the file cannot be read as a table.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_FILE // 1024**2)
        data = path.read_bytes()
    except OSError as error:
        raise NoAccess(path.name) from error
    spreadsheet = path.suffix.lower() in SPREADSHEETS or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
    cells = read(data, path.name) if spreadsheet else _csv(data, path.name)
    rows = [Row(number, row) for number, row in enumerate(cells, 1) if any(cell.strip() for cell in row)]
    if len(rows) > MOST_ROWS:
        raise BadFile(N_("表格超过 {limit} 行，请分成几个文件"), limit=MOST_ROWS)
    return rows


def _csv(data: bytes, name: str) -> Iterator[tuple[str, ...]]:
    text = _decoded(data, name)
    first = "\n".join(text.split("\n", _SNIFFED)[:_SNIFFED])
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield tuple(row)
    except csv.Error as error:
        raise BadFile(N_("文件 {name} 的内容不是预期的格式"), name=name) from error


def _decoded(data: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for guess in [encoding] if encoding else ["utf-8", "gb18030"]:
        try:
            return data.decode(guess)
        except UnicodeDecodeError:
            continue
    raise BadFile(N_("文件 {name} 的文字编码不能识别"), hint=N_("请另存为 UTF-8 或 GB18030 编码的 CSV。"), name=name)
