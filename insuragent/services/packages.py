"""Taking in product packages that head office signed; every version is kept, so that old sheets keep their numbers."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from insuragent.errors import BadFile, StoreDamaged
from insuragent.i18n import N_
from insuragent.models import Deed
from insuragent.products import package_files
from insuragent.products.package import Package
from insuragent.products.package_seal import DEMO_KEY, SealKey
from insuragent.services import catalogue, records
from insuragent.services.catalogue import Installed, Shelf
from insuragent.store.work import UnitOfWork
from insuragent.sync import place

log = logging.getLogger(__name__)

#: The desk's note of what was installed.
_NOTE = "packages"


def install(work: UnitOfWork, data: bytes) -> Package:
    """Take in the zip of a package: checked in full, kept by its hash, at hand from the commit on.

    A package that is here already is left as it is. Raises BadFile that lists every fault, or for a version that is
    here with other content; DiskFull, StoreReadOnly.
    """
    found = package_files.read_zip(data, catalogue.policy(), trusted(work), records.today(work))
    known = installed(work)
    sample = catalogue.sample(found.code)
    twins = [(one.version, one.content_hash) for one in known if one.code == found.code]
    twins += [(sample.version, sample.content_hash)] if sample else []
    if (found.version, found.content_hash) in twins:
        return found
    if found.version in [version for version, _hash in twins]:
        raise BadFile(
            N_("产品 {code} 的 {version} 版已经安装，但内容不同"),
            hint=N_("没有改变任何资料。请总公司以新的版本号重新发布。"), code=found.code, version=found.version,
        )  # fmt: skip
    kept = [*known, Installed(found.code, found.version, found.content_hash, work.blobs.put(data))]
    work.set_note(_NOTE, [asdict(one) for one in kept])
    work.tell(Deed.IMPORT, None, package=found.code, version=found.version, content_hash=found.content_hash)
    shelf = Shelf(kept, work.blobs.get)
    sa.event.listen(work.session, "after_commit", lambda _session: catalogue.use(shelf), once=True)
    return found


def install_arrived(work: UnitOfWork) -> None:
    """Take in the packages that came beside their products: after every sync.

    One that does not pass is left, and its product cannot be shown here: the desk's own checks decide, not the sender.
    """
    for product in catalogue.products(work):
        digest = product.package_sha256
        if not digest or not work.blobs.has(digest) or catalogue.find(product.code, product.package_hash):
            continue
        try:
            install(work, work.blobs.get(digest))
        except (BadFile, StoreDamaged):
            log.error("the package that came with product %s is not taken", product.code)


def installed(work: UnitOfWork) -> Sequence[Installed]:
    """What was installed on this desk, in the order of installing."""
    return [Installed(**told) for told in work.note(_NOTE, [])]


def trusted(work: UnitOfWork) -> tuple[SealKey, ...]:
    """The keys that may sign for this desk: head office's since the enrolment, and the samples' own."""
    seat = place.seat(work)
    return (DEMO_KEY, SealKey(bytes.fromhex(seat.server_key))) if seat else (DEMO_KEY,)


def shelf_of(work: UnitOfWork) -> Shelf:
    """The packages of this desk, for :func:`catalogue.use`."""
    return Shelf(installed(work), work.blobs.get)
