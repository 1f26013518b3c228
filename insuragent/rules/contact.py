"""Names and the ways to reach a person: phone numbers, e-mail, bank card, licence, and plainer fields."""

import datetime as dt
import re
import unicodedata

from insuragent.i18n import _
from insuragent.rules.identity import PROVINCES
from insuragent.rules.verdict import Verdict, accepted, plain, refused

NAME_LIMIT = 50
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－ー"), "-")
_OVERSEAS = {"852": 8, "853": 8, "886": 9}


def is_han(sign: str) -> bool:
    """Whether one character is a Chinese one, of any extension."""
    return "CJK UNIFIED IDEOGRAPH" in unicodedata.name(sign, "") or sign == "〇"


def person_name(value: str) -> Verdict:
    """A person's name of 1 to 50 code points, in NFC.

    Spaces between Han characters go; the middle dot becomes U+00B7. Private-use and control characters are refused,
    and so is a single character: a surname alone needs asking again.
    """
    text = unicodedata.normalize("NFC", value).strip()
    text = re.sub(r"[•‧∙⋅・･]", "·", text)
    text = re.sub(r"\s+", " ", text)
    strange = next((sign for sign in text if unicodedata.category(sign) in ("Co", "Cc", "Cf", "Cs", "Cn")), None)
    if strange is not None:
        return refused(text, _strange_reason(strange))
    text = re.sub(r" (?=(.))", lambda gap: "" if is_han(gap[1]) and is_han(gap.string[gap.start() - 1]) else " ", text)
    if not text:
        return refused(text, _("请填写姓名"))
    if len(text) == 1:
        return refused(text, _("姓名只有一个字，请再次向客户确认全名"))
    if len(text) > NAME_LIMIT:
        return refused(text, _("姓名最多 {limit} 个字").format(limit=NAME_LIMIT))
    if not any(unicodedata.category(sign).startswith("L") or is_han(sign) for sign in text):
        return refused(text, _("姓名中没有文字"))
    return accepted(text)


def _strange_reason(sign: str) -> str:
    code = f"U+{ord(sign):04X}"
    if unicodedata.category(sign) == "Co":
        return _("含有自造字（{code}），请按 GB18030-2022 的正式编码重新输入").format(code=code)
    return _("含有不可见或未定义的字符（{code}）").format(code=code)


def mobile(value: str) -> Verdict:
    """A mobile number: 11 digits 1[3-9] after +86 is taken off; +852, +853 and +886 are taken with a warning."""
    digits = _dialled(value)
    overseas = _overseas(digits)
    if overseas is not None:
        return overseas
    number = _without_country(digits).replace("-", "")
    if re.fullmatch(r"1[3-9][0-9]{9}", number):
        return accepted(number)
    if not number.isdigit():
        return refused(number, _("手机号应为 11 位数字"))
    if len(number) != 11:
        return refused(number, _("手机号应为 11 位，现为 {count} 位").format(count=len(number)))
    return refused(number, _("手机号应以 1 开头，第二位应为 3 至 9"))


def phone(value: str) -> Verdict:
    """Any number that can be called: mobile, landline with area code, 400/800 service line, or overseas with its code.

    Normalised to 13800138000, 010-12345678 (with -extension), 400-123-4567, +85212345678.
    """
    number = _without_country(_dialled(value))
    landline = re.fullmatch(
        r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([2-9][0-9]{6,7}|1[0-9]{7})(?:[-转]([0-9]{1,6}))?", number
    )
    if landline:
        return accepted("-".join(part for part in landline.groups() if part))
    service = re.fullmatch(r"([48]00)-?([0-9]{3})-?([0-9]{4})", number.replace("-", ""))
    if service:
        return accepted("-".join(service.groups()))
    if number.startswith("0"):
        return refused(number, _("固定电话应为区号加 7 至 8 位号码，如 010-12345678"))
    return mobile(value)


