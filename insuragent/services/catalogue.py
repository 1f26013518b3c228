"""The policy data and the product packages in force on this desk."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from insuragent.errors import BadFile
from insuragent.i18n import N_
from insuragent.models import Product
from insuragent.products import package_files, policy_files
from insuragent.products.package import Package
from insuragent.rules.policy import Policy
from insuragent.store.work import UnitOfWork

#: The desk's note of the day on which head office's product list was read last.
STATUS_NOTE = "product_status_as_of"


@cache
def policy() -> Policy:
    """The dated rules of the trade."""
    return policy_files.load_policy()


@cache
def packages() -> dict[str, Package]:
    """The installed product packages by code."""
    return package_files.load_catalogue(policy())


def package(code: str) -> Package:
    """One package. Raises BadFile when it is not installed."""
    found = packages().get(code)
    if found is None:
        raise BadFile(N_("产品 {code} 的产品包没有安装"), hint=N_("请同步后再试。"), code=code)
    return found


def status_as_of(work: UnitOfWork, today: dt.date) -> dt.date:
    """The day on which the product states were last confirmed by head office; today before the first sync."""
    noted = work.note(STATUS_NOTE)
    return dt.date.fromisoformat(noted) if noted else today


def products(work: UnitOfWork) -> Sequence[Product]:
    """The products that head office published, by code."""
    return work.scalars(sa.select(Product).where(Product.archived_at.is_(None)).order_by(Product.code))


def product_of(work: UnitOfWork, code: str) -> Product | None:
    """The published product with this code, if head office has published it."""
    return next((p for p in products(work) if p.code == code), None)
