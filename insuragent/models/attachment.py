"""An attachment: a file by its content's hash; the bytes lie encrypted beside the database."""

import uuid

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, choice, content, datum, number


class AttachmentUse(Choice):
    SHEET = "sheet", N_("产品说明书")
    SIGNATURE = "signature", N_("签名")
    EVIDENCE = "evidence", N_("证据")
    PHOTO = "photo", N_("影像")
    PACKAGE = "package", N_("产品包")
    LETTER = "letter", N_("函件")


class Attachment(Record):
    """``subject_kind`` and ``subject_id`` name the record it hangs on; no foreign key, as it may be of any type."""

    __tablename__ = "attachment"
    label = N_("附件")
    append_only = True

    use: Mapped[str] = choice(N_("用途"), AttachmentUse)
    subject_kind: Mapped[str] = datum(N_("所属类型"), max_length=40, derived=True)
    subject_id: Mapped[str] = datum(N_("所属记录"), max_length=36, derived=True, parent=True)
    file_name: Mapped[str] = datum(N_("文件名"), max_length=120)
    media_type: Mapped[str] = datum(N_("文件类型"), max_length=80)
    size: Mapped[int] = number(N_("大小（字节）"), optional=False, low=0, high=20 * 1024 * 1024)
    sha256: Mapped[str] = content(N_("摘要"))

    def title(self) -> str:
        return self.file_name

    @property
    def subject(self) -> tuple[str, uuid.UUID]:
        """The kind and id of the record that this file hangs on."""
        return self.subject_kind, uuid.UUID(self.subject_id)
