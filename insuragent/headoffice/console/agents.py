"""Agents, what each holds, and handing it over to another."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.headoffice import assignments, audit, directory, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.confirmations import standings
from insuragent.headoffice.console.pages import ROOT, Go, Outcome, Page, View, Visit, no_page
from insuragent.headoffice.console.shown import (
    FEW,
    few,
    headline,
    kind_label,
    name_of,
    number_of,
    staff_names,
)
from insuragent.headoffice.enrolment import find_staff, staff_of
from insuragent.headoffice.identity import ACTIVE
from insuragent.headoffice.roles import OVERSEERS
from insuragent.i18n import N_, _
from insuragent.models import RECORDS, Customer
from insuragent.models.fields import Choice, choice_words
from insuragent.models.staff import StaffStatus
from insuragent.rules.access import Role
from insuragent.sync import hanging

#: So many of the newest hand-overs are told.
_MOVES = 50
_FORM = ("to", "reason", "all", "record")
_MANAGERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class Why(Choice):
    """Why customers are handed over; kept in the journal, so that no words about a person can get there."""

    LEFT = "left", N_("人员离职")
    MOVED = "moved", N_("人员调岗")
    ASKED = "asked", N_("客户要求")
    BALANCE = "balance", N_("调整服务范围")
    COMPLAINT = "complaint", N_("投诉处理需要")


class Agents:
    """The list of agents, and one of them."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [
            Page("/agents", OVERSEERS, self.everybody, label=N_("人员与移交"), icon="users"),
            Page("/agents/{agent:str}", OVERSEERS, self.show),
            Page("/agents/{agent:str}/hand-over", _MANAGERS, self.hand_over, "POST", fields=_FORM),
        ]

    def everybody(self, visit: Visit) -> Outcome:
        """A page of everybody, or of whom a word finds, with what each holds, and how the newest hand-overs stand."""
        sought, after = visit.asked.get("q", "").strip(), visit.asked.get("after", "")
        ids = directory.found(visit.database, sought, after=after, most=FEW + 1)
        staff = _by_name(staff_of(visit.database, ids[:FEW]))
        r, d = tables.record.c, tables.device.c
        held = sa.select(r.agent, sa.func.count()).where(r.tenant == tables.TENANT, r.kind == Customer.kind())
        active = sa.select(d.agent, sa.func.count()).where(d.tenant == tables.TENANT, d.state == ACTIVE)
        gone = directory.departures(visit.database, before=number_of(visit.asked.get("before", "")), most=_MOVES)
        moves = standings(visit.database, gone)
        told = {
            "staff": [(row, choice_words(StaffStatus, row.body.get("status"))) for row in staff],
            "q": sought,
            "short": 0 < len(sought) < directory.LEAST_WORD,
            "after": ids[FEW - 1] if len(ids) > FEW else "",
            "customers": _counted(visit, held.where(visit.database.one_of(r.agent, ids)).group_by(r.agent)),
            "devices": _counted(visit, active.where(visit.database.one_of(d.agent, ids)).group_by(d.agent)),
            "moves": [(one, kind_label(one.kind)) for one in moves],
            "before": gone[-1].number if len(gone) == _MOVES else 0,
            "names": staff_names(visit.database, (who for one in moves for who in (one.from_agent, one.to_agent))),
        }
        return View("agents.html", told)

    def show(self, visit: Visit) -> Outcome:
        """What one holds, masked; that it was looked at is audited."""
        found = staff_of(visit.database, [visit.asked["agent"]])
        if not found:
            raise no_page()
        row = found[0]
        with visit.database.read(row.id) as rows:
            held = rows.all(rows.select(tables.record))
        ids = {one.id for one in held}
        roots = [one for one in held if _is_root(one, ids)]
        with visit.database.begin(tables.OFFICE) as rows:
            audit.tell(rows, Act.VIEW, row.id, found=len(roots))
        told = {
            "row": row,
            "roots": [(one, kind_label(one.kind), headline(one.kind, one.body)) for one in roots],
            "others": [one for one in _by_name(few(visit.database)) if one.id != row.id],
            "reasons": list(Why),
            "may": visit.who.role in _MANAGERS,
        }
        return View("agent.html", told)

    def hand_over(self, visit: Visit) -> Outcome:
        """Hand over what was ticked, or all. Raises ValidationError when something was not said."""
        former, reason = visit.asked["agent"], visit.typed("reason")
        records, everything = visit.ticked.get("record", ()), visit.typed("all") == "yes"
        if not visit.typed("to") or reason not in list(Why) or not (records or everything):
            raise ValidationError({"to": _("请选择移交哪些客户、交给谁、因为什么")})
        to = find_staff(visit.database, visit.typed("to"))
        if everything:
            assignments.reassign_all(visit.database, former, to, reason)
        for record in records if not everything else ():
            assignments.reassign(visit.database, record, to, reason, former)
        return Go(f"{ROOT}/agents", "handed_over")


def _by_name(staff: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
    return sorted(staff, key=lambda row: (row.body.get("status") or "", name_of(row)))


def _counted(visit: Visit, statement: sa.Select[Any]) -> Counter[str]:
    return Counter(dict(map(tuple, visit.database.everywhere(statement))))


def _is_root(row: sa.Row[Any], ids: set[str]) -> bool:
    owned = row.kind in RECORDS and RECORDS[row.kind].office_owned
    return not owned and not ids.intersection(hanging.parents(row.kind, row.body))
