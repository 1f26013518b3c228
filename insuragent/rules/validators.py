"""Every validator by its name: the names of fields, of document types, and of the command line's rows."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from insuragent.i18n import _
from insuragent.rules import contact, identity
from insuragent.rules.verdict import Verdict, refused

_DATELESS = {
    "hk_macao_pass": identity.hk_macao_pass,
    "taiwan_pass": identity.taiwan_pass,
    "passport": identity.passport,
    "passport_cn": identity.passport_cn,
    "birth_cert": identity.birth_cert,
    "military": identity.military,
    "uscc": identity.uscc,
    "bank_card": contact.bank_card,
    "person_name": contact.person_name,
    "mobile": contact.mobile,
    "phone": contact.phone,
    "email": contact.email,
    "contact": contact.contact,
    "nationality": contact.nationality,
    "region": contact.region,
    "policy_no": contact.policy_no,
}
_DATED = {
    "resident_id": identity.resident_id,
    "hk_mo_tw_residence": identity.hk_mo_tw_residence,
    "foreigner_pr": identity.foreigner_pr,
    "household": identity.household,
    "birth_date": contact.birth_date,
}
#: Names by which older files and the trade's test rows call the same validators.
ALIASES = {
    "hk_mo_tw_residence_permit": "hk_mo_tw_residence",
    "foreigner_pr_2023": "foreigner_pr",
    "hk_macao_home_return": "hk_macao_pass",
    "taiwan_mtp": "taiwan_pass",
    "birth_certificate": "birth_cert",
}
KINDS = frozenset({*_DATELESS, *_DATED, *ALIASES, "agent_licence"})


def validate(kind: str, value: str, *, today: dt.date, licence_pattern: str) -> Verdict:
    """The verdict on ``value`` as a ``kind`` (one of KINDS). ``today`` is Shanghai's date.

    Raises KeyError for a kind that does not exist.
    """
    name = ALIASES.get(kind, kind)
    if name in _DATELESS:
        return _DATELESS[name](value)
    if name == "agent_licence":
        return contact.agent_licence(value, licence_pattern)
    return _DATED[name](value, today)


def validate_rows(
    rows: Iterable[Mapping[str, str]], *, today: dt.date, licence_pattern: str
) -> Iterator[dict[str, str]]:
    """Rows of kind and value, each answered with result ("valid" or "invalid"), normalised and reason."""
    for row in rows:
        kind, value = (row.get("kind") or "").strip(), row.get("value") or ""
        if kind in KINDS:
            verdict = validate(kind, value, today=today, licence_pattern=licence_pattern)
        else:
            verdict = refused(value, _("没有名为 {kind} 的校验").format(kind=kind))
        yield {
            "kind": kind,
            "value": value,
            "result": "valid" if verdict.ok else "invalid",
            "normalised": verdict.normalised if verdict.ok else "",
            "reason": verdict.reason or "；".join(verdict.warnings),
        }


def against_document(verdict: Verdict, *, gender: str | None, birth_date: dt.date | None) -> dict[str, str]:
    """The fields that contradict what the document number says, each with its reason (story S02).

    ``gender`` "U" contradicts nothing; empty fields are for the caller to fill from the verdict.
    """
    problems = {}
    if verdict.gender and gender in ("M", "F") and gender != verdict.gender:
        problems["gender"] = _("与证件号码不一致")
    if verdict.birth_date and birth_date and birth_date != verdict.birth_date:
        problems["birth_date"] = _("与证件号码不一致")
    return problems
