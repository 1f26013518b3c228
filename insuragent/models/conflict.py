"""A conflict: one field that two hands changed, waiting for a person to choose."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, choice, datum, items, moment


class ConflictState(Choice):
    OPEN = "open", N_("待处理")
    RESOLVED = "resolved", N_("已处理")
    CLOSED = "closed", N_("已关闭")


class Conflict(Record):
    """``base``, ``mine`` and ``theirs`` hold ``{"value": …}`` in wire form; the record itself shows *theirs*.

    The losing value stays here and in the journal. An open conflict follows the newest *theirs*; typing into
    the contested field closes it: whoever types has chosen.
    """

    __tablename__ = "conflict"
    __table_args__ = (Index("ix_conflict_record", "record_id", "state"),)
    label = N_("冲突")
    synced = False

    record_kind: Mapped[str] = datum(N_("记录类型"), max_length=40, derived=True)
    record_id: Mapped[str] = datum(N_("记录"), max_length=36, derived=True, parent=True)
    field_name: Mapped[str] = datum(N_("字段"), max_length=60, derived=True)
    base: Mapped[dict[str, Any]] = items(N_("原值"), default=dict, derived=True, prose=False)
    mine: Mapped[dict[str, Any]] = items(N_("本机的值"), default=dict, derived=True, prose=False)
    theirs: Mapped[dict[str, Any]] = items(N_("对方的值"), default=dict, derived=True, prose=False)
    mine_at: Mapped[dt.datetime | None] = moment(N_("本机修改时间"), derived=True)
    theirs_at: Mapped[dt.datetime | None] = moment(N_("对方修改时间"), derived=True)
    #: Empty for this desk's own person; a former agent's name and device where he had typed before a hand-over.
    mine_by: Mapped[str | None] = datum(N_("填写人"), optional=True, derived=True)
    mine_device: Mapped[str | None] = datum(N_("填写设备"), optional=True, max_length=64, derived=True)
    theirs_by: Mapped[str | None] = datum(N_("对方"), optional=True, derived=True)
    theirs_device: Mapped[str | None] = datum(N_("对方设备"), optional=True, max_length=64, derived=True)
    state: Mapped[str] = choice(N_("状态"), ConflictState, default=ConflictState.OPEN, derived=True)

    @property
    def subject(self) -> tuple[str, uuid.UUID]:
        """The kind and id of the contested record."""
        return self.record_kind, uuid.UUID(self.record_id)
