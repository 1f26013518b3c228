"""Complaints with their clocks, for those who handle them and those who watch over it; and the handlers' steps."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import attempts, audit, directory, handling, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console.pages import ROOT, File, Go, Outcome, Page, View, Visit
from insuragent.headoffice.console.shown import staff_names
from insuragent.headoffice.database import Database
from insuragent.headoffice.enrolment import find_staff
from insuragent.headoffice.exports import as_csv
from insuragent.headoffice.handling import Said
from insuragent.headoffice.roles import KEEPERS
from insuragent.i18n import N_, SHANGHAI, _, format_date, format_moment
from insuragent.models import Complaint
from insuragent.models.base import utc_now
from insuragent.models.complaint import Category, ComplaintState, Severity
from insuragent.models.fields import choice_words, fields_of, from_wire
from insuragent.products.policy_files import load_policy
from insuragent.rules.access import Role
from insuragent.rules.clocks import complaint_clocks
from insuragent.rules.complaint import ENDED
from insuragent.rules.masking import mask
from insuragent.rules.policy import Policy

#: A deadline that is so near is told in another colour.
_NEAR = dt.timedelta(days=3)
#: So many stand on the page; the file has all that are open.
_SHOWN = 200
#: The deadline that holds once it was extended.
_EXTENDED = {"ext30": "due30", "ext60_requested": "due30", "ext60": "due60"}
_COLUMNS = (
    N_("编号"), N_("代理人"), N_("投诉人"), N_("类别"), N_("严重程度"), N_("状态"), N_("收到时间"), N_("首次响应期限"),
    N_("首次响应时间"), N_("办结期限"), N_("内部期限"),
)  # fmt: skip


#: What a form of a step may tell.
_SAID = ("reason", "institution", "told", "handler", "result", "basis", "reply", "way", "proof", "remedies")
_STEPS = {
    ComplaintState.ACCEPTED.value: N_("受理"),
    ComplaintState.NOT_ACCEPTED.value: N_("不予受理"),
    ComplaintState.TRANSFERRED.value: N_("转办"),
    ComplaintState.INVESTIGATING.value: N_("指定处理人"),
    ComplaintState.DECIDED.value: N_("作出处理决定"),
    ComplaintState.REPLIED.value: N_("答复投诉人"),
}
_r = tables.record.c


@dataclass(frozen=True)
class Open:
    """A complaint as the list shows it; ``tone`` and ``response_tone`` say how its two clocks stand."""

    agent: str
    id: str
    number: str
    who: str
    category: str
    severity: str
    state: str
    received_at: dt.datetime
    response_due: dt.datetime
    response_at: dt.datetime | None
    due: dt.date
    internal: dt.date
    tone: str
    response_tone: str


def running(database: Database, *, ended: bool = False, most: int | None = None) -> list[Open]:
    """The complaints that are open, the most pressing first, or those that have ended, the newest first; ``most``."""
    received, wanted = _told("received_at"), sa.select(tables.record).where(_r.tenant == tables.TENANT)
    if ended:
        wanted = wanted.where(sa.text(directory.COMPLAINTS), _told("state").in_(ENDED)).order_by(received.desc())
    else:
        wanted = wanted.where(sa.text(directory.OPEN_COMPLAINTS)).order_by(_due(), received)
    policy = load_policy()
    return [_open(row, policy) for row in database.everywhere(wanted.limit(most))]


@dataclass(frozen=True)
class Clocks:
    """How many complaints are open, are late, are due soon, and had no first answer in time."""

    open: int
    late: int
    near: int
    unanswered: int


def clocks(database: Database) -> Clocks:
    """How the open complaints stand, counted where they lie."""
    today, number = utc_now().astimezone(SHANGHAI).date(), sa.func.count()
    late = _due() < today.isoformat()
    near = sa.and_(_due() >= today.isoformat(), _due() <= (today + _NEAR).isoformat())
    silent = sa.and_(_told("first_response_at").is_(None), _told("first_response_due") < utc_now().isoformat())
    counted = sa.select(number, *(number.filter(one) for one in (late, near, silent))).select_from(tables.record)
    (found,) = database.everywhere(counted.where(_r.tenant == tables.TENANT, sa.text(directory.OPEN_COMPLAINTS)))
    return Clocks(*map(int, found))


def _told(name: str) -> sa.ColumnElement[str]:
    told: sa.ColumnElement[str] = _r.body[name].as_string()
    return told


def _due() -> sa.ColumnElement[str]:
    """The day by which a complaint must be answered, as it stands in its record: it sorts as it is written."""
    return sa.case(*((_told("state") == state, _told(day)) for state, day in _EXTENDED.items()), else_=_told("due15"))


def _open(row: sa.Row[Any], policy: Policy) -> Open:
    body = {name: from_wire(field, row.body.get(name)) for name, field in fields_of(Complaint).items()}
    received: dt.datetime = body["received_at"]
    times = complaint_clocks(received, policy.calendar, policy.periods(received.astimezone(SHANGHAI).date()))
    named = _EXTENDED.get(str(body["state"]), "due15")
    due: dt.date = body[named] or getattr(times, named).day
    response_due = body["first_response_due"] or times.first_response_due
    return Open(
        row.agent, row.id, str(body["complaint_no"]), mask(body["complainant_name"], "name"),
        choice_words(Category, body["category"]), choice_words(Severity, body["severity"]),
        choice_words(ComplaintState, body["state"]), received, response_due, body["first_response_at"], due,
        getattr(times, named).internal, _tone(due), _response_tone(response_due, body["first_response_at"]),
    )  # fmt: skip


def _tone(due: dt.date) -> str:
    left = due - utc_now().astimezone(SHANGHAI).date()
    return "bad" if left < dt.timedelta() else "warn" if left <= _NEAR else "ok"


def _response_tone(due: dt.datetime, at: dt.datetime | None) -> str:
    if at is not None:
        return "ok" if at <= due else "warn"
    return "bad" if due < utc_now() else "warn"


class Complaints:
    """The list, and the same as a file."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        label = N_("投诉")
        return [
            Page("/complaints", KEEPERS, self.show, label=label, icon="message-square-warning"),
            Page("/complaints.csv", KEEPERS, self.export),
            Page("/complaints/{agent:str}/{record:str}/{to:str}", [Role.HANDLER], self.take, "POST", fields=_SAID),
        ]

    def show(self, visit: Visit) -> Outcome:
        """Open complaints, or those that have ended; that they were looked at is audited."""
        found = running(visit.database, ended=(ended := visit.asked.get("show") == "ended"), most=_SHOWN)
        _tell(visit, Act.VIEW, len(found))
        told = {"rows": found, "names": _names(visit, found), "ended": ended, "most": _SHOWN}
        return View("complaints.html", told | {"count": 0 if ended else clocks(visit.database).open})

    def take(self, visit: Visit) -> Outcome:
        """Take a complaint to its next state. Raises NotPermitted with every reason that stands in the way."""
        agent, record = visit.asked["agent"], visit.asked["record"]
        handler = find_staff(visit.database, visit.typed("handler")) if visit.typed("handler") else ""
        said = Said(
            handler=handler,
            handler_name=staff_names(visit.database, (handler,)).get(handler, ""),
            told=visit.typed("told") == "yes",
            remedies=visit.typed("remedies") == "yes",
            **{
                name: visit.typed(name)
                for name in ("reason", "institution", "result", "basis", "reply", "way", "proof")
            },
        )
        handling.take(visit.database, agent, record, visit.asked["to"], said, visit.who.name)
        return Go(f"{ROOT}/records/{agent}/{record}", "sent")

    def export(self, visit: Visit) -> Outcome:
        """The open ones, masked as the page shows them."""
        with visit.database.begin(tables.OFFICE) as rows:
            attempts.count_export(rows, visit.who.name)
        found = running(visit.database)
        _tell(visit, Act.EXPORT, len(found))
        cells = _cells(found, _names(visit, found))
        return File("complaints.csv", "text/csv", as_csv([_(name) for name in _COLUMNS], cells))


def steps(visit: Visit, body: Mapping[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The steps that this visitor may take with a complaint: where to, what it is called, and what it asks for."""
    if visit.who.role is not Role.HANDLER:
        return []
    return [(to, _STEPS[to], handling.ASKED[to]) for to in handling.offered(str(body.get("state")))]


def _names(visit: Visit, found: list[Open]) -> dict[str, str]:
    return staff_names(visit.database, (one.agent for one in found))


def _tell(visit: Visit, act: Act, found: int) -> None:
    with visit.database.begin(tables.OFFICE) as rows:
        audit.tell(rows, act, Complaint.kind(), found=found)


def _cells(found: list[Open], names: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    for one in found:
        response = (format_moment(one.response_due), format_moment(one.response_at))
        yield (
            one.number, names.get(one.agent, one.agent), one.who, one.category, one.severity, one.state,
            format_moment(one.received_at), *response, format_date(one.due), format_date(one.internal),
        )  # fmt: skip
