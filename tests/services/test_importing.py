"""Lists from the field: what is taken, what is refused and why, and nothing half-taken."""

import contextlib
import csv
import io
import json
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insuragent.errors import BadFile
from insuragent.models import Customer, Deed, Entry
from insuragent.models.fields import Kind, fields_of
from insuragent.services import customers, importing, records
from insuragent.services.importing import Refusal
from insuragent.services.tables import read_rows
from insuragent.settings import resource
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tools import make_demo_data

DEMO = resource("demo/customers.xlsx")
ROWS_READ = make_demo_data.ROWS + 1
EXPECTED = json.loads(resource("demo/expected.json").read_text())


def written(path: Path, *rows: list[str], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def preview(store: Store, path: Path) -> importing.Preview:
    """What importing would do."""
    with store.read(Actor()) as work:
        return importing.preview(work, path)


def test_the_sample_list_is_taken_as_documented(store: Store, agent: Actor) -> None:
    """Every row is taken or refused as the list was made; the store then holds exactly what was taken."""
    with store.begin(agent) as work:
        shown = importing.preview(work, DEMO)
        taken = importing.take(work, shown)
    assert (taken, shown.refused_rows) == (EXPECTED["taken"], EXPECTED["refused"])
    assert len(shown.warnings) == make_demo_data.LOOK_ALIKES
    assert all(refusal.reason for refusal in shown.refused)
    with store.read(agent) as work:
        assert work.count(Customer) == EXPECTED["taken"]
        told = work.session.query(Entry).filter(Entry.deed == Deed.IMPORT).one()
    assert told.changes is not None
    assert told.changes["taken"] == [None, EXPECTED["taken"]]
    assert "name" not in told.changes


def test_the_sample_list_is_what_its_script_makes(tmp_path: Path) -> None:
    """The bundled file is the script's, cell for cell."""
    assert make_demo_data.ROWS == EXPECTED["rows"] == EXPECTED["taken"] + EXPECTED["refused"]
    made, expected = make_demo_data.workbook()
    assert expected == EXPECTED
    (tmp_path / "again.xlsx").write_bytes(made)
    assert read_rows(tmp_path / "again.xlsx") == read_rows(DEMO)


def test_notable_people_are_found_after_the_import(store: Store, agent: Actor) -> None:
    """Story S01: a rare character by character, pinyin and the ID's tail; S21: types of document."""
    with store.begin(agent) as work:
        importing.take(work, importing.preview(work, DEMO))
    with store.read(agent) as work:
        for question in ("王𬭎", "wangh", "002x"):
            assert "王𬭎" in {found.name for found in records.find(work, Customer, question)}
        (firm,) = records.find(work, Customer, "福州演示")
        assert (firm.doc_type, firm.type, firm.phone2) == ("uscc", "enterprise", "0591-87654321")


def test_importing_twice_takes_nothing_twice(store: Store, agent: Actor) -> None:
    """Who has a document number is known again."""
    with store.begin(agent) as work:
        importing.take(work, importing.preview(work, DEMO))
    again = preview(store, DEMO)
    assert {refusal.reason for refusal in again.refused} >= {"证件号码与已有客户相同"}
    assert not any("doc_no" in candidate.values for candidate in again.accepted)


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_csv_of_any_program(store: Store, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """Encodings and separators of the spreadsheets in use, rare characters included."""
    rows = (["名单"], ["姓名", "手机号"], ["王𬭎", "+86 138 0013 8000"], [], ["张三", "13900139000"])
    shown = preview(store, written(tmp_path / "list.csv", *rows, encoding=encoding, delimiter=delimiter))
    assert [(c.row, c.values["name"], c.values["mobile"]) for c in shown.accepted] == [
        (3, "王𬭎", "13800138000"),
        (5, "张三", "13900139000"),
    ]


def test_refusals_name_row_column_and_reason(store: Store, tmp_path: Path) -> None:
    """As the spreadsheet's own user sees them; every fault of a row at once."""
    rows = (["客户姓名", "移动电话", "生日"], ["张三", "123", "3/7/1990"], ["=1+1", "", ""])
    shown = preview(store, written(tmp_path / "list.csv", *rows))
    assert set(shown.refused) == {
        Refusal(2, "移动电话", "手机号应为 11 位，现为 3 位"),
        Refusal(2, "生日", "日期应写作 2026-11-23 的形式"),
        Refusal(3, "客户姓名", "单元格是公式，请改为数值后再导入"),
    }


def test_a_nul_is_told_by_its_row(store: Store, tmp_path: Path) -> None:
    """One byte that no keyboard makes refuses its own row, not the list."""
    rows = (["姓名", "手机", "微信"], ["张\0三", "", ""], ["李四", "1390013\x009000", ""], ["王五", "", ""])
    shown = preview(store, written(tmp_path / "list.csv", *rows))
    assert [(refusal.row, refusal.column) for refusal in shown.refused] == [(2, "姓名"), (3, "手机")]
    assert "U+0000" in shown.refused[0].reason
    assert [candidate.values["name"] for candidate in shown.accepted] == ["王五"]


def test_a_formula_without_a_value_is_refused_and_one_with_a_value_is_data(store: Store, tmp_path: Path) -> None:
    """A file written by a program, and never opened in a spreadsheet, holds no results."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "手机"])
    sheet.append(["张三", '=CONCATENATE("138","00138000")'])
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert [refusal.column for refusal in preview(store, path).refused] == ["手机"]
    _calculate(path, b"13800138000")
    assert preview(store, path).accepted[0].values["mobile"] == "13800138000"


def _calculate(path: Path, value: bytes) -> None:
    """Write a value beside the formula, as a spreadsheet does."""
    with zipfile.ZipFile(path) as book:
        entries = {name: book.read(name) for name in book.namelist()}
    name = "xl/worksheets/sheet1.xml"
    entries[name] = (
        entries[name]
        .replace(b"</f><v />", b"</f><v>" + value + b"</v>")
        .replace(b"</f><v/>", b"</f><v>" + value + b"</v>")
    )
    with zipfile.ZipFile(path, "w") as book:
        for entry, content in entries.items():
            book.writestr(entry, content)


def test_a_stop_half_way_takes_nothing(store: Store, agent: Actor) -> None:
    """One transaction: whoever cancels at row 100 finds none of them."""

    class Stopped(Exception):
        """The person pressed cancel."""

    def report(done: int, _total: int) -> None:
        if done == 100:
            raise Stopped

    with pytest.raises(Stopped), store.begin(agent) as work:
        importing.take(work, importing.preview(work, DEMO), report)
    with store.read(agent) as work:
        assert work.count(Customer) == 0
        assert work.head.number == 0


def test_the_mapping_can_be_chosen_by_hand(store: Store, tmp_path: Path) -> None:
    """A column that means something else than its heading says."""
    path = written(tmp_path / "list.csv", ["姓名", "电话"], ["张三", "010-12345678"])
    with store.read(Actor()) as work:
        shown = importing.preview(work, path, ["name", "phone2"])
    assert shown.accepted[0].values == {"name": "张三", "phone2": "010-12345678"}


def test_a_list_without_names_is_no_list(store: Store, tmp_path: Path) -> None:
    """The person is told which column is missing."""
    with pytest.raises(BadFile, match="姓名"):
        preview(store, written(tmp_path / "list.csv", ["甲", "乙"], ["1", "2"]))


def test_an_agent_of_another_trade_may_not(store: Store, tmp_path: Path) -> None:
    """Access is checked before anything is made."""
    from insuragent.errors import NotPermitted

    path = written(tmp_path / "list.csv", ["姓名"], ["张三"])
    with pytest.raises(NotPermitted), store.begin(Actor(role="compliance")) as work:
        importing.take(work, importing.preview(work, path))
    assert store.head.number == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([".csv", ".xlsx", ".xls"]), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(store: Store, tmp_path: Path, suffix: str, data: bytes) -> None:
    """A damaged or foreign file is a message, never a fault."""
    path = tmp_path / f"list{suffix}"
    path.write_bytes(data)
    with pytest.raises(BadFile):
        preview(store, path)


OLD = Path(__file__).parents[1] / "data" / "services" / "list.xls"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([DEMO, OLD]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=4),
    st.booleans(),
)
def test_a_damaged_spreadsheet_is_refused(
    tmp_path: Path, whole: Path, flips: list[tuple[float, int]], cut: bool
) -> None:
    """A stick that lost bits, or half the file: a message, or the rows where nothing of them was hit."""
    data = bytearray(whole.read_bytes())
    for place, bit in flips:
        data[int(place * len(data))] ^= 1 << bit
    path = tmp_path / f"list{whole.suffix}"
    path.write_bytes(data[: int(flips[0][0] * len(data))] if cut else data)
    with contextlib.suppress(BadFile):
        assert len(read_rows(path)) <= ROWS_READ


def test_an_old_workbook_is_read() -> None:
    """Numbers, a date and a truth as they are shown; a formula that holds no value is an empty cell."""
    assert [row.cells for row in read_rows(OLD)] == [
        ("姓名", "手机", "出生日期", "年收入", "备注"),
        ("张三", "13800138000", "1990-03-07", "120000.5", "True"),
        ("李四", "", "", "", ""),
        ("王𬭎", "", "", "", ""),
    ]


@pytest.mark.parametrize("corner", ["ALL1048576", "XFD1048576"])
def test_what_ends_the_reader_does_not_end_the_program(tmp_path: Path, corner: str) -> None:
    """One cell far off asks the library for more memory than there is: it ends by itself, and we say so."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet[corner] = "姓名", "张三", "x"
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(BadFile) as refused:
        read_rows(tmp_path / "list.xlsx")
    assert refused.value.advice


def test_an_empty_file_is_called_empty(store: Store, tmp_path: Path) -> None:
    """Nothing in it, or a first sheet without a cell: the person is told to look at the sheets."""
    (tmp_path / "list.csv").write_bytes(b"\xef\xbb\xbf")
    openpyxl.Workbook().save(tmp_path / "list.xlsx")
    for name in ("list.csv", "list.xlsx"):
        with pytest.raises(BadFile, match="没有内容"):
            preview(store, tmp_path / name)


def test_formulas_are_those_of_the_sheet_that_is_read(store: Store, tmp_path: Path) -> None:
    """The first sheet may be the second that was made: its own formulas count, and no other's."""
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    for row in ([None], [None, "=1+1"]):
        notes.append(row)
    listed = book.create_sheet("名单", 0)
    for cells in (["姓名", "手机"], ["张三", None], ["李四", "=A2"]):
        listed.append(cells)
    book.save(tmp_path / "list.xlsx")
    shown = preview(store, tmp_path / "list.xlsx")
    assert [candidate.values for candidate in shown.accepted] == [{"name": "张三"}]
    assert [(refusal.row, refusal.column) for refusal in shown.refused] == [(3, "手机")]


AWKWARD = {
    "long": "长" * 10_000,
    "emoji": "王👨‍👩‍👧明🇨🇳",
    "right to left": "王\u202e明\u202c亮",
    "NUL": "王\0明",
    "markup": "<b>王</b>&lt;<script>明</script>{name}%s\\n",
    "two forms": "Cafe\u0301 王明",
    "lines": "王\n明",
}


@pytest.mark.parametrize(
    ("suffix", "name"),
    # No spreadsheet can hold a NUL.
    [(suffix, name) for suffix in (".csv", ".xlsx") for name in AWKWARD if (suffix, name) != (".xlsx", "NUL")],
)
def test_awkward_text_is_kept_or_refused(store: Store, agent: Actor, tmp_path: Path, suffix: str, name: str) -> None:
    """In every column of text: the row stands in the store exactly as it was written, or is refused with the column."""
    text = AWKWARD[name]
    names = [
        name for name in importing.field_choices() if fields_of(Customer)[name].kind in (Kind.TEXT, Kind.LONG_TEXT)
    ]
    path = tmp_path / f"list{suffix}"
    rows = [["name", *names[1:]]] + [
        [text if column == place else "王小明" if column == 0 else "" for column in range(len(names))]
        for place in range(len(names))
    ]
    assert names[0] == "name"
    if suffix == ".csv":
        written(path, *rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(path)
    with store.begin(agent) as work:
        shown = importing.preview(work, path)
        importing.take(work, shown)
    refused = {(refusal.row, refusal.column) for refusal in shown.refused}
    kept = {candidate.row: candidate.values for candidate in shown.accepted}
    assert kept.keys() | {row for row, _column in refused} == set(range(2, len(names) + 2))
    for place, column in enumerate(names):
        declared = fields_of(Customer)[column]
        if place + 2 in kept:
            assert kept[place + 2][column] == unicodedata.normalize("NFC", text)
        else:
            assert (place + 2, column) in refused
            lines = declared.kind is Kind.TEXT and "\n" in text
            assert declared.check or lines or "\0" in text or len(text) > declared.max_length
    with store.read(agent) as work:
        assert work.count(Customer) == len(kept)


def test_a_customer_with_the_same_name_and_phone_is_only_warned_of(store: Store, agent: Actor, tmp_path: Path) -> None:
    """Requirement R2.2b."""
    with store.begin(agent) as work:
        customers.create(work, {"name": "张三", "mobile": "13900139000"})
    shown = preview(store, written(tmp_path / "list.csv", ["姓名", "手机"], ["张三", "13900139000"]))
    assert len(shown.accepted) == len(shown.warnings) == 1
