"""Enumerations that several record types share, with the labels that people see."""

from insuragent.i18n import N_
from insuragent.models.fields import Choice


class Gender(Choice):
    MALE = "M", N_("男")
    FEMALE = "F", N_("女")
    UNSPECIFIED = "U", N_("未说明")


class DocType(Choice):
    RESIDENT_ID = "resident_id", N_("居民身份证")
    HK_MO_TW_RESIDENCE = "hk_mo_tw_residence", N_("港澳台居民居住证")
    FOREIGNER_PR = "foreigner_pr", N_("外国人永久居留身份证")
    HK_MACAO_PASS = "hk_macao_pass", N_("港澳居民来往内地通行证")
    TAIWAN_PASS = "taiwan_pass", N_("台湾居民来往大陆通行证")
    PASSPORT = "passport", N_("护照")
    MILITARY = "military", N_("军官证")
    HOUSEHOLD = "household", N_("户口簿")
    BIRTH_CERT = "birth_cert", N_("出生医学证明")
    USCC = "uscc", N_("统一社会信用代码")


class Channel(Choice):
    FACE = "face", N_("面谈")
    PHONE = "phone", N_("电话")
    EMAIL = "email", N_("邮件")
    LETTER = "letter", N_("信函")
    WEB = "web", N_("线上")
    WECHAT = "wechat", N_("微信")
    COUNTER = "counter", N_("柜面")
    REGULATOR = "regulator", N_("监管转办")
    MEDIA = "media", N_("媒体")
    OTHER = "other", N_("其他")


class Why(Choice):
    """Why data are restricted or erased: one of these, as no words about a person may outlive him in the journal."""

    ASKED = "asked", N_("客户要求")
    WITHDRAWN = "withdrawn", N_("客户撤回同意")
    EXPIRED = "expired", N_("保存期限已到")
    DISPUTED = "disputed", N_("客户对准确性有异议")
    UNLAWFUL = "unlawful", N_("不应收集的资料")
