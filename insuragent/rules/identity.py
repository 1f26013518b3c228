"""Identity documents: is a number possible, and what does it say about its holder?

Sources: GB 11643-1999 and GB 32100-2015 (regulations.csv G37), the 2023 permanent residence card (G38). County codes
are not checked against a list: genuine numbers carry codes that were abolished long ago.
"""

import datetime as dt
import re

from insuragent.i18n import _
from insuragent.rules.verdict import Verdict, accepted, plain, refused

# GB/T 2260, first two digits: provinces, autonomous regions, municipalities, and Taiwan.
_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71"
PROVINCES = frozenset(_PROVINCES.split())
_REGIONS = ("810000", "820000", "830000")
_WEIGHTS_11_2 = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS_11_2 = "10X98765432"
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_GREATEST_AGE = 120


def check_digit(first_17: str) -> str:
    """The 18th character after 17 digits, by MOD 11-2 (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS_11_2, strict=True))
    return _CHECKS_11_2[total % 11]


def resident_id(value: str, today: dt.date) -> Verdict:
    """A resident identity number: province, real birth date up to ``today``, check digit; x becomes X."""
    number = plain(value)
    if re.fullmatch(r"[0-9]{15}", number):
        return refused(number, _("15 位的第一代身份证自 2013 年起已停止使用，请核对 18 位号码"))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return refused(number, _("身份证号码应为 18 位，前 17 位为数字，末位为数字或 X"))
    if number[:2] not in PROVINCES:
        return refused(number, _("地区码 {code} 不存在").format(code=number[:2]))
    return _eighteen(number, number[6:14], today)


def hk_mo_tw_residence(value: str, today: dt.date) -> Verdict:
    """A residence permit for Hong Kong, Macao and Taiwan residents: 810000, 820000 or 830000, then as resident_id."""
    number = plain(value)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return refused(number, _("港澳台居民居住证号码应为 18 位"))
    if number[:6] not in _REGIONS:
        return refused(number, _("港澳台居民居住证号码应以 810000、820000 或 830000 开头"))
    return _eighteen(number, number[6:14], today)


def foreigner_pr(value: str, today: dt.date) -> Verdict:
    """A permanent residence card: 2023 layout (9, place 2, nationality 3, birth 8, serial 3, check), or the older one.

    The older layout is nationality 3 letters, place 4, birth yymmdd, serial and check; its century is the
    latest that is not in the future.
    """
    number = plain(value)
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return _older_foreigner_pr(number, today)
    if not re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        return refused(number, _("外国人永久居留身份证应为 9 开头的 18 位号码，或三位国籍字母加 12 位数字的旧号码"))
    if number[1:3] not in PROVINCES:
        return refused(number, _("地区码 {code} 不存在").format(code=number[1:3]))
    return _eighteen(number, number[6:14], today)


def _older_foreigner_pr(number: str, today: dt.date) -> Verdict:
    for century in (today.year // 100, today.year // 100 - 1):
        born = _date(f"{century:02d}{number[7:13]}")
        if born is not None and born <= today:
            return Verdict(True, number, birth_date=born)
    return refused(number, _("号码中的出生日期不存在"))


def _eighteen(number: str, born_text: str, today: dt.date) -> Verdict:
    """The rest that all 18-character numbers share: birth date, check digit, parity of the 17th digit."""
    born = _date(born_text)
    if born is None:
        return refused(number, _("号码中的出生日期不存在"))
    if born > today:
        return refused(number, _("号码中的出生日期晚于今天"))
    expected = check_digit(number[:17])
    if number[17] != expected:
        return refused(number, _("校验码应为 {digit}").format(digit=expected))
    old = today.year - born.year > _GREATEST_AGE
    warnings = (_("按号码已超过 {age} 周岁，请核对").format(age=_GREATEST_AGE),) if old else ()
    gender = "M" if int(number[16]) % 2 else "F"
    return Verdict(True, number, warnings=warnings, birth_date=born, gender=gender)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def hk_macao_pass(value: str) -> Verdict:
    """The pass of Hong Kong and Macao residents: H or M and 8 digits, perhaps 2 more for the issue count."""
    return _layout(
        value, r"[HM][0-9]{8}([0-9]{2})?", _("港澳居民来往内地通行证应为 H 或 M 加 8 位数字（可再加 2 位换证次数）")
    )


def taiwan_pass(value: str) -> Verdict:
    """The pass of Taiwan residents: 8 digits."""
    return _layout(value, r"[0-9]{8}", _("台湾居民来往大陆通行证应为 8 位数字"))


def passport_cn(value: str) -> Verdict:
    """A Chinese passport: E, a letter or digit, 7 digits; or G, D, S, P with 8 digits; or DE, SE, PE with 7."""
    return _layout(
        value, r"E[A-Z0-9][0-9]{7}|[GDSP][0-9]{8}|[DSP]E[0-9]{7}", _("中国护照应为 E 加一位字母或数字，再加 7 位数字")
    )


def passport(value: str) -> Verdict:
    """A passport of any country: 5 to 17 letters and digits with a digit among them."""
    return _layout(value, r"(?=.*[0-9])[A-Z0-9]{5,17}", _("护照号码应为 5 至 17 位字母和数字"))


def birth_cert(value: str) -> Verdict:
    """A birth certificate of a child without an identity card: a letter and 9 digits."""
    return _layout(value, r"[A-Z][0-9]{9}", _("出生医学证明编号应为一位字母加 9 位数字"))


def military(value: str) -> Verdict:
    """An officer's card: an optional Han prefix such as 军字第, 4 to 10 digits, an optional 号."""
    return _layout(
        value, r"[\u4e00-\u9fff]{0,4}[0-9]{4,10}号?", _("军官证号码应为字头加 4 至 10 位数字，如 军字第1234567号")
    )


def household(value: str, today: dt.date) -> Verdict:
    """A household book: the holder's resident number where it has 18 characters, else the book's 6 to 12 signs."""
    if len(plain(value)) == 18:
        return resident_id(value, today)
    return _layout(value, r"[A-Z0-9]{6,12}", _("户口簿请填写本人身份证号码，或 6 至 12 位的户号"))


def _layout(value: str, pattern: str, reason: str) -> Verdict:
    number = plain(value)
    return accepted(number) if re.fullmatch(pattern, number) else refused(number, reason)


def uscc(value: str) -> Verdict:
    """A unified social credit code: 18 signs without I, O, S, V, Z; the last by MOD 31-3 (GB 32100-2015)."""
    code = plain(value)
    if len(code) != 18 or any(sign not in _USCC_SIGNS for sign in code):
        return refused(code, _("统一社会信用代码应为 18 位数字和大写字母，不含 I、O、S、V、Z"))
    total = sum(_USCC_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    expected = _USCC_SIGNS[-total % 31]
    if code[17] != expected:
        return refused(code, _("最后一位应为 {digit}").format(digit=expected))
    return accepted(code)
