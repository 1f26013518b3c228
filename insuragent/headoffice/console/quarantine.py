"""What head office did not take, and what came too late: by ids and reasons, never by what it says."""

from typing import Any

import sqlalchemy as sa

from insuragent.headoffice import directory, tables
from insuragent.headoffice.console.pages import Outcome, Page, View, Visit
from insuragent.headoffice.console.shown import kind_label, staff_names
from insuragent.headoffice.database import Database
from insuragent.headoffice.judging import REASONS
from insuragent.headoffice.roles import OVERSEERS
from insuragent.i18n import N_
from insuragent.models.fields import Moment
from insuragent.rules import filetypes
from insuragent.sync.protocol import REFUSED

#: As the index has it: a database does not look into a bound value to see that its part of the table will do.
IS_REFUSED = tables.entry.c.result == sa.literal_column(f"'{REFUSED}'")
#: So many of each stand on the page, the newest first.
_SHOWN = 200


def refused_count(database: Database) -> int:
    """How many entries are in quarantine."""
    e = tables.entry.c
    found = database.everywhere(sa.select(sa.func.count()).where(e.tenant == tables.TENANT, IS_REFUSED))
    return int(found[0][0])


class Quarantine:
    """The page for those who find out why."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [Page("/quarantine", OVERSEERS, self.show, label=N_("隔离区"), icon="inbox")]

    def show(self, visit: Visit) -> Outcome:
        """Entries that were refused, entries on their way to a new owner, and files that are not allowed."""
        e, late, f = tables.entry.c, tables.late.c, tables.file.c
        at = sa.type_coerce(e.received_at, Moment()).label("at")
        entries = (
            sa.select(e.agent, e.device, e.number, e.kind, e.record_id, e.code, at)
            .where(e.tenant == tables.TENANT, IS_REFUSED)
            .order_by(e.received_at.desc())
        )
        on_their_way = sa.select(late.agent, late.from_agent, late.device, late.number, late.record_id).where(
            late.tenant == tables.TENANT
        )
        files = sa.select(f.agent, f.sha256, f.code, f.size, f.at).where(
            f.tenant == tables.TENANT, sa.text(directory.REFUSED_FILES)
        )
        refused, late_ones, bad = (_first(visit, statement) for statement in (entries, on_their_way, files))
        agents = {row.agent for row in (*refused, *late_ones, *bad)} | {row.from_agent for row in late_ones}
        told = {
            "entries": [(row, kind_label(row.kind), REASONS.get(row.code, row.code)) for row in refused],
            "late": late_ones,
            "files": [(row, filetypes.REASONS.get(row.code, row.code)) for row in bad],
            "count": refused_count(visit.database),
            "names": staff_names(visit.database, agents),
        }
        return View("quarantine.html", told)


def _first(visit: Visit, statement: sa.Select[Any]) -> Any:
    return visit.database.everywhere(statement.limit(_SHOWN))
