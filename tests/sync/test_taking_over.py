"""Whatever a feed brings, a desk gets past it: what cannot be shown yet is kept and tried again."""

import itertools
import uuid
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from insuragent.models import RECORDS, Customer, Entry, FamilyMember, Received, ReceivedBlock
from insuragent.store.adopting import adopt_all
from insuragent.store.store import Store
from insuragent.store.work import Actor
from insuragent.sync import conflicts, inbox, place, received, waiting
from insuragent.sync.protocol import OWN, FeedColumns, FeedItem, PullPage, unpack
from tests.sync.older import forget

AT = "2026-11-24T02:00:00+00:00"
CUSTOMER, CHILD, STAFF = (uuid.UUID(int=number) for number in (1, 2, 3))
WHOLE: dict[str, Any] = {"name": "王小明", "type": "person", "source": "other", "stage": "lead"}
WHOLE |= {"customer_class": "general", "created_at": AT}
FAMILY = {"customer_id": str(CUSTOMER), "relation": "child", "name": "小小", "created_at": AT}


class Feed:
    """A feed that head office tells, one page after another."""

    def __init__(self, desk: Store) -> None:
        self.desk, self.numbers = desk, itertools.count(1)

    def item(self, kind: str, key: uuid.UUID, deed: str = "create", revision: int = 1, **now: Any) -> FeedItem:
        """One entry."""
        number, changes = next(self.numbers), {name: [None, value] for name, value in now.items()}
        sealed = [number, str(uuid.uuid4()), AT, deed, kind, str(key), changes, "", None, "d", "1"]
        return FeedItem(number, revision, "林晓静", msgspec.Raw(msgspec.json.encode(sealed)), "other")

    def bring(self, *items: FeedItem) -> None:
        """A page with these entries, and what follows it in a pass."""
        with self.desk.begin(Actor()) as work:
            inbox.take_over(work, OWN, PullPage(list(items), items[-1].number, items[-1].number))
        with self.desk.begin(Actor()) as work:
            inbox.try_again(work)
        with self.desk.read(Actor()) as work:
            assert place.cursor(work, OWN) == items[-1].number
            assert work.session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 0, "nothing is entered"


@pytest.fixture
def feed(store: Store) -> Feed:
    """The feed of an empty desk."""
    return Feed(store)


def found(store: Store, kind: str, key: uuid.UUID) -> Any:
    """A record as the desk has it, or None."""
    with store.read(Actor()) as work:
        return work.find(RECORDS[kind], key)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("annual_income", 2**70),
        ("score", -(2**63) - 1),
        ("archived_at", "2026-11-24T02:00:00"),
        ("archived_at", "0001-01-01T00:00:00+14:00"),
        ("birth_date", "soon"),
        ("name", None),
        ("owner_id", str(STAFF)),
    ],
)
def test_a_value_that_this_desk_cannot_hold_is_kept_beside_it(
    feed: Feed, store: Store, name: str, value: object
) -> None:
    """Numbers, moments and links beyond what fits: the record is shown with the rest, and nothing stands still."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE))
    feed.bring(feed.item("customer", CUSTOMER, "change", 2, **{name: value, "remark": "新"}))
    held = found(store, "customer", CUSTOMER)
    assert (held.name, held.remark, held.revision, held.unknown) == ("王小明", "新", 2, {name: value})
    feed.bring(feed.item("customer", CUSTOMER, "change", 3, name="王大明", score=7))
    held = found(store, "customer", CUSTOMER)
    assert (held.name, held.score) == ("王大明", 7)
    assert held.unknown.keys() <= {name} - {"name", "score"}, "a field that is understood again has no older value"


def test_a_record_that_is_not_whole_waits_and_its_page_does_not(feed: Feed, store: Store) -> None:
    """A creation that lacks what a record must have, and a child of it; both come when the rest has come."""
    half = {name: value for name, value in WHOLE.items() if name != "name"}
    feed.bring(
        feed.item("customer", CUSTOMER, **half),
        feed.item("family_member", CHILD, **FAMILY),
        feed.item("customer", uuid.UUID(int=9), **WHOLE),
    )
    assert found(store, "customer", uuid.UUID(int=9)) is not None
    assert (found(store, "customer", CUSTOMER), found(store, "family_member", CHILD)) == (None, None)
    feed.bring(feed.item("customer", CUSTOMER, "change", 2, name="王小明"))
    held = found(store, "customer", CUSTOMER)
    assert (held.name, held.source, held.revision) == ("王小明", "other", 2)
    assert found(store, "family_member", CHILD).customer_id == CUSTOMER
    with store.read(Actor()) as work:
        assert waiting.held_back(work) == {}


def test_a_link_that_leads_nowhere_yet_is_set_when_its_end_has_come(feed: Feed, store: Store) -> None:
    """A page in any order of its makers: the owner's card comes later."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE | {"owner_id": str(STAFF)}))
    assert found(store, "customer", CUSTOMER).owner_id is None
    card = {"name": "林晓静", "licence_no": "1", "licence_valid_to": "2030-01-01", "company": "c", "branch": "b"}
    feed.bring(feed.item("staff", STAFF, **card | {"created_at": AT}))
    held = found(store, "customer", CUSTOMER)
    assert (held.owner_id, held.unknown) == (STAFF, {})


