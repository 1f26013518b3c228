"""A member of a customer's family."""

import datetime as dt
import uuid

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.choices import DocType, Gender
from insuragent.models.fields import Choice, Search, Sensitivity, choice, datum, day, link, number, yes_no


class Relation(Choice):
    SPOUSE = "spouse", N_("配偶")
    SON = "son", N_("儿子")
    DAUGHTER = "daughter", N_("女儿")
    FATHER = "father", N_("父亲")
    MOTHER = "mother", N_("母亲")
    GRANDCHILD = "grandchild", N_("孙辈")
    SIBLING = "sibling", N_("兄弟姐妹")
    OTHER = "other", N_("其他")


class FamilyMember(Record):
    __tablename__ = "family_member"
    label = N_("家庭成员")

    customer_id: Mapped[uuid.UUID] = link("customer", N_("客户"), parent=True)
    relation: Mapped[str] = choice(N_("关系"), Relation)
    name: Mapped[str] = datum(
        N_("姓名"), max_length=50, mask="name", sensitivity=Sensitivity.PERSONAL, check="person_name"
    )
    gender: Mapped[str | None] = choice(N_("性别"), Gender, optional=True)
    birth_date: Mapped[dt.date | None] = day(N_("出生日期"), sensitivity=Sensitivity.PERSONAL, check="birth_date")
    doc_type: Mapped[str | None] = choice(N_("证件类型"), DocType, optional=True)
    doc_no: Mapped[str | None] = datum(
        N_("证件号码"),
        optional=True,
        max_length=40,
        mask="id",
        sensitivity=Sensitivity.SENSITIVE,
        search=Search.TAIL,
        check="document",
    )
    is_dependent: Mapped[bool | None] = yes_no(N_("需抚养或赡养"))
    support_until_age: Mapped[int | None] = number(N_("抚养至年龄"), low=0, high=120)
    linked_customer_id: Mapped[uuid.UUID | None] = link(
        "customer", N_("关联客户"), optional=True, hint=N_("家属也是您的客户时选择；资料以客户档案为准")
    )

    def title(self) -> str:
        return self.name
