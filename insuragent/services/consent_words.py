"""What a customer is told before he consents, a notice a purpose (PIPL art. 17, 29 to 31; never bundled, art. 14)."""

import datetime as dt
import hashlib

from insuragent.i18n import N_, _
from insuragent.models.consent import Purpose
from insuragent.services import catalogue

#: The version of these notices; a change of words is a new version.
VERSION = "2026-01"
_WHY = {
    Purpose.SERVICE: N_(
        "为您提供咨询、需求分析、投保、保全、理赔协助和投诉办理，需要处理您的姓名、证件、联系方式、家庭和保单信息。"
    ),
    Purpose.MARKETING: N_("为向您介绍保险产品和服务活动，需要处理您的联系方式。您可以随时要求不再联系。"),
    Purpose.HEALTH: N_(
        "为评估投保条件、协助投保和理赔，需要处理您的健康状况和就医信息。这是敏感个人信息，泄露可能使您受到歧视或伤害。"
    ),
    Purpose.FINANCE_ACCOUNT: N_(
        "为协助您交费和领取保险金，需要处理您的银行账户信息。这是敏感个人信息，泄露可能危及您的财产安全。"
    ),
    Purpose.LOCATION: N_("为安排拜访路线，需要处理您的位置信息。这是敏感个人信息，泄露可能危及您的人身安全。"),
    Purpose.MINOR: N_(
        "为未成年人投保和服务，需要处理其姓名、出生日期和证件信息。不满十四周岁未成年人的信息是敏感个人信息，须由监护人同意。"
    ),
    Purpose.SHARE_COMPANY: N_(
        "需要把您的信息提供给保险公司以外的第三方。提供前会另行告知接收方的名称、联系方式和用途。"
    ),
    Purpose.PHOTO_AUDIO: N_("为保存销售过程和投诉办理的证据，需要对您拍照、录音或录像。"),
}


def notice(purpose: Purpose, day: dt.date) -> list[str]:
    """The paragraphs of a purpose's notice as they are in force on ``day``, without who gives it."""
    years = catalogue.policy().count("retention_years_long", day)
    return [
        _(_WHY[purpose]),
        _("处理方式：在本机和公司系统中加密保存，只由为您服务的人员和负责核查的人员使用，不用于其他目的。"),
        _(
            "保存期限：依法保存的投保和身份资料，自合同终止或服务关系结束起保存 {years} 年；其他资料在目的实现后删除。"
        ).format(years=years),
        _("您的权利：您可以查阅、复制、更正、补充和删除您的信息，可以要求说明处理规则，也可以向监管部门投诉。"),
        _(
            "同意是自愿的，只针对上述一个目的。您可以随时撤回，与同意一样方便；撤回不影响此前的处理。不同意不影响您得到与此无关的服务。"
        ),
    ]


def notice_hash(purpose: Purpose, day: dt.date) -> str:
    """The SHA-256 of the notice that the customer was given, kept with his consent."""
    return hashlib.sha256("\n".join(notice(purpose, day)).encode()).hexdigest()