def test_records_that_tell_the_same_fields_are_not_all_alike(feed: Feed, store: Store) -> None:
    """On one page: one is here already, a link of one leads nowhere, and a value of one is not understood."""
    card = {"name": "林晓静", "licence_no": "1", "licence_valid_to": "2030-01-01", "company": "c", "branch": "b"}
    feed.bring(feed.item("staff", STAFF, **card | {"created_at": AT}), feed.item("customer", CUSTOMER, **WHOLE))
    nobody, score = str(uuid.UUID(int=99)), "high"
    told = [(1, str(STAFF), 5), (11, str(STAFF), 6), (12, nobody, 7), (13, str(STAFF), score), (14, nobody, score)]
    more = [WHOLE | {"owner_id": owner, "score": value} for _key, owner, value in told]
    feed.bring(
        *(
            feed.item("customer", uuid.UUID(int=key), "change" if key == 1 else "create", 2, **fields)
            for (key, _owner, _score), fields in zip(told, more, strict=True)
        )
    )
    held = [found(store, "customer", uuid.UUID(int=key)) for key, _owner, _score in told]
    assert [(one.name, one.revision) for one in held] == [("王小明", 2)] * 5
    assert [(one.owner_id, one.score) for one in held] == [
        (STAFF, 5),
        (STAFF, 6),
        (None, 7),
        (STAFF, None),
        (None, None),
    ]
    torn, odd = {"owner_id": nobody}, {"score": score}
    assert [one.unknown for one in held] == [{}, {}, torn, odd, odd | torn]
    with store.read(Actor()) as work:
        assert waiting.held_back(work).keys() == {uuid.UUID(int=12), uuid.UUID(int=14)}


