"""Take a list of customers over from a file: columns guessed, every refused row explained, nothing half-taken."""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from insuragent.errors import BadFile, ValidationError
from insuragent.i18n import N_, _
from insuragent.models import Customer, Deed
from insuragent.models.base import shown_fields
from insuragent.models.fields import fields_of
from insuragent.models.reading import parse
from insuragent.models.validation import clean
from insuragent.rules import contact
from insuragent.rules.access import Action
from insuragent.rules.retention import RESTRICTED_BY
from insuragent.services import records, wording
from insuragent.services.cells import UNCALCULATED
from insuragent.services.tables import Row, read_rows
from insuragent.store import pinyin
from insuragent.store.work import UnitOfWork

#: How lists from other programs head their columns, beside our own labels and field names.
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "name": ("客户姓名", "客户名称", "名字", "名称", "投保人", "企业名称", "fullname", "customer", "customername"),
    "doc_type": ("证件种类", "证件", "idtype", "documenttype"),
    "doc_no": ("身份证", "身份证号", "身份证号码", "证件号", "idno", "idnumber", "id", "documentno"),
    "gender": ("sex",),
    "birth_date": ("生日", "出生年月日", "出生年月", "birthday", "dateofbirth", "dob"),
    "mobile": ("手机号", "手机号码", "移动电话", "联系电话", "电话", "mobilephone", "phone", "tel"),
    "phone2": ("固定电话", "座机", "备用电话", "landline", "phone2"),
    "email": ("邮箱", "电子邮件", "邮件", "mail"),
    "wechat": ("微信号",),
    "home_address": ("地址", "住址", "家庭住址", "家庭地址", "通讯地址", "address"),
    "home_region": ("区划代码", "行政区划", "region"),
    "occupation_text": ("职务", "工作", "occupation", "job"),
    "work_unit": ("单位", "公司", "employer", "company"),
    "annual_income": ("年收入", "个人收入", "income"),
    "household_income": ("家庭收入",),
    "marital": ("婚姻状况", "婚否", "maritalstatus"),
    "source": ("客户来源", "来源渠道"),
    "remark": ("说明", "notes", "note", "remarks"),
    "policy_no": ("保单号码", "保险单号", "policynumber", "policyno"),
    "nationality": ("国家", "country"),
}
#: The heading is looked for in this many first rows: exports often begin with a title.
_HEADING_ROWS = 10
_SPREADSHEET_STARTS = ("=", "@")


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken: ``column`` is the file's own heading, empty when the whole row is meant."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Candidate:
    """A row that can be taken: its number in the file and the customer's values."""

    row: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """What an import would do. ``mapping`` gives the field for each column's place; None leaves a column out."""

    file_name: str
    sha256: str
    headings: tuple[str, ...]
    mapping: tuple[str | None, ...]
    accepted: tuple[Candidate, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...] = ()

    @property
    def refused_rows(self) -> int:
        """How many rows are refused; one row may have several reasons."""
        return len({refusal.row for refusal in self.refused})


class _Restricted(NamedTuple):
    """Those whose data are restricted, archived or not: they are not entered anew (rules/retention)."""

    documents: frozenset[str]
    people: frozenset[tuple[str, str]]

    def column_of(self, cleaned: Mapping[str, Any]) -> str | None:
        """The field by which somebody is one of them; None when he is not."""
        if cleaned.get("doc_no") in self.documents:
            return "doc_no"
        is_one = (cleaned.get("name"), cleaned.get("mobile")) in self.people
        return "mobile" if is_one else None


@dataclass
class _Seen:
    """What is there already, in the store and in the rows above: document numbers, and names with mobiles."""

    documents: dict[str, str]
    people: dict[tuple[str, str], str]
    restricted: _Restricted
    reader: wording.Reader
    warnings: list[Refusal] = field(default_factory=list)


def field_choices() -> dict[str, str]:
    """The fields that a column may be mapped to, with their labels; what needs a consent of its own is none."""
    return {name: _(declared.label) for name, declared in shown_fields(Customer).items() if not declared.consent}


def preview(work: UnitOfWork, path: Path, mapping: Sequence[str | None] | None = None) -> Preview:
    """What importing the file would take and refuse; changes nothing. ``mapping`` overrides the guess by column.

    Raises BadFile when the file is no table, or has no column for the name.
    """
    rows = read_rows(path)
    if not rows:
        raise BadFile(N_("文件 {name} 里没有内容"), hint=N_("请检查名单是否在第一个工作表。"), name=path.name)
    heading, guessed = _heading(rows)
    chosen = tuple(mapping) if mapping is not None else guessed
    if "name" not in chosen or not set(chosen) <= {None, *field_choices()}:
        raise _no_name()
    seen = _known(work)
    accepted: list[Candidate] = []
    refused: list[Refusal] = []
    for row in rows:
        if row.number > heading.number:
            outcome = _judge(row, heading.cells, chosen, records.today(work), seen)
            if isinstance(outcome, Candidate):
                accepted.append(outcome)
            else:
                refused += outcome
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    told = (tuple(accepted), tuple(refused), tuple(seen.warnings))
    return Preview(path.name, digest, heading.cells, chosen, *told)


