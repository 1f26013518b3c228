"""How a Chinese name may be read: surnames by their own table, given names by pypinyin."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, product

#: Surnames that are read otherwise than the character usually is, or in several ways.
_SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",), "曾": ("zeng",), "仇": ("qiu",), "解": ("xie",), "区": ("ou",), "盖": ("ge", "gai"),
    "乐": ("yue", "le"), "查": ("zha",), "朴": ("piao", "pu"), "翟": ("zhai", "di"), "任": ("ren",),
    "覃": ("qin", "tan"), "纪": ("ji",), "缪": ("miao",), "冼": ("xian",), "洗": ("xian",), "员": ("yun",),
    "黑": ("he",), "华": ("hua",), "宁": ("ning",), "葛": ("ge",), "牟": ("mu", "mou"), "召": ("shao",),
    "繁": ("po",), "种": ("chong",), "折": ("she",), "秘": ("bi",), "么": ("yao",), "幺": ("yao",),
    "燕": ("yan",), "郗": ("xi", "chi"), "卜": ("bu",), "晟": ("cheng",), "阚": ("kan",), "令": ("ling",),
    "祭": ("zhai",), "柏": ("bai", "bo"), "隗": ("wei", "kui"), "贾": ("jia",), "万": ("wan",), "石": ("shi",),
    "车": ("che",), "能": ("nai",), "不": ("fou",), "撒": ("sa",), "那": ("na",), "尉": ("wei",), "哈": ("ha",),
    "都": ("du",), "重": ("chong",), "长": ("zhang",), "吕": ("lv", "lu"), "逄": ("pang",), "佴": ("nai",),
}  # fmt: skip
_COMPOUND: dict[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "令狐": ("ling", "hu"),
    "欧阳": ("ou", "yang"), "司马": ("si", "ma"), "上官": ("shang", "guan"), "澹台": ("tan", "tai"),
    "单于": ("chan", "yu"), "宇文": ("yu", "wen"), "诸葛": ("zhu", "ge"), "夏侯": ("xia", "hou"),
    "皇甫": ("huang", "fu"), "慕容": ("mu", "rong"), "独孤": ("du", "gu"), "鲜于": ("xian", "yu"),
    "闾丘": ("lv", "qiu"), "乐正": ("yue", "zheng"), "宰父": ("zai", "fu"), "亓官": ("qi", "guan"),
    "太叔": ("tai", "shu"), "公孙": ("gong", "sun"), "轩辕": ("xuan", "yuan"), "东方": ("dong", "fang"),
    "呼延": ("hu", "yan"), "拓跋": ("tuo", "ba"), "南宫": ("nan", "gong"),
}  # fmt: skip
#: More readings than this of one name would swell the index without helping anyone.
_MOST_READINGS = 6


def readings(name: str) -> list[tuple[str, ...]]:
    """The ways to read ``name``, the likeliest first, each a syllable a character; empty for an empty name."""
    if not name:
        return []
    syllables: list[tuple[str, ...]]
    if name[:2] in _COMPOUND:
        syllables = [(syllable,) for syllable in _COMPOUND[name[:2]]]
        given = name[2:]
    else:
        syllables = [_SURNAMES.get(name[0]) or _character(name[0])]
        given = name[1:]
    syllables += _in_context(given)
    return list(islice(product(*syllables), _MOST_READINGS))


def spelling(name: str) -> str:
    """The likeliest reading in one line with spaces, as kept for sorting: "wang xiao ming"."""
    first = readings(name)[:1]
    return " ".join(first[0]) if first else ""


def tokens(name: str) -> list[str]:
    """What a question in pinyin may begin with: the spelling and the initials from every syllable on."""
    return [token for reading in readings(name) for token in starts(reading)]


def starts(syllables: Sequence[str]) -> list[str]:
    """The spelling and the initials from every syllable on."""
    initials = "".join([syllable[0] for syllable in syllables])
    places = range(len(syllables))
    return [token for at in places for token in ("".join(syllables[at:]), initials[at:])]


@lru_cache(maxsize=20_000)
def _in_context(given: str) -> tuple[tuple[str, ...], ...]:
    from pypinyin import lazy_pinyin  # 0.2 s to import: not before the first name is indexed

    spelled = lazy_pinyin(given)
    if len(spelled) != len(given):
        return tuple(map(_character, given))
    syllables: list[tuple[str, ...]] = []
    for character, in_context in zip(given, spelled, strict=True):
        others = tuple(s for s in _character(character) if s != in_context)
        likeliest = (in_context,) if in_context.isascii() else ()
        syllables.append((likeliest + others)[:2] or (character.lower(),))
    return tuple(syllables)


@lru_cache(maxsize=20_000)
def _character(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)[0]
    plain = tuple(dict.fromkeys(s for s in found if s.isascii() and s.isalpha()))
    return plain[:2] or (character.lower(),)