def _dialled(value: str) -> str:
    text = plain(value.translate(_DASHES)).translate(_DASHES)
    return re.sub(r"[()]", "-", text).strip("-").replace("--", "-")


def _without_country(digits: str) -> str:
    return re.sub(r"^(\+86|0086|86(?=-?1[3-9][0-9]{9}$))-?", "", digits)


def _overseas(digits: str) -> Verdict | None:
    found = re.fullmatch(r"(?:\+|00)(852|853|886)-?([0-9-]+)", digits)
    if not found:
        return None
    code, rest = found[1], found[2].replace("-", "")
    if code == "886":
        rest = rest.removeprefix("0")
    if len(rest) != _OVERSEAS[code]:
        return refused(digits, _("+{code} 之后应为 {count} 位号码").format(code=code, count=_OVERSEAS[code]))
    return accepted(f"+{code}{rest}", _("港澳台号码，请确认可以联系"))


def email(value: str) -> Verdict:
    """An e-mail address in the usual form; the domain becomes lower case."""
    text = unicodedata.normalize("NFKC", value).strip()
    local, at, domain = text.rpartition("@")
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    good_local = re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", local)
    if not (at and good_local and len(text) <= 100 and re.fullmatch(rf"({label}\.)+[A-Za-z]{{2,63}}", domain)):
        return refused(text, _("电子邮箱格式不正确，应如 name@example.com"))
    return accepted(f"{local}@{domain.lower()}")


def contact(value: str) -> Verdict:
    """A way to reach a complainant: an e-mail address where there is an @, else a phone number."""
    return email(value) if "@" in unicodedata.normalize("NFKC", value) else phone(value)


def bank_card(value: str) -> Verdict:
    """A bank card number of 12 to 19 digits with its Luhn digit (ISO/IEC 7812). Only the last four may be kept."""
    number = plain(value).replace("-", "")
    if not re.fullmatch(r"[0-9]{12,19}", number):
        return refused(number, _("银行卡号应为 12 至 19 位数字"))
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return accepted(number) if total % 10 == 0 else refused(number, _("银行卡号校验不通过，请核对"))


def agent_licence(value: str, pattern: str) -> Verdict:
    """A practice registration number by the company's ``pattern`` (a dated policy value)."""
    number = plain(value)
    if re.fullmatch(pattern, number, flags=re.ASCII):
        return accepted(number)
    return refused(number, _("执业登记编号的格式不正确"))


def birth_date(value: str, today: dt.date) -> Verdict:
    """A birth date YYYY-MM-DD, not in the future and at most 120 years ago."""
    text = plain(value)
    try:
        born = dt.date.fromisoformat(text)
    except ValueError:
        return refused(text, _("日期应写作 2026-11-23 的形式"))
    if born > today:
        return refused(text, _("出生日期晚于今天"))
    if today.year - born.year > 120:
        return refused(text, _("出生日期早于 {age} 年前").format(age=120))
    return Verdict(True, born.isoformat(), birth_date=born)


def nationality(value: str) -> Verdict:
    """A nationality as three letters of ISO 3166."""
    text = plain(value)
    return accepted(text) if re.fullmatch(r"[A-Z]{3}", text) else refused(text, _("国籍应为三位字母代码，如 CHN"))


def region(value: str) -> Verdict:
    """A region of six digits by GB/T 2260, present or historic; only its province is checked."""
    text = plain(value)
    if re.fullmatch(r"[0-9]{6}", text) and (text[:2] in PROVINCES or text[:2] in ("81", "82")):
        return accepted(text)
    return refused(text, _("地区码应为六位数字，前两位为省级代码"))


def policy_no(value: str) -> Verdict:
    """A policy number of 8 to 30 letters, digits and dashes."""
    text = plain(value)
    if re.fullmatch(r"[A-Z0-9-]{8,30}", text):
        return accepted(text)
    return refused(text, _("保单号应为 8 至 30 位字母、数字或连字符"))
