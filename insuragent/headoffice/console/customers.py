"""What head office sets about a customer: how great his risk of money laundering is, and a legal hold on his data."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.headoffice import publishing
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console.pages import ROOT, Go, Outcome, Page, Visit
from insuragent.headoffice.database import Rows
from insuragent.i18n import N_, _
from insuragent.models import Customer
from insuragent.models.customer import AmlRisk
from insuragent.models.fields import Choice
from insuragent.rules.access import Role

#: Who answers for both.
_COMPLIANCE = frozenset({Role.COMPLIANCE})


class Ground(Choice):
    """Why data must be kept: one of these, and no words of his own, as the journal is never erased."""

    LAWSUIT = "lawsuit", N_("诉讼或仲裁")
    AUTHORITY = "authority", N_("监管或司法机关要求")
    FRAUD = "fraud", N_("核查异常交易")
    OVER = "over", N_("保全事由已消除")


#: A case number names no person; what is no such number is not taken.
CASE = re.compile(r"[A-Za-z0-9/._-]{0,40}")


class Customers:
    """Both forms stand on the page of the customer's record."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        where = "/customers/{agent:str}/{record:str}"
        return [
            Page(f"{where}/aml", _COMPLIANCE, self.grade, "POST", fields=("risk",)),
            Page(f"{where}/hold", _COMPLIANCE, self.hold, "POST", fields=("hold", "ground", "case")),
        ]

    def grade(self, visit: Visit) -> Outcome:
        """Set the risk of money laundering (人行令〔2025〕第11号); the desks may only read it."""
        risk = visit.typed("risk")
        if risk not in list(AmlRisk):
            raise ValidationError({"risk": _("请选择风险等级")})
        return _set(visit, {"aml_risk": risk}, Act.GRADE, risk=risk)

    def hold(self, visit: Visit) -> Outcome:
        """Set a legal hold or lift it, for a reason; nothing of one who is under it is erased."""
        wanted, ground, case = visit.typed("hold") == "yes", visit.typed("ground"), visit.typed("case")
        if ground not in list(Ground):
            raise ValidationError({"ground": _("请选择保全或解除的原因")})
        require_case(case)
        return _set(visit, {"legal_hold": wanted}, Act.HOLD if wanted else Act.RELEASE, reason=ground, case=case)


def require_case(case: str) -> None:
    """Raises ValidationError for what is no case number."""
    if not CASE.fullmatch(case):
        raise ValidationError({"case": _("案件编号只能用字母、数字和 / . _ -")})


def standing(visit: Visit, row: sa.Row[Any]) -> Mapping[str, Any]:
    """What the page of a record tells of both: nothing for other records, or for whoever may not set it."""
    if row.kind != Customer.kind() or visit.who.role not in _COMPLIANCE:
        return {"risks": ()}
    return {
        "risks": list(AmlRisk),
        "risk": row.body.get("aml_risk") or AmlRisk.UNKNOWN.value,
        "held": row.body.get("legal_hold") is True,
        "grounds": list(Ground),
    }


def _set(visit: Visit, values: Mapping[str, Any], act: Act, **detail: str) -> Outcome:
    agent, record = visit.asked["agent"], visit.asked["record"]
    decide = functools.partial(_given, values)
    publishing.amend(visit.database, Customer.kind(), record, agent, decide, act, **detail)
    return Go(f"{ROOT}/records/{agent}/{record}", "sent")


def _given(values: Mapping[str, Any], _rows: Rows, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    return values
