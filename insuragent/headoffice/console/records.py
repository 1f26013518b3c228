"""Finding a person's records by a number, and looking at one: masked, or in full for a reason; each look is audited."""

from typing import Any

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.headoffice import audit, oversight, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console import complaints, customers
from insuragent.headoffice.console.pages import Outcome, Page, View, Visit, no_page
from insuragent.headoffice.console.shown import facts, few, headline, kind_label, name_of, staff_names
from insuragent.headoffice.roles import KEEPERS
from insuragent.i18n import N_, _
from insuragent.models import Complaint
from insuragent.models.choices import Channel
from insuragent.models.complaint import ComplaintResult
from insuragent.models.fields import Choice
from insuragent.rules import access
from insuragent.rules.access import Action, Facts


class Reason(Choice):
    """Why somebody looks: one of these, and no words of his own, as the journal is never erased."""

    COMPLAINT = "complaint", N_("处理投诉")
    REQUEST = "request", N_("客户行使个人信息权利")
    AUTHORITY = "authority", N_("监管或司法机关要求")
    AUDIT = "audit", N_("合规检查")
    FRAUD = "fraud", N_("核查异常交易")


class Records:
    """Search and reveal."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        label = N_("客户查询")
        return [
            Page("/search", KEEPERS, self.ask, label=label, icon="search"),
            Page("/search", KEEPERS, self.search, "POST", fields=("number",)),
            Page("/records/{agent:str}/{record:str}", KEEPERS, self.show),
            Page("/records/{agent:str}/{record:str}", KEEPERS, self.reveal, "POST", fields=("reason", "case")),
        ]

    def ask(self, _visit: Visit) -> Outcome:
        """The form."""
        return View("search.html", {"searched": False, "rows": [], "names": {}})

    def search(self, visit: Visit) -> Outcome:
        """The records that hold a number, whoever holds them. The number goes in a form, never in an address."""
        found = oversight.holders(visit.database, visit.typed("number")) if visit.typed("number") else []
        rows = [_find(visit, one["agent"], one["id"]) for one in found]
        told = [(row, kind_label(row.kind), headline(row.kind, row.body)) for row in rows]
        return View(
            "search.html",
            {"searched": True, "rows": told, "names": staff_names(visit.database, (row.agent for row in rows))},
        )

    def show(self, visit: Visit) -> Outcome:
        """A record, masked."""
        row = _find(visit, visit.asked["agent"], visit.asked["record"])
        _tell(visit, Act.VIEW, row)
        return _page(visit, row, revealed=False)

    def reveal(self, visit: Visit) -> Outcome:
        """The same in full, for a reason. Raises NotPermitted, and ValidationError without a reason."""
        row = _find(visit, visit.asked["agent"], visit.asked["record"])
        access.check(visit.who.role, Action.REVEAL, row.kind, Facts())
        reason, case = visit.typed("reason"), visit.typed("case")
        if reason not in list(Reason):
            raise ValidationError({"reason": _("请选择查看的原因")})
        customers.require_case(case)
        _tell(visit, Act.REVEAL, row, reason=reason, case=case)
        return _page(visit, row, revealed=True)


def _find(visit: Visit, agent: str, record_id: str) -> sa.Row[Any]:
    with visit.database.read(agent) as rows:
        row = rows.find(tables.record, tables.record.c.id == record_id)
    if row is None or agent in (tables.OFFICE, tables.CATALOGUE):
        raise no_page()
    return row


def _tell(visit: Visit, act: Act, row: sa.Row[Any], **why: str) -> None:
    with visit.database.begin(tables.OFFICE) as rows:
        audit.tell(rows, act, row.id, kind=row.kind, agent=row.agent, **why)


def _page(visit: Visit, row: sa.Row[Any], *, revealed: bool) -> View:
    linked = (value for value in row.body.values() if isinstance(value, str))
    names = staff_names(visit.database, (row.agent, *linked))
    told = {
        "row": row,
        "kind": kind_label(row.kind),
        "title": headline(row.kind, row.body),
        "facts": list(facts(row.kind, row.body, names, revealed=revealed)),
        "agent": names.get(row.agent, row.agent),
        "revealed": revealed,
        "reasons": list(Reason),
        "steps": complaints.steps(visit, row.body) if row.kind == Complaint.kind() else [],
        "people": [(one.id, name_of(one)) for one in few(visit.database)],
        "results": list(ComplaintResult),
        "ways": list(Channel),
        **customers.standing(visit, row),
    }
    return View("record.html", told)
