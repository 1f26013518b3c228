"""What a passphrase may be, how it becomes bytes, and how hard it is to guess."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import N_, _

LONGEST = 10_000
#: The least score of a new passphrase: below it, a stolen computer's store is guessed in days (zxcvbn's scale).
ENOUGH = 3
#: zxcvbn's time grows with the square of the length and later characters do not change the verdict.
_JUDGED = 72
#: log10 of the guesses from which a score of 1, 2, 3, 4 is given, as zxcvbn does.
_STEPS = (3, 6, 8, 10)
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
#: Guesses (log10) for a character of running Chinese, a repeated one, a common phrase. So low that a single line of
#: verse, five or seven characters, is not enough, and eight characters of one's own are.
_NEW_HAN, _SEEN_HAN, _COMMON_PHRASE = 1.1, 0.3, 2.5
#: What everybody would try first, longest first: each is worth one guess among a few hundred.
_PHRASES = re.compile(
    "子丑寅卯辰巳午未申酉戌亥|一二三四五六七八九十|壹贰叁肆伍陆柒捌玖拾|甲乙丙丁戊己庚辛壬癸|"
    "好好学习天天向上|天地玄黄宇宙洪荒|赵钱孙李周吴郑王|中华人民共和国|为人民服务|床前明月光|疑是地上霜|"
    "举头望明月|低头思故乡|春眠不觉晓|处处闻啼鸟|白日依山尽|黄河入海流|锄禾日当午|汗滴禾下土|"
    "天王盖地虎|宝塔镇河妖|中国太平洋|金木水火土|一帆风顺|万事如意|恭喜发财|新年快乐|生日快乐|"
    "身体健康|心想事成|大吉大利|年年有余|马到成功|步步高升|平安喜乐|天道酬勤|厚德载物|自强不息|"
    "实事求是|我爱中国|我的祖国|中国人民|不忘初心|牢记使命|芝麻开门|中国人寿|中国平安|中国人保|"
    "新华保险|泰康人寿|保险公司|东南西北|春夏秋冬|我爱你|代理人|业务员|管理员|保险|客户|资料|公司|"
    "密码|口令|你好|谢谢|老婆|老公|宝贝|妈妈|爸爸|北京|上海|广州|深圳"
)
_ADVICE = {
    "dictionary": N_("含有常见的词或常用口令，请换成几个互不相关的词"),
    "spatial": N_("键盘上相邻的按键容易被猜到"),
    "repeat": N_("重复的字符几乎不增加强度"),
    "sequence": N_("连续的字母或数字容易被猜到"),
    "date": N_("日期和年份容易被猜到"),
}
_LONGER = N_("请再加长：四个互不相关的词，或八个以上不是名句的汉字")


@dataclass(frozen=True)
class Strength:
    """How hard a passphrase is to guess: 0 (at once) to 4 (very hard), and a msgid that says what would help."""

    score: int
    advice: str

    @property
    def enough(self) -> bool:
        """Whether it may protect a store."""
        return self.score >= ENOUGH


def to_bytes(typed: str) -> bytes:
    """The bytes of a passphrase, for key derivation.

    Normalised to NFKC, not only NFC: the field shows dots, so nobody sees whether the input method was in full-width
    mode, and ａｂｃ１２３ with an ideographic space must open what abc123 with a common one closed. The
    guesses lost by it are too few to count.
    Raises ValidationError for ``passphrase``: nothing typed, more than 10,000 code points, NUL, half a surrogate pair.
    """
    if not typed:
        raise _refused(_("请输入口令"))
    if len(typed) > LONGEST:
        raise _refused(_("口令最长 {longest} 个字符").format(longest=LONGEST))
    if "\0" in typed:
        raise _refused(_("口令中有看不见的空字符（NUL），多数键盘无法再次输入，请删去"))
    try:
        return unicodedata.normalize("NFKC", typed).encode()
    except UnicodeEncodeError as error:
        raise _refused(_("口令中有不完整的字符，请重新输入")) from error


def strength(passphrase: str, known: Sequence[str] = ()) -> Strength:
    """Judge a passphrase; ``known`` holds what others know of its owner (name, phone, company): worth nothing in it.

    Latin text is judged by zxcvbn. It knows no Chinese, so Han characters are counted here: common phrases
    and names as one word, other characters by the entropy of running text, repeated ones next to nothing.
    """
    text = unicodedata.normalize("NFKC", passphrase[:LONGEST])
    known = [unicodedata.normalize("NFKC", word) for word in known if word]
    han = "".join(_HAN.findall(text))
    latin = _judge_latin(_HAN.sub("", text), known)
    digits = _han_digits(han, known) + (latin["guesses_log10"] if latin else 0.0)
    score = sum(digits >= step for step in _STEPS)
    return Strength(score, "" if score >= ENOUGH else _advice(han, latin))


def require_strong(passphrase: str) -> bytes:
    """The bytes of a new passphrase. Raises ValidationError for ``passphrase`` when it may not protect a store."""
    data = to_bytes(passphrase)
    judged = strength(passphrase)
    if not judged.enough:
        raise _refused(_(judged.advice))
    return data


def _refused(reason: str) -> ValidationError:
    return ValidationError({"passphrase": reason})


def _judge_latin(text: str, known: Sequence[str]) -> dict[str, Any] | None:
    if not text:
        return None
    # Late, because its word lists take their time and the lock screen does not need them.
    from zxcvbn import zxcvbn

    found: dict[str, Any] = {**zxcvbn(text[:_JUDGED], user_inputs=list(known))}
    found["guesses_log10"] = math.log10(max(1, found["guesses"]))
    return found


def _han_digits(han: str, known: Sequence[str]) -> float:
    """log10 of the guesses that the Han characters take."""
    for word in known:
        han = han.replace(word, "")
    phrases = set(_PHRASES.findall(han))
    rest = _PHRASES.sub("", han)
    fresh = len(set(rest))
    return _COMMON_PHRASE * len(phrases) + _NEW_HAN * fresh + _SEEN_HAN * min(len(rest) - fresh, fresh)


def _advice(han: str, latin: dict[str, Any] | None) -> str:
    if han and _PHRASES.search(han):
        return _ADVICE["dictionary"]
    if len(set(han)) * 2 < len(han):
        return _ADVICE["repeat"]
    patterns = [match["pattern"] for match in latin["sequence"]] if latin else []
    return next((_ADVICE[pattern] for pattern in patterns if pattern in _ADVICE), _LONGER)
