"""An explanation sheet: what was told to a customer about a product, as printed and signed."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.choices import Gender
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
    number,
    text,
    yes_no,
)
from insuragent.rules.phrases import Setting


class SheetState(Choice):
    DRAFTED = "drafted", N_("草拟")
    PRINTED = "printed", N_("已打印")
    DELIVERED = "delivered", N_("已交付")
    ACKNOWLEDGED = "acknowledged", N_("已签收")
    REFUSED = "refused", N_("客户拒签")
    VOID = "void", N_("作废")


class RiskLevel(Choice):
    C1 = "C1", N_("C1 保守")
    C2 = "C2", N_("C2 稳健")
    C3 = "C3", N_("C3 平衡")
    C4 = "C4", N_("C4 进取")
    C5 = "C5", N_("C5 激进")


class Applicant(Choice):
    """What the policyholder is to the insured."""

    SELF = "self", N_("本人")
    PARENT = "parent", N_("父母")
    SPOUSE = "spouse", N_("配偶")
    OTHER = "other", N_("其他人")


class VoidCause(Choice):
    CORRECTED = "corrected", N_("由新的说明书更正")
    WITHDRAWN = "withdrawn", N_("产品停售")
    OTHER = "other", N_("其他")


CHECKS = N_("签署前核对")


class Sheet(Record):
    __tablename__ = "sheet"
    label = N_("产品说明书")

    customer_id: Mapped[uuid.UUID] = link("customer", N_("客户"), parent=True)
    needs_id: Mapped[uuid.UUID | None] = link("needs_analysis", N_("需求分析"), optional=True)
    sheet_no: Mapped[str] = datum(N_("文件编号"), max_length=40, search=Search.CODE, derived=True)
    product_code: Mapped[str] = datum(N_("产品代码"), max_length=40)
    product_name: Mapped[str] = datum(N_("产品名称"), max_length=100, search=Search.TEXT)
    product_version: Mapped[str] = datum(N_("产品版本"), max_length=20)
    package_hash: Mapped[str] = datum(N_("产品包摘要"), max_length=64, derived=True)
    policy_hash: Mapped[str] = datum(N_("规则数据摘要"), max_length=64, derived=True)
    agent_id: Mapped[uuid.UUID | None] = link("staff", N_("销售人员"), optional=True, derived=True)
    inputs: Mapped[dict[str, Any]] = items(
        N_("投保示例输入"), default=dict, sensitivity=Sensitivity.FINANCIAL, prose=True, setting=Setting.SHEET
    )
    rows: Mapped[list[Any]] = items(N_("演示结果"), derived=True, prose=False)
    result_hash: Mapped[str] = datum(N_("结果摘要"), max_length=64, derived=True)
    insured_id: Mapped[uuid.UUID | None] = link("family_member", N_("被保险人"), optional=True, derived=True)
    insured_name: Mapped[str | None] = datum(
        N_("被保险人姓名"), optional=True, max_length=50, mask="name", sensitivity=Sensitivity.PERSONAL, derived=True
    )
    insured_sex: Mapped[str | None] = choice(N_("被保险人性别"), Gender, optional=True, derived=True)
    insured_born: Mapped[dt.date | None] = day(N_("被保险人出生日期"), sensitivity=Sensitivity.PERSONAL, derived=True)
    applicant: Mapped[str | None] = choice(N_("投保人是被保险人的"), Applicant, optional=True, derived=True)
    #: What was explained, each item with its moment: {"code", "at"}.
    explained: Mapped[list[Any]] = items(N_("讲解项目"), prose=False)
    id_checked: Mapped[bool | None] = yes_no(N_("已核对身份证件"), group=CHECKS)
    promises_told: Mapped[bool | None] = yes_no(N_("已说明服务承诺"), group=CHECKS)
    risk_level: Mapped[str | None] = choice(
        N_("客户风险承受等级"), RiskLevel, optional=True, group=CHECKS, sensitivity=Sensitivity.FINANCIAL
    )
    risk_assessed_on: Mapped[dt.date | None] = day(N_("风险测评日期"), group=CHECKS)
    beneficiary_note: Mapped[str | None] = text(
        N_("受益人及其与被保险人的关系"),
        optional=True,
        group=CHECKS,
        sensitivity=Sensitivity.PERSONAL,
        hint=N_("身故受益人由被保险人指定，不能是销售人员"),
        setting=Setting.SHEET,
    )
    insured_consent: Mapped[bool | None] = yes_no(
        N_("被保险人同意投保并认可保额"), group=CHECKS, hint=N_("为他人投保身故责任时必填，父母为未成年子女投保除外")
    )
    other_death_cover: Mapped[int | None] = money(
        N_("其他公司的身故保额"), group=CHECKS, hint=N_("被保险人未成年时必填，没有请填 0")
    )
    reimbursement_policies: Mapped[int | None] = number(N_("已有费用补偿型医疗险（份）"), low=0, high=50, group=CHECKS)
    premium_words: Mapped[str | None] = long_text(
        N_("客户对保费负担的确认"),
        max_length=400,
        group=CHECKS,
        sensitivity=Sensitivity.FINANCIAL,
        setting=Setting.QUOTE,
    )
    own_will: Mapped[str | None] = long_text(
        N_("客户坚持投保的自愿确认"),
        max_length=400,
        group=CHECKS,
        sensitivity=Sensitivity.FINANCIAL,
        setting=Setting.QUOTE,
    )
    second_confirmed_at: Mapped[dt.datetime | None] = moment(N_("再次确认时间"), group=CHECKS)
    recording_ref: Mapped[str | None] = datum(N_("双录编号"), optional=True, max_length=60, group=CHECKS)
    companion: Mapped[str | None] = datum(
        N_("陪同人"),
        optional=True,
        max_length=50,
        mask="name",
        group=CHECKS,
        sensitivity=Sensitivity.PERSONAL,
        hint=N_("老年客户可以请家人陪同，不是必须"),
    )
    callback_due: Mapped[dt.date | None] = day(N_("次日回访日期"), derived=True)
    called_back_at: Mapped[dt.datetime | None] = moment(N_("回访完成时间"), derived=True)
    stop_advice_at: Mapped[dt.datetime | None] = moment(N_("终止投保建议时间"), derived=True)
    stop_advice_id: Mapped[uuid.UUID | None] = link("attachment", N_("终止投保建议书"), optional=True, derived=True)
    own_will_signature_id: Mapped[uuid.UUID | None] = link(
        "attachment", N_("自愿确认签名"), optional=True, derived=True
    )
    #: The phrases that a supervisor has read and let pass on this sheet (requirement R7.2a).
    reviewed_words: Mapped[list[str]] = items(N_("主管复核的用语"), derived=True, prose=False)
    reviewed_at: Mapped[dt.datetime | None] = moment(N_("复核时间"), derived=True)
    reviewed_by_id: Mapped[uuid.UUID | None] = link("staff", N_("复核人"), optional=True, derived=True)
    reason_links: Mapped[list[Any]] = items(N_("推荐理由所依据的需求和保障"), prose=False)
    template_version: Mapped[str] = datum(N_("模板版本"), max_length=20, derived=True)
    pdf_hash: Mapped[str | None] = datum(N_("文件摘要"), optional=True, max_length=64, derived=True)
    pages: Mapped[int | None] = number(N_("页数"), derived=True)
    print_count: Mapped[int] = number(N_("打印份数"), optional=False, default=0, derived=True)
    explained_at: Mapped[dt.datetime | None] = moment(N_("讲解时间"), derived=True)
    delivered_at: Mapped[dt.datetime | None] = moment(N_("交付时间"), derived=True)
    refused_reason: Mapped[str | None] = text(N_("拒签原因"), optional=True, derived=True, setting=Setting.ACCOUNT)
    statement_copied: Mapped[str | None] = long_text(N_("抄录语句"), max_length=400, setting=Setting.QUOTE)
    state: Mapped[str] = choice(N_("签收"), SheetState, default=SheetState.DRAFTED, derived=True)
    signed_at: Mapped[dt.datetime | None] = moment(N_("签署时间"), derived=True)
    signature_id: Mapped[uuid.UUID | None] = link("attachment", N_("客户签名"), optional=True, derived=True)
    document_id: Mapped[uuid.UUID | None] = link("attachment", N_("文件"), optional=True, derived=True)
    supersedes_id: Mapped[uuid.UUID | None] = link("sheet", N_("更正的说明书"), optional=True, derived=True)
    voided_at: Mapped[dt.datetime | None] = moment(N_("作废时间"), derived=True)
    void_cause: Mapped[str | None] = choice(N_("作废情形"), VoidCause, optional=True, derived=True)
    void_reason: Mapped[str | None] = text(N_("作废原因"), optional=True, derived=True, setting=Setting.NOTE)
    valid_until: Mapped[dt.date | None] = day(N_("有效期至"), derived=True)

    def title(self) -> str:
        return f"{self.sheet_no} {self.product_name}"
