"""Check what a person filled in, or a file brought, against the declarations: all problems at once, or clean values."""

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from insuragent.errors import ValidationError
from insuragent.i18n import _
from insuragent.models.base import Record
from insuragent.models.choices import DocType, Gender
from insuragent.models.fields import Choice, Field, Kind, fields_of, known_choice
from insuragent.rules import validators
from insuragent.rules.verdict import Verdict

#: SQLite keeps 64-bit integers.
_GREATEST = 2**63 - 1
#: A list or mapping is kept as a whole; more than this in bytes of JSON is no field any more.
_LARGEST_ITEMS = 64 * 1024
#: Pairs of fields of which the second must lie after the first; what was held may have lasted no time at all.
_ORDERED = (
    ("doc_valid_from", "doc_valid_to", False),
    ("planned_start", "planned_end", False),
    ("actual_start", "actual_end", True),
)
_USCC_FORM = re.compile(r"(?=.*[A-Z].)[0-9A-Z]{18}")
_DOCUMENT_STARTS = (("81", "hk_mo_tw_residence"), ("82", "hk_mo_tw_residence"), ("83", "hk_mo_tw_residence"))


class _Refusal(Exception):
    """A value that cannot be taken; the message is already worded."""


@dataclass(frozen=True)
class _Check:
    """What every field's check needs to know."""

    today: dt.date
    licence_pattern: str


def clean(
    record_type: type[Record],
    values: Mapping[str, Any],
    *,
    today: dt.date,
    partial: bool = False,
    current: Mapping[str, Any] | None = None,
    licence_pattern: str = "",
) -> dict[str, Any]:
    """``values`` as a record may hold them: text in NFC, numbers normalised, what an ID number tells filled in.

    With ``partial`` only what is given is asked for, and ``current`` is what the record holds beside it. Without a
    ``licence_pattern`` (a dated policy value) a licence number is only checked as text. ``today`` is Shanghai's date.
    Raises ValidationError with the reason for every field that cannot be taken (requirement R2.2b, story S02).
    """
    declared = fields_of(record_type)
    check = _Check(today, licence_pattern)
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in values.items():
        field = declared.get(name)
        if field is None:
            problems[name] = _("没有这一项")
            continue
        try:
            cleaned[name] = _field(field, value, check)
        except _Refusal as refusal:
            problems[name] = str(refusal)
    problems |= _missing(declared, cleaned, problems, partial=partial)
    whole = {**(current or {}), **cleaned}
    if "doc_no" in declared and "doc_no" not in problems and whole.get("doc_no"):
        _document(cleaned, whole, problems, check, declared["type"].choices if "type" in declared else None)
    problems |= {late: reason for late, reason in _disordered(whole).items() if late not in problems}
    if problems:
        raise ValidationError(problems)
    return cleaned


def _missing(
    declared: Mapping[str, Field], cleaned: Mapping[str, Any], known: Mapping[str, str], *, partial: bool
) -> dict[str, str]:
    """What is needed and empty: with ``partial`` only what was emptied, else also what was never given."""
    return {
        name: _("请填写{label}").format(label=_(field.label))
        for name, field in declared.items()
        if not (field.optional or name in known)
        and (name in cleaned or not (field.derived or partial or field.default is not None))
        and cleaned.get(name) is None
    }


