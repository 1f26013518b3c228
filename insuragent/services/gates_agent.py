"""Gates of the seller and of what is sold: licence, authority, identity, the product's state, promises."""

from insuragent.i18n import _, format_date
from insuragent.rules import suitability
from insuragent.rules.policy import Policy
from insuragent.services.case import Case, Gate


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R1.2a and R1.2b; stories S12 and S17."""
    on_sale = Gate("on_sale", _sale_text(case), not _off_sale(case), "R1.2b")
    return [_licence(case), _authority(case), _identity(case), on_sale, _status(case, policy), _promises(case)]


def _licence(case: Case) -> Gate:
    until = case.licence_valid_to
    if until is None or until >= case.today:
        return Gate("licence", _("执业登记有效"), True, "R1.2a")
    return Gate("licence", _("执业登记已于 {date} 到期").format(date=until.isoformat()), False, "R1.2a")


def _authority(case: Case) -> Gate:
    least = case.package.min_agent_level
    if case.authorised is not None and case.package.code not in case.authorised:
        return Gate("authority", _("您没有销售这个产品的授权"), False, "R1.2a")
    if suitability.below_level(case.agent_level, least):
        told = _("这个产品需要 {least} 及以上销售资质，您是 {level}").format(least=least, level=case.agent_level)
        return Gate("authority", told, False, "R3.2a")
    return Gate("authority", _("产品在您的授权和资质之内"), True, "R1.2a")


def _identity(case: Case) -> Gate:
    if not case.identified:
        return Gate("identity", _("请补全客户姓名和出生日期"), False, "R1.2b")
    text = _("客户身份已核对") if case.id_checked else _("请核对客户身份证件，并勾选“已核对身份证件”")
    return Gate("identity", text, case.id_checked, "R1.2b")


def _off_sale(case: Case) -> bool:
    ended = case.withdrawn_from is not None and case.withdrawn_from <= case.today
    return ended or case.withdrawn or case.package.status not in ("on_sale", "notice_withdraw")


def _sale_text(case: Case) -> str:
    if not _off_sale(case):
        return _("产品在售")
    if case.withdrawn_from is not None:
        return _("产品已自 {date} 起停售").format(date=format_date(case.withdrawn_from))
    return _("产品已停售")


def _status(case: Case, policy: Policy) -> Gate:
    age = (case.today - case.status_as_of).days
    most = policy.count("product_status_days_most", case.today)
    told = _("产品状态截至 {day}，已过 {days} 天").format(day=format_date(case.status_as_of), days=age)
    if age > most:
        told += _("，超过 {most} 天，请先同步").format(most=most)
    return Gate("status", told, age <= most, "S12")


def _promises(case: Case) -> Gate:
    done = case.promises_told
    text = _("服务承诺已向客户说明") if done else _("请向客户说明服务承诺，并勾选“已说明服务承诺”")
    return Gate("promises", text, done, "R1.2b")
