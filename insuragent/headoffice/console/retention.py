"""How long customers' data are kept: what is restricted, what was erased, and of an agent what is due."""

from insuragent.headoffice import audit, retention, tables
from insuragent.headoffice.audit import Act
from insuragent.headoffice.console.pages import Outcome, Page, View, Visit
from insuragent.headoffice.console.shown import few, headline, name_of, staff_names
from insuragent.headoffice.enrolment import find_staff
from insuragent.i18n import N_
from insuragent.models import Customer
from insuragent.models.choices import Why
from insuragent.rules.access import Role

#: Those who answer for it; nobody else needs to know who asked to be forgotten.
_ANSWERABLE = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
#: So many of each stand on the page, the newest first.
_SHOWN = 50
#: A reason is one of a list; whatever else an entry told may be words about a person.
_REASONS = frozenset(why.label for why in Why)


class Retention:
    """The page for those who see to it."""

    def pages(self) -> list[Page]:
        """What this module offers."""
        return [Page("/retention", _ANSWERABLE, self.show, label=N_("保存与删除"), icon="archive")]

    def show(self, visit: Visit) -> Outcome:
        """Who, when, why and by whom; names masked. That it was looked at is audited."""
        named = visit.asked.get("agent", "").strip()
        agent = find_staff(visit.database, named) if named else ""
        due = retention.due(visit.database, agent) if agent else []
        held = retention.under_hold(visit.database, agent) if agent else []
        restricted, erased = retention.restricted(visit.database, _SHOWN), retention.erased(visit.database, _SHOWN)
        with visit.database.begin(tables.OFFICE) as rows:
            audit.tell(
                rows, Act.VIEW, "retention", agent=agent, found=len(due) + len(held) + len(restricted) + len(erased)
            )
        told = [*restricted, *erased]
        people = {agent, *(one.agent for one in told), *(one.actor for one in told)} - {""}
        return View(
            "retention.html",
            {
                "restricted": [(one, headline(Customer.kind(), one.row.body) if one.row else "") for one in restricted],
                "erased": erased,
                "due": [(one, headline(Customer.kind(), one.row.body)) for one in due],
                "held": [(one, headline(Customer.kind(), one.body)) for one in held],
                "agent": agent,
                "people": [(row.id, name_of(row)) for row in few(visit.database)],
                "names": staff_names(visit.database, people),
                "reasons": _REASONS,
            },
        )
