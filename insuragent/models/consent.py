"""A customer's consent: one record a purpose, never bundled (PIPL art. 14, 29; requirement R1.3d)."""

import datetime as dt
import uuid

from sqlalchemy.orm import Mapped

from insuragent.i18n import N_
from insuragent.models.base import Record
from insuragent.models.fields import Choice, Sensitivity, choice, datum, link, moment


class Purpose(Choice):
    SERVICE = "service", N_("合同履行与服务")
    MARKETING = "marketing", N_("营销联系")
    HEALTH = "health", N_("健康信息")
    FINANCE_ACCOUNT = "finance_account", N_("金融账户")
    LOCATION = "location", N_("位置信息")
    MINOR = "minor", N_("未成年人信息")
    SHARE_COMPANY = "share_company", N_("提供给保险公司以外第三方")
    PHOTO_AUDIO = "photo_audio", N_("影像录音")


class ConsentState(Choice):
    ASKED = "asked", N_("已征求")
    GRANTED = "granted", N_("同意")
    REFUSED = "refused", N_("拒绝")
    WITHDRAWN = "withdrawn", N_("已撤回")
    EXPIRED = "expired", N_("过期")


class ConsentMethod(Choice):
    SIGN_ON_SCREEN = "sign_on_screen", N_("屏幕签名")
    PAPER_PHOTO = "paper_photo", N_("纸质签署拍照")
    VOICE_REF = "voice_ref", N_("录音编号")


class Consent(Record):
    __tablename__ = "consent"
    label = N_("客户同意")

    customer_id: Mapped[uuid.UUID] = link("customer", N_("客户"), parent=True)
    purpose: Mapped[str] = choice(N_("目的"), Purpose)
    state: Mapped[str] = choice(N_("状态"), ConsentState, default=ConsentState.ASKED)
    method: Mapped[str] = choice(N_("方式"), ConsentMethod)
    notice_version: Mapped[str] = datum(N_("告知书版本"), max_length=40)
    notice_hash: Mapped[str | None] = datum(N_("告知书摘要"), optional=True, max_length=64, derived=True)
    signer: Mapped[str | None] = datum(
        N_("签署人"), optional=True, max_length=50, mask="name", sensitivity=Sensitivity.PERSONAL
    )
    guardian_relation: Mapped[str | None] = datum(N_("监护关系"), optional=True, max_length=20)
    granted_at: Mapped[dt.datetime | None] = moment(N_("同意时间"), derived=True)
    withdrawn_at: Mapped[dt.datetime | None] = moment(N_("撤回时间"), derived=True)
    valid_to: Mapped[dt.datetime | None] = moment(N_("有效至"))
    evidence_id: Mapped[uuid.UUID | None] = link("attachment", N_("证据"), optional=True, derived=True)
