"""The phrase rules on every text of a record, as its field declares it: refused, or to be weighed again (R7.2a).

No use case knows a field by name: where a text stands, and whose words it holds, is the field's ``setting``. What a
customer gets to read and what we say of a sale is refused where the rule says so; our account of what is so or was
said, such as a complaint, is never refused, and a customer's own words are not judged at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Deed, Entry, Record
from insuragent.models.fields import fields_of
from insuragent.rules import phrases
from insuragent.rules.phrases import Finding, Response, Setting
from insuragent.services import catalogue
from insuragent.store.work import UnitOfWork


@dataclass(frozen=True)
class Advice:
    """What is found in one field, in words; what is ``refused`` cannot be saved."""

    words: str
    refused: bool


class Reader:
    """Reads texts by the rules of today, and by what is true of some product at least (story S12)."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._known: tuple[tuple[phrases.PhraseRule, ...], frozenset[str]] | None = None

    def advice(self, record_type: type[Record], filled: Mapping[str, Any]) -> dict[str, Advice]:
        """What to say of each field with words that are refused, or to be weighed again."""
        found: dict[str, list[Finding]] = {}
        for name, finding in self.findings(record_type, filled):
            found.setdefault(name, []).append(finding)
        return {name: _advice(record_type, name, told) for name, told in found.items()}

    def findings(self, record_type: type[Record], filled: Mapping[str, Any]) -> Iterator[tuple[str, Finding]]:
        """Every finding with its field."""
        for name, field in fields_of(record_type).items():
            if field.setting is not None and filled.get(name):
                for text in _texts(filled[name]):
                    rules, facts = self._rules()
                    for finding in phrases.check_text(text, rules, phrases.Context(field.setting, facts)):
                        yield name, finding

    def _rules(self) -> tuple[tuple[phrases.PhraseRule, ...], frozenset[str]]:
        if self._known is None:
            day = self._work.now.astimezone(SHANGHAI).date()
            with self._work.session.no_autoflush:  # a look at the products must not cut a deed into two entries
                self._known = catalogue.policy().phrase_rules(day), _facts(self._work)
        return self._known


def require(work: UnitOfWork, record_type: type[Record], filled: Mapping[str, Any]) -> None:
    """Raise ValidationError for each field with words that may not be used, naming words, reason and law."""
    told = Reader(work).advice(record_type, filled)
    refused = {name: one.words for name, one in told.items() if one.refused}
    if refused:
        raise ValidationError(refused)


def advice(work: UnitOfWork, record_type: type[Record], filled: Mapping[str, Any]) -> dict[str, Advice]:
    """What to say of each field, while it is typed; nothing here refuses."""
    return Reader(work).advice(record_type, filled)


def warnings(work: UnitOfWork, record: Record) -> list[str]:
    """What is to be weighed again in what was written into a record last; nothing here refuses."""
    written = sa.select(Entry).where(Entry.record_id == record.id, Entry.deed.in_((Deed.CREATE, Deed.CHANGE)))
    last = work.session.scalars(written.order_by(Entry.number.desc()).limit(1)).first()
    changes = (last.changes or {}) if last is not None else {}
    told = Reader(work).advice(type(record), {name: _added(*pair) for name, pair in changes.items()})
    return [one.words for one in told.values()]


def for_customers(record_type: type[Record], filled: Mapping[str, Any]) -> list[str]:
    """The texts of ours among these values that a customer gets to read."""
    declared = fields_of(record_type)
    return [
        text
        for name, value in filled.items()
        if name in declared and declared[name].setting is Setting.SHEET
        for text in _texts(value)
    ]


def in_words(found: Iterable[Finding]) -> str:
    """Each phrase once, with why it may not be used and the law that says so."""
    told = (f"{finding.text}（{_(finding.why)}，{finding.legal_ref}）" for finding in found)
    return "、".join(dict.fromkeys(told))


def _advice(record_type: type[Record], name: str, found: list[Finding]) -> Advice:
    blocked = [finding for finding in found if finding.action is Response.BLOCK]
    if blocked:
        return Advice(_("违规用语：{words}").format(words=in_words(blocked)), True)
    told = _("请斟酌用语：{words}")
    if fields_of(record_type)[name].setting is Setting.ACCOUNT:
        told = _("销售中不得使用的用语：{words}。如系他人原话或客观情况，照实记录即可。")
    return Advice(told.format(words=in_words(found)), False)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a field's value, which may be a list or mapping."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _added(was: Any, now: Any) -> Any:
    """What is new in a value: of a list that grew, such as the progress of a complaint, only what was added."""
    return [one for one in now if one not in was] if isinstance(was, list) and isinstance(now, list) else now


def _facts(work: UnitOfWork) -> frozenset[str]:
    """What is true of some product at least: a note may be about any of them (story S12)."""
    announced = any(product.notice_id for product in catalogue.products(work))
    guaranteed = any(package.guaranteed_renewal_years for package in catalogue.packages().values())
    told = {"withdrawal_notice": announced, "guaranteed_renewal": guaranteed}
    return frozenset(name for name, holds in told.items() if holds)
