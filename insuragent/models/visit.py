"""A visit: planned, held, and what came of it."""

import datetime as dt
import uuid

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, Sensitivity, choice, datum, day, items, link, long_text, moment, text
from insuragent.rules.merging import Merge
from insuragent.rules.phrases import Setting


class VisitPurpose(Choice):
    FIRST_CONTACT = "first_contact", N_("初次接触")
    NEEDS = "needs", N_("需求面谈")
    EXPLAIN = "explain", N_("方案讲解")
    SIGN = "sign", N_("投保协助")
    DELIVER = "deliver", N_("保单递送")
    REVIEW = "review", N_("保单检视")
    RENEWAL = "renewal", N_("续期提醒")
    CLAIM = "claim", N_("理赔协助")
    MAINTENANCE = "maintenance", N_("保全服务")
    COMPLAINT = "complaint", N_("投诉处理")
    CARE = "care", N_("关怀")
    REFERRAL = "referral", N_("转介绍")
    COLLECT_DOC = "collect_doc", N_("资料补收")


class VisitStatus(Choice):
    PLANNED = "planned", N_("已计划")
    CONFIRMED = "confirmed", N_("已确认")
    STARTED = "started", N_("进行中")
    HELD = "held", N_("已完成")
    NO_SHOW = "no_show", N_("客户未到")
    REFUSED = "refused", N_("客户拒访")
    CANCELLED = "cancelled", N_("已取消")
    MISSED = "missed", N_("逾期未访")


class VisitOutcome(Choice):
    INTERESTED = "interested", N_("有意向")
    THINK = "think", N_("考虑中")
    DECLINED = "declined", N_("拒绝")
    APPLIED = "applied", N_("提交投保")
    SERVED = "served", N_("服务完成")
    COMPLAINT = "complaint", N_("提出投诉")
    UNREACHABLE = "unreachable", N_("未联系上")


class NextAction(Choice):
    NONE = "none", N_("无")
    CALL = "call", N_("致电")
    VISIT = "visit", N_("再次拜访")
    SEND = "send", N_("送资料")
    SHEET = "sheet", N_("制作说明书")


class Visit(Record):
    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_planned_start", "planned_start"), Index("ix_visit_status", "status"))
    label = N_("拜访")

    customer_id: Mapped[uuid.UUID | None] = link("customer", N_("客户"), parent=True, optional=True)
    agent_id: Mapped[uuid.UUID | None] = link("staff", N_("服务人员"), optional=True, derived=True)
    purpose: Mapped[str] = choice(N_("目的"), VisitPurpose)
    status: Mapped[str] = choice(N_("状态"), VisitStatus, default=VisitStatus.PLANNED)
    subject: Mapped[str | None] = text(N_("主题"), optional=True, max_length=100, setting=Setting.NOTE)
    planned_start: Mapped[dt.datetime] = moment(N_("计划开始"), optional=False)
    planned_end: Mapped[dt.datetime] = moment(N_("计划结束"), optional=False)
    place_text: Mapped[str | None] = datum(N_("地点"), optional=True, sensitivity=Sensitivity.PERSONAL)
    place_region: Mapped[str | None] = datum(
        N_("地点区划"),
        optional=True,
        max_length=6,
        check="region",
        sensitivity=Sensitivity.PERSONAL,
        hint=N_("六位行政区划代码"),
    )
    actual_start: Mapped[dt.datetime | None] = moment(N_("实际开始"))
    actual_end: Mapped[dt.datetime | None] = moment(N_("实际结束"))
    late_reason: Mapped[str | None] = text(N_("补录原因"), optional=True, setting=Setting.NOTE)
    participants: Mapped[list[str]] = items(N_("参与人"), sensitivity=Sensitivity.PERSONAL, prose=False)
    #: Each item by its words as they stood in the policy of the day, and whether it is ticked.
    checklist: Mapped[dict[str, bool]] = items(N_("检查清单"), default=dict, prose=False, merge=Merge.JOIN)
    outcome: Mapped[str | None] = choice(N_("结果"), VisitOutcome, optional=True)
    summary: Mapped[str | None] = long_text(
        N_("小结"), max_length=2000, sensitivity=Sensitivity.PERSONAL, setting=Setting.NOTE
    )
    customer_words: Mapped[str | None] = long_text(
        N_("客户原话"), max_length=2000, sensitivity=Sensitivity.PERSONAL, setting=Setting.QUOTE
    )
    next_action: Mapped[str | None] = choice(N_("下一步"), NextAction, optional=True)
    next_due: Mapped[dt.date | None] = day(N_("下一步日期"))
    next_note: Mapped[str | None] = text(N_("下一步说明"), optional=True, setting=Setting.NOTE)

    def title(self) -> str:
        return self.subject or type(self).label
