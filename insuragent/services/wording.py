"""The phrase rules on what the agent writes into records: what may not be kept, and what to weigh again (R7.2a)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from insuragent.errors import ValidationError
from insuragent.i18n import SHANGHAI, _
from insuragent.models import Record
from insuragent.models.fields import fields_of
from insuragent.rules import phrases
from insuragent.rules.phrases import Finding, Response
from insuragent.services import catalogue
from insuragent.store.work import UnitOfWork


def require(work: UnitOfWork, record_type: type[Record], filled: Mapping[str, Any]) -> None:
    """Raise ValidationError for each field of ours with words that may not be used, naming words, reason and law."""
    blocked: dict[str, list[Finding]] = {}
    for name, finding in _findings(work, record_type, filled):
        if finding.action is Response.BLOCK:
            blocked.setdefault(name, []).append(finding)
    if blocked:
        told = _("违规用语：{words}")
        raise ValidationError({name: told.format(words=in_words(found)) for name, found in blocked.items()})


def warnings(work: UnitOfWork, record: Record) -> list[str]:
    """What in a saved record is to be weighed again; nothing here refuses."""
    found = [finding for _name, finding in _findings(work, type(record), record.plain())]
    return [_("请斟酌用语：{words}").format(words=in_words(found))] if found else []


def in_words(found: Iterable[Finding]) -> str:
    """Each phrase once, with why it may not be used and the law that says so."""
    told = (f"{finding.text}（{_(finding.why)}，{finding.legal_ref}）" for finding in found)
    return "、".join(dict.fromkeys(told))


def _findings(work: UnitOfWork, record_type: type[Record], filled: Mapping[str, Any]) -> Iterator[tuple[str, Finding]]:
    """Every finding with its field, in the fields that declare whose words they hold."""
    ours = {name: field.setting for name, field in fields_of(record_type).items() if field.setting is not None}
    written = {name: str(filled[name]) for name in ours if filled.get(name)}
    if not written:
        return
    rules, facts = catalogue.policy().phrase_rules(work.now.astimezone(SHANGHAI).date()), _facts(work)
    for name, text in written.items():
        setting = ours[name]
        assert setting is not None, "only fields with a setting were taken"
        for finding in phrases.check_text(text, rules, phrases.Context(setting, facts)):
            yield name, finding


def _facts(work: UnitOfWork) -> frozenset[str]:
    """What is true of some product at least: a note may be about any of them (story S12)."""
    announced = any(product.notice_id for product in catalogue.products(work))
    guaranteed = any(package.guaranteed_renewal_years for package in catalogue.packages().values())
    told = {"withdrawal_notice": announced, "guaranteed_renewal": guaranteed}
    return frozenset(name for name, holds in told.items() if holds)
