"""Customers: made without doubles, completed over time, with family and consents."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, SHANGHAI, _, format_date
from insuragent.models import Complaint, Consent, Customer, FamilyMember, NeedsAnalysis, Sheet, Staff, Visit
from insuragent.models.consent import ConsentMethod, ConsentState, Purpose
from insuragent.models.customer import AmlRisk, CustomerType, VerifyMethod
from insuragent.models.family import Relation
from insuragent.models.fields import fields_of
from insuragent.models.validation import clean
from insuragent.rules import clocks
from insuragent.rules.access import Action
from insuragent.rules.completeness import completeness, missing
from insuragent.services import catalogue, consent_words, records, scans, stages, wording
from insuragent.store import pinyin
from insuragent.store.work import UnitOfWork

ADULT = 18
#: The ways of verification that a desk may note, and what it says something about: when that changes, it is undone.
VERIFIED_HERE = (VerifyMethod.ORIGINAL, VerifyMethod.READER)
_IDENTITY = ("name", "doc_type", "doc_no", "birth_date", "gender")
#: From this many customers on, a shared mobile number is told (data dictionary: mobile).
SHARED_MOBILE = 3


class DuplicateCustomer(ValidationError):
    """Another customer has this document number; ``existing`` is his id, so that the page may offer to open him."""

    def __init__(self, existing: uuid.UUID) -> None:
        self.existing = existing
        super().__init__({"doc_no": _("已有客户使用这个证件号码，可打开原客户继续")})


@dataclass(frozen=True)
class Facts:
    """What a customer's page shows beside the form. ``age`` is in full years, None without a birth date."""

    age: int | None
    completeness: int
    missing: tuple[str, ...]
    counts: Mapping[str, int]
    consents: Mapping[str, str]
    verified_on: dt.date | None = None
    #: As head office grades it, in words; empty before.
    aml_risk: str = ""


def create(work: UnitOfWork, values: Mapping[str, Any]) -> Customer:
    """A new customer; the spelling is filled in. Raises DuplicateCustomer, ValidationError or NotPermitted."""
    records.allow(work, Action.CREATE, Customer)
    cleaned = clean(Customer, values, today=records.today(work))
    records.require_consent(work, Customer, None, cleaned)
    wording.require(work, Customer, cleaned)
    _refuse_double(work, cleaned.get("doc_type"), cleaned.get("doc_no"), None)
    cleaned["name_pinyin"] = cleaned.get("name_pinyin") or pinyin.spelling(cleaned["name"])[:100]
    cleaned["owner_id"] = work.actor.staff_id
    return work.add(Customer(**cleaned))


def change(
    work: UnitOfWork, customer_id: uuid.UUID, values: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> Customer:
    """Change a customer; a new name is spelled anew unless the spelling was typed. Raises like :func:`create`.

    ``seen`` is as for :func:`records.change`.
    """
    customer = work.get(Customer, customer_id)
    filled = dict(values)
    if filled.get("doc_no"):
        kind = filled.get("doc_type", customer.doc_type)
        _refuse_double(work, kind, str(filled["doc_no"]).strip().upper(), customer_id)
    if "stage" in filled:
        stages.require(work, customer, str(filled["stage"]), records.today(work))
    if "name" in filled and filled["name"] != customer.name and "name_pinyin" not in filled:
        filled["name_pinyin"] = pinyin.spelling(str(filled["name"]))[:100]
    was = {name: getattr(customer, name) for name in _IDENTITY}
    changed = records.change(work, Customer, customer_id, filled, seen)
    if any(getattr(changed, name) != value for name, value in was.items()):
        changed.verified_at = changed.verify_method = changed.verified_by = None
    return changed


def verify(work: UnitOfWork, customer_id: uuid.UUID, method: VerifyMethod) -> Customer:
    """Note that this person compared the customer with his document now (regulations.csv G25: due diligence).

    What only head office may note is refused, and so is a customer whose number is not on file.
    Raises ValidationError or NotPermitted.
    """
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.CHANGE, Customer, customer)
    if method not in VERIFIED_HERE:
        raise NotPermitted(N_("这种核验由总公司登记"))
    if not customer.doc_no:
        raise ValidationError({"doc_no": _("请先填写证件号码，再核验身份")})
    customer.verified_at, customer.verify_method = work.now, method
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    customer.verified_by = staff.name if staff else None
    return customer