def test_records_of_a_kind_that_was_not_known_come_after_the_update(
    feed: Feed, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old desk skipped them and read on; the updated one makes them from what it kept, and follows their changes."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE))
    forget(monkeypatch, "family_member")
    feed.bring(feed.item("family_member", CHILD, **FAMILY))
    feed.bring(feed.item("family_member", CHILD, "change", 2, name="小小明"))
    monkeypatch.undo()
    feed.bring(feed.item("family_member", CHILD, "change", 3, relation="parent"))
    held = found(store, "family_member", CHILD)
    assert (held.name, held.relation, held.revision) == ("小小明", "parent", 3)


def test_an_updated_desk_needs_no_news_to_make_them(feed: Feed, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next pass is enough."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE))
    forget(monkeypatch, "family_member")
    feed.bring(feed.item("family_member", CHILD, **FAMILY))
    monkeypatch.undo()
    with store.begin(Actor()) as work:
        inbox.try_again(work)
    with store.read(Actor()) as work:
        assert [child.name for child in work.scalars(sa.select(FamilyMember))] == ["小小"]
        assert work.note(waiting.KINDS_NOTE) == []


def test_a_field_that_the_program_has_learned_gets_its_column(feed: Feed, store: Store) -> None:
    """Kept as unknown, adopted when the file is brought up to date: no entry, and nothing is overwritten."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE))
    with store.begin(Actor()) as work, work.taking_over():
        work.get(Customer, CUSTOMER).unknown = {"remark": "新字段", "score": "no number", "mood": 1}
    with store.begin(Actor()) as work:
        adopt_all(work)
    held = found(store, "customer", CUSTOMER)
    assert (held.remark, held.score, held.unknown) == ("新字段", None, {"score": "no number", "mood": 1})
    with store.begin(Actor()) as work:
        assert work.head.number == 0


def test_an_open_conflict_follows_also_where_another_field_waits(feed: Feed, store: Store) -> None:
    """A change of one field is pending, another is contested: the newest theirs is what is asked about."""
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE | {"mobile": "13800138000"}))
    with store.begin(Actor()) as work:
        work.get(Customer, CUSTOMER).mobile = "13911112222"
    feed_mobile = feed.item("customer", CUSTOMER, "change", 2, mobile="13933334444")
    with store.begin(Actor()) as work:
        inbox.take_over(work, OWN, PullPage([feed_mobile], feed_mobile.number, feed_mobile.number))
    with store.begin(Actor()) as work:
        work.get(Customer, CUSTOMER).remark = "本机"
    newer = feed.item("customer", CUSTOMER, "change", 3, mobile="13977778888")
    with store.begin(Actor()) as work:
        inbox.take_over(work, OWN, PullPage([newer], newer.number, newer.number))
    with store.read(Actor()) as work:
        (asked,) = conflicts.open_conflicts(work)
        held = work.get(Customer, CUSTOMER)
        assert (asked.mine["value"], asked.theirs["value"]) == ("13911112222", "13977778888")
        assert (asked.theirs_by, asked.theirs_device) == ("林晓静", "other")
        assert (held.mobile, held.remark) == ("13977778888", "本机")
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Received)) == 3


def test_what_came_of_a_record_is_told_in_its_order_until_it_is_forgotten(feed: Feed, store: Store) -> None:
    """Pages keep what others say as well; of what is forgotten no text stays among them."""
    other = uuid.UUID(int=9)
    feed.bring(feed.item("customer", CUSTOMER, **WHOLE), feed.item("customer", other, **WHOLE | {"remark": "他人"}))
    feed.bring(feed.item("customer", CUSTOMER, "change", 2, remark="甲"), feed.item("customer", other, "change", 2))
    feed.bring(feed.item("customer", CUSTOMER, "change", 3, remark="乙"))
    with store.read(Actor()) as work:
        assert [one.changes.get("remark") for one in received.story(work, {CUSTOMER})] == [
            None,
            (None, "甲"),
            (None, "乙"),
        ]
    with store.begin(Actor()) as work:
        received.forget(work, {CUSTOMER})
    with store.read(Actor()) as work:
        assert received.story(work, {CUSTOMER}) == []
        assert [(one.revision, one.changes.get("remark")) for one in received.story(work, {other})] == [
            (1, (None, "他人")),
            (2, None),
        ]
        blocks = [unpack(one, FeedColumns) for one in work.session.scalars(sa.select(ReceivedBlock.entries))]
        assert [len(one.numbers) for one in blocks] == [1, 1, 0]
        assert str(CUSTOMER) not in str(blocks)


def test_a_page_that_comes_twice_is_kept_once(feed: Feed, store: Store) -> None:
    """After a restored backup the feed is read from its beginning; only what is new is kept."""
    known, new = feed.item("customer", CUSTOMER, **WHOLE), feed.item("customer", CUSTOMER, "change", 2, remark="新")
    feed.bring(known)
    feed.bring(known, new)
    feed.bring(known, new)
    with store.read(Actor()) as work:
        assert [one.revision for one in received.story(work, {CUSTOMER})] == [1, 2]
        assert work.session.scalar(sa.select(sa.func.count()).select_from(ReceivedBlock)) == 2


def test_a_type_that_was_forgotten_for_a_while_stands_where_it_stood() -> None:
    """Pages list the types in their order: a test that leaves another one changes what the next ones see."""
    declared = list(RECORDS)
    with pytest.MonkeyPatch.context() as patch:
        forget(patch, "family_member")
        assert list(RECORDS) == [name for name in declared if name != "family_member"]
    assert list(RECORDS) == declared
