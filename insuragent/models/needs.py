"""A needs analysis: what a household has, owes and wants, and the gaps that follow (requirement R3.2a)."""

import datetime as dt
import uuid

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, Sensitivity, day, items, link, long_text, moment, money, number
from insuragent.rules.phrases import Setting

INCOME, DUTY, COVER, WISH = N_("收入与支出"), N_("家庭责任"), N_("既有保障"), N_("目标与预算")


class Goal(Choice):
    PROTECT_LIFE = "protect_life", N_("身故保障")
    CRITICAL_ILLNESS = "ci", N_("重疾保障")
    MEDICAL = "medical", N_("医疗费用")
    PENSION = "pension", N_("养老")
    EDUCATION = "education", N_("子女教育")
    LEGACY = "legacy", N_("财富传承")
    SAVING = "saving", N_("长期储备")


class NeedsAnalysis(Record):
    __tablename__ = "needs_analysis"
    label = N_("需求分析")

    customer_id: Mapped[uuid.UUID] = link("customer", N_("客户"), parent=True)
    made_on: Mapped[dt.date] = day(N_("分析日期"), optional=False)
    annual_income: Mapped[int | None] = money(N_("家庭年收入"), group=INCOME)
    annual_expense: Mapped[int | None] = money(N_("家庭年支出"), group=INCOME)
    yearly_shortfall: Mapped[int | None] = money(
        N_("每年收入缺口"), group=INCOME, hint=N_("主要收入者不在时家庭每年的缺口")
    )
    shortfall_years: Mapped[int | None] = number(N_("缺口年数"), low=0, high=60, group=INCOME)
    debts: Mapped[int | None] = money(N_("负债"), group=INCOME)
    liquid_assets: Mapped[int | None] = money(N_("流动资产"), group=INCOME)
    other_assets: Mapped[int | None] = money(N_("其他资产"), group=INCOME)
    education_cost: Mapped[int | None] = money(N_("子女教育费用"), group=DUTY)
    parents_support: Mapped[int | None] = money(N_("父母赡养费用"), group=DUTY)
    treatment_cost: Mapped[int | None] = money(N_("重疾治疗费用"), group=DUTY)
    rehabilitation_cost: Mapped[int | None] = money(N_("康复费用"), group=DUTY)
    pension_need_month: Mapped[int | None] = money(N_("退休后每月需要"), group=DUTY)
    pension_expected_month: Mapped[int | None] = money(N_("预计每月养老金"), group=DUTY)
    pension_years: Mapped[int | None] = number(N_("退休后年数"), low=0, high=60, group=DUTY)
    life_cover: Mapped[int | None] = money(N_("已有寿险保额"), group=COVER)
    ci_cover: Mapped[int | None] = money(N_("已有重疾保额"), group=COVER)
    yearly_premiums: Mapped[int | None] = money(N_("已有保费（每年）"), group=COVER)
    goals: Mapped[list[str]] = items(N_("目标与排序"), choices=Goal, group=WISH)
    budget_year: Mapped[int | None] = money(N_("每年预算"), group=WISH)
    pay_years_ok: Mapped[int | None] = number(N_("可交费年数"), low=1, high=60, group=WISH)
    customer_statement: Mapped[str | None] = long_text(
        N_("客户确认的话"), group=WISH, sensitivity=Sensitivity.FINANCIAL, setting=Setting.QUOTE
    )
    gap_life: Mapped[int | None] = money(N_("身故保障缺口"), derived=True)
    gap_ci: Mapped[int | None] = money(N_("重疾保障缺口"), derived=True)
    gap_pension: Mapped[int | None] = money(N_("养老缺口"), derived=True)
    affordability_bp: Mapped[int | None] = number(N_("保费收入比（万分之）"), low=0, derived=True)
    signed_at: Mapped[dt.datetime | None] = moment(N_("客户确认时间"), derived=True)
    signature_id: Mapped[uuid.UUID | None] = link("attachment", N_("客户签名"), optional=True, derived=True)
