"""A product that head office publishes; the bytes of its signed package come beside it."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, Search, choice, content, datum, day, items, number


class ProductType(Choice):
    TERM_LIFE = "term_life", N_("定期寿险")
    WHOLE_LIFE = "whole_life", N_("终身寿险")
    INCREASING_WL = "increasing_wl", N_("增额终身寿险")
    ENDOWMENT = "endowment", N_("两全")
    ANNUITY = "annuity", N_("年金")
    CRITICAL_ILLNESS = "critical_illness", N_("重大疾病")
    MEDICAL = "medical", N_("医疗")
    ACCIDENT = "accident", N_("意外")
    CARE = "care", N_("护理")
    UNIVERSAL = "universal", N_("万能")
    INVESTMENT_LINKED = "investment_linked", N_("投连")
    PROPERTY = "property", N_("财产")


class DesignType(Choice):
    ORDINARY = "ordinary", N_("普通型")
    PARTICIPATING = "participating", N_("分红型")
    UNIVERSAL = "universal", N_("万能型")
    LINKED = "linked", N_("投连型")


class ProductStatus(Choice):
    ON_SALE = "on_sale", N_("在售")
    NOTICE_WITHDRAW = "notice_withdraw", N_("已公告停售")
    WITHDRAWN = "withdrawn", N_("已停售")
    LEGACY = "legacy", N_("仅存续")


class Product(Record):
    __tablename__ = "product"
    label = N_("产品")
    office_owned = True

    code: Mapped[str] = datum(N_("产品代码"), max_length=40, search=Search.CODE)
    name: Mapped[str] = datum(N_("产品名称"), max_length=100, search=Search.NAME)
    filing_no: Mapped[str] = datum(N_("备案号"), max_length=60)
    version: Mapped[str] = datum(N_("版本"), max_length=20)
    package_hash: Mapped[str] = datum(N_("产品包摘要"), max_length=64)
    package_sha256: Mapped[str | None] = content(N_("产品包"), optional=True)
    type: Mapped[str] = choice(N_("险种"), ProductType)
    design_type: Mapped[str] = choice(N_("设计类型"), DesignType)
    p_level: Mapped[str] = datum(N_("产品等级"), max_length=4)
    min_agent_level: Mapped[str] = datum(N_("销售资质要求"), max_length=4)
    status: Mapped[str] = choice(N_("销售状态"), ProductStatus, default=ProductStatus.ON_SALE)
    withdraw_from: Mapped[dt.date | None] = day(N_("停售日期"))
    notice_id: Mapped[str | None] = datum(N_("公告编号"), optional=True, max_length=40)
    filed_on: Mapped[dt.date] = day(N_("备案日期"), optional=False)
    entry_age_min: Mapped[int | None] = number(N_("最低投保年龄"), low=0, high=120)
    entry_age_max: Mapped[int | None] = number(N_("最高投保年龄"), low=0, high=120)
    summary: Mapped[dict[str, Any]] = items(N_("产品要素"), default=dict, prose=False)

    def title(self) -> str:
        return self.name
