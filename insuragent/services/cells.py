"""Read the cells of a spreadsheet in a process of its own: a damaged file can end the library that reads it."""

import contextlib
import datetime as dt
import io
import os
import re
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from insuragent.errors import BadFile
from insuragent.i18n import N_

#: A spreadsheet is a ZIP, whose contents may be a thousand times its size; and no list needs more memory than this.
LARGEST_UNPACKED, MOST_MEMORY = 500 * 1024**2, 4 * 1024**3
#: A formula that was never calculated has no value in the file; this stands in its place.
UNCALCULATED = "\ufffc"
#: Of a workbook, the sheet that stands first, and what its parts are called.
_SHEET = re.compile(rb'<sheet\b[^>]*:id="([^"]+)"')
_RELATION, _ATTRIBUTE = re.compile(rb"<Relationship\b[^>]*>"), re.compile(rb'(\w+)="([^"]*)"')
_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f')


def read(data: bytes, name: str) -> list[tuple[str, ...]]:
    """The cells of the first sheet, row by row. Raises BadFile, also where the process that reads it ended."""
    _refuse_bomb(data)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_bound) as aside:
        reading = aside.submit(_cells, data)
        failure = reading.exception()
    if failure is None:
        return reading.result()
    if isinstance(failure, BrokenProcessPool | MemoryError):
        hint = N_("请只保留名单所在的行和列，另存为 .csv 后再试。")
        raise BadFile(N_("文件 {name} 已损坏，或表格大得不能读取"), hint=hint, name=name) from failure
    hint = N_("请另存为 .xlsx 或 .csv，并去掉打开密码。")
    raise BadFile(N_("文件 {name} 不是可以读取的表格"), hint=hint, name=name) from failure


def _refuse_bomb(data: bytes) -> None:
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise BadFile(N_("文件过大，超过 {limit} MB"), limit=LARGEST_UNPACKED // 1024**2)


# --- in the other process --------------------------------------------------------------------------------------------


def _bound() -> None:
    """Bound the memory, leave no dump of what was read, and keep a library's last words from our own errors."""
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _cells(data: bytes) -> list[tuple[str, ...]]:
    import python_calamine

    uncalculated = _uncalculated(data) if data.startswith(b"PK") else set()
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [
        tuple(
            UNCALCULATED if not text and (number, column) in uncalculated else text
            for column, text in enumerate(map(_text, row))
        )
        for number, row in enumerate(rows, 1)
    ]


def _uncalculated(data: bytes) -> set[tuple[int, int]]:
    """The places (row from 1, column from 0) of every formula on the first sheet of an .xlsx file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
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
