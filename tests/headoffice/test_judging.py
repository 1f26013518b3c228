"""Compare and number, decided without a database: what becomes of each entry of a push."""

import functools
import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insuragent.headoffice.judging import Held, Judge, Verdict
from insuragent.models import RECORDS
from insuragent.models.fields import fields_of
from insuragent.sync import codec
from insuragent.sync.protocol import ACCEPTED, REFUSED, STALE, TOLD, SealedEntry

RECORD = uuid.UUID(int=7)
AT = "2026-11-24T02:00:00+00:00"


def entry(
    deed: str = "change", kind: str = "customer", record_id: uuid.UUID | None = RECORD, **now: Any
) -> SealedEntry:
    """An entry that sets fields."""
    changes = {name: [None, value] for name, value in now.items()}
    return SealedEntry(1, uuid.uuid4(), AT, deed, kind, record_id, changes, "", None, "device", "1.0")


def shapeless(change: Any) -> SealedEntry:
    """An entry whose change is no [was, now]."""
    return msgspec.structs.replace(entry(), changes={"name": change, "customer_id": change})


def judge(revision: int = 3, kind: str = "customer", **body: Any) -> Judge:
    """A judge before whom one record is held."""
    return Judge({str(RECORD): Held(kind, revision, {"name": "王小明"} | body)})


WHOLE = {"name": "王小明", "type": "person", "source": "other", "stage": "lead", "customer_class": "general"}
CREATED = WHOLE | {"created_at": AT}


def test_a_change_on_the_current_revision_is_numbered() -> None:
    """Equal: taken, numbered, and told to others."""
    held = judge()
    assert held.judge(entry(remark="新"), 3) == Verdict(ACCEPTED, 4, numbered=True)
    assert held.held[str(RECORD)].body == {"name": "王小明", "remark": "新"}


def test_the_later_entries_of_a_push_rest_on_the_first() -> None:
    """One revision a push, however many entries it has."""
    held = judge()
    assert [held.judge(entry(remark=text), 3).revision for text in "一二三"] == [4, 4, 4]


@pytest.mark.parametrize("base", [0, 2, 4])
def test_a_change_on_another_revision_is_stale(base: int) -> None:
    """Nothing is changed, and what rests on a stale entry is stale too, whatever its base."""
    held = judge()
    assert held.judge(entry(remark="新"), base) == Verdict(STALE, 3)
    assert held.judge(entry(remark="新"), 3) == Verdict(STALE, 3)
    assert held.held[str(RECORD)].body == {"name": "王小明"}


def test_an_entry_that_was_merged_away_changes_nothing() -> None:
    """Its outcome comes as a later entry, which is taken."""
    held = judge()
    assert held.judge(entry(remark="旧"), None).result == STALE
    assert held.judge(entry("merge", remark="新"), 3).result == ACCEPTED


def test_deeds_of_the_audit_are_told_and_not_numbered() -> None:
    """An unlock is kept; other desks need not know."""
    assert judge().judge(entry("unlock", "", None), 0) == Verdict(TOLD)
    assert judge().judge(entry("view_sensitive", field="doc_no"), 0) == Verdict(TOLD)
    assert judge().judge(entry("create", "conflict"), 0) == Verdict(TOLD), "what stays on the desk is no record here"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (entry(name=None), "bad_value"),
        (entry(name="一" * 51), "bad_value"),
        (entry(birth_date="下周"), "bad_value"),
        (entry(annual_income="1000"), "bad_value"),
        (entry("create", "staff", name="自己"), "office_owned"),
        (entry("change", "visit", summary="x"), "same_id"),
        (entry("change", record_id=uuid.UUID(int=8), remark="x"), "unknown_record"),
        (entry("create", record_id=uuid.UUID(int=8), remark="x"), "bad_value"),
        (entry("create", "visit", uuid.UUID(int=8), customer_id=str(uuid.UUID(int=9))), "unknown_link"),
        (entry("create", "visit", uuid.UUID(int=8), customer_id={"id": 1}), "bad_value"),
        (entry(annual_income=2**70), "bad_value"),
        (entry(mood=2**63), "bad_value"),
        (entry(mood=functools.reduce(lambda inner, _: [inner], range(60), [])), "bad_value"),
        (entry(archived_at="2026-11-24T02:00:00"), "bad_value"),
        (entry(archived_at="0001-01-01T00:00:00+14:00"), "bad_value"),
        (entry(**{"x" * 101: 1}), "bad_value"),
        (shapeless(5), "bad_value"),
        (shapeless([]), "bad_value"),
        (shapeless({"was": 1}), "bad_value"),
        (msgspec.structs.replace(entry(remark="x"), actor_id=uuid.UUID(int=3)), "bad_actor"),
        (msgspec.structs.replace(entry("unlock", "", None), actor_id=uuid.UUID(int=3)), "bad_actor"),
    ],
)
def test_what_breaks_a_rule_goes_into_quarantine(made: SealedEntry, code: str) -> None:
    """A stable code, nothing changed, and the queue goes on."""
    held = judge()
    found = held.judge(made, 3)
    assert (found.result, found.code) == (REFUSED, code)
    assert held.judge(entry(remark="x"), 3).result == ACCEPTED


