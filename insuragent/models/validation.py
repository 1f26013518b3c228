"""Make typed values fit to be kept, or say everything that is wrong with them, from the declarations alone."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import _
from insuragent.models.base import Record
from insuragent.models.fields import Field, Kind, fields_of
from insuragent.rules import validators

#: How a practice number looks unless the policy data in force says otherwise.
LICENCE_PATTERN = r"\d{20}|\d{26}"


class _Problem(Exception):
    """One field's reason."""


def clean(
    record_type: type[Record], values: Mapping[str, Any], *, today: dt.date, partial: bool = False
) -> dict[str, Any]:
    """``values`` of a record type, normalised; ``partial`` when only some fields change.

    Text is NFC and counted in code points; a document number gives birth date and gender where they are empty.
    Raises ValidationError with the reason for each field that cannot be taken (data dictionary; story S02).
    """
    fields = fields_of(record_type)
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, field in fields.items():
        if name not in values and (partial or field.derived or field.default is not None):
            continue
        try:
            cleaned[name] = _cleaned(field, values.get(name), values, today)
        except _Problem as problem:
            problems[name] = str(problem)
    _derive(cleaned, values, problems, today)
    if problems:
        raise ValidationError(problems)
    return cleaned


def check_text(text: str, field: Field) -> str:
    """``text`` as it is kept: NFC, ends trimmed. Raises ValidationError for what cannot be kept or is too long."""
    try:
        return _text(text, field)
    except _Problem as problem:
        raise ValidationError({field.label: str(problem)}) from None


def _cleaned(field: Field, value: Any, values: Mapping[str, Any], today: dt.date) -> Any:
    if isinstance(value, str) and field.kind in (Kind.TEXT, Kind.LONG_TEXT):
        value = _text(value, field)
    if value is None or value == "":
        if field.optional or (field.kind is Kind.ITEMS and value is None):
            return None if field.optional else field.default()
        raise _Problem(_("请填写{label}").format(label=_(field.label)))
    if field.kind is Kind.CHOICE and field.choices is not None and value not in set(field.choices):
        raise _Problem(_("{label}不在可选范围内").format(label=_(field.label)))
    if field.kind in (Kind.MONEY, Kind.NUMBER):
        _check_bounds(field, value)
    return _checked(field, value, values, today) if field.check else value


def _text(text: str, field: Field) -> str:
    kept = unicodedata.normalize("NFC", text).strip()
    allowed = "\n\t" if field.kind is Kind.LONG_TEXT else ""
    if any(unicodedata.category(sign) == "Cc" and sign not in allowed for sign in kept.replace("\r\n", "\n")):
        raise _Problem(_("{label}含有不可见的控制字符，请删除后再保存").format(label=_(field.label)))
    if len(kept) > field.max_length:
        raise _Problem(
            _("{label}最多 {most} 个字，现在有 {count} 个").format(
                label=_(field.label), most=field.max_length, count=len(kept)
            )
        )
    return kept.replace("\r\n", "\n")


def _check_bounds(field: Field, value: Any) -> None:
    if type(value) is not int:
        raise _Problem(_("{label}应为数字").format(label=_(field.label)))
    if field.low is not None and value < field.low:
        raise _Problem(_("{label}不能小于 {low}").format(label=_(field.label), low=_amount(field, field.low)))
    if field.high is not None and value > field.high:
        raise _Problem(_("{label}不能大于 {high}").format(label=_(field.label), high=_amount(field, field.high)))


def _amount(field: Field, value: int) -> str:
    return f"{value // 100:,}" if field.kind is Kind.MONEY else f"{value:,}"


def _checked(field: Field, value: Any, values: Mapping[str, Any], today: dt.date) -> Any:
    name = field.check or ""
    if name == "document":
        name = str(values.get("doc_type") or "resident_id")
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    verdict = validators.validate(name, text, today=today, licence_pattern=LICENCE_PATTERN)
    if not verdict.ok:
        raise _Problem(verdict.reason)
    return value if isinstance(value, dt.date) else verdict.normalised


def _derive(cleaned: dict[str, Any], values: Mapping[str, Any], problems: dict[str, str], today: dt.date) -> None:
    """Fill what the document number itself tells, and refuse what contradicts it."""
    number = cleaned.get("doc_no")
    if not number:
        return
    kind = str(values.get("doc_type") or "resident_id")
    verdict = validators.validate(kind, number, today=today, licence_pattern=LICENCE_PATTERN)
    for name, told in (("birth_date", verdict.birth_date), ("gender", verdict.gender)):
        if told is not None and cleaned.get(name) is None and values.get(name) is None:
            cleaned[name] = told
    gender, born = cleaned.get("gender"), cleaned.get("birth_date")
    problems.update(validators.against_document(verdict, gender=str(gender) if gender else None, birth_date=born))
