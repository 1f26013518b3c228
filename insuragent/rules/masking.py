"""Masks: how personal values show until somebody reveals them with a reason."""

import re

# Family names of two characters; a mask keeps both.
_COMPOUND = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 轩辕 宇文 长孙 端木 独孤 南宫 西门 闻人 澹台 "
    "公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 司空 亓官 司寇 子车 颛孙 巫马 公西 漆雕 乐正 壤驷 "
    "公良 拓跋 夹谷 宰父 谷梁 段干 百里 东郭 呼延 左丘 第五 赫连 纳兰 万俟"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())
_HIDDEN = "******"
# As far as the district: the shortest beginning that ends in a district-level name, after an optional city.
_PLACE = r"[^\d路街号]"
_DISTRICT = re.compile(
    rf"^({_PLACE}{{2,8}}?(?:省|自治区|市))?({_PLACE}{{1,10}}?(?:市|自治州|地区|盟))?({_PLACE}{{1,10}}?(?:区|县|旗|市))?"
)


def mask(value: str | None, how: str) -> str:
    """``value`` as it may be shown: ``how`` is id, mobile, phone, name, bank_card, email, address or hidden.

    Counts code points. Empty stays empty, except that "hidden" hides emptiness only by showing nothing at all.
    Raises KeyError for a mask that does not exist.
    """
    maker = _MASKS[how]
    return maker(value) if value else ""


def _id(value: str) -> str:
    if len(value) <= 7:
        return value[:1] + "*" * (len(value) - 1)
    return value[:3] + "*" * (len(value) - 7) + value[-4:]


def _phone(value: str) -> str:
    if "@" in value:
        return _email(value)
    if re.fullmatch(r"[0-9]{11}", value) and value.startswith("1"):
        return f"{value[:3]}****{value[-4:]}"
    area, dash, rest = value.partition("-")
    if dash and area.startswith("0"):
        return f"{area}-{'*' * (len(rest) - 2)}{rest[-2:]}"
    head = value[:4] if value.startswith("+") else ""
    return head + "*" * max(len(value) - len(head) - 2, 2) + value[-2:]


def _name(value: str) -> str:
    family = 2 if value[:2] in COMPOUND_SURNAMES and len(value) > 2 else 1
    return value[:family] + "*"


def _bank_card(value: str) -> str:
    return "*" * max(len(value) - 4, 4) + value[-4:]


def _email(value: str) -> str:
    local, _at, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _address(value: str) -> str:
    found = _DISTRICT.match(value)
    return (found[0] if found else "") + "***"


def _all(_value: str) -> str:
    return _HIDDEN


_MASKS = {
    "id": _id,
    "mobile": _phone,
    "phone": _phone,
    "name": _name,
    "bank_card": _bank_card,
    "email": _email,
    "address": _address,
    "hidden": _all,
}
