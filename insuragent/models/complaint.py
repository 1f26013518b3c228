"""A complaint, taken down when it is spoken; its clocks count from that moment, not from sync."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.choices import Channel
from insuragent.models.fields import (
    Choice,
    Search,
    Sensitivity,
    choice,
    datum,
    day,
    items,
    link,
    long_text,
    moment,
    money,
    text,
    yes_no,
)
from insuragent.rules.merging import Merge
from insuragent.rules.phrases import Setting

PERSONAL, THEIRS = Sensitivity.PERSONAL, Merge.THEIRS
#: Whatever is written of a complaint must name what was said, so that no word of it is refused; also the reply.
ACCOUNT = Setting.ACCOUNT


class Category(Choice):
    SALE_MISLEAD = "sale_mislead", N_("销售误导")
    SALE_DISPUTE = "sale_dispute", N_("销售纠纷")
    IDENTITY_SIGN = "identity_sign", N_("代签代抄")
    PREMIUM = "premium", N_("保费续期")
    SURRENDER = "surrender", N_("退保")
    CLAIM_REFUSE = "claim_refuse", N_("理赔拒赔")
    CLAIM_SLOW = "claim_slow", N_("理赔时效")
    CLAIM_AMOUNT = "claim_amount", N_("理赔金额")
    POLICY_CHANGE = "policy_change", N_("保全变更")
    DIVIDEND = "dividend", N_("红利利率")
    DELIVERY = "delivery", N_("保单送达")
    RETURN_VISIT = "return_visit", N_("回访")
    SERVICE_ATTITUDE = "service_attitude", N_("服务态度")
    PRIVACY = "privacy", N_("信息泄露")
    BUNDLING = "bundling", N_("强制搭售")
    AGENT_LEFT = "agent_left", N_("服务中断")
    SYSTEM = "system", N_("系统故障")
    FRAUD = "fraud", N_("涉嫌违规违法")
    OTHER = "other", N_("其他")


class Severity(Choice):
    S1 = "S1", N_("重大")
    S2 = "S2", N_("较大")
    S3 = "S3", N_("一般")
    S4 = "S4", N_("轻微")


class ComplaintState(Choice):
    DRAFT = "draft", N_("草稿")
    CAPTURED = "captured", N_("已记录")
    ACKNOWLEDGED = "acknowledged", N_("已首次响应")
    ACCEPTED = "accepted", N_("已受理")
    NOT_ACCEPTED = "not_accepted", N_("不予受理")
    INVESTIGATING = "investigating", N_("调查中")
    ESCALATED = "escalated", N_("已上报")
    EXT30_REQUESTED = "ext30_requested", N_("申请延期至30日")
    EXT30 = "ext30", N_("延期至30日")
    EXT60_REQUESTED = "ext60_requested", N_("申请延期至60日")
    EXT60 = "ext60", N_("延期至60日")
    DECIDED = "decided", N_("已作决定")
    REPLIED = "replied", N_("已答复")
    CLOSED = "closed", N_("已办结")
    WITHDRAWN = "withdrawn", N_("已撤回")
    MEDIATION = "mediation", N_("调解中")
    REVIEW_REQUESTED = "review_requested", N_("申请核查")
    REVIEW_DECIDED = "review_decided", N_("核查决定")
    TRANSFERRED = "transferred", N_("已转办")


class ComplaintResult(Choice):
    UPHELD = "upheld", N_("全部支持")
    PARTLY = "partly", N_("部分支持")
    REJECTED = "rejected", N_("不支持")
    SETTLED = "settled", N_("协商解决")
    MEDIATED = "mediated", N_("调解")
    WITHDRAWN = "withdrawn", N_("撤回")


class Role(Choice):
    SELF = "self", N_("本人")
    AGENT = "agent", N_("代理人")
    HEIR = "heir", N_("继承人")


class Complaint(Record):
    __tablename__ = "complaint"
    __table_args__ = (Index("ix_complaint_received_at", "received_at"), Index("ix_complaint_state", "state"))
    label = N_("投诉")

    complaint_no: Mapped[str] = datum(N_("编号"), max_length=40, search=Search.CODE, derived=True)
    customer_id: Mapped[uuid.UUID | None] = link("customer", N_("客户"), parent=True, optional=True)
    complainant_name: Mapped[str] = datum(
        N_("投诉人"), max_length=50, mask="name", sensitivity=PERSONAL, search=Search.NAME, check="person_name"
    )
    contact: Mapped[str] = datum(
        N_("联系方式"), max_length=100, mask="phone", sensitivity=PERSONAL, search=Search.DIGITS, check="contact"
    )
    role: Mapped[str] = choice(N_("投诉人身份"), Role, default=Role.SELF)
    received_at: Mapped[dt.datetime] = moment(N_("收到时间"), optional=False)
    channel: Mapped[str] = choice(N_("渠道"), Channel, default=Channel.FACE)
    category: Mapped[str] = choice(N_("类别"), Category)
    second_category: Mapped[str | None] = choice(N_("第二类别"), Category, optional=True)
    third_category: Mapped[str | None] = choice(N_("第三类别"), Category, optional=True)
    sub_reason: Mapped[str | None] = text(N_("具体原因"), optional=True, setting=ACCOUNT)
    severity: Mapped[str] = choice(N_("严重程度"), Severity, default=Severity.S3)
    facts: Mapped[str] = long_text(
        N_("事实经过"), optional=False, sensitivity=PERSONAL, search=Search.TEXT, setting=ACCOUNT
    )
    demand: Mapped[str | None] = long_text(N_("诉求"), max_length=1000, sensitivity=PERSONAL, setting=ACCOUNT)
    amount: Mapped[int | None] = money(N_("涉及金额"))
    place: Mapped[str | None] = datum(N_("地点"), optional=True)
    respondent: Mapped[str | None] = datum(N_("被投诉对象"), optional=True, search=Search.TEXT)
    respondent_id: Mapped[uuid.UUID | None] = link("staff", N_("被投诉人员"), optional=True)
    policy_no: Mapped[str | None] = datum(N_("保单号"), optional=True, max_length=30, search=Search.CODE)
    state: Mapped[str] = choice(N_("状态"), ComplaintState, default=ComplaintState.CAPTURED, derived=True, merge=THEIRS)
    first_response_due: Mapped[dt.datetime] = moment(N_("首次响应期限"), optional=False, derived=True)
    first_response_at: Mapped[dt.datetime | None] = moment(N_("首次响应时间"), derived=True)
    first_response_way: Mapped[str | None] = choice(N_("首次响应方式"), Channel, optional=True, derived=True)
    first_response_note: Mapped[str | None] = long_text(N_("首次响应内容"), derived=True, setting=ACCOUNT)
    due15: Mapped[dt.date] = day(N_("15日期限"), optional=False, derived=True)
    due30: Mapped[dt.date] = day(N_("30日期限"), optional=False, derived=True)
    due60: Mapped[dt.date] = day(N_("60日期限"), optional=False, derived=True)
    progress: Mapped[list[Any]] = items(N_("进展"), derived=True, prose=True, setting=ACCOUNT, merge=Merge.JOIN)
    handler_id: Mapped[uuid.UUID | None] = link("staff", N_("处理人"), optional=True, derived=True, merge=THEIRS)
    result: Mapped[str | None] = choice(N_("处理结果"), ComplaintResult, optional=True, derived=True, merge=THEIRS)
    decision: Mapped[str | None] = long_text(N_("处理决定"), derived=True, merge=THEIRS, setting=ACCOUNT)
    reply: Mapped[str | None] = long_text(N_("答复"), derived=True, setting=ACCOUNT)
    replied_at: Mapped[dt.datetime | None] = moment(N_("答复时间"), derived=True)
    received_by_server: Mapped[dt.datetime | None] = moment(N_("总公司收到时间"), derived=True, merge=THEIRS)
    remedy_told: Mapped[bool | None] = yes_no(N_("已告知救济途径"), derived=True)

    def title(self) -> str:
        return self.complaint_no
