"""Papers that a customer signed by hand: taken in as they were scanned, never changed, and found again."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from insuragent.documents import scanned
from insuragent.errors import BadFile, NoAccess
from insuragent.i18n import N_, _
from insuragent.models import Attachment, Consent, Record
from insuragent.models.attachment import AttachmentUse
from insuragent.models.fields import fields_of
from insuragent.rules import filetypes
from insuragent.rules.access import Action
from insuragent.services import records
from insuragent.services.papers import Paper, attach
from insuragent.store.work import UnitOfWork, record_type

#: What a desk lists as papers; a signature's strokes are part of the paper that they signed.
_PAPERS = (AttachmentUse.SHEET, AttachmentUse.LETTER, AttachmentUse.EVIDENCE, AttachmentUse.PHOTO)
#: What was made here and handed out, to come back signed.
_HANDED_OUT = (AttachmentUse.SHEET, AttachmentUse.LETTER)
_AGAIN = N_("请重新扫描或拍照后再选。没有归档任何内容。")


@dataclass(frozen=True)
class Kept:
    """A paper that is kept: when and by whom it was filed. ``of`` is the paper whose signed copy it is, if it is one.

    ``scan`` tells a scan from what this program made; the bytes of what is not ``here`` come with the next sync.
    """

    id: uuid.UUID
    name: str
    use: str
    at: dt.datetime
    by: str
    size: int
    here: bool
    scan: bool
    of: uuid.UUID | None


def file(work: UnitOfWork, kind: str, record_id: uuid.UUID, path: Path) -> Attachment:
    """Keep a paper that was signed by hand beside the record that it is about: a sheet, a consent, a letter, …

    The file is judged by what it is, not by its name: a PDF, JPEG or PNG that can be read, no larger than an attachment
    may be, and not filed before. The journal tells who filed it and when; it is never changed and goes
    to head office as every attachment.

    Raises RecordGone, NotPermitted, BadFile, DiskFull or StoreReadOnly.
    """
    subject = work.get(record_type(kind), record_id)
    records.allow(work, Action.CREATE, Attachment)
    data = _read(path)
    media = filetypes.kind_of(data)
    if media not in scanned.ENDINGS:
        hint = N_("请另存为其中一种再选。没有归档任何内容。")
        raise BadFile(N_("扫描件只接受 PDF、JPEG 或 PNG，按内容判断，与文件名无关"), hint=hint)
    if not scanned.is_readable(data, media):
        raise BadFile(N_("扫描件不完整、有密码或无法打开，日后不能作为凭证"), hint=_AGAIN)
    _refuse_double(work, hashlib.sha256(data).hexdigest(), subject)
    title = _("{title}（客户签署件）").format(title=_title(subject).removesuffix(".pdf")[:100])
    name = f"{title}.{scanned.ENDINGS[media]}"
    made = attach(work, subject, AttachmentUse.EVIDENCE, name, media, data)
    if isinstance(subject, Consent) and subject.evidence_id is None:
        subject.evidence_id = made.id
    return made


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > filetypes.LARGEST:
            raise BadFile(N_("附件超过 20 MB"), hint=N_("请压缩或分成几个文件。"))
        data = path.read_bytes()
    except OSError as error:
        raise NoAccess(path.name) from error
    if not data:
        raise BadFile(filetypes.REASONS["file_empty"], hint=_AGAIN)
    return data


def _refuse_double(work: UnitOfWork, digest: str, subject: Record) -> None:
    """The same bytes are filed once: a second time is a slip, and elsewhere the wrong file was chosen."""
    held = work.scalars(sa.select(Attachment).where(Attachment.sha256 == digest, Attachment.archived_at.is_(None)))
    if any(one.use in _HANDED_OUT for one in held):
        raise BadFile(N_("这是打印出去的原件，上面没有客户的签名"), hint=N_("请选择客户签名之后的扫描件。"))
    if any(one.subject_id == str(subject.id) for one in held):
        raise BadFile(N_("这份扫描件已经归档，不需要再归档一次"))
    if held:
        raise BadFile(N_("这份扫描件已归档在另一处"), hint=N_("请核对是否选错了文件；另一份文件请另外扫描。"))


def _title(subject: Record) -> str:
    if isinstance(subject, Consent):
        purpose = records.in_words(fields_of(Consent)["purpose"], subject.purpose)
        return _("个人信息处理告知书 {purpose}").format(purpose=purpose)
    return subject.title()


# --- found again -------------------------------------------------------------------------------------------------


def kept(work: UnitOfWork, customer_id: uuid.UUID) -> list[Kept]:
    """Every paper that hangs on a customer, or on what hangs on him, the newest first."""
    found = _hanging_on(work, [customer_id, *(one.id for one in records.of_customer(work, customer_id))])
    ids = {one.id for one in found}
    listed = [one for one in found if one.use in _PAPERS]
    listed.sort(key=lambda one: one.number, reverse=True)
    return [_kept(work, one, ids) for one in listed]


def _kept(work: UnitOfWork, one: Attachment, papers: set[uuid.UUID]) -> Kept:
    first = records.history(work, one.id)[-1:]
    _kind, subject_id = one.subject
    return Kept(
        one.id, one.file_name, str(one.use), one.created_at, first[0].by if first else "", one.size,
        work.blobs.has(one.sha256), one.use not in _HANDED_OUT, subject_id if subject_id in papers else None,
    )  # fmt: skip


def _hanging_on(work: UnitOfWork, above: Iterable[uuid.UUID]) -> list[Attachment]:
    """The attachments of these records, and the scans of those attachments."""
    hanging = sa.select(Attachment).where(
        Attachment.subject_id.in_([str(one) for one in above]), Attachment.archived_at.is_(None)
    )
    found = list(work.scalars(hanging))
    return found + _hanging_on(work, [one.id for one in found]) if found else found


def look(work: UnitOfWork, attachment_id: uuid.UUID, reason: str = "") -> bytes:
    """The pages of a kept paper as a PDF. Who looked at a scan, and why, enters the journal (data dictionary: SS).

    Raises RecordGone, NotPermitted without a reason, StoreDamaged where the bytes are not here.
    """
    one = work.get(Attachment, attachment_id)
    if one.use not in _HANDED_OUT:
        records.reveal(work, Attachment, attachment_id, "sha256", reason)
    return scanned.pages(work.blobs.get(one.sha256), one.media_type)


def paper(work: UnitOfWork, attachment_id: uuid.UUID) -> Paper:
    """A kept paper, to be printed or copied once more. Raises as :func:`look`."""
    one = work.get(Attachment, attachment_id)
    data = scanned.pages(work.blobs.get(one.sha256), one.media_type)
    return Paper("kept_paper", one.file_name.rpartition(".")[0] or one.file_name, data, Attachment.kind(), one.id)
