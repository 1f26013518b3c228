"""What leaves the desk on paper or as a file: made first, and told in the journal once it has left."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insuragent.documents import copies as encryption
from insuragent.documents.content import Agent
from insuragent.i18n import _
from insuragent.models import Attachment, Deed, Record, Staff
from insuragent.models.attachment import AttachmentUse
from insuragent.rules.access import Action
from insuragent.services import records, restriction
from insuragent.settings import write_whole
from insuragent.store.work import UnitOfWork, record_type


@dataclass(frozen=True)
class Paper:
    """Pages that are ready, of which nothing is told yet.

    ``what`` is the journal's word for them, ``title`` what people call them. ``kind`` and ``record_id`` name the record
    that they are about, if any. With ``kept`` they become its attachment when they are handed out; ``given`` is what
    then follows, told how many copies a printer took (none for a file) and the attachment. ``files`` go along with an
    encrypted copy. What is ``owed`` to the customer himself is handed out also when his data are restricted.
    """

    what: str
    title: str
    data: bytes
    kind: str = ""
    record_id: uuid.UUID | None = None
    kept: bool = False
    given: Callable[[UnitOfWork, int, Attachment | None], object] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    owed: bool = False

    @property
    def file_name(self) -> str:
        """What a file with these pages is called."""
        return f"{self.title[:100]}.pdf"


def printed(work: UnitOfWork, paper: Paper, copies: int = 1, pages: str = "") -> None:
    """Tell that a printer took ``copies``, of all pages or of some such as "2-3" (requirement: copies are audited).

    Called after the printer took them: one that vanished leaves no count. Raises NotPermitted, RecordGone, DiskFull.
    """
    _hand_out(work, paper, Deed.PRINT, copies, pages=pages or None)


def exported(work: UnitOfWork, paper: Paper, file: Path) -> str:
    """Write an encrypted copy and tell it in the journal; returns the code that opens it, which is kept nowhere.

    The file is written last and whole: without it there is no entry, without the entry no file.
    Raises NotPermitted, RecordGone, DiskFull or StoreReadOnly.
    """
    code = encryption.new_code()
    copy = encryption.encrypted(paper.data, code, paper.files)
    _hand_out(work, paper, Deed.EXPORT, 0, copy_sha256=hashlib.sha256(copy).hexdigest())
    work.flush()
    write_whole(file, copy)
    return code


def _hand_out(work: UnitOfWork, paper: Paper, deed: Deed, copies: int, **told: Any) -> None:
    record = work.get(record_type(paper.kind), paper.record_id) if paper.record_id else None
    if record is not None and not paper.owed:
        restriction.require_free(work, record)
    if record is not None:
        records.allow(work, Action(deed.value), type(record), record)
    kept = None
    if paper.kept and record is not None:
        kept = attach(work, record, AttachmentUse.LETTER, paper.file_name, "application/pdf", paper.data)
    if paper.given is not None:
        paper.given(work, copies, kept)
    facts = {"what": paper.what, "copies": copies or None, "sha256": hashlib.sha256(paper.data).hexdigest()} | told
    work.tell(deed, record, **{name: value for name, value in facts.items() if value is not None})


def attach(work: UnitOfWork, subject: Record, use: AttachmentUse, name: str, media: str, data: bytes) -> Attachment:
    """Keep bytes as an attachment of a record. Raises BadFile above 20 MB, DiskFull or StoreReadOnly."""
    digest = work.blobs.put(data)
    return work.add(
        Attachment(
            use=use,
            subject_kind=subject.kind(),
            subject_id=str(subject.id),
            file_name=name,
            media_type=media,
            size=len(data),
            sha256=digest,
        )
    )


def sender(work: UnitOfWork) -> tuple[str, Agent]:
    """The company and the agent in whose name this desk writes."""
    staff = work.find(Staff, work.actor.staff_id) if work.actor.staff_id else None
    if staff is None:
        return _("保险管家"), Agent(_("未登记"), "")
    return staff.company, Agent(staff.name, staff.licence_no, staff.branch)
