"""Head office as the desk's person uses it: make this device known, and sync."""

import platform
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from insuragent.errors import DeviceRevoked, HeadOfficeError, InsuragentError, NoAccess, Refused
from insuragent.i18n import N_, SHANGHAI
from insuragent.models import Deed, Staff
from insuragent.models.base import utc_now
from insuragent.security.device import DeviceKey, DeviceKeys
from insuragent.security.vault import Vault
from insuragent.services import catalogue, lease, packages, sheet_duties, syncing
from insuragent.services.desk import Desk
from insuragent.settings import write_whole
from insuragent.store.work import UnitOfWork
from insuragent.sync import attachments, client, codec, parcel, place
from insuragent.sync.place import Seat
from insuragent.sync.progress import Part as Part  # what a pass tells of is part of what is offered here
from insuragent.sync.progress import Step as Step
from insuragent.sync.progress import Watch
from insuragent.sync.protocol.devices import Enrol, EnrolAnswer, Wiped, enrolment_words, plain_code
from insuragent.sync.protocol.parcel import LARGEST_PARCEL
from insuragent.sync.syncer import Outcome as Outcome  # what a pass comes to is part of what is offered here
from insuragent.sync.syncer import Syncer

#: What a device that was wiped leaves for head office, where no line led there.
CONFIRMATION = "insuragent-wiped.parcel"

_ORDERED = N_("总公司已停用本设备：本机资料已清除")
_BRING_BACK = N_("清除的确认写在 {file}，请用 U 盘交回总公司。")
_RETIRED = N_("总公司已收回本设备：内容已全部上传，本机资料已清除")
_NOT_ENROLLED = N_("本设备还没有登记")
_ENROL_FIRST = N_("请向总公司索取登记码，在“同步”页登记本设备。资料保存在本机，已加密。")
_FOREIGN = N_("这不是本机登记过的总公司")
_FOREIGN_HINT = N_("本机的资料属于原来的总公司，没有改变。如要加入另一家，请在新的资料夹中登记。")


@dataclass(frozen=True)
class Enrolled:
    """Whose device this is now."""

    staff_name: str
    device_id: str


def enrol(desk: Desk, address: str, code: str, ca_file: Path | None = None) -> Enrolled:
    """Make this device known to the head office at ``address`` by a one-time code; its owner is signed in.

    A desk that is enrolled again, after a restored backup, keeps its entries; it stays with its head office and its
    owner. Its working key is replaced only by an answer; where that was lost, the same code may be used again.
    ``ca_file`` holds the company's own certificate authority (PEM): it is pinned, and no other is believed from then
    on; an enrolment again without one keeps it. Raises Refused, Unreachable, BadFile.
    """
    address = address.strip().rstrip("/")
    key = desk.offered.setdefault(plain_code(code), DeviceKey.generate())
    with desk.read() as work:
        settled, before = place.settled(work), place.seat(work)
        chain = place.chain_at(work, settled)
    ca = _pinned(ca_file) if ca_file else before.ca if before else ""
    proof = key.sign(enrolment_words(code, key.public_bytes))
    name, owner = platform.node()[:60], before.agent if before else None
    answer = client.enrol(address, Enrol(code, key.public_bytes, proof, settled, chain.hex(), name, owner), ca)
    if before and (before.agent, before.server_key) != (answer.staff_id, answer.server_key.hex()):
        raise Refused("foreign_office", _FOREIGN, hint=_FOREIGN_HINT)
    DeviceKeys(desk.profile.folder, desk.key).keep(key)
    desk.offered.clear()
    with desk.begin() as work:
        staff = _take_staff(work, answer)
        place.take_seat(work, Seat(address, answer.key_id, answer.server_key.hex(), ca))
        work.tell(Deed.ENROL, staff, device=answer.device_id)
    desk.sign_in(staff, answer.device_id)
    return Enrolled(staff.name, answer.device_id)


def _pinned(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise NoAccess(file.name) from error


def in_reach(desk: Desk) -> bool:
    """Whether head office answers now; False before the enrolment. Takes up to some seconds, changes nothing."""
    with desk.read() as work:
        seat = place.seat(work)
    return seat is not None and client.answers(seat.address, seat.ca)


def sync_now(desk: Desk, watch: Watch | None = None) -> Outcome:
    """One pass: pull, merge, push, receipt; ``watch`` hears how far it is and may stop it by raising.

    May run beside the window's own work. Raises Refused, Unreachable, ProtocolTooOld; and DeviceRevoked after the
    keys of this desk were destroyed by head office's signed order (requirement R7.3a): then nothing is left to open.
    """
    seat, key = _seat(desk)
    try:
        with client.line(seat.address, watch, seat.ca) as line:
            office = client.Office(line, key.private_key, seat.key_id, bytes.fromhex(seat.server_key))
            outcome = Syncer(desk.begin, office, watch, desk.store.overwrite).run()
    except DeviceRevoked:
        _leave(desk, seat, key, desk.profile.folder)
        raise
    if _is_done(desk, outcome):
        _leave(desk, seat, key, desk.profile.folder)
        raise DeviceRevoked(_RETIRED)
    _settle(desk, outcome)
    return outcome


def export_parcel(desk: Desk, file: Path) -> int:
    """Write everything that waits as a day package for head office; returns how many entries are in it.

    Nothing counts as sent by it. Raises Refused "not_enrolled", DiskFull or StoreReadOnly.
    """
    seat, key = _seat(desk)
    with desk.begin() as work:
        data, entries = parcel.export(work, seat, key.private_key)
        write_whole(file, data)
    return entries


def import_parcel(desk: Desk, file: Path) -> Outcome | None:
    """Take head office's answer to a day package in; None when this very answer was taken in before.

    Raises BadFile, and Refused as :func:`parcel.take` does: then nothing has changed. Raises DeviceRevoked after the
    keys of this desk were destroyed, by head office's signed order or because everything of it is there; where no
    line leads to head office, the confirmation lies beside ``file`` then, to go the way that the order came.
    """
    seat, key = _seat(desk)
    words = _ORDERED
    try:
        outcome = parcel.take(desk.begin, seat, key.private_key, _read(file), desk.store.overwrite)
        is_done, words = outcome is not None and _is_done(desk, outcome), _RETIRED
    except DeviceRevoked:
        outcome, is_done = None, True
    if is_done:
        left = _leave(desk, seat, key, file.parent)
        raise DeviceRevoked(words, hint=_BRING_BACK if left else "", file=left.name if left else "")
    if outcome is not None:
        _settle(desk, outcome)
    return outcome


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_PARCEL + 1)
    except OSError as error:
        raise NoAccess(file.name) from error


