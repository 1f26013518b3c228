"""What a visit is gone through by: the agent's own look before it, and the checklist of its purpose."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from insuragent.errors import NotPermitted
from insuragent.i18n import N_, SHANGHAI
from insuragent.models import Visit
from insuragent.models.visit import VisitStatus
from insuragent.services import catalogue, records
from insuragent.store.work import UnitOfWork

#: The list that every visit begins with, whatever its purpose.
_BEFORE = "before"
#: Of such a visit nothing can be gone through any more; one that was held may be completed later.
_FELL_THROUGH = (VisitStatus.CANCELLED, VisitStatus.NO_SHOW, VisitStatus.REFUSED, VisitStatus.MISSED)


@dataclass(frozen=True)
class Checklist:
    """The items ``before`` a visit (requirement R1.3a) and ``during`` it (R1.1d), each with whether it is ticked."""

    before: Mapping[str, bool]
    during: Mapping[str, bool]
    open: bool = True

    @property
    def told(self) -> dict[str, bool]:
        """All items, as the record holds them."""
        return {**self.before, **self.during}


def of(visit: Visit) -> Checklist:
    """The checklist of a visit. One that has ended keeps the items that it was gone through by."""
    ended = visit.status == VisitStatus.HELD or visit.status in _FELL_THROUGH
    kept = told(visit)
    found = listed(str(visit.purpose), visit.planned_start, kept)
    if ended and kept:
        found = Checklist(
            {item: done for item, done in kept.items() if item in found.before},
            {item: done for item, done in kept.items() if item not in found.before},
        )
    return Checklist(found.before, found.during, visit.status not in _FELL_THROUGH)


def told(visit: Visit) -> dict[str, bool]:
    """What a visit's record holds; a list of no mapping, as another program may have written it, tells nothing."""
    return {item: done is True for item, done in visit.checklist.items()} if isinstance(visit.checklist, dict) else {}


def listed(purpose: str, start: dt.datetime, kept: Mapping[str, bool]) -> Checklist:
    """What the policy of the day asks for at a visit with this purpose; what was ticked of another list stays."""
    policy, day = catalogue.policy(), start.astimezone(SHANGHAI).date()
    before = {item: kept.get(item, False) for item in policy.checklist(_BEFORE, day)}
    during = {item: kept.get(item, False) for item in policy.checklist(purpose, day)}
    beside = {item: done for item, done in kept.items() if done and item not in before}
    return Checklist(before, during | beside)


def tick(work: UnitOfWork, visit_id: uuid.UUID, item: str, *, done: bool) -> Visit:
    """Tick an item of a visit, or take the tick back: an entry of its own in the journal.

    Raises NotPermitted where the visit fell through, and for what is not on its list.
    """
    visit = work.get(Visit, visit_id)
    found = of(visit)
    if not found.open:
        raise NotPermitted(N_("拜访没有进行，不能勾选清单"))
    if item not in found.told:
        raise NotPermitted(N_("这次拜访的清单没有这一项"))
    # This item alone, as what another desk ticks meanwhile is joined to it; those left out are told with the outcome.
    return records.change(work, Visit, visit_id, {"checklist": told(visit) | {item: done}})
