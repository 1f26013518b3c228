"""Gates of the seller and of what is sold: licence, authority, identity, the product's state and day, promises."""

from insuragent.i18n import N_, _, format_date
from insuragent.rules import suitability
from insuragent.rules.policy import Policy
from insuragent.services.case import Case, Gate

_LICENCE = N_("R1.2a；金监总局令2023年第2号第三条")
_AUTHORITY = N_("R1.2a、R3.2a；金监总局令2023年第2号第十一条、第十六条")
_IDENTITY = N_("R1.2b；人行令〔2025〕第11号")
_ON_SALE = N_("R1.2b、S12；金监总局令2023年第2号第十一条")
_STATUS = N_("S12；公司规则（产品状态更新）")
_PROMISES = N_("R1.1c、R1.2b；服务流程规范")
_DATED = N_("S14；银保监规〔2022〕24号（演示上限按投保当日）")
_VALID = N_("S12；公司规则（说明书有效期）")


def gates(case: Case, policy: Policy) -> list[Gate]:
    """Requirements R1.2a and R1.2b; stories S12, S14 and S17."""
    return [
        _licence(case),
        _authority(case),
        _identity(case),
        Gate("on_sale", _sale_text(case), not case.off_sale, _ON_SALE),
        *_version(case),
        _status(case, policy),
        *_dates(case),
        _promises(case),
    ]


def _licence(case: Case) -> Gate:
    until = case.licence_valid_to
    if until is None:
        return Gate("licence", _("没有执业登记的有效期，请先登记本设备或同步"), False, _LICENCE)
    if until >= case.today:
        return Gate("licence", _("执业登记有效"), True, _LICENCE)
    return Gate("licence", _("执业登记已于 {date} 到期").format(date=until.isoformat()), False, _LICENCE)


def _authority(case: Case) -> Gate:
    least = case.package.min_agent_level
    if case.authorised is not None and case.package.code not in case.authorised:
        return Gate("authority", _("您没有销售这个产品的授权"), False, _AUTHORITY)
    if not case.agent_level:
        return Gate("authority", _("没有您的销售资质等级，请先同步"), False, _AUTHORITY)
    if suitability.below_level(case.agent_level, least):
        told = _("这个产品需要 {least} 及以上销售资质，您是 {level}").format(least=least, level=case.agent_level)
        return Gate("authority", told, False, _AUTHORITY)
    return Gate("authority", _("产品在您的授权和资质之内"), True, _AUTHORITY)


def _identity(case: Case) -> Gate:
    if not case.identified:
        return Gate("identity", _("请补全投保人和被保险人的姓名、出生日期"), False, _IDENTITY)
    text = _("客户身份已核对") if case.id_checked else _("请核对客户身份证件，并勾选“已核对身份证件”")
    return Gate("identity", text, case.id_checked, _IDENTITY)


def _sale_text(case: Case) -> str:
    if not case.off_sale:
        return _("产品在售")
    if case.withdrawn_from is not None:
        return _("产品已自 {date} 起停售").format(date=format_date(case.withdrawn_from))
    return _("产品已停售")


def _version(case: Case) -> list[Gate]:
    """Told only where the product moved on: nobody is to sell from yesterday's figures (S12)."""
    if case.newest_package in ("", case.package.content_hash):
        return []
    return [Gate("version", _("产品有了新的版本，请同步后重新制作说明书"), False, _STATUS)]


def _status(case: Case, policy: Policy) -> Gate:
    age = (case.today - case.status_as_of).days
    if age < 0:
        day = format_date(case.status_as_of)
        return Gate("status", _("产品状态的日期 {day} 还没有到").format(day=day), False, _STATUS)
    most = policy.count("product_status_days_most", case.today)
    told = _("产品状态截至 {day}，已过 {days} 天").format(day=format_date(case.status_as_of), days=age)
    if age > most:
        told += _("，超过 {most} 天，请先同步").format(most=most)
    return Gate("status", told, age == 0, _STATUS, warning=0 < age <= most)


def _dates(case: Case) -> list[Gate]:
    """The illustration is of the day of the proposal, and holds until the next rate, withdrawal or age step."""
    found = []
    if case.proposed_on is not None and case.proposed_on > case.today:
        day = format_date(case.proposed_on)
        found.append(Gate("dated", _("演示日期 {day} 还没有到，应为投保当日").format(day=day), False, _DATED))
    if case.valid_until is not None:
        fresh = case.today <= case.valid_until
        words = _("说明书有效期至 {day}") if fresh else _("说明书已于 {day} 之后失效，请重新制作")
        found.append(Gate("valid", words.format(day=format_date(case.valid_until)), fresh, _VALID))
    return found


def _promises(case: Case) -> Gate:
    done = case.promises_told
    text = _("服务承诺已向客户说明") if done else _("请向客户说明服务承诺，并勾选“已说明服务承诺”")
    return Gate("promises", text, done, _PROMISES)