def _disordered(values: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for first, second, may_be_equal in _ORDERED:
        start, end = values.get(first), values.get(second)
        if start is not None and end is not None and (end < start or (end == start and not may_be_equal)):
            found[second] = _("结束应晚于开始")
    return found


def _field(field: Field, value: Any, check: _Check) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        # An emptied field that is needed is told together with those that were never given.
        return [] if field.kind is Kind.ITEMS and not field.optional else None
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return _text(field, value, check)
        case Kind.CHOICE:
            return _choice(field, value)
        case Kind.MONEY | Kind.NUMBER:
            return _number(field, value)
        case Kind.DAY:
            return _day(field, value, check)
        case Kind.MOMENT:
            return _moment(value)
        case Kind.ITEMS:
            return _items(value)
    if field.kind is Kind.LINK:
        return value if isinstance(value, uuid.UUID) else _refuse(_("请从找到的记录中选择"))
    return value if isinstance(value, bool) else _refuse(_("内容的类型不正确"))


def _refuse(reason: str) -> Any:
    raise _Refusal(reason)


def _text(field: Field, value: Any, check: _Check) -> str:
    if not isinstance(value, str):
        _refuse(_("这一项应为文字"))
    lines = field.kind is Kind.LONG_TEXT
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n") if lines else value)
    for sign in text:
        if unicodedata.category(sign) in ("Cc", "Cs") and not (lines and sign in "\n\t"):
            _refuse(_("含有不能保存的控制字符（{code}）").format(code=f"U+{ord(sign):04X}"))
    if len(text) > field.max_length:
        _refuse(_("最多 {limit} 个字，现为 {count} 个").format(limit=field.max_length, count=len(text)))
    if field.check is None or field.check == "document":
        return text
    return _verdict(field.check, text, check).normalised


def _verdict(kind: str, text: str, check: _Check) -> Verdict:
    if kind == "agent_licence" and not check.licence_pattern:
        return Verdict(True, text)
    verdict = validators.validate(kind, text, today=check.today, licence_pattern=check.licence_pattern)
    if not verdict.ok:
        _refuse(verdict.reason)
    return verdict


def _choice(field: Field, value: Any) -> str:
    assert field.choices is not None
    known = known_choice(field.choices, value) if isinstance(value, str) else None
    return known if isinstance(known, field.choices) else _refuse(_("不在可选的范围内"))


def _number(field: Field, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(_("请填写数字"))
    unit = 100 if field.kind is Kind.MONEY else 1
    if field.low is not None and value < field.low:
        _refuse(_("不能小于 {limit}").format(limit=field.low // unit))
    if value > (field.high if field.high is not None else _GREATEST) or value < -_GREATEST:
        _refuse(_("不能大于 {limit}").format(limit=(field.high if field.high is not None else _GREATEST) // unit))
    return int(value)


def _day(field: Field, value: Any, check: _Check) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _Refusal(_("请填写日期"))
    if field.check is not None:
        _verdict(field.check, value.isoformat(), check)
    return value


def _moment(value: Any) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise _Refusal(_("请填写日期和时间"))
    return value.astimezone(dt.UTC)


def _items(value: Any) -> Any:
    if not isinstance(value, list | dict):
        _refuse(_("内容的类型不正确"))
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        _refuse(_("内容的类型不正确"))
    if len(encoded) > _LARGEST_ITEMS or b"\\u0000" in encoded:
        _refuse(_("内容过长，或含有不能保存的控制字符"))
    return msgspec.json.decode(encoded)


# --- documents ---------------------------------------------------------------------------------------------------


def likely_document(number: str, today: dt.date) -> str:
    """The type of document that ``number`` is most likely one of (story S21); "resident_id" when nothing else fits."""
    plain = number.strip().upper()
    kinds = ("resident_id", "hk_mo_tw_residence", "foreigner_pr", "uscc", "hk_macao_pass", "birth_cert")
    for kind in kinds:
        if validators.validate(kind, plain, today=today, licence_pattern="").ok:
            return kind
    if _USCC_FORM.fullmatch(plain):
        return "uscc"
    return next(
        (kind for start, kind in _DOCUMENT_STARTS if plain.startswith(start) and len(plain) == 18), _other(plain)
    )


def _other(plain: str) -> str:
    return "foreigner_pr" if plain.startswith("9") and len(plain) == 18 else "resident_id"


def _document(
    cleaned: dict[str, Any],
    whole: dict[str, Any],
    problems: dict[str, str],
    check: _Check,
    kinds: type[Choice] | None,
) -> None:
    """Check the number as its type's, fill what it tells, and note what contradicts it (story S02)."""
    if not whole.get("doc_type"):
        whole["doc_type"] = cleaned["doc_type"] = known_choice(DocType, likely_document(whole["doc_no"], check.today))
    if whole["doc_type"] == DocType.USCC and kinds is not None and not whole.get("type"):
        cleaned["type"] = known_choice(kinds, "enterprise")
    try:
        verdict = _verdict(str(whole["doc_type"]), whole["doc_no"], check)
    except _Refusal as refusal:
        problems["doc_no" if "doc_no" in cleaned else "doc_type"] = str(refusal)
        return
    if "doc_no" in cleaned or verdict.normalised != whole["doc_no"]:
        cleaned["doc_no"] = verdict.normalised
    contradictions = validators.against_document(
        verdict, gender=whole.get("gender"), birth_date=whole.get("birth_date")
    )
    problems |= {name: reason for name, reason in contradictions.items() if name not in problems}
    told = {"birth_date": verdict.birth_date, "gender": verdict.gender and known_choice(Gender, verdict.gender)}
    cleaned |= {name: value for name, value in told.items() if value and not whole.get(name) and name not in problems}