def add_family(work: UnitOfWork, customer_id: uuid.UUID, values: Mapping[str, Any]) -> FamilyMember:
    """A new member of a customer's family. A minor's data needs the guardian's consent first (story S04).

    Raises ValidationError, also for a second spouse, and NotPermitted without the consent.
    """
    cleaned = clean(FamilyMember, {"customer_id": customer_id} | dict(values), today=records.today(work))
    _require_family(work, customer_id, cleaned)
    return records.create(work, FamilyMember, cleaned)


def change_family(
    work: UnitOfWork, member_id: uuid.UUID, values: Mapping[str, Any], seen: Mapping[str, Any] | None = None
) -> FamilyMember:
    """Correct a member of a family, by the rules for a new one. Raises like :func:`add_family`.

    ``seen`` is as for :func:`records.change`.
    """
    member = work.get(FamilyMember, member_id)
    told = clean(FamilyMember, values, today=records.today(work), partial=True, current=member.plain())
    _require_family(work, member.customer_id, told, besides=member_id)
    return records.change(work, FamilyMember, member_id, told, seen)


@dataclass(frozen=True)
class Relative:
    """A member of a customer's family. ``of`` is set where another customer's family holds this one: that other's name,
    and ``other`` is the customer to open, on either side; None for a member who is no customer."""

    member: FamilyMember
    of: str = ""
    other: uuid.UUID | None = None


def family(work: UnitOfWork, customer_id: uuid.UUID) -> list[Relative]:
    """The members of a customer's family, and the customers in whose families he stands (a link goes both ways)."""
    own = records.hanging_on(work, FamilyMember, customer_id)
    linked = (
        sa.select(FamilyMember, Customer.name)
        .join(Customer, Customer.id == FamilyMember.customer_id)
        .where(FamilyMember.linked_customer_id == customer_id, FamilyMember.archived_at.is_(None))
        .order_by(FamilyMember.number.desc())
    )
    found = [Relative(one, other=one.linked_customer_id) for one in own]
    # Whom this customer's own family names is told there.
    known = {one.linked_customer_id for one in own}
    others = ((one, name) for one, name in work.rows(linked) if one.customer_id not in known)
    return found + [Relative(one, name, one.customer_id) for one, name in others]


def _require_family(
    work: UnitOfWork, customer_id: uuid.UUID, told: Mapping[str, Any], besides: uuid.UUID | None = None
) -> None:
    linked = told.get("linked_customer_id")
    if linked == customer_id:
        raise ValidationError({"linked_customer_id": _("不能关联客户本人")})
    if linked is not None and work.find(Customer, linked) is None:
        raise ValidationError({"linked_customer_id": _("请从找到的记录中选择")})
    if told.get("relation") == Relation.SPOUSE:
        known = records.hanging_on(work, FamilyMember, customer_id)
        if any(member.relation == Relation.SPOUSE and member.id != besides for member in known):
            raise ValidationError({"relation": _("已登记一位配偶")})
    born = told.get("birth_date")
    minor = born is not None and clocks.age_on(born, records.today(work)) < ADULT
    if minor and consents(work, customer_id).get(Purpose.MINOR) != ConsentState.GRANTED:
        raise NotPermitted(N_("登记未成年人资料之前，需要监护人单独同意"), hint=N_("请在“同意”页签取得监护人的同意。"))


def notices(work: UnitOfWork, customer: Customer) -> list[str]:
    """What an agent should know about a customer's data; nothing here refuses."""
    found = []
    if customer.restricted_at is not None:
        since = format_date(customer.restricted_at.astimezone(SHANGHAI).date())
        found.append(_("{date} 起限制处理：资料只保存，不再使用").format(date=since))
    if customer.legal_hold:
        found.append(_("总公司已设定法律保全：资料不会因期满或客户要求而删除"))
    if customer.aml_risk == AmlRisk.HIGH:
        # 人行令〔2025〕第11号: what higher risk asks for beside the nine items.
        found.append(_("洗钱风险等级为高：请了解投保目的和资金来源"))
    if customer.type == CustomerType.ENTERPRISE:
        share = catalogue.policy().rate("beneficial_owner_share", records.today(work))
        found.append(_("请登记持股 {share} 及以上的受益所有人").format(share=f"{share:.0%}"))
    if customer.mobile:
        sharing = work.count(Customer, Customer.mobile == customer.mobile)
        if sharing >= SHARED_MOBILE:
            found.append(_("{n} 位客户登记了同一手机号，请核对").format(n=sharing))
    if len(look_alikes(work, customer.name, customer.mobile)) > 1:
        found.append(_("有姓名和手机都相同的客户，请核对是否同一人"))
    return found


