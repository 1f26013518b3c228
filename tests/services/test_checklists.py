"""The checklist of a visit: what its purpose asks for, each item ticked by itself, and what the record keeps."""

import datetime as dt
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from insuragent.errors import NotPermitted
from insuragent.i18n import SHANGHAI
from insuragent.models import Entry, Visit
from insuragent.models.visit import NextAction, VisitOutcome, VisitPurpose
from insuragent.products.policy_files import load_policy
from insuragent.rules.policy import read_policy
from insuragent.services import agenda, catalogue, checklists, letters, records
from insuragent.store.store import Store
from insuragent.store.work import Actor
from tests.services.test_letters import words

NOW = dt.datetime.now(SHANGHAI)
FIRST, SECOND = "出示执业证，说明所代表的公司", "确认需求分析仍然有效"


def planned(store: Store, agent: Actor, purpose: VisitPurpose = VisitPurpose.EXPLAIN) -> Visit:
    """A visit of an hour, just over."""
    start = NOW - dt.timedelta(hours=2)
    values = {"purpose": purpose, "planned_start": start, "planned_end": start + dt.timedelta(hours=1)}
    with store.begin(agent) as work:
        return agenda.plan(work, values)


def entries(store: Store, agent: Actor, visit: Visit) -> Sequence[Entry]:
    """What the journal holds of a visit, the oldest first."""
    with store.read(agent) as work:
        return work.scalars(sa.select(Entry).where(Entry.record_id == visit.id).order_by(Entry.number))


def held(store: Store, agent: Actor, visit: Visit) -> Visit:
    """The same visit, closed."""
    told = {"outcome": VisitOutcome.INTERESTED, "next_action": NextAction.NONE}
    with store.begin(agent) as work:
        return agenda.hold(work, visit.id, told)


def test_each_purpose_has_its_checklist() -> None:
    """R1.1d: explaining has nine items, and no purpose goes without."""
    policy, day = load_policy(), NOW.date()
    counted = {purpose: len(policy.checklist(purpose, day)) for purpose in VisitPurpose}
    assert counted[VisitPurpose.EXPLAIN] == 9
    assert min(counted.values()) >= 3


def test_a_tick_is_an_entry_of_the_journal(store: Store, agent: Actor) -> None:
    """R1.1d: the result stands item by item, and a tick that is taken back is told too."""
    visit = planned(store, agent)
    assert list(checklists.of(visit).told.values()) == [False] * 12
    for done in (True, False):
        with store.begin(agent) as work:
            checklists.tick(work, visit.id, FIRST, done=done)
    _made, ticked, untied = entries(store, agent, visit)
    assert ticked.changes is not None
    assert ticked.changes["checklist"][1][FIRST] is True
    assert untied.changes is not None
    assert untied.changes["checklist"][1][FIRST] is False


def test_a_held_visit_keeps_every_item(store: Store, agent: Actor) -> None:
    """What was left out is told as well, in the report too; what is ticked afterwards counts."""
    visit = planned(store, agent)
    with store.begin(agent) as work:
        checklists.tick(work, visit.id, FIRST, done=True)
    kept = held(store, agent, visit).checklist
    assert (len(kept), kept[FIRST], kept[SECOND]) == (12, True, False)
    with store.begin(agent) as work:
        assert checklists.tick(work, visit.id, SECOND, done=True).checklist[SECOND]
        text = words(letters.visit_report(work, visit.id).data).replace("\n", "")
    assert f"{SECOND}：是" in text


def test_what_held_that_day_stays(store: Store, agent: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.3a: head office turns the look before visits off; a visit that was held keeps the items that it had."""
    before, open_one = held(store, agent, planned(store, agent)), planned(store, agent)
    rows = [{"from": dt.date(2020, 1, 1), "items": []}]
    less = read_policy([{"checklists": {"before": rows, "explain": [{"from": dt.date(2020, 1, 1), "items": ["一"]}]}}])
    monkeypatch.setattr(catalogue, "policy", lambda: less)
    assert checklists.of(open_one).told == {"一": False}
    assert len(checklists.of(before).told) == 12


def test_another_purpose_has_another_list(store: Store, agent: Actor) -> None:
    """What was ticked already is not lost, what was not goes with its purpose."""
    visit = planned(store, agent)
    with store.begin(agent) as work:
        checklists.tick(work, visit.id, FIRST, done=True)
    with store.begin(agent) as work:
        changed = records.change(work, Visit, visit.id, {"purpose": VisitPurpose.CARE})
    found = checklists.of(changed)
    assert found.during == dict.fromkeys(catalogue.policy().checklist("care", NOW.date()), False) | {FIRST: True}


def test_what_cannot_be_ticked(store: Store, agent: Actor) -> None:
    """Nothing of another list, and nothing at a visit that fell through."""
    visit = planned(store, agent, VisitPurpose.CARE)
    with pytest.raises(NotPermitted, match="没有这一项"), store.begin(agent) as work:
        checklists.tick(work, visit.id, FIRST, done=True)
    with store.begin(agent) as work:
        agenda.cancel(work, visit.id)
    with pytest.raises(NotPermitted, match="没有进行"), store.begin(agent) as work:
        checklists.tick(work, visit.id, "不推介产品", done=True)


def test_a_list_that_is_none_is_passed_over(store: Store, agent: Actor) -> None:
    """Another program may have written anything there."""
    visit = planned(store, agent)
    with store.begin(agent) as work:
        wrong = records.change(work, Visit, visit.id, {"checklist": ["一"]})
    assert not any(checklists.of(wrong).told.values())