def take(work: UnitOfWork, shown: Preview, report: Callable[[int, int], object] | None = None) -> int:
    """Make the accepted rows customers, all in this one transaction; returns how many.

    ``report`` is told how far it is and may raise to stop it: then nothing was taken. Raises NotPermitted.
    """
    records.allow(work, Action.CREATE, Customer)
    for done, candidate in enumerate(shown.accepted, 1):
        values = dict(candidate.values)
        values["name_pinyin"] = values.get("name_pinyin") or pinyin.spelling(values["name"])[:100]
        work.add(Customer(**values, owner_id=work.actor.staff_id))
        if report is not None:
            report(done, len(shown.accepted))
    work.tell(Deed.IMPORT, taken=len(shown.accepted), refused=shown.refused_rows, sha256=shown.sha256)
    return len(shown.accepted)


def _heading(rows: Iterable[Row]) -> tuple[Row, tuple[str | None, ...]]:
    """The row of headings and the field that each most likely means."""
    best: tuple[Row, tuple[str | None, ...]] | None = None
    for row in list(rows)[:_HEADING_ROWS]:
        mapping = guess_mapping(row.cells)
        if "name" in mapping and (best is None or _hits(mapping) > _hits(best[1])):
            best = row, mapping
    if best is None:
        raise _no_name()
    return best


def _hits(mapping: Sequence[str | None]) -> int:
    return sum(name is not None for name in mapping)


def _no_name() -> BadFile:
    return BadFile(N_("表格中没有找到“姓名”一列"), hint=N_("请检查第一行是否为列标题，或手工指定各列的含义。"))


def guess_mapping(headings: Sequence[str]) -> tuple[str | None, ...]:
    """The field that each heading most likely means; the first column wins where two mean the same."""
    meanings: dict[str, str] = {}
    for name, label in field_choices().items():
        words = (name, fields_of(Customer)[name].label, label, *_SYNONYMS.get(name, ()))
        meanings |= {_folded(word): name for word in words}
    mapping: list[str | None] = []
    for heading in headings:
        meant = meanings.get(_folded(heading))
        mapping.append(None if meant in mapping else meant)
    return tuple(mapping)


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", re.sub(r"[(（].*?[)）]", "", heading)).lower())


def _known(work: UnitOfWork) -> _Seen:
    columns = sa.select(Customer.name, Customer.mobile, Customer.doc_no)
    rows = work.rows(columns.where(Customer.archived_at.is_(None)))
    stored = work.rows(columns.where(Customer.restricted_at.is_not(None)))
    restricted = _Restricted(
        frozenset(row.doc_no for row in stored if row.doc_no),
        frozenset((row.name, row.mobile) for row in stored if row.mobile),
    )
    there = _("已有客户")
    documents = {row.doc_no: there for row in rows if row.doc_no}
    people = {(row.name, row.mobile): there for row in rows if row.mobile}
    return _Seen(documents, people, restricted, wording.Reader(work))


def _judge(
    row: Row, headings: Sequence[str], mapping: Sequence[str | None], today: dt.date, seen: _Seen
) -> Candidate | list[Refusal]:
    """The customer in one row, or every reason why it cannot be taken."""
    columns = {name: place for place, name in enumerate(mapping) if name is not None}
    problems, values = _read(row, columns)
    try:
        cleaned = clean(Customer, {n: v for n, v in values.items() if v is not None}, today=today)
    except ValidationError as error:
        problems = error.problems | problems
        cleaned = {}
    advice = seen.reader.advice(Customer, cleaned)
    problems |= {name: one.words for name, one in advice.items() if one.refused}
    if problems:
        return [Refusal(row.number, _heading_of(name, headings, columns), why) for name, why in problems.items()]
    if column := seen.restricted.column_of(cleaned):
        reason = _("此人的资料已限制处理，只保存，不能重新录入（依据：{rule}）").format(rule=_(RESTRICTED_BY))
        return [Refusal(row.number, _heading_of(column, headings, columns), reason)]
    number = cleaned.get("doc_no")
    if number in seen.documents:
        reason = _("证件号码与{where}相同").format(where=seen.documents[number])
        return [Refusal(row.number, _heading_of("doc_no", headings, columns), reason)]
    _remember(row, cleaned, seen)
    seen.warnings += [
        Refusal(row.number, _heading_of(name, headings, columns), one.words) for name, one in advice.items()
    ]
    return Candidate(row.number, cleaned)


def _read(row: Row, columns: Mapping[str, int]) -> tuple[dict[str, str], dict[str, Any]]:
    """The problems by field, and the values that could be read."""
    declared = fields_of(Customer)
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, place in columns.items():
        cell = row.cells[place] if place < len(row.cells) else ""
        if cell == UNCALCULATED or cell.lstrip().startswith(_SPREADSHEET_STARTS):
            problems[name] = _("单元格是公式，请改为数值后再导入")
            continue
        try:
            values[name] = parse(declared[name], cell)
        except ValidationError as error:
            problems[name] = next(iter(error.problems.values()))
    number = values.get("mobile")
    if number and not values.get("phone2") and not contact.mobile(number).ok and contact.phone(number).ok:
        # Lists of households and firms hold landlines under "phone".
        values["phone2"] = values.pop("mobile")
    return problems, values


def _heading_of(name: str, headings: Sequence[str], columns: Mapping[str, int]) -> str:
    return headings[columns[name]].strip() if name in columns else ""


def _remember(row: Row, cleaned: Mapping[str, Any], seen: _Seen) -> None:
    here = _("第 {row} 行").format(row=row.number)
    if cleaned.get("doc_no"):
        seen.documents[cleaned["doc_no"]] = here
    person = (cleaned["name"], cleaned.get("mobile") or "")
    if person[1] and person in seen.people:
        reason = _("姓名和手机与{where}相同，请核对是否同一人").format(where=seen.people[person])
        seen.warnings.append(Refusal(row.number, "", reason))
    elif person[1]:
        seen.people[person] = here