def look_alikes(work: UnitOfWork, name: str, mobile: str | None) -> Sequence[Customer]:
    """Customers with the same name and mobile: a warning, not a refusal (requirement R2.2b)."""
    if not mobile:
        return []
    return work.scalars(sa.select(Customer).where(Customer.name == name, Customer.mobile == mobile))


def facts(work: UnitOfWork, customer_id: uuid.UUID) -> Facts:
    """What stands beside the form. Raises RecordGone."""
    customer = work.get(Customer, customer_id)
    plain = customer.plain()
    linked: tuple[Any, ...] = (FamilyMember, NeedsAnalysis, Sheet, Visit, Complaint, Consent)
    return Facts(
        age=age(customer, records.today(work)),
        completeness=completeness(plain),
        missing=missing(plain),
        counts={kind.kind(): work.count(kind, kind.customer_id == customer_id) for kind in linked},
        consents=consents(work, customer_id),
        verified_on=customer.verified_at.astimezone(SHANGHAI).date() if customer.verified_at else None,
        aml_risk=records.in_words(fields_of(Customer)["aml_risk"], customer.aml_risk),
    )


def age(who: Customer | FamilyMember, day: dt.date) -> int | None:
    """Full years on ``day``; None without a birth date."""
    return clocks.age_on(who.birth_date, day) if who.birth_date else None


def consents(work: UnitOfWork, customer_id: uuid.UUID) -> dict[str, str]:
    """The newest state of each purpose that was asked."""
    newest = sa.select(Consent).where(Consent.customer_id == customer_id).order_by(Consent.number)
    return {str(consent.purpose): str(consent.state) for consent in work.scalars(newest)}


def grant(
    work: UnitOfWork,
    customer_id: uuid.UUID,
    purpose: Purpose,
    signer: str,
    method: ConsentMethod,
    scan: Path | None = None,
) -> Consent:
    """Record a consent that the customer gave for one purpose (PIPL art. 14 and 29: never bundled).

    One that was signed on paper needs the ``scan`` of the signed notice, which is kept with it (data dictionary:
    paper_photo needs attachment). Raises ValidationError without it, and as :func:`scans.file`.
    """
    if method == ConsentMethod.PAPER_PHOTO and scan is None:
        raise ValidationError({"evidence_id": _("纸质签署的，请选择签署后的告知书的扫描件")})
    made = records.create(
        work,
        Consent,
        {
            "customer_id": customer_id,
            "purpose": purpose,
            "state": ConsentState.GRANTED,
            "method": method,
            "notice_version": consent_words.VERSION,
            "signer": signer,
            "granted_at": work.now,
        },
    )
    made.notice_hash = consent_words.notice_hash(purpose, records.today(work))
    if scan is not None:
        work.flush()
        scans.file(work, Consent.kind(), made.id, scan)
    return made


def withdraw(work: UnitOfWork, customer_id: uuid.UUID, purpose: Purpose) -> list[Consent]:
    """Withdraw every consent of one purpose, at once and as easily as it was given (PIPL art. 15; story S16)."""
    granted = sa.select(Consent).where(
        Consent.customer_id == customer_id, Consent.purpose == purpose, Consent.state == ConsentState.GRANTED
    )
    found = list(work.scalars(granted))
    for consent in found:
        consent.state = ConsentState.WITHDRAWN
        consent.withdrawn_at = work.now
    customer = work.get(Customer, customer_id)
    for name, declared in fields_of(Customer).items():
        # What may only be kept with the consent goes with it (PIPL art. 47).
        if declared.consent == purpose and getattr(customer, name) is not None:
            setattr(customer, name, None)
    return found


def _refuse_double(work: UnitOfWork, doc_type: Any, doc_no: Any, besides: uuid.UUID | None) -> None:
    if not doc_no:
        return
    same = sa.select(Customer.id).where(
        Customer.doc_no == doc_no, Customer.doc_type == str(doc_type), Customer.archived_at.is_(None)
    )
    existing = next((row.id for row in work.rows(same) if row.id != besides), None)
    if existing is not None:
        raise DuplicateCustomer(existing)
