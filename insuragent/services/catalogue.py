"""The policy data and the product packages in force on this desk."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Installed:
    """A package that this desk took in: what it is, and the SHA-256 of its zip among the attachments."""

    code: str
    version: str
    content_hash: str
    blob: str


class Shelf:
    """The packages at hand: the bundled samples and what was installed, every version of it, read when asked for."""

    def __init__(self, installed: Sequence[Installed] = (), read: Callable[[str], bytes] | None = None) -> None:
        """``read`` gives the bytes of an attachment."""
        self._installed, self._read = tuple(installed), read
        self._opened: dict[str, Package] = {}

    def newest(self) -> dict[str, Package]:
        """The newest version of each product, by code."""
        codes = sorted(_bundled().keys() | {one.code for one in self._installed})
        return {code: found for code in codes if (found := self.find(code)) is not None}

    def find(self, code: str, content_hash: str | None = None) -> Package | None:
        """The version with this hash, or the newest; None when it is not here."""
        sample = _bundled().get(code)
        if content_hash is None:
            versions = [one for one in self._installed if one.code == code]
            newest = max(versions, key=lambda one: version_key(one.version), default=None)
            if newest is None or (sample and version_key(sample.version) >= version_key(newest.version)):
                return sample
            return self._open(newest)
        if sample is not None and sample.content_hash == content_hash:
            return sample
        wanted = (one for one in self._installed if (one.code, one.content_hash) == (code, content_hash))
        found = next(wanted, None)
        return None if found is None else self._open(found)

    def _open(self, installed: Installed) -> Package:
        if installed.content_hash not in self._opened:
            assert self._read is not None, "what is installed can be read"
            self._opened[installed.content_hash] = package_files.restore_package(self._read(installed.blob))
        return self._opened[installed.content_hash]


#: One desk is open at a time, and its window asks for products in the middle of a keystroke: no unit of work there.
_shelves = [Shelf()]


def use(shelf: Shelf) -> None:
    """From now on these are the packages at hand: a desk was opened, or took one in."""
    _shelves[:] = [shelf]


def packages() -> dict[str, Package]:
    """The newest version of each product package, by code."""
    return _shelves[0].newest()


def package(code: str, content_hash: str | None = None) -> Package:
    """One package: the newest, or the version with this hash. Raises BadFile when it is not installed."""
    found = _shelves[0].find(code, content_hash)
    if found is None and content_hash is not None and _shelves[0].find(code) is not None:
        raise BadFile(
            N_("产品 {code} 的这一版产品包没有安装"), hint=N_("请同步后再试，或者重新制作说明书。"), code=code
        )
    if found is None:
        raise BadFile(N_("产品 {code} 的产品包没有安装"), hint=N_("请同步后再试。"), code=code)
    return found


def sample(code: str) -> Package | None:
    """The bundled sample with this code."""
    return _bundled().get(code)


def find(code: str, content_hash: str) -> Package | None:
    """The version with this hash; None when it is not here."""
    return _shelves[0].find(code, content_hash)


def version_key(version: str) -> tuple[int, ...]:
    """By which versions are put in order: 1.10 comes after 1.9."""
    return tuple(int(part) for part in version.split("."))


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


@cache
def _bundled() -> dict[str, Package]:
    return package_files.load_catalogue(policy())