def test_a_moment_that_is_none_is_refused() -> None:
    """Also for the audit: an entry without a time proves nothing."""
    broken = SealedEntry(1, uuid.uuid4(), "gestern", "unlock", "", None, None, "", None, "device", "1.0")
    assert judge().judge(broken, 0).code == "bad_value"


def test_a_new_record_is_whole() -> None:
    """Created on nothing, at revision one; a second creation of the same is stale, not lost."""
    held = Judge({})
    assert held.judge(entry("create", **CREATED), 0) == Verdict(ACCEPTED, 1, numbered=True)
    again = Judge({str(RECORD): Held("customer", 1, dict(CREATED))})
    assert again.judge(entry("create", **CREATED), 0).result == STALE


def test_a_child_may_come_in_the_same_push_as_its_parent() -> None:
    """A link to a record that the push itself brings leads somewhere; so does one to what is there."""
    held, child = Judge({}), uuid.UUID(int=8)
    held.judge(entry("create", **CREATED), 0)
    family = {"customer_id": str(RECORD), "relation": "spouse", "name": "李四", "created_at": AT}
    assert held.judge(entry("create", "family_member", child, **family), 0).result == ACCEPTED
    there = Judge({}, there={str(RECORD): "customer"})
    assert there.judge(entry("create", "family_member", child, **family), 0).result == ACCEPTED
    other = Judge({}, there={str(RECORD): "visit"})
    assert other.judge(entry("create", "family_member", child, **family), 0).code == "unknown_link", "a desk could not"


def test_whoever_writes_is_the_agent_or_nobody_yet() -> None:
    """A device tells what its own agent did; before the enrolment nobody is named."""
    agent = uuid.UUID(int=5)
    held = Judge({str(RECORD): Held("customer", 3, dict(WHOLE))}, agent=str(agent))
    assert held.judge(msgspec.structs.replace(entry(remark="x"), actor_id=agent), 3).result == ACCEPTED
    assert held.judge(entry(remark="y"), 3).result == ACCEPTED


def test_fields_and_kinds_of_a_newer_desk_are_taken() -> None:
    """What we do not know is kept as it is."""
    held = judge()
    assert held.judge(entry(mood={"a": [1]}), 3).result == ACCEPTED
    assert held.held[str(RECORD)].body["mood"] == {"a": [1]}
    assert held.judge(entry("create", "claim", uuid.UUID(int=9), amount="much"), 0).result == ACCEPTED


def test_append_only_records_never_change() -> None:
    """The same again is well; other content under the same id, or a change, is refused."""
    body = {"file_name": "a.pdf", "created_at": AT}
    held = Judge({str(RECORD): Held("attachment", 1, body)})
    assert held.judge(entry("create", "attachment", **body), 0) == Verdict(ACCEPTED, 1)
    assert held.judge(entry("create", "attachment", **body | {"file_name": "b.pdf"}), 0).code == "same_id"
    assert held.judge(entry("change", "attachment", file_name="b.pdf"), 1).code == "append_only"


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(RECORDS)), st.data())
def test_columns_of_changes_are_read_as_each_change_is(kind: str, data: st.DataObject) -> None:
    """All of them fit and tell the same, or the columns tell nothing and each is read by itself."""
    declared = fields_of(RECORDS[kind])
    names = data.draw(st.lists(st.sampled_from([*declared, "mood", "x" * 101]), max_size=4, unique=True))
    length = data.draw(st.integers(1, 3))
    values = st.sampled_from([None, "", "一", "一" * 51, AT, "2026-11-24", str(RECORD), "ab" * 32, True, 1, 1.0, 2**70])
    now = [data.draw(st.lists(values | st.just([1]), min_size=length, max_size=length)) for _name in names]
    each = [
        codec.read(kind, {name: [None, one] for name, one in zip(names, row, strict=True)})
        for row in zip(*now, strict=True)
    ]
    assert list(codec.read_columns(kind, names, now)) == ([] if any(told.fault for told in each) else each)
