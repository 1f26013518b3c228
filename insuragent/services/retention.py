"""Keeping customers' data no longer than is right: what is overdue, restriction, and erasure everywhere."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.errors import NotPermitted, ValidationError
from insuragent.i18n import N_, SHANGHAI, _, format_date
from insuragent.models import Complaint, Consent, Customer, Record, Sheet, Visit
from insuragent.models.choices import Why
from insuragent.models.customer import INSURED, Stage
from insuragent.rules.access import Action
from insuragent.rules.complaint import ENDED
from insuragent.rules.retention import Held, Keeping, Traces, held, keeping, terms
from insuragent.services import catalogue, records
from insuragent.store.work import UnitOfWork
from insuragent.sync import wiping


@dataclass(frozen=True)
class Standing:
    """How it stands with a customer's data: until when, why, restricted since when, and whether they may be erased."""

    customer_id: uuid.UUID
    name: str
    keeping: Keeping
    restricted_at: dt.datetime | None
    may_erase: bool

    @property
    def words(self) -> str:
        """The period in words."""
        if self.keeping.until is None:
            return _(self.keeping.reason)
        return _("{reason}，至 {date}").format(reason=_(self.keeping.reason), date=format_date(self.keeping.until))


def standing(work: UnitOfWork, customer_id: uuid.UUID) -> Standing:
    """How it stands with a customer's data. Raises RecordGone."""
    return _standing(work, work.get(Customer, customer_id), records.today(work))


def overdue(work: UnitOfWork) -> list[Standing]:
    """The customers whose data nothing asks for any more, those that were due first at the top."""
    today = records.today(work)
    found = [_standing(work, one, today) for one in work.scalars(sa.select(Customer).where(_may_be_due(work, today)))]
    due = [one for one in found if one.keeping.is_over(today)]
    return sorted(due, key=lambda one: (one.keeping.until or dt.date.max, one.name))


def restrict(work: UnitOfWork, customer_id: uuid.UUID, why: Why) -> Customer:
    """From now on the data are stored and used for nothing else (PIPL art. 47); complaints stay possible.

    Raises NotPermitted, RecordGone.
    """
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.ERASE, Customer, customer)
    with work.because(why.label):
        if customer.restricted_at is None:
            customer.restricted_at = work.now
    return customer


def lift(work: UnitOfWork, customer_id: uuid.UUID) -> Customer:
    """The data may be used again, as the customer wishes. Raises NotPermitted, RecordGone."""
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.ERASE, Customer, customer)
    customer.restricted_at = None
    return customer


def erase(work: UnitOfWork, customer_id: uuid.UUID, why: Why, typed: str) -> None:
    """Have a customer, and all that hangs on him, erased at head office and on every desk: with the next sync.

    ``typed`` is his name, as whoever is sure typed it. Raises ValidationError when it is another, and NotPermitted
    while a law asks for the data: then they can be restricted.
    """
    found = standing(work, customer_id)
    customer = work.get(Customer, customer_id)
    records.allow(work, Action.ERASE, Customer, customer)
    if typed.strip() != customer.name:
        raise ValidationError({"name": _("请输入客户的姓名以确认删除")})
    if not found.may_erase:
        hint = N_("可以先限制处理：资料只保存，不再用于其他目的，期满后删除。")
        raise NotPermitted(N_("依法仍须保存：{words}"), hint=hint, words=found.words)
    with work.because(why.label):
        wiping.order(work, customer)


def _standing(work: UnitOfWork, customer: Customer, today: dt.date) -> Standing:
    kept = keeping(_held(work, customer), terms(catalogue.policy(), today))
    may_erase = not kept.by_law or kept.is_over(today)
    return Standing(customer.id, customer.name, kept, customer.restricted_at, may_erase)


def _held(work: UnitOfWork, customer: Customer) -> Held:
    visits, sheets, complaints = (_linked(work, kind, customer.id) for kind in (Visit, Sheet, Complaint))
    contacts = [_day(one.actual_start or one.planned_start) for one in visits]
    contacts += [_day(one.created_at) for one in sheets] + [_day(one.received_at) for one in complaints]
    traces = Traces(
        [_day(customer.created_at), *contacts],
        [_day(one.signed_at) for one in sheets if one.signed_at],
        [_day(one.changed_at) if one.state in ENDED else None for one in complaints],
        consented=bool(work.count(Consent, Consent.customer_id == customer.id)),
    )
    return held(
        traces,
        insured=customer.stage in INSURED or bool(customer.policy_no),
        # The desk holds no contracts: a relationship ended when nobody served the customer any more.
        dormant=customer.stage == Stage.DORMANT,
        legal_hold=bool(customer.legal_hold),
    )


def _linked(work: UnitOfWork, kind: type[Record], customer_id: uuid.UUID) -> Sequence[Any]:
    return work.scalars(sa.select(kind).where(kind.customer_id == customer_id))  # type: ignore[attr-defined]


def _may_be_due(work: UnitOfWork, today: dt.date) -> sa.ColumnElement[bool]:
    """Who was entered too lately cannot be due, nor who is served now: the others are looked at one by one."""
    young = work.now - dt.timedelta(days=28 * terms(catalogue.policy(), today).prospect_months)
    return sa.and_(Customer.created_at < young, Customer.stage.not_in(INSURED))


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(SHANGHAI).date()
