"""Devices: made known by a code, taken back, or wiped when they are lost; and how long a desk opens without contact."""

from collections.abc import Mapping

import sqlalchemy as sa

from insuragent.errors import ValidationError
from insuragent.headoffice import directory, oversight, tables
from insuragent.headoffice.console.pages import ROOT, Go, Outcome, Page, View, Visit, no_page
from insuragent.headoffice.console.shown import few, name_of, number_of, staff_names
from insuragent.headoffice.enrolment import CODE_LIFE, Enrolment
from insuragent.headoffice.identity import ACTIVE, LEAVING, REVOKED, WIPED
from insuragent.headoffice.roles import OVERSEERS
from insuragent.headoffice.signing import ServerKey
from insuragent.i18n import N_, _
from insuragent.rules.access import Role

_MANAGERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_OWNERS = _MANAGERS | {Role.AGENT}
#: So many stand on the page; a filter finds the others.
_SHOWN = 200
#: So many are counted; whoever has more learns that.
_COUNTED = 10_000
#: What each state is called, and its tone.
STATES: Mapping[str, tuple[str, str]] = {
    ACTIVE: (N_("使用中"), "ok"),
    LEAVING: (N_("等待上传后清除"), "warn"),
    REVOKED: (N_("已令其清除，等待确认"), "bad"),
    WIPED: (N_("已确认清除"), "neutral"),
}


class Devices:
    """The list, and what may be done with each."""

    def __init__(self, key: ServerKey) -> None:
        self._key = key

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [
            Page("/devices", OVERSEERS | _OWNERS, self.show, label=N_("设备"), icon="monitor"),
            Page("/devices/code", _MANAGERS, self.code, "POST", fields=("staff",)),
            Page("/devices/lease", [Role.ADMINISTRATOR], self.lease, "POST", fields=("days",)),
            Page("/devices/{device:str}/revoke", _OWNERS, self.revoke, "POST", fields=("sure",)),
            Page("/devices/{device:str}/retire", _MANAGERS, self.retire, "POST"),
        ]

    def show(self, visit: Visit) -> Outcome:
        """The devices within reach, or those of them that a filter finds."""
        return self._page(visit)

    def code(self, visit: Visit) -> Outcome:
        """A one-time code for a new device, shown once."""
        code = self._enrolment(visit).issue(visit.typed("staff"))
        return self._page(visit, code=code, minutes=int(CODE_LIFE.total_seconds() // 60))

    def lease(self, visit: Visit) -> Outcome:
        """For how many days a desk opens without contact."""
        days = visit.typed("days")
        if not (days.isascii() and days.isdecimal() and len(days) < 5):
            raise ValidationError({"days": _("请填写天数，0 为不限")})
        oversight.put(visit.database, oversight.LEASE_DAYS, int(days))
        return Go(f"{ROOT}/devices", "lease")

    def revoke(self, visit: Visit) -> Outcome:
        """Order a lost device to be wiped; an agent may order it of his own."""
        device = self._asked(visit)
        if visit.typed("sure") != "yes":
            raise ValidationError({"sure": _("请先勾选确认，清除不能撤回")})
        self._enrolment(visit).revoke(device)
        return Go(f"{ROOT}/devices", "revoked")

    def retire(self, visit: Visit) -> Outcome:
        """Take a device back in peace."""
        self._enrolment(visit).retire(self._asked(visit))
        return Go(f"{ROOT}/devices", "retired")

    def _enrolment(self, visit: Visit) -> Enrolment:
        return Enrolment(visit.database, self._key)

    def _asked(self, visit: Visit) -> str:
        """The device that was asked for; one beyond reach is nobody's."""
        device = visit.asked["device"]
        if not self._enrolment(visit).devices(directory.member_device.c.device == device):
            raise no_page()
        return device

    def _page(self, visit: Visit, code: str = "", minutes: int = 0) -> View:
        sought = visit.asked.get("q", "").strip()
        where = _sought(visit, sought) if sought else ()
        found = self._enrolment(visit).devices(*where, before=number_of(visit.asked.get("before", "")), most=_SHOWN)
        with visit.database.read(tables.CATALOGUE) as rows:
            days = oversight.get(rows, oversight.LEASE_DAYS)
        told = {
            "devices": found,
            "count": directory.count(visit.database, directory.member_device.c.whose, *where, most=_COUNTED),
            "counted": _COUNTED,
            "before": found[-1].number if len(found) == _SHOWN else 0,
            "q": sought,
            "names": staff_names(visit.database, (one.staff_id for one in found)),
            "people": [(row.id, name_of(row)) for row in few(visit.database)],
            "states": STATES,
            "days": days,
            "most_days": oversight.SETTINGS[oversight.LEASE_DAYS][1],
            "code": code,
            "minutes": minutes,
            "may": {"manage": visit.who.role in _MANAGERS, "revoke": visit.who.role in _OWNERS}
            | {"set": visit.who.role is Role.ADMINISTRATOR},
        }
        return View("devices.html", told)


def _sought(visit: Visit, sought: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a device is called so, stands so, or belongs to somebody whom the word finds."""
    d = directory.member_device.c
    if sought in STATES:
        return (d.state == sought,)
    theirs = directory.found(visit.database, sought, most=_SHOWN)
    return (sa.or_(d.device == sought, visit.database.one_of(d.whose, theirs)),)
