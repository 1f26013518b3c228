"""Read a table out of a spreadsheet or CSV file that somebody gave us: plain cells with their row numbers."""

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insuragent.errors import BadFile
from insuragent.i18n import N_

#: Larger files are no customer list; a spreadsheet is a ZIP, whose contents may be a thousand times its size.
LARGEST_FILE, LARGEST_UNPACKED = 50 * 1024 * 1024, 500 * 1024 * 1024
MOST_ROWS = 200_000
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
#: A formula that was never calculated has no value in the file; this stands in its place.
UNCALCULATED = "\ufffc"
#: What reading a damaged or locked archive raises.
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, ValueError, LookupError, EOFError, RuntimeError)
#: Of a workbook, the sheet that stands first, and what its parts are called.
_SHEET = re.compile(rb'<sheet\b[^>]*:id="([^"]+)"')
_RELATION, _ATTRIBUTE = re.compile(rb"<Relationship\b[^>]*>"), re.compile(rb'(\w+)="([^"]*)"')
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f')
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
        raise BadFile(N_("文件 {name} 不能读取"), name=path.name) from error
    spreadsheet = path.suffix.lower() in SPREADSHEETS or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
    cells = _spreadsheet(data, path.name) if spreadsheet else _csv(data, path.name)
    rows = [Row(number, row) for number, row in enumerate(cells, 1) if any(cell.strip() for cell in row)]
    if len(rows) > MOST_ROWS:
        raise BadFile(N_("表格超过 {limit} 行，请分成几个文件"), limit=MOST_ROWS)
    return rows


def _spreadsheet(data: bytes, name: str) -> Iterator[tuple[str, ...]]:
    import python_calamine  # needed by an import alone

    try:
        uncalculated = _uncalculated(data) if data.startswith(b"PK") else set()
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            sheet = book.get_sheet_by_index(0)
            rows = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, *_DAMAGE) as error:
        raise BadFile(
            N_("文件 {name} 不是可以读取的表格"), hint=N_("请另存为 .xlsx 或 .csv，并去掉打开密码。"), name=name
        ) from error
    for number, row in enumerate(rows, 1):
        cells = (_text(cell) for cell in row)
        yield tuple(
            UNCALCULATED if not cell and (number, column) in uncalculated else cell for column, cell in enumerate(cells)
        )


def _uncalculated(data: bytes) -> set[tuple[int, int]]:
    """The places (row from 1, column from 0) of every formula on the first sheet of an .xlsx file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_UNPACKED // 1024**2)
        first = _first_sheet(archive)
        found = _FORMULA.findall(archive.read(first)) if first else []
    return {(int(row), _column(letters.decode())) for letters, row in found}


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The part that holds the first sheet, which need not be the one that was made first; "" for other formats."""
    if "xl/workbook.xml" not in archive.namelist():
        return ""
    sheet = _SHEET.search(archive.read("xl/workbook.xml"))
    for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        told = dict(_ATTRIBUTE.findall(tag))
        if sheet and told.get(b"Id") == sheet[1]:
            return f"xl/{told[b'Target'].decode().removeprefix('/xl/')}"
    return ""


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


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
