"""The people of a sheet: who buys, whose life it is about, who receives."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from insuragent.models import Customer, FamilyMember
from insuragent.models.family import Relation
from insuragent.models.fields import choice_words, fields_of
from insuragent.models.sheet import Applicant
from insuragent.rules import clocks
from insuragent.services import records
from insuragent.services.sheet_content import Beneficiary, Person

#: What the policyholder is to a member of his family.
_APPLICANTS: Mapping[str, Applicant] = {
    Relation.SON: Applicant.PARENT,
    Relation.DAUGHTER: Applicant.PARENT,
    Relation.SPOUSE: Applicant.SPOUSE,
}


def applicant_of(relation: str) -> Applicant:
    """What the policyholder is to a member of his family with this relation."""
    return _APPLICANTS.get(relation, Applicant.OTHER)


def snapshot(customer: Customer, member: FamilyMember | None) -> dict[str, Any]:
    """What a sheet keeps of the insured: the customer himself, or a member of his family."""
    who = member or customer
    return {
        "insured_id": member.id if member else None,
        "insured_name": who.name,
        "insured_sex": who.gender,
        "insured_born": who.birth_date,
        "applicant": applicant_of(member.relation) if member else Applicant.SELF,
    }


def policyholder(customer: Mapping[str, Any], today: dt.date) -> Person:
    """The policyholder as the sheet shows him; the number of his document is masked."""
    born = customer.get("birth_date")
    return Person(
        customer["name"],
        clocks.age_on(born, today) if born else None,
        str(customer.get("gender") or ""),
        records.shown(fields_of(Customer)["doc_no"], customer.get("doc_no")),
    )


def insured(noted: Mapping[str, Any], today: dt.date) -> Person | None:
    """Whose life a sheet is about where it is not the policyholder's own, of the sheet's fields; else None."""
    kind = str(noted.get("applicant") or Applicant.SELF)
    if kind == Applicant.SELF or not noted.get("insured_name"):
        return None
    born = noted.get("insured_born")
    return Person(
        noted["insured_name"],
        clocks.age_on(born, today) if born else None,
        str(noted.get("insured_sex") or ""),
        relation=choice_words(Applicant, kind),
    )


def beneficiaries(noted: Mapping[str, Any]) -> Sequence[Beneficiary]:
    """Who receives the death benefit, in the words that were noted."""
    told = str(noted.get("beneficiary_note") or "").strip()
    return [Beneficiary(told)] if told else []
