"""A member of staff: agent, supervisor, handler, compliance; head office owns the record."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.choices import Gender
from insuragent.models.fields import Choice, Search, Sensitivity, choice, datum, day, items, number


class StaffRole(Choice):
    AGENT = "agent", N_("代理人")
    SUPERVISOR = "supervisor", N_("主管")
    HANDLER = "handler", N_("投诉处理人")
    COMPLIANCE = "compliance", N_("合规人员")
    ADMINISTRATOR = "administrator", N_("管理员")


class AgentLevel(Choice):
    L1 = "L1", N_("一级")
    L2 = "L2", N_("二级")
    L3 = "L3", N_("三级")
    L4 = "L4", N_("四级")


class StaffStatus(Choice):
    ACTIVE = "active", N_("在职")
    SUSPENDED = "suspended", N_("停业")
    LEFT = "left", N_("离职")


class Staff(Record):
    __tablename__ = "staff"
    label = N_("人员")
    office_owned = True

    name: Mapped[str] = datum(
        N_("姓名"), max_length=50, sensitivity=Sensitivity.PERSONAL, search=Search.NAME, check="person_name"
    )
    gender: Mapped[str | None] = choice(N_("性别"), Gender, optional=True)
    role: Mapped[str] = choice(N_("角色"), StaffRole, default=StaffRole.AGENT)
    licence_no: Mapped[str] = datum(N_("执业登记编号"), max_length=40, check="agent_licence")
    licence_valid_to: Mapped[dt.date] = day(N_("执业登记有效期至"), optional=False)
    company: Mapped[str] = datum(N_("公司"), max_length=100)
    branch: Mapped[str] = datum(N_("分支机构"), max_length=100)
    level: Mapped[str] = choice(N_("销售资质等级"), AgentLevel, default=AgentLevel.L1)
    level_from: Mapped[dt.date | None] = day(N_("等级起始日期"))
    region_scope: Mapped[list[str]] = items(N_("展业区域"), prose=False)
    authorised_products: Mapped[list[str]] = items(N_("授权产品"), prose=False)
    qualifications: Mapped[list[str]] = items(N_("其他资格"), prose=False)
    #: Each a mapping: course, hours, date, score, certificate.
    training: Mapped[list[dict[str, Any]]] = items(N_("培训"), prose=False)
    declaration_year: Mapped[int | None] = number(N_("承诺书年度"), low=0, high=9999)
    conduct_flags: Mapped[list[str]] = items(N_("行为扣分"), prose=False)
    status: Mapped[str] = choice(N_("状态"), StaffStatus, default=StaffStatus.ACTIVE)

    def title(self) -> str:
        return self.name
