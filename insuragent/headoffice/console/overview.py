"""How the company stands: agents, devices, syncs, complaints and what waits for somebody."""

import datetime as dt
from collections import Counter

import sqlalchemy as sa

from insuragent.headoffice import directory, tables
from insuragent.headoffice.console.complaints import clocks
from insuragent.headoffice.console.pages import Outcome, Page, View, Visit
from insuragent.headoffice.console.quarantine import refused_count
from insuragent.headoffice.enrolment import known_devices
from insuragent.headoffice.identity import ACTIVE, REVOKED
from insuragent.headoffice.roles import KEEPERS, OVERSEERS
from insuragent.i18n import N_, SHANGHAI, _
from insuragent.models.base import utc_now
from insuragent.models.fields import Moment
from insuragent.models.staff import StaffStatus

#: So many days back the chart goes; a moment is kept in microseconds.
_DAYS, _DAY = 14, 86_400 * 10**6


class Overview:
    """The first page: numbers only, nothing of a person."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [Page("/", OVERSEERS | KEEPERS, self.show, label=N_("总览"), icon="layout-dashboard")]

    def show(self, visit: Visit) -> Outcome:
        """All of it, counted where it lies."""
        standing, seen = clocks(visit.database), _last_seen(visit)
        d, m = directory.member_device.c, directory.member.c
        told = {
            "agents": directory.count(visit.database, m.id, m.status == StaffStatus.ACTIVE),
            "devices": directory.count(visit.database, d.whose, d.state == ACTIVE),
            "seen": seen[-1][1],
            "unconfirmed": directory.count(visit.database, d.whose, d.state == REVOKED),
            "complaints": standing.open,
            "overdue": standing.late,
            "unanswered": standing.unanswered,
            "refused": refused_count(visit.database),
            "last_seen": seen,
            "clocks": [
                (_("已逾期"), standing.late),
                (_("三日内到期"), standing.near),
                (_("三日以上"), standing.open - standing.late - standing.near),
            ],
        }
        return View("overview.html", told)


def _last_seen(visit: Visit) -> list[tuple[str, int]]:
    """On which of the last days so many devices were seen last: a row a device, however often each syncs.

    China's days are all of one length.
    """
    seen_at, midnight = tables.device.c.seen_at, utc_now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0)
    since = midnight.replace(microsecond=0) - dt.timedelta(days=_DAYS - 1)
    place = (sa.type_coerce(seen_at, sa.BigInteger) - sa.literal(since, Moment())) // _DAY
    seen = sa.select(place.label("day"), sa.func.count()).where(*known_devices(), seen_at >= since)
    counted = Counter(dict(map(tuple, visit.database.everywhere(seen.group_by("day")))))
    days = [since.date() + dt.timedelta(days=number) for number in range(_DAYS)]
    return [(f"{day.month}/{day.day}", counted[number]) for number, day in enumerate(days)]
