"""Read a field's value out of text from a file: dates, money, choices and numbers in the many forms people write."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _, listed
from insuragent.models.fields import Choice, Field, Kind

_EXCEL_EPOCH = dt.date(1899, 12, 30)
#: Serial numbers of 1927 to 2119; a bare year or a number of eight digits is none of them.
_SERIALS = range(10_000, 80_001)
# Spelled out: the calendar module's names follow the machine's locale.
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_UNITS = {"千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000, "k": 1_000, "w": 10_000}
_YES = frozenset(["是", "有", "对", "真", "要", "y", "yes", "true", "t", "1", "√", "✓", "✔", "v"])
_NO = frozenset(["否", "无", "没有", "不", "假", "n", "no", "false", "f", "0", "×", "✗", "x"])
#: Words for a choice beside its own value, name and label.
_SYNONYMS: Mapping[str, str] = {
    "男性": "M", "先生": "M", "male": "M", "女性": "F", "女士": "F", "小姐": "F", "female": "F",
    "身份证": "resident_id", "二代身份证": "resident_id", "二代证": "resident_id", "id card": "resident_id",
    "港澳台居住证": "hk_mo_tw_residence", "居住证": "hk_mo_tw_residence", "永居证": "foreigner_pr",
    "外国人永居证": "foreigner_pr", "永久居留证": "foreigner_pr", "回乡证": "hk_macao_pass", "台胞证": "taiwan_pass",
    "出生证": "birth_cert", "户口本": "household", "营业执照": "uscc", "信用代码": "uscc", "单位": "enterprise",
    "公司": "enterprise", "个人客户": "person", "企业客户": "enterprise", "朋友": "family_friend", "介绍": "referral",
    "已婚有子女": "married", "未知": "unknown",
}  # fmt: skip


def parse(field: Field, text: str) -> Any:
    """The value of ``field`` that ``text`` stands for; None for empty text. Limits are checked by ``clean``.

    Raises ValidationError naming the field's label.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    reader = _READERS.get(field.kind)
    try:
        return reader(field, plain) if reader else text.strip()
    except (ValueError, InvalidOperation, OverflowError) as error:
        reason = str(error) if type(error) is ValueError else _("不能识别")
        raise ValidationError({_(field.label): reason}) from error


def parse_day(text: str) -> dt.date:
    """The date that ``text`` names: year first, 8 digits, a month in English letters, or a spreadsheet's serial number.

    Raises ValueError with a worded reason, also where day and month could be mixed up.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = re.sub(r"[t ]00:00(:00(\.0+)?)?$", "", plain)
    if plain.isascii() and plain.isdigit() and int(plain) in _SERIALS:
        return _EXCEL_EPOCH + dt.timedelta(days=int(plain))
    numbers = re.fullmatch(r"(\d{4})(?:[-/.年\s]\s*(\d{1,2})[-/.月\s]\s*(\d{1,2})日?|(\d{2})(\d{2}))", plain)
    if numbers:
        year, *rest = (int(part) for part in numbers.groups() if part is not None)
        return _date(year, *rest)
    words = re.fullmatch(r"(\d{1,2})[-\s]+([a-z]{3})[a-z]*[-\s,]+(\d{4})", plain)
    if words and words[2] in _MONTHS:
        return _date(int(words[3]), _MONTHS[words[2]], int(words[1]))
    raise ValueError(_("日期应写作 2026-11-23 的形式"))


def _date(year: int, month: int = 0, day: int = 0) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(_("这一天不存在")) from None


def _day(_field: Field, text: str) -> dt.date:
    return parse_day(text)


def _moment(_field: Field, text: str) -> dt.datetime:
    found = re.fullmatch(r"(.+?)[\sT]+(\d{1,2}):(\d{2})(?::(\d{2}))?", text)
    if not found:
        raise ValueError(_("时间应写作 2026-09-20 10:00 的形式"))
    day, hour, minute, second = parse_day(found[1]), int(found[2]), int(found[3]), int(found[4] or 0)
    return dt.datetime.combine(day, dt.time(hour, minute, second), SHANGHAI)


def _money(_field: Field, text: str) -> int:
    found = re.fullmatch(
        r"[¥$]?\s*(-?[\d,]*\.?\d+)\s*(百万|千万|[千万亿kKwW])?\s*(?:元|圆|rmb|cny)?", text, re.IGNORECASE
    )
    if not found:
        raise ValueError(_("金额应为数字，可带“万”或“元”"))
    yuan = Decimal(found[1].replace(",", "")) * _UNITS.get((found[2] or "").lower(), 1)
    return int((yuan * 100).to_integral_value(ROUND_HALF_UP))


def _number(_field: Field, text: str) -> int:
    number = Decimal(text.replace(",", "").removesuffix("岁").removesuffix("年"))
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(_("请填写整数"))
    return int(number)


def _yes_no(_field: Field, text: str) -> bool:
    word = text.lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError(_("请填写“是”或“否”"))


def _choice(field: Field, text: str) -> str:
    assert field.choices is not None
    word = text.lower()
    for member in field.choices:
        if word in _names(member):
            return member
    synonym = _SYNONYMS.get(word)
    for member in field.choices:
        if member.value == synonym:
            return member
    choices = listed(_(member.label) for member in field.choices)
    raise ValueError(_("应为 {choices} 之一").format(choices=choices))


def _names(member: Choice) -> set[str]:
    return {name.lower() for name in (member.value, member.name, member.label, _(member.label))}


_READERS: Mapping[Kind, Callable[[Field, str], Any]] = {
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.MONEY: _money,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}
