"""How the company stands: agents, devices, syncs, complaints and what waits for somebody."""

import datetime as dt
from collections import Counter

import sqlalchemy as sa

from insuragent.headoffice import tables
from insuragent.headoffice.console.complaints import running
from insuragent.headoffice.console.pages import Outcome, Page, View, Visit
from insuragent.headoffice.console.quarantine import refused_count
from insuragent.headoffice.enrolment import Enrolment, staff_of
from insuragent.headoffice.identity import ACTIVE, REVOKED
from insuragent.headoffice.roles import KEEPERS, OVERSEERS
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models.base import utc_now
from insuragent.models.staff import StaffStatus

#: So many days back the chart goes.
_DAYS = 14


class Overview:
    """The first page: numbers only, nothing of a person."""

    def __init__(self, key: ServerKey) -> None:
        self._key = key

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [Page("/", OVERSEERS | KEEPERS, self.show, label=N_("总览"), icon="layout-dashboard")]

    def show(self, visit: Visit) -> Outcome:
        """All of it."""
        devices, complaints = Enrolment(visit.database, self._key).devices(), running(visit.database)
        midnight = _midnight()
        staff = [row for row in staff_of(visit.database) if row.body.get("status") == StaffStatus.ACTIVE]
        tones = Counter(one.tone for one in complaints)
        told = {
            "agents": len(staff),
            "devices": sum(one.state == ACTIVE for one in devices),
            "seen": sum(one.seen_at is not None and one.seen_at >= midnight for one in devices),
            "unconfirmed": sum(one.state == REVOKED for one in devices),
            "complaints": len(complaints),
            "overdue": tones["bad"],
            "unanswered": sum(one.response_at is None and one.response_tone == "bad" for one in complaints),
            "refused": refused_count(visit.database),
            "syncs": _syncs(visit, midnight),
            "clocks": [(_("已逾期"), tones["bad"]), (_("三日内到期"), tones["warn"]), (_("三日以上"), tones["ok"])],
        }
        return View("overview.html", told)


def _syncs(visit: Visit, midnight: dt.datetime) -> list[tuple[str, int]]:
    """How many receipts were given on each of the last days."""
    c = tables.receipt.c
    since = midnight - dt.timedelta(days=_DAYS - 1)
    given = sa.select(c.at).where(c.tenant == tables.TENANT, c.at >= since)
    counted = Counter(row.at.astimezone(SHANGHAI).date() for row in visit.database.everywhere(given))
    days = [since.date() + dt.timedelta(days=number) for number in range(_DAYS)]
    return [(f"{day.month}/{day.day}", counted[day]) for day in days]


def _midnight() -> dt.datetime:
    return utc_now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
