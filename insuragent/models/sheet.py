"""An explanation sheet: what was told to a customer about a product, as printed and signed."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import (
    Choice,
    Search,
    Sensitivity,
    choice,
    day,
    items,
    link,
    long_text,
    moment,
    number,
    text,
)


class SheetState(Choice):
    DRAFTED = "drafted", N_("草拟")
    PRINTED = "printed", N_("已打印")
    DELIVERED = "delivered", N_("已交付")
    ACKNOWLEDGED = "acknowledged", N_("已签收")
    REFUSED = "refused", N_("客户拒签")
    VOID = "void", N_("作废")


class Sheet(Record):
    __tablename__ = "sheet"
    label = N_("产品说明书")

    customer_id: Mapped[uuid.UUID] = link("customer", N_("客户"))
    needs_id: Mapped[uuid.UUID | None] = link("needs_analysis", N_("需求分析"), optional=True)
    sheet_no: Mapped[str] = text(N_("文件编号"), max_length=40, search=Search.CODE, derived=True)
    product_code: Mapped[str] = text(N_("产品代码"), max_length=40)
    product_name: Mapped[str] = text(N_("产品名称"), max_length=100, search=Search.TEXT)
    product_version: Mapped[str] = text(N_("产品版本"), max_length=20)
    package_hash: Mapped[str] = text(N_("产品包摘要"), max_length=64, derived=True)
    policy_hash: Mapped[str] = text(N_("规则数据摘要"), max_length=64, derived=True)
    agent_id: Mapped[uuid.UUID | None] = link("staff", N_("销售人员"), optional=True, derived=True)
    inputs: Mapped[dict[str, Any]] = items(N_("投保示例输入"), default=dict, sensitivity=Sensitivity.FINANCIAL)
    rows: Mapped[list[Any]] = items(N_("演示结果"), derived=True)
    result_hash: Mapped[str] = text(N_("结果摘要"), max_length=64, derived=True)
    prompt_items: Mapped[list[str]] = items(N_("讲解项目"))
    template_version: Mapped[str] = text(N_("模板版本"), max_length=20, derived=True)
    pdf_hash: Mapped[str | None] = text(N_("文件摘要"), optional=True, max_length=64, derived=True)
    pages: Mapped[int | None] = number(N_("页数"), derived=True)
    print_count: Mapped[int] = number(N_("打印份数"), optional=False, default=0, derived=True)
    explained_at: Mapped[dt.datetime | None] = moment(N_("讲解时间"), derived=True)
    statement_copied: Mapped[str | None] = long_text(N_("抄录语句"), max_length=400)
    state: Mapped[str] = choice(N_("签收"), SheetState, default=SheetState.DRAFTED, derived=True)
    signed_at: Mapped[dt.datetime | None] = moment(N_("签署时间"), derived=True)
    signature_id: Mapped[uuid.UUID | None] = link("attachment", N_("客户签名"), optional=True, derived=True)
    document_id: Mapped[uuid.UUID | None] = link("attachment", N_("文件"), optional=True, derived=True)
    supersedes_id: Mapped[uuid.UUID | None] = link("sheet", N_("更正的说明书"), optional=True, derived=True)
    void_reason: Mapped[str | None] = text(N_("作废原因"), optional=True, derived=True)
    valid_until: Mapped[dt.date | None] = day(N_("有效期至"), derived=True)

    def title(self) -> str:
        return f"{self.sheet_no} {self.product_name}"