def _seat(desk: Desk) -> tuple[Seat, DeviceKey]:
    """This device's seat and key. Raises Refused "not_enrolled"."""
    with desk.read() as work:
        seat = place.seat(work)
    key = DeviceKeys(desk.profile.folder, desk.key).load()
    if seat is None or key is None:
        raise Refused("not_enrolled", _NOT_ENROLLED, hint=_ENROL_FIRST)
    return seat, key


def _is_done(desk: Desk, outcome: Outcome) -> bool:
    """Whether head office wants this device back and has everything of it."""
    assert outcome.receipt is not None, "a pass that ends well has a receipt"
    return outcome.receipt.leave and not _has_unsent(desk)


def _has_unsent(desk: Desk) -> bool:
    with desk.read() as work:
        return bool(syncing.pending(work) or attachments.unsent(work))


def _leave(desk: Desk, seat: Seat, key: DeviceKey, folder: Path) -> Path | None:
    """Destroy what is here and tell head office so; if it is not in reach, by a file that is left in ``folder``.

    Returns that file. Where not even that can be written, head office's list goes on saying "ordered".
    """
    destroy(desk)
    with suppress(HeadOfficeError), client.line(seat.address, ca=seat.ca) as line:
        office = client.Office(line, key.private_key, seat.key_id, bytes.fromhex(seat.server_key))
        office.wiped(Wiped(utc_now().isoformat()))
        return None
    with suppress(InsuragentError, OSError):
        left = folder / CONFIRMATION
        write_whole(left, parcel.confirmation(seat, key.private_key))
        return left
    return None


def destroy(desk: Desk) -> None:
    """Make this desk's data unreadable for everybody: keys first, then the files that they opened."""
    Vault(desk.profile.folder).destroy()
    DeviceKeys(desk.profile.folder, desk.key).delete()
    desk.close()
    profile = desk.profile
    for file in (profile.database, profile.anchor):
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink(missing_ok=True)
    for folder in (profile.attachments, profile.drafts, profile.backups):
        shutil.rmtree(folder, ignore_errors=True)


def _take_staff(work: UnitOfWork, answer: EnrolAnswer) -> Staff:
    """The owner of this device, as head office keeps the record; the feed brings it again, and changes nothing."""
    staff = work.find(Staff, answer.staff_id)
    values = codec.values_of(Staff, answer.staff)
    with work.taking_over():
        if staff is None:
            made = {"unknown": values.unknown, "revision": answer.staff_revision}
            return work.add(Staff(id=answer.staff_id, **(values.known | made)))
        for name, value in values.known.items():
            setattr(staff, name, value)
    return staff


def _settle(desk: Desk, outcome: Outcome) -> None:
    """Keep what a pass came to, and do what follows from what arrived."""
    with desk.begin() as work:
        _note(work, outcome)
        packages.install_arrived(work)
        sheet_duties.follow_products(work)
    outcome.changed |= work.changed


def _note(work: UnitOfWork, outcome: Outcome) -> None:
    assert outcome.receipt is not None, "a pass that ends well has a receipt"
    assert outcome.server_time is not None, "a pass begins with head office's clock"
    told: dict[str, Any] = msgspec.to_builtins(outcome.receipt)
    work.set_note(syncing.RECEIPT_NOTE, told)
    syncing.keep_office_head(work, outcome.receipt.office_number, outcome.receipt.office_chain)
    work.set_note(syncing.SYNC_NOTE, outcome.server_time.isoformat())
    work.set_note(syncing.SKEW_NOTE, outcome.skew)
    work.set_note(catalogue.STATUS_NOTE, outcome.server_time.astimezone(SHANGHAI).date().isoformat())
    lease.renew(work, outcome.server_time, outcome.receipt.lease_days)
    work.tell(
        Deed.SYNC,
        None,
        sent=outcome.sent,
        received=outcome.received,
        head=outcome.receipt.head,
        office=outcome.receipt.office_number,
        office_chain=outcome.receipt.office_chain,
    )
