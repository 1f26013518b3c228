"""Make resources/demo/customers.xlsx: a list of invented customers, as clean and as dirty as lists in the field are.

usage: python -m tools.make_demo_data      the same bytes every time; expected.json says how many rows must be taken
"""

import datetime as dt
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OPENPYXL_LXML"] = "False"  # the same bytes, whether lxml is there or not
import openpyxl

from bench.people import GIVEN, STREETS, SURNAMES
from insuragent.rules.identity import check_digit

FOLDER = Path(__file__).parent.parent / "resources" / "demo"
ROWS = 300
#: An empty row stands after this one, as in lists that were put together by hand.
GAP_AFTER = 120
STAMP = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
HEADINGS = (
    "客户姓名",
    "性别",
    "出生日期",
    "证件类型",
    "证件号码",
    "手机号码",
    "邮箱",
    "家庭住址",
    "职业",
    "年收入",
    "婚姻",
    "来源",
    "备注",
)
REGIONS = ("110101", "110105", "310115", "320102", "330106", "350102", "440305", "510104", "420106", "610113")
CITIES = (
    "北京市东城区",
    "上海市浦东新区",
    "南京市玄武区",
    "杭州市西湖区",
    "福州市鼓楼区",
    "深圳市南山区",
    "成都市锦江区",
)
JOBS = ("教师", "会计", "工程师", "个体经营", "护士", "公务员", "司机", "退休", "程序员", "销售")
Person = dict[str, Any]
_DICE = random.Random(20261123)  # noqa: S311 - invented people, no secrets


def resident_number(serial: int) -> tuple[str, dt.date]:
    """An invented resident number that passes the check, and the birth date in it."""
    born = dt.date(1948, 1, 1) + dt.timedelta(days=_DICE.randrange(20_500))
    first = f"{_DICE.choice(REGIONS)}{born:%Y%m%d}{serial % 1000:03d}"
    return first + check_digit(first), born


def person(serial: int) -> Person:
    """One invented customer without a fault."""
    number, born = resident_number(serial)
    given = "".join(_DICE.choices(GIVEN, k=_DICE.choice((1, 2, 2))))
    return {
        "客户姓名": _DICE.choice(SURNAMES) + given,
        "性别": "男" if int(number[16]) % 2 else "女",
        "出生日期": born,
        "证件类型": "居民身份证",
        "证件号码": number,
        "手机号码": f"1{_DICE.choice((35, 38, 39, 58, 86))}0010{serial:04d}",
        "邮箱": f"user{serial}@example.com" if serial % 3 == 0 else None,
        "家庭住址": f"{_DICE.choice(CITIES)}{_DICE.choice(STREETS)}{_DICE.randrange(1, 400)}号",
        "职业": _DICE.choice(JOBS),
        "年收入": _DICE.randrange(6, 60) * 10_000,
        "婚姻": _DICE.choice(("已婚", "未婚", "已婚", "离异")),
        "来源": _DICE.choice(("转介绍", "缘故", "公司分配", "活动")),
        "备注": None,
    }


def full_width(text: str) -> str:
    """Digits and letters as a Chinese input method types them by mistake."""
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign for sign in text)


def spaced(name: str) -> str:
    """A name with a blank in it, as lists are padded to look even."""
    return f"{name[0]}　{name[1:]} "


def _put(**values: Any) -> Callable[[Person], object]:
    return lambda row: row.update(values)


