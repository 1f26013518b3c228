"""The customer: a person or an enterprise whom we serve, whatever the role in a contract."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.choices import DocType, Gender
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
from insuragent.rules.merging import Merge
from insuragent.rules.phrases import Setting

PERSONAL, FINANCIAL, SENSITIVE = Sensitivity.PERSONAL, Sensitivity.FINANCIAL, Sensitivity.SENSITIVE
IDENTITY, CONTACT, WORK, MONEY, CARE, SERVICE = (
    N_("身份"),
    N_("联系方式"),
    N_("职业"),
    N_("收入"),
    N_("健康与偏好"),
    N_("服务"),
)


class CustomerType(Choice):
    PERSON = "person", N_("个人")
    ENTERPRISE = "enterprise", N_("企业")


class CustomerClass(Choice):
    CORE = "core", N_("核心")
    KEY = "key", N_("重点")
    ORDINARY = "ordinary", N_("普通")
    POTENTIAL = "potential", N_("潜在")


class Stage(Choice):
    LEAD = "lead", N_("线索")
    FIRST_VISIT = "first_visit", N_("首访")
    ANALYSIS = "analysis", N_("需求分析")
    EXPLAIN = "explain", N_("方案讲解")
    APPLYING = "applying", N_("投保中")
    IN_FORCE = "in_force", N_("已承保")
    SERVICE = "service", N_("售后服务")
    DORMANT = "dormant", N_("休眠")


#: Between whom and us there is a contract.
INSURED = (Stage.IN_FORCE, Stage.SERVICE)


class Source(Choice):
    REFERRAL = "referral", N_("转介绍")
    FAMILY_FRIEND = "family_friend", N_("缘故")
    EVENT = "event", N_("活动")
    WALK_IN = "walk_in", N_("上门")
    ASSIGNED = "assigned", N_("公司分配")
    ORPHAN = "orphan", N_("孤儿单")
    OTHER = "other", N_("其他")


class Marital(Choice):
    SINGLE = "single", N_("未婚")
    MARRIED = "married", N_("已婚")
    DIVORCED = "divorced", N_("离异")
    WIDOWED = "widowed", N_("丧偶")
    UNKNOWN = "unknown", N_("未告知")


class IncomeSource(Choice):
    SALARY = "salary", N_("工资")
    BUSINESS = "business", N_("经营")
    PENSION = "pension", N_("养老金")
    RENT = "rent", N_("租金")
    OTHER = "other", N_("其他")


class TaxResident(Choice):
    CN = "CN", N_("仅为中国税收居民")
    FOREIGN = "foreign", N_("仅为非居民")
    BOTH = "both", N_("既是中国又是其他国家税收居民")


class Education(Choice):
    PRIMARY = "primary", N_("小学及以下")
    MIDDLE = "middle", N_("初中")
    HIGH = "high", N_("高中或中专")
    COLLEGE = "college", N_("大专")
    BACHELOR = "bachelor", N_("本科")
    MASTER = "master", N_("研究生")


class AmlRisk(Choice):
    LOW = "low", N_("低")
    MID = "mid", N_("中")
    HIGH = "high", N_("高")
    UNKNOWN = "unknown", N_("未评定")


class VerifyMethod(Choice):
    ORIGINAL = "original", N_("查验原件")
    READER = "reader", N_("读卡器")
    HEAD_OFFICE = "head_office", N_("总公司核验")


#: What the list of customers shows, so that it is sorted and filtered by any of it without a customer's own page.
LISTED = ("stage", "customer_class", "name_pinyin", "gender", "birth_date", "mobile", "doc_no")
_THERE = sa.text("archived_at IS NULL")


class Customer(Record):
    __tablename__ = "customer"
    # Each index is a page more to encrypt in every save: one for each kind of question, and none for what is empty.
    __table_args__ = (
        Index("ix_customer_mobile", "mobile"),
        Index("ix_customer_doc_no", "doc_no"),
        Index("ix_customer_doc_valid_to", "doc_valid_to", sqlite_where=sa.text("doc_valid_to IS NOT NULL")),
        Index(
            "ix_customer_birthday",
            sa.text("substr(birth_date, 5)"),
            *("birth_date", "name", "id"),
            sqlite_where=sa.text("archived_at IS NULL AND restricted_at IS NULL"),
        ),
        # The list of all who are there, without decrypting one page of the table.
        Index("ix_customer_listed", "number", sqlite_where=_THERE),
        Index("ix_customer_sorted", *LISTED, sqlite_where=_THERE),
    )
    label = N_("客户")

    type: Mapped[str] = choice(N_("类型"), CustomerType, default=CustomerType.PERSON, group=IDENTITY)
    name: Mapped[str] = datum(
        N_("姓名"),
        max_length=50,
        mask="name",
        sensitivity=PERSONAL,
        search=Search.NAME,
        check="person_name",
        group=IDENTITY,
    )
    name_pinyin: Mapped[str | None] = datum(
        N_("姓名拼音"), optional=True, max_length=100, group=IDENTITY, hint=N_("多音字可自行更正，用于搜索和排序")
    )
    former_name: Mapped[str | None] = datum(
        N_("曾用名"), optional=True, max_length=50, search=Search.TEXT, sensitivity=PERSONAL, group=IDENTITY
    )
    doc_type: Mapped[str | None] = choice(
        N_("证件类型"), DocType, optional=True, default=DocType.RESIDENT_ID, group=IDENTITY
    )
    doc_no: Mapped[str | None] = datum(
        N_("证件号码"),
        optional=True,
        max_length=40,
        mask="id",
        sensitivity=SENSITIVE,
        search=Search.TAIL,
        check="document",
        group=IDENTITY,
    )
    gender: Mapped[str | None] = choice(N_("性别"), Gender, optional=True, group=IDENTITY)
    birth_date: Mapped[dt.date | None] = day(N_("出生日期"), sensitivity=PERSONAL, check="birth_date", group=IDENTITY)
    doc_valid_from: Mapped[dt.date | None] = day(N_("证件有效期起"), group=IDENTITY)
    doc_valid_to: Mapped[dt.date | None] = day(N_("证件有效期止"), group=IDENTITY, hint=N_("长期有效请留空并勾选长期"))
    doc_long_term: Mapped[bool | None] = yes_no(N_("证件长期有效"), group=IDENTITY)
    nationality: Mapped[str | None] = datum(
        N_("国籍"), optional=True, default="CHN", max_length=3, check="nationality", group=IDENTITY
    )
    mobile: Mapped[str | None] = datum(
        N_("手机"),
        optional=True,
        max_length=20,
        mask="mobile",
        sensitivity=PERSONAL,
        search=Search.DIGITS,
        check="mobile",
        group=CONTACT,
    )
    phone2: Mapped[str | None] = datum(
        N_("其他电话"), optional=True, max_length=20, mask="phone", search=Search.DIGITS, check="phone", group=CONTACT
    )
    email: Mapped[str | None] = datum(
        N_("电子邮箱"), optional=True, max_length=100, mask="email", check="email", group=CONTACT
    )
    wechat: Mapped[str | None] = datum(N_("微信"), optional=True, max_length=50, group=CONTACT)
    home_region: Mapped[str | None] = datum(
        N_("居住地区划"), optional=True, max_length=6, check="region", group=CONTACT, hint=N_("六位行政区划代码")
    )
    home_address: Mapped[str | None] = datum(
        N_("住所地"), optional=True, mask="address", sensitivity=PERSONAL, search=Search.TEXT, group=CONTACT
    )
    occupation_code: Mapped[str | None] = datum(N_("职业代码"), optional=True, max_length=6, group=WORK)
    occupation_text: Mapped[str | None] = datum(N_("职业"), optional=True, max_length=60, group=WORK)
    work_unit: Mapped[str | None] = datum(N_("工作单位"), optional=True, search=Search.TEXT, group=WORK)
    work_address: Mapped[str | None] = datum(N_("单位地址"), optional=True, group=WORK)
    annual_income: Mapped[int | None] = money(N_("个人年收入"), mask="hidden", group=MONEY)
    household_income: Mapped[int | None] = money(N_("家庭年收入"), mask="hidden", group=MONEY)
    income_source: Mapped[str | None] = choice(
        N_("收入来源"), IncomeSource, optional=True, sensitivity=FINANCIAL, group=MONEY
    )
    tax_resident: Mapped[str | None] = choice(N_("税收居民身份"), TaxResident, optional=True, group=MONEY)
    health_brief: Mapped[str | None] = long_text(
        N_("健康概况"),
        max_length=2000,
        mask="hidden",
        sensitivity=SENSITIVE,
        consent="health",
        group=CARE,
        setting=Setting.ACCOUNT,
    )
    smoker: Mapped[bool | None] = yes_no(N_("吸烟"), mask="hidden", sensitivity=SENSITIVE, consent="health", group=CARE)
    marital: Mapped[str | None] = choice(N_("婚姻"), Marital, optional=True, sensitivity=PERSONAL, group=CARE)
    education: Mapped[str | None] = choice(N_("学历"), Education, optional=True, group=CARE)
    price_sensitive: Mapped[bool | None] = yes_no(N_("价格敏感"), group=CARE)
    contact_pref: Mapped[str | None] = text(
        N_("联系偏好"), optional=True, group=CARE, hint=N_("方便的方式、时段和语言"), setting=Setting.ACCOUNT
    )
    do_not_call: Mapped[bool | None] = yes_no(N_("请勿致电"), group=CARE)
    source: Mapped[str] = choice(N_("来源"), Source, default=Source.OTHER, group=SERVICE)
    source_note: Mapped[str | None] = text(N_("来源说明"), optional=True, group=SERVICE, setting=Setting.ACCOUNT)
    stage: Mapped[str] = choice(N_("阶段"), Stage, default=Stage.LEAD, group=SERVICE)
    customer_class: Mapped[str] = choice(N_("分类"), CustomerClass, default=CustomerClass.POTENTIAL, group=SERVICE)
    policy_no: Mapped[str | None] = datum(
        N_("保单号"), optional=True, max_length=30, search=Search.CODE, check="policy_no", group=SERVICE
    )
    do_not_sell_until: Mapped[dt.date | None] = day(N_("暂停推介至"), group=SERVICE)
    remark: Mapped[str | None] = long_text(
        N_("备注"), max_length=2000, search=Search.TEXT, group=SERVICE, setting=Setting.ACCOUNT
    )
    score: Mapped[int | None] = number(N_("评分"), low=0, high=100, derived=True, merge=Merge.THEIRS)
    score_parts: Mapped[dict[str, int]] = items(
        N_("评分明细"), default=dict, derived=True, merge=Merge.THEIRS, prose=False
    )
    aml_risk: Mapped[str | None] = choice(
        N_("洗钱风险等级"), AmlRisk, optional=True, derived=True, merge=Merge.THEIRS, sensitivity=FINANCIAL
    )
    owner_id: Mapped[uuid.UUID | None] = link(
        # A desk holds one agent's customers: an index by owner would tell nothing.
        "staff",
        N_("服务人员"),
        optional=True,
        index=False,
        derived=True,
        owner=True,
        merge=Merge.THEIRS,
    )
    verified_at: Mapped[dt.datetime | None] = moment(N_("身份核验时间"), derived=True)
    verify_method: Mapped[str | None] = choice(N_("核验方式"), VerifyMethod, optional=True, derived=True)
    verified_by: Mapped[str | None] = datum(
        N_("核验人"), optional=True, max_length=50, sensitivity=PERSONAL, derived=True
    )
    legal_hold: Mapped[bool | None] = yes_no(N_("法律保全"), derived=True, merge=Merge.THEIRS)
    restricted_at: Mapped[dt.datetime | None] = moment(N_("限制处理时间"), derived=True)

    def title(self) -> str:
        return self.name