#: Untidy, yet clear: each of these is taken.
UNTIDY: tuple[Callable[[Person], object], ...] = (
    lambda row: row.update(出生日期=f"{row['出生日期']:%Y年%-m月%-d日}"),
    lambda row: row.update(出生日期=f"{row['出生日期']:%Y/%m/%d}"),
    lambda row: row.update(出生日期=f"{row['出生日期']:%Y%m%d}"),
    lambda row: row.update(出生日期=full_width(f"{row['出生日期']:%Y.%m.%d}")),
    lambda row: row.update(手机号码=f"+86 {row['手机号码']}"),
    lambda row: row.update(手机号码=full_width(row["手机号码"])),
    lambda row: row.update(手机号码=int(row["手机号码"])),
    lambda row: row.update(证件号码=full_width(row["证件号码"])),
    lambda row: row.update(证件号码=row["证件号码"].lower() + " ", 证件类型="身份证"),
    lambda row: row.update(客户姓名=spaced(row["客户姓名"])),
    lambda row: row.update(年收入=f"{row['年收入'] // 10_000}万"),
    lambda row: row.update(年收入=f"¥{row['年收入']:,}.00"),
    _put(性别=None),
    _put(出生日期=None, 性别=None),
    lambda row: row.update(性别="先生" if row["性别"] == "男" else "女士"),
    lambda row: row.update(证件类型=None),
)
#: Wrong: each of these is refused, with its reason.
FAULTY: tuple[Callable[[Person], object], ...] = (
    *(lambda row: row.update(证件号码=row["证件号码"][:17] + ("0" if row["证件号码"][17] != "0" else "1")),) * 6,
    *(_put(手机号码=number) for number in ("1380013800", "23800138000", "138001380001", "12800138000")),
    *(lambda row: row.update(性别="女" if row["性别"] == "男" else "男"),) * 3,
    *(_put(出生日期=text) for text in ("1990-02-30", "1985年13月1日", "3/7/1990")),
    *(_put(证件号码=old, 出生日期=None) for old in ("110101900307002", "310115800101123")),
    *(_put(客户姓名=name) for name in (None, " ", "王", "李\ue001", "张" * 51, "=UPPER(A1)")),
    *(_put(邮箱=text) for text in ("name@", "无@例.")),
    _put(性别="不详吧"),
    _put(出生日期="2031-01-01", 证件号码=None),
)
#: People of the stories of the trade: rare characters, leap day, X, Hong Kong, permanent resident, enterprise.
#: Name, document type, number, mobile, and what else is told.
_NOTABLE: tuple[tuple[str, str | None, str | None, str, Person], ...] = (
    ("王𬭎", None, "11010119900307002x", "13800138000", {"来源": "转介绍"}),
    ("李㛃", None, None, "13500108001", {"性别": "女", "出生日期": "1988-08-08"}),
    ("龚䶮", None, None, "13500108002", {"性别": "男", "出生日期": "1979-12-31"}),
    ("闰小月", None, "310115200402290282", "13500108003", {}),
    ("赵德顺", None, "51010419590816224X", "13500108004", {"年收入": "4.8万"}),
    ("孙玉兰", None, "320102196611233373", "13500108005", {}),
    ("欧阳 娜娜", "港澳台居民居住证", "810000198506120139", "+852 9123 4567", {}),
    ("JOHN SMITH", "外国人永久居留身份证", "911840198001150016", "13500108006", {}),
    ("福州演示贸易有限公司", "营业执照", "91350100M000100Y43", "0591-87654321", {"备注": "需登记受益所有人"}),
    ("买买提·艾力", None, None, "13500108007", {"性别": "男", "出生日期": "1992-05-20"}),
)
NOTABLE: tuple[Person, ...] = tuple(
    {"客户姓名": name, "证件类型": kind, "证件号码": number, "手机号码": mobile} | more
    for name, kind, number, mobile, more in _NOTABLE
)
#: How often an earlier customer stands in the list once more: with the same number (refused) or without (warned of).
TWINS, LOOK_ALIKES = 5, 2


def rows() -> Iterator[tuple[Person, bool]]:
    """Every row in order, and whether it must be taken."""
    notable = [(row, True) for row in NOTABLE]
    faulty = [(_changed(person(800 + n), change), False) for n, change in enumerate(FAULTY)]
    plain = ROWS - len(notable) - len(faulty) - TWINS - LOOK_ALIKES
    clean = [person(n) for n in range(plain)]
    for n, row in enumerate(clean):
        if n % 5 < 2:
            UNTIDY[(n // 5 * 2 + n % 5) % len(UNTIDY)](row)
    found = notable + [(row, True) for row in clean] + faulty
    _DICE.shuffle(found)
    yield from found
    # Doubles come last, so that the one that is taken stands before them.
    yield from ((dict(row, 备注="重复录入"), False) for row in clean[: TWINS * 16 : 16])
    yield from ((dict(row, 证件号码=None), True) for row in clean[4 : 4 + LOOK_ALIKES * 5 : 5])


def _changed(row: Person, change: Callable[[Person], object]) -> Person:
    change(row)
    return row


def workbook() -> tuple[bytes, dict[str, int]]:
    """The file's bytes, and what must become of its rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "客户名单"
    sheet.append(HEADINGS)
    taken = 0
    for number, (row, good) in enumerate(rows(), 1):
        sheet.append([row.get(heading) for heading in HEADINGS])
        taken += good
        if number == GAP_AFTER:
            sheet.append([])
    data = io.BytesIO()
    book.save(data)
    return _timeless(data.getvalue()), {"rows": ROWS, "taken": taken, "refused": ROWS - taken}


def _timeless(data: bytes) -> bytes:
    """The same archive without the moment of its making."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", f"{STAMP:%Y-%m-%dT%H:%M:%SZ}".encode(), content)
            new.writestr(zipfile.ZipInfo(name, STAMP.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def main() -> None:
    """Write the list and what is expected of it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    data, expected = workbook()
    (FOLDER / "customers.xlsx").write_bytes(data)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
